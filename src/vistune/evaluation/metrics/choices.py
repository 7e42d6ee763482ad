"""Multiple choice by the official rules: ScienceQA, MMMU, MMBench (circular), SEED-Bench, CV-Bench, NExT-QA, SugarCrepe."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def parse_scienceqa(answer: str, letters: Sequence[str] = "ABCDE") -> str | None:
    """LLaVA's rule for ScienceQA: one letter; "X. ..."; or "The answer is X." exactly once. None: failed, and wrong."""
    if answer in letters:
        return answer
    if len(answer) >= 3 and answer[0] in letters and answer[1:3] == ". ":
        return answer[0]
    found = re.findall(r"The answer is ([A-Z])\.", answer)
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
        found = [sentence.split(cue)[-1].strip() for cue in cues if cue in sentence]
        found = [tail for tail in found if tail not in ("", ":", ",", ".", "!", "?", ";", "'")]
        if found:
            tails.append(min(found, key=len))
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


def choose_letter(answer: str, options: Mapping[str, str]) -> str | None:
    """VLMEvalKit's extraction without a judge: one option letter as a word; else one option's text. None: wrong.

    A letter counts where it is the only one, and among the last five words, since an "A" may be an article in a long
    answer. An option's text counts where the answer is less than twice as long as all the options together.
    """
    plain = answer
    for mark in ".()[],:;!*#{}":
        plain = plain.replace(mark, " ")
    words = plain.split()
    found = [letter for letter in options if letter in words]
    # An "A" in more than three words may be an article: then the texts decide.
    if len(found) == 1 and not (found[0] == "A" and len(words) > 3) and words.index(found[0]) > len(words) - 5:
        return found[0]
    said = answer.lower()
    if len(said) > 2 * sum(len(str(text)) for text in options.values()):
        return None
    named = [letter for letter, text in options.items() if str(text).lower() in said]
    return named[0] if len(named) == 1 else None


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


def by_kind(right: Mapping[str, bool], kinds: Mapping[str, str]) -> dict[str, float]:
    """Accuracy over all, and of each kind (NExT-QA: the type's first letter), as shares."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for item, ok in right.items():
        groups[kinds[item]].append(ok)
    shares = {kind: sum(values) / len(values) for kind, values in sorted(groups.items())}
    return {"all": sum(right.values()) / len(right) if right else 0.0, **shares}


def parse_two(answer: str) -> int | None:
    """Which of two numbered sentences a reply names, "(1)" or "(2)"; None where it names none or both."""
    found = {int(n) for n in re.findall(r"\(([12])\)", answer)} or {int(n) for n in re.findall(r"\b([12])\b", answer)}
    return found.pop() if len(found) == 1 else None
