"""ChartQA: questions about charts, by people and by machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vistune.core.errors import DataError
from vistune.data.annotations.chartqa import read_chartqa
from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.paged import CHART_SIZE, as_meta, charts, digits_too
from vistune.evaluation.benchmarks.short import Array, ShortAnswer, kind_columns, kind_measures
from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.vqa import relaxed_accuracy

SPLITS = ("human", "augmented")
#: Question types of the world's charts that people ask (reasoning), and those that are made from captions (reading off).
HUMAN = ("difference", "total", "above", "is_above", "greater", "trend")
AUGMENTED = ("value", "extreme", "title", "form", "colour")


@BENCHMARKS.register("chartqa")
class ChartQA(ShortAnswer):
    """ChartQA: relaxed accuracy (numbers may be 5% off) on the human and the augmented split, and their mean.

    Reads a folder with ``*_human.json`` and ``*_augmented.json`` (``imgname``, ``query``, ``label``) and ``png/``. Official:
    "5%" is 0.05, "1,000" and "$5" are no numbers, and years may be 5% off too; ``mode`` "strict" mends these.
    ``over_items`` is over all questions, as some tools report it. Nano: charts that can be read, with questions that need reasoning
    (human) or reading off (augmented).
    """

    SUFFIX = "Answer the question with a single word."
    protocol = (
        "ChartQA relaxed accuracy, nothing stripped; mean of the human and the augmented split; lmms-eval's prompt"
    )
    capabilities = ("text-in-pictures", "reasoning")

    mode: Mode = "official"
    image_size: int = CHART_SIZE

    def published(self) -> list[Example]:
        """The questions of both splits; ``limit`` is of each."""
        assert self.path is not None
        made = []
        for split in SPLITS:
            files = sorted(self.path.glob(f"*_{split}.json"))
            for file in files:
                for k, q in enumerate(read_chartqa(file)[: self.limit]):
                    shown = [self.picture(q.imgname, "png")]
                    identity = f"{split}-{k}"
                    made.append(self.item(identity, q.query, shown, [q.label], type=split, group=q.imgname))
        if not made:
            raise DataError(f"{self.path} holds no *_human.json or *_augmented.json with questions.")
        return made

    def nano(self) -> list[Example]:
        """A human-like and an augmented-like question of a chart in turn, as far as it has both."""
        made: list[Example] = []
        for chart in charts(HUMAN + AUGMENTED, self.image_size, self.split, self.prior, self.seed, each=12):
            by_split = {"human": [q for q in chart.questions if q.type in HUMAN][:2]}
            by_split["augmented"] = [q for q in chart.questions if q.type in AUGMENTED][: len(by_split["human"])]
            if not by_split["augmented"]:
                continue
            shown = [chart.draw()]
            for split, asked in by_split.items():
                for k, q in enumerate(asked):
                    facets, words = {"form": chart.kind, "question": q.type}, as_meta(chart.words)
                    meta = {"type": split, "group": chart.name, "facets": facets, "words": words}
                    made.append(self.item(f"{chart.name}-{split}-{k}", q.text, shown, digits_too(q.answer), **meta))
            if len(made) >= self.n:
                break
        return made[: self.n]

    def score(self, example: Example, answer: str) -> Scored:
        """Right or wrong, counted at the split; any of several truths counts (nano: a number in words or digits)."""
        question = str(example.meta["question"])
        right = float(any(relaxed_accuracy(answer, truth, self.mode, question) for truth in example.answers))
        return Scored(answer or None, right, kind_columns(right, example.meta["type"], SPLITS))

    def measures(self, sums: Mapping[str, Array]) -> dict[str, Array]:
        """Mean of the splits that have questions, each split, and over all questions."""
        each = kind_measures(sums, SPLITS)
        there: Sequence[Array] = [(sums[f"items:{name}"] > 0).astype(float) for name in SPLITS]
        mean = ratio(sum(each.values(), 0 * there[0]), sum(there, 0 * there[0]))
        return {"accuracy": mean, **each, "over_items": ratio(sums["score"], sums["items"])}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """How it was compared."""
        from vistune.evaluation.metrics.vqa import as_number

        steps = []
        for truth in example.answers:
            said, wanted = as_number(item["answer"]), as_number(truth)
            if said is not None and wanted:
                steps.append((f'against "{truth}"', f"numbers: {said:g} is {abs(said - wanted) / abs(wanted):.1%} off"))
            else:
                words = "not two numbers (or the truth is 0): equal in lower case or wrong"
                steps.append((f'against "{truth}"', words))
        return steps
