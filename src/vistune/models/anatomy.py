"""Where things are inside a network: the sites at which adapters and interventions sit.

A ``Layout`` describes the layers of one architecture by the class name of its layer; an ``Anatomy`` is a layout found
in a real network. What is written against sites works on every architecture:

| site | what passes there, ``[B, L, D]`` |
|---|---|
| ``before_layer``, ``after_layer`` | the residual stream entering, leaving the layer |
| ``before_attention`` | the normed input of attention |
| ``after_attention`` | what attention adds to the residual stream (after the output norm or layer scale, if any) |
| ``before_mlp``, ``after_mlp`` | the same for the MLP |
| ``into:<linear>`` | the input of a linear, e.g. ``into:o``: the heads' outputs side by side |
| ``linear:<linear>`` | the output of a linear, ``q k v o gate up down`` |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from vistune.core.errors import ConfigError, ModelError, nearest

Edit = Callable[[Tensor], Tensor]

ATTENTION_LINEARS = ("q", "k", "v", "o")
PLAIN_SITES = ("before_layer", "after_layer", "before_attention", "after_attention", "before_mlp", "after_mlp")


@dataclass(frozen=True, slots=True)
class Layout:
    """One architecture's layer; paths are relative to the layer.

    ``linears`` maps the common names (q, k, v, o, gate, up, down) to paths; a name of several linears fused in one is
    their names joined (``qkv``, ``gate_up``) and listed in ``fused``. ``adds`` names the module whose output joins the
    residual stream where it is not the attention or MLP itself. ``parallel``: the MLP is beside attention. ``part``:
    decoder or vision. ``cls`` is the index of the class token, None without. ``bias_flags``: the config entries
    that give linears biases, and which ones, for saving a merged model.
    """

    layer: str
    attention: str
    mlp: str
    linears: Mapping[str, str]
    norms: Mapping[str, str]
    fused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    adds: Mapping[str, str] = field(default_factory=dict)
    norm_first: bool = True
    parallel: bool = False
    part: str = "decoder"
    cls: int | None = None
    bias_flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_LAYOUTS: dict[str, list[Layout]] = {}


def register_layout(layout: Layout) -> Layout:
    """Make an architecture known under the class name of its layer.

    One class may have several layouts (its MLP may be gated or not); the first whose paths all exist is taken, and the
    one registered last is tried first.
    """
    _LAYOUTS.setdefault(layout.layer, []).insert(0, layout)
    return layout


def known_layouts() -> list[str]:
    """Class names of the layers that can be read."""
    return sorted(_LAYOUTS)


@dataclass(frozen=True, slots=True)
class _AtInput:
    """Forward pre-hook: edits ``hidden_states``, passed by keyword or first. A class, so that models can be copied."""

    edit: Edit

    def __call__(self, _: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict]:
        if args:
            return (self.edit(args[0]), *args[1:]), kwargs
        return args, {**kwargs, "hidden_states": self.edit(kwargs["hidden_states"])}


@dataclass(frozen=True, slots=True)
class _AtOutput:
    """Forward hook: edits the output, or its first item. ``part`` = the slice of the last dimension to edit."""

    edit: Edit
    part: slice | None = None

    def __call__(self, _: nn.Module, __: tuple[Any, ...], output: Any) -> Any:
        if isinstance(output, tuple):
            return (self._apply(output[0]), *output[1:])
        return self._apply(output)

    def _apply(self, x: Tensor) -> Tensor:
        if self.part is None:
            return self.edit(x)
        before, after = x[..., : self.part.start], x[..., self.part.stop :]
        return torch.cat([before, self.edit(x[..., self.part]), after], dim=-1)


class Anatomy:
    """A network's layers and their sites. Holds the network, but is no module of it."""

    def __init__(self, model: nn.Module, layout: Layout, path: str) -> None:
        self.model = model
        self.layout = layout
        self.path = path
        self.layers: list[nn.Module] = list(model.get_submodule(path))  # type: ignore[arg-type]

    def _get(self, layer: int, path: str) -> nn.Module:
        return self.layers[layer].get_submodule(path)

    @property
    def depth(self) -> int:
        """Number of layers."""
        return len(self.layers)

    @property
    def width(self) -> int:
        """Dimension of the residual stream."""
        return int(self.linears_of(("q",), 0)[0][1].in_features)  # type: ignore[arg-type]

    @property
    def config(self) -> Any:
        """The layers' configuration (of the text or vision part, in a whole VLM)."""
        return self._get(0, self.layout.attention).config

    @property
    def heads(self) -> int:
        """Query heads of a layer."""
        config = self.config
        return int(config.num_attention_heads if hasattr(config, "num_attention_heads") else config.num_heads)

    @property
    def head_dim(self) -> int:
        """Width of one head's output."""
        return int(self.linear(0, "o").in_features) // self.heads  # type: ignore[arg-type]

    @property
    def linear_names(self) -> list[str]:
        """Common names of the layer's linears, the fused ones by their parts."""
        return [part for name in self.layout.linears for part in self.layout.fused.get(name, (name,))]

    def select(self, layers: str | int | Sequence[int]) -> list[int]:
        """Layer indices from ``"all"``, one index or a list; negative ones count from the end."""
        if isinstance(layers, str):
            if layers != "all":
                raise ConfigError(f"layers: '{layers}' is neither 'all' nor a list of indices.")
            return list(range(self.depth))
        wanted = [layers] if isinstance(layers, int) else list(layers)
        for index in wanted:
            if not isinstance(index, int) or isinstance(index, bool) or not -self.depth <= index < self.depth:
                raise ConfigError(f"layers: {index!r} is no layer; the network has layers 0 to {self.depth - 1}.")
        return sorted({index % self.depth for index in wanted})

    def linear(self, layer: int, name: str) -> nn.Module:
        """The linear of that common name (or fused name). Raises ``ConfigError`` for an unknown or fused-in one."""
        if name in self.layout.linears:
            return self._get(layer, self.layout.linears[name])
        for whole, parts in self.layout.fused.items():
            if name in parts:
                raise ConfigError(f"{self.layout.layer} fuses '{name}' into '{whole}'; ask for '{whole}'.")
        raise ConfigError(f"{self.layout.layer} has no linear '{name}'. {nearest(name, self.linear_names)}")

    def linears_of(self, names: Sequence[str], layer: int) -> list[tuple[str, nn.Module]]:
        """(path from the model, module) of the linears that compute ``names``, a fused one once."""
        wholes = {part: whole for whole, parts in self.layout.fused.items() for part in parts}
        found = dict.fromkeys(wholes.get(name, name) for name in names)
        prefix = f"{self.path}.{layer}." if self.path else f"{layer}."
        modules = {name: self.linear(layer, name) for name in found}
        return [(prefix + self.layout.linears[name], module) for name, module in modules.items()]

    def readers(self, site: str) -> tuple[str, ...]:
        """Common names of the linears that read a ``before_...`` site, and nothing else does."""
        candidates = {"before_attention": ("q", "k", "v"), "before_mlp": ("gate", "up")}[site]
        return tuple(name for name in candidates if name in self.linear_names)

    def writer(self, site: str) -> str | None:
        """The linear whose plain output is at an ``after_...`` site; None where a norm or scale comes between."""
        return None if site in self.layout.adds else {"after_attention": "o", "after_mlp": "down"}[site]

    def neighbours(self, site: str) -> tuple[str, ...]:
        """The linears right beside a site: those that read it, or the one that writes it (none beyond a norm)."""
        if site.startswith("before"):
            return self.readers(site)
        writer = self.writer(site)
        return () if writer is None else (writer,)

    def check_site(self, site: str) -> None:
        """Raises ``ConfigError`` with the nearest name unless this network has the site."""
        kind, _, linear = site.partition(":")
        if site in PLAIN_SITES or (kind in ("linear", "into") and linear in {*self.linear_names, *self.layout.linears}):
            return
        known = [*PLAIN_SITES, *(f"linear:{n}" for n in self.linear_names), *(f"into:{n}" for n in self.layout.linears)]
        raise ConfigError(f"There is no site '{site}' in a {self.layout.layer}. {nearest(site, known)}")

    def hook(self, layer: int, site: str, edit: Edit) -> RemovableHandle:
        """Pass every tensor ``[B, L, D]`` at a site through ``edit`` until the handle is removed."""
        self.check_site(site)
        kind, _, name = site.partition(":")
        if kind == "linear":
            return self._hook_linear(layer, name, edit)
        if kind == "into":
            return self.linear(layer, name).register_forward_pre_hook(_AtInput(edit), with_kwargs=True)
        side, _, block = site.partition("_")
        if block == "layer":
            module = self.layers[layer]
        else:
            own = self.layout.attention if block == "attention" else self.layout.mlp
            module = self._get(layer, self.layout.adds.get(site, own))
        if side == "before":
            return module.register_forward_pre_hook(_AtInput(edit), with_kwargs=True)
        return module.register_forward_hook(_AtOutput(edit))

    def _hook_linear(self, layer: int, name: str, edit: Edit) -> RemovableHandle:
        for whole, parts in self.layout.fused.items():
            if name in parts:
                sizes = [self._rows(layer, part) for part in parts]
                start = sum(sizes[: parts.index(name)])
                part = slice(start, start + sizes[parts.index(name)])
                return self.linear(layer, whole).register_forward_hook(_AtOutput(edit, part))
        return self.linear(layer, name).register_forward_hook(_AtOutput(edit))

    def _rows(self, layer: int, part: str) -> int:
        """Output width of one of the linears fused in one."""
        if part == "q":
            return self.heads * self.head_dim
        if part in ("k", "v"):
            return int(getattr(self.config, "num_key_value_heads", self.heads)) * self.head_dim
        return int(self.linear(layer, "gate_up").out_features) // 2  # type: ignore[arg-type]


