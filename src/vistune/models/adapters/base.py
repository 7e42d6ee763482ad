"""``Adapter``: a small trainable module at named sites of a frozen network, and the registry of its kinds.

An adapter owns its weights (saved under ``adapters.<name>.``) and reaches the network through an ``Anatomy``, so it is
written once for every architecture and the network's own parameter names never change.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from vistune.core.errors import ConfigError, ModelError, nearest
from vistune.core.registry import Registry
from vistune.models.adapters.context import ContextSlot
from vistune.models.anatomy import Anatomy, anatomy_of

Layers = str | int | Sequence[int]
Site = tuple[int, str, Callable[[Tensor], Tensor]]
PARTS = ("decoder", "vision")


class Adapter(nn.Module):
    """Base of all adapters. A kind builds its modules in ``__init__`` and says in ``sites`` where they act.

    ``exempt`` gives, for a property that the kind cannot have, the reason in one line.
    """

    kind: ClassVar[str]
    exempt: ClassVar[dict[str, str]] = {}
    #: Must the model put a modality token in front of every sample for this adapter?
    needs_modality_token: bool = False

    def __init__(self, anatomy: Anatomy, *, layers: Layers = "all", part: str = "decoder", name: str = "") -> None:
        super().__init__()
        if part not in PARTS:
            raise ConfigError(f"adapter '{self.kind}': part '{part}' is unknown. {nearest(part, PARTS)}")
        self.anatomy = anatomy
        self.part = part
        self.name = name
        self.slot = ContextSlot()
        self.layer_indices = anatomy.select(layers)
        self.attached = False
        self.merged = False
        self._handles: list[RemovableHandle] = []

    @property
    def label(self) -> str:
        """What messages call it."""
        return self.name or self.kind

    @classmethod
    def neutral(cls) -> dict[str, Any]:
        """Parameters with which the adapted network equals the bare one bit for bit, whatever the weights are."""
        return {"scale": 0.0}

    def sites(self) -> list[Site]:
        """(layer, site, edit) triples. ``edit`` maps ``[B, L, D]`` to the same shape; no closures, so models copy."""
        raise NotImplementedError

    def attach(self, slot: ContextSlot | None = None) -> None:
        """Put the adapter to work; ``slot`` is where its network's context is written. Twice is once."""
        if self.merged:
            raise ModelError(f"adapter '{self.label}' is merged into its network; it cannot be attached again.")
        if slot is not None:
            self.slot = slot
        if not self.attached:
            self._handles = self._install()
            self.attached = True

    def _install(self) -> list[RemovableHandle]:
        """Hooks at ``sites()``, in that order."""
        return [self.anatomy.hook(layer, site, edit) for layer, site, edit in self.sites()]

    def detach(self) -> None:
        """Take the adapter out; the network's outputs are the bare ones again, bit for bit. Its weights are kept."""
        for handle in self._handles:
            handle.remove()
        self._handles = []
        self.attached = False

    def merge(self, modality: str | None = None) -> None:
        """Fold the adapter into the network's own weights for good, where it is affine, and detach it.

        ``modality`` ("image" or "text"): which samples the network shall serve, for kinds that route on it. Raises
        ``ModelError`` where the algebra, or another adapter that acts in between, does not allow it.
        """
        self.check_merge(modality)
        if not self.attached:
            raise ModelError(f"adapter '{self.label}' is detached; attach it before merging it.")
        if not self.merges_next():
            raise ModelError(f"adapter '{self.label}': something acts between it and its linears; merge that first.")
        self._fold(modality)
        self.detach()
        self.merged, self.needs_modality_token = True, False

    def check_merge(self, modality: str | None = None) -> None:
        """Raises ``ModelError`` unless the kind, with its settings, in this network, can be merged at all."""
        raise ModelError(f"adapter '{self.label}' cannot be merged: {self.exempt.get('merge', 'it is not affine')}.")

    def merges_next(self) -> bool:
        """Does nothing act between the adapter and the linears it folds into?

        Reading side: its hook is the last before them. Writing side: the first after.
        """
        for (layer, site, _), handle in zip(self.sites(), self._handles, strict=True):
            reads = site.startswith("before")
            order = list(handle.hooks_dict_ref() or ())
            names = self.anatomy.neighbours(site)
            acted_on = any(m._forward_hooks or m._forward_pre_hooks for _, m in self.anatomy.linears_of(names, layer))
            if acted_on or order[-1 if reads else 0] != handle.id:
                return False
        return True

    def _fold(self, modality: str | None) -> None:
        raise NotImplementedError

    def trainable_names(self) -> list[str]:
        """Names of the adapter's own weights, all of them trained."""
        return [name for name, _ in self.named_parameters()]


ADAPTERS: Registry[Adapter] = Registry(
    "adapter",
    base=Adapter,
    modules=tuple(f"vistune.models.adapters.{m}" for m in ("mixture_of_modality", "bottleneck", "lora")),
)


def merge_all(adapters: Iterable[Adapter], modality: str | None = None) -> None:
    """Merge several adapters, each when nothing acts between it and its linears any more.

    All are checked before the first is folded. Raises ``ModelError`` as ``Adapter.merge`` does.
    """
    pending = list(adapters)
    for adapter in pending:
        adapter.check_merge(modality)
    while pending:
        ready = next((adapter for adapter in pending if adapter.merges_next()), pending[0])
        ready.merge(modality)
        pending.remove(ready)


def build_adapter(
    spec: str | Mapping[str, Any],
    parts: Mapping[str, nn.Module],
    *,
    slot: ContextSlot | None = None,
    name: str = "",
    used_layers: Mapping[str, int] | None = None,
) -> Adapter:
    """Make the adapter that ``spec`` (``{kind, part: decoder|vision, layers, ...}``) describes, and attach it.

    ``parts`` holds the model's networks by part name. ``used_layers``: how many of a part's first layers reach the
    output (LLaVA reads the encoder's last layer but one); ``layers: all`` means these, since others would never train.
    Raises ``ConfigError`` for a wrong spec, ``ModelError`` for an architecture without a layout.
    """
    parameters: dict[str, Any] = {"kind": spec} if isinstance(spec, str) else dict(spec)
    part = parameters.get("part", _default_part(parameters))
    if part not in parts:
        raise ConfigError(f"adapter '{name}': the model has no part '{part}'. {nearest(str(part), parts)}")
    network = parts[part]
    if part in (used_layers or {}) and parameters.get("layers", "all") == "all":
        parameters["layers"] = list(range((used_layers or {})[part]))
    adapter = ADAPTERS.build(parameters, anatomy=anatomy_of(network, str(part)), name=name)
    reference = next((p for p in network.parameters() if p.is_floating_point()), None)
    if reference is not None:
        adapter.to(reference.device)
    adapter.attach(slot)
    return adapter


def _default_part(parameters: Mapping[str, Any]) -> str:
    """The part a kind works on unless told: the default of its ``part`` parameter, or the decoder."""
    kind = parameters.get("kind")
    if not isinstance(kind, str):
        return "decoder"
    default = inspect.signature(ADAPTERS.get(kind)).parameters.get("part")
    return default.default if default is not None and default.default is not inspect.Parameter.empty else "decoder"
