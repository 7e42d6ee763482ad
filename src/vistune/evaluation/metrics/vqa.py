"""Open answers by the official rules: VQA accuracy, TextVQA, A-OKVQA, ANLS, ChartQA.

``official`` follows the published evaluators to the letter, their oddities included; where a ``strict`` mode exists, it
mends them and says how.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.reading import edit_distance

_PUNCTUATION = tuple(';/[]"{}()=+\\_-><@`,?!')
#: The look-behind of the original has a typo, ``(?!<=\d)``, so that it never looks: any full stop before no digit goes.
_PERIOD = re.compile(r"(\.)(?!\d)")
_COMMA = re.compile(r"(\d)(,)(\d)")
#: The original passes the flag ``re.UNICODE`` in the place of the count.
_MOST_PERIODS = int(re.UNICODE)
_NUMBERS = {
    word: str(value)
    for value, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
} | {"none": "0"}
_ARTICLES = frozenset({"a", "an", "the"})
#: Words that the evaluator gives back their apostrophe. A word is looked up as it stands without one; "let's" and "she's"
#: stand for themselves, and "lets" is left alone. The originals with a capital never fire: words are in lower case by then.
_CONTRACTED = (
    "ain't aren't can't couldn't could've didn't doesn't don't hadn't hasn't haven't he'd he's how'd how'll how's isn't it'd "
    "it'll ma'am mightn't might've mustn't must've needn't not've o'clock oughtn't shan't shouldn't should've somebody'll "
    "somebody's someone'd someone'll someone's something'd something'll that's there'd there're there's they'd they'll "
    "they're they've wasn't we've weren't what'll what're what's what've when's where'd where's where've who'd who'll who's "
    "who've why'll why're why's won't would've wouldn't y'all you'd you'll you're you've"
)
_TWICE = (
    "couldn't've hadn't've he'd've it'd've mightn't've she'd've shouldn't've somebody'd've someone'd've something'd've there'd've "
    "they'd've we'd've who'd've wouldn't've you'd've"
)


def _with_one(word: str) -> tuple[str, str]:
    """A word with two apostrophes, without the first and without the second."""
    first, second = word.index("'"), word.rindex("'")
    return word[:first] + word[first + 1 :], word[:second] + word[second + 1 :]


_CONTRACTIONS = {
    **{word.replace("'", ""): word for word in _CONTRACTED.split()},
    **{short: word for word in _TWICE.split() for short in _with_one(word)},
    "ow's'at": "'ow's'at", "'ows'at": "'ow's'at", "'ow'sat": "'ow's'at", "somebody'd": "somebodyd", "twas": "'twas",
    "yall'll": "y'all'll", "y'allll": "y'all'll", "yall'd've": "y'all'd've", "y'alld've": "y'all'd've", "y'all'dve": "y'all'd've",
}  # fmt: skip


def _without_punctuation(text: str) -> str:
    out = text
    for mark in _PUNCTUATION:
        beside_blank = f"{mark} " in text or f" {mark}" in text
        out = out.replace(mark, "" if beside_blank or _COMMA.search(text) else " ")
    return _PERIOD.sub("", out, count=_MOST_PERIODS)


def _without_articles(text: str) -> str:
    words = [_NUMBERS.get(word, word) for word in text.lower().split()]
    return " ".join(_CONTRACTIONS.get(word, word) for word in words if word not in _ARTICLES)


@lru_cache(maxsize=1 << 16)
def normalise_vqa(text: str) -> str:
    """The evaluator's normal form (GT-Vision-Lab/VQA, vqaEval.py): punctuation, then numbers, articles, contractions."""
    return _without_articles(_without_punctuation(text.replace("\n", " ").replace("\t", " ").strip()))


@lru_cache(maxsize=1 << 16)
def normalise_textvqa(text: str) -> str:
    """TextVQA's (m4c evaluator): lower case, commas and question marks away, "'s" apart, then VQA's."""
    first = text.lower().replace(",", "").replace("?", "").replace("'s", " 's").strip()
    return _without_articles(_without_punctuation(first.replace("\n", " ").replace("\t", " ").strip()))


def agreement(said: str, truths: Sequence[str]) -> float:
    """Mean over annotators left out, of 1 at most for every three of the others who said the same.

    With ten truths: none to four or more matches give 0, .3, .6, .9, 1.
    """
    if not truths:
        return 0.0
    matches = sum(truth == said for truth in truths)
    # Leaving out one who said the same leaves one match fewer.
    same, other = min(1.0, (matches - 1) / 3), min(1.0, matches / 3)
    return (matches * same + (len(truths) - matches) * other) / len(truths)


