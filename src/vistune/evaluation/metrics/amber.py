"""AMBER (arXiv 2311.07397; junyangwang0410/AMBER, inference.py): nouns of descriptions, and questions whose positive is no.

The official script finds nouns with NLTK (tokens, tags, lemmas) and keeps those of a closed vocabulary. ``NounFinder`` needs
no tagger: it looks words up in that vocabulary, and takes a word that is mostly no noun (``can``, ``watch``, ``leave``) for one
only behind an article, a number or the like. ``nltk_nouns`` is the official way, for those who have NLTK's data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError, MissingExtra
from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.chair import singulars
from vistune.evaluation.metrics.intervals import ratio

Extraction = Literal["word", "exact"]
#: Type of annotation -> short name of its dimension.
DIMENSIONS = {
    "discriminative-hallucination": "existence",
    "discriminative-attribute-state": "state",
    "discriminative-attribute-number": "number",
    "discriminative-attribute-action": "action",
    "discriminative-relation": "relation",
    "relation": "relation",
}
PARTS = ("existence", "state", "number", "action", "relation")
ATTRIBUTE = ("state", "number", "action")
#: Words of AMBER's vocabulary that are mostly verbs, adjectives or other words.
_MOSTLY_OTHER = frozenset({
    "can", "watch", "leave", "hot", "light", "orange", "sound", "range", "support", "switch", "spray", "lock",
    "plug", "pack", "note", "line", "ski", "skate", "snowboard", "drink", "brush", "individual", "sailing",
})  # fmt: skip
_BEFORE_NOUNS = frozenset({
    "a", "an", "the", "this", "that", "these", "those", "his", "her", "its", "their", "our", "my", "your", "some",
    "any", "no", "each", "every", "another", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "several", "many", "few", "multiple", "various", "of", "with",
})  # fmt: skip
#: Words that cannot stand between an article and its noun.
_NO_LOOKS = frozenset({"they", "who", "that", "to", "and", "is", "are", "will", "he", "she", "it", "we", "you", "i"})
_BETWEEN = 4
#: What stands behind a can that is no verb.
_AFTER_CAN = frozenset({
    ".", ",", ";", "of", "on", "in", "is", "and", "with", "near", "next", "beside", "by", "at", "to", "that", "behind", "under",
    "or", "for", "from", "located", "placed",
})  # fmt: skip
_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*|\d+|[.,;:!?]")
#: Plurals that a lemmatiser does not take for the vocabulary's words.
_OTHER_LEMMA = {"leaves": "leaf", "people": "people", "glasses": "glass"}
#: Added to each official counter's divisor, so that it is never 0.
_TINY = 0.001


class NounFinder:
    """Nouns of a closed vocabulary in a text, in its order, repeats too.

    ``official`` keeps letter case, as the script does: "Trees line the road" names no tree. ``strict`` lowers it.
    """

    def __init__(self, vocabulary: Iterable[str], mode: Mode = "official") -> None:
        self.vocabulary = frozenset(vocabulary)
        self.mode: Mode = mode

    def __call__(self, text: str) -> list[str]:
        """The nouns, in singular."""
        words = _WORD.findall(text if self.mode == "official" else text.lower())
        found = []
        for place, word in enumerate(words):
            noun = self._noun(word)
            if noun is not None and (noun not in _MOSTLY_OTHER or self._as_noun(words, place)):
                found.append(noun)
        return found

    def _noun(self, word: str) -> str | None:
        if word in _OTHER_LEMMA:
            lemma = _OTHER_LEMMA[word]
            return lemma if lemma in self.vocabulary else None
        if word in self.vocabulary:
            return word
        return next((form for form in singulars(word) if form in self.vocabulary), None)

    def _as_noun(self, words: Sequence[str], place: int) -> bool:
        """Whether a word that is mostly no noun stands where nouns stand: behind an article or number, looks between."""
        following = words[place + 1].lower() if place + 1 < len(words) else "."
        if words[place].lower() == "hot" or (words[place].lower() == "can" and following not in _AFTER_CAN):
            return False
        for word in reversed([word.lower() for word in words[max(0, place - _BETWEEN) : place]]):
            if word in _BEFORE_NOUNS:
                return True
            if not word.isalpha() or word in _NO_LOOKS or self._noun(word) is not None:
                return False
        return False


def nltk_nouns(text: str) -> list[str]:
    """The official way: NLTK's tokens, those tagged NN, lemmatised. Raises ``MissingExtra`` or ``DataError`` (no NLTK data)."""
    try:
        import nltk
        from nltk.stem import WordNetLemmatizer
    except ImportError as error:
        raise MissingExtra("nltk", "eval", "AMBER's own way to find nouns") from error
    try:
        lemmatizer = WordNetLemmatizer()
        tagged = nltk.pos_tag(nltk.word_tokenize(text))
        return [lemmatizer.lemmatize(word) for word, tag in tagged if tag.startswith("NN")]
    except LookupError as error:
        raise DataError(
            "NLTK has no data here: run nltk.download for punkt_tab, averaged_perceptron_tagger_eng and wordnet, or leave "
            "nouns=nltk out."
        ) from error


