"""Charts: values read off the pixels, words inside their boxes, answers by arithmetic."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pytest

from seeds import seeds
from vistune.core.errors import ConfigError, DataError
from vistune.data.annotations.chartqa import read_chartqa, read_table_file, write_chartqa
from vistune.engines.charts import ChartsEngine
from vistune.world.charts import FORMS, Chart, ask, layout, long_caption, read_table, render, sample_chart, table_words
from vistune.world.charts.chart import Form, held_out
from vistune.world.charts.draw import SCALE
from vistune.world.charts.layout import Layout, Mark
from vistune.world.charts.questions import MAKERS
from vistune.world.charts.view import OPERATIONS, ChartView
from vistune.world.legible import LEGIBLE
from vistune.world.program import parse_program

PRIORS = ("skewed", "flat", "inverted")
NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven"]


def like(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return (np.abs(picture.astype(int) - colour).max(-1) <= 2).astype(int)


SIZE = 400


@lru_cache(maxsize=64)
def seen(chart: Chart) -> dict[tuple[int, int], float]:
    """Of each series and category the value that the pixels show; without what a later line hides."""
    plan, picture = layout(chart, SIZE * SCALE, SIZE * SCALE), render(chart, SIZE)
    if chart.form == "pie":
        return dict(enumerate_slices(chart, plan, picture))
    left, top, right, bottom = (v / SCALE for v in plan.plot)
    found = {}
    for mark in plan.marks:
        x0, y0, x1, y1 = (v / SCALE for v in mark.box)
        shade = chart.colours[mark.series][1]
        if chart.form == "horizontal bars":
            hit = np.flatnonzero(like(picture[int(y0 + 0.2 * (y1 - y0) + 1), int(left) - 1 :], shade))
            extent = (hit[-1] - hit[0] + 1) / (right - left)
        elif chart.form == "lines":
            hit = np.flatnonzero(like(picture[: int(bottom) + 8, int(x0)], shade))
            if len(hit) < 5 or hit[-1] - hit[0] >= len(hit) + 3 or crossed(plan, mark):
                continue
            extent = (bottom - (hit[0] + hit[-1] + 1) / 2) / (bottom - top)
        else:
            hit = np.flatnonzero(like(picture[: int(bottom) + 2, int(x0 + 0.15 * (x1 - x0) + 1)], shade))
            extent = (hit[-1] - hit[0] + 1) / (bottom - top) if len(hit) else 0.0
        found[mark.series, mark.category] = extent * plan.top
    return found


def crossed(plan: Layout, mark: Mark) -> bool:
    """Whether a point of a line drawn later lies on a point, or its line may pass over it."""
    later = [m for m in plan.marks if m.series > mark.series and m.category == mark.category]
    return any(abs(m.box[1] - mark.box[1]) < 0.06 * plan.height for m in later)


def enumerate_slices(chart: Chart, plan: Layout, picture: np.ndarray) -> Iterator[tuple[tuple[int, int], float]]:
    """Values by the share of a circle near the rim that has a slice's colour."""
    x0, y0, x1, y1 = (v / SCALE for v in plan.plot)
    angles = np.arange(0, math.tau, math.tau / 3600)
    xs, ys = ((a + b) / 2 + 0.43 * (b - a) * f(angles) for a, b, f in ((x0, x1, np.cos), (y0, y1, np.sin)))
    around = picture[ys.astype(int), xs.astype(int)].astype(int)
    far = np.array([np.abs(around - shade).max(-1) for _, shade in chart.colours])
    label = np.where(far.min(0) <= 2, far.argmin(0), -1)
    # The white line between two slices belongs to both.
    clear = np.flatnonzero(label >= 0)
    nearest = clear[np.searchsorted((clear[1:] + clear[:-1]) / 2, np.arange(len(label)))]
    for category in range(len(chart.categories)):
        yield (0, category), float((label[nearest] == category).mean() * sum(chart.values[0]))


