"""Rubrics that end in one word: HallusionBench's verdict, right or wrong, the option that is meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial

from vistune.annotators.base import Asking
from vistune.annotators.oracle import Finding, same_answer, values_in
from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example
from vistune.evaluation.judges.asking import fill, own_words, question_of, reference_of, request
from vistune.evaluation.judges.base import RUBRICS, Marks, Rubric
from vistune.evaluation.metrics.yes_no import parse_verdict

_HALLUSION = """You are a teacher. Read a question, its reference answer and a student's answer, and decide how the \
student's answer stands to the reference.
Write "incorrect" if the two contradict each other, "correct" if they agree, and "unclear" if the student's answer does not \
say enough to tell, or says that it cannot be known. Write only this one word.

Question: {question}
Reference answer: {reference}
Student's answer: {answer}
Your word:"""


def write_hallusion(findings: Sequence[Finding]) -> str:
    """Correct or not where the reference is short, or by the claims; unclear where no value is given ("I cannot tell")."""
    f = findings[0]
    if f.right is not None:
        return "correct" if f.right else "incorrect" if values_in(f.answer) else "unclear"
    return "incorrect" if f.account.false else "correct" if f.account.true else "unclear"


@RUBRICS.register("hallusion", paper=None)
class Hallusion(Rubric):
    """HallusionBench (tianyi-lab/HallusionBench): correct, incorrect or unclear against a reference of one sentence.

    Marks: ``correct``, ``incorrect`` and ``unclear``, one of them 1. "incorrect" is looked for before "correct", neither is
    unclear. Slots of a ``prompt_file``: question, reference, answer.
    """

    main = "correct"
    verdict = True
    uses_context = False
    scale = (0.0, 1.0)

    def __init__(self, prompt_file: str | None = None, pictures: bool = False) -> None:
        super().__init__(prompt_file, pictures)
        self._template = own_words(prompt_file, _HALLUSION, ("question", "reference", "answer"))

    def words(self) -> str:
        """The template."""
        return self._template

    def requests(self, example: Example, answers: Sequence[str]) -> list[Example]:
        """One."""
        slots = {"question": question_of(example), "reference": reference_of(example), "answer": answers[0]}
        blind = len(reference_of(example).split()) <= 5
        text = fill(self._template, **slots)
        return [request(example, text, answers[:1], write_hallusion, pictures=self.pictures, blind=blind)]

    def read(self, replies: Sequence[str]) -> Marks:
        """The official parser."""
        verdict = parse_verdict(replies[0])
        values = {word: float(word == verdict) for word in ("correct", "incorrect", "unclear")}
        return Marks(values, verdict != "unclear" or "unclear" in replies[0].lower())


_GRADERS = (
    "Does the answer mean the same as the reference answer to the question? Other words, more words and other forms of a "
    "number are no fault; another meaning, a missing part or an added falsehood is.",
    "You mark an exam. The reference is right. Decide whether the candidate would get the point for this answer.",
    "Compare the two answers to the question. Could one stand for the other?",
    "Be strict about facts and lenient about wording: is the answer right, given the reference?",
    "Somebody who knows only the reference hears the answer. Would they agree with it as an answer to the question?",
)
_RIGHT = """{grader}

Question: {question}
Reference answer: {reference}
Answer: {answer}

