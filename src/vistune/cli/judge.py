"""``vistune judge check``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vistune.cli.output import JSON_OPTION, print_json, print_table

app = typer.Typer(help="Judges: how far they are to be trusted.", no_args_is_help=True)


@app.command()
def check(
    judges: Annotated[
        list[str],
        typer.Argument(help="Kind and parameters, e.g. oracle, or openai:model=m,base_url=http://localhost:8000/v1."),
    ],
    rubric: Annotated[
        list[str], typer.Option("--rubric", "-r", help="Rubric with parameters, e.g. touchstone:mode=strict.")
    ] = ["touchstone"],  # noqa: B006 - typer copies defaults
    n: Annotated[int, typer.Option(help="Scenes that the answers are about.")] = 40,
    seed: Annotated[int, typer.Option(help="Which scenes.")] = 0,
    repeats: Annotated[int, typer.Option(help="How often the same is asked, for the spread; 1: once.")] = 2,
    out: Annotated[Path, typer.Option(help="Folder for quality.json and quality.html.")] = Path("runs/judge"),
    strict: Annotated[bool, typer.Option(help="Exit with 1 where a fault was found.")] = False,
    json: bool = JSON_OPTION,
) -> None:
    """Ask judges about answers of known quality: agreement with the oracle, bias by position and length, controls, cost.

    Example: vistune judge check oracle -r touchstone -r gavie --n 20
    """
    from vistune.evaluation.judges import build_judge
    from vistune.evaluation.judges.page import table, write_quality
    from vistune.evaluation.judges.quality import check_judge
    from vistune.experiments.specs import parse_spec

    pairs = [build_judge(parse_spec(judge), parse_spec(kind)) for judge in judges for kind in rubric]
    found = [check_judge(judge, n, seed, repeats) for judge in pairs]
    page = write_quality(out, found)
    if json:
        print_json([quality.summary() for quality in found])
    else:
        print_table("Judges (! marks a fault)", *table(found))
        for quality in found:
            for fault in quality.faults:
                typer.echo(f"{quality.judge['judge']['name']}, {quality.judge['rubric']}: {fault}")
        typer.echo(f"Page: {page}")
    if strict and any(quality.faults for quality in found):
        raise typer.Exit(1)
