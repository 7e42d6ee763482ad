"""Instruction data about rooms in three dimensions."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vistune.data.annotations.cameras import Pose, write_matrix, write_transforms
from vistune.data.annotations.ply import write_ply
from vistune.data.annotations.scanqa import SceneQuestion, write_scanqa
from vistune.data.example import Example, Message, assistant, user
from vistune.engines.base import ENGINES, SeededEngine, question_turns
from vistune.world.language.grammar import indefinite
from vistune.world.language.wordings import Wordings
from vistune.world.questions.question import Question
from vistune.world.rooms import Room, ask, long_caption, point_cloud, render, sample_room, short_caption
from vistune.world.rooms.questions import room_view
from vistune.world.rooms.telling import box_words, phrase
from vistune.world.scene import Prior, Split

_DESCRIBE = Wordings(("describe the room.", "what is in this room?"), ("tell me what the room looks like.",))
_DETAIL = Wordings(
    ("describe the room in detail.", "tell everything about this room."), ("give all details of the room.",)
)
_GROUND = Wordings(("where in the room is {x}? give its box.", "give the box of {x}."), ("locate {x} in space.",))
_DENSE = Wordings(("what is at {box}?", "what is in the box {box} of this room?"), ("name what stands at {box}.",))
#: Tasks that ask about two pictures.
_PAIRS = ("views", "total")


@ENGINES.register("rooms")
class RoomsEngine(SeededEngine):
    """Rooms seen by cameras.

    ``tasks``: ``caption`` (short), ``detail`` (long), ``question``, ``views`` (which of two pictures show a thing),
    ``ground`` (a name -> its box: x0, y0, z0, x1, y1, z1 in hundredths of the room) and ``dense`` (a box -> its name;
    3D-LLM's dense captioning); by name only ``total`` (how many two pictures show together, each counted once; rooms of many
    things have more to ask). ``cameras``: pictures of one room for ``question``, ``ground`` and ``dense``; questions are about
    the first. ``things``: least and most.
    """

    KIND = "rooms"
    TASKS = ("caption", "detail", "question", "views", "ground", "dense", "total")
    BY_NAME = ("total",)

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
        cameras: int = 1,
        things: tuple[int, int] = (3, 7),
    ) -> None:
        super().__init__(n, split=split, prior=prior, image_size=image_size, turns=turns, tasks=tasks, seed=seed)
        self.cameras = int(cameras)
        self.things = (int(things[0]), int(things[1]))

    def room(self, number: int) -> Room:
        """The room of a number; it has two cameras at least."""
        return sample_room(
            number, split=self.split, prior=self.prior, min_things=self.things[0], max_things=self.things[1],
            cameras=max(2, self.cameras),
        )  # fmt: skip

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number."""
        task, room = self.draw_task(rng), self.room(number)
        shown = 2 if task in _PAIRS else 1 if task in ("caption", "detail") else self.cameras
        messages, meta = self._turns(task, room, number, shown, rng)
        pictures = [render(room, self.image_size, camera) for camera in range(shown)]
        return self.example(number, messages, pictures, {"task": task, "sides": _sides(room), **meta})

    def _turns(
        self, task: str, room: Room, number: int, shown: int, rng: random.Random
    ) -> tuple[list[Message], dict[str, Any]]:
        if task in ("question", *_PAIRS):
            found = self.questions(room, number, task)
            if found:
                return question_turns(found, images=shown)
        named = room_view(room).named()
        if task in ("ground", "dense") and named:
            return self._boxes(task, room, rng.sample(named, min(self.turns, len(named))), shown, rng)
        if task == "detail":
            answer, wordings = long_caption(room), _DETAIL
        else:
            answer, wordings = short_caption(room, number, self.split), _DESCRIBE
        return [user(wordings.pick(rng, self.split), images=tuple(range(shown))), assistant(answer)], {}

    def questions(self, room: Room, number: int, task: str = "question") -> list[Question]:
        """The questions that a task asks about a room."""
        types = (task,) if task in _PAIRS else None
        return ask(room, number, types=types, n=self.turns, split=self.split)

    def _boxes(
        self, task: str, room: Room, things: Sequence[int], shown: int, rng: random.Random
    ) -> tuple[list[Message], dict[str, Any]]:
        messages: list[Message] = []
        for index in things:
            pictures = () if messages else tuple(range(shown))
            name, box = str(room_view(room).names[index]), box_words(room, index)
            if task == "ground":
                request, answer = _GROUND.pick(rng, self.split).format(x=name), box
            else:
                request, answer = _DENSE.pick(rng, self.split).format(box=box), indefinite(phrase(room.things[index]))
            messages += [user(request, images=pictures), assistant(answer)]
        return messages, {"things": list(things)}

    def write_annotations(self, folder: Path) -> list[Path]:
        """A folder for each room: ``points.ply``, ``transforms.json``, ``pose/N.txt`` and ``intrinsics.txt`` (ScanNet's

        form); and ``questions.json`` (ScanQA's form) for all.
        """
        files: list[Path] = []
        questions: list[SceneQuestion] = []
        for index in range(len(self)):
            number = self.number(index)
            room, name = self.room(number), f"room{number:08d}"
            files += _write_room(folder / name, room, self.image_size)
            for k, q in enumerate(self.questions(room, number)):
                kinds = tuple(room.things[i].kind for i in q.facts["things"])
                questions.append(SceneQuestion(name, f"{name}-{k}", q.text, (q.answer,), q.facts["things"], kinds))
        return [*files, write_scanqa(folder / "questions.json", questions)]


def _sides(room: Room) -> list[float]:
    """Metres along x, y and z: what boxes in words are shares of."""
    return [round(side, 4) for side in (room.shell.width, room.shell.length, room.shell.height)]


def _write_room(folder: Path, room: Room, size: int) -> list[Path]:
    (folder / "pose").mkdir(parents=True, exist_ok=True)
    poses = [
        Pose(f"{k}.png", np.asarray(np.linalg.inv(camera.extrinsics), np.float64))
        for k, camera in enumerate(room.cameras)
    ]
    intrinsics = room.cameras[0].intrinsics(size, size)
    return [
        write_ply(folder / "points.ply", point_cloud(room, size, size)),
        write_transforms(folder / "transforms.json", poses, intrinsics, size, size),
        write_matrix(folder / "intrinsics.txt", intrinsics),
        *(write_matrix(folder / "pose" / f"{k}.txt", pose.to_world) for k, pose in enumerate(poses)),
    ]
