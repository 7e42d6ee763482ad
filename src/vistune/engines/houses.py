"""Instruction data about houses: what is around, plans, walks in words, errands."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from vistune.data.annotations.r2r import ConnectedViewpoint, WalkRecord, write_connectivity, write_r2r
from vistune.data.annotations.reverie import ErrandRecord, SeenObject, write_boxes, write_reverie
from vistune.data.example import Example, Message, assistant, user
from vistune.engines.base import ENGINES, SeededEngine, question_turns
from vistune.world.houses import (
    Errand,
    House,
    Instruction,
    Stand,
    around,
    ask,
    ask_plan,
    errands,
    instruct,
    length,
    long_caption,
    look,
    plan_caption,
    render_plan,
    sample_house,
    sample_paths,
    sample_plan,
    sample_stand,
    sees,
    short_caption,
    view_boxes,
)
from vistune.world.houses.house import EYES, side, turn
from vistune.world.houses.instructions import arrival
from vistune.world.language.wordings import Wordings
from vistune.world.scene import Prior, Split

_DESCRIBE = Wordings(("where are you? describe the room.", "what is around you?"), ("tell me what you see here.",))
_DETAIL = Wordings(("describe in detail what is around you.",), ("say what is on each side of you.",))
_PLAN = Wordings(("describe the plan of the house.", "what does the plan show?"), ("tell me about this plan.",))
_SPEAK = Wordings(
    ("somebody walks as the pictures show. how would you tell them the way?", "describe this walk as an instruction."),
    ("put the way in the pictures into words.",),
)
_STEP = Wordings(
    ("instruction: {i} you have done {k} of {n} parts. where do you go next: ahead, right, behind, left or stop?",),
    ("you were told: {i} {k} of {n} parts are done. what now: ahead, right, behind, left or stop?",),
)
_GROUND = Wordings(
    ("{i} which picture shows it: first, second, third or fourth?",), ("{i} in which of the four pictures is it?",)
)
_ORDINALS = ("first", "second", "third", "fourth")
#: Examples in a row that share a house; at most this many pictures of a walk are shown.
SHARED, _SHOWN = 10, 6


@ENGINES.register("houses")
class HousesEngine(SeededEngine):
    """Houses to walk in.

    ``tasks``: ``caption``, ``detail`` and ``question`` (four pictures: ahead, right, behind, left); ``plan`` (questions
    about a plan with a walk on it) and ``plan_caption``; ``speak`` (views along a walk -> its instruction); ``step`` (an
    instruction and the four pictures at the end of one of its parts -> where to go next); ``errand`` (a thing in words, the
    pictures around -> which shows it). ``rooms``: least and most. Ten examples in a row share a house.
    """

    KIND = "houses"
    TASKS = ("caption", "detail", "question", "plan", "plan_caption", "speak", "step", "errand")

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
        rooms: tuple[int, int] = (4, 7),
    ) -> None:
        super().__init__(n, split=split, prior=prior, image_size=image_size, turns=turns, tasks=tasks, seed=seed)
        self.rooms = (int(rooms[0]), int(rooms[1]))

    def house(self, number: int) -> House:
        """The house of an example."""
        return sample_house(
            number // SHARED, split=self.split, prior=self.prior, min_rooms=self.rooms[0], max_rooms=self.rooms[1]
        )

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number."""
        task, house = self.draw_task(rng), self.house(number)
        if task in ("plan", "plan_caption"):
            return self._plan(task, house, number, rng)
        if task in ("speak", "step"):
            walks = walks_of(house, number, self.split)
            if walks:
                way, heading, told = walks[rng.randrange(len(walks))]
                made = self._speak if task == "speak" else self._step
                return made(house, way, heading, told, number, rng)
        if task == "errand":
            found = errands(house, number, n=1, split=self.split)
            if found:
                return self._errand(house, found[0], number, rng)
        return self._around(task, house, number, rng)

    def _around(self, task: str, house: House, number: int, rng: random.Random) -> Example:
        stand = sample_stand(house, number)
        pictures = around(house, stand.viewpoint, stand.heading, self.image_size)
        facts = _place(house, stand)
        asked = ask(stand, number, n=self.turns, split=self.split) if task not in ("caption", "detail") else []
        if asked:
            messages, meta = question_turns(asked, images=4)
            return self.example(number, messages, pictures, {"task": "question", **facts, **meta})
        detail = task == "detail"
        request = (_DETAIL if detail else _DESCRIBE).pick(rng, self.split)
        answer = long_caption(stand) if detail else short_caption(stand, number, self.split)
        messages = [user(request, images=(0, 1, 2, 3)), assistant(answer)]
        return self.example(number, messages, pictures, {"task": "detail" if detail else "caption", **facts})

    def _plan(self, task: str, house: House, number: int, rng: random.Random) -> Example:
        plan = sample_plan(house, number)
        if task == "plan_caption":
            messages: list[Message] = [user(_PLAN.pick(rng, self.split), images=(0,)), assistant(plan_caption(house))]
            return self.example(
                number, messages, [render_plan(house, self.image_size)], {"task": task, "scan": house.scan}
            )
        messages, meta = question_turns(ask_plan(plan, number, n=self.turns, split=self.split))
        picture = render_plan(house, self.image_size, plan.way)
        return self.example(
            number, messages, [picture], {"task": task, "scan": house.scan, "path": _names(house, plan.way), **meta}
        )

    def _speak(
        self,
        house: House,
        way: tuple[int, ...],
        heading: float,
        told: Sequence[Instruction],
        number: int,
        rng: random.Random,
    ) -> Example:
        shown = list(range(len(way)))[:: math.ceil(len(way) / _SHOWN)]
        pictures = []
        for k in shown:
            facing = house.heading(way[k], way[k + 1]) if k + 1 < len(way) else arrival(house, way, k, heading)
            pictures.append(look(house, way[k], facing, height=self.image_size, width=self.image_size, angle=80.0).rgb)
        messages = [user(_SPEAK.pick(rng, self.split), images=tuple(range(len(pictures)))), assistant(told[0].text)]
        return self.example(number, messages, pictures, {"task": "speak", **_walk(house, way, heading, told)})

    def _step(
        self,
        house: House,
        way: tuple[int, ...],
        heading: float,
        told: Sequence[Instruction],
        number: int,
        rng: random.Random,
    ) -> Example:
        one = told[rng.randrange(len(told))]
        places = [(k, part.start) for k, part in enumerate(one.parts)] + [(len(one.parts), len(way) - 1)]
        choices = [(k, at, a) for k, at in places if (a := _action(house, way, at, heading)) is not None]
        done, at, action = rng.choice(choices)
        facing = arrival(house, way, at, heading)
        pictures = around(house, way[at], facing, self.image_size)
        request = _STEP.pick(rng, self.split).format(i=one.text, k=done, n=len(one.parts))
        messages = [user(request, images=(0, 1, 2, 3)), assistant(action)]
        facts = {"task": "step", "at": at, "instruction": one.text, **_walk(house, way, heading, told)}
        return self.example(number, messages, pictures, facts)

    def _errand(self, house: House, errand: Errand, number: int, rng: random.Random) -> Example:
        # The thing is in the middle of one of the four pictures, drawn first.
        answer = rng.randrange(4)
        last = errand.path[-1]
        thing = house.things[errand.thing]
        point = house.viewpoints[last]
        heading = math.atan2(thing.x - point.x, thing.y - point.y) - answer * math.pi / 2
        pictures = around(house, last, heading, self.image_size)
        request = _GROUND.pick(rng, self.split).format(i=rng.choice(errand.texts))
        messages = [user(request, images=(0, 1, 2, 3)), assistant(_ORDINALS[answer])]
        facts = {"task": "errand", "scan": house.scan, "path": _names(house, errand.path), "thing": errand.thing}
        return self.example(number, messages, pictures, {**facts, "instructions": list(errand.texts)})

    def write_annotations(self, folder: Path) -> list[Path]:
        """All walks and errands of the houses of the examples, as R2R and REVERIE keep them.

        ``R2R_SPLIT.json`` (with FGR2R's parts), ``REVERIE_SPLIT.json``, ``BBox/SCAN_VIEWPOINT.json`` for the errands' goals,
        ``connectivity/SCAN_connectivity.json`` and ``connectivity/scans.txt``.
        """
        numbers = sorted({self.number(index) // SHARED for index in range(len(self))})
        walks: list[WalkRecord] = []
        tasks: list[ErrandRecord] = []
        files, scans = [], []
        for number in numbers:
            house = self.house(number * SHARED)
            scans.append(house.scan)
            walks += walk_records(house, number, self.split)
            found = errands(house, number, n=3, split=self.split)
            tasks += [errand_record(house, e, 1000 * number + k) for k, e in enumerate(found)]
            for viewpoint in sorted({errand.path[-1] for errand in found}):
                files.append(write_seen(folder / "BBox", house, viewpoint))
            files.append(
                write_connectivity(folder / "connectivity" / f"{house.scan}_connectivity.json", connections(house))
            )
        listed = folder / "connectivity" / "scans.txt"
        listed.write_text("".join(f"{scan}\n" for scan in scans), encoding="utf-8")
        return [
            write_r2r(folder / f"R2R_{self.split}.json", walks),
            write_reverie(folder / f"REVERIE_{self.split}.json", tasks),
            listed,
            *files,
        ]


Walk = tuple[tuple[int, ...], float, tuple[Instruction, ...]]


@lru_cache(maxsize=256)
def walks_of(house: House, number: int, split: str, n: int = 3) -> tuple[Walk, ...]:
    """Up to ``n`` walks of a house that can be told exactly: (viewpoints, heading at the start, three instructions)."""
    rng = random.Random(f"walks/{house.scan}/{number}")
    found: list[Walk] = []
    for way in sample_paths(house, rng, 4 * n):
        heading = rng.randrange(12) * math.pi / 6
        told = instruct(house, way, heading, number, split=split)
        if told and len(found) < n:
            found.append((way, heading, tuple(told)))
    return tuple(found)


def _names(house: House, way: Sequence[int]) -> list[str]:
    return [house.viewpoints[k].name for k in way]


def _place(house: House, stand: Stand) -> dict[str, Any]:
    return {"scan": house.scan, "viewpoint": house.viewpoints[stand.viewpoint].name, "heading": round(stand.heading, 4)}


def _walk(house: House, way: tuple[int, ...], heading: float, told: Sequence[Instruction]) -> dict[str, Any]:
    return {
        "scan": house.scan,
        "path": _names(house, way),
        "heading": round(heading, 4),
        "distance": round(length(house, way), 2),
        "instructions": [one.text for one in told],
        "parts": [[[part.text, part.start, part.end] for part in one.parts] for one in told],
    }


def _action(house: House, way: tuple[int, ...], at: int, heading: float) -> str | None:
    """Ahead, right, behind or left to the next viewpoint, "stop" at the end; None where no side is clear."""
    if at == len(way) - 1:
        return "stop"
    return side(turn(arrival(house, way, at, heading), house.heading(way[at], way[at + 1])))


def walk_records(house: House, number: int, split: str, n: int = 6) -> list[WalkRecord]:
    """Walks of a house as R2R keeps them, with FGR2R's parts."""
    return [
        WalkRecord(
            1000 * number + k,
            house.scan,
            round(heading, 3),
            tuple(_names(house, way)),
            round(length(house, way), 2),
            tuple(one.text for one in told),
            tuple(tuple((part.text, part.start, part.end) for part in one.parts) for one in told),
        )
        for k, (way, heading, told) in enumerate(walks_of(house, number, split, n))
    ]


def errand_record(house: House, errand: Errand, path_id: int) -> ErrandRecord:
    """An errand as REVERIE keeps it; it begins facing the first step."""
    heading = round(house.heading(errand.path[0], errand.path[1]), 3)
    name = f"{path_id}_{errand.thing}"
    return ErrandRecord(
        name, house.scan, path_id, tuple(_names(house, errand.path)), heading, errand.thing, errand.texts
    )


def write_seen(folder: Path, house: House, viewpoint: int) -> Path:
    """The boxes of the things that show from a viewpoint."""
    name = house.viewpoints[viewpoint].name
    seen = {i: SeenObject(house.things[i].kind, tuple(boxes)) for i, boxes in view_boxes(house, viewpoint).items()}
    return write_boxes(folder / f"{house.scan}_{name}.json", name, seen)


def connections(house: House) -> list[ConnectedViewpoint]:
    """A house's graph as Matterport's simulator reads it; poses look north."""
    found = []
    for k, point in enumerate(house.viewpoints):
        pose = (1.0, 0.0, 0.0, point.x, 0.0, 1.0, 0.0, point.y, 0.0, 0.0, 1.0, EYES, 0.0, 0.0, 0.0, 1.0)
        free = np.zeros(len(house.viewpoints), bool)
        free[list(house.neighbours[k])] = True
        visible = sees(house, k) | free
        found.append(
            ConnectedViewpoint(point.name, pose, True, tuple(map(bool, visible)), tuple(map(bool, free)), EYES)
        )
    return found
