"""``load_model``: any checkpoint that can be asked, behind one face."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vistune.core.device import pick_device
from vistune.models.files import BASE
from vistune.models.interface import Answerer
from vistune.models.shipped import read_config, resolve


def load_model(name: str | Path, device: str | None = None, dtype: Any = None) -> Answerer:
    """Our own folder, a LLaVA folder, or any other ``AutoModelForImageTextToText`` folder, held whole.

    ``name`` is a folder or a shipped name (``nano-vlm``). Raises ``ModelError`` for a folder that is no such checkpoint.
    """
    folder = resolve(name)
    options = {} if dtype is None else {"dtype": dtype}
    if (folder / BASE).is_file() or read_config(folder).get("model_type") in ("vistune", "llava"):
        from vistune.models.vlm import VisionLanguageModel

        model: Any = VisionLanguageModel.from_pretrained(name, **options)
        return model.to(pick_device(device))
    from vistune.models.foreign import ForeignModel

    return ForeignModel.load(folder, device=device, dtype=dtype)
