"""Asking a model in the terminal: one prompt, or a conversation about a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vistune.data.example import Example, ImageSource, Message, Part, assistant, user
from vistune.experiments.specs import parse_spec


def _method(spec: str | None) -> Any:
    from vistune.decoding import DECODERS

    return None if spec is None else DECODERS.build(parse_spec(spec))


def answer_once(
    model: str,
    prompt: str,
    images: list[Path],
    *,
    method: str | None = None,
    max_new_tokens: int = 128,
    temperature: float = 0.0,
    seed: int = 0,
) -> dict[str, Any]:
    """Answer one prompt about ``images``. Returns text, number of tokens and why it ended."""
    from vistune.decoding import Settings, generate
    from vistune.models.loading import load_model

    settings = Settings(
        max_new_tokens=max_new_tokens,
        mode="sample" if temperature > 0 else "greedy",
        temperature=temperature or 1.0,
        seed=seed,
    )
    sources = [ImageSource(path=path) for path in images]
    example = Example("prompt", [user(prompt, images=tuple(range(len(sources))))], sources)
    answer = generate(load_model(model), [example], settings=settings, method=_method(method))[0]
    return {"text": answer.text, "tokens": len(answer.tokens), "finish": answer.finish_reason}


def new_scene(seed: int) -> ImageSource:
    """A fresh picture of the nano world."""
    from vistune.world import render, sample_scene

    return ImageSource(array=render(sample_scene(seed, split="test"), 64))


def chat_loop(model: str, image: Path | None, *, method: str | None = None) -> None:
    """Read questions from the terminal and answer them until ``/quit`` or the end of input."""
    from rich.console import Console

    from vistune.decoding import Settings, stream
    from vistune.models.loading import load_model

    console = Console()
    answerer, decoder = load_model(model), _method(method)
    seed = 0
    picture = ImageSource(path=image) if image else new_scene(seed)
    messages: list[Message] = []
    console.print(f"[dim]{model}: /new another scene, /image FILE, /save FILE the picture, /quit[/dim]")
    while True:
        try:
            line = console.input("[bold]you[/bold]  ").strip()
        except EOFError:
            return
        if line == "/quit":
            return
        if line == "/new" or line.startswith("/image "):
            seed += 1
            picture = (
                new_scene(seed) if line == "/new" else ImageSource(path=Path(line.removeprefix("/image ").strip()))
            )
            messages = []
            continue
        if line.startswith("/save "):
            picture.open().save(line.removeprefix("/save ").strip())
            continue
        if not line:
            continue
        messages.append(Message("user", [Part(text=line)]) if messages else user(line, images=(0,)))
        console.print("[bold]model[/bold] ", end="")
        said = ""
        for piece in stream(answerer, Example("chat", messages, [picture]), settings=Settings(), method=decoder):
            said += piece
            console.print(piece, end="", markup=False, highlight=False)
        console.print()
        messages.append(assistant(said.strip()))
