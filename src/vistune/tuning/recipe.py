"""``Recipe``: one file that says what is built, on which data it is tuned, in which stages, and how it is measured.

>>> recipe = Recipe.parse('''
... name: demo
... model: {from: nano-vlm}
... data: {sets: {world: {engine: {kind: world, n: 1000}}}}
... stages: [{name: tune, train: [connector.*], data: world, steps: 10}]
... ''')
>>> recipe.stages[0].data
['world']
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from vistune.core.config import Config, part_of
from vistune.core.device import Precision
from vistune.core.errors import nearest

Spec = dict[str, Any]


def _as_spec(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


PartSpec = Annotated[Spec, BeforeValidator(_as_spec)]
"""``{kind: ..., **parameters}`` or just the kind; checked where the part is built."""


class ModelConfig(Config):
    """The model: a whole checkpoint (``from``), or parts to put together (``vision``, ``decoder``, ``connector``)."""

    from_: str | None = Field(None, alias="from")
    """A folder, or the name of a shipped checkpoint."""
    vision: str | None = None
    """Folder of a vision encoder, with ``decoder`` in place of ``from``."""
    decoder: str | None = None
    """Folder of a language model."""
    connector: Annotated[Spec, *part_of("vistune.models.connectors.base:CONNECTORS")] | None = None
    """What turns visual features into tokens, ``mlp`` unless given. Not with ``from``, as the keys from here to ``attention``."""
    positions: Annotated[Spec, *part_of("vistune.models.sequence.positions:POSITIONS")] | None = None
    """Position scheme, ``sequential`` unless given."""
    vision_layer: int = -2
    """The encoder's layer that is read, for a model put together from parts; -1 is the last."""
    vision_feature: Literal["patch", "full", "cls_per_layer"] = "patch"
    """Which of the encoder's tokens are read; ``cls_per_layer``: the class token of every ``cls_every``-th layer."""
    cls_every: int = Field(1, ge=1)
    """For ``cls_per_layer``: each how many-th layer is read."""
    attention: Annotated[Spec, *part_of("vistune.models.sequence.attention:ATTENTION")] | None = None
    """Attention scheme, ``causal`` unless given."""
    adapters: dict[str, Annotated[Spec, *part_of("vistune.models.adapters.base:ADAPTERS")]] = {}
    """Adapters by the name under which ``train`` patterns find them: ``adapters.NAME.*``."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        parts = [name for name in ("vision", "decoder") if getattr(self, name) is not None]
        if self.from_ is not None and parts:
            raise ValueError(f"give either 'from' or parts ({', '.join(parts)}), not both.")
        if self.from_ is None and len(parts) < 2:
            raise ValueError("give 'from' (a checkpoint), or both 'vision' and 'decoder'.")
        return self


class DataSetConfig(Config):
    """One data set: a file or folder in a published format, or an engine that makes examples."""

    path: str | None = None
    """File or folder."""
    format: Annotated[Spec, *part_of("vistune.data.formats:FORMATS", "auto")] = {"kind": "auto"}
    """``auto`` (found out), a kind as ``llava``, or a kind with its options: ``{kind: llava, images: pictures/}``."""
    engine: Annotated[Spec, *part_of("vistune.engines:ENGINES")] | None = None
    """What makes the examples, in place of a ``path``."""
    skip: int = Field(0, ge=0)
    """Leave out this many examples at the start (a held-out part)."""
    limit: int | None = Field(None, ge=1)
    """Use at most this many examples after those skipped."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.path is None) == (self.engine is None):
            raise ValueError("a data set has either a 'path' or an 'engine'.")
        if self.engine is not None and self.format != {"kind": "auto"}:
            raise ValueError("'format' belongs to a data set with a 'path'.")
        return self


class DataConfig(Config):
    """The data sets by name. ``root`` is what recipes refer to as ``${data.root}``."""

    root: str | None = None
    """File or folder that paths refer to as ``${data.root}``; given on the command line as ``data.root=...``."""
    sets: dict[str, DataSetConfig] = {}
    """Data sets by the names that stages use."""


class Packing(Config):
    """Several samples share a row of at most ``length`` tokens. The loss is the same, with less padding."""

    length: int = Field(ge=8)
    """Tokens a row."""


