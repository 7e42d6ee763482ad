"""Instruction data about charts."""

from __future__ import annotations

import random
from pathlib import Path

from vistune.data.annotations.chartqa import ChartQuestion, write_chartqa, write_table
from vistune.data.example import Example, assistant, user
from vistune.engines.base import ENGINES, SeededEngine, question_turns
from vistune.world.charts import Chart, ask, long_caption, render, sample_chart, short_caption, table_words
from vistune.world.language.wordings import Wordings
from vistune.world.legible import LEGIBLE
from vistune.world.scene import Prior, Split

_DESCRIBE = Wordings(("what does the chart show?", "describe the chart."), ("say what this chart is.",))
_DETAIL = Wordings(("describe the chart with all its values.",), ("tell all that the chart says.",))
_TABLE = Wordings(
    ("write the chart as a table.", "give the table behind the chart."), ("turn the chart into a table.",)
)


@ENGINES.register("charts")
class ChartsEngine(SeededEngine):
    """Charts with their tables.

    ``tasks``: ``caption``, ``detail`` (all values), ``question`` and ``table`` (the whole table, in DePlot's form).
    ``categories``: the least and most. ``wide``: width over height. At the default size all that is written can be read.
    """

    KIND = "charts"
    TASKS = ("caption", "detail", "question", "table")

    def __init__(
        self,
        n: int,
        *,
        split: Split = "train",
        prior: Prior = "skewed",
        image_size: int = LEGIBLE["charts"],
        turns: int = 4,
        tasks: dict[str, float] | None = None,
        seed: int = 0,
        categories: tuple[int, int] = (3, 6),
        wide: float = 1.0,
    ) -> None:
        super().__init__(n, split=split, prior=prior, image_size=image_size, turns=turns, tasks=tasks, seed=seed)
        self.categories = (int(categories[0]), int(categories[1]))
        self.wide = float(wide)

    def chart(self, number: int) -> Chart:
        """The chart of a number."""
        least, most = self.categories
        return sample_chart(number, split=self.split, prior=self.prior, min_categories=least, max_categories=most)

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number."""
        task, chart = self.draw_task(rng), self.chart(number)
        height = self.image_size if self.wide <= 1 else round(self.image_size / self.wide)
        picture = render(chart, height, self.wide)
        facts = {"task": task, "form": chart.form, "table": chart.table()}
        if task == "question":
            messages, meta = question_turns(ask(chart, number, n=self.turns, split=self.split))
            return self.example(number, messages, [picture], {**facts, **meta})
        wordings, answer = {
            "caption": (_DESCRIBE, short_caption(chart)),
            "detail": (_DETAIL, long_caption(chart)),
            "table": (_TABLE, table_words(chart)),
        }[task]
        messages = [user(wordings.pick(rng, self.split), images=(0,)), assistant(answer)]
        return self.example(number, messages, [picture], facts)

    def write_annotations(self, folder: Path) -> list[Path]:
        """``questions.json`` (ChartQA) about all charts, and ``tables/NAME.csv``."""
        (folder / "tables").mkdir(parents=True, exist_ok=True)
        questions, files = [], []
        for index in range(len(self)):
            number = self.number(index)
            chart, name = self.chart(number), f"charts-{self.split}-{number}"
            files.append(write_table(folder / "tables" / f"{name}.csv", chart.table()))
            asked = ask(chart, number, n=self.turns, split=self.split)
            questions += [ChartQuestion(f"{name}.png", q.text, q.answer) for q in asked]
        return [write_chartqa(folder / "questions.json", questions), *files]
