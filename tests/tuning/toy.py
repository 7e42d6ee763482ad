"""A toy model and toy micro-batches: what the trainer needs, in milliseconds. A sample follows from its number."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset
from transformers.modeling_outputs import CausalLMOutput

from vistune.core.seeding import Seed
from vistune.data.batch import IGNORE, Role

WORDS, WIDTH, CELLS, SIZE = 23, 16, 4, 4


class ToyModel(nn.Module):
    """Reads one picture as ``CELLS`` tokens and words by a causal running mean. Dropout makes random states matter."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.vision = nn.Sequential(nn.Linear(3 * SIZE * SIZE, CELLS * WIDTH), nn.Dropout(0.5))
        self.connector = nn.Linear(WIDTH, WIDTH)
        self.decoder = nn.ModuleDict(
            {"embed": nn.Embedding(WORDS, WIDTH), "mix": nn.Linear(WIDTH, WIDTH), "norm": nn.LayerNorm(WIDTH)}
        )
        self.head = nn.Linear(WIDTH, WORDS, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        input_ids: Tensor,
        roles: Tensor,
        sample: Tensor,
        image: Tensor,
        logits_to_keep: Any = slice(None),
        **rest: Any,
    ) -> CausalLMOutput:
        """Token tensors ``[B, L]``, ``pixel_values [N, 3, SIZE, SIZE]`` -> ``.logits [B, L, WORDS]``."""
        hidden = self.decoder["embed"](input_ids)
        pixels = rest.get("pixel_values")
        if pixels is None:
            pixels = torch.zeros(1, 3, SIZE, SIZE)
        seen = self.connector(self.vision(pixels.flatten(1)).view(-1, CELLS, WIDTH))
        hidden = hidden + 0 * seen.sum()
        if rest.get("pixel_values") is not None:
            flat = hidden.clone()
            flat[roles == Role.IMAGE] = seen.flatten(0, 1).to(hidden.dtype)
            hidden = flat
        same = (sample[:, :, None] == sample[:, None, :]) & torch.ones(input_ids.shape[1:] * 2).tril().bool()
        weights = same.to(hidden.dtype) / same.sum(-1, keepdim=True)
        mixed = hidden + torch.tanh(self.decoder["mix"](self.dropout(weights @ hidden)))
        return CausalLMOutput(logits=self.head(self.decoder["norm"](mixed[:, logits_to_keep])))


def toy_sample(number: int) -> dict[str, Tensor]:
    """Sample ``number``: a picture's tokens (two of three have one), 3 words of question, 1 to 4 words of answer."""
    generator = Seed(number).torch("toy")
    has_image = number % 3 != 0
    answer = 1 + number % 4
    cells = CELLS if has_image else 0
    words = torch.randint(1, WORDS, (3 + answer,), generator=generator)
    ids = torch.cat([torch.zeros(cells, dtype=torch.long), words])
    labels = ids.clone()
    labels[: cells + 3] = IGNORE
    roles = torch.full_like(ids, int(Role.TEXT))
    roles[:cells] = int(Role.IMAGE)
    pixels = torch.randn(int(has_image), 3, SIZE, SIZE, generator=generator)
    return {"input_ids": ids, "labels": labels, "roles": roles, "pixel_values": pixels}


def collate(samples: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Right-padded rows, one a sample, as the tensors of a ``Batch``."""
    length = max(len(s["input_ids"]) for s in samples)
    rows: dict[str, list[Tensor]] = {name: [] for name in ("input_ids", "labels", "roles", "sample", "image")}
    pictures = 0
    for s in samples:
        pad = length - len(s["input_ids"])
        count = len(s["pixel_values"])
        image = torch.where(s["roles"] == Role.IMAGE, pictures if count else -1, -1)
        pictures += count
        values = {**s, "sample": torch.zeros_like(image), "image": image}
        for name, fill in (("input_ids", 0), ("labels", IGNORE), ("roles", 0), ("sample", -1), ("image", -1)):
            rows[name].append(nn.functional.pad(values[name], (0, pad), value=fill))
    batch = {name: torch.stack(found) for name, found in rows.items()}
    pixels = torch.cat([s["pixel_values"] for s in samples])
    nothing = torch.zeros_like(batch["input_ids"])
    batch |= {"turn": nothing, "answer": nothing.bool(), "row": nothing, "col": nothing}
    batch["grids"] = torch.full((len(pixels), 2), 2)
    if len(pixels):
        batch["pixel_values"] = pixels
    return batch


class ToyBatches(Dataset[dict[str, Any]]):
    """Micro-batch ``k`` of process ``rank`` holds samples ``(k * world + rank) * size`` and those after it."""

    def __init__(self, count: int, size: int, rank: int = 0, world: int = 1) -> None:
        self.count, self.size, self.rank, self.world = count, size, rank, world

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, k: int) -> dict[str, Any]:
        first = (k * self.world + self.rank) * self.size
        return {**collate([toy_sample(first + i) for i in range(self.size)]), "rejected": 0}