Similar = Callable[[str, str], bool]


def word_vectors(path: Path, words: Iterable[str], least: float = 0.8) -> Similar:
    """Whether two words are near-synonyms: cosine above ``least``, by vectors in a text file (a word and its numbers a line).

    Words without a vector are similar to none. Raises ``DataError``.
    """
    wanted, vectors = set(words), {}
    if not path.is_file():
        raise DataError(f"There is no file of word vectors {path}.")
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            word, *values = line.rstrip().split(" ")
            if word in wanted and len(values) > 2:
                try:
                    vector = np.array(values, dtype=np.float64)
                except ValueError as error:
                    raise DataError(f"{path}, line {number}: a word and its numbers are expected.") from error
                vectors[word] = vector / max(float(np.linalg.norm(vector)), 1e-12)

    def similar(first: str, second: str) -> bool:
        if first not in vectors or second not in vectors:
            return False
        return float(vectors[first] @ vectors[second]) > least

    return similar


def amber_generative(
    nouns: Sequence[str],
    truth: Sequence[str],
    likely: Sequence[str] = (),
    associations: Mapping[str, Sequence[str]] | None = None,
    safe: Iterable[str] = (),
    similar: Similar | None = None,
) -> dict[str, float]:
    """Counts of one description, as the official script makes them.

    ``nouns``: of the vocabulary, in order. ``truth``: what is there; ``likely``: annotated targets of hallucination; both may
    repeat. ``associations``: word -> words that stand for it. ``safe``: words that are never wrong; they still count as nouns.
    A noun stands for the first truth with which it is associated, before a truth of its own name; so a second equal truth is
    never covered. ``similar``: near-synonyms by word vectors; left out where None.
    """
    linked = associations or {}
    truths, targets = _stands_for(truth, linked), _stands_for(likely, linked)
    covered, said, wrong, passed = set[int](), set[int](), 0, frozenset(safe)
    for noun in nouns:
        if noun in passed:
            continue
        exact = next((index for word, index in truths if word == noun), None)
        if exact is not None:
            covered.add(exact)
            continue
        said |= _first(index for word, index in targets if word == noun)
        if similar is not None:
            said |= _first(index for word, index in targets if similar(noun, word))
            near = _first(index for word, index in truths if similar(noun, word))
            covered |= near
            if near:
                continue
        wrong += 1
    return {
        "descriptions": 1.0,
        "nouns": float(len(nouns)),
        "wrong": float(wrong),
        "any_wrong": float(wrong > 0),
        "truth": float(len(truth)),
        "covered": float(len(covered)),
        "likely": float(len(likely)),
        "likely_said": float(len(said)),
    }


