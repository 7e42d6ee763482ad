"""Charts: values read off the pixels, words inside their boxes, answers by arithmetic."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from vistune.core.errors import ConfigError, DataError
from vistune.data.annotations.chartqa import read_chartqa, read_table_file, write_chartqa
from vistune.engines.charts import ChartsEngine
from vistune.world.charts import FORMS, Chart, ask, layout, long_caption, read_table, render, sample_chart, table_words
from vistune.world.charts.chart import held_out
from vistune.world.charts.draw import SCALE
from vistune.world.charts.questions import MAKERS
from vistune.world.charts.view import OPERATIONS, ChartView
from vistune.world.program import parse_program

PRIORS = ("skewed", "flat", "inverted")
NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven"]


def like(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return (np.abs(picture.astype(int) - colour).max(-1) <= 2).astype(int)


@pytest.mark.parametrize("form", ["bars", "horizontal bars", "grouped bars"])
def test_values_are_read_off_the_bars(form: str) -> None:
    """By counting coloured pixels from the axis on, within half a pixel's worth of each bar."""
    for seed in range(60):
        chart = sample_chart(seed, form=form, prior=PRIORS[seed % 3])
        plan, picture = layout(chart, 600, 600), render(chart, 300)
        along = plan.plot[2] - plan.plot[0] if form == "horizontal bars" else plan.plot[3] - plan.plot[1]
        for mark in plan.marks:
            x0, y0, x1, y1 = (v / SCALE for v in mark.box)
            shade = chart.colours[mark.series][1]
            # A quarter in from the side, where no number is written.
            if form == "horizontal bars":
                line = like(picture, shade)[int(y0 + 0.25 * (y1 - y0) + 1)]
            else:
                line = like(picture, shade)[: int(plan.plot[3] / SCALE) + 2, int(x0 + 0.2 * (x1 - x0) + 1)]
            read = line.sum() * SCALE / along * plan.top
            value = chart.values[mark.series][mark.category]
            pixel = SCALE / along * plan.top
            written = chart.numbers and form == "grouped bars"
            assert abs(read - value) <= 1.5 * pixel + (0.4 * value if written else 0)


def test_slices_have_their_share_of_the_pie() -> None:
    for seed in range(30):
        chart = sample_chart(seed, form="pie", prior="flat")
        if chart.numbers:
            continue
        picture = render(chart, 300)
        plan = layout(chart, 600, 600)
        x0, y0, x1, y1 = (int(v / SCALE) for v in plan.plot)
        counts = [like(picture[y0 : y1 + 1, x0 : x1 + 1], c).sum() for _, c in chart.colours]
        shares = np.array(counts) / sum(counts)
        assert np.abs(shares - np.array(chart.values[0]) / sum(chart.values[0])).max() < 0.012


def test_points_of_lines_lie_at_their_values() -> None:
    for seed in range(40):
        chart = sample_chart(seed, form="lines")
        plan, picture = layout(chart, 600, 600), render(chart, 300)
        for mark in plan.marks:
            x, y = mark.box[0], mark.box[1]
            hidden = [
                m for m in plan.marks if m.series > mark.series and abs(m.box[1] - y) < 20 and abs(m.box[0] - x) < 30
            ]
            if not hidden:
                near = picture[int(y / 2) - 3 : int(y / 2) + 4, int(x / 2) - 3 : int(x / 2) + 4]
                assert like(near, chart.colours[mark.series][1]).sum() > 8
            value = (plan.plot[3] - y) / (plan.plot[3] - plan.plot[1]) * plan.top
            assert math.isclose(value, chart.values[mark.series][mark.category], abs_tol=1e-6)


def test_words_lie_in_their_boxes_on_the_picture_and_apart() -> None:
    for seed in range(240):
        chart = sample_chart(seed, form=FORMS[seed % 6])
        size = 480
        plan, picture = layout(chart, size * SCALE, size * SCALE), render(chart, size)
        boxes = [w.box for w in plan.words if w.role != "number"]
        for x0, y0, x1, y1 in boxes:
            assert -1 <= x0 < x1 <= plan.width + 1 and -1 <= y0 < y1 <= plan.height + 1
        for i, a in enumerate(boxes):
            for b in boxes[:i]:
                assert not (min(a[2], b[2]) - max(a[0], b[0]) > 1 and min(a[3], b[3]) - max(a[1], b[1]) > 1)
        for words in plan.words:
            if words.role in ("title", "category", "legend"):
                x0, y0, x1, y1 = (int(v / SCALE) for v in words.box)
                assert (picture[y0 : y1 + 1, x0 : x1 + 1] < 140).any()


def cells(chart: Chart) -> dict[str, int]:
    """Name -> value, as the questions name cells."""
    several = len(chart.series) > 1
    return {
        f"{c} ({s})" if several else c: chart.values[j][i]
        for i, c in enumerate(chart.categories)
        for j, s in enumerate(chart.series)
    }


