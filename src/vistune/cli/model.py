"""``vistune export`` and ``vistune info``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vistune.cli.output import JSON_OPTION, print_json, print_table


def export(
    model: Annotated[str, typer.Argument(help="A model folder or a shipped name.")],
    out: Annotated[Path, typer.Argument(help="Folder to write.")],
    format: Annotated[str, typer.Option(help="hf-llava.")] = "hf-llava",
) -> None:
    """Merge adapters and write a checkpoint that plain transformers loads.

    Example: vistune export runs/mine/model mine-llava
    """
    from vistune.models.vlm import VisionLanguageModel

    VisionLanguageModel.from_pretrained(model).export(out, format=format)
    typer.echo(f"Written: {out}")


def info(
    model: Annotated[str | None, typer.Argument(help="A model to describe (default: this installation).")] = None,
    json: bool = JSON_OPTION,
) -> None:
    """What is installed and on which machine, or what a model is made of.

    Example: vistune info nano-vlm
    """
    from vistune.experiments.info import describe_installation, describe_model

    if model is None:
        facts = describe_installation()
        if json:
            print_json(facts)
        else:
            print_table("vistune", ("what", "value"), ((k, str(v)) for k, v in facts.items()))
        return
    columns, rows = describe_model(model)
    if json:
        print_json([dict(zip(columns, row)) for row in rows])
    else:
        print_table(model, columns, ((part, kind, f"{count:,}") for part, kind, count in rows))


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(export)
    app.command()(info)
