"""Interventions: edits of a network's inner states that last as long as a ``with`` block.

    with intervene(model, ScaleHeads({3: [0, 5]}, factor=0.0)):
        changed = model(**batch).logits
    # here the outputs are the untouched ones again, bit for bit

Knockouts, steering and inner pruning derive from ``Intervention`` and override ``edit``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from vistune.core.errors import ConfigError, ModelError
from vistune.data.batch import Role
from vistune.models.adapters.context import AdapterContext, ContextSlot
from vistune.models.anatomy import Anatomy, anatomy_of


class Intervention:
    """An edit at one site of some layers of one part of a model.

    ``site`` as in ``vistune.models.anatomy``; ``part``: ``decoder`` or ``vision`` (a bare network has one part only).
    """

    def __init__(self, site: str, *, layers: str | int | Sequence[int] = "all", part: str = "decoder") -> None:
        self.site = site
        self.layers = layers
        self.part = part

    def edit(self, x: Tensor, layer: int, context: AdapterContext | None) -> Tensor:
        """``x [B, L, D]`` at the site of ``layer`` -> the same shape. ``context``: the tokens' roles, where known."""
        raise NotImplementedError

    def prepare(self, anatomy: Anatomy) -> None:
        """Check the settings against the network, once, before anything is hooked. Raises ``ConfigError``."""


@contextmanager
def intervene(model: nn.Module, *interventions: Intervention) -> Iterator[None]:
    """Apply the interventions, in this order, inside the block; leaving it (by an error too) takes them out.

    ``model`` is a ``VisionLanguageModel``, or a bare network as the part of every intervention.
    """
    slot = getattr(model, "slot", None)
    anatomies = {i.part: anatomy_of(_part(model, i.part), i.part) for i in interventions}
    for intervention in interventions:
        anatomies[intervention.part].check_site(intervention.site)
        intervention.prepare(anatomies[intervention.part])
    with ExitStack() as stack:
        for intervention in interventions:
            anatomy = anatomies[intervention.part]
            for layer in anatomy.select(intervention.layers):
                edit = partial(_edit, intervention, layer, slot if isinstance(slot, ContextSlot) else None)
                stack.callback(anatomy.hook(layer, intervention.site, edit).remove)
        yield


def _edit(intervention: Intervention, layer: int, slot: ContextSlot | None, x: Tensor) -> Tensor:
    return intervention.edit(x, layer, slot.current if slot is not None else None)


def _part(model: nn.Module, part: str) -> nn.Module:
    """A model's part by name; a bare network (or a foreign VLM) stands for itself."""
    own = getattr(model, part, None)
    return own if isinstance(own, nn.Module) else model


class ScaleHeads(Intervention):
    """Multiply the outputs of attention heads by ``factor`` (0 = knock out, 1 = neutral).

    ``heads``: head indices by layer, e.g. ``{3: [0, 5]}``. Acts on the input of the output projection.
    """

    def __init__(self, heads: Mapping[int, Sequence[int]], *, factor: float = 0.0, part: str = "decoder") -> None:
        super().__init__("into:o", layers=list(heads), part=part)
        self.heads = dict(heads)
        self.factor = factor
        self._scales: dict[int, Tensor] = {}

    def prepare(self, anatomy: Anatomy) -> None:
        """Turn head indices into a scale ``[heads * head_dim]`` by layer."""
        self._scales = {}
        for index, heads in self.heads.items():
            wrong = [h for h in heads if not 0 <= h < anatomy.heads]
            if wrong:
                raise ConfigError(f"heads {wrong} of layer {index} do not exist; a layer has {anatomy.heads} heads.")
            scale = torch.ones(anatomy.heads, anatomy.head_dim)
            scale[list(heads)] = self.factor
            self._scales[anatomy.select(index)[0]] = scale.flatten()

    def edit(self, x: Tensor, layer: int, context: AdapterContext | None) -> Tensor:
        """``x [B, L, heads * head_dim]`` with the chosen heads scaled."""
        return x * self._scales[layer].to(x)


class AddToResidual(Intervention):
    """Steering: add ``strength * vector`` to the residual stream leaving the chosen layers (strength 0 = neutral).

    ``vector [D]``, or ``[depth, D]`` with one row a layer. ``roles``: only at tokens of these, e.g. ``[Role.IMAGE]``.
    """

    def __init__(
        self,
        vector: Tensor,
        *,
        layers: str | int | Sequence[int] = "all",
        strength: float = 1.0,
        roles: Sequence[Role] | None = None,
        part: str = "decoder",
    ) -> None:
        super().__init__("after_layer", layers=layers, part=part)
        self.vector = vector
        self.strength = strength
        self.roles = roles

    def prepare(self, anatomy: Anatomy) -> None:
        """The vector must have the width of the residual stream."""
        if self.vector.shape not in ((anatomy.width,), (anatomy.depth, anatomy.width)):
            raise ConfigError(
                f"The steering vector has shape {list(self.vector.shape)}; the network asks for [{anatomy.width}] "
                f"or [{anatomy.depth}, {anatomy.width}]."
            )

    def edit(self, x: Tensor, layer: int, context: AdapterContext | None) -> Tensor:
        """``x [B, L, D]`` plus the vector, at the chosen roles only."""
        vector = self.vector if self.vector.dim() == 1 else self.vector[layer]
        step: Any = (self.strength * vector).to(x)
        if self.roles is None:
            return x + step
        if context is None or context.roles is None:
            raise ModelError("AddToResidual with roles needs a model that tells the tokens' roles.")
        chosen = torch.isin(context.roles, torch.tensor([int(r) for r in self.roles], device=context.roles.device))
        return x + step * chosen.unsqueeze(-1).to(x)