@pytest.mark.parametrize("form", FORMS)
def test_values_are_read_off_the_picture(form: Form) -> None:
    """Bars by their extent in pixels, slices by their part of the circle, points by their height: to half a unit."""
    read = 0
    for seed in seeds(30):
        chart = sample_chart(seed, form=form, prior=PRIORS[seed % 3])
        for (series, category), value in seen(chart).items():
            read += 1
            assert abs(value - chart.values[series][category]) < 0.5, (seed, series, category, value)
    assert read > 80


def test_words_lie_in_their_boxes_on_the_picture_and_apart() -> None:
    for seed in seeds(120):
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


def names_of(chart: Chart) -> dict[str, tuple[int, int]]:
    """Cells as the questions name them."""
    several = len(chart.series) > 1
    return {
        f"{c} ({s})" if several else c: (j, i)
        for i, c in enumerate(chart.categories)
        for j, s in enumerate(chart.series)
    }


def cells(chart: Chart) -> dict[str, int]:
    """Name -> value as the pixels show it; a point under another line from the table."""
    read = seen(chart)
    return {name: round(read.get((j, i), chart.values[j][i])) for name, (j, i) in names_of(chart).items()}


def mentioned(chart: Chart, text: str) -> list[str]:
    names = [name for name in names_of(chart) if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)]
    found = [(text.index(name), name) for name in names]
    return [name for _, name in sorted(found)]


def expected(chart: Chart, type: str, text: str) -> str:
    if type == "colour":
        shade = next(name for name, _ in chart.colours if re.search(rf"\b{name}\b", text))
        place = [name for name, _ in chart.colours].index(shade)
        return (chart.categories if chart.form == "pie" else chart.series)[place]
    if type in ("title", "form"):
        return chart.title.lower() if type == "title" else chart.form
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
    assert type == "trend"
    several = len(chart.series) > 1
    name = f" ({next(s for s in chart.series if s in text)})" if several else ""
    row = [values[f"{c}{name}"] for c in chart.categories]
    return "up" if row[-1] > row[0] else "down"


@pytest.mark.parametrize("type", MAKERS)
def test_answers_are_those_of_the_table(type: str) -> None:
    asked = 0
    for seed in seeds(150):
        split = ("train", "test")[seed % 2]
        chart = sample_chart(seed, prior=PRIORS[seed % 3], split=split)
        for q in ask(chart, seed, types=[type], split=split):
            asked += 1
            assert q.answer == expected(chart, type, q.text), q.text
            assert q.choices is None or q.answer in q.choices
            program = parse_program(str(q.program), OPERATIONS)
            assert program == q.program and program.answer(ChartView(chart)) == q.answer
    assert asked > 10


def test_tables_are_read_back() -> None:
    for seed in seeds(100):
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


def test_no_number_is_asked_for_that_is_not_written() -> None:
    """A pie has no axis: its numbers alone tell values. Parts of stacked bars are measured by theirs too."""
    asked = 0
    for seed in seeds(120):
        chart = sample_chart(seed, prior="flat", form=("pie", "stacked bars")[seed % 2])
        for size in (LEGIBLE["charts"], 2 * LEGIBLE["charts"]):
            plan = layout(chart, size * SCALE, size * SCALE)
            for q in ask(chart, seed, types=["value", "difference", "total", "is_above"], n=4):
                asked += 1
                for name in mentioned(chart, q.text):
                    mark = next(m for m in plan.marks if (m.series, m.category) == names_of(chart)[name])
                    assert written(plan, mark), (seed, name)
    assert asked > 30


def written(plan: Layout, mark: Mark) -> bool:
    """Whether a number stands on a mark."""
    for words in plan.words:
        x, y = (words.box[0] + words.box[2]) / 2, (words.box[1] + words.box[3]) / 2
        x0, y0, x1, y1 = mark.box
        if words.role != "number":
            continue
        if mark.angles is None and x0 < x < x1 and y0 < y < y1:
            return True
        if mark.angles is not None:
            way = math.degrees(math.atan2(y - (y0 + y1) / 2, x - (x0 + x1) / 2))
            if any(mark.angles[0] < way + turn < mark.angles[1] for turn in (-360, 0, 360)):
                return True
    return False
