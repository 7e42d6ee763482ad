"""Pages: words lie where their boxes say, answers follow from the lines, files are read back."""

from __future__ import annotations

import re
import shutil

import numpy as np
import pytest

from seeds import seeds
from vistune.core.errors import ConfigError, DataError
from vistune.data.annotations.documents import read_docvqa, read_funsd, read_sroie, write_funsd, write_sroie
from vistune.engines.pages import PagesEngine, entities, reading
from vistune.evaluation.metrics.reading import word_error_rate
from vistune.world.legible import LEGIBLE
from vistune.world.pages import (
    KINDS,
    Document,
    Line,
    Page,
    ask,
    fit,
    height_of,
    line_box,
    render,
    sample_document,
    words,
)
from vistune.world.pages.questions import ACROSS, MAKERS
from vistune.world.pages.sampling import held_out
from vistune.world.pages.view import OPERATIONS, PageView
from vistune.world.program import parse_program

PRIORS = ("skewed", "flat", "inverted")
ORDINALS = ["the first", "the second", "the third", "the fourth", "the fifth"]
NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight"]


def without(page: Page, number: int) -> Page:
    return Page(page.lines[:number] + page.lines[number + 1 :], page.ratio, page.paper, page.areas)


def test_the_ink_of_a_line_is_what_its_box_holds() -> None:
    """Drawn without the line, the page differs in the line's box and nowhere else, and up to the box's edges."""
    for seed in seeds(56):
        document = sample_document(seed, kind=KINDS[seed % 7], prior=PRIORS[seed % 3])
        page = document.pages[-1]
        width = 400
        full = render(page, width).astype(int)
        for number in range(len(page.lines)):
            changed = np.abs(full - render(without(page, number), width)).max(-1) > 8
            rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
            x0, y0, x1, y1 = line_box(page, number, width)
            drawn = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
            assert np.abs(np.subtract(drawn, (x0, y0, x1, y1))).max() <= 2.0, page.lines[number].text


def test_words_are_on_the_page_apart_and_hold_ink() -> None:
    for seed in seeds(150):
        document = sample_document(seed, max_items=8, kind=KINDS[seed % 7])
        for page in document.pages:
            width = 300
            picture, found = render(page, width), words(page, width)
            assert picture.shape == (height_of(page, width), width, 3)
            for k, word in enumerate(found):
                x0, y0, x1, y1 = word.box
                assert x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height_of(page, width), (document.kind, word)
                patch = picture[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))].astype(int)
                assert patch.max() - patch.min() > 40, word
                for other in found[:k]:
                    over = min(x1, other.box[2]) - max(x0, other.box[0]), min(y1, other.box[3]) - max(y0, other.box[1])
                    assert not (over[0] > 1 and over[1] > 1), (document.kind, word, other)
            assert " ".join(w.text for w in found) == " ".join(" ".join(line.text.split()) for line in page.lines)


def table_of(page: Page) -> dict[tuple[str, str], int]:
    """(row, column) -> number, read off where the words stand."""
    boxes = [(line, line_box(page, k, 1000)) for k, line in enumerate(page.lines)]
    heads = [(line.text, box) for line, box in boxes if line.label == "header" and line.text != "Results"]
    rows = [(line.text, box) for line, box in boxes if line.label == "question"]
    values = {}
    for line, (_, y0, x1, y1) in boxes:
        if line.label == "answer":
            row = min(rows, key=lambda r: abs(r[1][1] + r[1][3] - y0 - y1))[0]
            column = min(heads, key=lambda h: abs(h[1][2] - x1))[0]
            values[row, column] = int(line.text)
    return values


def prices_of(page: Page) -> dict[str, int]:
    """Item -> cents: the texts that stand at one height."""
    lines = [line for line in page.lines if line.label in ("question", "answer") and "No. " not in line.text]
    prices = {}
    for line in lines:
        if line.label == "question" and line.text != "Total":
            value = next(o.text for o in lines if o.label == "answer" and o.y == line.y)
            prices[line.text] = round(float(value) * 100)
    return prices