def _first(indices: Iterable[int]) -> set[int]:
    found = next(iter(indices), None)
    return set() if found is None else {found}


def _stands_for(words: Sequence[str], linked: Mapping[str, Sequence[str]]) -> list[tuple[str, int]]:
    """(word, place of what it stands for): all associated words first, then the words themselves, in the script's order."""
    other = [(word, place) for place, name in enumerate(words) for word in linked.get(name, ())]
    return other + [(name, place) for place, name in enumerate(words)]


def amber_said(answer: str, extraction: Extraction = "word") -> str | None:
    """Yes or No. ``exact``: the script's comparison of the whole text. ``word``: the first such word, in any case."""
    if extraction == "exact":
        return answer if answer in ("Yes", "No") else None
    found = re.search(r"\b(yes|no)\b", answer.lower())
    return found[1].capitalize() if found else None


def amber_columns(said: str | None, truth: str, part: str) -> dict[str, float]:
    """One question's counts; no is the positive. ``part``: of ``PARTS``. What was not read is wrong, and no "no"."""
    no, told_no = truth.lower() == "no", said == "No"
    counts = {
        "asked": 1.0,
        "right": float(said is not None and told_no == no),
        "no": float(no),
        "told_no": float(told_no),
        "both_no": float(no and told_no),
        "unread": float(said is None),
    }
    return {f"{name}_{p}": value if p == part else 0.0 for p in PARTS for name, value in counts.items()}


Sums = Mapping[str, NDArray[np.float64]]


def generative_measures(sums: Sums) -> dict[str, NDArray[np.float64]]:
    """``chair``: wrong nouns of nouns; ``cover``: truths named; ``hal``: descriptions with a wrong noun; ``cog``: targets named."""
    return {
        "chair": sums["wrong"] / (sums["nouns"] + _TINY),
        "cover": sums["covered"] / (sums["truth"] + _TINY),
        "hal": 1 - (sums["descriptions"] - sums["any_wrong"]) / (sums["descriptions"] + _TINY),
        "cog": sums["likely_said"] / (sums["likely"] + _TINY),
    }


def discriminative_measures(sums: Sums) -> dict[str, NDArray[np.float64]]:
    """Accuracy, precision, recall and F1 of all questions, and ``PART_...`` of each dimension and of all attributes together.

    As the script prints them: precision and recall are rounded to a tenth of a percent before F1, whose divisor has 0.0001
    added, 0.001 for existence.
    """
    found = _no_scores(sums, PARTS, 0.0001, "")
    for name, parts in (*((p, (p,)) for p in PARTS), ("attribute", ATTRIBUTE)):
        if any(np.any(sums[f"asked_{p}"] > 0) for p in parts):
            found |= _no_scores(sums, parts, 0.001 if name == "existence" else 0.0001, f"{name}_")
    return found


def _no_scores(sums: Sums, parts: Sequence[str], extra: float, prefix: str) -> dict[str, NDArray[np.float64]]:
    zero = np.zeros_like(sums[f"asked_{parts[0]}"])
    total = {
        n: sum((sums[f"{n}_{p}"] for p in parts), zero)
        for n in ("asked", "right", "no", "told_no", "both_no", "unread")
    }
    precision = np.round(total["both_no"] / (total["told_no"] + _TINY), 3)
    recall = np.round(total["both_no"] / (total["no"] + _TINY), 3)
    return {
        f"{prefix}accuracy": total["right"] / (total["asked"] + _TINY),
        f"{prefix}precision": precision,
        f"{prefix}recall": recall,
        f"{prefix}f1": 2 * precision * recall / (precision + recall + extra),
        **({} if prefix else {"unread": ratio(total["unread"], total["asked"])}),
    }


def amber_score(chair: NDArray[np.float64], f1: NDArray[np.float64]) -> NDArray[np.float64]:
    """(1 - CHAIR + F1) / 2, a share."""
    return (1 - chair + f1) / 2
