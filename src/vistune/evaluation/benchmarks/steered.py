"""Steerability and composability (arXiv 2312.12383): guided dialogues over several turns, with exact checkers."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, nearest
from vistune.data.example import Example, ImageSource, Message, Part, assistant
from vistune.evaluation.benchmarks import nano
from vistune.evaluation.benchmarks.bargain import bargain
from vistune.evaluation.benchmarks.base import BENCHMARKS, Benchmark, Scored
from vistune.evaluation.benchmarks.dialogues import TASKS, Dialogue, Turn
from vistune.evaluation.benchmarks.drawing import drawing
from vistune.evaluation.benchmarks.guides import OUTCOMES, Guide, Script, best_run, play, turns_taken
from vistune.evaluation.metrics.intervals import ratio
from vistune.world.scene import Prior, Split

Style = Literal["chain", "oracle", "forgetful", "blind"]


@BENCHMARKS.register("steered", paper="steerability-composability")
class Steered(Benchmark):
    """Dialogues of four to seven turns made by the world: reading a picture, working with what was read, corrections, recalls. In
    three tasks what comes next hangs on the answers: noughts and crosses that the model plays, a bargain, a drawing to be changed.

    ``style``: ``chain``, the model lives with its own answers; ``oracle``, every turn is asked after right answers (the upper
    bound); ``forgetful``, every turn is asked alone, without what was said; ``blind``, pictures go after the first turn.
    Measures: ``completion`` (all turns right), ``progress`` (turns right before the first wrong one), ``steer`` (corrections obeyed
    at once), ``retention`` (recalls right), accuracy of turns; of games points, of bargains agreements and surplus, of drawings how
    much nearer they came, each beside the most that could be had. They are ours; the paper reports counts and grades only.
    """

    main = "completion"
    protocol = "our own checks, after the tasks of arXiv 2312.12383; a turn is right by the words that it must and must not hold"
    capabilities = ("dialogue", "several-pictures", "reasoning")
    version = 2
    max_new_tokens = 16

    n: int = 20
    tasks: list[str] | None = None
    style: Style = "chain"
    split: Split = "test"
    prior: Prior = "flat"
    image_size: int = 64
    seed: int = 0
    _dialogues: dict[str, Dialogue] = field(default_factory=dict, init=False)
    _guides: dict[str, Guide] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Tasks that there are."""
        super().__post_init__()
        for task in self.tasks or ():
            if task not in MAKERS:
                raise ConfigError(f"steered has no task '{task}'. {nearest(task, MAKERS)}")

    @property
    def name(self) -> str:
        """With the style where it is not the chain."""
        return "steered" if self.style == "chain" else f"steered_{self.style}"

    def guides(self) -> dict[str, Guide]:
        """Name -> who leads the dialogue, ``n`` of each task."""
        if not self._guides:
            scenes = nano.scenes(12 * self.n, self.split, self.prior, self.seed, min_things=3)
            picture = cache(lambda place: nano.picture(scenes[place], self.image_size))
            for task in self.tasks or MAKERS:
                found = 0
                for place, scene in enumerate(scenes):
                    made = MAKERS[task](scene, random.Random(f"{task}/{scene.seed}"), picture(place))
                    if made is not None:
                        self._guides[f"{task}-{scene.seed}"] = Script(made) if isinstance(made, tuple) else made
                        found += 1
                    if found == self.n:
                        break
        return self._guides

    def dialogues(self) -> dict[str, Dialogue]:
        """Name -> the turns of somebody who is always right."""
        if not self._dialogues:
            self._dialogues = {name: best_run(guide) for name, guide in self.guides().items()}
        return self._dialogues

    @property
    def _single(self) -> bool:
        """Whether every turn is an item of its own."""
        return self.style in ("oracle", "forgetful")

    def examples(self) -> list[Example]:
        """First turns of all dialogues; every turn by itself for ``oracle`` and ``forgetful``."""
        made = []
        for name, dialogue in self.dialogues().items():
            if self.style in ("chain", "blind"):
                made.append(_example(name, name, dialogue, 0, []))
                continue
            for place in range(len(dialogue)):
                before = list(range(place)) if self.style == "oracle" else []
                made.append(_example(f"{name}-{place}", name, dialogue, place, before))
        return made

    def follow_up(self, example: Example, said: Sequence[str]) -> Example | None:
        """The guide's next turn."""
        if self._single:
            return None
        guide = self.guides()[example.meta["group"]]
        turn = guide.turn(said)
        if turn is None:
            return None
        before = turns_taken(guide, said)
        shown = [picture for told in (*before, turn) for picture in told.pictures]
        if self.style == "blind":
            shown = list(before[0].pictures)
        first = len(shown) - len(turn.pictures)
        own = () if self.style == "blind" else tuple(range(first, len(shown)))
        return replace(example, images=shown, messages=[_said(turn, own)])

    def score_dialogue(self, example: Example, said: Sequence[str]) -> Scored:
        """Each turn's checks; the score is that of the whole dialogue (chain), or of the one turn."""
        turns = self._turns(example, said)
        right = [turn.right(answer) for turn, answer in zip(turns, said)]
        columns: dict[str, float] = dict.fromkeys(
            ("turns", "right", "corrections", "obeyed", "recalls", "recalled"), 0.0
        )
        for turn, ok in zip(turns, right):
            columns["turns"] += 1
            columns["right"] += ok
            if turn.part == "correction":
                columns["corrections"] += 1
                columns["obeyed"] += ok
            if turn.part == "recall":
                columns["recalls"] += 1
                columns["recalled"] += ok
        columns |= self._outcome(example, said)
        marks = "".join("+" if ok else "-" for ok in right)
        return Scored(marks, float(all(right)), columns)

    def _turns(self, example: Example, said: Sequence[str]) -> Sequence[Turn]:
        """The turns that the answers were given to."""
        name, place = example.meta["group"], example.meta["place"]
        return [self.dialogues()[name][place]] if self._single else turns_taken(self.guides()[name], said)

    def _measured(self) -> list[str]:
        """Measures of what came of dialogues, where there are tasks that have them."""
        chosen = [task for task in self.tasks or MAKERS if task in GAMES and not self._single]
        return [measure for task in chosen for measure in GAMES[task][1]]

    def _outcome(self, example: Example, said: Sequence[str]) -> dict[str, float]:
        """Columns of ``_measured``; 0 for dialogues of other tasks."""
        columns = {column: 0.0 for measure in self._measured() for column in OUTCOMES[measure]}
        return columns | self.guides()[example.meta["group"]].outcome(said) if columns else columns

    def group_columns(self, items: Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """A dialogue is complete where all its turns are right, and goes as far as its first wrong one."""
        right = [mark == "+" for item in items for mark in item["parsed"] or "-"]
        first = next((k for k, ok in enumerate(right) if not ok), len(right))
        return {"dialogues": 1.0, "complete": float(all(right)), "reached": first / len(right)}

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Completion, progress, steering, retention and the accuracy of turns."""
        return {
            "completion": ratio(sums["complete"], sums["dialogues"]),
            "progress": ratio(sums["reached"], sums["dialogues"]),
            "steer": ratio(sums["obeyed"], sums["corrections"]),
            "retention": ratio(sums["recalled"], sums["recalls"]),
            "turn_accuracy": ratio(sums["right"], sums["turns"]),
            **{name: ratio(sums[OUTCOMES[name][0]], sums[OUTCOMES[name][1]]) for name in self._measured()},
        }

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Each turn with what it asks for, and what came of a dialogue that hangs on the answers."""
        said = item.get("said") or [item["answer"]]
        start = example.meta["place"]
        told = [
            (
                f"turn {start + k + 1} ({turn.part})",
                f"{turn.best!r} wanted, {answer!r}: {'right' if turn.right(answer) else 'wrong'}",
            )
            for k, (turn, answer) in enumerate(zip(self._turns(example, said), said))
        ]
        came = {} if self._single else self.guides()[example.meta["group"]].outcome(said)
        return [*told, *((name, f"{value:g}") for name, value in came.items())]


#: Tasks whose guides hang on the answers, with the measures of what came of them.
GAMES = {
    "play": (play, ("game",)),
    "bargain": (bargain, ("agreement", "surplus")),
    "drawing": (drawing, ("closeness",)),
}
#: Task -> a maker of turns, or of a guide, from a scene; None where the scene is not fit.
MAKERS = {**TASKS, **{task: maker for task, (maker, _) in GAMES.items()}}


def _said(turn: Turn, pictures: Sequence[int]) -> Message:
    return Message("user", [*(Part(image=k) for k in pictures), Part(text=turn.text)])


def _example(identity: str, group: str, dialogue: Dialogue, place: int, before: Sequence[int]) -> Example:
    """Turn ``place`` after the turns ``before`` with right answers; a turn that is asked alone shows all pictures so far."""
    images: list[ImageSource] = []
    messages: list[Message] = []
    for k in before:
        first = len(images)
        images += dialogue[k].pictures
        messages += [_said(dialogue[k], range(first, len(images))), assistant(dialogue[k].best)]
    shown = (
        dialogue[place].pictures
        if before or place == 0
        else [p for turn in dialogue[: place + 1] for p in turn.pictures]
    )
    first = len(images)
    images += shown
    messages.append(_said(dialogue[place], range(first, len(images))))
    task = group.rsplit("-", 1)[0]
    meta = {"type": task, "group": group, "place": place}
    return Example(identity, messages, images, answers=list(dialogue[place].accepted), meta=meta)


def composition_gap(steps: Sequence[float], chain: float) -> float:
    """The product of the single turns' accuracies from right input, less that of the whole chain; below 0: context repairs."""
    return float(np.prod(steps)) - chain


def difficulty(completion: float) -> str:
    """``low`` from two thirds, ``high`` below one third, else ``medium``."""
    return "low" if completion >= 2 / 3 else "high" if completion < 1 / 3 else "medium"


def retention_by_delta(dialogues: Mapping[str, Dialogue], said: Mapping[str, Sequence[str]]) -> dict[int, float]:
    """Turns since a fact was told -> share of recalls that are right."""
    found: dict[int, list[bool]] = {}
    for name, answers in said.items():
        for turn, answer in zip(dialogues[name], answers):
            if turn.part == "recall":
                found.setdefault(turn.delta, []).append(turn.right(answer))
    return {delta: sum(own) / len(own) for delta, own in sorted(found.items())}