def _misses(layer: nn.Module, layout: Layout) -> list[str]:
    """Paths of a layout that a layer does not have."""
    present = {path for path, _ in layer.named_modules()}
    return [
        p for p in (layout.attention, layout.mlp, *layout.linears.values(), *layout.adds.values()) if p not in present
    ]


def _fitting(layer: nn.Module) -> Layout | None:
    """The layout of a layer by its class or a base class of it; None if unknown."""
    name = next((c.__name__ for c in type(layer).__mro__ if c.__name__ in _LAYOUTS), None)
    if name is None:
        return None
    for layout in _LAYOUTS[name]:
        if not _misses(layer, layout):
            return layout
    missing = ", ".join(_misses(layer, _LAYOUTS[name][0]))
    raise ModelError(f"A {name} of this version of transformers has no {missing}; register a Layout that fits it.")


def anatomy_of(model: nn.Module, part: str | None = None) -> Anatomy:
    """Find the layers of a network (bare or with its head); of a whole VLM, those of its ``part`` (decoder, vision).

    Raises ``ModelError`` for none known, or several stacks.
    """
    found: list[tuple[str, Layout]] = []
    for path, module in model.named_modules():
        if isinstance(module, nn.ModuleList) and len(module):
            layout = _fitting(module[0])
            if layout is not None:
                found.append((path, layout))
    if not found:
        raise ModelError(
            f"The layers of {type(model).__name__} are of no known architecture. Known layers: "
            f"{', '.join(known_layouts())}. vistune.models.anatomy.register_layout(Layout(...)) makes another known."
        )
    if len(found) > 1 and part is not None:
        found = [(path, layout) for path, layout in found if layout.part == part] or found
    if len(found) > 1:
        places = ", ".join(path for path, _ in found)
        raise ModelError(f"{type(model).__name__} has several stacks of layers ({places}); pass the one that is meant.")
    path, layout = found[0]
    return Anatomy(model, layout, path)


