"""The shipped nano checkpoints: what they are, and how each is trained again."""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from vistune.core.errors import ConfigError, nearest

NAMES = ("nano-lm", "nano-vision", "nano-vlm")


def shipped_folder() -> Path:
    """Where the installed package keeps its checkpoints."""
    return Path(str(files("vistune") / "backbones"))


def shipped() -> list[dict[str, Any]]:
    """Each shipped checkpoint's name, kind, parameters, size on disk and main held-out measure."""
    found = []
    for name in NAMES:
        with as_file(files("vistune") / "backbones" / name) as folder:
            facts = folder / "measures.json"
            if not facts.is_file():
                continue
            card = json.loads(facts.read_text(encoding="utf-8"))
            size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
            found.append({"name": name, "megabytes": size, **card})
    return found


def train_backbone(name: str, overrides: list[str], out_dir: Path) -> dict[str, float]:
    """Train ``nano-lm``, ``nano-vision`` or ``nano-vlm`` by its committed recipe; overrides are dotted."""
    if name not in NAMES:
        raise ConfigError(f"There is no backbone '{name}'. {nearest(name, NAMES)}")
    out_dir.mkdir(parents=True, exist_ok=True)
    if name == "nano-lm":
        from vistune.tuning.pretraining.language import LanguageRecipe, train_language_model

        return train_language_model(LanguageRecipe.from_values({}, overrides), out_dir)
    if name == "nano-vision":
        from vistune.tuning.pretraining.encoder import EncoderRecipe, train_encoder

        return train_encoder(EncoderRecipe.from_values({}, overrides), out_dir)
    from vistune.experiments.run import load_recipe, run_recipe

    return run_recipe(load_recipe("nano-vlm", overrides), out_dir).main_scores()
