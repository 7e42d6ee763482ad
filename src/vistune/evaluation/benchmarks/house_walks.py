"""Walks in made houses by instructions: at each place the model sees the four sides and says where it goes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, Benchmark, Scored
from vistune.evaluation.benchmarks.dialogues import named
from vistune.evaluation.metrics.captions import mean_scores
from vistune.evaluation.metrics.walking import Geodesic, walk_scores

if TYPE_CHECKING:
    from vistune.world.houses.house import House

MOVES = ("ahead", "right", "behind", "left", "stop")
#: Houses away from those that are trained on, as those of ``walks.nano_course``.
_FIRST_HOUSE = 9000


@BENCHMARKS.register("house_walks")
class HouseWalks(Benchmark):
    """A model walks through made houses by R2R's kind of instructions. At each viewpoint it is shown what is ahead, right, behind
    and left, told the instruction and its moves so far, and says one of ahead, right, behind, left and stop; that leads to the
    neighbour nearest to that side. An answer that names none, or several, and a side where nothing is, leave it where it stands
    and cost a step; after ``steps`` of them the walk is over.

    Scored by R2R's rules per instruction (NE and TL in metres, SR, OSR, SPL, nDTW, sDTW, CLS), intervals over paths; ``unread`` is
    the share of steps without a move. Walks of other agents, and R2R's own buildings, go through ``vistune walks score``.
    """

    main = "SPL"
    protocol = "R2R eval.py, per instruction, on made houses; four sides and stop as the model's moves"
    capabilities = ("planning", "spatial", "several-pictures")
    not_shares = ("NE", "TL")
    graded = True
    afresh = True
    max_new_tokens = 8

    n: int = 12
    steps: int = 10
    image_size: int = 64
    seed: int = 0
    _houses: dict[str, House] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """At least one step."""
        super().__post_init__()
        if self.steps < 1:
            raise ConfigError(f"A walk has at least one step, not {self.steps}.")

    def examples(self) -> list[Example]:
        """Three instructions of each of ``n`` paths, on which every next viewpoint is told by its side."""
        from vistune.engines.houses import walk_records
        from vistune.world.houses import sample_house

        made: list[Example] = []
        number, paths = _FIRST_HOUSE + 1000 * self.seed, 0
        while paths < self.n:
            house = sample_house(number, split="test", prior="flat", min_rooms=4, max_rooms=7)
            for record in walk_records(house, number, "test", n=6):
                way = [house.by_name[name] for name in record.path]
                if paths == self.n or moves_along(house, way, record.heading) is None:
                    continue
                paths += 1
                self._houses[house.scan] = house
                for k, text in enumerate(record.instructions):
                    meta = {
                        "type": f"{len(way) - 1} steps", "group": f"{house.scan}/{record.path_id}", "scan": house.scan,
                        "path": tuple(way), "heading": record.heading, "instruction": text,
                    }  # fmt: skip
                    item = Example(f"{record.path_id}_{k}", [user("")], answers=[" ".join(record.path)], meta=meta)
                    made.append(self._asked(item, [], way[0], record.heading))
            number += 1
        return made

    def _asked(self, item: Example, moves: Sequence[str], viewpoint: int, heading: float) -> Example:
        """The question at a viewpoint."""
        shown = _views(self._houses[item.meta["scan"]], viewpoint, heading, self.image_size)
        done = ", ".join(moves) or "none"
        text = (
            f"the pictures show what is ahead, right, behind and left. instruction: {item.meta['instruction']} "
            f"moves so far: {done}. where do you go next: ahead, right, behind, left or stop?"
        )
        return Example(item.id, [user(text, images=(0, 1, 2, 3))], list(shown), answers=item.answers, meta=item.meta)

    def follow_up(self, example: Example, said: Sequence[str]) -> Example | None:
        """The next question, until the model stops or its steps are used up."""
        way, moves, heading = self.walked(example, said)
        if moves[-1:] == ["stop"] or len(said) >= self.steps:
            return None
        return self._asked(example, [move for move in moves if move != "?"], way[-1], heading)

    def walked(self, example: Example, said: Sequence[str]) -> tuple[list[int], list[str], float]:
        """Viewpoints, moves (``?`` where an answer was none) and heading after the answers."""
        house = self._house(example)
        way, moves, heading = [example.meta["path"][0]], [], float(example.meta["heading"])
        for answer in said[: self.steps]:
            found = named(answer, MOVES)
            move = found[0] if len(found) == 1 else "?"
            moves.append(move)
            if move == "stop":
                break
            place = None if move == "?" else neighbour(house, way[-1], heading, move)
            if place is not None:
                heading = house.heading(way[-1], place)
                way.append(place)
        return way, moves, heading

    def _house(self, example: Example) -> House:
        if example.meta["scan"] not in self._houses:
            self.examples()
        return self._houses[example.meta["scan"]]

    def score_dialogue(self, example: Example, said: Sequence[str]) -> Scored:
        """R2R's figures of the walk."""
        from vistune.data.annotations.r2r import walking_graph
        from vistune.engines.houses import connections

        house = self._house(example)
        way, moves, _ = self.walked(example, said)
        walked, reference = ([house.viewpoints[k].name for k in path] for path in (way, example.meta["path"]))
        told = walk_scores(walked, reference, Geodesic(walking_graph(connections(house))))
        told["unread"] = moves.count("?") / len(moves)
        columns = {"items": 1.0} | {f"mean_{key}": value for key, value in told.items()}
        return Scored(", ".join(moves), told["SPL"], columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Means over instructions."""
        return mean_scores(sums)

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The moves that were wanted, and those that were made."""
        house = self._house(example)
        wanted = moves_along(house, example.meta["path"], example.meta["heading"]) or []
        return [("instruction", example.meta["instruction"]), ("right moves", ", ".join(wanted)),
                ("moves", str(item["parsed"]))]  # fmt: skip


@lru_cache(maxsize=256)
def _views(house: House, viewpoint: int, heading: float, size: int) -> tuple[ImageSource, ...]:
    """The four sides; the three instructions of a path begin with the same."""
    from vistune.world.houses import around

    return tuple(ImageSource(array=view) for view in around(house, viewpoint, heading, size))


def neighbour(house: House, viewpoint: int, heading: float, move: str) -> int | None:
    """The neighbour on that side, the one nearest to its middle; None where there is none within 45 degrees."""
    from vistune.world.houses.house import turn

    wanted = heading + MOVES.index(move) * math.pi / 2
    near = [(abs(turn(wanted, house.heading(viewpoint, other))), other) for other in house.neighbours[viewpoint]]
    off, place = min(near, default=(math.pi, -1))
    return place if off <= math.pi / 4 else None


def moves_along(house: House, way: Sequence[int], heading: float) -> list[str] | None:
    """The moves that lead along a path, with the stop at its end; None where a side leads elsewhere."""
    moves = []
    for here, there in pairwise(way):
        move = next((m for m in MOVES[:4] if neighbour(house, here, heading, m) == there), None)
        if move is None:
            return None
        moves.append(move)
        heading = house.heading(here, there)
    return [*moves, "stop"]
