"""The scene oracle: it knows the picture exactly, and answers or marks without doubt, at no cost.

A judge's request comes with a ``Marking``: the oracle reads each answer with the world's own language, checks every claim
against the scene, and writes its findings in the rubric's own form of reply, so that they are read by the same parser as
anyone else's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from vistune.annotators.base import ANNOTATORS, Annotator, Asking, Reply
from vistune.core.errors import DataError
from vistune.data.example import Example
from vistune.world.language.account import Account, account
from vistune.world.language.captions import Level, caption, caption_request_level
from vistune.world.language.grammar import NUMBERS
from vistune.world.language.reading import read_text
from vistune.world.language.refer import attribute_words, noun_words
from vistune.world.language.view import View
from vistune.world.program import Ambiguous
from vistune.world.scene import Scene
from vistune.world.vocabulary import SETTINGS


@dataclass(frozen=True, slots=True)
class Finding:
    """What is exactly known of one answer.

    ``right``: it gives the reference's value and no other of its sort; None where the references are no short answers.
    ``relevant``: the share of what was asked that it speaks of: the thing, and the sort of answer.
    """

    answer: str
    account: Account
    right: bool | None
    relevant: float

    @property
    def quality(self) -> float:
        """0 to 1. Short answers: right, times the share of true claims. Else the harmonic mean of precision and recall."""
        a = self.account
        if self.right is not None:
            return float(self.right) * (a.precision if a.pieces else 1.0)
        return 2 * a.precision * a.recall / (a.precision + a.recall) if a.precision + a.recall else 0.0


@dataclass(frozen=True, slots=True)
class Marking:
    """What a rubric gives the oracle beside its words (``example.meta["facts"]``): the ``answers`` in the order in which they
    are shown, and ``write``, which puts findings into the rubric's form of reply. ``scene`` may be None where ``write``
    needs no truth about the picture (``blind``).
    """

    scene: Any
    question: str
    answers: tuple[str, ...]
    references: tuple[str, ...]
    write: Callable[[Sequence[Finding]], str]
    blind: bool = False


@ANNOTATORS.register("oracle")
class Oracle(Annotator):
    """Answers from ``example.meta["facts"]``: a ``Marking`` (a judge's request), a ``Scene`` (a caption or an exact answer), or
    a mapping with ``answer``, or with ``scene`` and ``program``.
    """

    def ask(self, examples: Sequence[Example], asking: Asking | None = None) -> list[Reply]:
        """Exact replies; where the facts do not suffice, one with ``error``."""
        replies = [self._reply(example) for example in examples]
        self.usage.add(replies)
        return replies

    def _reply(self, example: Example) -> Reply:
        try:
            return Reply(_answer(example), self.kind)
        except DataError as error:
            return Reply(model=self.kind, error=f"The scene oracle cannot answer: {error}")


def _answer(example: Example) -> str:
    facts = example.meta.get("facts")
    if isinstance(facts, Marking):
        if facts.scene is None and not facts.blind:
            raise DataError("the item has no scene in meta['facts'].")
        return facts.write([find(answer, facts) for answer in facts.answers])
    if isinstance(facts, Scene | View):
        return _about(facts, example.messages[-1].text)
    if isinstance(facts, Mapping):
        if "answer" in facts:
            return str(facts["answer"])
        if "program" in facts and "scene" in facts:
            return facts["program"].answer(facts["scene"])
    raise DataError("meta['facts'] holds no scene, answer or program.")


def _about(scene: Scene | View, request: str) -> str:
    """A caption or the exact answer to a question in the world's words."""
    from vistune.world.tongues.meaning import program_of
    from vistune.world.tongues.parse import parse
    from vistune.world.tongues.questions import tongue_of

    level: Level | None = caption_request_level(request)
    if level is not None:
        return caption(scene, 0, level)
    meaning = parse(request.strip(), tongue_of("en"))
    try:
        return program_of(meaning).answer(scene)
    except Ambiguous as error:
        raise DataError(f"the question has no exact answer here ({error}).") from error


def find(answer: str, marking: Marking) -> Finding:
    """Read and check one answer."""
    short = [r for r in marking.references if len(r.split()) <= _SHORT]
    right = any(same_answer(answer, r, marking.question) for r in short) if short else None
    relevant = relevance(answer, marking.question, short[0] if short else None)
    return Finding(answer, _account(answer, marking.scene), right, relevant)


@lru_cache(maxsize=4096)
def _account(answer: str, scene: Any) -> Account:
    """A judge's answers come up in several requests."""
    return account(answer, scene)


#: A reference of more words is a description, not a value.
_SHORT = 5
_YES_NO = {"yes": "yes", "no": "no", "yeah": "yes", "nope": "no", "true": "yes", "false": "no"}
_NUMBERS = {word: str(value) for value, word in enumerate(NUMBERS)}


def values_in(text: str) -> dict[str, set[str]]:
    """Sort -> values that a text names: yes/no (by its first such word), number, colour, size, pattern, state, thing, setting."""
    words = re.findall(r"[a-z]+|\d+", text.lower())
    found: dict[str, set[str]] = {}
    for word in words:
        for sort, value in _sorts(word):
            found.setdefault(sort, set()).add(value)
    said = next((_YES_NO[w] for w in words if w in _YES_NO), None)
    if said is not None:
        found["yes/no"] = {said}
    return found


def _sorts(word: str) -> list[tuple[str, str]]:
    named = []
    if word.isdigit() or word in _NUMBERS:
        named.append(("number", _NUMBERS.get(word, str(int(word)) if word.isdigit() else word)))
    if word in attribute_words():
        named.append((attribute_words()[word], word))
    if word in noun_words():
        named.append(("thing", noun_words()[word]))
    if word in SETTINGS:
        named.append(("setting", word))
    return named


def same_answer(answer: str, reference: str, question: str = "") -> bool:
    """Whether an answer gives the value of a short reference: the same words but for case, articles and points; or the same
    value (digits for number words, synonyms) and no other value of its sort but those that the question names.
    """
    if _bare(answer) == _bare(reference):
        return True
    wanted, given, asked = values_in(reference), values_in(answer), values_in(question)
    if "yes/no" in wanted:
        return given.get("yes/no") == wanted["yes/no"]
    if wanted.get("number") == {"0"} and "number" not in given:
        return bool(re.search(r"\bno\b|\bnone\b|\bnot any\b", answer.lower()))
    if not wanted:
        return bool(_bare(reference)) and f" {_bare(reference)} " in f" {_bare(answer)} "
    return all(
        values <= given.get(sort, set()) and given.get(sort, set()) - values <= asked.get(sort, set())
        for sort, values in wanted.items()
    )


def _bare(text: str) -> str:
    return " ".join(w for w in re.findall(r"[a-z0-9]+", text.lower()) if w not in ("a", "an", "the"))


def relevance(answer: str, question: str, reference: str | None) -> float:
    """0 to 1: half for speaking of what was asked about (short answers need not name it), half for an answer of the sort that
    was asked for. A request that names no thing and has no short reference wants a description: any claim will do.
    """
    given = values_in(answer)
    about = {m.phrase.noun for m in read_text(question.replace("?", ".")).mentions if m.phrase.noun != "thing"}
    wanted = values_in(reference) if reference is not None else {}
    if not given:
        exact = reference is not None and _bare(reference) in _bare(answer)
        return 1.0 if exact and _bare(answer) else 0.0
    short = len(answer.split()) <= _SHORT
    thing = not about or short or bool(about & given.get("thing", set()))
    slot = not wanted or any(sort in given for sort in wanted)
    return (float(thing) + float(slot)) / 2
