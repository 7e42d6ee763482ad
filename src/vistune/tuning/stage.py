"""What a stage trains: patterns over parameter names, the table of what they match, and the optimiser's groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from vistune.core.errors import ConfigError, nearest

if TYPE_CHECKING:
    from torch import nn

    from vistune.tuning.recipe import StageConfig


@dataclass(frozen=True, slots=True)
class ParameterTable:
    """Counts of parameters: in all, trainable, by part of the model and by pattern."""

    total: int
    trainable: int
    parts: dict[str, tuple[int, int]]
    """Part -> (parameters, of which trainable)."""
    patterns: dict[str, int]
    """Pattern -> parameters that it matches."""

    def rows(self) -> list[tuple[str, str, str, str]]:
        """(part, parameters, trainable, share) for a table, the sum last."""
        lines = [(name, size, live) for name, (size, live) in self.parts.items()]
        lines.append(("total", self.total, self.trainable))
        return [(n, f"{size:,}", f"{live:,}", f"{live / max(size, 1):.1%}") for n, size, live in lines]

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        parts = {name: {"parameters": size, "trainable": live} for name, (size, live) in self.parts.items()}
        return {"total": self.total, "trainable": self.trainable, "parts": parts, "patterns": self.patterns}


def matches(pattern: str, name: str) -> bool:
    """``pattern`` covers the parameter ``name``: as a glob, or as the name of a module above it.

    >>> matches("connector.*", "connector.layers.0.weight"), matches("connector", "connector.layers.0.weight")
    (True, True)
    >>> matches("decoder.layers.1", "decoder.layers.11.weight")
    False
    """
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}.*")


def freeze_except(model: nn.Module, train: Iterable[str], freeze: Iterable[str] = ()) -> ParameterTable:
    """Let exactly the parameters that ``train`` matches, less those of ``freeze``, take gradients.

    Raises ``ConfigError`` for a pattern that matches nothing, with the nearest names that exist.
    """
    names = [name for name, _ in model.named_parameters()]
    train, freeze = list(train), list(freeze)
    for pattern in (*train, *freeze):
        if not any(matches(pattern, name) for name in names):
            raise ConfigError(f"The pattern '{pattern}' matches no parameter. {_nearest_pattern(pattern, names)}")
    counts = dict.fromkeys(train, 0)
    for name, parameter in model.named_parameters():
        hits = [pattern for pattern in train if matches(pattern, name)]
        out = any(matches(pattern, name) for pattern in freeze)
        parameter.requires_grad_(bool(hits) and not out)
        if not out:
            for pattern in hits:
                counts[pattern] += parameter.numel()
    table = parameter_table(model, counts)
    if table.trainable == 0:
        raise ConfigError(f"Nothing is left to train: 'freeze' ({', '.join(freeze)}) takes all that 'train' gives.")
    return table


def parameter_table(model: nn.Module, patterns: Mapping[str, int] | None = None) -> ParameterTable:
    """Count the parameters of ``model`` by its parts, in the order in which they stand."""
    parts: dict[str, tuple[int, int]] = {}
    for name, parameter in model.named_parameters():
        part = _part(name)
        size, live = parts.get(part, (0, 0))
        count = parameter.numel()
        parts[part] = (size + count, live + (count if parameter.requires_grad else 0))
    total = sum(size for size, _ in parts.values())
    return ParameterTable(total, sum(live for _, live in parts.values()), parts, dict(patterns or {}))


def _part(name: str) -> str:
    keys = name.split(".")
    return ".".join(keys[:2]) if keys[0] == "adapters" and len(keys) > 1 else keys[0]


def _nearest_pattern(pattern: str, names: list[str]) -> str:
    """The nearest of the prefixes that exist, at the depth of ``pattern``."""
    depth = max(1, len([key for key in pattern.split(".") if key != "*"]))
    known = {".".join(name.split(".")[:depth]) + ".*" for name in names}
    shallow = {name.split(".")[0] + ".*" for name in names}
    hint = nearest(pattern, known)
    return hint if len(known) <= 12 else f"{hint.split('Known:')[0]}Parts: {', '.join(sorted(shallow))}."


#: Parameters that weight decay does not touch: biases, norms, gates and other vectors or scalars.
_NO_DECAY = re.compile(r"(^|[._])(bias|norm\d*|layernorm|layer_norm|ln\d*|gate|scale)([._]|$)", re.IGNORECASE)


def optimizer_groups(model: nn.Module, stage: StageConfig) -> list[dict[str, Any]]:
    """Groups of trainable parameters by learning rate and by whether they decay (``params``, ``lr``, ``weight_decay``).

    Raises ``ConfigError`` if ``stage.lr`` gives rates by pattern and a trainable parameter has none.
    """
    groups: dict[tuple[float, float], list[Any]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        rate = _rate(stage, name)
        still = parameter.ndim < 2 or _NO_DECAY.search(name) is not None
        groups.setdefault((rate, 0.0 if still else stage.weight_decay), []).append(parameter)
    return [{"params": params, "lr": rate, "weight_decay": decay} for (rate, decay), params in groups.items()]


def _rate(stage: StageConfig, name: str) -> float:
    if not isinstance(stage.lr, dict):
        return stage.lr
    for pattern, rate in stage.lr.items():
        if matches(pattern, name):
            return rate
    raise ConfigError(
        f"Stage '{stage.name}': no pattern of 'lr' covers the trainable parameter '{name}'. "
        f"Patterns: {', '.join(stage.lr)}. Add one, for example '*': 1e-4."
    )
