"""DNLI (KnowAda, arXiv 2411.09018): a caption taken apart into propositions, each held against the ground-truth caption."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from vistune.annotators.base import Asking
from vistune.annotators.oracle import Finding
from vistune.data.example import Example
from vistune.evaluation.judges.asking import fill, own_words, reference_of, request
from vistune.evaluation.judges.base import RUBRICS, Marks, Rubric

_DECOMPOSE = """Take the description below apart into atomic propositions: each says one thing only, and can be understood \
without the others (names in place of "it" and "they"). Keep all that is said, add nothing. Reply with a JSON list of \
strings and nothing else.

Description: {text}"""
_JUDGE = """Below are the true description of an image, and numbered propositions that somebody made about the same image. \
Label each:
"entailed" if the description says it or it follows from it; "contradicted" if the description says otherwise, or if the \
proposition tells something visible that the description does not have; "neutral" if it is an opinion or a mood.
Reply with a JSON list of the labels, in the order of the propositions, and nothing else.

Description: {reference}

Propositions:
{propositions}"""
LABELS = ("entailed", "contradicted", "neutral")


def write_propositions(findings: Sequence[Finding]) -> str:
    """Every piece as a sentence; sentences that say nothing of the picture as they are."""
    account = findings[0].account
    return json.dumps([piece.text for piece in account.pieces] + list(account.idle))


def write_labels(findings: Sequence[Finding]) -> str:
    """Pieces of the first text that the second has too are entailed, other pieces contradicted, idle sentences neutral."""
    said, truth = (f.account for f in findings)
    known = {piece.key for piece in truth.pieces}
    labels = ["entailed" if piece.key in known else "contradicted" for piece in said.pieces]
    return json.dumps(labels + ["neutral"] * len(said.idle))


@RUBRICS.register("dnli", paper="knowada")
class Dnli(Rubric):
    """DNLI: how much of a caption is in the ground truth, and how much contradicts it.

    With N(y) and N(C) propositions of the caption y and the ground truth C (``answers[0]`` of the item), of which E are
    entailed, K contradicted and n neutral: ``descriptiveness_precision`` E/N(y), ``descriptiveness_recall`` E/N(C),
    ``contradiction_precision`` K/N(y), ``contradiction_recall`` K/N(C), ``neutral_recall`` n/N(C); the counts too. The
    picture is not used. Recalls can exceed 1 for very long captions, as in the original. A ``prompt_file`` has both
    prompts, the second after a line of three dashes; slots: text, and reference and propositions.
    """

    main = "descriptiveness_precision"
    uses_context = False
    scale = (0.0, 1.0)
    asking = Asking(temperature=0.0, max_tokens=2048)
    tries = 2

    def __init__(self, prompt_file: str | None = None, pictures: bool = False) -> None:
        super().__init__(prompt_file, pictures)
        both = own_words(prompt_file, f"{_DECOMPOSE}\n---\n{_JUDGE}", ("text", "reference", "propositions"))
        self._decompose, _, self._judge = both.partition("\n---\n")

    def words(self) -> str:
        """Both templates."""
        return f"{self._decompose}\n---\n{self._judge}"

    def requests(self, example: Example, answers: Sequence[str]) -> list[Example]:
        """Two: the caption and the ground truth, taken apart."""
        return [
            request(example, fill(self._decompose, text=text), (text,), write_propositions, blind=True)
            for text in (answers[0], reference_of(example))
        ]

    def more(self, example: Example, answers: Sequence[str], replies: Sequence[str]) -> list[Example]:
        """One: the labels of the caption's propositions; none where it has none."""
        propositions = json_list(replies[0])
        if not propositions or json_list(replies[1]) is None:
            return []
        shown = "\n".join(f"{i}. {text}" for i, text in enumerate(propositions, start=1))
        text = fill(self._judge, reference=reference_of(example), propositions=shown)
        return [request(example, text, (answers[0], reference_of(example)), write_labels, blind=True)]

    def readable(self, reply: str) -> bool:
        """A JSON list."""
        return json_list(reply) is not None

    def read(self, replies: Sequence[str]) -> Marks:
        """The five ratios and the counts; nothing where a list is missing or has another length."""
        said, truth = json_list(replies[0]), json_list(replies[1])
        if said is None or not truth:
            return Marks({}, False)
        labels = [] if not said else json_list(replies[2]) if len(replies) > 2 else None
        if labels is None or len(labels) != len(said):
            return Marks({}, False)
        named = [str(label).strip().lower() for label in labels]
        if not set(named) <= set(LABELS):
            return Marks({}, False)
        entailed, contradicted, neutral = (named.count(label) for label in LABELS)
        return Marks(dnli_ratios(entailed, contradicted, neutral, len(truth)))


def dnli_ratios(entailed: int, contradicted: int, neutral: int, truths: int) -> dict[str, float]:
    """The ratios of one caption from its counts; ``truths`` is N(C). A caption without propositions has precision 0."""
    said = entailed + contradicted + neutral
    return {
        "descriptiveness_precision": entailed / said if said else 0.0,
        "descriptiveness_recall": entailed / truths,
        "contradiction_precision": contradicted / said if said else 0.0,
        "contradiction_recall": contradicted / truths,
        "neutral_recall": neutral / truths,
        "entailed": float(entailed),
        "contradicted": float(contradicted),
        "neutral": float(neutral),
        "truths": float(truths),
    }


def json_list(reply: str) -> list[Any] | None:
    """The JSON list in a reply, alone or between other words (a code fence); None where there is none."""
    found = re.search(r"\[.*\]", reply, re.DOTALL)
    if found is None:
        return None
    try:
        value = json.loads(found[0])
    except json.JSONDecodeError:
        return None
    return value if isinstance(value, list) and all(isinstance(v, str) for v in value) else None
