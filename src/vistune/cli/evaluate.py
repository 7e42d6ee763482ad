"""``vistune eval``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vistune.cli.output import JSON_OPTION, print_json, print_table


def evaluate(
    models: Annotated[list[str] | None, typer.Argument(help="Model folders or shipped names, e.g. nano-vlm.")] = None,
    benchmark: Annotated[
        list[str] | None,
        typer.Option("--benchmark", "-b", help="Kind and parameters, e.g. pope:setting=popular,n=300."),
    ] = None,
    suite: Annotated[
        list[str] | None,
        typer.Option(help="A suite: nano (all that the world makes), or an ability, e.g. hallucination."),
    ] = None,
    compare: Annotated[
        list[str] | None, typer.Option("--compare", help="Decoding methods side by side, e.g. ritual, vcd:alpha=1.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for answers and the report.")] = Path("runs/eval"),
    max_new_tokens: Annotated[int | None, typer.Option(help="Longest answer (default: each benchmark's own).")] = None,
    batch_size: Annotated[int, typer.Option(help="Prompts at once.")] = 32,
    workers: Annotated[int, typer.Option(help="Processes that ask, through Ray; 0: this one.")] = 0,
    fresh: Annotated[bool, typer.Option(help="Ask everything again.")] = False,
    results: Annotated[Path | None, typer.Option(help="Also write NAME.json and NAME.md into this folder.")] = None,
    results_name: Annotated[str, typer.Option(help="NAME of the files in --results.")] = "benchmarks",
    list_them: Annotated[bool, typer.Option("--list", help="List the benchmarks and stop.")] = False,
    capability: Annotated[str | None, typer.Option(help="With --list: only those that test this ability.")] = None,
    explain_score: Annotated[
        str | None, typer.Option(help="Show how this item's recorded answer became its score, and stop.")
    ] = None,
    json: bool = JSON_OPTION,
) -> None:
    """Measure models on benchmarks; several models or decoding methods side by side, with intervals.

    Example: vistune eval nano-vlm -b pope:setting=adversarial --compare ritual --compare vcd
    """
    if list_them:
        _list(capability, json)
        return
    from vistune.experiments.catalogue import suite as benchmarks_of
    from vistune.experiments.compare import compare_models

    chosen = [*(benchmark or ()), *(spec for name in suite or () for spec in benchmarks_of(name))]
    chosen = list(dict.fromkeys(chosen)) or ["world_qa", "pope"]
    if not models:
        raise typer.BadParameter("Name a model, e.g. nano-vlm (or --list to see the benchmarks).")
    if explain_score is not None:
        _explain(models, chosen, compare or [], out, explain_score, json)
        return
    result = compare_models(
        models,
        chosen,
        compare or [],
        out,
        max_new_tokens=max_new_tokens,
        batch_size=batch_size,
        resume=not fresh,
        workers=workers,
    )
    if results is not None:
        from vistune.experiments.results import write_results

        asked = [f"-b {spec}" for spec in benchmark or ()] + [f"--suite {name}" for name in suite or ()]
        command = " ".join(["vistune eval", *models, *asked, *(f"--compare {m}" for m in compare or ())])
        figures = {name: value for name, value in result.summary().items() if name != "report"}
        write_results(results, results_name, command, figures, result.result_tables(), result.about())
    if json:
        print_json(result.summary())
        return
    print_table("Results", *result.score_table())
    for line in result.warnings():
        typer.echo(line)
    typer.echo(f"Report: {result.report}")


def _list(capability: str | None, json: bool) -> None:
    from dataclasses import asdict

    from vistune.experiments.catalogue import catalogue

    entries = catalogue(capability)
    if json:
        print_json([asdict(entry) for entry in entries])
        return
    rows = [
        (
            e.kind,
            " ".join(e.editions),
            e.main,
            "-" if e.chance is None else f"{e.chance:.3g}",
            ", ".join(e.capabilities),
        )
        for e in entries
    ]
    print_table(f"{len(rows)} benchmarks", ("kind", "editions", "measure", "by chance", "tests"), rows)


def _explain(models: list[str], benchmarks: list[str], methods: list[str], out: Path, item: str, json: bool) -> None:
    from vistune.experiments.catalogue import explain_score
    from vistune.experiments.compare import run_folder, short_names

    if len(models) != 1 or len(benchmarks) != 1 or len(methods) > 1:
        raise typer.BadParameter("--explain-score takes one model, one benchmark (-b) and at most one --compare.")
    folder = run_folder(out, short_names(models)[models[0]], methods[0] if methods else "greedy")
    steps = explain_score(folder, benchmarks[0], item)
    if json:
        print_json(dict(steps))
    else:
        print_table(f"{benchmarks[0]}: {item}", ("step", "what came out"), steps)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("eval")(evaluate)