def expected(document: Document, type: str, text: str) -> str:
    page = document.pages[0]
    if type == "kind":
        return document.kind
    if type == "pages":
        return NUMBERS[len(document.pages)]
    if type == "reads":
        return " ".join(line.text for line in page.lines)
    if type in ("field", "above", "page", "earlier", "together"):
        lines = [line.text for p in document.pages for line in p.lines]
        if type in ("earlier", "together"):
            return across(document, type, re.findall("'([^']+)'", text))
        if type == "page":
            heading = re.findall("'([^']+)'", text)[0]
            return next(ORDINALS[k] for k, p in enumerate(document.pages) if heading in [x.text for x in p.lines])
        if type == "above":
            a, b = re.findall("'([^']+)'", text)
            tops = {line.text: line.y for line in page.lines}
            assert lines.count(a) == lines.count(b) == 1
            return a if tops[a] < tops[b] else b
        key = next(k for k, _ in document.fields if re.search(rf"\b{k.lower()}\b", text))
        return field_text(document, key)
    if type in ("cell", "best"):
        values = table_of(page)
        column = next(c for _, c in values if re.search(rf"\b{c}\b", text))
        named = sorted({r for r, _ in values if re.search(rf"\b{r}\b", text)}, key=text.index)
        if type == "cell":
            return str(values[named[0], column])
        return max(named, key=lambda r: values[r, column])
    prices = prices_of(page)
    named = sorted((n for n in prices if re.search(rf"\b{n}\b", text)), key=text.index)
    if type == "items":
        return NUMBERS[len(prices)]
    if type == "dearer":
        return max(named, key=lambda n: prices[n])
    cents = sum(prices[n] for n in named)
    return f"{cents // 100}.{cents % 100:02d}"


def across(document: Document, type: str, headings: list[str]) -> str:
    """From the pages on which two lines stand."""
    one, other = (
        next(k for k, p in enumerate(document.pages) if heading in [line.text for line in p.lines])
        for heading in headings
    )
    if type == "together":
        return "yes" if one == other else "no"
    assert one != other
    return headings[0] if one < other else headings[1]


def field_text(document: Document, key: str) -> str:
    """From the lines alone."""
    page = document.pages[0]
    lines = page.lines
    if document.kind == "form":
        return lines[[line.text for line in lines].index(f"{key}:") + 1].text
    if document.kind == "receipt":
        return {"shop": lines[0].text, "date": lines[1].text, "number": lines[2].text[4:], "total": lines[-1].text}[key]
    if document.kind == "slide":
        return {"topic": lines[0].text, "speaker": lines[-1].text}[key]
    town, date = lines[0].text.split(", ")
    spoken = {"subject": lines[1].text[6:], "to": lines[2].text[5:-1], "from": lines[-1].text}
    return {"town": town, "date": date, **spoken}[key]


@pytest.mark.parametrize("type", {**MAKERS, **ACROSS})
def test_answers_are_read_off_the_lines(type: str) -> None:
    asked = 0
    for seed in seeds(420):
        split = ("train", "test")[seed % 2]
        document = sample_document(seed, prior=PRIORS[seed % 3], split=split)
        for q in ask(document, seed, types=[type], split=split):
            asked += 1
            assert q.answer == expected(document, type, q.text), (document.kind, q.text)
            assert q.choices is None or q.answer in q.choices
            program = parse_program(str(q.program), OPERATIONS)
            assert program == q.program and program.answer(PageView(document)) == q.answer
    assert asked > 15


def test_totals_are_the_sums_of_the_prices() -> None:
    for seed in seeds(120):
        document = sample_document(seed, kind="receipt", max_items=8)
        prices = prices_of(document.pages[0])
        assert len(prices) == len(document.items) >= 2
        assert round(float(document.pages[0].lines[-1].text) * 100) == sum(prices.values())


def test_documents_are_pure_functions_of_their_seed_and_hold_pairs_out() -> None:
    assert sample_document(1) == sample_document(1) != sample_document(1, split="test")
    page = sample_document(3).pages[0]
    assert (render(page, 64) == render(page, 64)).all()
    assert max(render(page, fit(page, 100)).shape[:2]) == 100
    goods = {split: [name for s in range(300) for name, _ in sample_document(s, split=split, kind="receipt").items]
             for split in ("train", "test")}  # fmt: skip
    assert not any(held_out("receipt", name) for name in goods["train"])
    assert any(held_out("receipt", name) for name in goods["test"])
    costs = {
        p: np.mean([c for s in range(200) for _, c in sample_document(s, prior=p, kind="receipt").items])
        for p in PRIORS
    }
    assert costs["skewed"] < costs["flat"] - 100 < costs["inverted"] - 200
    with pytest.raises(ConfigError, match="Did you mean 'letter'"):
        sample_document(0, kind="leter")
    with pytest.raises(ConfigError, match="2 to 8"):
        sample_document(0, max_items=9)
    with pytest.raises(ConfigError, match="8 or more"):
        render(page, 4)


