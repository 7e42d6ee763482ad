"""Mixture-of-Modality Adapter of LaVIN, "Cheap and Quick" (Luo et al., 2023, arXiv 2305.15023), section 3.

Before self-attention of every layer, on the normed input x ``[B, L, D]``:

    z = dropout(A x + a);  x + s (w_0 (B_0 z + b_0) + w_1 (B_1 z + b_1));  w = softmax(W_r h_0 / tau)

A: D -> r is shared by both paths; B_i: r -> D are block-diagonal with ``groups`` blocks. h_0 is the normed state of the
modality token of the token's own sample: it sees only itself and nobody sees it, so w depends on the modality alone.
There is no activation: for one modality the adapter is affine and folds into q, k, v.

Paper and released code differ in the vision encoder. The paper's simple variant has one path (our default there); the
released router reads index 0 of the batch axis (CLIP ran length-first), so its weights depended on the batch's first
picture. ``router: cls`` is what was meant: per picture, on its class token.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn

from vistune.core.errors import ConfigError, ModelError
from vistune.data.batch import Role
from vistune.models.adapters.base import ADAPTERS, Adapter, Layers, Site
from vistune.models.adapters.context import AdapterContext
from vistune.models.adapters.folding import declare_biases, evaluating, fold_into_reader, plain_linear
from vistune.models.anatomy import Anatomy

ROUTERS = ("modality", "cls", "frozen", "one_path")
MODALITIES = {"text": 0, "image": 1}


class Paths(nn.Module):
    """The adapter of one layer: one way down, ``paths`` ways up, and the router's weight if there is a router."""

    def __init__(self, width: int, rank: int, paths: int, groups: int, dropout: float, routed: bool) -> None:
        super().__init__()
        self.down = nn.Linear(width, rank)
        nn.init.xavier_uniform_(self.down.weight)
        nn.init.zeros_(self.down.bias)
        self.dropout = nn.Dropout(dropout)
        self.up = nn.Parameter(torch.zeros(paths, groups, rank // groups, width // groups))
        self.bias = nn.Parameter(torch.zeros(paths, width))
        self.router = nn.Linear(width, paths, bias=False) if routed else None

    def up_matrix(self) -> Tensor:
        """Both block-diagonal ways up and their biases as one matrix ``[paths * r + paths, D]``."""
        eye = torch.eye(self.up.shape[1], dtype=self.up.dtype, device=self.up.device)
        blocks = torch.einsum("pgrd,gh->pgrhd", self.up, eye)
        return torch.cat([blocks.reshape(-1, self.bias.shape[1]), self.bias])

    @torch.no_grad()
    def folded(self, weights: Tensor, scale: float) -> tuple[Tensor, Tensor]:
        """For fixed path weights ``[paths]``: ``up [D, r]`` and ``offset [D]`` of x + up A x + offset, in float64."""
        paths, rank = len(weights), self.down.out_features
        matrix, weights = self.up_matrix().double(), weights.to(self.bias.device, torch.float64) * scale
        up = torch.einsum("p,prd->dr", weights, matrix[: paths * rank].view(paths, rank, -1))
        return up, up @ self.down.bias.double() + weights @ self.bias.double()

    def forward(self, x: Tensor, weights: Tensor, scale: float) -> Tensor:
        """``x [B, L, D]``, path weights ``[B, L or 1, paths]`` -> ``[B, L, D]``.

        The weights scale the r-dimensional z, not the D-dimensional paths: one matrix product does both.
        """
        z = self.dropout(self.down(x.to(self.down.weight.dtype)))
        weights = (weights.to(z.dtype) * scale).expand(*z.shape[:2], -1)
        features = torch.cat([(weights.unsqueeze(-1) * z.unsqueeze(-2)).flatten(-2), weights], dim=-1)
        return x + (features @ self.up_matrix().to(features.dtype)).to(x.dtype)


@ADAPTERS.register("mixture_of_modality", paper="lavin")
class MixtureOfModality(Adapter):
    """LaVIN's adapter, in the decoder or in the vision encoder.

    - ``rank`` r, ``scale`` s, ``temperature`` tau (paper: 10 at 7B, 5 at 13B), ``dropout``, ``groups``.
    - ``router``: ``modality`` (decoder; default there), ``cls`` (encoder, per picture), ``frozen`` (two paths, w = 1/2)
      or ``one_path`` (default in the encoder; rank 3r/2 then has about the weights of two routed paths of rank r).

    It owns E_mod ``[2, D]`` where it routes on the modality. Raises ``ConfigError`` for parameters that do not fit.
    """

    exempt = {"merge": "its router looks at each picture, so no fixed weights equal it"}

    def __init__(
        self,
        anatomy: Anatomy,
        *,
        layers: Layers = "all",
        part: str = "decoder",
        name: str = "",
        rank: int = 8,
        groups: int = 2,
        scale: float = 1.0,
        dropout: float = 0.1,
        temperature: float = 10.0,
        router: str | None = None,
    ) -> None:
        super().__init__(anatomy, layers=layers, part=part, name=name)
        self.router = router or ("modality" if part == "decoder" else "one_path")
        self._check(rank, groups, dropout, temperature)
        self.scale = float(scale)
        self.temperature = float(temperature)
        routed = self.router in ("modality", "cls")
        paths = 1 if self.router == "one_path" else 2
        self.layers = nn.ModuleDict(
            {str(i): Paths(anatomy.width, rank, paths, groups, dropout, routed) for i in self.layer_indices}
        )
        self.needs_modality_token = self.router == "modality"
        self.modality = nn.Embedding(2, anatomy.width) if self.needs_modality_token else None

    def _check(self, rank: int, groups: int, dropout: float, temperature: float) -> None:
        where = f"adapter '{self.kind}'"
        allowed = ("modality", "frozen", "one_path") if self.part == "decoder" else ("cls", "frozen", "one_path")
        if self.router not in allowed:
            raise ConfigError(f"{where}: router '{self.router}' is not for the {self.part}; use one of {allowed}.")
        if self.router == "cls" and self.anatomy.layout.cls is None:
            raise ConfigError(f"{where}: router 'cls' needs a class token; {self.anatomy.layout.layer} has none.")
        if rank < 1 or groups < 1 or rank % groups or self.anatomy.width % groups:
            raise ConfigError(f"{where}: groups {groups} must divide rank {rank} and width {self.anatomy.width}.")
        if not 0 <= dropout < 1 or temperature <= 0:
            raise ConfigError(f"{where}: dropout {dropout} must be in [0, 1), temperature {temperature} above 0.")

    def sites(self) -> list[Site]:
        """Before the attention of every chosen layer."""
        return [(layer, "before_attention", partial(self._edit, layer)) for layer in self.layer_indices]

    def modality_embeddings(self) -> Tensor:
        """E_mod ``[2, D]``: row 1 for samples with a picture, row 0 without. Raises ``ModelError`` without a router."""
        if self.modality is None:
            raise ModelError(f"adapter '{self.kind}' with router '{self.router}' has no modality token.")
        return self.modality.weight

    def _edit(self, layer: int, x: Tensor) -> Tensor:
        return self._paths(layer)(x, self.path_weights(layer, x), self.scale)

    def _paths(self, layer: int) -> Paths:
        module = self.layers[str(layer)]
        assert isinstance(module, Paths)
        return module

    def path_weights(self, layer: int, x: Tensor) -> Tensor:
        """Weights of the paths ``[B, L or 1, paths]`` float32 for the normed attention input ``x [B, L, D]``."""
        if self.router == "one_path":
            return x.new_ones(x.shape[0], 1, 1, dtype=torch.float32)
        if self.router == "frozen":
            return x.new_full((x.shape[0], 1, 2), 0.5, dtype=torch.float32)
        if self.router == "cls":
            cls = self.anatomy.layout.cls or 0
            return self._route(layer, x[:, cls : cls + 1])
        return self._modality_weights(layer, x)

    def _route(self, layer: int, states: Tensor) -> Tensor:
        """softmax(W_r h / tau), in float32 at least. ``states [B, S, D]`` -> ``[B, S, paths]``."""
        router = self._paths(layer).router
        assert router is not None
        logits = router(states.to(router.weight.dtype))
        return torch.softmax(logits.to(torch.promote_types(logits.dtype, torch.float32)) / self.temperature, dim=-1)

    def _modality_weights(self, layer: int, x: Tensor) -> Tensor:
        """Each token's weights from its own sample's modality token, or from the kept ones while decoding."""
        context = self.slot.current
        anchors = context.modality_anchors() if context is not None else None
        if context is None or anchors is None:
            raise ModelError(f"adapter '{self.kind}' routes on the modality token, but was given no token roles.")
        if anchors.sample.shape != x.shape[:2]:
            raise ModelError(
                f"adapter '{self.kind}': layer {layer} got tokens {tuple(x.shape[:2])}, the context tells of "
                f"{tuple(anchors.sample.shape)}; whoever removes tokens must update the model's context."
            )
        kept = (context.extras or {}).get((self.name, layer))
        if kept is None and not anchors.complete:
            raise ModelError(f"adapter '{self.kind}': a sample has no modality token in front of it.")
        first, sample = anchors.first.to(x.device), anchors.sample.to(x.device)
        if kept is not None and anchors.empty:
            return kept.unsqueeze(1)  # one decoding step: nothing to compute
        places = first.clamp(min=0).unsqueeze(-1).expand(-1, -1, x.shape[-1])
        routes = self._route(layer, x.gather(1, places))  # [B, S, paths]
        if kept is not None:
            routes = torch.where((first >= 0).unsqueeze(-1), routes, kept.unsqueeze(1).to(routes))
        self._keep(context, layer, routes, sample)
        return routes.gather(1, sample.unsqueeze(-1).expand(-1, -1, routes.shape[-1]))

    def _keep(self, context: AdapterContext, layer: int, routes: Tensor, sample: Tensor) -> None:
        """Keep each row's last sample's weights ``[B, paths]`` for the decoding steps that follow."""
        if context.extras is not None:
            rows = torch.arange(routes.shape[0], device=routes.device)
            context.extras[(self.name, layer)] = routes[rows, sample.amax(dim=1)].detach()

    @torch.no_grad()
    def modality_routes(self, modality: str) -> dict[int, Tensor]:
        """Path weights ``[paths]`` float32 of every layer for ``"image"`` or ``"text"`` samples.

        The modality token sees only itself, so running the decoder on it alone gives what it does in any sequence (and
        attention to one key is the identity on its value: no position enters). Other adapters at work are included.
        """
        if modality not in MODALITIES:
            raise ConfigError(f"modality '{modality}' is neither 'image' nor 'text'.")
        network = self.anatomy.model
        token = self.modality_embeddings()[MODALITIES[modality]].view(1, 1, -1)
        routes: dict[tuple[str, int], Tensor] = {}
        roles = torch.full((1, 1), int(Role.MODALITY), device=token.device)
        before, self.slot.current = self.slot.current, AdapterContext(roles=roles, extras=routes)
        try:
            with evaluating(self, network):
                network(inputs_embeds=token.to(next(network.parameters())), use_cache=False)
        finally:
            self.slot.current = before
        return {layer: routes[(self.name, layer)][0] for layer in self.layer_indices}

    def check_merge(self, modality: str | None = None) -> None:
        """A router on pictures does not merge; one on modalities needs to be told which."""
        if self.router == "cls":
            super().check_merge(modality)
        if self.router == "modality" and modality not in MODALITIES:
            raise ConfigError(f"A modality router is merged for modality 'image' or 'text', not {modality}.")
        self._targets()

    def _targets(self) -> dict[int, list[nn.Linear]]:
        """The linears that read each layer's attention input."""
        names = self.anatomy.neighbours("before_attention")
        return {i: [plain_linear(m, p) for p, m in self.anatomy.linears_of(names, i)] for i in self.layer_indices}

    def _fold(self, modality: str | None) -> None:
        """W (I + s sum_i w_i B_i A), bias W s sum_i w_i (B_i a + b_i), for W of q, k and v."""
        routes = self.modality_routes(modality) if self.router == "modality" and modality else {}
        for layer, linears in self._targets().items():
            paths = self._paths(layer)
            even = torch.full((paths.bias.shape[0],), 1 / paths.bias.shape[0])
            up, offset = paths.folded(routes.get(layer, even), self.scale)
            for linear in linears:
                fold_into_reader(linear, up, paths.down.weight, offset)
        declare_biases(self.anatomy)
