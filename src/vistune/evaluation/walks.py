"""Recorded walks scored: R2R (arXiv 1711.07280) and REVERIE (arXiv 1904.10151), on published buildings and on made houses.

An agent's run is a list of ``{"instr_id": "PATH_K", "trajectory": [[viewpoint, heading, elevation], ...]}``, as R2R's
evaluation server takes it; REVERIE's has ``predObjId`` too. What walks (a model, a script) is no matter here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.data.annotations.r2r import WalkRecord
from vistune.data.annotations.reverie import ErrandRecord
from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import Benchmark
from vistune.evaluation.metrics.captions import mean_scores
from vistune.evaluation.metrics.walking import (
    NEAR,
    Geodesic,
    Graph,
    check_path,
    errand_scores,
    walk_scores,
    without_repeats,
)
from vistune.evaluation.records import Item
from vistune.evaluation.results import Result, summarise

if TYPE_CHECKING:
    from vistune.world.houses.house import House

#: Steps of a random walker, as R2R's.
RANDOM_STEPS = 5


@dataclass(frozen=True, slots=True)
class Walked:
    """One run: the viewpoints of a trajectory, turns on the spot left out, and the object that was named, if one was."""

    path: tuple[str, ...]
    found: str | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """Walks or errands with the graphs of their buildings. ``seen_from``: (scan, object) -> viewpoints that see it."""

    walks: tuple[WalkRecord, ...] = ()
    errands: tuple[ErrandRecord, ...] = ()
    graphs: Mapping[str, Graph] = field(default_factory=dict)
    seen_from: Mapping[tuple[str, int], frozenset[str]] = field(default_factory=dict)

    @property
    def tasks(self) -> dict[str, tuple[str, tuple[str, ...], str]]:
        """Instruction's id -> (building, reference path, what its intervals resample)."""
        told = {
            f"{w.path_id}_{k}": (w.scan, w.path, f"{w.scan}/{w.path_id}")
            for w in self.walks
            for k in range(len(w.instructions))
        }
        return told | {
            f"{e.name}_{k}": (e.scan, e.path, f"{e.scan}/{e.path_id}")
            for e in self.errands
            for k in range(len(e.instructions))
        }


# -- courses -----------------------------------------------------------------------------------------------------------


def read_course(path: Path | str, connectivity: Path | str, boxes: Path | str | None = None) -> Course:
    """A published split: ``R2R_SPLIT.json`` or ``REVERIE_SPLIT.json``, the folder of graphs, and REVERIE's ``BBox`` folder.

    Raises ``DataError`` where a file is missing or has another form.
    """
    from vistune.data.annotations.r2r import read_connectivity, read_r2r, walking_graph
    from vistune.data.annotations.reverie import read_boxes, read_reverie

    path, folder = Path(path), Path(connectivity)
    walks: list[WalkRecord] = [] if boxes is not None else read_r2r(path)
    errands: list[ErrandRecord] = read_reverie(path) if boxes is not None else []
    scans = sorted({record.scan for record in (*walks, *errands)})
    graphs = {scan: walking_graph(read_connectivity(folder / f"{scan}_connectivity.json")) for scan in scans}
    seen: dict[tuple[str, int], set[str]] = {}
    for file in sorted(Path(boxes).glob("*.json")) if boxes is not None else ():
        scan = file.stem.rsplit("_", 1)[0]
        for viewpoint, objects in read_boxes(file).items():
            for number in objects:
                seen.setdefault((scan, number), set()).add(viewpoint)
    return Course(tuple(walks), tuple(errands), graphs, {key: frozenset(points) for key, points in seen.items()})


#: Rooms of the made houses.
_ROOMS = {"min_rooms": 4, "max_rooms": 7}


def _first_house(seed: int) -> int:
    """Away from the houses that are trained on."""
    return 9000 + 1000 * seed


def nano_course(n: int = 24, seed: int = 0, errands: bool = False) -> Course:
    """``n`` walks, or errands, in made houses: instructions that can be followed to the letter, one way alone the shortest.

    An errand's object counts as seen where it clearly shows from 3 metres or less, as in REVERIE, and from the path's end.
    Three seconds a house or so, of six walks or errands each: what shows from everywhere is worked out.
    """
    from vistune.data.annotations.r2r import walking_graph
    from vistune.engines.houses import connections, errand_record, walk_records
    from vistune.world.houses import errands as errands_of
    from vistune.world.houses import sample_house

    walks: list[WalkRecord] = []
    tasks: list[ErrandRecord] = []
    graphs: dict[str, Graph] = {}
    seen: dict[tuple[str, int], frozenset[str]] = {}
    number = _first_house(seed)
    while len(walks) + len(tasks) < n:
        house = sample_house(number, split="test", prior="flat", **_ROOMS)
        graphs[house.scan] = walking_graph(connections(house))
        if errands:
            for k, errand in enumerate(errands_of(house, number, n=6, split="test")):
                tasks.append(errand_record(house, errand, 1000 * number + k))
                seen[house.scan, errand.thing] = _near_and_seen(house, errand.thing, errand.path[-1])
        else:
            walks += walk_records(house, number, "test", n=6)
        number += 1
    return Course(tuple(walks[:n]), tuple(tasks[:n]), graphs, seen)


