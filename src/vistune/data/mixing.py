"""Weighted mixtures of data sets as pure functions: position -> (set, item), from a seed, without end.

A run that stops at position ``p`` goes on at ``p``; nothing is remembered but the seed. Every set is gone through in
epochs: each of its items comes once before any comes again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from vistune.core.errors import ConfigError, nearest
from vistune.core.seeding import Seed

#: Within blocks of at least this many positions each set has its share (to one item).
_BLOCK = 1024
_KEPT = 8


@dataclass(frozen=True, slots=True)
class Share:
    """One set in a mixture, for people."""

    name: str
    size: int
    share: float


class Mixture:
    """Which item of which set stands at each position.

    ``sizes`` gives the number of items of each set. ``weights`` are relative; without them sets are mixed in proportion
    to their sizes, and ``len(mixture)`` positions hold each item of each set exactly once. ``shuffle`` False goes
    through each set in order. Raises ``ConfigError`` for weights of unknown sets, negative ones or an empty set.
    """

    def __init__(
        self,
        sizes: Mapping[str, int],
        weights: Mapping[str, float] | None = None,
        seed: int | Seed = 0,
        shuffle: bool = True,
    ) -> None:
        for name in weights or ():
            if name not in sizes:
                raise ConfigError(f"The mixture has no set '{name}'. {nearest(name, sizes)}")
        given = {name: 1.0 * size for name, size in sizes.items()} if weights is None else dict(weights)
        if not sizes or any(weight < 0 for weight in given.values()) or not sum(given.values()) > 0:
            raise ConfigError(f"A mixture needs at least one set with a positive weight, not {given}.")
        self.names = [name for name in sizes if given.get(name, 0.0) > 0]
        for name in self.names:
            if sizes[name] <= 0:
                raise ConfigError(f"The set '{name}' of the mixture is empty.")
        self.sizes = np.array([sizes[name] for name in self.names], dtype=np.int64)
        shares = np.array([given[name] for name in self.names], dtype=np.float64)
        self.shares = shares / shares.sum()
        self.proportional = weights is None
        self.seed = seed if isinstance(seed, Seed) else Seed(seed)
        self.shuffle = shuffle
        self._edges = np.concatenate([[0.0], np.cumsum(self.shares)])
        self._edges[-1] = 1.0
        self._block = max(_BLOCK, int(np.ceil(2 / self.shares.min())))
        self._orders: OrderedDict[tuple[str | int, int], np.ndarray] = OrderedDict()
        self._blocks: OrderedDict[int, tuple[np.ndarray, np.ndarray]] = OrderedDict()

    def __len__(self) -> int:
        """Positions in an epoch: the number of items of all sets together."""
        return int(self.sizes.sum())

    def locate(self, position: int) -> tuple[str, int]:
        """(name of the set, index in it) at ``position`` >= 0."""
        if self.proportional:
            epoch, place = divmod(position, len(self))
            number = int(self._order("all", epoch, len(self))[place]) if self.shuffle else place
            chosen = int(np.searchsorted(np.cumsum(self.sizes), number, side="right"))
            return self.names[chosen], number - int(self.sizes[:chosen].sum())
        block, place = divmod(position, self._block)
        sets, ranks = self._block_table(block)
        chosen = int(sets[place])
        size = int(self.sizes[chosen])
        epoch, rank = divmod(int(ranks[place]), size)
        return self.names[chosen], int(self._order(chosen, epoch, size)[rank]) if self.shuffle else rank

    def positions(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[str, int]]:
        """``locate`` for positions from ``start``, without end where ``stop`` is None."""
        position = start
        while stop is None or position < stop:
            yield self.locate(position)
            position += 1

    def epochs(self, positions: int) -> dict[str, float]:
        """How often each set is gone through in so many positions, about."""
        return {n: float(positions * share / size) for n, share, size in zip(self.names, self.shares, self.sizes)}

    def describe(self) -> list[Share]:
        """Sets with their sizes and shares."""
        return [Share(name, int(size), float(s)) for name, size, s in zip(self.names, self.sizes, self.shares)]

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_orders": OrderedDict(), "_blocks": OrderedDict()}

    def _taken(self, positions: int) -> np.ndarray:
        """Items of each set among the first ``positions`` (a multiple of the block): whole numbers that sum to it."""
        return np.diff(np.rint(self._edges * positions).astype(np.int64))

    def _block_table(self, block: int) -> tuple[np.ndarray, np.ndarray]:
        """For each position of a block its set and the item's rank among all items of that set."""
        if block not in self._blocks:
            before, after = self._taken(block * self._block), self._taken((block + 1) * self._block)
            sets = np.repeat(np.arange(len(self.names)), after - before)
            self.seed.numpy("mixture", block).shuffle(sets)
            ranks = np.empty_like(sets)
            for number in range(len(self.names)):
                ranks[sets == number] = np.arange(before[number], after[number])
            _keep(self._blocks, block, (sets, ranks))
        return self._blocks[block]

    def _order(self, name: str | int, epoch: int, size: int) -> np.ndarray:
        """The order in which a set's items come in an epoch."""
        if (name, epoch) not in self._orders:
            key = self.names[name] if isinstance(name, int) else name
            order = (
                self.seed.numpy("order", key, epoch).permutation(size).astype(np.int32 if size < 2**31 else np.int64)
            )
            _keep(self._orders, (name, epoch), order, max(_KEPT, 2 * len(self.names)))
        return self._orders[(name, epoch)]


def _keep(cache: OrderedDict, key: object, value: object, size: int = _KEPT) -> None:
    cache[key] = value
    if len(cache) > size:
        cache.popitem(last=False)
