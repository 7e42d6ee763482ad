"""The shipped nano checkpoints: what they are, and how each is trained again."""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from vistune.core.errors import ConfigError, nearest
from vistune.core.files import write_json

NAMES = ("nano-lm", "nano-vision", "nano-vlm", "nano-vlm-world")
#: Recipes that went on from nano-vlm to nano-vlm-world, in their order.
WORLD_RECIPES = ("nano-vlm-fuller", "nano-vlm-world")


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
    """Train a shipped checkpoint again by its committed recipe; overrides are dotted.

    nano-vlm-world: the last of its recipes, which goes on from the run of the one before (its head says how).
    """
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

    return run_recipe(load_recipe(name, overrides), out_dir).main_scores()


def ship_backbone(name: str, run: Path, folder: Path | None = None) -> Path:
    """Copy a trained backbone in fp16 to where shipped ones lie, with what its training came to. Returns its folder.

    Raises ``ConfigError`` where ``run`` is not what ``train_backbone`` wrote.
    """
    out = (folder or shipped_folder()) / name
    if name.startswith("nano-vlm"):
        if not (run / "model").is_dir():
            raise ConfigError(f"{run} has no folder 'model'. Name the folder that 'backbones train {name}' wrote.")
        _copy_vlm(run, out)
    else:
        if not (run / "training.json").is_file():
            raise ConfigError(f"{run} has no training.json. Name the folder that 'backbones train {name}' wrote.")
        _copy_part(name, run, out)
    config = json.loads((out / "config.json").read_text(encoding="utf-8"))
    write_json(out / "config.json", _without_paths(config))
    return out


def _copy_vlm(run: Path, out: Path) -> None:
    from vistune.models.vlm import VisionLanguageModel

    told, machine = _stages(run)
    again = {stage["name"] for stage in told}  # shipped a second time: the origin is what was shipped the first time
    earlier = [stage for stage in _earlier_stages(run) if stage["name"] not in again]
    VisionLanguageModel.from_pretrained(run / "model").half().save_pretrained(out)
    write_json(out / "training.json", {"stages": [*earlier, *told], "machine": machine})


def _stages(run: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What a run's stages came to, each with its machine; and that machine."""
    machine = json.loads((run / "environment.json").read_text(encoding="utf-8"))["machine"]
    short = {key: machine[key] for key in ("processor", "cores", "threads", "device") if key in machine}
    stages = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(run.glob("stages/*/done.json"))]
    kept = ("name", "steps", "loss", "tokens", "seconds", "trainable")
    return [{**{key: stage[key] for key in kept if key in stage}, "machine": short} for stage in stages], short


def _earlier_stages(run: Path) -> list[dict[str, Any]]:
    """The stages of the checkpoint that a run went on from, where it tells them; each with its machine.

    That is a checkpoint with ``training.json``, or the ``model`` of another run.
    """
    from vistune.core.errors import VistuneError
    from vistune.models.shipped import resolve
    from vistune.tuning.recipe import load_recipe

    if not (run / "recipe.yaml").is_file():
        return []
    origin = load_recipe(run / "recipe.yaml").model.from_
    if origin is None:
        return []
    try:
        folder = resolve(origin)
    except VistuneError:  # a checkpoint elsewhere, or one that is gone
        return []
    if (folder / "training.json").is_file():
        facts = json.loads((folder / "training.json").read_text(encoding="utf-8"))
        return [{"machine": facts["machine"], **stage} for stage in facts["stages"]]
    if (folder.parent / "environment.json").is_file():
        return [*_earlier_stages(folder.parent), *_stages(folder.parent)[0]]
    return []


def _copy_part(name: str, run: Path, out: Path) -> None:
    import shutil

    from transformers import AutoModel, AutoModelForCausalLM

    build: Any = AutoModelForCausalLM if name == "nano-lm" else AutoModel
    out.mkdir(parents=True, exist_ok=True)
    for path in run.iterdir():
        if path.is_file() and path.name != "model.safetensors":
            shutil.copy(path, out / path.name)
    build.from_pretrained(run).half().save_pretrained(out)


def _without_paths(values: Any) -> Any:
    """The configuration without the folders that parts were read from on the machine that trained them."""
    if isinstance(values, dict):
        return {key: _without_paths(value) for key, value in values.items() if key != "_name_or_path"}
    return values