Write one word: right or wrong."""


def write_right(findings: Sequence[Finding]) -> str:
    """By the value of a short reference, else by the claims."""
    return "right" if write_hallusion(findings) == "correct" else "wrong"


@RUBRICS.register("right_or_wrong", paper="lvlm-ehub")
class RightOrWrong(Rubric):
    """Whether an answer equals a reference in meaning: 1 or 0.

    ``graders``: 1 to 5 differently worded prompts; the majority of those that can be read decides, as in Tiny LVLM-eHub's
    ensemble of five (a tie is wrong). An item with no readable reply has no mark. All accepted answers are shown. Slots of
    a ``prompt_file``: question, reference, answer, and grader where there are several.
    """

    verdict = True
    uses_context = False
    scale = (0.0, 1.0)
    asking = Asking(temperature=0.0, max_tokens=8)

    def __init__(self, graders: int = 1, prompt_file: str | None = None, pictures: bool = False) -> None:
        super().__init__(prompt_file, pictures)
        if not 1 <= graders <= len(_GRADERS):
            raise ConfigError(f"There are 1 to {len(_GRADERS)} graders, not {graders}.")
        self.graders = graders
        self._template = own_words(prompt_file, _RIGHT, ("question", "reference", "answer"))

    def words(self) -> str:
        """The template and its graders."""
        return "\n".join((self._template, *_GRADERS[: self.graders]))

    def requests(self, example: Example, answers: Sequence[str]) -> list[Example]:
        """One a grader."""
        reference = " / ".join(dict.fromkeys([reference_of(example), *example.answers]))
        slots = {"question": question_of(example), "reference": reference, "answer": answers[0]}
        texts = [fill(self._template, grader=grader, **slots) for grader in _GRADERS[: self.graders]]
        blind = any(len(r.split()) <= 5 for r in example.answers)
        return [request(example, t, answers[:1], write_right, pictures=self.pictures, blind=blind) for t in texts]

    def read(self, replies: Sequence[str]) -> Marks:
        """The majority."""
        said = [verdict for verdict in map(_right_or_wrong, replies) if verdict is not None]
        if not said:
            return Marks({}, False)
        return Marks({"score": float(sum(said) * 2 > len(said))}, len(said) == len(replies))


def _right_or_wrong(reply: str) -> bool | None:
    found = re.findall(r"\b(right|wrong|correct|incorrect|yes|no)\b", reply.lower())
    return None if not found else found[0] in ("right", "correct", "yes")


_CHOICE = """A question has the options below, and somebody answered it in their own words. Say which option the answer \
means: write its letter, or Z if it means none of them, or more than one.

Question: {question}
{options}
Answer: {answer}
Letter:"""


def write_choice(options: Mapping[str, str], findings: Sequence[Finding]) -> str:
    """The one option that the answer gives."""
    answer = findings[0].answer
    letter = re.fullmatch(r"\W*([A-Z])\W*", answer.strip())
    if letter and letter[1] in options:
        return letter[1]
    meant = [name for name, text in options.items() if same_answer(answer, text)]
    return meant[0] if len(meant) == 1 else "Z"


@RUBRICS.register("choice", paper=None)
class Choice(Rubric):
    """Which option a free answer means, for multiple choice with extraction by a judge (MMBench's and VLMEvalKit's last step).

    ``meta["options"]``: letter -> text. Marks: ``option`` (0 for A; -1 for none). A reply without one of the letters has no
    mark: where the original draws at random, vistune counts it as wrong. Slots of a ``prompt_file``: question, options,
    answer.
    """

    main = "option"
    verdict = True
    uses_context = False
    scale = (-1.0, 25.0)
    asking = Asking(temperature=0.0, max_tokens=8)
    tries = 3

    def __init__(self, prompt_file: str | None = None, pictures: bool = False) -> None:
        super().__init__(prompt_file, pictures)
        self._template = own_words(prompt_file, _CHOICE, ("question", "options", "answer"))

    def words(self) -> str:
        """The template."""
        return self._template

    def requests(self, example: Example, answers: Sequence[str]) -> list[Example]:
        """One."""
        options = example.meta.get("options")
        if not isinstance(options, Mapping) or not options:
            raise DataError(f"Item '{example.id}' has no options: meta['options'] maps letters to texts.")
        shown = "\n".join(f"{letter}. {text}" for letter, text in options.items())
        text = fill(self._template, question=question_of(example), options=shown, answer=answers[0])
        write = partial(write_choice, options)
        return [request(example, text, answers[:1], write, pictures=self.pictures, blind=True)]

    def readable(self, reply: str) -> bool:
        """A letter alone."""
        return _letter(reply) is not None

    def read(self, replies: Sequence[str]) -> Marks:
        """The letter's number; -1 for Z."""
        letter = _letter(replies[0])
        if letter is None:
            return Marks({}, False)
        return Marks({"option": -1.0 if letter == "Z" else float(ord(letter) - ord("A"))})


def _letter(reply: str) -> str | None:
    found = re.findall(r"(?<![A-Za-z])[A-Z](?![A-Za-z])", reply)
    return found[0] if len(set(found)) == 1 else None
