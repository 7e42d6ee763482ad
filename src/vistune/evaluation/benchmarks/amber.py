"""AMBER (arXiv 2311.07397): descriptions and yes-no questions of the same pictures, without a judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, OfSplit, Scored
from vistune.evaluation.benchmarks.files import with_suffix
from vistune.evaluation.benchmarks.tables import need, read_json, rows_of
from vistune.evaluation.metrics.amber import (
    ATTRIBUTE,
    DIMENSIONS,
    PARTS,
    Extraction,
    NounFinder,
    Similar,
    amber_columns,
    amber_generative,
    amber_said,
    amber_score,
    discriminative_measures,
    generative_measures,
    nltk_nouns,
    word_vectors,
)
from vistune.evaluation.metrics.answers import Mode
from vistune.world.scene import Prior

AmberPart = Literal["all", "generative", "discriminative", "existence", "attribute", "relation"]
_OF_PART: dict[str, tuple[str, ...]] = {
    "all": ("generative", *PARTS),
    "generative": ("generative",),
    "discriminative": PARTS,
    "existence": ("existence",),
    "attribute": ATTRIBUTE,
    "relation": ("relation",),
}
_REQUEST = "Describe this image."


@dataclass(frozen=True, slots=True)
class AmberWords:
    """Associations (word -> words that stand for it) and words that are never wrong."""

    associations: Mapping[str, Sequence[str]]
    safe: frozenset[str]

    @property
    def vocabulary(self) -> frozenset[str]:
        """All words that count as things."""
        return frozenset(self.associations) | {w for words in self.associations.values() for w in words}


@BENCHMARKS.register("amber")
class Amber(OfSplit):
    """Generative: ``chair`` (wrong nouns), ``cover`` (true things named), ``hal`` (descriptions with a wrong noun), ``cog``
    (annotated likely hallucinations named). Discriminative: accuracy, precision, recall and F1 with **no** as the positive, of
    existence, attribute (state, number, action) and relation. ``amber``: (1 - CHAIR + F1) / 2; of one part alone its own.

    ``path``: AMBER's ``data`` folder (``annotations.json``, ``relation.json``, ``safe_words.txt``, ``query``); ``images``: its
    pictures. The official script finds nouns by NLTK and near-synonyms by spaCy's vectors; here ``nouns=lexicon`` looks nouns
    up in AMBER's closed vocabulary (``nltk``: the official way, with NLTK's data), and near-synonyms count only with a file of
    word ``vectors``. The script compares answers with exactly "Yes" and "No" (``extraction=exact``); ``word`` first makes them
    so, by the first such word.
    """

    main = "amber"
    protocol = "junyangwang0410/AMBER: counters of inference.py; nouns by lexicon, no word vectors"
    capabilities = ("hallucination", "captions", "perception", "counting", "spatial")
    max_new_tokens = 256

    images: Path | None = None
    part: AmberPart = "all"
    nouns: Literal["lexicon", "nltk"] = "lexicon"
    vectors: Path | None = None
    extraction: Extraction = "word"
    mode: Mode = "official"
    suffix: str = ""
    n: int = 300
    prior: Prior = "skewed"
    _words: AmberWords | None = field(default=None, init=False)
    _find: NounFinder | None = field(default=None, init=False)
    _similar: Similar | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        """With the part, where it is not all."""
        return super().name + ("" if self.part == "all" else f"_{self.part}")

    def words(self) -> AmberWords:
        """Associations and safe words of the edition."""
        if self._words is None:
            self._words = nano_words() if self.path is None else _read_words(self.path)
        return self._words

    def nouns_of(self, text: str) -> list[str]:
        """The counted nouns of a description."""
        if self.nouns == "nltk":
            return [noun for noun in nltk_nouns(text) if noun in self.words().vocabulary]
        if self._find is None:
            self._find = NounFinder(self.words().vocabulary, self.mode)
        return self._find(text)

    def similar(self) -> Similar | None:
        """Near-synonyms, where there are word vectors."""
        if self.vectors is not None and self._similar is None:
            self._similar = word_vectors(self.vectors, self.words().vocabulary)
        return self._similar

    def published(self) -> list[Example]:
        """The queries that are in the folder, of the part."""
        assert self.path is not None
        notes = read_json(self.path / "annotations.json")
        folder = self.path / "query"
        files = sorted(folder.glob("query_*.json"))
        if not files:
            raise DataError(f"{folder} holds no query_*.json of AMBER.")
        made: dict[int, Example] = {}
        for file in files:
            for number, row in enumerate(rows_of(file), start=1):
                need(row, ("id", "image", "query"), file, number)
                note = notes[int(row["id"]) - 1] if 0 < int(row["id"]) <= len(notes) else {}
                if note.get("id") != row["id"]:
                    raise DataError(f"{file}, record {number}: annotations.json has no item {row['id']} at its place.")
                kind = str(note["type"])
                part = DIMENSIONS.get(kind, kind)
                if part in _OF_PART[self.part]:
                    picture = ImageSource(path=(self.images or Path()) / row["image"])
                    made[int(row["id"])] = self._item(
                        str(row["id"]), part, row["query"], picture, note["truth"], row["image"], note.get("hallu", ())
                    )
        if not made:
            raise DataError(f"{folder} holds no query of the part '{self.part}'.")
        return [made[number] for number in sorted(made)]

    def nano(self) -> list[Example]:
        """A description and a few questions of each scene."""
        from vistune.evaluation.benchmarks.amber_nano import asked_of
        from vistune.evaluation.benchmarks.knowing import scene_stream
        from vistune.evaluation.benchmarks.nano import picture, scene_facets

        made: list[Example] = []
        touching = True
        for scene in scene_stream(self.split, self.prior, self.seed):
            # Scenes in which something stands on something take turns with others, for the questions of contact.
            if len(scene.things) < 2 or any(t.support is not None for t in scene.things) != touching:
                continue
            touching = not touching
            source = picture(scene, self.image_size)
            for number, asked in enumerate(asked_of(scene, self.split)):
                if asked.part in _OF_PART[self.part]:
                    made.append(
                        self._item(
                            f"{scene.seed}-{number}", asked.part, asked.text or _REQUEST, source, asked.truth,
                            str(scene.seed), asked.likely, scene_facets(scene),
                        )
                    )  # fmt: skip
            if len(made) >= self.n:
                break
        return made

    def _item(
        self,
        identity: str,
        part: str,
        text: str,
        source: ImageSource,
        truth: str | Sequence[str],
        group: str,
        likely: Iterable[str] = (),
        facets: Mapping[str, str] | None = None,
    ) -> Example:
        answers = [truth] if isinstance(truth, str) else list(truth)
        about = {"part": "generative" if part == "generative" else "discriminative"}
        if part != "generative":
            about["truth"] = answers[0]
        meta = {"type": part, "group": group, "facets": {**about, **(facets or {})}, "likely": list(likely)}
        made = Example(identity, [user(text, images=(0,))], [source], answers=answers, meta=meta)
        return made if part == "generative" else with_suffix(made, self.suffix)

    def score(self, example: Example, answer: str) -> Scored:
        """A description without a wrong noun, or a right answer."""
        part = example.meta["type"]
        blank = amber_generative([], [])
        if part == "generative":
            nouns = self.nouns_of(answer)
            words = self.words()
            found = amber_generative(
                nouns, example.answers, example.meta["likely"], words.associations, words.safe, self.similar()
            )
            probe = dict.fromkeys(amber_columns(None, "no", "relation"), 0.0)
            return Scored(", ".join(nouns), 1.0 - found["any_wrong"], {**found, **probe})
        said = amber_said(answer, self.extraction)
        columns = amber_columns(said, example.answers[0], part)
        return Scored(said, columns[f"right_{part}"], {**dict.fromkeys(blank, 0.0), **columns})

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """The measures of the parts that were asked, and ``amber``."""
        parts = _OF_PART[self.part]
        found: dict[str, NDArray[np.float64]] = {}
        if "generative" in parts:
            found |= generative_measures(sums)
        if len(parts) > 1 or "generative" not in parts:
            found |= discriminative_measures(sums)
        if "chair" in found and "f1" in found:
            return {"amber": amber_score(found["chair"], found["f1"]), **found}
        return {"amber": found["f1"] if "f1" in found else 1 - found["chair"], **found}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Nouns and what they stand for, or how the answer was read."""
        answer = str(item["answer"])
        if example.meta["type"] != "generative":
            said = amber_said(answer, self.extraction)
            return [("read as", str(said)), ("truth", example.answers[0]), ("positive", "no")]
        words = self.words()
        nouns = self.nouns_of(answer)
        allowed = {*example.answers, *(w for t in example.answers for w in words.associations.get(t, ()))}
        return [
            ("nouns of the vocabulary", ", ".join(nouns) or "none"),
            ("never wrong", ", ".join(n for n in nouns if n in words.safe) or "none"),
            ("there, or stands for it", ", ".join(n for n in nouns if n in allowed) or "none"),
            ("wrong", ", ".join(n for n in nouns if n not in allowed and n not in words.safe) or "none"),
            ("likely hallucinations", ", ".join(example.meta["likely"]) or "none"),
        ]


def _read_words(path: Path) -> AmberWords:
    associations = read_json(path / "relation.json")
    file = path / "safe_words.txt"
    if not file.is_file():
        raise DataError(f"There is no file {file} (AMBER's safe words, one a line).")
    if not isinstance(associations, dict):
        raise DataError(f"{path / 'relation.json'}: an object of word -> associated words is expected.")
    return AmberWords(associations, frozenset(file.read_text(encoding="utf-8").split()))


def nano_words() -> AmberWords:
    """The world's kinds with their synonyms, and its settings; no word is passed over."""
    from vistune.world.vocabulary import KINDS, SETTINGS

    kinds: dict[str, Sequence[str]] = {kind.name: kind.synonyms for kind in KINDS}
    return AmberWords({**kinds, **dict.fromkeys(SETTINGS, ())}, frozenset())
