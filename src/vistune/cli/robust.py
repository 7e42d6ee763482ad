"""``vistune robust``: what answers hang on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vistune.cli.output import JSON_OPTION, print_json, print_table

app = typer.Typer(
    help="What answers hang on: changed pictures, the wording of the instruction, single layers.", no_args_is_help=True
)

_RESULTS = Annotated[Path | None, typer.Option(help="Also write a page and its JSON into this folder.")]


@app.command()
def pictures(
    model: Annotated[str, typer.Argument(help="Model folder or shipped name.")],
    benchmark: Annotated[
        list[str] | None, typer.Option("--benchmark", "-b", help="What to ask (default: world_qa, pope).")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for answers.")] = Path("runs/robust-pictures"),
    permutations: Annotated[int, typer.Option(help="Orders of the visual tokens.")] = 5,
    results: _RESULTS = None,
    json: bool = JSON_OPTION,
) -> None:
    """Benchmarks clean, blind, on shuffled, dropped and corrupted pictures, and with visual tokens permuted.

    Example: vistune robust pictures nano-vlm -b world_qa:n=200
    """
    from dataclasses import asdict

    from vistune.experiments.robustness import picture_table, robust_pictures

    asked = benchmark or ["world_qa", "pope"]
    found = robust_pictures(model, asked, out, permutations=permutations)
    table = picture_table(found)
    if results is not None:
        from vistune.experiments.results import write_results

        command = " ".join(["vistune robust pictures", model, *(f"-b {b}" for b in asked)])
        about = (
            "Paired differences to the clean pictures in points, with 95% intervals over pictures; levels as in "
            "[Robustness](../robustness.md)."
        )
        summary = {"found": [asdict(one) for one in found]}
        write_results(results, "robustness", command, summary, [(model, *table)], about)
    if json:
        print_json([asdict(one) for one in found])
    else:
        print_table(model, *table)


@app.command()
def instructions(
    models: Annotated[list[str], typer.Argument(help="Model folders or shipped names.")],
    benchmark: Annotated[
        str, typer.Option("--benchmark", "-b", help="mm_bigbench with its parameters.")
    ] = "mm_bigbench",
    out: Annotated[Path, typer.Option(help="Folder for answers.")] = Path("runs/robust-instructions"),
    results: _RESULTS = None,
    json: bool = JSON_OPTION,
) -> None:
    """Models under ten instructions: best, mean relative gain, stability, adaptability.

    Example: vistune robust instructions nano-vlm -b mm_bigbench:n=20
    """
    from vistune.experiments.robustness import robust_instructions

    table = robust_instructions(models, out, benchmark=benchmark)
    tables = [("Models", *table.model_table()), ("Instructions", *table.instruction_table())]
    if results is not None:
        from vistune.experiments.results import write_results

        command = " ".join(["vistune robust instructions", *models, "-b", benchmark])
        about = "Accuracies in percent. Relative gains compare what stands in this table only; a model at chance is steady too."
        write_results(results, "instructions", command, table.summary(), tables, about)
    if json:
        print_json(table.summary())
        return
    for told in tables:
        print_table(*told)


@app.command()
def layers(
    model: Annotated[str, typer.Argument(help="Model folder or shipped name.")],
    benchmark: Annotated[
        list[str] | None, typer.Option("--benchmark", "-b", help="What to ask (default: world_qa).")
    ] = None,
    part: Annotated[str, typer.Option(help="decoder or vision.")] = "decoder",
    out: Annotated[Path, typer.Option(help="Folder for answers.")] = Path("runs/robust-layers"),
    noisy: Annotated[int, typer.Option(help="Items on which noise at each decoder layer is tried; 0: none.")] = 16,
    sigma: Annotated[float, typer.Option(help="Noise, as a share of each token's size.")] = 0.1,
    results: _RESULTS = None,
    json: bool = JSON_OPTION,
) -> None:
    """Each layer left out in turn, and noise at its input: what the score and the answer lose.

    Example: vistune robust layers nano-vlm -b world_qa:n=200
    """
    from dataclasses import asdict

    from vistune.experiments.layers import layer_table, robust_layers

    asked = benchmark or ["world_qa"]
    found = robust_layers(model, asked, out, part=part, noisy=noisy, sigma=sigma)  # type: ignore[arg-type]
    table = layer_table(found)
    if results is not None:
        from vistune.experiments.results import write_results

        command = " ".join(["vistune robust layers", model, *(f"-b {b}" for b in asked), f"--part {part}"])
        about = (
            "Differences in points to the whole model on the same items, with 95% intervals over pictures. Noise: each layer's "
            "share in the KL divergence of the answer, over all layers."
        )
        write_results(
            results, f"layers-{part}", command, {"found": [asdict(one) for one in found]}, [(model, *table)], about
        )
    if json:
        print_json([asdict(one) for one in found])
    else:
        print_table(model, *table)


@app.command()
def alignment(
    model: Annotated[str, typer.Argument(help="Model folder or shipped name.")],
    n: Annotated[int, typer.Option(help="Pictures, each with a caption.")] = 200,
    k: Annotated[int, typer.Option(help="Neighbours of each.")] = 10,
    captions: Annotated[
        Path | None, typer.Option(help="File of captions (COCO and others) in place of scenes.")
    ] = None,
    images: Annotated[Path | None, typer.Option(help="Folder of its pictures.")] = None,
    results: _RESULTS = None,
    json: bool = JSON_OPTION,
) -> None:
    """Mutual nearest neighbours of pictures and captions: encoder, behind the connector, in the decoder.

    Example: vistune robust alignment nano-vlm --n 200 --k 10
    """
    from dataclasses import asdict

    from vistune.experiments.layers import alignment_table, robust_alignment

    found = robust_alignment(model, n=n, k=k, captions=captions, images=images)
    table = alignment_table(found)
    if results is not None:
        from vistune.experiments.results import write_results

        command = f"vistune robust alignment {model} --n {n} --k {k}" + (f" --captions {captions}" if captions else "")
        about = "Mean share of common nearest neighbours, 95% intervals over pictures; values of another n or k do not compare."
        write_results(
            results, "alignment", command, {"found": [asdict(one) for one in found]}, [(model, *table)], about
        )
    if json:
        print_json([asdict(one) for one in found])
    else:
        print_table(model, *table)
