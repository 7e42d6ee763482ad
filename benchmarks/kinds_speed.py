"""Speed of every kind of picture: values sampled and drawn per second of one core's time, and what processes add.

python benchmarks/kinds_speed.py [--seconds 2] [--quick] [--json FILE] [--out docs/results]
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from common import Line, finish, parser  # isort: skip - before numpy
from vistune.world import (
    aerial,
    cells,
    charts,
    houses,
    maps,
    pages,
    regions,
    render,
    rooms,
    sample_scene,
    sequences,
    tabletop,
    tongues,
    video,
)
from vistune.world.graphs import ask as ask_graph
from vistune.world.graphs import scene_graph
from vistune.world.marks import draw_marks, place_marks
from vistune.world.pairs import sample_pair

#: What each is meant to reach at 64 pixels, per second and core.
GOALS = {"scenes": 1_500, "rooms, one view": 100, "pages": 200, "video, 16 frames": 60}
ROUNDS = 3


def _page(seed: int, size: int) -> object:
    return pages.render(pages.sample_document(seed).pages[0], size)


def _marked(seed: int, size: int) -> object:
    scene = sample_scene(seed, min_things=3)
    return draw_marks(render(scene, size), place_marks(scene, size, seed))


def _walk(seed: int, size: int) -> object:
    house = houses.sample_house(seed)
    return houses.look(house, 0, 0.5, height=size, width=size)


#: What is made from a seed at a size: one picture, or as many as the name says.
MAKERS: dict[str, Callable[[int, int], object]] = {
    "scenes": lambda seed, size: render(sample_scene(seed), size),
    "minimal pairs, both pictures": lambda seed, size: [render(scene, size) for scene in sample_pair(seed).scenes],
    "scenes with numbered marks": _marked,
    "scene graphs, 4 questions": lambda seed, size: ask_graph(
        scene_graph(sample_scene(seed, min_things=3), size), seed, n=4
    ),
    "sequences, before and after": lambda seed, size: [render(s, size) for s in sequences.sample_change(seed).scenes],
    "video, 16 frames": lambda seed, size: video.render_clip(video.sample_clip(seed), size),
    "pages": _page,
    "charts": lambda seed, size: charts.render(charts.sample_chart(seed), size),
    "aerial": lambda seed, size: aerial.render(aerial.sample_site(seed), size),
    "cells": lambda seed, size: cells.render(cells.sample_slide(seed), size),
    "maps, a choice of two paths": lambda seed, size: maps.render(maps.sample_choice(seed), size),
    "rooms, one view": lambda seed, size: rooms.render(rooms.sample_room(seed, cameras=1), size),
    "houses, a house and one view": _walk,
    "tabletop, one state": lambda seed, size: tabletop.render(tabletop.sample_table(seed), size),
    "tongues, a street": lambda seed, size: tongues.render_street(tongues.sample_street(seed, "ar"), size),
    "regions": lambda seed, size: regions.render(regions.sample_sight(seed), size),
}


def rate(make: Callable[[int, int], object], size: int, seconds: float, start: int) -> float:
    """Made per second of this process's time."""
    done, began = 0, time.process_time()
    while (spent := time.process_time() - began) < seconds:
        make(start + done, size)
        done += 1
    return done / spent


def _scenes(task: tuple[float, int]) -> float:
    seconds, start = task
    return rate(MAKERS["scenes"], 64, seconds, start)


def processes(seconds: float) -> float:
    """Scenes that two processes make side by side over those that one makes, each a second of its own processor time.

    By processor time, not by the clock: other work on the machine takes from both alike, and what is left is what
    processes cost each other (memory, caches, starting).
    """
    made = []
    for workers in (1, 2):
        with ProcessPoolExecutor(workers) as pool:
            list(pool.map(_scenes, [(0.05, 50_000 + k) for k in range(workers)]))
            rounds = [sum(pool.map(_scenes, [(seconds, 1000 * k + r) for k in range(workers)])) for r in range(ROUNDS)]
            made.append(max(rounds))
    return made[1] / made[0]


def page(lines: list[Line], loads: tuple[float, float]) -> str:
    """The results as a page. ``loads``: processes that ran or waited on the machine, at the start and at the end."""
    rows = [
        f"| {line.what} | {line.ours:,.1f} | {'' if line.goal is None else f'{line.goal:,}'} | "
        f"{'' if line.met is None else 'reached' if line.met else '**not reached**'} |"
        for line in lines
    ]
    return "\n".join(
        [
            "# Speed of the world",
            "",
            "Made in a second of one core's time; every value is sampled and drawn anew. The last row says how many times as many "
            "scenes two processes make as one, each in a second of its own processor time.",
            "",
            f"Measured on a shared machine with {os.cpu_count()} cores and a load of {loads[0]:.0f} to {loads[1]:.0f}: "
            "processor time does not count waiting, but a busy neighbour still costs caches, so a quiet machine is faster. "
            f"The best of {ROUNDS} rounds. Made by `python benchmarks/kinds_speed.py --out docs/results`.",
            "",
            "| what | a second | goal | |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def main() -> None:
    """Measure; print and write the lines."""
    options = parser(__doc__)
    options.add_argument("--seconds", type=float, default=2.0)
    options.add_argument("--out", type=Path, default=None)
    chosen = options.parse_args()
    seconds = 0.1 if chosen.quick else chosen.seconds
    lines, before = [], os.getloadavg()[0]
    for name, make in MAKERS.items():
        make(0, 64)
        for size in (64, 256):
            best = max(rate(make, size, seconds, round_ * 10_000) for round_ in range(1 if chosen.quick else ROUNDS))
            goal = GOALS.get(name) if size == 64 else None
            lines.append(Line(f"{name}, {size} px", best, "a second of one core", goal=goal, sense="at least"))
    if (os.cpu_count() or 1) > 1:
        lines.append(Line("scenes: two processes over one", processes(seconds), "times", goal=1.7, sense="at least"))
    finish(lines, chosen.json)
    if chosen.out is not None:
        chosen.out.mkdir(parents=True, exist_ok=True)
        (chosen.out / "kinds.md").write_text(page(lines, (before, os.getloadavg()[0])), encoding="utf-8")
        content = [{"what": line.what, "rate": line.ours, "goal": line.goal} for line in lines]
        found = {"load": [before, os.getloadavg()[0]], "lines": content}
        (chosen.out / "kinds.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
