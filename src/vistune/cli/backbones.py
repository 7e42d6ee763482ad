"""``vistune backbones``: the shipped nano checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vistune.cli.output import JSON_OPTION, print_json, print_table

app = typer.Typer(help="The shipped nano checkpoints and how they were made.", no_args_is_help=True)


@app.command("list")
def list_backbones(json: bool = JSON_OPTION) -> None:
    """Names, sizes and held-out measures of the shipped checkpoints.

    Example: vistune backbones list
    """
    from vistune.experiments.backbones import shipped

    found = shipped()
    if json:
        print_json(found)
        return
    rows = [(b["name"], b["kind"], f"{b['parameters']:,}", f"{b['megabytes']:.1f}", b["measure"]) for b in found]
    print_table("Shipped backbones", ("name", "kind", "parameters", "MB", "held-out"), rows)


@app.command()
def train(
    name: Annotated[str, typer.Argument(help="nano-lm, nano-vision or nano-vlm.")],
    overrides: Annotated[list[str] | None, typer.Argument(help="Dotted overrides, key=value.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write (default: runs/NAME).")] = None,
    json: bool = JSON_OPTION,
) -> None:
    """Train a backbone again by the recipe that made the shipped one.

    Example: vistune backbones train nano-lm steps=500
    """
    from vistune.experiments.backbones import train_backbone

    measures = train_backbone(name, overrides or [], out or Path("runs") / name)
    if json:
        print_json(measures)
    else:
        print_table(name, ("measure", "value"), sorted(measures.items()))