def mentioned(chart: Chart, text: str) -> list[str]:
    names = [name for name in cells(chart) if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)]
    found = [(text.index(name), name) for name in names]
    return [name for _, name in sorted(found)]


def expected(chart: Chart, type: str, text: str) -> str:
    values = cells(chart)
    names = mentioned(chart, text)
    numbers = [values[name] for name in names]
    bound = int((re.findall(r"\b\d+\b", re.sub("|".join(map(re.escape, names)) or "$^", "", text)) or [0])[-1])
    if type == "value":
        return str(numbers[0])
    if type == "extreme":
        best = max(values.values()) if "most" in text else min(values.values())
        return next(name for name, value in values.items() if value == best)
    if type == "greater":
        return names[0] if numbers[0] > numbers[1] else names[1]
    if type == "difference":
        return str(abs(numbers[0] - numbers[1]))
    if type == "total":
        return str(numbers[0] + numbers[1])
    if type == "above":
        return NUMBERS[sum(value > bound for value in values.values())]
    if type == "is_above":
        return "yes" if numbers[0] > bound else "no"
    if type == "trend":
        several = len(chart.series) > 1
        row = chart.values[next(k for k, s in enumerate(chart.series) if s in text) if several else 0]
        return "up" if row[-1] > row[0] else "down"
    if type == "colour":
        shade = next(name for name, _ in chart.colours if re.search(rf"\b{name}\b", text))
        place = [name for name, _ in chart.colours].index(shade)
        return (chart.categories if chart.form == "pie" else chart.series)[place]
    return chart.title.lower() if type == "title" else chart.form


@pytest.mark.parametrize("type", MAKERS)
def test_answers_are_those_of_the_table(type: str) -> None:
    asked = 0
    for seed in range(400):
        split = ("train", "test")[seed % 2]
        chart = sample_chart(seed, prior=PRIORS[seed % 3], split=split)
        for q in ask(chart, seed, types=[type], split=split):
            asked += 1
            assert q.answer == expected(chart, type, q.text), q.text
            assert q.choices is None or q.answer in q.choices
            program = parse_program(str(q.program), OPERATIONS)
            assert program == q.program and program.answer(ChartView(chart)) == q.answer
    assert asked > 30


def test_tables_are_read_back() -> None:
    for seed in range(200):
        chart = sample_chart(seed)
        assert read_table(table_words(chart)) == (chart.title, chart.table())
        assert all(str(v) in long_caption(chart) for row in chart.values for v in row)
    with pytest.raises(DataError, match="no table"):
        read_table("a | b <0x0A> c")


def test_charts_are_pure_functions_of_their_seed_and_hold_pairs_out() -> None:
    assert sample_chart(1) == sample_chart(1) != sample_chart(1, split="test")
    assert (render(sample_chart(1), 64) == render(sample_chart(1), 64)).all()
    assert render(sample_chart(1), 64, 1.5).shape == (64, 96, 3)
    train = {(c.form, c.title) for c in map(sample_chart, range(600))}
    test = {(c.form, c.title) for c in (sample_chart(s, split="test") for s in range(600))}
    assert not any(held_out(*pair) for pair in train) and any(held_out(*pair) for pair in test)
    assert np.mean([c.values[0][0] for c in (sample_chart(s, prior="inverted") for s in range(300))]) > 12
    with pytest.raises(ConfigError, match="form of chart"):
        sample_chart(0, form="bar")
    with pytest.raises(ConfigError, match="2 to 7"):
        sample_chart(0, max_categories=12)
    with pytest.raises(ConfigError, match="16 or more"):
        render(sample_chart(0), 8)


def test_files_are_read_back(tmp_path) -> None:
    engine = ChartsEngine(20)
    assert all(file.exists() for file in engine.write_annotations(tmp_path))
    questions = read_chartqa(tmp_path / "questions.json")
    assert len(questions) > 40
    for index in range(20):
        chart = engine.chart(engine.number(index))
        name = f"charts-train-{engine.number(index)}"
        assert read_table_file(tmp_path / "tables" / f"{name}.csv") == chart.table()
        assert any(q.imgname == f"{name}.png" for q in questions)
    (tmp_path / "x.json").write_text('[{"imgname": "a"}]')
    with pytest.raises(DataError, match="no ChartQA"):
        read_chartqa(tmp_path / "x.json")
    (tmp_path / "x.csv").write_text("a,b\nc\n")
    with pytest.raises(DataError, match="one length"):
        read_table_file(tmp_path / "x.csv")


@pytest.mark.parametrize(("file", "count"), [("test/test_human.json", 488), ("test/test_augmented.json", 507)])
def test_published_questions_come_out_as_they_went_in(real_data, tmp_path, file: str, count: int) -> None:
    import json

    path = real_data("chartqa") / file
    questions = read_chartqa(path)
    assert len(questions) == count
    written = json.loads(write_chartqa(tmp_path / "q.json", questions).read_text(encoding="utf-8"))
    assert written == json.loads(path.read_text(encoding="utf-8"))
