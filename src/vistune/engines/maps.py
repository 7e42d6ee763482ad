"""Instruction data about maps with two paths (PathEval, arXiv 2411.18711)."""

from __future__ import annotations

import random
import string
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from vistune.core.errors import ConfigError, nearest
from vistune.data.annotations.files import write_json
from vistune.data.annotations.geojson import Feature, write_geojson
from vistune.data.example import Example, assistant, user
from vistune.engines.base import ENGINES, SeededEngine, question_record, question_turns
from vistune.world.language.wordings import Wordings
from vistune.world.maps import (
    DESCRIPTORS,
    SCENARIOS,
    Choice,
    ask,
    describe,
    render,
    render_path,
    sample_choice,
    unanimous,
    votes,
)
from vistune.world.scene import Prior, Split

Condition = Literal["none", "flipped", "random", "descriptors", "no_image"]

_RELEVANT = Wordings(
    ("{s} which of these matter: {d}? name them, with ; between.",),
    ("{s} of {d}: which are relevant? give a list with ; between.",),
)


@ENGINES.register("maps")
class MapsEngine(SeededEngine):
    """Maps with two paths, the one on the left and the other on the right.

    ``tasks``: ``question`` (any type), ``scenario`` (which path is better for a task), ``perception`` (which has the lower
    value of a descriptor) and ``relevant`` (which descriptors a scenario is about; PathEval's first level, blank picture).
    ``condition``, PathEval's: ``none``; ``flipped``, the paths exchanged; ``random``, paths named by four random letters;
    ``descriptors``, their values in words too; ``no_image``, the values and a blank picture. ``style``: blocks, maze or
    cells, else all. ``separate``: the paths on a picture each, of ``image_size`` pixels. Six pairs share a map.
    """

    KIND = "maps"
    TASKS = ("question", "scenario", "perception", "relevant")

    def __init__(
        self,
        n: int,
        *,
        split: Split = "train",
        prior: Prior = "skewed",
        image_size: int = 64,
        turns: int = 4,
        tasks: dict[str, float] | None = None,
        seed: int = 0,
        condition: Condition = "none",
        style: str | None = None,
        separate: bool = False,
    ) -> None:
        super().__init__(n, split=split, prior=prior, image_size=image_size, turns=turns, tasks=tasks, seed=seed)
        if condition not in get_args(Condition):
            raise ConfigError(f"maps: there is no condition '{condition}'. {nearest(condition, get_args(Condition))}")
        self.condition = condition
        self.style = style
        self.separate = separate

    def choice(self, number: int) -> Choice:
        """The pair of paths of a number."""
        choice = sample_choice(number, split=self.split, prior=self.prior, style=self.style)
        return choice.flipped() if self.condition == "flipped" else choice

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number."""
        task, choice = self.draw_task(rng), self.choice(number)
        pictures = self._pictures(choice)
        described = [describe(choice.chart, plan) for plan in (choice.first, choice.second)]
        facts: dict[str, Any] = {"task": task, "condition": self.condition, "descriptors": described}
        if task == "relevant":
            return self._relevant(number, rng, [np.full_like(picture, 255) for picture in pictures], facts)
        if self.condition == "no_image":
            pictures = [np.full_like(picture, 255) for picture in pictures]
        types = {"question": None, "scenario": ["better"], "perception": ["perception"]}[task]
        turns = self.turns if task == "question" else 1
        asked = ask(choice, number, types, turns, self.split)
        if not asked:
            # No scenario is unanimous here: another question about the same pair.
            asked = ask(choice, number, ["perception", "style"], 1, self.split)
        if task == "question" or self.condition in ("none", "flipped"):
            messages, meta = question_turns(asked, len(pictures))
            return self.example(number, messages, pictures, {**facts, **meta})
        text, answer = asked[0].text, asked[0].answer
        if self.condition == "random":
            names = {path: "".join(rng.choices(string.ascii_lowercase, k=4)) for path in ("path 1", "path 2")}
            intro = f"{names['path 1']} is on the left, {names['path 2']} on the right. "
            for path, name in names.items():
                text, answer = text.replace(path, name), answer.replace(path, name)
            text = intro + text
        else:
            text = f"{_values(described)} {text}"
        record = {**question_record(asked[0]), "question": text, "answer": answer}
        messages = [user(text, images=tuple(range(len(pictures)))), assistant(answer)]
        return self.example(number, messages, pictures, {**facts, "questions": [record]})

    def _pictures(self, choice: Choice) -> list[np.ndarray]:
        if self.separate:
            return [render_path(choice.chart, plan, self.image_size) for plan in (choice.first, choice.second)]
        # Two maps and the line between them share the longer side.
        return [render(choice, self.image_size // 2, wide=self.image_size)]

    def _relevant(self, number: int, rng: random.Random, blank: list[np.ndarray], facts: dict[str, Any]) -> Example:
        scenario = rng.choice(SCENARIOS)
        listed = "; ".join(name for name, sign in zip(DESCRIPTORS, scenario.signs) if sign)
        text = _RELEVANT.pick(rng, self.split).format(s=scenario.text, d=", ".join(DESCRIPTORS))
        messages = [user(text, images=tuple(range(len(blank)))), assistant(listed)]
        return self.example(number, messages, blank, {**facts, "scenario": scenario.name})

    def write_annotations(self, folder: Path) -> list[Path]:
        """``maps/NAME.geojson`` (obstacles, both paths with their descriptors) and ``choices.json`` (scenario -> path)."""
        files, choices = [], {}
        for index in range(len(self)):
            number = self.number(index)
            choice, name = self.choice(number), f"maps-{self.split}-{number}"
            files.append(write_geojson(folder / "maps" / f"{name}.geojson", features(choice)))
            choices[name] = answers(choice)
        return [write_json(folder / "choices.json", choices), *files]


def _values(described: list[dict[str, float]]) -> str:
    parts = [
        f"path {k + 1}: " + ", ".join(f"{name} {value:.1f}" for name, value in values.items())
        for k, values in enumerate(described)
    ]
    return ". ".join(parts) + "."


def answers(choice: Choice) -> dict[str, int]:
    """Scenario -> the better path, 1 or 2, where the descriptors agree."""
    first, second = (describe(choice.chart, plan) for plan in (choice.first, choice.second))
    found = {s.name: unanimous(votes(s, first, second, dict(choice.zones))) for s in SCENARIOS}
    return {name: path for name, path in found.items() if path is not None}


def features(choice: Choice) -> list[Feature]:
    """The map and both paths, in the map's units."""
    found = [Feature("Polygon", polygon, {"role": "obstacle"}) for polygon in choice.chart.obstacles]
    found += [
        Feature("Point", (choice.chart.start,), {"role": "start"}),
        Feature("Point", (choice.chart.goal,), {"role": "goal"}),
    ]
    for name, plan in (("path 1", choice.first), ("path 2", choice.second)):
        facts = {"role": name, "radius": plan.radius, **describe(choice.chart, plan)}
        found.append(Feature("LineString", plan.points, facts))
    return found
