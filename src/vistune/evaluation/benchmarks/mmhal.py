"""MMHal-Bench (LLaVA-RLHF, arXiv 2309.14525): 96 open questions of eight types, rated 0 to 6 by a judge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.judging import ByJudge
from vistune.evaluation.benchmarks.nano import picture, scene_facets
from vistune.evaluation.benchmarks.tables import need, rows_of
from vistune.evaluation.metrics.intervals import ratio
from vistune.world.scene import Scene, Split

if TYPE_CHECKING:
    from vistune.evaluation.judges.base import Verdict

#: The eight types, in the order in which the file repeats them.
TYPES = ("attribute", "adversarial", "comparison", "counting", "relation", "environment", "holistic", "other")
#: Type -> questions of the world that are of this type; ``holistic`` asks for a description.
_OF_WORLD = {
    "attribute": "colour", "adversarial": "supposed", "comparison": "compare_size", "counting": "count",
    "relation": "relation", "environment": "setting", "other": "state",
}  # fmt: skip
_LEAST = 3
_FIELDS = ("question_type", "image_id", "image_src", "image_content", "question", "gt_answer")


@BENCHMARKS.register("mmhal_bench")
class MmHalBench(ByJudge):
    """Open questions, many of which tempt to make things up. A judge rates each answer from 0 to 6 against a human answer and the
    picture's contents; ``score`` is the mean, ``hallucination`` the share below 3, and each type has its mean.

    ``path``: ``response_template.json`` (or a file of responses, whose answers are left); ``images``: a folder with each picture
    by its address's last part or its ``image_id``. A reply with no rating, or several, is 0. The nano edition has the same eight
    types; its judge is the scene oracle.
    """

    main = "score"
    protocol = "LLaVA-RLHF, eval_gpt_mmhal.py: rating 0-6 by a judge, hallucination below 3"
    capabilities = ("hallucination", "open-answers", "perception")
    not_shares = ("score", *TYPES)
    max_new_tokens = 128

    images: Path | None = None

    def published(self) -> list[Example]:
        """The questions of the file."""
        assert self.path is not None
        made = []
        for number, row in enumerate(rows_of(self.path), start=1):
            need(row, _FIELDS, self.path, number)
            source = ImageSource(path=self._picture(row))
            context = ", ".join(row["image_content"])
            facets = {"topic": str(row.get("question_topic", "none"))}
            kind = str(row["question_type"])
            made.append(_item(f"{number - 1:02d}", kind, row["question"], source, row["gt_answer"], context, facets))
        return made

    def _picture(self, row: Mapping[str, Any]) -> Path:
        folder = self.images or Path()
        names = (Path(row["image_src"]).name, f"{row['image_id']}.jpg", f"{row['image_id']}.png")
        return next((folder / name for name in names if (folder / name).is_file()), folder / names[0])

    def nano(self) -> list[Example]:
        """As many of each type, one a scene."""
        from vistune.evaluation.benchmarks.knowing import scene_stream

        made: dict[str, list[Example]] = {name: [] for name in TYPES}
        wanted = self.n // len(TYPES)
        for number, scene in enumerate(scene_stream(self.split, self.prior, self.seed)):
            waiting = [name for name in TYPES if len(made[name]) < wanted]
            if not waiting:
                break
            for name in waiting[number % len(waiting) :] + waiting[: number % len(waiting)]:
                asked = _asked(scene, name, self.split)
                if asked is not None:
                    source, place = picture(scene, self.image_size), f"{name}-{len(made[name]):03d}"
                    context = ", ".join(thing.kind for thing in scene.things)
                    facets = scene_facets(scene)
                    made[name].append(_item(place, name, asked[0], source, asked[1], context, facets, scene))
                    break
        return [example for own in made.values() for example in own]

    def rubric(self) -> str:
        """MMHal-Bench's."""
        return "mmhal"

    def score_judged(self, example: Example, answer: str, verdict: Verdict) -> Scored:
        """The rating as a share of 6."""
        rating = verdict.marks.get("score", 0.0)
        wrong = verdict.marks.get("hallucination", float(rating < _LEAST))
        columns = {"items": 1.0, "rating": rating, "hallucinated": wrong}
        for name in TYPES:
            own = float(example.meta["type"] == name)
            columns |= {f"items_{name}": own, f"rating_{name}": own * rating}
        return Scored(f"{rating:g}" if verdict.parsed else None, rating / 6, columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Mean rating, share of hallucinations, mean of each type."""
        told = {"score": "rating", "hallucination": "hallucinated"}
        found = {name: ratio(sums[column], sums["items"]) for name, column in told.items()}
        return found | {name: ratio(sums[f"rating_{name}"], sums[f"items_{name}"]) for name in TYPES}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The rating and its limit."""
        return [
            ("standard answer", example.answers[0]),
            ("rating, 0 to 6", str(item["parsed"])),
            ("hallucination", str(item["columns"]["hallucinated"] > 0).lower() + f" (below {_LEAST})"),
        ]


def _item(
    identity: str,
    kind: str,
    question: str,
    source: ImageSource,
    reference: str,
    context: str,
    facets: Mapping[str, str],
    scene: Scene | None = None,
) -> Example:
    meta = {"type": kind, "group": identity, "facets": dict(facets), "context": context, "facts": scene}
    return Example(identity, [user(question, images=(0,))], [source], answers=[reference], meta=meta)


def _asked(scene: Scene, name: str, split: Split) -> tuple[str, str] | None:
    """A question of a type, and its answer."""
    from vistune.world.language import caption
    from vistune.world.questions import ask
    from vistune.world.questions.misleading import NOTHING_THERE, ask_misleading

    if name == "holistic":
        return "describe the picture.", caption(scene, scene.seed, "long", split)
    if name == "adversarial":
        asked = [q for q in ask_misleading(scene, scene.seed, ["supposed"], 3, split) if q.answer == NOTHING_THERE]
    else:
        asked = ask(scene, scene.seed, types=[_OF_WORLD[name]], n=1, split=split)
    if not asked:
        return None
    answer = asked[0].facts["reason"] if name == "adversarial" else asked[0].answer
    return asked[0].text, f"{answer}." if name == "adversarial" else answer
