"""Where checkpoints are: shipped names and folders."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vistune.core.errors import ModelError, nearest
from vistune.core.progress import is_quiet

BACKBONES = Path(__file__).parents[1] / "backbones"
#: Bytes of weights that are read so quickly that a bar would only flash.
_QUICK = 200e6


def shipped_names() -> list[str]:
    """Names of the checkpoints in the package."""
    return sorted(p.name for p in BACKBONES.iterdir() if (p / "config.json").is_file()) if BACKBONES.is_dir() else []


def resolve(name: str | Path) -> Path:
    """The folder of a shipped name or of a path. Raises ``ModelError`` with the nearest name."""
    folder = Path(name)
    if folder.is_dir():
        return folder
    if str(name) in shipped_names():
        return BACKBONES / str(name)
    raise ModelError(
        f"There is no model folder '{name}' and no shipped model of that name. {nearest(str(name), shipped_names())}"
    )


def read_config(folder: Path) -> dict[str, Any]:
    """A checkpoint's ``config.json``. Raises ``ModelError`` where there is none or it is no JSON."""
    path = folder / "config.json"
    if not path.is_file():
        raise ModelError(f"{folder} is no checkpoint: it has no config.json.")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ModelError(f"{path} is not valid JSON: {error}.") from error


@contextmanager
def weights_bar(folder: Path) -> Iterator[None]:
    """Within it transformers shows its bar of weights only where it is of use: for large ones, on a terminal."""
    from transformers.utils import logging

    large = sum(path.stat().st_size for path in folder.glob("*.safetensors")) > _QUICK
    if not logging.is_progress_bar_enabled() or (large and not is_quiet()):
        yield
        return
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.enable_progress_bar()
