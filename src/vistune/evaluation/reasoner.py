"""Answers by sub-questions: one language model asks, the vision-language model answers, another one concludes.

Least to most, as LVLM-eHub (arXiv 2306.09265) after IdealGPT: up to four rounds of short questions to the model that sees the
picture; after each round the reasoner, who sees none, answers or is not sure; in the last one it has to answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from vistune.annotators.base import Annotator, Asking
from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example, Message, Part

_ASK = """A question about an image is to be answered, and you cannot see the image. Somebody else sees it, and answers short \
questions about it one by one, without knowing the others.

What that person said first of the image (it may be wrong): {caption}
Main question: {question}
Choices:
{choices}
{known}
Write the questions that would best tell the choices apart: short ones about one thing that can be seen, each understood \
by itself, beginning with "What" where that can be. At most five, each on a line of its own in this form:
Sub-question 1: ..."""
_KNOWN = """
Asked and answered so far:
{answers}
What was made of it: {analysis}
This was not enough: ask something else.
"""
_CONCLUDE = """A question about an image is to be answered, and you cannot see the image. Somebody else, who may be wrong, \
said this:

First of all: {caption}
{answers}

Main question: {question}
Choices:
{choices}

Weigh what was said, and write two lines in this form:
Analysis: what speaks for which choice
More likely answer: {form}"""
_OPEN, _FINAL = "the choice's number, or not sure", "the choice's number (you have to choose one)"
#: What is asked in place of the sub-questions in the control.
IRRELEVANT = (
    "What time of the day may it be?", "What is the picture made of?", "What shape is the picture?",
    "What would a child like here?", "What is the weather like?",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Task:
    """A main question with its choices. ``asks`` and ``concludes``: what an exact asker and reasoner say, for the scene oracle
    only; from the round (from 0), and from the sub-questions with their answers and whether it is the last round.
    """

    question: str
    choices: tuple[str, ...]
    asks: Callable[[int], Sequence[str]] | None = None
    concludes: Callable[[Sequence[tuple[str, str]], bool], int | None] | None = None


@dataclass(slots=True)
class Course:
    """Where a dialogue stands. ``next``: the sub-question that is due; None where it is over. ``choice``: from 0; None: unknown."""

    next: str | None = None
    choice: int | None = None
    rounds: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)


class Reasoner:
    """Leads dialogues; keeps what asker and reasoner said, so that nobody is asked twice.

    ``tries``: how often a conclusion that cannot be read is asked for, a little warmer in the second half, as the original does.
    Raises ``ConfigError`` for no round or no try.
    """

    def __init__(
        self, asker: Annotator, reasoner: Annotator, rounds: int = 4, tries: int = 10, relevant: bool = True
    ) -> None:
        if rounds < 1 or tries < 1:
            raise ConfigError("A dialogue has at least one round, and a conclusion at least one try.")
        self.asker, self.reasoner, self.rounds, self.tries, self.relevant = asker, reasoner, rounds, tries, relevant
        self._said: dict[tuple[object, ...], str] = {}

    def course(self, name: str, task: Task, caption: str, answers: Sequence[str]) -> Course:
        """How the dialogue ``name`` goes, given all answers of the one who sees. Raises ``DataError`` where nobody replies."""
        found, left, analysis = Course(), [trimmed(answer) for answer in answers], ""
        for number in range(self.rounds):
            found.rounds = number + 1
            for question in self._questions(name, task, caption, found.asked, analysis, number):
                if not left:
                    found.next = question
                    return found
                found.asked.append((question, left.pop(0)))
            analysis, found.choice = self._conclusion(name, task, caption, found.asked, number)
            if found.choice is not None:
                break
        return found

    def _questions(
        self, name: str, task: Task, caption: str, asked: Sequence[tuple[str, str]], analysis: str, number: int
    ) -> list[str]:
        known = fill(_KNOWN, answers=_told(asked), analysis=analysis) if number else ""
        text = fill(_ASK, caption=caption, question=task.question, choices=_numbered(task.choices), known=known)
        exact = None
        if task.asks is not None:
            exact = "\n".join(f"Sub-question {k}: {q}" for k, q in enumerate(task.asks(number), start=1))
        reply = self._reply(self.asker, name, text, exact, Asking(temperature=0.0, max_tokens=300))
        questions = sub_questions(reply)
        if self.relevant:
            return questions
        return [IRRELEVANT[(len(asked) + k) % len(IRRELEVANT)] for k in range(len(questions))]

    def _conclusion(
        self, name: str, task: Task, caption: str, asked: Sequence[tuple[str, str]], number: int
    ) -> tuple[str, int | None]:
        final = number == self.rounds - 1
        text = fill(
            _CONCLUDE, caption=caption, answers=_told(asked), question=task.question, choices=_numbered(task.choices),
            form=_FINAL if final else _OPEN,
        )  # fmt: skip
        exact = None
        if task.concludes is not None:
            choice = task.concludes(asked, final)
            exact = f"Analysis: by what was said.\nMore likely answer: {'not sure' if choice is None else choice + 1}"
        for attempt in range(self.tries):
            warmer = 0.1 * max(0.0, 2 * (attempt + 1) / self.tries - 1)
            asking = Asking(temperature=0.0, max_tokens=400).again(attempt, warmer)
            read = conclusion(self._reply(self.reasoner, name, text, exact, asking), len(task.choices), final)
            if read is not None:
                return read
        return "", None

    def _reply(self, annotator: Annotator, name: str, text: str, exact: str | None, asking: Asking) -> str:
        key = (annotator is self.asker, text, asking.sample)
        if key not in self._said:
            meta = {} if exact is None else {"facts": {"answer": exact}}
            request = Example(name, [Message("user", [Part(text=text)])], meta=meta)
            (reply,) = annotator.ask([request], asking)
            if reply.error is not None:
                raise DataError(f"Item '{name}': {reply.error}")
            self._said[key] = reply.text
        return self._said[key]


def fill(template: str, **slots: str) -> str:
    """The template with ``{name}`` replaced; what is filled in is not looked through again."""
    return re.sub(r"\{(\w+)\}", lambda found: slots.get(found[1], found[0]), template)


def _numbered(choices: Sequence[str]) -> str:
    return "\n".join(f"Answer {k}: {choice}" for k, choice in enumerate(choices, start=1))


def _told(asked: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"Sub-question: {question} Answer: {answer}" for question, answer in asked)


def trimmed(answer: str) -> str:
    """An answer on one line, up to a question that the model goes on with."""
    return answer.split("Question:")[0].replace("\n", " ").strip()


def sub_questions(reply: str) -> list[str]:
    """The lines ``Sub-question n: ...``."""
    return [found.strip() for found in re.findall(r"Sub-question.{0,3}:(.*)", reply) if found.strip()]


def conclusion(reply: str, choices: int, final: bool) -> tuple[str, int | None] | None:
    """Analysis, and the choice from 0; None in its place where the reasoner is not sure, or names no number of a choice. None where
    either line is missing, so that it is asked again.
    """
    analysis = re.search(r"Analysis:(.*)", reply)
    answers = re.findall(r"More Likely Answer:(.*)", reply, re.IGNORECASE)
    if analysis is None or not answers:
        return None
    last = answers[-1].strip()
    number = re.search(r"\d+", last)
    if number is None or (not final and "not sure" in last.lower()):
        return analysis[1].strip(), None
    place = int(number[0]) - 1
    return analysis[1].strip(), place if 0 <= place < choices else None
