"""PathEval (arXiv 2411.18711): which of two paths on a map is better for a task."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, OfSplit, Scored
from vistune.evaluation.benchmarks.choice import base_id
from vistune.evaluation.benchmarks.nano import FIRST_SCENE
from vistune.evaluation.benchmarks.tables import need, rows_of
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.selection import PathMode, parse_path

Condition = Literal["none", "flipped", "random", "descriptors", "no_image", "perception", "level1"]
#: The world's descriptors -> the authors' names, and what each is.
NAMES: dict[str, tuple[str, str]] = {
    "least clearance": ("Minimum Clearance", "The minimum distance from the obstacles."),
    "greatest clearance": ("Maximum Clearance", "The maximum distance from the obstacles."),
    "average clearance": ("Average Clearance", "The average distance from the obstacles."),
    "sum of turns": (
        "Smoothness", "the sum of absolute angles between path segments. Smoother paths have a lower smoothness value.",
    ),
    "sharp turns": ("Number of sharp turns", "number of turns that are >90 degrees."),
    "greatest turn": ("Maximum turn angle", "The sharpest turn angle in the path"),
    "length": ("Path length", "The sum of Euclidean distances between points in the path"),
}  # fmt: skip
_PATHS = ("Path 1", "Path 2")


@BENCHMARKS.register("patheval", paper="patheval")
class PathEval(OfSplit):
    """Two paths on one map, side by side, and a task in words: which path is better? Accuracy of "Path 1" or "Path 2".

    ``condition``: ``none``; ``flipped`` (paths exchanged); ``random`` (paths named by four random characters);
    ``descriptors`` (their values too); ``no_image`` (values and a blank picture); ``perception`` (which has the lower value of a
    descriptor); ``level1`` (which descriptors matter, blank picture; nano only). ``circular`` asks each pair both ways and adds
    ``consistent``: the same path was chosen. Files: the authors' LLaVA JSON with ``metrics``, ``images`` the folder of its
    pictures. Nano: the maps of the world, labels even; truth is the unanimous vote of the descriptors that matter.
    ``mode: official`` reads what stands between "Answer:" and "Explanation:"; ``lenient`` the one path that is named.
    """

    protocol = "PathEval get_results.py: the text after 'Answer:' is 'Path 1' or 'Path 2', else wrong"
    capabilities = ("planning", "spatial", "reasoning")
    chance = 0.5

    images: Path | None = None
    condition: Condition = "none"
    circular: bool = False
    n: int = 150
    limit: int | None = None
    mode: PathMode = "official"
    style: str | None = None
    max_new_tokens: int = 800
    image_size: int = 128

    def __post_init__(self) -> None:
        """Conditions that the edition has."""
        super().__post_init__()
        if self.circular and self.condition in ("flipped", "level1"):
            raise ConfigError(
                f"patheval: circular asks both orders itself; it does not go with condition '{self.condition}'."
            )
        if self.condition == "level1":
            if self.path is not None:
                raise ConfigError("patheval: published files do not say which descriptors matter; level1 is nano only.")
            self.chance = None

    @property
    def name(self) -> str:
        """With the condition."""
        return super().name + ("" if self.condition == "none" else f"_{self.condition}")

    # ---- items ----

    def published(self) -> list[Example]:
        """Records of the authors' file."""
        assert self.path is not None
        folder = self.images or self.path.parent
        made = []
        for number, row in enumerate(rows_of(self.path)[: self.limit], start=1):
            need(row, ("id", "image", "conversations"), self.path, number)
            asked, answer = (turn["value"] for turn in row["conversations"][:2])
            truth = parse_path(answer)
            if truth is None:
                raise DataError(f"{self.path}, record {number}: the answer is 'Path 1' or 'Path 2', not '{answer}'.")
            if self.condition in ("descriptors", "no_image") and not {*_PATHS} <= set(row.get("metrics", {})):
                raise DataError(
                    f"{self.path}, record {number}: 'metrics' of both paths are needed for '{self.condition}'."
                )
            picture = ImageSource(path=folder / row["image"])
            values = [str(row.get("metrics", {}).get(name, "")) for name in _PATHS]
            made += self._both(
                str(row["id"]), asked, truth, picture, values, str(row["image"]), asked.split("?")[0][:60]
            )
        return made

    def nano(self) -> list[Example]:
        """Pairs of paths on test maps."""
        if self.condition == "level1":
            return self._level1()
        from vistune.world.maps import describe, render, sample_choice

        rng, made, number, used = random.Random(f"patheval/{self.seed}"), list[Example](), 0, dict[str, int]()
        pairs = 0
        while pairs < self.n and number < 8 * self.n:
            place = (FIRST_SCENE + self.seed * 10_000) * 6 + number
            choice = sample_choice(place, split=self.split, prior=self.prior, style=self.style)
            number += 1
            found = self._criteria(choice)
            if not found:
                continue
            # The rarest criterion so far, and the label that is due.
            criterion, text, truth = min(sorted(found), key=lambda f: used.get(f[0], 0))
            used[criterion] = used.get(criterion, 0) + 1
            turned = truth != pairs % 2
            if turned:
                choice, truth = choice.flipped(), 1 - truth
            pairs += 1
            picture = ImageSource(array=render(choice, self.image_size // 2, wide=self.image_size))
            described = [describe(choice.chart, plan) for plan in (choice.first, choice.second)]
            values = [str({NAMES[n][0]: round(v, 2) for n, v in own.items()}) for own in described]
            group = f"map-{choice.seed // 6}"
            own = self._both(f"map-{choice.seed}", text, truth, picture, values, group, criterion)
            for example in own:
                example.meta["turned"] = turned
            made += own
        rng.shuffle(made)
        return made

    def _criteria(self, choice: Any) -> list[tuple[str, str, int]]:
        """(name, question, better path) of all tasks, or descriptors, on which these paths differ clearly."""
        from vistune.world.maps import DESCRIPTORS, SCENARIOS, describe, unanimous, votes

        first, second = (describe(choice.chart, plan) for plan in (choice.first, choice.second))
        zones = dict(choice.zones)
        if self.condition == "perception":
            clear = [name for name in DESCRIPTORS if abs(first[name] - second[name]) >= max(zones[name], 1e-9)]
            return [(name, lower_prompt(name), int(first[name] > second[name])) for name in clear]
        found = []
        for scenario in SCENARIOS:
            better = unanimous(votes(scenario, first, second, zones))
            if better is not None:
                found.append((scenario.name, f"{scenario.text} Which path better achieves the task?", better - 1))
        return found

    def _both(
        self, name: str, asked: str, truth: int, picture: ImageSource, values: Sequence[str], group: str, criterion: str
    ) -> list[Example]:
        orders = (False, True) if self.circular else (self.condition == "flipped",)
        return [self._item(name, asked, truth, picture, values, group, criterion, flipped) for flipped in orders]

    def _item(
        self,
        name: str,
        asked: str,
        truth: int,
        picture: ImageSource,
        values: Sequence[str],
        group: str,
        criterion: str,
        flipped: bool,
    ) -> Example:
        names = list(_PATHS)
        if flipped:
            picture, truth, values = swapped(picture), 1 - truth, values[::-1]
        if self.condition == "random":
            rng = random.Random(f"names/{name}/{flipped}")
            names = ["Path " + "".join(rng.choices(string.ascii_letters + string.digits, k=4)) for _ in _PATHS]
        if self.condition == "no_image":
            picture = ImageSource(array=np.full((64, 64, 3), 255, np.uint8))
        prompt = self._prompt(asked, names, values)
        identity = f"{name}@{int(flipped)}" if self.circular else name
        meta = {"type": criterion, "group": group, "truth": truth, "names": names, "flipped": flipped}
        meta["facets"] = {"criterion": criterion}
        return Example(identity, [user(prompt, images=(0,))], [picture], answers=[names[truth]], meta=meta)

    def _prompt(self, asked: str, names: Sequence[str], values: Sequence[str]) -> str:
        first, second = names
        lines = [f"{asked} {first} is on the left side and {second} is on the right side."]
        if self.condition in ("descriptors", "no_image"):
            lines.append("The following path descriptor values are computer for each path:")
            lines += [f"{name}: {text} " for key, (name, text) in NAMES.items() if key != "average clearance"]
            lines += [f"Here are path descriptor values for path {k + 1}: {value}" for k, value in enumerate(values)]
        lines += ["Your answer should follow the format below:", f"Answer: {first} or {second}."]
        lines.append("Explanation: Why you chose the path (1 or 2). ")
        return "\n    ".join(lines)

    def _level1(self) -> list[Example]:
        from vistune.world.maps import DESCRIPTORS, SCENARIOS

        blank = ImageSource(array=np.full((64, 64, 3), 255, np.uint8))
        made = []
        for scenario in SCENARIOS:
            right = [NAMES[name][0] for name, sign in zip(DESCRIPTORS, scenario.signs) if sign]
            listed = "; ".join(name for name, _ in NAMES.values())
            text = f"{scenario.text} Which of these path descriptors matter for the task: {listed}? Give a list with ; between."
            meta = {"type": scenario.name, "group": scenario.name, "relevant": right}
            answers, asked = ["; ".join(right)], [user(text, images=(0,))]
            made.append(Example(f"level1-{scenario.name}", asked, [blank], answers=answers, meta=meta))
        return made

    # ---- scores ----

    def score(self, example: Example, answer: str) -> Scored:
        """Right or wrong; for ``level1`` the F1 of the descriptors that were named."""
        if self.condition == "level1":
            said = named_descriptors(answer)
            right = set(example.meta["relevant"])
            hits = len(said & right)
            f1 = 2 * hits / (len(said) + len(right)) if hits else 0.0
            whole = float(said == right)
            columns = {"items": 1.0, "correct": whole, "f1": f1, "left": 0.0, "read": 0.0}
            return Scored("; ".join(sorted(said)) or None, f1, columns)
        chosen = parse_path(answer, example.meta["names"], self.mode)
        right = float(chosen == example.meta["truth"])
        columns = {"items": 1.0, "correct": right, "left": float(chosen == 0), "read": float(chosen is not None)}
        return Scored(None if chosen is None else example.meta["names"][chosen], right, columns)

    def group_columns(self, items: Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """Pairs asked both ways: how many, with both right, and with the same path chosen."""
        if not self.circular:
            return {}
        pairs: dict[str, list[Mapping[str, Any]]] = {}
        for item in items:
            pairs.setdefault(base_id(item["id"]), []).append(item)
        whole = [two for two in pairs.values() if len(two) == 2]
        # One is right in one order and wrong in the other exactly where the same side was named twice.
        same = [all(i["parsed"] is not None for i in two) and two[0]["score"] == two[1]["score"] for two in whole]
        both = [all(i["score"] == 1.0 for i in two) for two in whole]
        return {"pairs": float(len(whole)), "both": float(sum(both)), "same": float(sum(same))}

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Accuracy, how often the left path is named; asked both ways, both right and the same path chosen."""
        found = {"accuracy": ratio(sums["correct"], sums["items"])}
        if self.condition == "level1":
            return {**found, "f1": ratio(sums["f1"], sums["items"])}
        found["left"] = ratio(sums["left"], sums["read"])
        if self.circular:
            found |= {
                "both_right": ratio(sums["both"], sums["pairs"]),
                "consistent": ratio(sums["same"], sums["pairs"]),
            }
        return found

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What was read, by which rule, and the better path."""
        if self.condition == "level1":
            return [
                ("descriptors named", "; ".join(sorted(named_descriptors(item["answer"])))),
                ("relevant", example.answers[0]),
            ]
        return [("read by", self.mode), ("path named", str(item["parsed"])), ("better path", example.answers[0])]


def lower_prompt(name: str) -> str:
    """The question of one descriptor: which path has the smaller value."""
    official, what = NAMES[name]
    return f"Compare the two paths by {official.lower()}: {what.rstrip('. ')}. Choose the path with the smaller value."


def named_descriptors(answer: str) -> set[str]:
    """The authors' names of descriptors in a list with ";" or lines between; parts that are none are left out."""
    known = {re.sub(r"\W", "", name.lower()): name for name, _ in NAMES.values()}
    parts = (re.sub(r"\W", "", part.lower()) for part in re.split(r"[;\n]", answer))
    return {known[part] for part in parts if part in known}


def swapped(picture: ImageSource) -> ImageSource:
    """A picture of two halves with the halves exchanged; of an odd width, the middle column stays."""
    pixels = np.asarray(picture.open())
    width, half = pixels.shape[1], pixels.shape[1] // 2
    parts = [pixels[:, width - half :], pixels[:, half : width - half], pixels[:, :half]]
    return ImageSource(array=np.ascontiguousarray(np.concatenate(parts, axis=1)))
