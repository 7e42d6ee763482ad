"""Open answers by the official rules: VQA accuracy, TextVQA, GQA, ANLS, ChartQA, TabMWP.

``official`` follows the published evaluators to the letter, their oddities included; where a ``strict`` mode exists, it
mends them and says how.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.reading import edit_distance

_PUNCTUATION = [
    ";",
    "/",
    "[",
    "]",
    '"',
    "{",
    "}",
    "(",
    ")",
    "=",
    "+",
    "\\",
    "_",
    "-",
    ">",
    "<",
    "@",
    "`",
    ",",
    "?",
    "!",
]
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
#: Words that the evaluator gives back their apostrophe. A word is looked up as it stands without one.
_CONTRACTED = (
    "aren't can't couldn't could've didn't doesn't don't hadn't hasn't haven't he'd he's how'd how'll how's I'd've I'm I've "
    "isn't it'd it'll let's ma'am mightn't might've mustn't must've needn't not've o'clock oughtn't shan't shouldn't should've "
    "somebody'd somebody'll somebody's someone'd someone'll someone's something'd something'll that's there'd there're "
    "there's they'd they'll they're they've 'twas wasn't we'd've we've weren't what'll what're what's what've when's where'd "
    "where's where've who'd who'll who's who've why'll why're why's won't would've wouldn't y'all you'd you'll you're you've"
)
_CONTRACTIONS = {word.replace("'", ""): word for word in _CONTRACTED.split()} | {
    "couldnt've": "couldn't've", "couldn'tve": "couldn't've", "hadnt've": "hadn't've", "hadn'tve": "hadn't've",
    "hed've": "he'd've", "he'dve": "he'd've", "Id've": "I'd've", "I'dve": "I'd've", "itd've": "it'd've", "it'dve": "it'd've",
    "mightnt've": "mightn't've", "mightn'tve": "mightn't've", "shed've": "she'd've", "she'dve": "she'd've",
    "shouldnt've": "shouldn't've", "shouldn'tve": "shouldn't've", "somebody'dve": "somebody'd've",
    "somebodyd've": "somebody'd've", "someoned've": "someone'd've", "someone'dve": "someone'd've",
    "somethingd've": "something'd've", "something'dve": "something'd've", "thered've": "there'd've", "there'dve": "there'd've",
    "theyd've": "they'd've", "they'dve": "they'd've", "wed've": "we'd've", "we'dve": "we'd've", "whod've": "who'd've",
    "who'dve": "who'd've", "wouldnt've": "wouldn't've", "wouldn'tve": "wouldn't've", "youd've": "you'd've",
    "you'dve": "you'd've", "yall'll": "y'all'll", "y'allll": "y'all'll", "yalld've": "y'all'd've", "y'alld've": "y'all'd've",
    "y'all'dve": "y'all'd've", "ow's'at": "'ow's'at", "'ows'at": "'ow's'at", "'ow'sat": "'ow's'at", "twas": "'twas",
    "somebody'd": "somebodyd",
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


def normalise_vqa(text: str) -> str:
    """The evaluator's normal form (GT-Vision-Lab/VQA, vqaEval.py): punctuation, then numbers, articles, contractions."""
    return _without_articles(_without_punctuation(text.replace("\n", " ").replace("\t", " ").strip()))


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
    shares = []
    for left_out in range(len(truths)):
        others = sum(truth == said for k, truth in enumerate(truths) if k != left_out)
        shares.append(min(1.0, others / 3))
    return sum(shares) / len(shares)


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


def anls(answer: str, truths: Sequence[str], *, threshold: float = 0.5, lengths: str = "normalised") -> float:
    """Average normalised Levenshtein similarity of one answer (DocVQA, InfographicVQA, ST-VQA); best truth counts.

    A similarity below ``threshold`` is 0; at it, it stays. ``lengths``: "normalised", or "raw" as two popular harnesses
    divide, by the lengths before blanks are squeezed.
    """
    if not truths:
        return 0.0
    best = 0.0
    said = " ".join(answer.strip().lower().split())
    for truth in truths:
        wanted = " ".join(truth.strip().lower().split())
        longest = max(len(truth), len(answer)) if lengths == "raw" else max(len(wanted), len(said))
        far = 0.0 if longest == 0 else edit_distance(wanted, said) / longest
        best = max(best, 1 - far)
    return best if best >= threshold else 0.0


def _number(text: str) -> float | None:
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
    told, right = _number(said), _number(wanted)
    if told is not None and right:
        return abs(told - right) / abs(right) <= 0.05
    return said.lower() == wanted.lower()


def gqa_scores(
    predictions: Mapping[str, str],
    truths: Mapping[str, str],
    *,
    entailed: Mapping[str, Sequence[str]] | None = None,
    kinds: Mapping[str, str] | None = None,
) -> dict[str, float]:
    """GQA's figures as shares, joined by question id: accuracy, binary and open, consistency.

    ``kinds``: structural type of each question ("query" is open, all others are binary). ``entailed``: questions whose
    answers follow from a question's; consistency is the mean, over the questions answered rightly, of the accuracy on
    them. A question without a prediction is wrong.
    """
    right = {q: predictions.get(q) == truth for q, truth in truths.items()}
    scores = {"accuracy": _mean(list(right.values()))}
    if kinds is not None:
        scores["open"] = _mean([right[q] for q in truths if kinds[q] == "query"])
        scores["binary"] = _mean([right[q] for q in truths if kinds[q] != "query"])
    if entailed is not None:
        follow = [[right[e] for e in entailed.get(q, ()) if e != q and e in right] for q in truths if right[q]]
        scores["consistency"] = _mean([_mean(found) for found in follow if found])
    return scores


def gqa_distribution(predictions: Mapping[str, str], truths: Mapping[str, str], groups: Mapping[str, str]) -> float:
    """How far the answers' histograms are from the true ones, per group of questions: weighted chi-square over 100."""
    told: dict[str, Counter[str]] = {}
    real: dict[str, Counter[str]] = {}
    for q, truth in truths.items():
        real.setdefault(groups[q], Counter())[truth] += 1
        if q in predictions:
            told.setdefault(groups[q], Counter())[predictions[q]] += 1
    total, weights = 0.0, 0
    for group, counts in real.items():
        size = counts.total()
        # Only answers that occur: the official sum runs over the true ones.
        score = sum((n - told.get(group, Counter())[a]) ** 2 / n for a, n in counts.items())
        total += score * size
        weights += size
    return total / weights / 100 if weights else 0.0


def _mean(values: Sequence[float | bool]) -> float:
    return sum(values) / len(values) if values else 0.0