def test_examples_of_each_task() -> None:
    for task in PagesEngine.TASKS:
        engine = PagesEngine(40, tasks={task: 1.0})
        examples = list(engine)
        # A width of whole pixels: the longer side may be one off.
        assert all(abs(max(i.array.shape[:2]) - LEGIBLE["pages"]) <= 1 for e in examples for i in e.images)
        assert any(e.meta["task"] == task for e in examples)
        for index, example in enumerate(examples):
            document = engine.document(engine.number(index), "report" if task == "across" else None)
            assert len(example.images) == len(document.pages)
            if example.meta["task"] == "read":
                assert example.messages[1].text == reading(document)
            if example.meta["task"] == "where":
                sought = re.findall("'(.+)'", example.messages[0].text)[0]
                shares = [float(v) for v in example.messages[1].text.strip("[]").split(", ")]
                high = 1000 * document.pages[0].ratio
                box = next(w.box for w in words(document.pages[0], 1000) if w.text == sought)
                assert np.abs(np.subtract(np.multiply(shares, (1000, high, 1000, high)), box)).max() <= 8
    assert {e.meta["document"] for e in PagesEngine(20, kinds=["sign", "form"])} == {"sign", "form"}


def test_files_are_read_back(tmp_path) -> None:
    engine = PagesEngine(30, image_size=600)
    files = engine.write_annotations(tmp_path)
    assert all(file.exists() for file in files)
    questions = read_docvqa(tmp_path / "questions.json")
    assert len(questions) > 50 and len({q.question_id for q in questions}) == len(questions)
    for index in range(30):
        number = engine.number(index)
        document = engine.document(number)
        for k, page in enumerate(document.pages):
            name = f"pages-train-{number}" + (f"-{k}" if len(document.pages) > 1 else "")
            assert read_funsd(tmp_path / "annotations" / f"{name}.json") == entities(page, fit(page, 600))
            if document.kind == "receipt":
                lines, key = read_sroie(tmp_path, name)
                assert [line.text for line in lines] == [line.text for line in page.lines]
                assert key["total"] == document.pages[0].lines[-1].text
    form = next(d for d in map(engine.document, map(engine.number, range(30))) if d.kind == "form")
    found = {e.id: e for e in entities(form.pages[0], 600)}
    linked = {(found[a].text, found[b].text) for e in found.values() for a, b in e.linking}
    assert linked == {(f"{k}:", v) for k, v in form.fields}
    (tmp_path / "box" / "x.csv").write_text("1,2,3,a\n")
    with pytest.raises(DataError, match="line 1: eight whole numbers"):
        read_sroie(tmp_path, "x")
    (tmp_path / "x.json").write_text('{"form": [{"id": 1}]}')
    with pytest.raises(DataError, match="'text' is missing"):
        read_funsd(tmp_path / "x.json")


def test_published_forms_and_receipts_come_out_as_they_went_in(real_data, tmp_path) -> None:
    for path in sorted((real_data("funsd") / "dataset").rglob("annotations/*.json")):
        entities_read = read_funsd(path)
        assert read_funsd(write_funsd(tmp_path / "form.json", entities_read)) == entities_read
        assert {e.label for e in entities_read} <= {"header", "question", "answer", "other"}
    folder = real_data("sroie")
    names = [path.stem for path in sorted((folder / "box").glob("*.csv"))]
    assert len(names) == 100
    for name in names:
        lines, key = read_sroie(folder, name)
        write_sroie(tmp_path, name, lines, key)
        assert read_sroie(tmp_path, name) == (lines, key)
        assert {"company", "total"} <= set(key)


def test_word_error_rate_on_hand_made_cases() -> None:
    assert word_error_rate("a b c d", "a b c d") == 0
    assert word_error_rate("a b c d", "a x c") == 0.5
    assert word_error_rate("a b", "a x y b") == 1.0
    assert word_error_rate("a", "") == 1.0


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")
def test_tesseract_reads_pages_in_print() -> None:
    """Of 1,200 pixels, in reading order: most words are right (``docs/results/ocr.md`` has the rates)."""
    pytesseract = pytest.importorskip("pytesseract")
    rates = []
    for seed in range(6):
        page = sample_document(seed, kind=("receipt", "letter", "slide")[seed % 3]).pages[0]
        printed = Page(tuple(line for line in page.lines if line.face != "hand"), page.ratio, page.paper, page.areas)
        read = pytesseract.image_to_string(render(printed, 1200), config="--psm 6")
        rates.append(word_error_rate(" ".join(line.text for line in printed.lines).replace("• ", ""), read))
    assert np.mean(rates) < 0.2


def test_a_line_is_placed_by_its_end() -> None:
    left, right, middle = (Page((Line("Word", 0.5, 0.2, 0.1, align=a),), 0.5) for a in ("left", "right", "middle"))
    assert abs(line_box(left, 0, 800)[0] - 400) < 10 and abs(line_box(right, 0, 800)[2] - 400) < 10
    assert abs(sum(line_box(middle, 0, 800)[::2]) / 2 - 400) < 8