def _gated(attention: str = "self_attn") -> dict[str, str]:
    names = {n: f"{attention}.{n}_proj" for n in ATTENTION_LINEARS}
    return {**names, **{n: f"mlp.{n}_proj" for n in ("gate", "up", "down")}}


_PRE = {"before_attention": "input_layernorm", "before_mlp": "post_attention_layernorm"}
_SANDWICH = {
    "before_attention": "input_layernorm",
    "after_attention": "post_attention_layernorm",
    "before_mlp": "pre_feedforward_layernorm",
    "after_mlp": "post_feedforward_layernorm",
}


_FUSED = {
    "qkv": "self_attn.qkv_proj",
    "o": "self_attn.o_proj",
    "gate_up": "mlp.gate_up_proj",
    "down": "mlp.down_proj",
}


def _register_decoders() -> None:
    gated = _gated()
    for name in ("Qwen2", "Qwen2VL", "Qwen2_5_VL", "Mistral"):
        register_layout(Layout(f"{name}DecoderLayer", "self_attn", "mlp", gated, _PRE))
    attention = {"attention_bias": ATTENTION_LINEARS}
    both = {**attention, "mlp_bias": ("gate", "up", "down")}
    for name, flags in {"Llama": both, "SmolLM3": both, "Qwen3": attention, "Gemma": attention}.items():
        register_layout(Layout(f"{name}DecoderLayer", "self_attn", "mlp", gated, _PRE, bias_flags=flags))
    adds = {site: _SANDWICH[site] for site in ("after_attention", "after_mlp")}
    for layer in ("Gemma2DecoderLayer", "Gemma3DecoderLayer"):
        register_layout(
            Layout(layer, "self_attn", "mlp", gated, _SANDWICH, adds=adds, bias_flags=attention),
        )
    parts = {"qkv": ("q", "k", "v"), "gate_up": ("gate", "up")}
    register_layout(Layout("Phi3DecoderLayer", "self_attn", "mlp", _FUSED, _PRE, fused=parts))
    phi = {n: f"self_attn.{n}_proj" for n in "qkv"} | {"o": "self_attn.dense", "up": "mlp.fc1", "down": "mlp.fc2"}
    norm = {"before_attention": "input_layernorm", "before_mlp": "input_layernorm"}
    register_layout(Layout("PhiDecoderLayer", "self_attn", "mlp", phi, norm, parallel=True))


