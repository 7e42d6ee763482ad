"""``vistune walks``: recorded walks scored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vistune.cli.output import JSON_OPTION, print_json, print_table

if TYPE_CHECKING:
    from vistune.evaluation.results import Result

app = typer.Typer(help="Recorded walks scored by R2R's and REVERIE's rules.", no_args_is_help=True)

_SPLIT = Annotated[Path | None, typer.Option(help="Published split: R2R_val_seen.json, REVERIE_val_seen.json.")]
_GRAPHS = Annotated[Path | None, typer.Option(help="Folder of SCAN_connectivity.json (default: beside the split).")]
_BOXES = Annotated[Path | None, typer.Option(help="REVERIE's BBox folder; says that the split is REVERIE's.")]


@app.command()
def score(
    runs: Annotated[Path, typer.Argument(help="Result file: a list of instr_id and trajectory.")],
    split: Annotated[Path, typer.Option(help="Published split: R2R_val_seen.json, REVERIE_val_seen.json.")],
    connectivity: _GRAPHS = None,
    boxes: _BOXES = None,
    out: Annotated[Path | None, typer.Option(help="Also write every instruction's figures and a summary here.")] = None,
    json: bool = JSON_OPTION,
) -> None:
    """The runs of an agent, as R2R's evaluation server takes them, with intervals over paths.

    Example: vistune walks score runs.json --split R2R_val_seen.json --connectivity connectivity
    """
    from vistune.evaluation.walks import read_course, read_trajectories, score_course

    course = read_course(split, connectivity or split.parent / "connectivity", boxes)
    result = score_course(read_trajectories(runs), course)
    if out is not None:
        from vistune.core.files import append_jsonl, write_json

        out.mkdir(parents=True, exist_ok=True)
        (out / f"{result.name}.jsonl").unlink(missing_ok=True)
        append_jsonl(out / f"{result.name}.jsonl", result.items)
        write_json(out / f"{result.name}.summary.json", result.summary())
    _show({runs.stem: result}, json)


@app.command()
def bounds(
    split: _SPLIT = None,
    connectivity: _GRAPHS = None,
    boxes: _BOXES = None,
    n: Annotated[int, typer.Option(help="Paths in made houses, where no split is given.")] = 24,
    errands: Annotated[bool, typer.Option(help="Errands in made houses in place of walks.")] = False,
    json: bool = JSON_OPTION,
) -> None:
    """What somebody gets who knows the way, who walks at random, who stands still.

    Example: vistune walks bounds --n 12
    """
    from vistune.evaluation.walks import bounds as bounds_of
    from vistune.evaluation.walks import nano_course, read_course

    if split is None:
        course = nano_course(n, errands=errands)
    else:
        course = read_course(split, connectivity or split.parent / "connectivity", boxes)
    _show(bounds_of(course), json)


@app.command()
def course(
    out: Annotated[Path, typer.Argument(help="Folder for the files.")],
    n: Annotated[int, typer.Option(help="Paths, with three instructions each.")] = 24,
    seed: Annotated[int, typer.Option(help="Other houses.")] = 0,
    errands: Annotated[bool, typer.Option(help="REVERIE's errands in place of R2R's walks.")] = False,
) -> None:
    """Made houses as published files: a split and the graphs, for any agent to walk and `walks score` to mark.

    Example: vistune walks course data/walks --n 24
    """
    from vistune.evaluation.walks import write_nano_course

    files = write_nano_course(out, n, seed, errands)
    typer.echo(f"{files[0]}, and {len(files) - 1} files of graphs" + (" and boxes." if errands else "."))


def _show(found: dict[str, Result], json: bool) -> None:
    if json:
        print_json({name: result.summary() for name, result in found.items()})
        return
    first = next(iter(found.values()))
    rows = []
    for name, result in found.items():
        low, high = (result.figure(result.main, end) for end in result.intervals[result.main])
        rows.append((name, *(result.figure(m, value) for m, value in result.values.items()), f"[{low}, {high}]"))
    print_table(first.protocol, ("runs", *first.values, f"{first.main} 95%"), rows)
