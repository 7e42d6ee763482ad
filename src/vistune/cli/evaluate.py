"""``vistune eval``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vistune.cli.output import JSON_OPTION, print_json, print_table


def evaluate(
    models: Annotated[list[str], typer.Argument(help="Model folders or shipped names, e.g. nano-vlm.")],
    benchmark: Annotated[
        list[str], typer.Option("--benchmark", "-b", help="Kind and parameters, e.g. pope:setting=popular,n=300.")
    ] = ["world_qa", "pope"],  # noqa: B006 - typer copies defaults
    compare: Annotated[
        list[str] | None, typer.Option("--compare", help="Decoding methods side by side, e.g. ritual, vcd:alpha=1.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for answers and the report.")] = Path("runs/eval"),
    max_new_tokens: Annotated[int | None, typer.Option(help="Longest answer (default: each benchmark's own).")] = None,
    batch_size: Annotated[int, typer.Option(help="Prompts at once.")] = 32,
    fresh: Annotated[bool, typer.Option(help="Ask everything again.")] = False,
    json: bool = JSON_OPTION,
) -> None:
    """Measure models on benchmarks; several models or decoding methods side by side, with intervals.

    Example: vistune eval nano-vlm -b pope:setting=adversarial --compare ritual --compare vcd
    """
    from vistune.experiments.compare import compare_models

    result = compare_models(
        models, benchmark, compare or [], out, max_new_tokens=max_new_tokens, batch_size=batch_size, resume=not fresh
    )
    if json:
        print_json(result.summary())
        return
    print_table("Results", *result.score_table())
    typer.echo(f"Report: {result.report}")


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("eval")(evaluate)
