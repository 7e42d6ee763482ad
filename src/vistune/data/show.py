"""Labels can be seen: every token of a sample with its role, place, label and picture cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vistune.data.batch import IGNORE, Batch, Role
from vistune.data.encoded import Encoded

if TYPE_CHECKING:
    from rich.table import Table

COLUMNS = ("row", "sample", "position", "token", "id", "role", "turn", "learned", "picture", "cell")


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token as a person wants to see it. ``picture`` and ``cell`` (row, column) are None for text."""

    row: int
    sample: int
    position: int
    token: str
    id: int
    role: str
    turn: int
    learned: bool
    picture: int | None
    cell: tuple[int, int] | None

    def values(self) -> tuple[Any, ...]:
        """In the order of ``COLUMNS``."""
        return tuple(getattr(self, name) for name in COLUMNS)


def describe_tokens(tokens: Batch | Encoded, tokenizer: Any) -> list[TokenRow]:
    """All tokens that are not padding, row by row. ``position`` counts from 0 within each sample."""
    table = _table_of(tokens)
    out: list[TokenRow] = []
    for row in range(table.shape[1]):
        seen: dict[int, int] = {}
        for column in range(table.shape[2]):
            ids, role, turn, _, image, cell_row, cell_col, label, sample = (int(v) for v in table[:, row, column])
            if sample < 0:
                continue
            position = seen[sample] = seen.get(sample, -1) + 1
            picture = image if image >= 0 else None
            cell = (cell_row, cell_col) if cell_row >= 0 else None
            name = Role(role).name.lower()
            text = token_text(tokenizer, ids) if role == Role.TEXT else f"[{name}]"
            out.append(TokenRow(row, sample, position, text, ids, name, turn, label != IGNORE, picture, cell))
    return out


def _table_of(tokens: Batch | Encoded) -> np.ndarray:
    """``[9, B, L]`` in the order of ``encoded.FIELDS``, with the sample last."""
    if isinstance(tokens, Encoded):
        return np.concatenate([tokens.table, np.zeros((1, len(tokens)), dtype=np.int64)])[:, None, :]
    labels = np.full(tuple(tokens.roles.shape), IGNORE) if tokens.labels is None else tokens.labels.cpu().numpy()
    names = ("input_ids", "roles", "turn", "answer", "image", "row", "col")
    fields = [getattr(tokens, name).cpu().numpy().astype(np.int64) for name in names]
    return np.stack([*fields, labels, tokens.sample.cpu().numpy()])


def token_text(tokenizer: Any, token: int) -> str:
    """A token's text with white space made visible; pieces of a character as the tokenizer spells them."""
    text = tokenizer.decode([token], skip_special_tokens=False, clean_up_tokenization_spaces=False)
    if not text or "\ufffd" in text:
        return str(tokenizer.convert_ids_to_tokens(token))
    return text.replace("\n", "\\n").replace("\t", "\\t")


def summarise(rows: list[TokenRow]) -> list[tuple[Any, ...]]:
    """Rows for a table, in the order of ``COLUMNS``: a picture's cells in one line, spaces as middle dots."""
    out: list[tuple[Any, ...]] = []
    start = 0
    while start < len(rows):
        stop = start + 1
        first = rows[start]
        if first.picture is not None:
            here = (first.row, first.sample, first.picture)
            while stop < len(rows) and (rows[stop].row, rows[stop].sample, rows[stop].picture) == here:
                stop += 1
        last = rows[stop - 1]
        values = list(first.values())
        if stop - start > 1:
            values[2] = f"{first.position}-{last.position}"
            values[3] = f"[{stop - start} {first.role} tokens]"
            values[9] = f"{_cell(first)}-{_cell(last)}"
        else:
            values[3] = first.token.replace(" ", "·") if first.picture is None else first.token
            values[9] = _cell(first)
        values[7] = "yes" if first.learned else "-"
        values[8] = "" if first.picture is None else first.picture
        out.append(tuple(values))
        start = stop
    return out


def _cell(row: TokenRow) -> str:
    return "" if row.cell is None else f"{row.cell[0]},{row.cell[1]}"


def token_table(rows: list[TokenRow], title: str = "", whole: bool = False) -> Table:
    """A rich table; learned tokens stand out. ``whole`` gives each visual token a line of its own.

    The columns ``row`` and ``sample`` are left out where there is one only.
    """
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title or None, title_justify="left")
    alone = {name for name in ("row", "sample") if len({getattr(row, name) for row in rows}) < 2}
    shown = [place for place, name in enumerate(COLUMNS) if name not in alone]
    for name in (COLUMNS[place] for place in shown):
        table.add_column(name, justify="left" if name in ("token", "role", "cell") else "right")
    lines = [row.values() for row in rows] if whole else summarise(rows)
    for values in lines:
        learned = values[7] in (True, "yes")
        style = "bold green" if learned else "cyan" if values[5] == "image" else ""
        cells = ("" if values[place] is None else str(values[place]) for place in shown)
        table.add_row(*map(escape, cells), style=style)
    return table
