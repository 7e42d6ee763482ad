"""Who answers in an arena: models, with a decoding method or without, and answers on record."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from vistune.core.errors import DataError, VistuneError
from vistune.core.files import read_jsonl
from vistune.data.example import Example, ImageSource, user
from vistune.decoding import Settings, stream
from vistune.decoding.loop import Method
from vistune.models.interface import Answerer

#: Keys under which files of answers hold the question's id, the answer and the question.
_IDS, _ANSWERS, _QUESTIONS = ("id", "question_id"), ("answer", "text", "prediction"), ("question", "prompt")


class Player(Protocol):
    """A name, and answers piece by piece. ``live``: also answers questions that a person types."""

    name: str
    live: bool

    def knows(self, example: Example) -> bool:
        """Can it answer this example?"""
        ...

    def answer(self, example: Example) -> Iterator[str]:
        """The answer in pieces."""
        ...


class ModelPlayer:
    """A model that is asked when a battle begins, decoding by ``settings`` and ``method``."""

    live = True

    def __init__(self, name: str, model: Answerer, settings: Settings | None = None, method: Method = None) -> None:
        self.name, self.model, self.method = name, model, method
        self.settings = settings or Settings()

    def knows(self, example: Example) -> bool:
        """Any example."""
        return True

    def answer(self, example: Example) -> Iterator[str]:
        """As ``decoding.stream`` gives it."""
        return stream(self.model, example, settings=self.settings, method=self.method)


class RecordedPlayer:
    """Answers of a file, by the id of the question."""

    live = False

    def __init__(self, name: str, answers: Mapping[str, str]) -> None:
        self.name, self.answers = name, answers

    def knows(self, example: Example) -> bool:
        """Only what is on record."""
        return example.id in self.answers

    def answer(self, example: Example) -> Iterator[str]:
        """In one piece."""
        yield self.answers[example.id]


@dataclass(frozen=True, slots=True)
class Record:
    """Answers by id, and the questions that the file itself tells."""

    answers: dict[str, str]
    questions: list[Example]


def read_answers(path: Path) -> Record:
    """A JSON-lines file of answers, such as ``vistune eval`` writes.

    Keys: ``id`` (or ``question_id``) and ``answer`` (``text``, ``prediction``); also, where the file is to bring its own questions,
    ``question`` (or ``prompt``) and ``image``, a path from the file's folder. Raises ``DataError`` for a line without id or answer,
    and for an id with two answers.
    """
    if not path.is_file():
        raise DataError(f"{path}: there is no such file of answers.")
    answers: dict[str, str] = {}
    questions: list[Example] = []
    for number, line in enumerate(read_jsonl(path), start=1):
        where = f"{path}, record {number}"
        identity, answer = _first(line, _IDS), _first(line, _ANSWERS)
        if identity is None or answer is None:
            raise DataError(f"{where}: an answer needs the keys 'id' and 'answer'.")
        if str(identity) in answers:
            raise DataError(f"{where}: '{identity}' has two answers.")
        answers[str(identity)] = str(answer)
        asked = _first(line, _QUESTIONS)
        if asked is not None:
            named = line.get("image")
            images = [ImageSource(path=path.parent / named)] if named else []
            questions.append(Example(str(identity), [user(str(asked), images=tuple(range(len(images))))], images))
    return Record(answers, questions)


def _first(line: Any, keys: tuple[str, ...]) -> Any:
    return next((line[key] for key in keys if isinstance(line, dict) and line.get(key) is not None), None)


@dataclass(slots=True)
class Answering:
    """Two answers on their way. ``done`` is set when both are there, or when ``error`` says why not."""

    texts: list[str] = field(default_factory=lambda: ["", ""])
    done: threading.Event = field(default_factory=threading.Event)
    error: str = ""

    @property
    def same(self) -> bool:
        """Do both say the same, but for spaces around?"""
        return self.texts[0].strip() == self.texts[1].strip()


class AnsweringDesk:
    """One thread that asks the players, battle after battle: a network is never run by two at once.

    The person's page reads what is there so far; that it is closed holds up nobody.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="arena")

    def submit(self, example: Example, left: Player, right: Player, when_done: Any = None) -> Answering:
        """Begin two answers; ``when_done(answering)`` is called before ``done`` is set, unless they failed."""
        found = Answering()
        self._pool.submit(self._run, found, example, (left, right), when_done)
        return found

    def _run(self, found: Answering, example: Example, players: tuple[Player, Player], when_done: Any) -> None:
        try:
            for side, player in enumerate(players):
                for piece in player.answer(example):
                    found.texts[side] += piece
                found.texts[side] = found.texts[side].strip()
            if when_done is not None:
                when_done(found)
        except VistuneError as error:
            found.error = str(error)
        except Exception as error:  # the page must hear of it, whatever a model does
            found.error = f"A model failed to answer ({type(error).__name__})."
            logging.getLogger(__name__).exception("an answer failed")
        finally:
            found.done.set()

    def close(self) -> None:
        """Wait for the answer on its way, and stop."""
        self._pool.shutdown(cancel_futures=True)
