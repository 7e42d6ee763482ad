"""What sets of open questions that a judge marks share: MM-Vet, LLaVA-Bench, TouchStone."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import Scored
from vistune.evaluation.benchmarks.judging import ByJudge
from vistune.evaluation.benchmarks.nano import picture, scene_facets, scenes
from vistune.evaluation.metrics.intervals import ratio
from vistune.world.scene import Scene

if TYPE_CHECKING:
    from vistune.evaluation.judges.base import Verdict

#: A question of the world: its text, the right answer in words, and the groups it counts in.
Asked = tuple[str, str, tuple[str, ...]]


class OpenSet(ByJudge):
    """What the three share: several groups an item, and scenes for the nano edition."""

    capabilities = ("open-answers", "perception", "reasoning")
    #: Groups of items, each with a measure of its own.
    groups: ClassVar[tuple[str, ...]] = ()

    images: Path | None = None
    n: int = 120
    max_new_tokens: int = 128

    @abstractmethod
    def asked(self, scene: Scene, number: int) -> Asked | None:
        """Question ``number`` of the nano edition; None where the scene has none of its kind."""

    def nano(self) -> list[Example]:
        """``n`` questions, one a scene, the kinds in turn; the judge's context is the scene told at length."""
        from vistune.world.language import caption

        made: list[Example] = []
        for scene in scenes(6 * self.n, self.split, self.prior, self.seed, min_things=2):
            found = self.asked(scene, len(made))
            if found is None:
                continue
            question, answer, groups = found
            context = caption(scene, scene.seed, "long", self.split)
            source, facets = picture(scene, self.image_size), scene_facets(scene)
            made.append(self._item(f"{len(made):03d}", question, answer, groups, source, context, facets, scene))
            if len(made) == self.n:
                break
        return made

    def _item(
        self,
        identity: str,
        question: str,
        reference: str,
        groups: Sequence[str],
        source: ImageSource,
        context: str,
        facets: Mapping[str, str],
        facts: Scene | None = None,
        group: str | None = None,
    ) -> Example:
        meta = {
            "type": "+".join(groups), "groups": list(groups), "group": group or identity, "facets": dict(facets),
            "context": context, "category": groups[0], "facts": facts,
        }  # fmt: skip
        return Example(identity, [user(question, images=(0,))], [source], answers=[reference], meta=meta)

    def _columns(self, example: Example, values: Mapping[str, float]) -> dict[str, float]:
        """``values`` for all items and, under each group's name, for its own."""
        columns = {f"{name}_all": value for name, value in values.items()}
        for group in self.groups:
            own = float(group in example.meta["groups"])
            columns |= {f"{name}_{group}": own * value for name, value in values.items()}
        return columns

    def _file(self, name: str) -> Path:
        """A file of the folder ``path``, or ``path`` itself."""
        assert self.path is not None
        return self.path / name if self.path.is_dir() else self.path

    def _photograph(self, name: str) -> ImageSource:
        folder = self.images or self._file("images")
        return ImageSource(path=folder / name)


def first_asked(scene: Scene, types: Sequence[str], split: str) -> Any:
    """The world's first question of these types about a scene; None where it has none."""
    from vistune.world.questions import ask

    return next(iter(ask(scene, scene.seed, types=list(types), n=1, split=split)), None)


class Beside(OpenSet):
    """An answer set beside a reference's by a judge of pairs."""

    main = "relative"
    #: How the published score is formed of the means, under the name ``score``.
    times: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        """The world's answers are short."""
        super().__post_init__()
        if self.path is None:
            self.max_new_tokens = min(self.max_new_tokens, 128)

    def score_judged(self, example: Example, answer: str, verdict: Verdict) -> Scored:
        """The mark over ten; calls that could not be read are left out or stay in as each script has it."""
        mark, reference = verdict.marks.get("score", 0.0), verdict.marks.get("reference", 0.0)
        calls = verdict.marks.get("calls", float(bool(verdict.marks)))
        values = {"items": calls, "mark": calls * mark, "reference": calls * reference}
        told = f"{mark:g} beside {reference:g}" if verdict.parsed else None
        return Scored(told, min(1.0, max(0.0, mark / 10)), self._columns(example, values))

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Ratio of the means in all and in each group, and both means."""
        found = {"relative": 100 * ratio(sums["mark_all"], sums["reference_all"])}
        found["score"] = self.times * ratio(sums["mark_all"], sums["items_all"])
        found["reference"] = self.times * ratio(sums["reference_all"], sums["items_all"])
        for group in self.groups:
            found[group] = self._of_group(sums, group)
        return found

    def _of_group(self, sums: Mapping[str, NDArray[np.float64]], group: str) -> NDArray[np.float64]:
        return 100 * ratio(sums[f"mark_{group}"], sums[f"reference_{group}"])