def _register_encoders() -> None:
    clip = {n: f"self_attn.{n}_proj" for n in "qkv"} | {"o": "self_attn.out_proj", "up": "mlp.fc1", "down": "mlp.fc2"}
    norms = {"before_attention": "layer_norm1", "before_mlp": "layer_norm2"}
    register_layout(Layout("CLIPEncoderLayer", "self_attn", "mlp", clip, norms, part="vision", cls=0))
    for name in ("Siglip", "Siglip2", "Idefics3", "SmolVLM"):
        register_layout(Layout(f"{name}EncoderLayer", "self_attn", "mlp", clip, norms, part="vision"))
    qwen = {"qkv": "attn.qkv", "o": "attn.proj"}
    norms = {"before_attention": "norm1", "before_mlp": "norm2"}
    mlps = {
        "Qwen2VLVisionBlock": {"up": "mlp.fc1", "down": "mlp.fc2"},
        "Qwen2_5_VLVisionBlock": {n: f"mlp.{n}_proj" for n in ("gate", "up", "down")},
    }
    for name, mlp in mlps.items():  # the tokens of all pictures in one row, [L, D]
        parts = {"qkv": ("q", "k", "v")}
        register_layout(Layout(name, "attn", "mlp", qwen | mlp, norms, fused=parts, part="vision"))
    plain = {n: f"attention.{n}_proj" for n in ATTENTION_LINEARS} | {"up": "mlp.fc1", "down": "mlp.fc2"}
    norms = {"before_attention": "layernorm_before", "before_mlp": "layernorm_after"}
    register_layout(Layout("ViTLayer", "attention", "mlp", plain, norms, part="vision", cls=0))
    norms = {"before_attention": "norm1", "before_mlp": "norm2"}
    adds = {"after_attention": "layer_scale1", "after_mlp": "layer_scale2"}
    for layer in ("Dinov2Layer", "Dinov2WithRegistersLayer"):
        for linears in (_gated("attention"), plain):  # the giant model's MLP is gated
            register_layout(Layout(layer, "attention", "mlp", linears, norms, adds=adds, part="vision", cls=0))


_register_decoders()
_register_encoders()
