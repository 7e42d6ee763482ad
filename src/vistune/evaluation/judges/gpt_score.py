"""GPT-score of tiny models (NanoVLMs, arXiv 2502.07838, after TinyStories): a teacher grades a student's completion."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from vistune.annotators.oracle import Finding
from vistune.data.example import Example
from vistune.evaluation.judges.asking import context_of, fill, on_scale, own_words, question_of, request
from vistune.evaluation.judges.base import RUBRICS, Marks, Rubric

_GRADE = """A student was shown a picture and the beginning of a text about it, and wrote on from there. You are the teacher.

What the picture shows:
{context}

The beginning that was given:
{beginning}

What the student wrote:
{answer}

Grade only what the student wrote, with whole numbers from 0 to 10:
- Creativity: is it told in words and ideas of its own, without repeating itself?
- Meaningfulness: are the sentences grammatical, complete, and do they make sense?
- Consistency: does it fit the beginning and the picture, and does no sentence contradict another?{more}
Write first one or two sentences about the text, then the grades in exactly this form:
Creativity: n/10, Meaningfulness: n/10, Consistency: n/10{form}"""
_GRAMMAR = ("\n- Grammar: are words and sentences well formed?", ", Grammar: n/10")
_NAMES = {"creativity": r"creativity", "meaning": r"meaning(?:fulness)?", "consistency": r"consistency"}
_NO_BEGINNING = "(none: the student began)"


def write_grades(findings: Sequence[Finding], grammar: bool = False) -> str:
    """By the card's measures without a teacher. Findings: what was written, the beginning, and both as one text.

    Creativity: distinct pairs of words. Meaning: sentences that say something of a picture. Consistency: share of true claims
    among those that the beginning does not make. Grammar: sentences that the captions' grammar has.
    """
    from vistune.world.language.acceptor import accepted, sentences_of

    own, beginning, whole = findings
    words = re.findall(r"[a-z']+", own.answer.lower())
    pairs = list(pairwise(words))
    creativity = len(set(pairs)) / len(pairs) if pairs else 0.0
    before, told = sentences_of(beginning.answer), sentences_of(whole.answer)
    # A sentence that the student ends is theirs.
    written = told[next((k for k, pair in enumerate(zip(before, told)) if pair[0] != pair[1]), len(before)) :]
    idle = len(set(whole.account.idle) - set(beginning.account.idle))
    meaning = 1 - idle / len(written) if written else 0.0
    given = {piece.key for piece in beginning.account.pieces}
    claims = [piece.holds for piece in whole.account.pieces if piece.key not in given and piece.holds is not None]
    consistency = sum(claims) / len(claims) if claims else 0.0
    values = {"Creativity": creativity, "Meaningfulness": max(0.0, meaning), "Consistency": consistency}
    if grammar:
        values["Grammar"] = sum(map(accepted, written)) / len(written) if written else 0.0
    return "Read.\n" + ", ".join(f"{name}: {on_scale(value, 0, 10)}/10" for name, value in values.items())


@RUBRICS.register("gpt_score", paper="nanovlms")
class GptScore(Rubric):
    """Creativity, meaning and consistency of a completion, 0 to 10 each.

    ``meta["beginning"]`` is the beginning that the model was given (empty: it began by itself; missing: the question is shown),
    ``meta["context"]`` what the picture shows. Marks: ``creativity``, ``meaning``, ``consistency`` and their mean ``score``; with
    ``grammar`` a fourth one as in TinyStories, which is not part of the mean. Grades favour length and differ between judges:
    compare at one length and with one judge only. Slots of a ``prompt_file``: context, beginning, answer.
    """

    version = 2
    #: The mark that hangs on what is true.
    main = "consistency"

    def __init__(self, grammar: bool = False, prompt_file: str | None = None, pictures: bool = False) -> None:
        super().__init__(prompt_file, pictures)
        self.grammar = grammar
        words = own_words(prompt_file, _GRADE, ("beginning", "answer"))
        more, form = _GRAMMAR if grammar else ("", "")
        self._template = fill(words, more=more, form=form)

    def words(self) -> str:
        """The template."""
        return self._template

    def requests(self, example: Example, answers: Sequence[str]) -> list[Example]:
        """One."""
        beginning, answer = str(example.meta.get("beginning") or "").strip(), answers[0]
        shown = str(example.meta.get("beginning", question_of(example))).strip() or _NO_BEGINNING
        slots = {"context": context_of(example), "beginning": shown, "answer": answer}
        read = (answer, beginning, f"{beginning} {answer}".strip())
        write = partial(write_grades, grammar=self.grammar)
        return [request(example, fill(self._template, **slots), read, write, pictures=self.pictures)]

    def read(self, replies: Sequence[str]) -> Marks:
        """The last grade of each name (a remark before may name it too); nothing where one is missing or out of 0 to 10."""
        values: dict[str, float] = {}
        for name, words in {**_NAMES, **({"grammar": "grammar"} if self.grammar else {})}.items():
            found = re.findall(rf"{words}\s*[:=]\s*(\d+(?:\.\d+)?)", replies[0], re.IGNORECASE)
            if not found or not 0 <= float(found[-1]) <= 10:
                return Marks({}, False)
            values[name] = float(found[-1])
        return Marks(values | {"score": sum(values[name] for name in _NAMES) / len(_NAMES)})
