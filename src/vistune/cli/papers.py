"""``vistune papers`` and ``vistune reproduce``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vistune.cli.output import JSON_OPTION, print_json, print_table


def papers(
    name: Annotated[str | None, typer.Argument(help="Show one system in full.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only systems of this kind, e.g. decoding.")] = None,
    status: Annotated[str | None, typer.Option(help="planned, partly or works.")] = None,
    taxonomy: Annotated[
        str | None, typer.Option(help="Headings of a survey with what is here, e.g. vit-survey.")
    ] = None,
    json: bool = JSON_OPTION,
) -> None:
    """The published systems that are parts of vistune, and how far each one is.

    Example: vistune papers --kind decoding
    """
    from vistune.experiments.papers import load_paper, load_papers

    if taxonomy is not None:
        _taxonomy(taxonomy, json)
        return
    if name is not None:
        entry = load_paper(name).model_dump(exclude_none=True)
        if json:
            print_json(entry)
        else:
            print_table(entry["title"], ("field", "value"), ((k, _plain(v)) for k, v in entry.items()))
        return
    found = load_papers(kind, status)
    if json:
        print_json([p.model_dump(exclude_none=True) for p in found])
        return
    rows = [(p.name, p.year, ", ".join(p.kinds), p.status, p.title) for p in found]
    works = sum(p.status == "works" for p in found)
    print_table(f"{len(found)} systems, {works} work", ("name", "year", "kinds", "status", "title"), rows)


def _taxonomy(name: str, json: bool) -> None:
    from dataclasses import asdict

    from vistune.experiments.taxonomy import coverage, coverage_table

    if json:
        print_json([{**asdict(leaf), "state": leaf.state} for leaf in coverage(name)])
        return
    print_table(name, *coverage_table(name))


def _plain(value: object) -> str:
    return "\n".join(str(v) for v in value) if isinstance(value, list) else str(value)


def reproduce(
    name: Annotated[str, typer.Argument(help="A system whose experiment to run, e.g. lavin.")],
    out: Annotated[Path | None, typer.Option(help="Run folder (default: runs/reproduce-NAME).")] = None,
    seeds: Annotated[int | None, typer.Option(help="Number of seeds (default: the experiment's).")] = None,
    jobs: Annotated[int, typer.Option(help="Arms run at once, one core each.")] = 1,
    results: Annotated[Path | None, typer.Option(help="Also write NAME.json and NAME.md into this folder.")] = None,
    strict: Annotated[bool, typer.Option(help="Exit with 1 when a claim does not hold here.")] = False,
    json: bool = JSON_OPTION,
) -> None:
    """Run a published system's experiment: baseline, method, control, seeds; says whether each claim holds here.

    Example: vistune reproduce lavin --jobs 2
    """
    from vistune.experiments.reproduce import reproduce as run_experiment

    result = run_experiment(name, out or Path("runs") / f"reproduce-{name}", seeds=seeds, jobs=jobs)
    if results is not None:
        from vistune.experiments.results import write_results

        tables = [("Arms", *result.arm_table()), ("Claims", *result.claim_table())]
        write_results(results, name, f"vistune reproduce {name}", result.summary(), tables, result.about)
    if json:
        print_json(result.summary())
    else:
        print_table(f"{name}: arms", *result.arm_table())
        print_table(f"{name}: claims", *result.claim_table())
        typer.echo(f"Report: {result.report}")
    if strict and not result.all_hold:
        raise typer.Exit(1)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(papers)
    app.command()(reproduce)
