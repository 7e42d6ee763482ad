"""Batches by hand for tests of the model: samples written as lists of words and pictures, laid out in rows."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from vistune.data.batch import IGNORE, Batch, Role
from vistune.models.sequence import Sequence as Tokens

#: A sample: ``"t"`` text of the user, ``"a"`` text of an answer, ``"m"`` the modality token, (rows, cols) a picture.
Sample = Sequence[str | tuple[int, int]]

_PAD = (0, int(Role.PAD), -1, -1, 0, -1, -1, -1, IGNORE)
WORDS = 90


def talk(*words: str | tuple[int, int]) -> list[str | tuple[int, int]]:
    """``talk("tt", (2, 2), "ta")`` -> one sample."""
    return [piece for word in words for piece in (word if isinstance(word, str) else [word])]


def batch_of(rows: Sequence[Sequence[Sample]], side: str = "right", size: int = 16, seed: int = 0) -> Batch:
    """Rows of samples -> a ``Batch``. A sample's words and pictures depend on its place in reading order and the seed."""
    table, grids, pictures, count = [], [], [], 0
    for samples in rows:
        tokens: list[tuple[int, ...]] = []
        for index, sample in enumerate(samples):
            made = torch.Generator().manual_seed(1000 * seed + count)
            count += 1
            for piece in sample:
                word = int(torch.randint(3, WORDS, (), generator=made))
                if isinstance(piece, tuple):
                    number = len(grids)
                    grids.append(piece)
                    pictures.append(torch.randn(3, size, size, generator=made))
                    tokens += [
                        (0, int(Role.IMAGE), index, 0, 0, number, r, c, IGNORE)
                        for r in range(piece[0])
                        for c in range(piece[1])
                    ]
                elif piece == "m":
                    tokens.append((0, int(Role.MODALITY), index, 0, 0, -1, -1, -1, IGNORE))
                else:
                    answer = piece == "a"
                    label = word if answer else IGNORE
                    tokens.append((word, int(Role.TEXT), index, int(answer), int(answer), -1, -1, -1, label))
        table.append(tokens)
    length = max(len(tokens) for tokens in table)
    fill = [[_PAD] * (length - len(tokens)) for tokens in table]
    whole = torch.tensor([t + p if side == "right" else p + t for t, p in zip(table, fill)])
    ids, roles, sample, turn, answer, image, row, col, labels = whole.unbind(-1)
    return Batch(
        input_ids=ids,
        roles=roles,
        sample=sample,
        turn=turn,
        answer=answer.bool(),
        image=image,
        row=row,
        col=col,
        grids=torch.tensor(grids, dtype=torch.long).view(-1, 2),
        labels=labels,
        pixel_values=torch.stack(pictures) if pictures else None,
    )


def tokens_of(batch: Batch) -> Tokens:
    """The batch's tokens without embeddings, for tests of positions and masks."""
    return Tokens.from_batch(batch)


def own(values: torch.Tensor, batch: Batch) -> list[torch.Tensor]:
    """``values [B, L, ...]`` of each sample's tokens, in reading order, padding left out."""
    out = []
    for b in range(values.shape[0]):
        for index in range(int(batch.sample[b].max()) + 1):
            out.append(values[b][batch.sample[b] == index])
    return out
