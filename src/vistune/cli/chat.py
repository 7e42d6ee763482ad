"""``vistune chat`` and ``vistune generate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vistune.cli.output import JSON_OPTION, print_json

MODEL = Annotated[str, typer.Argument(help="A model folder or a shipped name, e.g. nano-vlm.")]
METHOD = Annotated[str | None, typer.Option(help="A decoding method, e.g. ritual or vcd:alpha=0.5.")]


def generate(
    model: MODEL,
    prompt: Annotated[str, typer.Argument(help="What to ask.")],
    image: Annotated[list[Path] | None, typer.Option("--image", "-i", help="Picture file; repeat for several.")] = None,
    method: METHOD = None,
    max_new_tokens: Annotated[int, typer.Option(help="Longest answer.")] = 128,
    temperature: Annotated[float, typer.Option(help="0 is greedy.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Seed of sampling.")] = 0,
    json: bool = JSON_OPTION,
) -> None:
    """One answer to one prompt, with or without pictures.

    Example: vistune generate nano-vlm "what do you see?" -i scene.png
    """
    from vistune.experiments.talk import answer_once

    answer = answer_once(
        model, prompt, image or [], method=method, max_new_tokens=max_new_tokens, temperature=temperature, seed=seed
    )
    if json:
        print_json(answer)
    else:
        typer.echo(answer["text"])


def chat(
    model: Annotated[str, typer.Argument(help="A model folder or a shipped name.")] = "nano-vlm",
    image: Annotated[Path | None, typer.Option("--image", "-i", help="Picture (default: a new scene).")] = None,
    method: METHOD = None,
) -> None:
    """Talk about a picture in the terminal. ``/new`` shows another scene, ``/image FILE`` opens one, ``/quit`` ends.

    Example: vistune chat nano-vlm -i scene.png
    """
    from vistune.experiments.talk import chat_loop

    chat_loop(model, image, method=method)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(generate)
    app.command()(chat)
