"""Tokens of many samples to their tables at once: one pass of array operations a batch, none a sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from vistune.core.errors import DataError
from vistune.data.batch import IGNORE, Role
from vistune.data.template import Rendered, Turn
from vistune.data.tokens import TextEncoder

#: A sample's table ``[8, L]`` (see ``encoded.FIELDS``), and for each token the text that it is of (-1: none).
Table = tuple[np.ndarray, np.ndarray]


class TableMaker:
    """Joins renderings and their tokens; expands each picture's placeholder to ``grid`` visual tokens."""

    def __init__(self, encoder: TextEncoder, grid: tuple[int, int], modality_token: bool) -> None:
        self._encoder = encoder
        rows, cols = grid
        self._rows, self._cols = np.repeat(np.arange(rows), cols), np.tile(np.arange(cols), rows)
        self._first = None
        if modality_token:
            self._first = np.array([encoder.pad_id, Role.MODALITY, 0, 0, -1, -1, -1, IGNORE])[:, None]

    def make(self, turns: Sequence[Sequence[Turn]], rendered: Sequence[Rendered], prompt: bool) -> Iterator[Table]:
        """Tables of the samples, in order. Raises ``DataError`` where a label would fall on a picture."""
        if not rendered:
            return
        ids, last, counts = self._encoder.encode(["".join(r.pieces) for r in rendered])
        sample = np.repeat(np.arange(len(rendered)), counts)
        lengths = [len(piece) for r in rendered for piece in r.pieces]
        ends = np.cumsum(lengths)
        pieces_before = np.cumsum([0, *(len(r.pieces) for r in rendered)])
        chars_before = np.concatenate([[0], ends])[pieces_before]
        piece = np.searchsorted(ends, last + chars_before[sample], side="right")
        piece = np.minimum(piece, pieces_before[sample + 1] - 1)  # tokens without characters at the very end
        turn = np.fromiter(chain.from_iterable(r.turn for r in rendered), dtype=np.int64)[piece]
        answer = np.fromiter(chain.from_iterable(r.answer for r in rendered), dtype=bool)[piece]
        slots = np.fromiter(chain.from_iterable(r.slot for r in rendered), dtype=np.int64)[piece]
        learned = answer & self._learned(turns, prompt)[turn + self._turns_before(turns)[sample]]
        visual = ids == self._encoder.image_marker
        if (learned & visual).any():
            raise DataError("a label would fall on a picture: an answer that is learned cannot hold pictures.")
        table = np.empty((8, len(ids)), dtype=np.int64)
        table[0] = self._encoder.true_ids[ids]
        table[1] = Role.TEXT
        table[2] = turn
        table[3] = answer
        table[4:7] = -1
        table[7] = np.where(learned, table[0], IGNORE)
        if visual.any():
            table, slots, counts = self._expand(table, slots, visual, sample, counts)
        yield from self._split(table, slots, counts)

    def _split(self, table: np.ndarray, slots: np.ndarray, counts: np.ndarray) -> Iterator[Table]:
        stops = np.cumsum(counts).tolist()
        for start, stop in zip([0, *stops], stops):
            one, of = table[:, start:stop], slots[start:stop]
            if self._first is not None:
                one, of = np.concatenate([self._first, one], axis=1), np.concatenate([[-1], of])
            yield one, of

    @staticmethod
    def _turns_before(turns: Sequence[Sequence[Turn]]) -> np.ndarray:
        """For each sample the number of turns of those before it; each has one more than it holds (a prompt's)."""
        return np.cumsum([0, *(len(each) + 1 for each in turns)])

    @staticmethod
    def _learned(turns: Sequence[Sequence[Turn]], prompt: bool) -> np.ndarray:
        flags: list[bool] = []
        for each in turns:
            flags += [not prompt and turn.learn and turn.role == "assistant" for turn in each]
            flags.append(False)
        return np.array(flags)

    def _expand(
        self, table: np.ndarray, slots: np.ndarray, visual: np.ndarray, sample: np.ndarray, counts: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """One placeholder a picture -> ``rows * cols`` visual tokens; pictures are numbered within their sample."""
        size = len(self._rows)
        owner = sample[visual]  # [pictures], sorted
        per_sample = np.bincount(owner, minlength=len(counts))
        number = np.arange(len(owner)) - np.repeat(np.cumsum(per_sample) - per_sample, per_sample)
        table[1, visual] = Role.IMAGE
        table[3, visual] = 0
        table[4, visual] = number
        slots[visual] = -1
        repeats = np.where(visual, size, 1)
        table, slots = np.repeat(table, repeats, axis=1), np.repeat(slots, repeats)
        places = np.flatnonzero(table[1] == Role.IMAGE)
        table[5, places] = np.tile(self._rows, len(owner))
        table[6, places] = np.tile(self._cols, len(owner))
        return table, slots, counts + per_sample * (size - 1)