def write_nano_course(folder: Path | str, n: int = 24, seed: int = 0, errands: bool = False) -> list[Path]:
    """``nano_course`` as published files, to be walked by any agent and scored from there: ``R2R_nano.json``, or
    ``REVERIE_nano.json`` with ``BBox``, whose files hold what counts as seen; ``connectivity``. Returns the files, the split first.
    """
    from vistune.data.annotations.r2r import write_connectivity, write_r2r
    from vistune.data.annotations.reverie import SeenObject, write_boxes, write_reverie
    from vistune.engines.houses import connections
    from vistune.world.houses import sample_house, view_boxes

    course, folder = nano_course(n, seed, errands), Path(folder)
    houses = {
        house.scan: house
        for number in range(len(course.graphs))
        for house in [sample_house(_first_house(seed) + number, split="test", prior="flat", **_ROOMS)]
    }
    split = folder / ("REVERIE_nano.json" if errands else "R2R_nano.json")
    files = [write_reverie(split, course.errands) if errands else write_r2r(split, course.walks)]
    for scan in course.graphs:
        files.append(
            write_connectivity(folder / "connectivity" / f"{scan}_connectivity.json", connections(houses[scan]))
        )
    seen: dict[tuple[str, str], list[int]] = {}
    for (scan, thing), points in course.seen_from.items():
        for point in points:
            seen.setdefault((scan, point), []).append(thing)
    for (scan, point), things in sorted(seen.items()):
        house = houses[scan]
        place = next(k for k, viewpoint in enumerate(house.viewpoints) if viewpoint.name == point)
        boxes = view_boxes(house, place)
        told = {i: SeenObject(house.things[i].kind, tuple(boxes.get(i, ()))) for i in things}
        files.append(write_boxes(folder / "BBox" / f"{scan}_{point}.json", point, told))
    return files


def _near_and_seen(house: House, thing: int, goal: int) -> frozenset[str]:
    from vistune.world.houses import sightings
    from vistune.world.houses.naming import SEEN

    found = {house.viewpoints[goal].name}
    for k, point in enumerate(house.viewpoints):
        shown = sightings(house, k)[thing]
        if shown.pixels >= SEEN and shown.distance <= NEAR:
            found.add(point.name)
    return frozenset(found)


# -- walkers -----------------------------------------------------------------------------------------------------------

#: (instruction, reference path, the building's graph with its distances) -> the viewpoints walked.
Walker = Callable[[str, Sequence[str], Geodesic], Sequence[str]]


def shortest_walker(_instruction: str, reference: Sequence[str], ways: Geodesic) -> list[str]:
    """Knows the goal: the upper bound."""
    return ways.path(reference[0], reference[-1])


def random_walker(instruction: str, reference: Sequence[str], ways: Geodesic) -> list[str]:
    """R2R's random agent on the graph: five steps to a neighbour each, back only where there is no other way."""
    rng = random.Random(f"random walker/{instruction}/{reference[0]}")
    way = [reference[0]]
    for _ in range(RANDOM_STEPS):
        near = ways.graph[way[-1]]
        options = sorted(k for k in near if len(way) < 2 or k != way[-2]) or sorted(near)
        if not options:
            break
        way.append(rng.choice(options))
    return way


def standing_walker(_instruction: str, reference: Sequence[str], _ways: Geodesic) -> list[str]:
    """Never moves."""
    return [reference[0]]


#: Walkers that bound what can be had.
WALKERS: dict[str, Walker] = {
    "shortest": shortest_walker, "random": random_walker, "standing": standing_walker,
}  # fmt: skip


def walk_course(course: Course, walker: Walker) -> dict[str, Walked]:
    """A walker's runs over all instructions of a course."""
    told = {f"{w.path_id}_{k}": text for w in course.walks for k, text in enumerate(w.instructions)}
    told |= {f"{e.name}_{k}": text for e in course.errands for k, text in enumerate(e.instructions)}
    ways = {scan: Geodesic(graph) for scan, graph in course.graphs.items()}
    return {name: Walked(tuple(walker(told[name], path, ways[scan]))) for name, (scan, path, _) in course.tasks.items()}


