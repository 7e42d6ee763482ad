"""Key information: what a form says at a key (FUNSD), and the four facts of a receipt (SROIE)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from vistune.core.errors import DataError
from vistune.data.annotations.documents import read_funsd, read_sroie
from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.paged import PAGE_SIZE, as_meta, pages
from vistune.evaluation.benchmarks.short import Array, ShortAnswer, told
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.vqa import anls, squeezed
from vistune.evaluation.metrics.word_match import shared_words

#: LVLM-eHub's questions about receipts.
SROIE_QUESTIONS = {
    "company": "what is the name of the company that issued this invoice?",
    "date": "when was this invoice issued?",
    "address": "where was this invoice issued?",
    "total": "what is the total amount of this invoice?",
}


class KeyValues(ShortAnswer):
    """One question for each key. An answer is an entity; it is right if it equals the truth (lower case, single blanks).

    Precision is over answers that say something, recall over all keys. ``word_f1`` counts words over the whole corpus
    (LVLM-eHub), ``anls`` is beside it.
    """

    main = "f1"
    capabilities = ("text-in-pictures",)
    max_new_tokens = 48
    PAGES: ClassVar[tuple[str, ...]] = ()

    image_size: int = PAGE_SIZE

    def nano(self) -> list[Example]:
        """The fields of pages of this sort, two a page."""
        made: list[Example] = []
        for leaf in pages(self.PAGES, ("field", "price"), self.image_size, self.split, self.prior, self.seed, 2):
            shown = [leaf.draw()]
            for k, q in enumerate(leaf.questions):
                meta = {"type": q.type, "group": leaf.name, "facets": {"page": leaf.kind}, "words": as_meta(leaf.words)}
                made.append(self.item(f"{leaf.name}-{k}", q.text, shown, [q.answer], **meta))
            if len(made) >= self.n:
                break
        return made[: self.n]

    def score(self, example: Example, answer: str) -> Scored:
        """Right or wrong, and the counts of words."""
        truth, said = example.answers[0], squeezed(answer)
        right = float(bool(said) and said == squeezed(truth))
        columns = {"items": 1.0, "said": float(bool(said)), "right": right, "anls_sum": anls(answer, [truth])}
        return Scored(said or None, right, columns | shared_words(answer, truth))

    def measures(self, sums: Mapping[str, Array]) -> dict[str, Array]:
        """Entity F1, its parts; word F1; ANLS."""
        return {
            "f1": ratio(2 * sums["right"], sums["said"] + sums["items"]),
            "precision": ratio(sums["right"], sums["said"]),
            "recall": ratio(sums["right"], sums["items"]),
            "word_f1": ratio(2 * sums["shared_words"], sums["said_words"] + sums["true_words"]),
            "anls": ratio(sums["anls_sum"], sums["items"]),
        }

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Normal forms and shared words."""
        words = shared_words(item["answer"], example.answers[0])
        counts = ", ".join(f"{words[k]:.0f}" for k in ("shared_words", "said_words", "true_words"))
        return [
            ("normal form", told(squeezed(item["answer"]))),
            ("truth in normal form", told(squeezed(example.answers[0]))),
            ("words shared, said, true", counts),
        ]


@BENCHMARKS.register("funsd")
class Funsd(KeyValues):
    """FUNSD as questions: what a scanned form says at a key; entity F1, word F1, ANLS.

    Reads the authors' ``annotations/*.json`` and ``images/*.png``; a key is asked for if it stands on the page once and is
    linked to answers, which are joined from top to bottom. FUNSD's own task labels words, and has no such questions.
    Nano: forms and letters, drawn so large that all can be read.
    """

    protocol = (
        "questions made from FUNSD's links (not its own task); entity F1 by equality, lower case and single blanks"
    )
    PAGES = ("form", "letter")

    def published(self) -> list[Example]:
        """Keys of every page, in the order of the files."""
        assert self.path is not None
        files = sorted((self.path / "annotations").glob("*.json")) or sorted(self.path.glob("*.json"))
        if not files:
            raise DataError(f"{self.path} holds no annotations/*.json.")
        made: list[Example] = []
        for file in files[: self.limit]:
            entities = read_funsd(file)
            words = [[text, list(box), e.id] for e in entities for text, box in e.words if text.strip()]
            shown = [self.picture(f"{file.stem}.png", "images")]
            for k, (key, value) in enumerate(_linked(entities)):
                asked, meta = f'What is the value of "{key}"?', {"type": "field", "group": file.stem, "words": words}
                made.append(self.item(f"{file.stem}-{k}", asked, shown, [value], **meta))
        return made


def _linked(entities: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """(key, value) of keys that stand on the page once."""
    by_id = {e.id: e for e in entities}
    times = Counter(e.text.strip() for e in entities if e.label == "question")
    for e in entities:
        key = e.text.strip()
        if e.label != "question" or not key or times[key] > 1:
            continue
        linked = [by_id[b] for a, b in dict.fromkeys(e.linking) if a == e.id and b in by_id]
        parts = sorted((p for p in linked if p.text.strip()), key=lambda p: (p.box[1], p.box[0]))
        if parts:
            yield key, " ".join(p.text.strip() for p in parts)


@BENCHMARKS.register("sroie")
class Sroie(KeyValues):
    """SROIE: company, date, address and total of scanned receipts; entity F1 as in its task 3, word F1 as in LVLM-eHub.

    Reads ``key/*.json``, ``img/*.jpg`` and, for the words, ``box/*.csv``; ``names`` is a list of receipts (``test.txt``).
    The questions are LVLM-eHub's. Nano: receipts, drawn so large that all can be read.
    """

    protocol = (
        "SROIE task 3: entity F1 by equality (here: lower case, single blanks); LVLM-eHub's questions and word F1"
    )
    PAGES = ("receipt",)

    def published(self) -> list[Example]:
        """Four questions a receipt, fewer where a fact is missing."""
        assert self.path is not None
        listed = self.path / "test.txt"
        names = listed.read_text(encoding="utf-8").split() if listed.is_file() else None
        names = names or sorted(p.stem for p in (self.path / "key").glob("*.json"))
        if not names:
            raise DataError(f"{self.path} holds no key/*.json.")
        made: list[Example] = []
        for name in names[: self.limit]:
            lines, key = read_sroie(self.path, name)
            words = [[line.text, _around(line.corners), k] for k, line in enumerate(lines)]
            shown = [self.picture(f"{name}.jpg", "img")]
            for field, question in SROIE_QUESTIONS.items():
                if key.get(field, "").strip():
                    meta = {"type": field, "group": name, "words": words}
                    made.append(self.item(f"{name}-{field}", question, shown, [key[field]], **meta))
        return made


def _around(corners: Sequence[int]) -> list[int]:
    return [min(corners[0::2]), min(corners[1::2]), max(corners[0::2]), max(corners[1::2])]