def vqa_accuracy(answer: str, truths: Sequence[str], mode: Mode = "official") -> float:
    """VQA accuracy of one answer (VQAv2, OK-VQA, VizWiz).

    ``official``: where all truths are the same, neither they nor the answer is normalised, so "Yes" is not "yes".
    ``strict`` always normalises.
    """
    said = answer.replace("\n", " ").replace("\t", " ").strip()
    given = [truth.replace("\n", " ").replace("\t", " ").strip() for truth in truths]
    if mode == "strict" or len(set(given)) > 1:
        said, given = normalise_vqa(said), [normalise_vqa(truth) for truth in given]
    return agreement(said, given)


def textvqa_accuracy(answer: str, truths: Sequence[str]) -> float:
    """TextVQA accuracy of one answer: both sides are always normalised."""
    return agreement(normalise_textvqa(answer), [normalise_textvqa(truth) for truth in truths])


def vizwiz_accuracy(answer: str, truths: Sequence[str], mode: Mode = "official") -> float:
    """VizWiz's accuracy of one answer: the answer in normal form against the truths as they stand in the file (which are
    mostly in that form already); ``strict`` normalises both.
    """
    return agreement(normalise_vqa(answer), truths if mode == "official" else [normalise_vqa(t) for t in truths])


def direct_answer_accuracy(answer: str, truths: Sequence[str]) -> float:
    """A-OKVQA's accuracy of a direct answer (allenai/aokvqa): matches over three, at most 1; nothing is normalised."""
    return min(1.0, sum(truth == answer for truth in truths) / 3)


#: What a distance is divided by: the lengths of the texts as they were given, or of their normal forms.
Lengths = Literal["raw", "normalised"]


def squeezed(text: str) -> str:
    """ANLS's normal form: lower case, no blanks at the ends, single ones inside."""
    return " ".join(text.strip().lower().split())


def anls(
    answer: str, truths: Sequence[str], *, mode: Mode = "official", lengths: Lengths = "raw", threshold: float = 0.5
) -> float:
    """Average normalised Levenshtein similarity of one answer (DocVQA, InfographicVQA, ST-VQA); the best truth counts.

    A similarity below ``threshold`` is 0. By default as the evaluation server's script does it: at the threshold it stays,
    and the distance of the normal forms is divided by the longer text's length before blanks were squeezed, so that
    superfluous blanks help. ``strict``: 0 at the threshold too (the paper keeps distances below it: Biten et al.,
    arXiv 1905.13648, equation 1). ``lengths`` "normalised": of what is compared.
    """
    said, best = squeezed(answer), 0.0
    for truth in truths:
        wanted = squeezed(truth)
        pair = (truth.upper(), answer.upper()) if lengths == "raw" else (wanted, said)
        longest = max(map(len, pair))
        far = 0.0 if longest == 0 else edit_distance(wanted, said) / longest
        best = max(best, 1 - far)
    kept = best >= threshold if mode == "official" else best > threshold
    return best if kept else 0.0


def as_number(text: str) -> float | None:
    """ChartQA's reading of a number: "5%" is 0.05; no commas, no dollar. None for what is none."""
    try:
        return float(text.rstrip("%")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return None


_YEAR = re.compile(r"(1[5-9]|20)\d\d")


def relaxed_accuracy(answer: str, truth: str, mode: Mode = "official", question: str = "") -> bool:
    """ChartQA's: numbers may be 5 percent off, other answers must be equal in lower case.

    ``official``: "5%" is 0.05, "1,000" and "$5" are no numbers, zero must be said as it is written, and years may be 5
    percent off. ``strict``: commas and a dollar are left out, "5%" is also 5, and years must be exact where the question
    asks for one.
    """
    if mode == "strict":
        said, wanted = (text.strip().replace(",", "").replace("$", "") for text in (answer, truth))
        if _YEAR.fullmatch(wanted) and re.search(r"\b(year|when)\b", question.lower()):
            return said == wanted
        if said.endswith("%") != wanted.endswith("%"):
            said, wanted = said.rstrip("%"), wanted.rstrip("%")
    else:
        said, wanted = answer, truth
    told, right = as_number(said), as_number(wanted)
    if told is not None and right:
        return abs(told - right) / abs(right) <= 0.05
    return said.lower() == wanted.lower()
