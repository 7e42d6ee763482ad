"""The face of every engine: a fixed number of examples, each a pure function of its index."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, get_args

from vistune.core.errors import ConfigError, nearest
from vistune.core.registry import Registry
from vistune.data.example import Example, ImageSource, Message, Provenance, assistant, user
from vistune.world.questions.question import Question
from vistune.world.scene import Prior, Split


class Engine(ABC):
    """A source of ``len(engine)`` examples. ``engine[i]`` is the same whenever and wherever it is asked."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __getitem__(self, index: int) -> Example: ...

    def examples(self) -> Iterator[Example]:
        """All examples in order."""
        return (self[index] for index in range(len(self)))

    def write_annotations(self, folder: Path) -> list[Path]:
        """Write what is known of all examples in the published formats of the field; -> the files.

        Raises:
            ConfigError: the engine has no annotations.
        """
        raise ConfigError(f"{type(self).__name__} has no annotations to write: leave --annotations out.")


ENGINES: Registry[Engine] = Registry(
    "engine",
    base=Engine,
    modules=(
        "vistune.engines.aerial",
        "vistune.engines.cells",
        "vistune.engines.charts",
        "vistune.engines.houses",
        "vistune.engines.maps",
        "vistune.engines.marks",
        "vistune.engines.misleading",
        "vistune.engines.pages",
        "vistune.engines.pairs",
        "vistune.engines.provision",
        "vistune.engines.regions",
        "vistune.engines.rooms",
        "vistune.engines.sequences",
        "vistune.engines.tabletop",
        "vistune.engines.tongues",
        "vistune.engines.video",
        "vistune.engines.world",
        "vistune.engines.nlvr.engine",
    ),
)

#: Pictures of engines with different seeds must not coincide: the seed moves their numbers this far apart.
SEED_STRIDE = 10_000_000


class SeededEngine(Engine):
    """An engine of the nano world: example ``index`` is made from the number ``seed * SEED_STRIDE + index`` alone.

    ``split``, ``prior``: as in ``vistune.world.sample_scene``. ``image_size``: pixels on the longer side. ``turns``:
    questions about one picture at most. ``tasks``: weight of each of the class's ``TASKS``, by default all alike but those
    ``BY_NAME``, which are done only where they are named.

    A subclass names its ``KIND`` (the registered name) and ``TASKS``, and implements ``make``.
    """

    KIND: ClassVar[str]
    TASKS: ClassVar[tuple[str, ...]]
    BY_NAME: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        n: int,
        *,
        split: Split = "train",
        prior: Prior = "skewed",
        image_size: int = 64,
        turns: int = 4,
        tasks: dict[str, float] | None = None,
        seed: int = 0,
    ) -> None:
        for what, value, known in (("split", split, get_args(Split)), ("prior", prior, get_args(Prior))):
            if value not in known:
                raise ConfigError(f"{self.KIND}: there is no {what} '{value}'. {nearest(str(value), known)}")
        if image_size < 1 or turns < 1:
            raise ConfigError(f"{self.KIND}: image_size and turns are 1 or more, not {image_size} and {turns}.")
        self.n = n
        self.split: Split = split
        self.prior: Prior = prior
        self.image_size = image_size
        self.turns = turns
        usual = {task: 1.0 for task in self.TASKS if task not in self.BY_NAME}
        self.tasks = usual if tasks is None else tasks
        for task in self.tasks:
            if task not in self.TASKS:
                raise ConfigError(f"{self.KIND}: there is no task '{task}'. {nearest(task, self.TASKS)}")
        self.seed = seed

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> Example:
        if not 0 <= index < self.n:
            raise IndexError(index)
        number = self.number(index)
        return self.make(number, self.stream(number))

    def stream(self, number: int) -> random.Random:
        """The random stream that the example of a number begins with; its task is drawn first."""
        return random.Random(f"{self.KIND} example/{self.split}/{number}")

    def number(self, index: int) -> int:
        """The number that example ``index`` is made from; give it as seed to the kind's sampler."""
        return self.seed * SEED_STRIDE + index

    @abstractmethod
    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number. ``rng`` is seeded by kind, split and number."""

    def draw_task(self, rng: random.Random) -> str:
        """A task by the weights."""
        return rng.choices(list(self.tasks), list(self.tasks.values()))[0]

    def example(
        self, number: int, messages: list[Message], images: Sequence[Any], meta: dict[str, Any], **fields: Any
    ) -> Example:
        """An example with its name and where it comes from. ``images``: uint8 arrays ``[height, width, 3]``."""
        return Example(
            id=f"{self.KIND}-{self.split}-{number}",
            messages=messages,
            images=[ImageSource(array=image) for image in images],
            provenance=Provenance(source="world", engine=self.KIND, licence="Apache-2.0"),
            meta={**meta, "number": number, "prior": self.prior},
            **fields,
        )


def question_turns(
    questions: Sequence[Question], images: int = 1, opened: bool = False
) -> tuple[list[Message], dict[str, Any]]:
    """The turns of questions and answers about pictures 0 to ``images`` - 1, and what ``meta`` records of them.

    The pictures come with the first question, unless the conversation is already ``opened`` by other turns. Recorded
    under ``questions``: type, question, answer, program (printed), whether the wording is held out, and the choices.
    """
    messages: list[Message] = []
    for question in questions:
        shown = () if messages or opened else tuple(range(images))
        messages += [user(question.text, images=shown), assistant(question.answer)]
    return messages, {"questions": [question_record(question) for question in questions]}


def question_record(question: Question) -> dict[str, Any]:
    """What ``meta`` keeps of a question."""
    return {
        "type": question.type,
        "question": question.text,
        "answer": question.answer,
        "program": None if question.program is None else str(question.program),
        "held_out": question.held_out,
        **({} if question.choices is None else {"choices": list(question.choices)}),
    }
