"""The folder of a run: what is in it, whether it may be resumed, and where things stand.

recipe.yaml        the resolved recipe: the run can be repeated from it alone
environment.json   versions, machine, seeds, sessions
rejected.jsonl     samples that could not be used, with reasons
stages/01-NAME/    metrics.jsonl, parameters.json, checkpoints/, trained.safetensors, done.json
model/             the tuned model
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vistune.core.errors import ConfigError
from vistune.core.files import write_json, write_text
from vistune.core.seeding import Seed
from vistune.core.yaml_tree import parse_tree
from vistune.tuning.recipe import Recipe

_OURS = ("recipe.yaml", "environment.json", "rejected.jsonl", "stages", "model", "features")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths of a run."""

    root: Path

    @property
    def recipe(self) -> Path:
        """The resolved recipe."""
        return self.root / "recipe.yaml"

    @property
    def model(self) -> Path:
        """The tuned model."""
        return self.root / "model"

    @property
    def rejected(self) -> Path:
        """Samples that could not be used."""
        return self.root / "rejected.jsonl"

    @property
    def features(self) -> Path:
        """Cached features of a frozen vision encoder."""
        return self.root / "features"

    def stage(self, number: int, name: str) -> Path:
        """The folder of the stage that comes ``number``-th, from 0."""
        return self.root / "stages" / f"{number + 1:02d}-{name}"

    def prepare(self, recipe: Recipe, resume: bool) -> None:
        """Write the recipe, or see that the one that is there is the same.

        Without ``resume`` what an earlier run left is removed. Raises ``ConfigError`` when the folder holds a run of
        another recipe.
        """
        if not resume:
            self._clear()
        if self.recipe.exists():
            before = parse_tree(self.recipe.read_text(encoding="utf-8")).values
            differing = _differing(_training_part(before), _training_part(recipe.values()))
            if differing and (self.root / "stages").exists():
                raise ConfigError(
                    f"{self.root} holds a run of another recipe (it differs in {', '.join(differing[:5])}). Choose "
                    "another folder with --out, or start over with --fresh."
                )
        write_text(self.recipe, recipe.dump())

    def _clear(self) -> None:
        for name in _OURS:
            path = self.root / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def describe(self, recipe: Recipe) -> None:
        """Write versions, machine, seeds and the sessions so far."""
        from vistune.core.device import describe_machine, setup_allocator

        path = self.root / "environment.json"
        sessions = json.loads(path.read_text(encoding="utf-8"))["sessions"] if path.exists() else []
        seed = Seed(recipe.seed)
        allocator = setup_allocator()
        facts: dict[str, Any] = {
            "machine": describe_machine(),
            "allocator": {"tuned": allocator.tuned, "reason": allocator.reason},
            "seeds": {"root": seed.root, **{n: seed.number(n) for n in ("model", "order")}},
            "sessions": [*sessions, datetime.now(UTC).isoformat(timespec="seconds")],
        }
        write_json(path, facts)


def _training_part(values: dict[str, Any]) -> dict[str, Any]:
    """What training depends on: benchmarks, decoding and logs may change between sessions."""
    return {key: value for key, value in values.items() if key not in ("evaluation", "decoding", "tensorboard", "name")}


def _differing(before: Any, after: Any, place: str = "") -> list[str]:
    """Dotted places at which two trees differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = [*before, *(key for key in after if key not in before)]
        return [d for key in keys for d in _differing(before.get(key), after.get(key), f"{place}.{key}".strip("."))]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [d for i, (a, b) in enumerate(zip(before, after)) for d in _differing(a, b, f"{place}.{i}")]
    return [] if before == after else [place]
