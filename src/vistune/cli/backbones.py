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
    name: Annotated[str, typer.Argument(help="nano-lm, nano-vision, nano-vlm or nano-vlm-world.")],
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


@app.command()
def ship(
    name: Annotated[str, typer.Argument(help="nano-lm, nano-vision, nano-vlm or nano-vlm-world.")],
    run: Annotated[Path, typer.Argument(help="Folder that 'backbones train' wrote.")],
    folder: Annotated[Path | None, typer.Option(help="Folder of the checkpoints (default: the package's).")] = None,
) -> None:
    """Put a trained backbone, in fp16, where the shipped ones lie.

    Example: vistune backbones ship nano-vlm runs/nano-vlm
    """
    from vistune.experiments.backbones import ship_backbone

    typer.echo(str(ship_backbone(name, run, folder)))


@app.command()
def measure(
    folder: Annotated[Path | None, typer.Argument(help="Folder of the checkpoints.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for answers and report.")] = Path("runs/backbones"),
    page: Annotated[Path | None, typer.Option(help="Docs page to write.")] = None,
    json: bool = JSON_OPTION,
) -> None:
    """Measure the shipped checkpoints on held-out questions; write their measures.json and model cards.

    Example: vistune backbones measure --page docs/results/backbones.md
    """
    from vistune.experiments.backbones import shipped_folder
    from vistune.experiments.cards import measure_backbones

    results = measure_backbones(folder or shipped_folder(), out, page)
    if json:
        print_json({model: {name: r.summary() for name, r in found.items()} for model, found in results.items()})
        return
    rows = [(model, name, r.main, f"{r.score:.3f}") for model, found in results.items() for name, r in found.items()]
    print_table("Measured", ("model", "benchmark", "measure", "score"), rows)
