"""Speed of the world's language: questions, captions, referring, text documents per second of one core's time.

Scenes are sampled beforehand; the relations of each are found in the first, timed use, as in training.

    python benchmarks/language_speed.py [--scenes 2000] [--quick] [--json FILE]
"""

from __future__ import annotations

import time
from collections.abc import Callable

from common import Line, finish, parser  # isort: skip - before numpy
from vistune.world.language import caption, conversation, refer, text_document
from vistune.world.questions import ask, ask_text_only
from vistune.world.sampling import sample_scene

#: What each is meant to reach, per second and core.
GOALS = {"questions": 5_000, "captions, short": 10_000, "captions, long": 10_000, "captions, all": 10_000}

#: Rounds; the best counts, since other processes on the machine only ever slow one down.
ROUNDS = 3


def _rate(task: Callable[[int], int], count: int) -> float:
    start = time.process_time()
    made = sum(task(i) for i in range(count))
    return made / (time.process_time() - start)


def main() -> None:
    """Measure; print and write the lines."""
    options = parser(__doc__)
    options.add_argument("--scenes", type=int, default=2000)
    chosen = options.parse_args()
    count = 40 if chosen.quick else chosen.scenes
    scenes = [sample_scene(seed, prior=("skewed", "flat", "inverted")[seed % 3]) for seed in range(count)]
    ask(scenes[0], 0, ["existence"], n=5)  # counts the priors once
    tasks: dict[str, Callable[[int], int]] = {
        "questions": lambda i: len(ask(scenes[i], i, n=4)),
        "questions, one a scene": lambda i: len(ask(scenes[i], i, n=1)),
        "captions, short": lambda i: len([caption(scenes[i], i, "short")]),
        "captions, long": lambda i: len([caption(scenes[i], i, "long")]),
        "captions, all": lambda i: len([caption(scenes[i], i, "all")]),
        "expressions": lambda i: len([refer(scenes[i], k) for k in range(len(scenes[i].things))]),
        "conversations": lambda i: len([conversation(scenes[i], i)]),
        "text-only questions": lambda i: len([ask_text_only(i)]),
        "text documents": lambda i: len([text_document(i)]),
    }
    lines = []
    for name, task in tasks.items():
        rate = max(_rate(task, count) for _ in range(ROUNDS))
        lines.append(Line(f"world: {name}", rate, "made/s of one core", goal=GOALS.get(name), sense="at least"))
    finish(lines, chosen.json)


if __name__ == "__main__":
    main()
