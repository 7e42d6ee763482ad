"""Result pages: the figures of a finished command as JSON and as a Markdown page that names the command."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from vistune.core.device import describe_machine
from vistune.core.files import write_json, write_text

Table = tuple[str, Sequence[str], Iterable[Sequence[Any]]]


def write_results(
    folder: Path, name: str, command: str, summary: dict[str, Any], tables: Sequence[Table], about: str = ""
) -> Path:
    """Write ``name.json`` and ``name.md`` into ``folder``; returns the page. ``about`` stands above the tables."""
    folder.mkdir(parents=True, exist_ok=True)
    machine = describe_machine()
    write_json(folder / f"{name}.json", {"command": command, "machine": machine, **summary})
    lines = [f"# {name}", "", f"`{command}`", "", f"Figures: [`{name}.json`]({name}.json).", ""]
    if about:
        lines += [about, ""]
    for title, columns, rows in tables:
        lines += [f"## {title}", "", "| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
        lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows] + [""]
    lines += ["Machine: " + ", ".join(f"{key} {value}" for key, value in machine.items()) + ".", ""]
    path = folder / f"{name}.md"
    write_text(path, "\n".join(lines))
    return path
