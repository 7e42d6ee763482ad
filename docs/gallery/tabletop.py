"""The page of the table-top."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from PIL import Image

from vistune.world.tabletop import Episode, ask, find_material, render, sample_episode, sample_table
from vistune.world.tabletop.questions import MAKERS, moment

SIZE, GAP, SHOWN = 210, 8, 5


def sheet(rows: list[list[np.ndarray]], path: Path) -> None:
    """Rows of pictures of one size on a soft ground."""
    height, width = rows[0][0].shape[:2]
    canvas = np.full((len(rows) * (height + GAP) + GAP, len(rows[0]) * (width + GAP) + GAP, 3), 236, np.uint8)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            y, x = GAP + r * (height + GAP), GAP + c * (width + GAP)
            canvas[y : y + height, x : x + width] = cell
    Image.fromarray(canvas).quantize(160, dither=Image.Dither.NONE).save(path, optimize=True)


def strip(episode: Episode) -> list[np.ndarray]:
    """An episode in a few pictures."""
    at = np.linspace(0, len(episode.states) - 1, SHOWN).astype(int)
    return [render(episode.states[k], SIZE) for k in at]


def small(seed: int) -> np.ndarray:
    """64 pixels, enlarged without smoothing."""
    picture = Image.fromarray(render(sample_table(seed, prior="flat"), 64))
    return np.asarray(picture.resize((150, 150), Image.Resampling.NEAREST))


def examples() -> list[str]:
    """A question of each type with its answer and its program."""
    lines = ["| type | question | answer | program |", "|---|---|---|---|"]
    for name in MAKERS:
        for seed in range(900):
            episode = sample_episode(seed, prior="flat")
            at = len(episode.actions) if name == "moved" else seed % len(episode.actions)
            found = ask(moment(episode, at), seed, types=[name])
            if found:
                lines.append(f"| {name} | {found[0].text} | {found[0].answer} | `{found[0].program}` |")
                break
    return lines


def build(assets: Path) -> str:
    """Write the pictures; -> the page."""
    wanted = ("left of", "on", "in", "near edge")
    episodes = [
        next(e for s in range(400) if (e := sample_episode(s, prior="flat")).goal.what == what) for what in wanted
    ]
    sheet([strip(episode) for episode in episodes], assets / "tabletop-episodes.png")
    sheet([[small(seed) for seed in range(7)]], assets / "tabletop-small.png")
    table = sample_table(4, least=4, materials=True)
    material = str(table.items[2].material)
    probes, picked = find_material(table, material, random.Random(3), "vague")
    talk = [f"> **goal** pick up the thing made of {material} among: {', '.join(i.name for i in table.items)}  "]
    for index, skill, told in probes:
        talk += [f"> **robot** {skill}({table.items[index].name})  ", f"> **world** {told}  "]
    talk.append(f"> **robot** pick_up({table.items[picked].name})")
    return "\n".join(
        [
            "# A table-top",
            "",
            "A gripper, and blocks, bowls, cups and balls to move. The step from one state to the next is exact; a scripted expert "
            "reaches every goal; some combinations of thing, colour and goal are held out of training.",
            "",
            "![Four episodes](../assets/world/tabletop-episodes.png)",
            "",
            *(f"{k + 1}. *{e.words}*: {' '.join(a.words for a in e.actions)}" for k, e in enumerate(episodes)),
            "",
            "At 64 pixels:",
            "",
            "![Tables at 64 pixels](../assets/world/tabletop-small.png)",
            "",
            "## What cannot be seen",
            "",
            "Materials must be felt for. Feedback names the material, or only says how it sounds:",
            "",
            *talk,
            "",
            "## Questions",
            "",
            *examples(),
            "",
            "## Make some",
            "",
            "```sh",
            "vistune data make tabletop --n 1000 --out data/tabletop",
            "vistune data make tabletop --n 50 --out data/episodes --annotations --set image_size=128",
            "vistune data make tabletop --n 1000 --out data/find --set 'tasks={find: 1}' --set style=vague",
            "```",
            "",
            "`--annotations` writes `episodes.json` (instruction, observations, actions, rewards) and a picture of every state.",
            "",
            "```python",
            "from vistune.world.tabletop import Action, render, sample_episode, step",
            "",
            "episode = sample_episode(7)",
            "print(episode.words, [action.words for action in episode.actions])",
            "before, after = render(episode.start, 128), render(episode.end, 128)",
            'state = step(episode.start, Action(dx=0.1, dz=-0.15, grip="close"))',
            "```",
            "",
        ]
    )
