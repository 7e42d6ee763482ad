"""Torch data sets over Examples: by position in a mixture, or as a stream shared out among workers and processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

import numpy as np
from torch.utils.data import Dataset, IterableDataset, get_worker_info

from vistune.core.errors import DataError
from vistune.data.example import Example
from vistune.data.formats import ExampleSet
from vistune.data.mixing import Mixture


class Items(Protocol):
    """A length and an index."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Example: ...


class GoodExamples:
    """The good records of an ``ExampleSet``, by number: ``numbers`` (``ExampleSet.good()``) are found in one pass."""

    def __init__(self, examples: ExampleSet, numbers: np.ndarray | None = None) -> None:
        self.examples = examples
        self.numbers = examples.good() if numbers is None else numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: int) -> Example:
        return self.examples[int(self.numbers[index])]


class MixtureDataset(Dataset[Example]):
    """``dataset[i]`` is the Example at position ``start + i`` of the mixture; ``length`` positions in all."""

    def __init__(self, sets: Mapping[str, Items], mixture: Mixture, length: int | None = None, start: int = 0) -> None:
        missing = [name for name in mixture.names if name not in sets]
        if missing:
            raise DataError(f"The mixture needs the sets {', '.join(missing)}, which are not there.")
        self.sets = sets
        self.mixture = mixture
        self.length = len(mixture) if length is None else length
        self.start = start

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> Example:
        if not 0 <= index < self.length:
            raise IndexError(index)
        name, item = self.mixture.locate(self.start + index)
        return self.sets[name][item]


class ExampleStream(IterableDataset[Example]):
    """A stream of Examples of which each worker of each process gives its part: together every Example once.

    ``open_stream`` makes the whole stream anew (so that it can be handed to workers). ``start`` skips what was seen.
    """

    def __init__(
        self, open_stream: Callable[[], Iterable[Example]], *, start: int = 0, rank: int = 0, world: int = 1
    ) -> None:
        self.open_stream = open_stream
        self.start = start
        self.rank, self.world = rank, world

    def __iter__(self) -> Iterator[Example]:
        worker = get_worker_info()
        count = 1 if worker is None else worker.num_workers
        mine = self.rank * count + (0 if worker is None else worker.id)
        for number, example in enumerate(self.open_stream()):
            if number >= self.start and (number - self.start) % (self.world * count) == mine:
                yield example
