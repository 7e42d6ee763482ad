"""Runs samples of embeddings through a tiny network: packed, padded, cached or plain; and pictures through an encoder.

A slow, plain reference of what a VisionLanguageModel does around its decoder: masks, positions, adapters' context.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from models.tiny import DECODERS, pixels, tiny
from vistune.data.batch import Role
from vistune.models.adapters.base import ADAPTERS, Adapter, build_adapter
from vistune.models.adapters.context import AdapterContext, ContextSlot

WIDTH = 32
HIDDEN = -1e30


@dataclass
class Sample:
    """Embeddings ``[L, 32]`` of one sample; with a picture, its first two tokens are the picture's."""

    embeddings: Tensor
    picture: bool

    @property
    def roles(self) -> list[int]:
        first = Role.IMAGE if self.picture else Role.TEXT
        return [int(first)] * 2 + [int(Role.TEXT)] * (len(self.embeddings) - 2)


def samples(count: int = 4, seed: int = 3) -> list[Sample]:
    """Samples of unequal length, every second one with a picture."""
    made = torch.Generator().manual_seed(seed)
    return [Sample(torch.randn(5 + i % 4, WIDTH, generator=made), picture=i % 2 == 0) for i in range(count)]


Part = tuple[Tensor, list[int], int]  # embeddings, roles, index of the sample in its row


@dataclass
class Layout:
    """Rows of samples: ``embeds [B, L, D]``, ``mask [B, 1, L, L]`` additive, and where each sample's own tokens are."""

    embeds: Tensor
    roles: Tensor
    sample: Tensor
    positions: Tensor
    mask: Tensor
    spots: list[tuple[int, slice]]


def lay_out(items: list[Sample], rows: list[list[int]], adapter: Adapter | None, side: str = "right") -> Layout:
    """Samples ``rows[b]`` packed in row b, padded on ``side``, a modality token before each where one is asked for."""
    built, spots = [], []
    for b, row in enumerate(rows):
        parts: list[Part] = []
        at = 0
        for k, index in enumerate(row):
            embeddings, roles = items[index].embeddings, items[index].roles
            if adapter is not None and adapter.needs_modality_token:
                token: Any = adapter
                embeddings = torch.cat([token.modality_embeddings()[int(items[index].picture)][None], embeddings])
                roles = [int(Role.MODALITY), *roles]
            parts.append((embeddings, roles, k))
            own = len(items[index].embeddings)
            spots.append((b, slice(at + len(roles) - own, at + len(roles))))
            at += len(roles)
        built.append((parts, at))
    return _pad(built, spots, side)


def _pad(built: list[tuple[list[Part], int]], spots: list[tuple[int, slice]], side: str) -> Layout:
    length = max(at for _, at in built)
    count = len(built)
    embeds = torch.zeros(count, length, WIDTH)
    roles = torch.zeros(count, length, dtype=torch.long)
    sample = torch.full((count, length), -1)
    positions = torch.zeros(count, length, dtype=torch.long)
    shifts = []
    for b, (parts, used) in enumerate(built):
        at = length - used if side == "left" else 0
        shifts.append(at)
        for embeddings, own_roles, k in parts:
            place = slice(at, at + len(own_roles))
            embeds[b, place] = embeddings
            roles[b, place] = torch.tensor(own_roles)
            sample[b, place] = k
            positions[b, place] = torch.arange(len(own_roles))
            at += len(own_roles)
    moved = [(b, slice(s.start + shifts[b], s.stop + shifts[b])) for b, s in spots]
    return Layout(embeds, roles, sample, positions, _mask(roles, sample), moved)


def _mask(roles: Tensor, sample: Tensor) -> Tensor:
    """Causal within a sample; a modality token is seen by itself only (LaVIN)."""
    length = roles.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool).tril()
    allowed = (sample[:, :, None] == sample[:, None, :]) & causal & (roles != Role.MODALITY)[:, None, :]
    allowed |= torch.eye(length, dtype=torch.bool)
    return torch.where(allowed, 0.0, HIDDEN).unsqueeze(1)


def logits_of(network: nn.Module, slot: ContextSlot, layout: Layout) -> list[Tensor]:
    """Logits ``[own tokens, vocabulary]`` of each sample, modality tokens left out."""
    slot.current = AdapterContext(layout.roles, layout.sample)
    out = network(
        inputs_embeds=layout.embeds, attention_mask=layout.mask, position_ids=layout.positions, use_cache=False
    ).logits
    return [out[b, place] for b, place in layout.spots]


def cached_logits(network: nn.Module, slot: ContextSlot, layout: Layout, steps: int) -> Tensor:
    """Logits ``[B, steps + 1, vocabulary]``: the prompt in one pass, then the last ``steps`` tokens one by one."""
    extras: dict[Any, Tensor] = {}
    length = layout.embeds.shape[1]
    cache, seen = None, []
    for start, stop in [(0, length - steps), *((i, i + 1) for i in range(length - steps, length))]:
        slot.current = AdapterContext(layout.roles[:, start:stop], layout.sample[:, start:stop], extras=extras)
        out = network(
            inputs_embeds=layout.embeds[:, start:stop],
            attention_mask=layout.mask[:, :, start:stop, :stop],
            position_ids=layout.positions[:, start:stop],
            cache=cache,
            use_cache=True,
        )
        cache = out.cache
        seen.append(out.logits[:, -1])
    return torch.stack(seen, dim=1)


def adapted(
    kind: str, architecture: str, *, shaken: bool = True, **options: Any
) -> tuple[nn.Module, Adapter, ContextSlot]:
    """A tiny network with an attached adapter, in evaluation mode; ``shaken`` = with random weights, as if trained."""
    network, slot = tiny(architecture), ContextSlot()
    part = "decoder" if architecture in DECODERS else "vision"
    torch.manual_seed(7)
    adapter = build_adapter({"kind": kind, "part": part, **options}, {part: network}, slot=slot, name="probe").eval()
    if shaken:
        shake(adapter)
    return network, adapter, slot


def shake(adapter: Adapter, spread: float = 0.2) -> None:
    """Random weights everywhere, as training would leave them."""
    made = torch.Generator().manual_seed(11)
    with torch.no_grad():
        for parameter in adapter.parameters():
            parameter.add_(spread * torch.randn(parameter.shape, generator=made))


def outputs(
    network: nn.Module, adapter: Adapter | None, slot: ContextSlot, architecture: str, modality: str | None = None
) -> Tensor:
    """The network's answer to fixed input: logits of four samples, or states of four pictures. One flat tensor.

    ``modality``: only the samples with a picture ("image"), or without ("text").
    """
    with torch.no_grad():
        if architecture not in DECODERS:
            return network(pixels(4)).last_hidden_state.flatten()
        items = [s for s in samples() if modality is None or s.picture == (modality == "image")]
        layout = lay_out(items, [[i] for i in range(len(items))], adapter)
        return torch.cat([x.flatten() for x in logits_of(network, slot, layout)])


def distance(a: Tensor, b: Tensor) -> float:
    """Largest difference relative to the largest value."""
    return float((a - b).abs().max() / b.abs().max().clamp(min=1))


def kinds() -> list[str]:
    """All kinds of adapters."""
    return ADAPTERS.names()
