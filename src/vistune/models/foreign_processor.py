"""The processor of a whole foreign checkpoint, also where it can be made for pictures only.

Many processors (Qwen-VL's, SmolVLM's) insist on a video part, which needs torchvision. Pictures do not need it, so where
that part cannot be made the processor is made without.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import transformers
from transformers import AutoConfig, AutoProcessor, AutoTokenizer
from transformers.models.auto.processing_auto import PROCESSOR_MAPPING_NAMES

from vistune.core.errors import ModelError
from vistune.data.pixels import load_image_processor

#: Processors whose making asks for packages that only videos need, and those that treat pictures in the same way.
_ALIKE = {"SmolVLMProcessor": "Idefics3Processor"}

#: Where a checkpoint says how its processor is made, the newest place first.
_FILES = ("processor_config.json", "preprocessor_config.json")


def load_processor(folder: Path) -> Any:
    """The folder's processor. Raises ``ModelError`` where there is none that can be made."""
    try:
        processor = AutoProcessor.from_pretrained(folder)
    except (ImportError, AttributeError, OSError, ValueError, TypeError, KeyError) as error:
        # Which of these tells that a package for videos is missing differs from class to class.
        processor = _picture_processor(folder, error)
    if not hasattr(processor, "image_processor") or not hasattr(processor, "tokenizer"):
        raise ModelError(f"{folder} holds no processor for text and pictures, only a {type(processor).__name__}.")
    return processor


def pictures_only(processor_class: type) -> Any:
    """The processor class, allowed to be made with ``video_processor=None``."""

    def check(self: Any, argument_name: str, argument: Any) -> Any:
        if argument is None and "video" in argument_name:
            return type(None)
        return super(made, self).check_argument_for_proper_class(argument_name, argument)  # type: ignore[misc]

    made = type(processor_class.__name__, (processor_class,), {"check_argument_for_proper_class": check})
    return made


def _picture_processor(folder: Path, reason: Exception) -> Any:
    """The processor without its video part, from the folder's files; ``reason``: why it cannot be made whole."""
    settings = _settings(folder)
    name = settings.get("processor_class") or PROCESSOR_MAPPING_NAMES.get(AutoConfig.from_pretrained(folder).model_type)
    base = getattr(transformers, str(_ALIKE.get(str(name), name)), None)
    refused = f"{folder} holds no processor that transformers can make: {_first_line(reason)}"
    if base is None:
        raise ModelError(refused) from reason
    made = pictures_only(base)
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        parts = {"image_processor": load_image_processor(folder), "tokenizer": tokenizer, "video_processor": None}
        wanted = {name: part for name, part in parts.items() if name in made.get_attributes()}
        plain = {k: v for k, v in settings.items() if k in inspect.signature(base.__init__).parameters}
        template = _template(folder) or tokenizer.chat_template
        return made(**{**plain, **wanted, "chat_template": template})
    except (ImportError, AttributeError, OSError, ValueError, TypeError, ModelError) as error:
        raise ModelError(refused) from error


def _settings(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in reversed(_FILES):
        if (folder / name).is_file():
            found |= json.loads((folder / name).read_text(encoding="utf-8"))
    return found


def _template(folder: Path) -> str | None:
    """The chat template of its own file, new (jinja) or old (JSON)."""
    if (folder / "chat_template.jinja").is_file():
        return (folder / "chat_template.jinja").read_text(encoding="utf-8")
    if (folder / "chat_template.json").is_file():
        return json.loads((folder / "chat_template.json").read_text(encoding="utf-8"))["chat_template"]
    return None


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
