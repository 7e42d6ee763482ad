"""LoRA (Hu et al., 2021, arXiv 2106.09685) by Hugging Face ``peft``: W x + (alpha / r) B A x beside chosen linears.

``peft`` makes, initialises and merges its layers. They do not stand in the network, though: B A x is added by a hook on
the bare linear. So the network's parameter names never change, and the weights are saved, counted and trained as
``adapters.<name>.*`` like those of every other kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from vistune.core.errors import ConfigError, ModelError, nearest
from vistune.models.adapters.base import ADAPTERS, Adapter, Layers, Site
from vistune.models.anatomy import ATTENTION_LINEARS, Anatomy


@ADAPTERS.register("lora")
class LoRA(Adapter):
    """Low-rank updates beside the linears of the chosen layers.

    - ``rank`` r (0 = nothing), ``alpha`` (default 2 r), ``dropout``, ``rslora`` (scale alpha / sqrt r).
    - ``linears``: common names (q, k, v, o, gate, up, down; qkv, gate_up where fused), or ``"attention"``, ``"mlp"``,
      ``"all"``.

    Raises ``ConfigError`` for linears that the network does not have, or fuses with others.
    """

    def __init__(
        self,
        anatomy: Anatomy,
        *,
        layers: Layers = "all",
        part: str = "decoder",
        name: str = "",
        rank: int = 8,
        alpha: float | None = None,
        dropout: float = 0.0,
        linears: str | Sequence[str] = "attention",
        rslora: bool = False,
    ) -> None:
        super().__init__(anatomy, layers=layers, part=part, name=name)
        if rank < 0 or not 0 <= dropout < 1:
            raise ConfigError(f"adapter '{self.kind}': rank {rank} must be 0 or more and dropout {dropout} in [0, 1).")
        self._label = name or "default"
        self._peft_layers: dict[str, Any] = {}  # outside the module tree: they hold the network's own linears
        self.dropout = nn.Dropout(dropout)
        self.weights = nn.ModuleDict()
        paths = self._targets(linears)
        if rank:
            self._make(paths, {"r": rank, "lora_alpha": alpha or 2 * rank, "use_rslora": rslora})

    @classmethod
    def neutral(cls) -> dict[str, Any]:
        """Rank 0 has no weights at all."""
        return {"rank": 0}

    def _targets(self, linears: str | Sequence[str]) -> list[str]:
        """Paths of the linears from the network. A fused linear must be asked for whole."""
        groups = {
            "attention": ATTENTION_LINEARS,
            "mlp": tuple(n for n in self.anatomy.linear_names if n not in ATTENTION_LINEARS),
            "all": tuple(self.anatomy.linear_names),
        }
        names = groups.get(linears, (linears,)) if isinstance(linears, str) else tuple(linears)
        known = {*self.anatomy.linear_names, *self.anatomy.layout.linears}
        for name in names:
            if name not in known:
                raise ConfigError(f"adapter '{self.kind}': no linear '{name}'. {nearest(name, {*known, *groups})}")
        for whole, parts in self.anatomy.layout.fused.items():
            if 0 < len(set(parts) & set(names)) < len(parts):
                raise ConfigError(f"adapter '{self.kind}': {', '.join(parts)} are one linear here; ask for '{whole}'.")
        return [path for layer in self.layer_indices for path, _ in self.anatomy.linears_of(names, layer)]

    def _make(self, paths: list[str], options: dict[str, Any]) -> None:
        """Let peft make its layers, take them over, and leave the network as it was."""
        from peft import LoraConfig, inject_adapter_in_model

        network = self.anatomy.model
        trained = {parameter: parameter.requires_grad for parameter in network.parameters()}
        config = LoraConfig(target_modules="|".join(re.escape(path) for path in paths), **options)
        inject_adapter_in_model(config, network, self._label)
        del network.peft_config
        for parameter, flag in trained.items():  # peft freezes everything but its own
            parameter.requires_grad_(flag)
        for path in paths:
            layer: Any = network.get_submodule(path)
            network.set_submodule(path, layer.base_layer)
            self._peft_layers[path] = layer
            pair = {"A": layer.lora_A[self._label], "B": layer.lora_B[self._label]}
            self.weights[path.replace(".", "_")] = nn.ModuleDict(pair).float()

    def _install(self) -> list[Any]:
        linears = {path: self.anatomy.model.get_submodule(path) for path in self._peft_layers}
        return [linear.register_forward_hook(partial(self._add, path)) for path, linear in linears.items()]

    def _add(self, path: str, _: nn.Module, args: tuple[Tensor, ...], output: Tensor) -> Tensor:
        """Output ``[..., D_out]`` of the bare linear for input ``args[0] [..., D_in]`` -> with the update added."""
        layer = self._peft_layers[path]
        down, up = layer.lora_A[self._label], layer.lora_B[self._label]
        update = up(down(self.dropout(args[0].to(down.weight.dtype)))) * layer.scaling[self._label]
        return output + update.to(output.dtype)

    def sites(self) -> list[Site]:
        """None: the update needs a linear's input and output together."""
        return []

    def check_merge(self, modality: str | None = None) -> None:
        """The updates must be finite."""
        updates = (layer.get_delta_weight(self._label) for layer in self._peft_layers.values())
        if not all(bool(torch.isfinite(update).all()) for update in updates):
            raise ModelError(f"adapter '{self.label}' cannot be merged: it has weights that are not finite.")

    def merges_next(self) -> bool:
        """Its hooks must be the first on their linears."""
        return all(next(iter(handle.hooks_dict_ref() or ())) == handle.id for handle in self._handles)

    def _fold(self, modality: str | None) -> None:
        for layer in self._peft_layers.values():
            layer.merge(adapter_names=[self._label])
