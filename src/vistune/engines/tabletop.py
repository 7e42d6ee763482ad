"""Instruction data on a table-top (GRIF, arXiv 2307.00117; Matcha, arXiv 2303.08268)."""

from __future__ import annotations

import random
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vistune.data.annotations.files import write_json
from vistune.data.example import Example, Message, assistant, user
from vistune.engines.base import ENGINES, SeededEngine, question_turns
from vistune.world.language.wordings import Wordings
from vistune.world.scene import Prior, Split
from vistune.world.tabletop import Episode, ask, find_material, render, sample_episode, sample_table
from vistune.world.tabletop.materials import Style
from vistune.world.tabletop.questions import MAKERS, moment

_ACT = Wordings(("{w}. what do you do?", "task: {w}. the next action?"), ("the task is to {w}. act.",))
_CHANGE = Wordings(("what was done between the two pictures?", "which instruction leads from the first to the second picture?"),
                   ("say it as an instruction: from the first picture to the second.",))  # fmt: skip
_FIND = Wordings(
    ("pick up the thing made of {m}. there are: {things}.", "which is made of {m}? pick it up. you see: {things}."),
    ("find and pick up what is made of {m} among: {things}.",),
)


@ENGINES.register("tabletop")
class TabletopEngine(SeededEngine):
    """A gripper and things to move.

    ``tasks``: ``question``, ``act`` (a picture and a goal: the expert's next action as ``dx dy dz grip`` in hundredths),
    ``change`` (start and end: the instruction), and ``find`` (a material that must be felt for: a dialogue with the
    environment). ``things``: at most. ``style`` of feedback: "distinct" or "vague".
    """

    KIND = "tabletop"
    TASKS = ("question", "act", "change", "find")

    def __init__(
        self,
        n: int,
        *,
        split: Split = "train",
        prior: Prior = "skewed",
        image_size: int = 64,
        turns: int = 3,
        tasks: dict[str, float] | None = None,
        seed: int = 0,
        things: int = 5,
        style: Style = "distinct",
    ) -> None:
        super().__init__(n, split=split, prior=prior, image_size=image_size, turns=turns, tasks=tasks, seed=seed)
        self.things = things
        self.style: Style = style

    def episode(self, number: int) -> Episode:
        """The episode of a number."""
        return sample_episode(number, split=self.split, prior=self.prior, least=min(3, self.things), most=self.things)

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number."""
        task = self.draw_task(rng)
        if task == "find":
            return self._find(number, rng)
        episode = self.episode(number)
        facts = {"task": task, "goal": episode.goal.what, "words": episode.words, "steps": len(episode.actions)}
        if task == "change":
            pictures = [render(state, self.image_size) for state in (episode.start, episode.end)]
            messages = [user(_CHANGE.pick(rng, self.split), images=(0, 1)), assistant(episode.words)]
            return self.example(number, messages, pictures, facts)
        at = rng.randrange(len(episode.actions))
        if task == "act":
            asked = _ACT.pick(rng, self.split).format(w=episode.words)
            messages = [user(asked, images=(0,)), assistant(in_words(episode, at))]
            return self.example(number, messages, [render(episode.states[at], self.image_size)], {**facts, "at": at})
        moved = rng.random() < 0.2
        at = len(episode.actions) if moved or rng.random() < 0.3 else at
        pictures = [
            render(state, self.image_size) for state in ([episode.start] if moved else []) + [episode.states[at]]
        ]
        types = ["moved"] if moved else [name for name in MAKERS if name != "moved"]
        found = ask(moment(episode, at), number, types=types, n=1 if moved else self.turns, split=self.split)
        messages, meta = question_turns(found, images=len(pictures))
        return self.example(number, messages, pictures, {**facts, "at": at, **meta})

    def _find(self, number: int, rng: random.Random) -> Example:
        table = sample_table(number, split=self.split, prior=self.prior, most=self.things, materials=True)
        present = [str(item.material) for item in table.items]
        material = rng.choice(sorted(present))
        probes, picked = find_material(table, material, rng, self.style)
        things = ", ".join(item.name for item in table.items)
        asked = _FIND.pick(rng, self.split).format(m=material, things=things)
        messages: list[Message] = [user(asked, images=(0,))]
        for index, skill, told in probes:
            messages += [assistant(f"robot.{skill}({table.items[index].name})"), user(told)]
        messages.append(assistant(f"robot.pick_up({table.items[picked].name})"))
        facts: dict[str, Any] = {"task": "find", "material": material, "materials": present, "probes": len(probes)}
        facts["right"] = table.items[picked].material == material
        return self.example(number, messages, [render(table, self.image_size)], facts)

    def write_annotations(self, folder: Path) -> list[Path]:
        """``episodes.json``: for each episode its instruction, states, actions and rewards (1 where the goal is reached),
        and ``frames/NAME/00.png``: a picture of each state.
        """
        from PIL import Image

        records = []
        for index in range(len(self)):
            number = self.number(index)
            episode, name = self.episode(number), f"tabletop-{self.split}-{number}"
            (folder / "frames" / name).mkdir(parents=True, exist_ok=True)
            for k, state in enumerate(episode.states):
                Image.fromarray(render(state, self.image_size)).save(folder / "frames" / name / f"{k:02d}.png")
            records.append({"id": name, **episode_record(episode)})
        return [write_json(folder / "episodes.json", records)]


def in_words(episode: Episode, at: int) -> str:
    """An action as text: movements in hundredths of the table, then what the fingers do."""
    action = episode.actions[at]
    moves = " ".join(f"{round(100 * v):d}" for v in (action.dx, action.dy, action.dz))
    return f"{moves} {action.grip or 'keep'}"


def episode_record(episode: Episode) -> dict[str, Any]:
    """An episode as plain values, one step after the other."""
    from vistune.world.tabletop import reached

    steps = []
    for k, state in enumerate(episode.states):
        action = asdict(episode.actions[k]) if k < len(episode.actions) else None
        steps.append({"observation": asdict(state), "action": action, "reward": int(reached(state, episode.goal))})
    return {"language_instruction": episode.words, "goal": asdict(episode.goal), "steps": steps}
