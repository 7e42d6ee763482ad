"""Result pages: the figures of a finished command as JSON and as a Markdown page that names the command."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from vistune.core.device import describe_machine
from vistune.core.errors import DataError
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


def add_note(folder: Path, name: str, note: str) -> Path:
    """Say something about figures that stand: ``note`` in ``name.json`` and under the first lines of ``name.md``.

    A note given earlier makes way; the command, run again, writes both files without it. Returns the page. Raises
    ``DataError`` where ``name`` has no results.
    """
    figures, path = folder / f"{name}.json", folder / f"{name}.md"
    if not figures.is_file() or not path.is_file():
        raise DataError(f"{folder} holds no results of the name '{name}' ({name}.json and {name}.md).")
    facts = json.loads(figures.read_text(encoding="utf-8"))
    page = path.read_text(encoding="utf-8")
    if "note" in facts:
        page = page.replace(f"Note: {facts['note']}\n\n", "")
    head = f"Figures: [`{name}.json`]({name}.json).\n\n"
    before, found, after = page.partition(head)
    if not found:
        raise DataError(f"{path} is no page of results: it does not name its figures.")
    write_json(figures, {**facts, "note": note})
    write_text(path, f"{before}{head}Note: {note}\n\n{after}")
    return path
