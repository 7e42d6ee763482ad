"""``vistune quickstart`` and ``vistune run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vistune.cli.output import JSON_OPTION, print_json, print_table


def run(
    recipe: Annotated[str, typer.Argument(help="A recipe file, or the name of a shipped one.")],
    overrides: Annotated[list[str] | None, typer.Argument(help="Dotted overrides, key=value.")] = None,
    out: Annotated[Path | None, typer.Option(help="Run folder (default: runs/NAME).")] = None,
    results: Annotated[Path | None, typer.Option(help="Also write NAME.json and NAME.md into this folder.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would run, then stop.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over instead of resuming.")] = False,
    baseline: Annotated[bool, typer.Option(help="Measure the model before tuning too.")] = True,
    json: bool = JSON_OPTION,
) -> None:
    """Run a recipe: make or read data, tune in stages, evaluate, write a report. Stopped runs go on where they were.

    Example: vistune run nlvr data.root=path/to/nlvr
    """
    from vistune.experiments.run import dry_run as describe
    from vistune.experiments.run import load_recipe, run_recipe

    resolved = load_recipe(recipe, overrides or [])
    if dry_run:
        plan = describe(resolved)
        if json:
            print_json(plan.as_dict())
            return
        typer.echo(plan.recipe_yaml)
        for table in plan.tables():
            print_table(*table)
        return
    result = run_recipe(resolved, out or Path("runs") / resolved.name, resume=not fresh, baseline=baseline)
    if not result.leader:
        return
    if results is not None:
        from vistune.experiments.results import write_results

        tables = [("Results", *result.score_table()), ("All measures", *result.measure_table())]
        settings = [pair if "/" not in pair else f"{pair.partition('=')[0]}=..." for pair in overrides or []]
        write_results(results, resolved.name, " ".join(["vistune run", recipe, *settings]), result.scores(), tables)
    if json:
        print_json(result.summary())
        return
    print_table("Results", *result.score_table())
    typer.echo(f"Model:  {result.model}\nReport: {result.report}")


def quickstart(
    out: Annotated[Path, typer.Option(help="Run folder.")] = Path("runs/quickstart"),
    json: bool = JSON_OPTION,
) -> None:
    """Make instruction data, tune a small vision-language model with LaVIN's adapters, measure it, write a report.

    Takes under six minutes on two cores and needs no network.

    Example: vistune quickstart
    """
    from vistune.experiments.quickstart import quickstart as start

    result = start(out)
    if json:
        print_json(result.summary())
        return
    print_table("What tuning changed", *result.score_table())
    typer.echo(f"Report: {result.report}\nTalk to it: vistune chat {result.model}")


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(quickstart)
    app.command()(run)
