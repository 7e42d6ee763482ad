"""From samples to a ``Batch``: padding, packing, pictures."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from heapq import heapreplace
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from vistune.core.errors import DataError
from vistune.data.batch import Batch
from vistune.data.encoded import FIELDS, FILL, Encoded
from vistune.data.example import ImageSource

PaddingSide = Literal["right", "left"]


def pack_lengths(lengths: Sequence[int], capacity: int) -> list[list[int]]:
    """Put items of ``lengths`` into as few bins of ``capacity`` as best-fit-decreasing finds, about equally full.

    Equally full, because rows are padded to the fullest. -> bins of indices; within a bin and among bins (by first
    item) the given order is kept. Every item is in exactly one bin. Raises ``DataError`` for an item longer than
    ``capacity``. O(n log n) but for list insertion.
    """
    order = sorted(range(len(lengths)), key=lambda item: -lengths[item])
    if order and lengths[order[0]] > capacity:
        raise DataError(
            f"A sample of {lengths[order[0]]} tokens does not fit into rows of {capacity}: raise the packing length or "
            "set max_length, so that long samples are shortened."
        )
    bins: list[list[int]] = []
    room: list[tuple[int, int]] = []  # (free tokens, bin), sorted
    for item in order:
        place = bisect_left(room, (lengths[item], -1))
        if place == len(room):
            free, number = capacity, len(bins)
            bins.append([])
        else:
            free, number = room.pop(place)
        bins[number].append(item)
        insort(room, (free - lengths[item], number))
    even = _spread(lengths, order, len(bins))
    if _fullest(even, lengths) < _fullest(bins, lengths):
        bins = even
    return sorted(sorted(items) for items in bins)


def _spread(lengths: Sequence[int], order: Sequence[int], count: int) -> list[list[int]]:
    """Items, longest first, each into the emptiest of ``count`` bins (Graham's LPT rule)."""
    bins: list[list[int]] = [[] for _ in range(count)]
    loads = [(0, number) for number in range(count)]
    for item in order:
        load, number = loads[0]
        bins[number].append(item)
        heapreplace(loads, (load + lengths[item], number))
    return bins


def _fullest(bins: Sequence[Sequence[int]], lengths: Sequence[int]) -> int:
    return max((sum(lengths[item] for item in items) for items in bins), default=0)


def pack(samples: Sequence[Encoded], length: int) -> list[list[Encoded]]:
    """Rows of samples, each row at most ``length`` tokens (see ``pack_lengths``)."""
    return [[samples[item] for item in items] for items in pack_lengths([len(s) for s in samples], length)]


def collate_rows(
    rows: Sequence[Sequence[Encoded]],
    *,
    pad_id: int,
    grid: tuple[int, int],
    padding_side: PaddingSide = "right",
    pad_to_multiple: int | None = None,
    load: Callable[[list[ImageSource]], Tensor] | None = None,
    load_features: Callable[[list[ImageSource]], Tensor] | None = None,
) -> Batch:
    """Rows of one or several samples -> ``Batch``. ``load`` makes pixel values, ``load_features`` cached features."""
    if not rows or not all(rows):
        raise DataError("A batch needs at least one sample in each row.")
    width = max(sum(len(sample) for sample in row) for row in rows)
    if pad_to_multiple:
        width = -(-width // pad_to_multiple) * pad_to_multiple
    table = np.empty((len(FIELDS) + 1, len(rows), width), dtype=np.int64)
    table[:] = np.array([pad_id, *FILL[1:], -1], dtype=np.int64)[:, None, None]
    images: list[ImageSource] = []
    for number, row in enumerate(rows):
        start = 0 if padding_side == "right" else width - sum(len(sample) for sample in row)
        for index, sample in enumerate(row):
            stop = start + len(sample)
            table[:-1, number, start:stop] = sample.table
            table[-1, number, start:stop] = index
            if images and sample.images:
                pictures = table[4, number, start:stop]
                pictures[pictures >= 0] += len(images)
            images += sample.images
            start = stop
    tensors = torch.from_numpy(table)
    learning = not all(sample.prompt for row in rows for sample in row)
    return Batch(
        input_ids=tensors[0],
        roles=tensors[1],
        sample=tensors[8],
        turn=tensors[2],
        answer=tensors[3].bool(),
        image=tensors[4],
        row=tensors[5],
        col=tensors[6],
        grids=torch.tensor(grid, dtype=torch.long).repeat(len(images), 1),
        labels=tensors[7] if learning else None,
        pixel_values=_loaded(load, images, rows) if images and load_features is None else None,
        features=_loaded(load_features, images, rows) if images else None,
        ids=[sample.id for row in rows for sample in row],
    )


def _loaded(
    load: Callable[[list[ImageSource]], Tensor] | None, images: list[ImageSource], rows: Sequence[Sequence[Encoded]]
) -> Tensor | None:
    """Open the pictures; a picture that cannot be opened is told with the id of its sample."""
    if load is None:
        return None
    try:
        return load(images)
    except DataError:
        for sample in (sample for row in rows for sample in row):
            for image in sample.images:
                try:
                    image.open()
                except DataError as error:
                    raise DataError(f"Example '{sample.id}': {error}") from error
        raise
