"""Printing: rich tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import typer

JSON_OPTION = typer.Option(False, "--json", help="Print JSON for a program to read.")


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table for the terminal; columns whose cells are all numbers are right-aligned."""
    from rich.console import Console
    from rich.table import Table

    body = [[str(cell) for cell in row] for row in rows]
    table = Table(title=title, title_justify="left", header_style="bold")
    for index, column in enumerate(columns):
        numeric = bool(body) and all(_is_number(row[index]) for row in body)
        table.add_column(column, justify="right" if numeric else "left")
    for row in body:
        table.add_row(*row)
    Console().print(table)


def _is_number(text: str) -> bool:
    return text.strip("%±+-,. x").replace(".", "").replace(",", "").isdigit()
