"""``load_model``: any checkpoint that can be asked, behind one face."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vistune.core.device import pick_device, pick_dtype
from vistune.models.files import BASE
from vistune.models.interface import Answerer
from vistune.models.shipped import read_config, resolve


def load_model(name: str | Path, device: str | None = "auto", dtype: Any = "auto") -> Answerer:
    """Our own folder, a LLaVA folder, or any other ``AutoModelForImageTextToText`` folder, held whole.

    ``name``: a folder or a shipped name (``nano-vlm``). ``dtype`` ``auto``: bfloat16 on a GPU that computes in it,
    float32 elsewhere. Raises ``ModelError`` for a folder that is no such checkpoint.
    """
    folder, place = resolve(name), pick_device(device)
    number_format = pick_dtype("auto", place) if dtype is None or dtype == "auto" else dtype
    if (folder / BASE).is_file() or read_config(folder).get("model_type") in ("vistune", "llava"):
        from vistune.models.vlm import VisionLanguageModel

        model: Any = VisionLanguageModel.from_pretrained(name, dtype=number_format)
        return model.to(place)
    from vistune.models.foreign import ForeignModel

    return ForeignModel.load(folder, device=str(place), dtype=number_format)
