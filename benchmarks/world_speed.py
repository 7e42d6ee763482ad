"""Speed of the world: scenes sampled, drawn and labelled per second of one core's time, and the memory it takes.

One process, one thread; every round draws scenes that it has not drawn before, as in training.

    python benchmarks/world_speed.py [scenes]
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before numpy is loaded

from vistune.world import dense_labels, masks, relations, render, sample_scene  # noqa: E402
from vistune.world.scene import Scene  # noqa: E402

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


def _peak() -> float:
    """Most memory that this process has held, MB."""
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main() -> None:
    """Print one line per task: rate, the goal where there is one, and the peak memory so far."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    priors = ("skewed", "flat", "inverted")
    rounds = [[sample_scene(r * count + i, prior=priors[i % 3]) for i in range(count)] for r in range(ROUNDS)]
    print(f"{'task':26s}{'per second':>12s}{'goal':>10s}{'peak MB':>10s}")
    for name, task in TASKS.items():
        some = max(1, int(count * SHARE.get(name, 1.0)))
        rate = max(_rate(task, scenes[:some]) for scenes in rounds)
        goal = GOALS.get(name)
        print(f"{name:26s}{rate:12,.0f}{f'{goal:,}' if goal else '':>10s}{_peak():10,.0f}")


if __name__ == "__main__":
    main()
