"""Statistics of a data set: counts, lengths, balance of answers, picture sizes, duplicates."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from vistune.core.errors import DataError
from vistune.data.example import Example
from vistune.data.formats.base import ExampleSet
from vistune.data.images import open_image

#: Entries of ``meta`` that say of what type a question is, the first that is there.
TYPE_KEYS = ("question_type", "type", "task", "answer_type", "category")

#: Upper edges (included) of the bins of length histograms, in words; the last bin is open.
WORD_EDGES = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256)

Table = tuple[str, list[str], list[tuple[Any, ...]]]


@dataclass
class Balance:
    """Answers to one type of question. ``majority`` is the share that the commonest answer alone gets right."""

    questions: int
    distinct: int
    majority: float
    common: list[tuple[str, int]]


@dataclass
class Statistics:
    """What ``inspect`` found. Histograms map a bin's name to a count."""

    examples: int = 0
    text_only: int = 0
    images: int = 0
    turns: int = 0
    unlearned: int = 0
    duplicates: int = 0
    repeated_pictures: int = 0
    broken_images: list[str] = field(default_factory=list)
    rejected: int = 0
    notes: dict[str, int] = field(default_factory=dict)
    image_sizes: dict[str, int] = field(default_factory=dict)
    exchanges: dict[str, int] = field(default_factory=dict)
    question_words: dict[str, int] = field(default_factory=dict)
    answer_words: dict[str, int] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    balance: dict[str, Balance] = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)

    def tables(self) -> list[Table]:
        """(title, columns, rows) for people."""
        counts = [
            ("examples", self.examples),
            ("of which without pictures", self.text_only),
            ("pictures", self.images),
            ("answers", self.turns),
            ("of which not learned", self.unlearned),
            ("exact duplicates", self.duplicates),
            ("pictures seen before", self.repeated_pictures),
            ("pictures that do not open", len(self.broken_images)),
            ("records that cannot be read", self.rejected),
        ]
        tables: list[Table] = [("Counts", ["what", "number"], [*counts, *self.notes.items()])]
        rows = [
            (kind, b.questions, b.distinct, f"{b.majority:.0%}", ", ".join(f"{a} ({n})" for a, n in b.common[:4]))
            for kind, b in self.balance.items()
        ]
        tables.append(("Answers by type", ["type", "answers", "distinct", "commonest", "most common"], rows))
        named = (
            ("Words in a question", self.question_words),
            ("Words in an answer", self.answer_words),
            ("Exchanges", self.exchanges),
            ("Picture sizes", self.image_sizes),
            ("Sources", self.sources),
        )
        tables += [(title, ["bin", "number"], list(bins.items())) for title, bins in named if bins]
        return tables


class Inspector:
    """Collects ``Statistics`` one Example at a time; memory grows with distinct answers and 8 bytes an example."""

    def __init__(self, open_images: bool = False) -> None:
        self.open_images = open_images
        self.found = Statistics()
        self._answers: dict[str, Counter[str]] = {}
        self._counts = {name: Counter[str]() for name in ("notes", "image_sizes", "exchanges", "sources")}
        self._words = {name: Counter[int]() for name in ("question_words", "answer_words")}
        self._seen: set[int] = set()
        self._pictures: set[int] = set()

    def add(self, example: Example) -> None:
        """Count one example in."""
        found = self.found
        found.examples += 1
        found.text_only += not example.images
        found.images += len(example.images)
        self._counts["sources"][example.provenance.source or "unknown"] += 1
        answers = [message for message in example.messages if message.role == "assistant"]
        self._counts["exchanges"][str(sum(message.role == "user" for message in example.messages))] += 1
        found.turns += len(answers)
        found.unlearned += sum(not message.learn for message in answers)
        for message in example.messages:
            if message.role != "system":
                name = "question_words" if message.role == "user" else "answer_words"
                self._words[name][_bin(len(message.text.split()))] += 1
        for kind, answer in _typed_answers(example):
            self._answers.setdefault(kind, Counter())[answer.strip()] += 1
        self._images(example)

    def _images(self, example: Example) -> None:
        digests = []
        for image in example.images:
            try:
                if self.open_images:
                    opened = open_image(image)
                    size = opened.image.size
                    self._counts["notes"].update(opened.notes)
                else:
                    size = image.size()
                digests.append(image.digest())
            except DataError as error:
                self.found.broken_images.append(f"{example.id}: {error}")
                continue
            self._counts["image_sizes"][f"{size[0]} x {size[1]}"] += 1
            self.found.repeated_pictures += not _fresh(self._pictures, digests[-1])
        said = [(message.role, message.text) for message in example.messages]
        self.found.duplicates += not _fresh(self._seen, repr((said, digests)))

    def result(self) -> Statistics:
        """The statistics so far."""
        found = self.found
        for name, counter in self._counts.items():
            setattr(found, name, dict(counter.most_common(20)))
        for name, words in self._words.items():
            setattr(found, name, {_bin_name(number): words[number] for number in sorted(words)})
        found.exchanges = dict(sorted(found.exchanges.items(), key=lambda item: int(item[0])))
        for kind, counter in sorted(self._answers.items()):
            total, common = counter.total(), counter.most_common(10)
            found.balance[kind] = Balance(total, len(counter), common[0][1] / total, common)
        return found


def inspect(examples: Iterable[Example], open_images: bool = False) -> Statistics:
    """Statistics of ``examples`` in one pass. ``open_images`` decodes every picture, else headers and hashes do.

    The records that an ``ExampleSet`` had to leave out are counted too.
    """
    inspector = Inspector(open_images)
    for example in examples:
        inspector.add(example)
    if isinstance(examples, ExampleSet):
        inspector.found.rejected = examples.rejections.count
    return inspector.result()


def _typed_answers(example: Example) -> list[tuple[str, str]]:
    """(type, answer) of each answer: the type that an engine recorded of its question, else the example's own."""
    kind = str(next((example.meta[key] for key in TYPE_KEYS if key in example.meta), "all"))
    recorded = {q["question"]: str(q["type"]) for q in example.meta.get("questions", ())}
    found, asked = [], ""
    for message in example.messages:
        if message.role == "user":
            asked = message.text
        elif message.role == "assistant":
            found.append((recorded.get(asked, kind), message.text))
    return found or [(recorded.get(asked, kind), answer) for answer in example.answers[:1]]


def _bin(words: int) -> int:
    return next((number for number, edge in enumerate(WORD_EDGES) if words <= edge), len(WORD_EDGES))


def _bin_name(number: int) -> str:
    if number == len(WORD_EDGES):
        return f"more than {WORD_EDGES[-1]}"
    low, high = (WORD_EDGES[number - 1] + 1 if number else 0), WORD_EDGES[number]
    return str(high) if low == high else f"{low}-{high}"


def _fresh(seen: set[int], text: str) -> bool:
    """Whether ``text`` was not seen before (by a 64-bit hash)."""
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
    before = len(seen)
    seen.add(number)
    return len(seen) > before
