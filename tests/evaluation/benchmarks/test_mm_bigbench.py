"""MM-BigBench: ten layouts of one task, how answers are read, and the four metrics over models, tasks and instructions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vistune.core.errors import ConfigError, DataError
from vistune.evaluation.benchmarks.mm_bigbench import SKELETONS, TASKS, MMBigBench, labels_of, read_label
from vistune.evaluation.metrics.robustness import adaptability, best_performance, mean_relative_gain, stability
from vistune.evaluation.records import Evidence, make_item
from vistune.evaluation.results import summarise
from vistune.experiments.robustness import InstructionTable

TABLES = arrays(float, st.tuples(st.integers(2, 4), st.integers(1, 4), st.integers(3, 6)), elements=st.floats(1, 100))


def test_all_styles_ask_the_same_questions() -> None:
    asked = {style: MMBigBench(style=style, n=4).examples() for style in SKELETONS}
    first = [(e.id, e.answers) for e in asked[1]]
    assert len(first) == 4 * len(TASKS)
    for style, examples in asked.items():
        assert [(e.id, e.answers) for e in examples] == first
        for example in examples:
            prompt, labels = example.messages[-1].text, example.meta["labels"]
            assert SKELETONS[style].cue in prompt
            shown = {3: f"(a) {labels[0]}", 5: f"(a) {labels[0]}", 7: f"{labels[0]} or {labels[1]}"}.get(style)
            assert (shown in prompt) if shown else ("(a)" not in prompt and " or " not in prompt)
            assert example.images and example.answers[0] in labels
    assert len({MMBigBench(style=style).name for style in SKELETONS}) == 10


@pytest.mark.parametrize(
    ("answer", "style", "label"),
    [
        ("Red", 2, "red"),
        ("the cup is dark red.", 4, "red"),
        ("Question: x\nAnswer: blue", 2, "blue"),
        ("Answer: blue or red", 4, "blue"),
        ("(b)", 5, "blue"),
        ("b", 3, "blue"),
        ("### Response: (a) red", 3, "red"),
        ("(b)", 2, None),
        ("(z)", 5, None),
        ("bluered", 2, None),
        ("reddish", 2, None),
        ("", 2, None),
        ("a blue one", 5, "red"),  # a letter alone at the start is a letter
    ],
)
def test_how_an_answer_is_read(answer: str, style: int, label: str | None) -> None:
    assert read_label(answer, ["red", "blue"], style) == label


def test_the_longer_of_two_labels_at_one_place() -> None:
    assert read_label("very positive", ["positive", "very positive"], 2) == "very positive"


def test_perfect_and_silent() -> None:
    for style in (2, 3, 7):
        benchmark = MMBigBench(style=style, n=5)
        examples = benchmark.examples()
        right = summarise(benchmark, [make_item(benchmark, e, Evidence([e.answers[0]], 0.0)) for e in examples])
        silent = summarise(benchmark, [make_item(benchmark, e, Evidence(["hmm"], 0.0)) for e in examples])
        assert right.values == {"accuracy": 1.0, "unread": 0.0}
        assert silent.values == {"accuracy": 0.0, "unread": 1.0}


def test_published_lines(tmp_path: Path) -> None:
    rows = [
        {"dataset": "MVSA-Single", "text": "what a day", "label": "positive", "labels": ["positive", "negative"]},
        {"dataset": "Hate", "text": "x", "label": "hateful", "question": "is it hateful?"},
        {"dataset": "Hate", "text": "y", "label": "not-hateful"},
    ]
    path = tmp_path / "data.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    examples = MMBigBench(path=str(path), style=5).examples()
    assert [e.meta["labels"] for e in examples] == [["positive", "negative"], *[["hateful", "not-hateful"]] * 2]
    assert "what a day" in examples[0].messages[-1].text and not examples[0].images
    assert len(MMBigBench(path=str(path), tasks=["Hate"]).examples()) == 2
    path.write_text('{"dataset": "x"}\n')
    with pytest.raises(DataError, match="line 1: dataset, text and label"):
        MMBigBench(path=str(path)).examples()
    with pytest.raises(DataError, match="no file"):
        MMBigBench(path=str(tmp_path / "none.jsonl")).examples()


def test_bad_settings() -> None:
    with pytest.raises(ConfigError, match="styles 1 to 10"):
        MMBigBench(style=11)
    with pytest.raises(ConfigError, match="no task 'color'"):
        MMBigBench(tasks=["color"])
    assert set(labels_of("existence")) == {"yes", "no"}


def test_the_toy_table() -> None:
    a = np.array([[[60.0, 50, 40]], [[30, 20, 10]]])
    of_models, of_instructions = mean_relative_gain(a)
    assert of_models[:, 0] == pytest.approx([45.40, -45.40], abs=0.01)
    assert of_instructions[:, 0] == pytest.approx([35.0, 0.0, -35.0], abs=0.01)
    steady, spread = stability(a)
    assert steady[:, 0] == pytest.approx([8.165, 8.165], abs=1e-3)
    assert spread[:, 0] == pytest.approx([15, 15, 15])


@given(TABLES)
def test_gains_sum_to_zero_and_hits_to_a_hundred(a: np.ndarray) -> None:
    of_models, of_instructions = mean_relative_gain(a)
    assert np.allclose(of_models.sum(0), 0, atol=1e-3)
    assert np.allclose(of_instructions.sum(0), 0, atol=1e-3)
    assert np.allclose(adaptability(a).sum(1), 100)
    assert (best_performance(a) >= a.mean(2) - 1e-9).all()


@given(TABLES, st.floats(0.5, 3))
def test_scaling(a: np.ndarray, times: float) -> None:
    for one, other in zip(mean_relative_gain(a), mean_relative_gain(times * a)):
        assert np.allclose(one, other, atol=1e-2)
    for one, other in zip(stability(a), stability(times * a)):
        assert np.allclose(times * one, other)
    order = np.random.default_rng(0).permutation(a.shape[2])
    assert np.allclose(stability(a)[0], stability(a[:, :, order])[0])


def test_shuffled_instructions_have_no_favourite() -> None:
    """A model with a favourite instruction: concentrated hits; labels shuffled in each task: flat ones."""
    rng = np.random.default_rng(1)
    a = rng.random((1, 400, 10))
    a[:, :, 2] += 1
    shuffled = np.stack([a[0, d, rng.permutation(10)] for d in range(400)])[None]
    assert adaptability(a)[0, 2] == pytest.approx(100 / 3)
    assert np.abs(adaptability(shuffled)[0] - 10).max() < 3


def test_tables_tell_what_was_measured() -> None:
    accuracy = np.array([[[60.0, 50, 40]], [[30, 20, 10]]])
    table = InstructionTable(["m", "n"], ["t"], [1, 2, 3], accuracy, np.zeros_like(accuracy))
    _, rows = table.model_table()
    assert rows[0][:5] == ("m", "t", "50.0", "60.0", "1")
    columns, rows = table.instruction_table(k=1)
    assert columns[-1] == "top 1 hits % of n"
    assert rows[0][4:] == ("100", "100") and rows[2][4:] == ("0", "0")
    assert table.summary()["hits_without_constant_tasks"]
