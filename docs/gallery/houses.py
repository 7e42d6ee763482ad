"""The page of houses: plans, panoramas, walks in words, errands, formats."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image

from vistune.engines.houses import walks_of
from vistune.world.houses import (
    House,
    ask,
    ask_plan,
    errands,
    look,
    masks,
    panorama,
    render_plan,
    sample_house,
    sample_plan,
    sample_stand,
)
from vistune.world.houses.instructions import arrival
from vistune.world.houses.questions import MAKERS, PLAN_MAKERS
from vistune.world.houses.view import StandView

GAP = 8


def sheet(rows: list[list[np.ndarray]]) -> np.ndarray:
    """Rows of pictures, each row of one height, on white."""
    wide = max(sum(cell.shape[1] + GAP for cell in row) - GAP for row in rows)
    joined = []
    for row in rows:
        high = row[0].shape[0]
        line = np.full((high, wide, 3), 255, np.uint8)
        x = 0
        for cell in row:
            line[:, x : x + cell.shape[1]] = cell
            x += cell.shape[1] + GAP
        joined += [line, np.full((GAP, wide, 3), 255, np.uint8)]
    return np.concatenate(joined[:-1])


def save(picture: np.ndarray, path: Path) -> None:
    Image.fromarray(picture).save(path, quality=87)


def strip(house: House, viewpoint: int, heading: float, width: int) -> np.ndarray:
    """A panorama without the bare ceiling."""
    height = width // 3
    picture = panorama(house, viewpoint, heading, height=height, width=width).rgb
    return picture[height // 8 : height - height // 24]


def tinted(house: House, viewpoint: int, heading: float, width: int) -> np.ndarray:
    """Which kind each pixel of a panorama shows."""
    height = width // 3
    colours = np.random.default_rng(4).integers(60, 235, (64, 3))
    picture = np.full((height, width, 3), 232, np.uint8)
    for k, (_, mask) in enumerate(sorted(masks(house, viewpoint, height).items())):
        turned = np.roll(mask, -round(heading / (2 * math.pi) * width), 1)
        picture[turned] = colours[k]
    return picture[height // 8 : height - height // 24]


def steps(house: House, way: tuple[int, ...], heading: float, size: int, most: int) -> list[np.ndarray]:
    """What is seen along a walk."""
    found = []
    for k in range(len(way)):
        facing = house.heading(way[k], way[k + 1]) if k + 1 < len(way) else arrival(house, way, k, heading)
        found.append(look(house, way[k], facing, height=size, width=size, angle=80.0).rgb)
    return found[:most]


def small(house: House, seed: int) -> list[np.ndarray]:
    """A plan and four views of 64 pixels from where much is seen, enlarged without smoothing."""
    stand = max((sample_stand(house, seed + k) for k in range(12)), key=lambda stand: len(StandView(stand).seen))
    pictures = [render_plan(house, 64, sample_plan(house, seed).way)]
    pictures += [look(house, stand.viewpoint, stand.heading + k * math.pi / 2, angle=90.0).rgb for k in range(4)]
    return [np.asarray(Image.fromarray(p).resize((192, 192), Image.Resampling.NEAREST)) for p in pictures]


def examples() -> list[str]:
    """A question of each type with its answer and its program."""
    lines = ["| type | question | answer | program |", "|---|---|---|---|"]
    for name in MAKERS:
        stands = ((sample_stand(sample_house(seed // 3, prior="flat"), seed), seed) for seed in range(300))
        asked = next(q for stand, seed in stands for q in ask(stand, seed, types=[name]))
        lines.append(f"| {name} | {asked.text} | {asked.answer} | `{asked.program}` |")
    for name in PLAN_MAKERS:
        plans = ((sample_plan(sample_house(seed // 3, prior="flat"), seed), seed) for seed in range(300))
        asked = next(q for plan, seed in plans for q in ask_plan(plan, seed, types=[name]))
        lines.append(f"| {name} | {asked.text} | {asked.answer} | `{asked.program}` |")
    return lines


def build(assets: Path) -> str:
    """Write the pictures; -> the page."""
    chosen = [sample_house(seed, min_rooms=6, max_rooms=8) for seed in (2, 7, 12, 15)]
    house = chosen[0]
    way, heading, told = max(walks_of(house, 3, "train", 6), key=lambda walk: len(walk[0]))
    save(
        sheet([
            [strip(house, way[0], heading, 1032)],
            [strip(chosen[1], len(chosen[1].viewpoints) // 3, 1.0, 1032)],
            [strip(chosen[2], 4, 2.2, 1032)],
        ]),
        assets / "houses-panoramas.jpg",
    )  # fmt: skip
    plans = [[render_plan(h, 512) for h in chosen[:2]], [render_plan(h, 512, graph=True) for h in chosen[:2]]]
    save(sheet(plans), assets / "houses-plans.jpg")
    pictures = steps(house, way, heading, 252, 8)
    rows = [pictures[k : k + 4] for k in range(0, len(pictures), 4)]
    save(sheet([*rows]), assets / "houses-walk.jpg")
    save(render_plan(house, 512, way), assets / "houses-way.jpg")
    save(sheet([[tinted(house, way[0], heading, 1032)]]), assets / "houses-masks.jpg")
    save(sheet([small(h, 5) for h in chosen[1:3]]), assets / "houses-small.jpg")
    parts = [f'{k + 1}. "{part.text}": viewpoints {part.start} to {part.end}' for k, part in enumerate(told[0].parts)]
    errand = errands(house, 1)[0]
    return "\n".join(
        [
            "# Places to walk",
            "",
            "A house is a plan of rooms, doors and furniture, and a graph of viewpoints between which one can walk straight. "
            "From each viewpoint a ray caster that goes on through open doors gives views, panoramas, depth and ids. Walks "
            "are told in words that a follower, written apart, can walk by.",
            "",
            "![Panoramas](../assets/world/houses-panoramas.jpg)",
            "",
            "## Plans and graphs",
            "",
            "![Plans, and the viewpoints with their edges](../assets/world/houses-plans.jpg)",
            "",
            "## A walk in words",
            "",
            *(f"> {one.text}\n" for one in told),
            "Three wordings of one walk. Each part knows its own steps, as in FGR2R; of the first:",
            "",
            *parts,
            "",
            "![What is seen on the way](../assets/world/houses-walk.jpg)",
            "",
            "![The walk on the plan](../assets/world/houses-way.jpg)",
            "",
            "An errand, as in REVERIE, names a thing to be found: "
            + " ".join(f"\"{text}\"" for text in errand.texts),
            "",
            "## What each pixel knows",
            "",
            "The first panorama above by kinds of things: what object spectra (Meta-Explore) are made of.",
            "",
            "![Masks of a panorama](../assets/world/houses-masks.jpg)",
            "",
            "## At 64 pixels",
            "",
            "A plan with a walk, and the four views around somebody: ahead, right, behind, left.",
            "",
            "![At 64 pixels](../assets/world/houses-small.jpg)",
            "",
            "## Questions",
            "",
            "The first eight types are asked about four views around somebody, the others about a plan with a walk on it.",
            "",
            *examples(),
            "",
            "## Make some",
            "",
            "```sh",
            "vistune data make houses --n 1000 --out data/houses --annotations",
            "vistune data make houses --n 1000 --out data/unseen --set split=val --set 'rooms=[7, 9]'",
            "```",
            "",
            "`--annotations` writes `R2R_SPLIT.json` (walks with three instructions, and FGR2R's parts), "
            "`REVERIE_SPLIT.json` with `BBox/SCAN_VIEWPOINT.json`, and Matterport's `connectivity/SCAN_connectivity.json`. "
            "The readers read the published files too.",
            "",
            "```python",
            "import random",
            "",
            "from vistune.world.houses import HouseWalk, follow, instruct, sample_house, sample_paths",
            "",
            "house = sample_house(2, split=\"val\")",
            "way = sample_paths(house, random.Random(0), 1)[0]",
            "for told in instruct(house, way, heading=0.0, seed=0, split=\"val\"):",
            "    print(told.text, follow(house, way[0], 0.0, told.text) == list(way))",
            "walk = HouseWalk(house, size=64)",
            "pose = walk.reset(way[0], heading=0.0)",
            "while not pose.stopped:",
            "    picture = walk.observe(pose).rgb",
            "    pose = walk.step(pose, walk.expert(pose, goal=way[-1]))",
            "print(pose)",
            "```",
            "",
        ]
    )  # fmt: skip
