"""Multiple choice by the official rules: ScienceQA, MMMU, MMBench (circular), SEED-Bench, CV-Bench, NExT-QA, SugarCrepe."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.reading import edit_distance

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ScienceQAMode = Literal["official", "strict", "lmms"]
Mode = Literal["official", "strict"]


def parse_scienceqa(answer: str, letters: Sequence[str] = "ABCDE", mode: ScienceQAMode = "official") -> str | None:
    """The letter that a ScienceQA answer names; None: failed, and wrong.

    ``official`` (LLaVA): one letter; a letter with ". " after it; or "The answer is X" with **any** character after it,
    exactly once (the full stop in the original pattern is not escaped, so "The answer is Boston" is B). ``strict``: that
    character is a full stop. ``lmms`` (lmms-eval): one letter, or any letter before a full stop, and no sentence.
    A letter beyond the question's choices is read as any other, and is wrong.
    """
    if answer in tuple(letters):
        return answer
    if mode == "lmms":
        return answer[0] if len(answer) >= 2 and answer[1] == "." and answer[0] in letters else None
    if len(answer) >= 3 and answer[0] in letters and answer[1:3] == ". ":
        return answer[0]
    found = re.findall(r"The answer is ([A-Z])" + ("." if mode == "official" else r"\."), answer)
    return found[0] if len(found) == 1 else None


def parse_mmmu_choice(answer: str, options: Mapping[str, str]) -> str | None:
    """MMMU's rule: "(X)" anywhere, else " X ", else (more than five words) an option's text; the last of several.

    ``options``: letter -> text. None where nothing is found: the original then draws at random, which is left to the
    caller.
    """
    for mark in (",", ".", "!", "?", ";", ":", "'"):
        answer = answer.strip(mark)
    said = f" {answer} "
    bracketed = [letter for letter in options if f"({letter})" in said]
    if bracketed:
        return max(bracketed, key=lambda letter: said.rfind(f"({letter})"))
    blank = [letter for letter in options if f" {letter} " in said]
    if blank:
        return max(blank, key=lambda letter: said.rfind(f" {letter} "))
    if len(said.split()) > 5:
        named = [letter for letter, text in options.items() if text.lower() in said.lower()]
        if named:
            return max(named, key=lambda letter: said.lower().rfind(options[letter].lower()))
    return None


def mmmu_letters(answers: Sequence[str], options: Sequence[Mapping[str, str]], seed: int = 42) -> list[str]:
    """MMMU's letters for a whole file: one generator draws for all answers that name none, in the order of the file.

    That is the original to the letter (``random.seed(42)`` once). A score of one item cannot depend on the items before
    it, so the benchmark draws by item; both draw each option alike often.
    """
    rng = random.Random(seed)
    return [
        parse_mmmu_choice(answer, own) or rng.choice(list(own)) for answer, own in zip(answers, options, strict=True)
    ]


_CUES = ("could be ", "so ", "is ", "thus ", "therefore ", "final ", "answer ", "result ")
_NUMBER_PATTERNS = (
    r"-?\b\d{1,3}(?:,\d{3})+\b",
    r"-?\d+(?:\.\d+)?[eE][+-]?\d+",
    r"-?(?:\d+\.\d+|\.\d+|\d+\b)(?![eE][+-]?\d+)(?![,\d])",
)


def _mmmu_number(text: str) -> float | None:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None


def _mmmu_normal(text: str) -> list[str | float]:
    """Numbers rounded to two decimals, other texts in lower case; a single character with blanks about it."""
    text = text.strip()
    number = _mmmu_number(text)
    if number is not None:
        return [round(number, 2)]
    text = text.lower()
    return [f" {text}", f"{text} "] if len(text) == 1 else [text]


def parse_mmmu_open(answer: str) -> list[str | float]:
    """What an MMMU open answer says: of each sentence the shortest tail after a cue word, and all numbers therein.

    The original lower-cases before it splits at a full stop with a capital after it, so that split never happens.
    """
    said = answer.strip().strip(".").lower()
    sentences = re.split(r"\.\s(?=[A-Z])|\n", said)
    tails: list[str] = []
    for place, sentence in enumerate(sentences):
        cues = [*_CUES, "="] if place == len(sentences) - 1 else list(_CUES)
        shortest = ""
        for cue in cues:
            if cue in sentence:
                tail = sentence.split(cue)[-1].strip()
                # An empty tail gives way to any later one, and is itself the shortest there can be.
                shortest = tail if not shortest or len(tail) < len(shortest) else shortest
        if shortest and shortest not in (":", ",", ".", "!", "?", ";", "'"):
            tails.append(shortest)
    tails = tails or [said]
    every: list[str] = list(tails)
    for tail in tails:
        every += [number for pattern in _NUMBER_PATTERNS for number in re.findall(pattern, tail)]
    values: list[str | float] = []
    for text in every:
        values += [value for value in _mmmu_normal(text) if value not in values]
    return values


def mmmu_open_right(truths: Sequence[str], said: Sequence[str | float]) -> bool:
    """Whether a truth equals a number that was said, or is contained in a text that was."""
    wanted = [value for truth in truths for value in _mmmu_normal(truth)]
    for value in said:
        if isinstance(value, str):
            if any(isinstance(w, str) and w in value for w in wanted):
                return True
        elif value in wanted:
            return True
    return False


#: Answers that decline: VLMEvalKit counts them as none of the options.
_DECLINED = (
    "Sorry, I can't help with images of people yet.", "I can't process this file.",
    "I'm sorry, but without the image provided", "Cannot determine the answer",
)  # fmt: skip


def choose_letter(answer: str, options: Mapping[str, str], mode: Mode = "official") -> str | None:
    """VLMEvalKit's extraction without a judge: one option letter as a word; else one option's text. None: wrong.

    A letter counts where it is the only one, and among the last four words; "Z" and some ways to decline are none of the
    options. An option's text counts where it is the only one, in an answer of at most twice the length of all options
    together. ``strict`` reads no "A" in an answer of more than three words, where it may be an article; the original does
    so only when it is told to be verbose.
    """
    if any(text in answer for text in _DECLINED):
        return None
    plain = answer
    for mark in ".()[],:;!*#{}":
        plain = plain.replace(mark, " ")
    words = plain.split()
    found = [letter for letter in options if letter in words]
    article = mode == "strict" and "A" in words and len(words) > 3
    if len(found) == 1 and not article and words.index(found[0]) > len(words) - 5:
        return found[0]
    if not found and "Z" in words:
        return None
    said = answer.lower()
    if len(said) > 2 * sum(len(str(text)) for text in options.values()):
        return None
    named = [letter for letter, text in options.items() if str(text).lower() in said]
    return named[0] if len(named) == 1 else None


def single_letter(answer: str, letters: Sequence[str]) -> str | None:
    """The letter that an answer is, but for case, blanks and punctuation about it ("(B)", "b."); None for more words."""
    bare = re.sub(r"[^\w\s]", "", answer).strip().upper()
    return bare if bare and bare in letters else None


def first_letter(answer: str) -> str:
    """Cambrian-1's reading of CV-Bench: the first character, a capital, of what follows the last "answer is" or "answer:"; so
    "above" is A. Empty where nothing is said.
    """
    text = answer.lower().strip()
    for cue in ("answer is", "answer is:", "answer:"):
        text = text.split(cue)[-1] if cue in text else text
    return text.strip().rstrip(".").lstrip("(").rstrip(")")[:1].upper()


def rolled(options: Sequence[str], answer: int) -> list[tuple[list[str], int]]:
    """MMBench's circular copies: every rotation of the options with where the answer is then."""
    n = len(options)
    return [([options[(k + r) % n] for k in range(n)], (answer - r) % n) for r in range(n)]


