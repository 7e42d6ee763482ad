"""Instruction data about pages full of text."""

from __future__ import annotations

import math
import random
from pathlib import Path

from vistune.data.annotations.documents import (
    DocumentQuestion,
    FormEntity,
    ReceiptLine,
    write_docvqa,
    write_funsd,
    write_sroie,
)
from vistune.data.example import Example, assistant, user
from vistune.engines.base import ENGINES, SeededEngine, question_turns
from vistune.world.language.wordings import Wordings
from vistune.world.legible import LEGIBLE
from vistune.world.pages import Document, Page, ask, fit, render, sample_document, words
from vistune.world.pages.questions import ACROSS
from vistune.world.scene import Prior, Split

_READ = Wordings(("read the page.", "write down all the text."), ("what is written here, from top to bottom?",))
_FIELDS = Wordings(("list the fields and what they say.",), ("give every field with its text.",))
_WHERE = Wordings(("where is the word '{x}'?",), ("find the word '{x}'.",))


@ENGINES.register("pages")
class PagesEngine(SeededEngine):
    """Receipts, forms, tables, letters, slides, signs, and reports of several pages.

    ``tasks``: ``question``, ``read`` (all the text in reading order), ``fields`` (key: text) and ``where`` (the box of a
    word); by name only ``across`` (questions about reports that need two of their pages; Leopard, arXiv 2410.01744).
    ``items``: rows of receipts and tables, fields of forms, at most. ``kinds``: only these. Pages are as long as they
    are: ``image_size`` is their longer side; at the default all that is written can be read.
    """

    KIND = "pages"
    TASKS = ("question", "read", "fields", "where", "across")
    BY_NAME = ("across",)

    def __init__(
        self,
        n: int,
        *,
        split: Split = "train",
        prior: Prior = "skewed",
        image_size: int = LEGIBLE["pages"],
        turns: int = 4,
        tasks: dict[str, float] | None = None,
        seed: int = 0,
        items: int = 4,
        kinds: list[str] | None = None,
    ) -> None:
        super().__init__(n, split=split, prior=prior, image_size=image_size, turns=turns, tasks=tasks, seed=seed)
        self.items = items
        self.kinds = kinds

    def document(self, number: int, kind: str | None = None) -> Document:
        """The document of a number. ``kind``: only if it is this one or, by default, one of ``kinds``."""
        kind = self.kinds[number % len(self.kinds)] if self.kinds and kind is None else kind
        return sample_document(number, split=self.split, prior=self.prior, kind=kind, max_items=self.items)

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number. A document without fields is read instead."""
        task = self.draw_task(rng)
        document = self.document(number, "report" if task == "across" else None)
        if (task == "fields" and not document.fields) or (task == "where" and document.headings):
            task = "read"
        pictures = [render(page, fit(page, self.image_size)) for page in document.pages]
        facts = {"task": task, "document": document.kind, "fields": dict(document.fields)}
        shown = range(len(pictures))
        if task in ("question", "across"):
            types = tuple(ACROSS) if task == "across" else None
            asked = ask(document, number, types, n=self.turns, split=self.split)
            messages, meta = question_turns(asked, len(pictures))
            return self.example(number, messages, pictures, {**facts, **meta})
        if task == "where":
            text, answer = _where(document.pages[0], rng)
            messages = [user(_WHERE.pick(rng, self.split).format(x=text), images=tuple(shown)), assistant(answer)]
            return self.example(number, messages, pictures, facts)
        answer = reading(document) if task == "read" else "; ".join(f"{k}: {v}" for k, v in document.fields)
        wordings = _READ if task == "read" else _FIELDS
        messages = [user(wordings.pick(rng, self.split), images=tuple(shown)), assistant(answer)]
        return self.example(number, messages, pictures, facts)

    def write_annotations(self, folder: Path) -> list[Path]:
        """``questions.json`` (DocVQA), ``annotations/NAME.json`` (FUNSD) of every page, ``box`` and ``key`` of receipts (SROIE).

        Boxes are in the pixels of the pictures. Names end with the page's number where a document has several.
        """
        files, questions = [], []
        for index in range(len(self)):
            number = self.number(index)
            document, name = self.document(number), f"pages-{self.split}-{number}"
            for k, page in enumerate(document.pages):
                title = name if len(document.pages) == 1 else f"{name}-{k}"
                width = fit(page, self.image_size)
                files.append(write_funsd(folder / "annotations" / f"{title}.json", entities(page, width)))
                if document.kind == "receipt":
                    files += write_sroie(folder, title, receipt_lines(page, width), _sroie_key(document))
            if len(document.pages) == 1:
                asked = ask(document, number, n=self.turns, split=self.split)
                questions += [
                    DocumentQuestion(100 * number + k, q.text, f"documents/{name}.png", (q.answer,), (q.type,))
                    for k, q in enumerate(asked)
                ]
        return [write_docvqa(folder / "questions.json", questions, self.split), *files]


def reading(document: Document) -> str:
    """All lines in reading order, pages one after the other."""
    return "\n".join(line.text for page in document.pages for line in page.lines)


def _where(page: Page, rng: random.Random) -> tuple[str, str]:
    """A word that stands on the page once, and its box in shares of width and height: ``[x0, y0, x1, y1]``."""
    found = words(page, 1000)
    texts = [word.text for word in found]
    word = rng.choice([w for w in found if texts.count(w.text) == 1 and len(w.text) > 1])
    shares = (word.box[0] / 1000, word.box[1] / 1000 / page.ratio, word.box[2] / 1000, word.box[3] / 1000 / page.ratio)
    return word.text, "[" + ", ".join(f"{min(max(v, 0.0), 1.0):.2f}" for v in shares) + "]"


def _outwards(box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    return math.floor(box[0]), math.floor(box[1]), math.ceil(box[2]), math.ceil(box[3])


def _around(boxes: list[tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def entities(page: Page, width: int) -> list[FormEntity]:
    """FUNSD's view of a page ``width`` pixels wide: an answer is linked to the question before it."""
    by_line: dict[int, list[tuple[str, tuple[int, int, int, int]]]] = {}
    for word in words(page, width):
        by_line.setdefault(word.line, []).append((word.text, _outwards(word.box)))
    links: dict[int, list[tuple[int, int]]] = {number: [] for number in by_line}
    question = None
    for number, line in enumerate(page.lines):
        if line.label == "question":
            question = number
        elif line.label == "answer" and question is not None:
            links[question].append((question, number))
            links[number].append((question, number))
    return [
        FormEntity(
            k, page.lines[k].text, _around([b for _, b in found]), page.lines[k].label, tuple(found), tuple(links[k])
        )
        for k, found in by_line.items()
    ]


def receipt_lines(page: Page, width: int) -> list[ReceiptLine]:
    """SROIE's view of a receipt."""
    lines = []
    for entity in entities(page, width):
        x0, y0, x1, y1 = entity.box
        lines.append(ReceiptLine((x0, y0, x1, y0, x1, y1, x0, y1), entity.text))
    return lines


def _sroie_key(document: Document) -> dict[str, str]:
    """SROIE's key facts; the receipts of the world give no address."""
    fields = dict(document.fields)
    return {"company": fields["shop"], "date": fields["date"], "address": "", "total": fields["total"]}
