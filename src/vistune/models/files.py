"""Model folders: whole checkpoints, what was trained beside a base, LLaVA checkpoints."""

from __future__ import annotations

import json
from collections.abc import Iterable
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
from vistune.models.shipped import read_config, resolve, shipped_names, weights_bar
from vistune.models.vlm import VisionLanguageModel

TRAINED = "trained.safetensors"
BASE = "base.json"


def save(model: VisionLanguageModel, folder: Path, only_trainable: bool, options: dict[str, Any]) -> None:
    """See ``VisionLanguageModel.save_pretrained``."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if only_trainable:
            _save_changes(model, folder)
        else:
            PreTrainedModel.save_pretrained(model, folder, **options)
        if model.processor is not None:
            model.processor.save_pretrained(folder)


def _save_changes(model: VisionLanguageModel, folder: Path) -> None:
    """Write the parameters in which ``model`` differs from its base, whether or not they still take gradients.

    The base is read again and compared: a stage that trained a connector which is frozen by now is not lost.
    """
    base = model.config._name_or_path
    if not base:
        raise ModelError(
            "Trained parts alone can be saved for a model that was read from a folder and not merged; this one has no "
            "base to refer to. Save it whole."
        )
    original = dict(load(type(model), base, dtype=model.dtype).named_parameters())
    own = dict(model.named_parameters())
    for name, value in original.items():
        if name not in own or own[name].shape != value.shape:
            raise ModelError(f"'{name}' is not as in the base {base}, so trained parts alone do not tell this model.")
    changed = {}
    for name, value in own.items():
        present = value.detach().cpu().contiguous()
        if name not in original or not torch.equal(present, original[name].to(present.dtype)):
            changed[name] = present
    if not changed:
        raise ModelError(f"The model equals its base {base}: there are no trained parts to save.")
    save_file(changed, folder / TRAINED, metadata={"format": "pt"})
    place = base if base in shipped_names() else str(Path(base).resolve())
    write_json(folder / BASE, {"base": place, "adapters": model.config.adapters})


def load(cls: type[VisionLanguageModel], name: Any, *args: Any, **options: Any) -> VisionLanguageModel:
    """See ``VisionLanguageModel.from_pretrained``. Weights are float32 unless ``dtype`` says otherwise.

    Raises ``ModelError`` for a folder that is no such checkpoint, or whose weights do not fit its configuration.
    """
    folder = resolve(name)
    options = {"dtype": torch.float32, **options}
    if (folder / BASE).is_file():
        return _load_changes(cls, folder, **options)
    kind = read_config(folder).get("model_type")
    if kind == "llava":
        from vistune.models.llava import load_llava

        model = load_llava(folder, **options)
    elif kind == "vistune":
        model = read_weights(cls, folder, *args, **options)
        if (folder / SETTINGS).is_file():
            model.processor = Processor.from_pretrained(folder)
    else:
        raise ModelError(
            f"{folder} holds a '{kind}', not a vistune or llava model; 'load_model' reads other VLMs whole."
        )
    model.config._name_or_path = str(name)
    return model.eval()


def read_weights(cls: Any, folder: Path, *args: Any, **options: Any) -> Any:
    """A ``PreTrainedModel`` with the weights of ``folder``, all of them and no others. Raises ``ModelError``."""
    reader: Any = PreTrainedModel.from_pretrained
    try:
        with weights_bar(folder):
            model, report = reader.__func__(
                cls, folder, *args, output_loading_info=True, ignore_mismatched_sizes=True, **options
            )
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{folder} cannot be read: {str(error).splitlines()[0]}") from error
    wrong = sorted((key, tuple(has), tuple(wants)) for key, has, wants in report.get("mismatched_keys") or ())
    if wrong:
        key, has, wants = wrong[0]
        raise ModelError(
            f"{folder}: '{key}' has the shape {has}, but by its config.json {wants} is needed "
            f"({_count(len(wrong), 'such weight')})."
        )
    for kind, told in (
        ("missing_keys", "lacks {} of the model"),
        ("unexpected_keys", "has {} that the model does not have"),
    ):
        names = sorted(report.get(kind) or ())
        if names:
            raise ModelError(f"{folder} {told.format(_count(len(names), 'weight'))}, the first is '{names[0]}'.")
    return model


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _load_changes(cls: type[VisionLanguageModel], folder: Path, **options: Any) -> VisionLanguageModel:
    """The base, its adapters, and the trained weights over them."""
    facts = json.loads((folder / BASE).read_text(encoding="utf-8"))
    try:
        model = load(cls, facts["base"], **options)
    except ModelError as error:
        raise ModelError(f"{folder} holds trained parts only, and its base cannot be read: {error}") from error
    for name, spec in facts["adapters"].items():
        if name not in model.adapters:
            model.add_adapter(name, spec)
    put_weights(model, read_tensors(folder / TRAINED), folder / TRAINED, needed=_new_names(model, facts["base"]))
    if (folder / SETTINGS).is_file():
        model.processor = Processor.from_pretrained(folder)
    return model.eval()


def _new_names(model: VisionLanguageModel, base: str) -> set[str]:
    """Parameters of the adapters that the base did not have: no file but this one can hold them."""
    known = read_config(resolve(base)).get("adapters") or {}
    prefixes = tuple(f"adapters.{name}." for name in model.config.adapters if name not in known)
    return {name for name, _ in model.named_parameters() if prefixes and name.startswith(prefixes)}


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file. Raises ``ModelError`` where it is missing, torn or no such file."""
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{path} cannot be read: {str(error).splitlines()[0]}") from error


@torch.no_grad()
def put_weights(model: VisionLanguageModel, weights: dict[str, Tensor], path: Path, needed: Iterable[str] = ()) -> None:
    """Copy weights in by name. Raises ``ModelError`` for one that the model lacks or has in another shape.

    ``needed`` names those without which the model would keep random ones.
    """
    own = dict(model.named_parameters())
    lacking = sorted(set(needed) - set(weights))
    if lacking:
        raise ModelError(f"{path} lacks {_count(len(lacking), 'weight')} of its adapters, the first is '{lacking[0]}'.")
    for name, value in weights.items():
        if name not in own:
            raise ModelError(f"{path} holds '{name}', which the model does not have.")
        if own[name].shape != value.shape:
            raise ModelError(f"{path}: '{name}' is {tuple(value.shape)}, the model's is {tuple(own[name].shape)}.")
    for name, value in weights.items():
        own[name].copy_(value)
