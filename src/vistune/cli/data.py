"""``vistune data``: make, convert, inspect, show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from vistune.cli.output import JSON_OPTION, print_json, print_table

app = typer.Typer(help="Make, convert and look at instruction data.", no_args_is_help=True)


@app.command()
def make(
    kind: Annotated[str, typer.Argument(help="Kind of data, e.g. world, pairs, video, pages.")],
    n: Annotated[int, typer.Option(help="Number of examples.")] = 1000,
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("data"),
    format: Annotated[str, typer.Option(help="llava, chat, parquet or webdataset.")] = "llava",
    parameter: Annotated[list[str] | None, typer.Option("--set", help="Engine parameter, key=value.")] = None,
    workers: Annotated[int, typer.Option(help="Processes.")] = 1,
    engine: Annotated[str, typer.Option(help="What runs the makers: processes or ray.")] = "processes",
    annotations: Annotated[
        bool, typer.Option("--annotations", help="Also boxes, masks... in the field's formats.")
    ] = False,
    json: bool = JSON_OPTION,
) -> None:
    """Make instruction data of one kind and write it in a published format.

    Example: vistune data make world --n 20000 --out data/world --format llava
    """
    from vistune.experiments.datasets import make_data

    through: Any = engine
    summary = make_data(
        kind, n, out, format, parameter or [], workers=workers, through=through, annotations=annotations
    )
    if json:
        print_json(summary)
        return
    typer.echo(f"{summary['examples']} examples in {summary['seconds']:.1f} s -> {summary['path']}")
    for path in summary.get("annotations", ()):
        typer.echo(f"Annotations: {path}")


@app.command("from-benchmarks")
def from_benchmarks(
    benchmark: Annotated[list[str], typer.Option("-b", "--benchmark", help="kind or kind:key=value,..., repeatable.")],
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("data"),
    format: Annotated[str, typer.Option(help="llava, chat, parquet or webdataset.")] = "chat",
    json: bool = JSON_OPTION,
) -> None:
    """Make instruction data of what benchmarks ask in their training splits, in their own wordings.

    Example: vistune data from-benchmarks -b mme:n=2000,seed=50 -b scienceqa:n=2000 --out data/requests
    """
    from vistune.experiments.instructions import benchmark_data

    summary = benchmark_data(benchmark, out, format)
    if json:
        print_json(summary)
        return
    counts = [(name, str(c["written"]), str(c["left_out"])) for name, c in summary["benchmarks"].items()]
    print_table("Instruction data", ["benchmark", "written", "left out"], counts)
    typer.echo(f"{summary['examples']} examples -> {summary['path']}")


@app.command()
def convert(
    source: Annotated[Path, typer.Argument(help="File or folder to read.")],
    target: Annotated[Path, typer.Argument(help="File or folder to write.")],
    to: Annotated[str, typer.Option(help="llava, chat, parquet or webdataset.")],
    source_format: Annotated[str, typer.Option("--from", help="Format of the source (default: found out).")] = "auto",
    json: bool = JSON_OPTION,
) -> None:
    """Read one published format and write another; bad records go to rejected.jsonl.

    Example: vistune data convert llava.json shards/ --to webdataset
    """
    from vistune.experiments.datasets import convert_data

    summary = convert_data(source, target, to, source_format)
    if json:
        print_json(summary)
    else:
        typer.echo(f"{summary['examples']} examples written, {summary['rejected']} rejected -> {summary['path']}")


@app.command()
def inspect(
    source: Annotated[Path, typer.Argument(help="File or folder to read.")],
    format: Annotated[str, typer.Option(help="Its format (default: found out).")] = "auto",
    gallery: Annotated[Path | None, typer.Option(help="Write a gallery page here.")] = None,
    blind: Annotated[bool, typer.Option("--blind", help="What can be answered without the picture, by type.")] = False,
    json: bool = JSON_OPTION,
) -> None:
    """Counts, answer balance, lengths, blind baselines, and a gallery page.

    Example: vistune data inspect data/world/data.json --gallery gallery.html
    """
    from vistune.experiments.datasets import inspect_data

    statistics, tables = inspect_data(source, format, gallery, blind)
    if json:
        print_json(statistics)
        return
    for table in tables:
        print_table(*table)
    if gallery is not None:
        typer.echo(f"Gallery: {gallery}")


@app.command()
def show(
    source: Annotated[Path, typer.Argument(help="File or folder to read.")],
    model: Annotated[str, typer.Option(help="Whose tokenizer and picture grid to use.")] = "nano-vlm",
    index: Annotated[int, typer.Option(help="Which example.")] = 0,
    format: Annotated[str, typer.Option(help="Its format (default: found out).")] = "auto",
    cells: Annotated[bool, typer.Option("--cells", help="A line for each visual token.")] = False,
    json: bool = JSON_OPTION,
) -> None:
    """Each token of one sample with its role, label and position, as the model will learn it.

    Example: vistune data show data/world/data.json --index 3
    """
    from dataclasses import asdict

    from vistune.experiments.datasets import show_tokens

    rows = show_tokens(source, model, index, format)
    if json:
        print_json([asdict(row) for row in rows])
        return
    from rich.console import Console

    from vistune.data.show import token_table

    Console().print(token_table(rows, f"{source} [{index}]", whole=cells))
