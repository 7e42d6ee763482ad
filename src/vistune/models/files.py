"""Model folders: whole checkpoints, trained parts beside a base, LLaVA checkpoints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import PreTrainedModel

from vistune.core.errors import ModelError
from vistune.core.files import write_json, writing
from vistune.data.processor import SETTINGS, Processor
from vistune.models.shipped import read_config, resolve
from vistune.models.vlm import VisionLanguageModel

TRAINED = "trained.safetensors"
BASE = "base.json"


def save(model: VisionLanguageModel, folder: Path, only_trainable: bool, options: dict[str, Any]) -> None:
    """See ``VisionLanguageModel.save_pretrained``."""
    folder.mkdir(parents=True, exist_ok=True)
    with writing(folder):
        if only_trainable:
            _save_trained(model, folder)
        else:
            PreTrainedModel.save_pretrained(model, folder, **options)
    if model.processor is not None:
        model.processor.save_pretrained(folder)


def _save_trained(model: VisionLanguageModel, folder: Path) -> None:
    base = model.config._name_or_path
    if not base:
        raise ModelError("Only trained parts can be saved for a model that was read from a folder: this one was not.")
    trained = {n: p.detach().cpu().contiguous() for n, p in model.named_parameters() if p.requires_grad}
    if not trained:
        raise ModelError("Nothing in this model trains, so there are no trained parts to save.")
    save_file(trained, folder / TRAINED)
    write_json(folder / BASE, {"base": str(base), "adapters": model.config.adapters})


def load(cls: type[VisionLanguageModel], name: Any, *args: Any, **options: Any) -> VisionLanguageModel:
    """See ``VisionLanguageModel.from_pretrained``. Raises ``ModelError``."""
    folder = resolve(name)
    if (folder / BASE).is_file():
        return _load_trained(cls, folder, **options)
    kind = read_config(folder).get("model_type")
    if kind == "llava":
        from vistune.models.llava import load_llava

        return load_llava(folder, **options)
    if kind != "vistune":
        raise ModelError(
            f"{folder} holds a '{kind}', not a vistune or llava model. 'load_model' reads other VLMs whole."
        )
    model = _load_whole(cls, folder, *args, **options)
    if (folder / SETTINGS).is_file():
        model.processor = Processor.from_pretrained(folder)
    model.config._name_or_path = str(name)
    return model.eval()


def _load_whole(cls: type[VisionLanguageModel], folder: Path, *args: Any, **options: Any) -> VisionLanguageModel:
    options = {"dtype": torch.float32, **options}
    try:
        model, report = PreTrainedModel.from_pretrained.__func__(  # type: ignore[attr-defined]
            cls, folder, *args, output_loading_info=True, ignore_mismatched_sizes=True, **options
        )
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{folder} cannot be read: {str(error).splitlines()[0]}") from error
    wrong = [(key, tuple(has), tuple(wants)) for key, has, wants in report.get("mismatched_keys", ())]
    if wrong:
        key, has, wants = wrong[0]
        raise ModelError(f"{folder}: '{key}' has the shape {has}, the model's is {wants} ({len(wrong)} such weights).")
    if report.get("missing_keys"):
        lost = sorted(report["missing_keys"])
        raise ModelError(f"{folder} lacks {len(lost)} weights of the model, the first is '{lost[0]}'.")
    if report.get("unexpected_keys"):
        spare = sorted(report["unexpected_keys"])
        raise ModelError(f"{folder} has {len(spare)} weights that the model does not have, the first is '{spare[0]}'.")
    return model


def _load_trained(cls: type[VisionLanguageModel], folder: Path, **options: Any) -> VisionLanguageModel:
    """The base, its adapters, and the trained weights over them."""
    facts = json.loads((folder / BASE).read_text(encoding="utf-8"))
    model = load(cls, facts["base"], **options)
    for name, spec in facts["adapters"].items():
        if name not in model.adapters:
            model.add_adapter(name, spec)
    put_weights(model, load_file(folder / TRAINED), folder / TRAINED)
    return model.eval()


def put_weights(model: VisionLanguageModel, weights: dict[str, Tensor], path: Path) -> None:
    """Copy weights in by name. Raises ``ModelError`` for one that the model lacks or has in another shape."""
    own = dict(model.named_parameters())
    for name, value in weights.items():
        if name not in own:
            raise ModelError(f"{path} holds '{name}', which the model does not have.")
        if own[name].shape != value.shape:
            raise ModelError(f"{path}: '{name}' is {tuple(value.shape)}, the model's is {tuple(own[name].shape)}.")
        own[name].data.copy_(value)