def circular_accuracy(right: Sequence[bool], groups: Sequence[str]) -> dict[str, float]:
    """``circular``: groups with all copies right; ``vanilla``: first copies right; as shares. Joined by group."""
    by_group: dict[str, list[bool]] = defaultdict(list)
    for ok, group in zip(right, groups, strict=True):
        by_group[group].append(ok)
    if not by_group:
        return {"circular": 0.0, "vanilla": 0.0}
    n = len(by_group)
    return {
        "circular": sum(all(copies) for copies in by_group.values()) / n,
        "vanilla": sum(copies[0] for copies in by_group.values()) / n,
    }


def likeliest(losses: Sequence[Sequence[float]], mean: bool = True) -> int:
    """SEED-Bench's choice: least mean (or summed) negative log-likelihood of the choices' tokens; the first of equals."""
    scores = [sum(tokens) / len(tokens) if mean else sum(tokens) for tokens in losses]
    return scores.index(min(scores))


def cv_bench(accuracy: Mapping[str, float]) -> dict[str, float]:
    """CV-Bench: 2D is the mean of ADE20K and COCO, 3D is Omni3D, and the whole the mean of both, not of the items."""
    two = (accuracy["ADE20K"] + accuracy["COCO"]) / 2
    return {"2D": two, "3D": accuracy["Omni3D"], "overall": (two + accuracy["Omni3D"]) / 2}


