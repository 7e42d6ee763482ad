"""GPT-score of tiny models (NanoVLMs, arXiv 2502.07838, after TinyStories): a teacher grades a student's completion."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
- Consistency: does it fit the beginning and the picture, and does no sentence contradict another?
Write first one or two sentences about the text, then the grades in exactly this form:
Creativity: n/10, Meaningfulness: n/10, Consistency: n/10"""
_NAMES = {"creativity": r"creativity", "meaning": r"meaning(?:fulness)?", "consistency": r"consistency"}


def write_grades(findings: Sequence[Finding]) -> str:
    """By the card's measures without a teacher: distinct pairs of words; sentences that can be read; share of true claims."""
    f = findings[0]
    words = re.findall(r"[a-z']+", f.answer.lower())
    pairs = list(pairwise(words))
    creativity = len(set(pairs)) / len(pairs) if pairs else 0.0
    sentences = [s for s in re.split(r"[.!?\n]+", f.answer) if s.strip()]
    meaning = 1 - len(f.account.idle) / len(sentences) if sentences else 0.0
    grades = [on_scale(v, 0, 10) for v in (creativity, max(0.0, meaning), f.account.precision)]
    return "Read.\nCreativity: {}/10, Meaningfulness: {}/10, Consistency: {}/10".format(*grades)


@RUBRICS.register("gpt_score", paper="nanovlms")
class GptScore(Rubric):
    """Creativity, meaning and consistency of a completion, 0 to 10 each.

    The question is the beginning that the model was given, ``meta["context"]`` what the picture shows. Marks:
    ``creativity``, ``meaning``,
    ``consistency`` and their mean ``score``. Grades favour length and differ between judges: compare at one length and
    with one judge only. Slots of a ``prompt_file``: context, beginning, answer.
    """

    #: The mark that hangs on what is true.
    main = "consistency"

    def __init__(self, prompt_file: str | None = None, pictures: bool = False) -> None:
        super().__init__(prompt_file, pictures)
        self._template = own_words(prompt_file, _GRADE, ("beginning", "answer"))

    def words(self) -> str:
        """The template."""
        return self._template

    def requests(self, example: Example, answers: Sequence[str]) -> list[Example]:
        """One."""
        slots = {"context": context_of(example), "beginning": question_of(example), "answer": answers[0]}
        return [request(example, fill(self._template, **slots), answers[:1], write_grades, pictures=self.pictures)]

    def read(self, replies: Sequence[str]) -> Marks:
        """The last grade of each name (a remark before may name it too); nothing where one is missing or out of 0 to 10."""
        values: dict[str, float] = {}
        for name, words in _NAMES.items():
            found = re.findall(rf"{words}\s*[:=]\s*(\d+(?:\.\d+)?)", replies[0], re.IGNORECASE)
            if not found or not 0 <= float(found[-1]) <= 10:
                return Marks({}, False)
            values[name] = float(found[-1])
        return Marks(values | {"score": sum(values.values()) / len(values)})
