"""The report: what it shows, by which rule, and that it is one file that asks nobody."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import Benchmark, Scored
from vistune.evaluation.report import ReportData, RunData, gallery, write_report
from vistune.evaluation.report.data import ClaimVerdict
from vistune.evaluation.results import compare_all, summarise


class Toy(Benchmark):
    """``n`` questions of ``kinds`` types; the right answer is "yes"."""

    kind = "toy"
    protocol = "toy protocol"

    def __init__(self, n: int, kinds: int) -> None:
        self.n, self.kinds = n, kinds

    @property
    def name(self) -> str:
        return "toy"

    def examples(self) -> list[Example]:
        picture = ImageSource(array=np.full((8, 8, 3), 90, np.uint8))
        return [
            Example(
                id=str(i),
                messages=[user(f"<b>question {i}</b>", (0,))],
                images=[picture],
                answers=["yes"],
                meta={"type": f"kind {i % self.kinds}", "group": str(i)},
            )
            for i in range(self.n)
        ]

    def score(self, example: Example, answer: str) -> Scored:
        right = float(answer == example.answers[0])
        return Scored(answer, right, {"items": 1.0, "correct": right})


def run_of(name: str, benchmark: Toy, wrong: set[int]) -> RunData:
    items = []
    for i, example in enumerate(benchmark.examples()):
        answer = "no" if i in wrong else "yes"
        scored = benchmark.score(example, answer)
        items.append(
            {
                "id": example.id,
                "group": example.meta["group"],
                "type": example.meta["type"],
                "question": example.messages[0].text,
                "references": example.answers,
                "answer": answer,
                "parsed": answer,
                "score": scored.score,
                "columns": dict(scored.columns),
                "seconds": 0.0,
            }
        )
    return RunData(name, {"toy": summarise(benchmark, items)}, trainable=7, parameters=70, seconds=3.0)


@pytest.mark.parametrize(("kinds", "most"), [(1, 12), (4, 3), (6, 3)])
def test_gallery_shares_its_cards_out_among_the_types(kinds: int, most: int) -> None:
    toy = Toy(60, kinds)
    cards = gallery([toy], [run_of("base", toy, set(range(60))), run_of("tuned", toy, set(range(60)))], count=100)
    counts = {kind: sum(card.type == kind for card in cards) for kind in {card.type for card in cards}}
    assert len(counts) == kinds and set(counts.values()) == {most}


def test_gallery_begins_where_the_runs_differ() -> None:
    toy = Toy(12, 2)
    cards = gallery([toy], [run_of("base", toy, {0, 1, 4, 5}), run_of("tuned", toy, {0, 1})])
    assert [card.outcome for card in cards] == ["differ", "differ", "wrong", "wrong"]
    assert "question 4" in cards[0].question
    assert [(name, mark) for name, _, mark in cards[0].answers] == [("base", False), ("tuned", True)]


def test_gallery_is_not_crowded_by_early_mistakes() -> None:
    toy = Toy(40, 1)
    cards = gallery([toy], [run_of("base", toy, set(range(40))), run_of("tuned", toy, set(range(35)))])
    assert [card.outcome for card in cards] == ["differ"] * 5 + ["wrong"] * 7
    all_right = gallery([toy], [run_of("base", toy, set())])
    assert [card.outcome for card in all_right] == ["right"]


def test_page_is_one_safe_file_with_every_figure(tmp_path: Path) -> None:
    toy = Toy(20, 2)
    runs = [run_of("base", toy, set(range(10))), run_of("tuned", toy, {3})]
    runs[1].curves = {"tune": [(step, 1.0 / step) for step in range(1, 9)]}
    data = ReportData(
        "<script>title</script>",
        "vistune run toy",
        runs,
        claims=[ClaimVerdict("a claim", "inconclusive", "+0.4")],
        gallery=gallery([toy], runs),
        benchmarks=[toy],
    )
    write_report(tmp_path / "report.html", data)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)""", page) and "@import" not in page
    assert "<script>title" not in page and "<b>question" not in page and "&lt;b&gt;question" in page
    assert all(name in page for name in ("base", "tuned", "a claim", "inconclusive", "Toy protocol"))
    assert "50.0" in page and "95.0" in page
    gap, low, high = compare_all(toy, {run.name: run.results["toy"] for run in runs})["tuned"]
    assert low < gap < high and f"{100 * gap:+.1f}" in page