def place_columns(chosen: int | None, truth: int, options: int, places: int) -> dict[str, float]:
    """Counts for ``place_bias`` of one item with ``options`` options; places from ``places`` on are counted as the last."""
    columns = {f"{name}:{k}": 0.0 for name in ("said", "even", "true") for k in range(places)}
    columns[f"true:{min(truth, places - 1)}"] = 1.0
    columns["answered"] = float(chosen is not None)
    if chosen is not None:
        columns[f"said:{min(chosen, places - 1)}"] = 1.0
        for k in range(options):
            columns[f"even:{min(k, places - 1)}"] += 1 / options
    return columns


def place_bias(sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """``place_1``... share of each place among the answers that were read, and ``place_spread``: root of the mean squared
    distance from even shares, in points. With one number of options it is ``robustness.position_counts``.
    """
    places = sorted(int(name[5:]) for name in sums if name.startswith("said:"))
    share = {k: ratio(sums[f"said:{k}"], sums["answered"]) for k in places}
    away = [(share[k] - ratio(sums[f"even:{k}"], sums["answered"])) ** 2 for k in places if np.any(sums[f"even:{k}"])]
    spread = 100 * np.sqrt(np.mean(away, axis=0)) if away else np.zeros_like(sums["answered"])
    return {**{f"place_{k + 1}": value for k, value in share.items()}, "place_spread": spread}


def by_kind(right: Mapping[str, bool], kinds: Mapping[str, str]) -> dict[str, float]:
    """Accuracy over all, and of each kind (NExT-QA: the type's first letter), as shares."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for item, ok in right.items():
        groups[kinds[item]].append(ok)
    shares = {kind: sum(values) / len(values) for kind, values in sorted(groups.items())}
    return {"all": sum(right.values()) / len(right) if right else 0.0, **shares}


def mathvista_prediction(
    extraction: str, choices: Sequence[str] | None, answer_type: str, precision: float | None
) -> str | None:
    """MathVista's normal form of an extracted answer.

    Choices: a letter in brackets or alone, else the choice with the fewest edits, the first of equals; so every answer to
    a choice is read. Whole numbers ("3.4" is none), others rounded to ``precision`` decimals; None where it is no number.
    """
    if choices is not None:
        text = extraction.strip()
        bracketed = re.findall(r"\(([a-zA-Z])\)", text)
        text = bracketed[0].upper() if bracketed else text
        letters = LETTERS[: len(choices)]
        if len(text) == 1 and text in letters:
            return choices[letters.index(text)]
        edits = [edit_distance(text, choice) for choice in choices]
        return choices[edits.index(min(edits))]
    try:
        if answer_type == "integer":
            return str(int(extraction))
        if answer_type == "float":
            return str(round(float(extraction), int(precision or 0)))
    except (ValueError, OverflowError):
        return None
    return str(extraction)


def parse_two(answer: str) -> int | None:
    """Which of two numbered sentences a reply names, "(1)" or "(2)"; None where it names none or both."""
    found = {int(n) for n in re.findall(r"\(([12])\)", answer)} or {int(n) for n in re.findall(r"\b([12])\b", answer)}
    return found.pop() if len(found) == 1 else None
