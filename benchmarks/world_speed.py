"""Speed of the world: scenes sampled, drawn and labelled per second of one core's time, and the memory it takes.

One process, one thread; every round draws scenes that it has not drawn before, as in training.

    python benchmarks/world_speed.py [--scenes 2000] [--quick] [--json FILE]
"""

from __future__ import annotations

import time
from collections.abc import Callable

from common import Line, finish, parser  # isort: skip - before numpy
from vistune.world import dense_labels, masks, relations, render, sample_scene
from vistune.world.scene import Scene

#: What each is meant to reach, per second and core.
GOALS = {"sample and render, 64 px": 1_500}
#: Rounds; the best counts, since other processes on the machine only ever slow one down.
ROUNDS = 3
#: Share of the scenes that a task is given: large pictures take long.
SHARE = {"render, 256 px": 0.1, "render, 512 px": 0.03, "masks, 256 px": 0.1}

TASKS: dict[str, Callable[[Scene], object]] = {
    "sample": lambda scene: sample_scene(scene.seed, prior=scene.prior),
    "render, 64 px": render,
    "sample and render, 64 px": lambda scene: render(sample_scene(scene.seed, prior=scene.prior)),
    "render, 256 px": lambda scene: render(scene, 256),
    "render, 512 px": lambda scene: render(scene, 512),
    "dense labels, 8 x 8": dense_labels,
    "masks, 64 px": masks,
    "masks, 256 px": lambda scene: masks(scene, 256),
    "relations": relations,
}


def _rate(task: Callable[[Scene], object], scenes: list[Scene]) -> float:
    start = time.process_time()
    for scene in scenes:
        task(scene)
    return len(scenes) / (time.process_time() - start)


def main() -> None:
    """Measure; print and write the lines."""
    options = parser(__doc__)
    options.add_argument("--scenes", type=int, default=2000)
    chosen = options.parse_args()
    count = 40 if chosen.quick else chosen.scenes
    priors = ("skewed", "flat", "inverted")
    rounds = [[sample_scene(r * count + i, prior=priors[i % 3]) for i in range(count)] for r in range(ROUNDS)]
    lines = []
    for name, task in TASKS.items():
        some = max(1, int(count * SHARE.get(name, 1.0)))
        rate = max(_rate(task, scenes[:some]) for scenes in rounds)
        lines.append(Line(f"world: {name}", rate, "scenes/s of one core", goal=GOALS.get(name), sense="at least"))
    finish(lines, chosen.json)


if __name__ == "__main__":
    main()