def read_trajectories(path: Path | str) -> dict[str, Walked]:
    """Instruction's id -> run, from R2R's result JSON. Steps may be lists (viewpoint first), names, or lists of names.

    Raises ``DataError`` where the file has another form, or gives an instruction twice.
    """
    from vistune.data.annotations.files import need, need_list, read_json

    found: dict[str, Walked] = {}
    for number, record in enumerate(need_list(read_json(path), str(path))):
        where = f"{path}, record {number}"
        need(record, ("instr_id", "trajectory"), where)
        named = record.get("predObjId", record.get("pred_objid"))
        points = [point for step in need_list(record["trajectory"], where) for point in _points(step, where)]
        if record["instr_id"] in found:
            raise DataError(f"{where}: instruction '{record['instr_id']}' is there twice.")
        run = Walked(tuple(without_repeats(points)), None if named is None else str(named))
        found[str(record["instr_id"])] = run
    return found


def _points(step: Any, where: str) -> list[str]:
    if isinstance(step, str):
        return [step]
    if isinstance(step, list) and step and all(isinstance(part, str) for part in step):
        return list(step)
    if isinstance(step, list) and step and isinstance(step[0], str):
        return [step[0]]
    raise DataError(f"{where}: a step is a viewpoint, or [viewpoint, heading, elevation], not {step!r}.")


# -- scores ------------------------------------------------------------------------------------------------------------


class _Walks(Benchmark):
    """Means over instructions; intervals resample paths, whose three instructions are not independent."""

    main = "SPL"
    not_shares = ("NE", "TL")
    graded = True
    capabilities = ("planning", "spatial")

    def __init__(self, kind: str, protocol: str) -> None:
        self._kind, self.protocol = kind, protocol

    @property
    def name(self) -> str:
        """The course's kind."""
        return self._kind

    def examples(self) -> list[Example]:
        """Nothing is asked: the runs are given."""
        return []

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Means."""
        return mean_scores(sums)


def score_course(runs: Mapping[str, Walked], course: Course) -> Result:
    """By REVERIE's rules where the course has errands, else by R2R's."""
    return score_reverie(runs, course) if course.errands else score_r2r(runs, course)


def bounds(course: Course) -> dict[str, Result]:
    """What the scripted walkers get. Whoever knows the way names the right object of an errand, nobody else names one."""
    found = {}
    for name, walker in WALKERS.items():
        runs = walk_course(course, walker)
        if name == "shortest" and course.errands:
            wanted = {f"{e.name}_{k}": str(e.object_id) for e in course.errands for k in range(len(e.instructions))}
            runs = {task: Walked(run.path, wanted[task]) for task, run in runs.items()}
        found[name] = score_course(runs, course)
    return found


def score_r2r(runs: Mapping[str, Walked], course: Course) -> Result:
    """R2R's figures over all instructions: NE, TL (metres), SR, OSR, SPL, nDTW, sDTW, CLS, with intervals.

    Raises ``DataError`` for an instruction without a run, or a run that leaps or begins elsewhere.
    """
    ways = {scan: Geodesic(graph) for scan, graph in course.graphs.items()}
    return _scored(
        "r2r",
        runs,
        course,
        lambda _, run, scan, path: walk_scores(run.path, path, ways[scan]),
        "R2R eval.py, per instruction",
    )


def score_reverie(runs: Mapping[str, Walked], course: Course) -> Result:
    """REVERIE's figures over all instructions: SR, OSR, SPL, TL (metres), RGS, RGSPL, with intervals.

    Raises ``DataError`` for an instruction without a run, a run that leaps, or an object that no box file shows.
    """
    ways = {scan: Geodesic(graph) for scan, graph in course.graphs.items()}
    wanted = {f"{e.name}_{k}": e for e in course.errands for k in range(len(e.instructions))}

    def figures(name: str, run: Walked, scan: str, path: Sequence[str]) -> dict[str, float]:
        errand = wanted[name]
        seen = course.seen_from.get((scan, errand.object_id))
        if not seen:
            raise DataError(f"Errand {errand.name}: no box file says from where object {errand.object_id} is seen.")
        return errand_scores(run.path, path, ways[scan], seen, run.found, errand.object_id)

    return _scored("reverie", runs, course, figures, "REVERIE: success where the object is seen; RGS by object id")


def _scored(
    kind: str,
    runs: Mapping[str, Walked],
    course: Course,
    figures: Callable[[str, Walked, str, Sequence[str]], dict[str, float]],
    protocol: str,
) -> Result:
    tasks = course.tasks
    missing = [name for name in tasks if name not in runs]
    if missing:
        raise DataError(f"{len(missing)} of {len(tasks)} instructions have no run; the first is '{missing[0]}'.")
    items: list[Item] = []
    for name, (scan, path, group) in tasks.items():
        run = runs[name]
        check_path(run.path, path[0], course.graphs[scan], f"The run of instruction {name}")
        told = figures(name, run, scan, path)
        items.append(
            {
                "id": name,
                "group": group,
                "type": scan,
                "question": "",
                "references": [" ".join(path)],
                "answer": " ".join(run.path),
                "parsed": run.found,
                "score": told["SPL"],
                "columns": {"items": 1.0} | {f"mean_{key}": value for key, value in told.items()},
                "seconds": 0.0,
            }
        )
    return summarise(_Walks(kind, protocol), items)