class PermuteVisualTokens(Intervention):
    """Visual tokens in another order as they enter the decoder; positions stay as they are (arXiv 2410.04751, section 3.1).

    One permutation by ``seed`` for all pictures with as many tokens, so that a sample's outcome does not hang on its batch.
    ``share`` of the tokens changes places (0 = neutral). Average over several seeds.
    """

    def __init__(self, seed: int = 0, share: float = 1.0) -> None:
        super().__init__("before_layer", layers=[0])
        if not 0 <= share <= 1:
            raise ConfigError(f"The share of visual tokens that change places is 0 to 1, not {share}.")
        self.seed, self.share = seed, share

    def edit(self, x: Tensor, layer: int, context: AdapterContext | None) -> Tensor:
        """``x [B, L, D]`` with each row's visual tokens permuted among themselves. Raises ``ModelError`` without roles."""
        if context is None or context.roles is None:
            raise ModelError("PermuteVisualTokens needs a model that tells the tokens' roles.")
        visual = context.roles == int(Role.IMAGE)
        if not bool(visual.any()) or not self.share:
            return x
        out = x.clone()
        for row, own in enumerate(visual):
            places = own.nonzero()[:, 0]
            order = torch.from_numpy(self.order(len(places))).to(places.device)
            out[row, places] = x[row, places[order]]
        return out

    def order(self, count: int) -> np.ndarray:
        """The permutation of ``count`` tokens."""
        rng = np.random.default_rng([self.seed, count])
        moved = np.sort(rng.permutation(count)[: round(self.share * count)])
        order = np.arange(count)
        order[moved] = rng.permutation(moved)
        return order


class ScaleBlock(Intervention):
    """Multiply what a block (``attention`` or ``mlp``) of the chosen layers adds to the residual stream (1 = neutral)."""

    def __init__(
        self,
        block: str,
        *,
        layers: str | int | Sequence[int] = "all",
        factor: float = 0.0,
        part: str = "decoder",
    ) -> None:
        super().__init__(f"after_{block}", layers=layers, part=part)
        self.factor = factor

    def edit(self, x: Tensor, layer: int, context: AdapterContext | None) -> Tensor:
        """``x [B, L, D]`` scaled; 0 wherever it is knocked out, be it NaN."""
        return torch.zeros_like(x) if self.factor == 0 else x * self.factor


def skip_layers(layers: int | Sequence[int], part: str = "decoder") -> tuple[ScaleBlock, ScaleBlock]:
    """Leave whole layers out: neither their attention nor their MLP adds anything, so states pass as they are.

    Only for layers whose blocks add to the residual stream, which is what every known layout does.
    """
    return ScaleBlock("attention", layers=layers, part=part), ScaleBlock("mlp", layers=layers, part=part)


class AddNoise(Intervention):
    """Gaussian noise at the input of the chosen layers, as strong as ``sigma`` times each token's root mean square (0 = neutral).

    ``mask`` bool ``[B, L]``: the tokens that get noise (None: all). Draws hang on ``seed``, the layer and the shape, so rows of
    one batch have noise of their own. Acts on a whole prompt: an input of another length than the mask's raises ``ModelError``.
    """

    def __init__(
        self,
        sigma: float,
        *,
        layers: str | int | Sequence[int] = "all",
        mask: Tensor | None = None,
        seed: int = 0,
        site: str = "before_layer",
        part: str = "decoder",
    ) -> None:
        super().__init__(site, layers=layers, part=part)
        if sigma < 0:
            raise ConfigError(f"The strength of noise is 0 or more, not {sigma}.")
        self.sigma, self.mask, self.seed = sigma, mask, seed

    def edit(self, x: Tensor, layer: int, context: AdapterContext | None) -> Tensor:
        """``x [B, L, D]`` with noise at the masked tokens."""
        if self.sigma == 0:
            return x
        if self.mask is not None and self.mask.shape != x.shape[:-1]:
            raise ModelError(f"The noise is for tokens {list(self.mask.shape)}, and {list(x.shape[:-1])} came in.")
        drawn = np.random.default_rng([self.seed, layer]).standard_normal(tuple(x.shape), dtype=np.float32)
        size = x.float().square().mean(-1, keepdim=True).sqrt()
        noisy = x + (self.sigma * size * torch.from_numpy(drawn).to(x.device)).to(x)
        return noisy if self.mask is None else torch.where(self.mask.to(x.device).unsqueeze(-1), noisy, x)
