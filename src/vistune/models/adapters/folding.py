"""Folding an affine map into the linear beside it: exact re-parameterisation, so that an adapter costs nothing.

With ``E = up down`` (low rank) and offset c: reading side W(x + E x + c) + b = (W + W E) x + (b + W c); writing side
y + E y + c with y = W x + b equals (W + E W) x + (b + E b + c). Sums are taken in float64 and rounded once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from vistune.core.errors import ModelError
from vistune.models.anatomy import Anatomy


@contextmanager
def evaluating(*networks: nn.Module) -> Iterator[None]:
    """Evaluation mode inside; each module's own mode again afterwards."""
    modes = {module: module.training for network in networks for module in network.modules()}
    try:
        for network in networks:
            network.eval()
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def plain_linear(module: nn.Module, path: str) -> nn.Linear:
    """The module, if its weights can be rewritten. Raises ``ModelError`` for quantised linears and the like."""
    if type(module) is not nn.Linear or not module.weight.is_floating_point():
        raise ModelError(f"Cannot merge into '{path}': {type(module).__name__} is no plain linear.")
    return module


@torch.no_grad()
def fold_into_reader(linear: nn.Linear, up: Tensor, down: Tensor, offset: Tensor) -> None:
    """Let ``linear`` read x + up down x + offset. ``up [D, r]``, ``down [r, D]``, ``offset [D]``."""
    weight = linear.weight.double()
    _set(linear, weight + (weight @ up.double()) @ down.double(), _bias(linear) + weight @ offset.double())


@torch.no_grad()
def fold_into_writer(linear: nn.Linear, up: Tensor, down: Tensor, offset: Tensor) -> None:
    """Let ``linear``'s output y become y + up down y + offset. ``up [D, r]``, ``down [r, D]``, ``offset [D]``."""
    weight, bias = linear.weight.double(), _bias(linear)
    _set(linear, weight + up.double() @ (down.double() @ weight), bias + up.double() @ (down.double() @ bias) + offset)


def _bias(linear: nn.Linear) -> Tensor:
    if linear.bias is not None:
        return linear.bias.double()
    return torch.zeros(linear.out_features, dtype=torch.float64, device=linear.weight.device)


def _set(linear: nn.Linear, weight: Tensor, bias: Tensor) -> None:
    """Write the new values; a linear without bias gets one only if it needs one."""
    linear.weight.copy_(weight)
    if linear.bias is not None:
        linear.bias.copy_(bias)
    elif bool(bias.any()):
        linear.bias = nn.Parameter(bias.to(linear.weight), requires_grad=linear.weight.requires_grad)


def declare_biases(anatomy: Anatomy) -> None:
    """After folding: make the network's config tell of new biases, so that a saved merged network loads again.

    A flag of the config gives all of its linears a bias in every layer; those that got none get zeros. Architectures
    without such flags (Mistral, Phi-3) keep their biases in memory only: their own checkpoints cannot hold them.
    """
    for flag, names in anatomy.layout.bias_flags.items():
        modules = [m for i in range(anatomy.depth) for _, m in anatomy.linears_of(names, i)]
        linears = [module for module in modules if isinstance(module, nn.Linear)]
        if getattr(anatomy.config, flag, True) or all(linear.bias is None for linear in linears):
            continue
        setattr(anatomy.config, flag, True)
        for linear in linears:
            if linear.bias is None:
                zeros = torch.zeros(linear.out_features, dtype=linear.weight.dtype, device=linear.weight.device)
                linear.bias = nn.Parameter(zeros, requires_grad=linear.weight.requires_grad)
