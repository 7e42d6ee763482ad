"""``StageFeed``: micro-batch ``k`` as a pure function of its index: resume, workers and processes change nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor
from torch.utils.data import Dataset

from vistune.core.errors import DataError
from vistune.core.files import append_jsonl
from vistune.core.progress import track
from vistune.data.dataset import Items
from vistune.data.encoded import Encoded
from vistune.data.example import Example, ImageSource
from vistune.data.mixing import Mixture
from vistune.data.processor import Processor
from vistune.tuning.recipe import StageConfig

Features = Callable[[list[ImageSource]], Tensor]

#: How often a sample that cannot be used is replaced by another before the run gives up.
_ATTEMPTS = 20

#: Micro-batches of which ``group_by_length`` sorts the samples together.
_GROUP = 32


@dataclass(frozen=True, slots=True)
class Member:
    """This process among those that train together."""

    rank: int = 0
    world: int = 1


class StageFeed(Dataset[dict[str, Any]]):
    """Item ``k`` is this process's micro-batch ``k``: the tensors of a ``Batch``, ``rejected`` and ``shortened`` (counts).

    Of the mixture's positions, process ``rank`` takes ``(k * world + rank) * batch_size`` and those after it: a step
    sees the same samples however they are split into micro-batches and processes. A sample that cannot be used is
    written to ``rejected`` and replaced by one from behind the planned positions. Packing puts the samples of one
    micro-batch into fewer rows, so it changes the padding and nothing else.
    """

    def __init__(
        self,
        sets: Mapping[str, Items],
        order: Mixture,
        processor: Processor,
        stage: StageConfig,
        count: int,
        *,
        member: Member | None = None,
        rejected: Path | None = None,
        features: Features | None = None,
        lengths: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        self.sets = sets
        self.order = order
        self.processor = processor
        self.stage = stage
        self.count = count
        self.member = member or Member()
        self.rejected = rejected
        self.features = features
        self.lengths = lengths
        self.planned = count * self.member.world * stage.batch_size
        self._told: set[str] = set()
        self._read_to = 0

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, k: int) -> dict[str, Any]:
        samples, replaced = self._samples(self.positions(k))
        while True:
            try:
                batch = self._collate(samples)
                break
            except DataError as error:
                samples, more = self._without_broken(samples, error)
                replaced += more
        shortened = sum(bool(sample.dropped) for _, sample in samples)
        return {**batch.tensors(), "rejected": replaced, "shortened": shortened}

    def positions(self, k: int) -> list[int]:
        """The positions in the mixture that micro-batch ``k`` of this process is made of."""
        size = self.stage.batch_size
        first = (k * self.member.world + self.member.rank) * size
        if self.lengths is None:
            return list(range(first, first + size))
        return self._grouped(first, size)

    def _grouped(self, first: int, size: int) -> list[int]:
        """Sort a window of positions by length, cut it into micro-batches and shuffle those."""
        assert self.lengths is not None
        window = size * _GROUP
        start = first // window * window
        places = [self.order.locate(p) for p in range(start, min(start + window, self.planned))]
        by_length = np.argsort([self.lengths[name][index] for name, index in places], kind="stable")
        batches = -(-len(places) // size)
        shuffled = np.random.default_rng(start).permutation(batches)
        chosen = int(shuffled[(first - start) // size])
        return [start + int(i) for i in by_length[chosen * size : (chosen + 1) * size]]

    def _samples(self, positions: Sequence[int]) -> tuple[list[tuple[int, Encoded]], int]:
        """(position, tokens) for each position or its replacement, and how many were replaced."""
        found: list[tuple[int, Encoded]] = []
        wanted, replaced = list(positions), 0
        for _ in range(_ATTEMPTS):
            examples = {position: self._example(position) for position in wanted}
            usable = [(p, e) for p, e in examples.items() if e is not None]
            failed: set[int] = set()

            def reject(example: Example, error: DataError, failed: set[int] = failed) -> None:
                failed.add(id(example))
                self._note(example.id, str(error))

            encoded = iter(self.processor.encode_many([e for _, e in usable], on_error=reject))
            found += [(p, next(encoded)) for p, e in usable if id(e) not in failed]
            bad = [p for p, e in examples.items() if e is None or id(e) in failed]
            if not bad:
                return found, replaced
            replaced += len(bad)
            wanted = [position + self.planned for position in bad]
        raise DataError(f"{_ATTEMPTS} samples in a row could not be used: {self._told_where()}.")

    def _example(self, position: int) -> Example | None:
        name, index = self.order.locate(position)
        try:
            return self.sets[name][index]
        except DataError as error:
            self._note(f"{name}[{index}]", str(error))
            return None

    def _collate(self, samples: Sequence[tuple[int, Encoded]]) -> Any:
        tokens = [sample for _, sample in samples]
        packing = self.stage.packing
        rows = self.processor.pack(tokens, packing.length) if packing else [[sample] for sample in tokens]
        multiple = self.stage.pad_to_multiple_of
        return self.processor.collate_packed(rows, pad_to_multiple=multiple, features=self.features)

    def _without_broken(
        self, samples: Sequence[tuple[int, Encoded]], error: DataError
    ) -> tuple[list[tuple[int, Encoded]], int]:
        """Replace the samples whose pictures cannot be opened, or that are too long for a packed row."""
        whole: list[tuple[int, Encoded]] = []
        broken: list[int] = []
        for position, sample in samples:
            try:
                self._collate([(position, sample)])
                whole.append((position, sample))
            except DataError as fault:
                broken.append(position)
                self._note(sample.id, str(fault))
        if not broken:  # the fault is not one sample's
            raise error
        fresh, more = self._samples([position + self.planned for position in broken])
        return [*whole, *fresh], len(broken) + more

    def _note(self, identity: str, reason: str) -> None:
        """Write a sample down once, whichever worker, process or session met it first."""
        if self.rejected is not None:
            with _alone(self.rejected):
                self._read_told(self.rejected)
                if identity not in self._told:
                    append_jsonl(self.rejected, [{"id": identity, "stage": self.stage.name, "reason": reason}])
        self._told.add(identity)

    def _read_told(self, path: Path) -> None:
        """Take up what was added to the file since it was last looked at."""
        if not path.exists():
            return
        with path.open("rb") as file:
            file.seek(self._read_to)
            lines = file.read().split(b"\n")
            self._read_to = file.tell() - len(lines.pop())  # a line that is still being written is read next time
        for line in filter(None, lines):
            with suppress(ValueError, KeyError):  # a line that a killed process left half written
                told = json.loads(line)
                if told["stage"] == self.stage.name:
                    self._told.add(told["id"])

    def _told_where(self) -> str:
        return f"their reasons are in {self.rejected}" if self.rejected else ", ".join(sorted(self._told)[:3])


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One worker at a time, over all processes of this machine; no lock where the system has none."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def length_estimates(items: Items) -> np.ndarray:
    """About how long each example is, ``[n]`` int32: a token for each four characters, 64 for a picture.

    One pass over all examples; those that cannot be read count as empty.
    """
    lengths = np.zeros(len(items), dtype=np.int32)
    for index in track(range(len(items)), "lengths", len(items)):
        try:
            example = items[index]
        except DataError:
            continue
        characters = sum(len(message.text) for message in example.messages)
        lengths[index] = characters // 4 + 64 * len(example.images)
    return lengths
