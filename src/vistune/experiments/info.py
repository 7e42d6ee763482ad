"""What is installed, on which machine, and what a model is made of."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

PACKAGES = ("torch", "transformers", "peft", "accelerate", "datasets", "tokenizers", "numpy", "pillow")


def describe_installation() -> dict[str, Any]:
    """Versions, device and machine."""
    import vistune
    from vistune.core.device import describe_machine, pick_device

    facts: dict[str, Any] = {"vistune": vistune.__version__}
    for package in PACKAGES:
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            facts[package] = "not installed"
    return {**facts, "device": str(pick_device()), **describe_machine()}


def describe_model(name: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Columns and rows: each part of a model with its class and number of parameters."""
    from vistune.models.loading import load_model

    module = load_model(name).module
    network: Any = module
    parts = network.parts() if hasattr(module, "parts") else dict(module.named_children())
    rows: list[tuple[Any, ...]] = []
    for part, child in parts.items():
        rows.append((part, type(child).__name__, sum(p.numel() for p in child.parameters())))
    rows.append(("all", type(module).__name__, sum(p.numel() for p in module.parameters())))
    return ("part", "class", "parameters"), rows
