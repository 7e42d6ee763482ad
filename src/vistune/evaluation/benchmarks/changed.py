"""Any benchmark with its pictures changed or taken away: what an answer hangs on.

Blind runs and shuffled patches: "Intriguing properties of large language and vision models" (arXiv 2410.04751).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, nearest
from vistune.data.example import Example, ImageSource, Message
from vistune.evaluation.benchmarks.base import BENCHMARKS, Benchmark, Scored, Way
from vistune.evaluation.corruptions import CHANGES

Change = Literal[
    "nothing", "blind", "blank", "swap", "tiles", "occlude", "noise", "blur", "contrast", "brightness", "pixelate", "jpeg"
]  # fmt: skip


def without_pictures(message: Message) -> Message:
    """The message without its pictures: no placeholder is left."""
    return replace(message, parts=[part for part in message.parts if part.image is None and part.region is None])


@BENCHMARKS.register("changed", paper="intriguing-properties")
class Changed(Benchmark):
    """The benchmark ``of``, its pictures changed ``by`` a corruption of ``level`` 1 to 5, or taken away; scored as ever.

    ``blind``: asked without picture and placeholder; ``blank``: a grey one; ``swap``: another item's pictures; ``tiles``: cut
    and shuffled; ``occlude``: patches made grey; the others are corruptions. ``nothing`` is the control: the items unchanged.
    """

    protocol = "the inner benchmark's, on changed pictures"
    capabilities = ("robustness",)

    def __init__(
        self, of: str | Mapping[str, Any] = "world_qa", by: Change = "blind", level: int = 3, seed: int = 0
    ) -> None:
        known = ("nothing", "blind", "swap", *CHANGES)
        if by not in known:
            raise ConfigError(f"A picture is not changed by '{by}'. {nearest(by, known)}")
        if not 1 <= level <= 5:
            raise ConfigError(f"The level of a change is 1 to 5, not {level}.")
        self.of = BENCHMARKS.build(of)
        self.by, self.level, self.seed = by, level, seed
        self.main, self.higher_is_better = self.of.main, self.of.higher_is_better
        self.graded, self.not_shares = self.of.graded, self.of.not_shares
        self.version, self.chance = self.of.version, self.of.chance
        self.max_new_tokens = self.of.max_new_tokens

    @property
    def name(self) -> str:
        """The inner name with the change."""
        level = "" if self.by in ("nothing", "blind", "blank", "swap") else f"_{self.level}"
        return f"{self.of.name}_{self.by}{level}" + (f"_seed{self.seed}" if self.seed else "")

    @property
    def way(self) -> Way:
        """The inner one."""
        return self.of.way

    @property
    def switches(self) -> dict[str, str]:
        """The inner ones, and the change."""
        return {**self.of.switches, "by": f"{self.by}, level {self.level}"}

    def examples(self) -> list[Example]:
        """The inner items, changed; each by randomness of its own, whatever stands beside it."""
        items = self.of.examples()
        self.unreadable = self.of.unreadable
        if self.by == "blind":
            return [replace(e, images=[], regions=[], messages=list(map(without_pictures, e.messages))) for e in items]
        if self.by == "swap":
            return self._swapped(items)
        return items if self.by == "nothing" else [replace(e, images=self._changed(e)) for e in items]

    def _changed(self, example: Example) -> list[ImageSource]:
        made = []
        for place, source in enumerate(example.images):
            seed = random.Random(f"{self.seed}/{self.by}/{example.id}/{place}").getrandbits(64)
            pixels = np.asarray(source.open())
            made.append(ImageSource(array=CHANGES[self.by](pixels, self.level, np.random.default_rng(seed))))
        return made

    def _swapped(self, items: Sequence[Example]) -> list[Example]:
        """Pictures of an item of another group with as many of them; an item that is alone keeps its own."""
        order = list(range(len(items)))
        random.Random(f"{self.seed}/swap").shuffle(order)
        found = []
        for place, example in enumerate(items):
            others = (
                items[k]
                for k in order[place:] + order[:place]
                if items[k].meta.get("group") != example.meta.get("group")
                and len(items[k].images) == len(example.images)
            )
            found.append(replace(example, images=next(others, example).images))
        return found

    def score(self, example: Example, answer: str) -> Scored:
        """As the inner benchmark scores it."""
        return self.of.score(example, answer)

    def score_dialogue(self, example: Example, said: Sequence[str]) -> Scored:
        """As the inner benchmark scores it."""
        return self.of.score_dialogue(example, said)

    def candidates(self, example: Example) -> list[Example]:
        """The inner benchmark's."""
        return self.of.candidates(example)

    def score_candidates(self, example: Example, logprobs: Sequence[Sequence[float]]) -> Scored:
        """As the inner benchmark scores it."""
        return self.of.score_candidates(example, logprobs)

    def build_judge(self) -> Any:
        """The inner benchmark's."""
        return self.of.build_judge()

    def score_judged(self, example: Example, answer: str, verdict: Any) -> Scored:
        """As the inner benchmark scores it."""
        return self.of.score_judged(example, answer, verdict)

    def follow_up(self, example: Example, said: Sequence[str]) -> Example | None:
        """The inner benchmark's; a blind dialogue stays blind."""
        more = self.of.follow_up(example, said)
        if more is None or self.by != "blind":
            return more
        return replace(more, images=[], regions=[], messages=list(map(without_pictures, more.messages)))

    def group_columns(self, items: Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """The inner benchmark's."""
        return self.of.group_columns(items)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """The inner benchmark's."""
        return self.of.measures(sums)

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The inner benchmark's."""
        return self.of.explain(example, item)
