"""The face of every engine: a fixed number of examples, each a pure function of its index."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from vistune.core.registry import Registry
from vistune.data.example import Example


class Engine(ABC):
    """A source of ``len(engine)`` examples. ``engine[i]`` is the same whenever and wherever it is asked."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __getitem__(self, index: int) -> Example: ...

    def examples(self) -> Iterator[Example]:
        """All examples in order."""
        return (self[index] for index in range(len(self)))


ENGINES: Registry[Engine] = Registry(
    "engine", base=Engine, modules=("vistune.engines.world", "vistune.engines.nlvr.engine")
)