class StageConfig(Config):
    """What trains, on which mixture, by which objective, for how long."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")
    """Names its folder; overrides may use it: ``stages.NAME.steps=100``."""
    train: list[str] = Field(min_length=1)
    """Patterns over parameter names, as ``connector.*``, ``adapters.*``, ``decoder.layers.3.*``, ``*``."""
    freeze: list[str] = []
    """Patterns taken out of ``train`` again."""
    data: dict[str, float] | list[str]
    """Data sets with their weights in the mixture; a list mixes them by their sizes."""
    objective: Annotated[Spec, *part_of("vistune.tuning.objectives:OBJECTIVES")] = {"kind": "next_token"}
    """The loss."""
    steps: int | None = Field(None, ge=1)
    """Optimiser steps; either these or ``epochs``."""
    epochs: float | None = Field(None, gt=0)
    """Passes over the mixture's examples; instead of ``steps``."""
    batch_size: int = Field(16, ge=1)
    """Samples a process and forward; a step sees batch_size x accumulation x processes."""
    accumulation: int = Field(1, ge=1)
    """Micro-batches whose gradients make one step."""

    lr: float | dict[str, float] = 1e-3
    """One rate, or a rate for each pattern; the first pattern that matches a parameter counts."""
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    """How the rate falls after the warm-up."""
    warmup: float = Field(0.03, ge=0, lt=1)
    """Share of the steps in which the rate rises from zero."""
    final_lr: float = Field(0.0, ge=0, le=1)
    """Share of the rate that is left at the end."""
    weight_decay: float = Field(0.0, ge=0)
    """AdamW's decay."""
    betas: tuple[float, float] = (0.9, 0.999)
    """AdamW's two decay rates."""
    clip: float = Field(1.0, ge=0)
    """Largest norm of the gradient; 0 = no clipping."""

    packing: Packing | Literal[False] = False
    """Let samples share rows; none sees another."""
    group_by_length: bool = False
    """Make micro-batches of samples of like length; not with ``packing``."""
    max_length: int | None = Field(None, ge=8)
    """Longest sample in tokens; longer ones lose their oldest turns, never a part of a picture."""
    pad_to_multiple_of: int = Field(1, ge=1)
    """Pad rows to a multiple of this many tokens. Fewer shapes: compiled kernels and their memory are used again."""
    precision: Precision = "auto"
    """``auto``: ``bf16`` on a GPU that computes in it, else ``fp32``."""
    compile: bool = False
    """Run encoder and decoder through ``torch.compile``: pays on runs of minutes; not with adapters."""
    gradient_checkpointing: bool = False
    """Compute activations again in the backward pass: less memory, about a fifth slower."""
    cache_features: Literal["auto", True, False] = "auto"
    """Keep a frozen vision encoder's output on disk; ``auto``: where pictures are seen more than once."""
    workers: int = Field(0, ge=0)
    """Processes that read and encode; 0: the training process does."""

    log_every: int = Field(10, ge=1)
    """Steps between lines of the log."""
    save_every: int | None = Field(None, ge=1)
    """Steps between checkpoints (default: a tenth of the stage)."""
    keep_checkpoints: int = Field(1, ge=1)
    """How many of the latest stay on disk."""
    eval_every: int | None = Field(None, ge=1)
    """Steps between losses on ``eval_data``."""
    eval_data: str | None = None
    """Data set for them."""
    eval_limit: int = Field(256, ge=1)
    """Use at most this many examples of it."""
    max_rejected: float = Field(0.05, ge=0, le=1)
    """The run fails when more than this share of the samples cannot be used."""

    @field_validator("train", "freeze", mode="before")
    @classmethod
    def _list(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("data", mode="before")
    @classmethod
    def _weights(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("data")
    @classmethod
    def _positive(cls, value: dict[str, float] | list[str]) -> dict[str, float] | list[str]:
        if not value:
            raise ValueError("a stage needs at least one data set.")
        for name, weight in value.items() if isinstance(value, dict) else ():
            if weight <= 0:
                raise ValueError(f"the weight of '{name}' must be above 0, not {weight}.")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.steps is None) == (self.epochs is None):
            raise ValueError("a stage has either 'steps' or 'epochs'.")
        if self.eval_every is not None and self.eval_data is None:
            raise ValueError("'eval_every' needs 'eval_data', the name of a data set.")
        if self.packing and self.group_by_length:
            raise ValueError("'packing' and 'group_by_length' both remove padding; use one of them.")
        return self


class Recipe(Config):
    """A whole run. It can be run again from its resolved form alone."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    """Names the run folder."""
    seed: int = Field(0, ge=0)
    """Order of the data, new weights, dropout and sampling follow it."""
    model: ModelConfig
    """What is tuned."""
    data: DataConfig = DataConfig()
    """The data sets."""
    stages: list[StageConfig] = []
    """Run one after the other; none: the model is only measured."""
    evaluation: list[PartSpec] = []
    """Benchmarks, by kind."""
    decoding: PartSpec = {"kind": "greedy"}
    """How benchmarks are answered: ``greedy``, ``sample``, ``beam`` with their settings, or a decoding method."""
    save: Literal["auto", "whole", "trained"] = "auto"
    """The final model: whole, or what was trained beside the name of its base (``auto``: for bases above 10^8)."""
    tensorboard: bool = True
    """Write TensorBoard files, where TensorBoard is installed."""

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        faults = []
        names = [stage.name for stage in self.stages]
        faults += [f"two stages are called '{name}'." for name in sorted(set(names)) if names.count(name) > 1]
        for stage in self.stages:
            wanted = [*stage.data, *([stage.eval_data] if stage.eval_data else [])]
            faults += [
                f"stage '{stage.name}': there is no data set '{name}'. {nearest(name, self.data.sets)}"
                for name in wanted
                if name not in self.data.sets
            ]
        if faults:
            raise ValueError(" ".join(faults))
        return self


def load_recipe(path: Path | str, overrides: list[str] | None = None) -> Recipe:
    """Read a recipe file with dotted overrides. Raises ``ConfigError`` that names every fault with its line."""
    return Recipe.load(path, overrides)
