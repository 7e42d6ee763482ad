"""Votes as files: JSON lines, CSV, and the form that FastChat's rating scripts read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vistune.core.errors import ConfigError, nearest
from vistune.core.files import write_json, write_text
from vistune.evaluation.arena.store import StoredBattle, StoredVote, as_rows
from vistune.evaluation.metrics.style import style_of

FORMATS = ("jsonl", "csv", "fastchat")
_FASTCHAT = {"a": "model_a", "b": "model_b", "tie": "tie", "bad": "tie (bothbad)"}


def write_votes(
    pairs: Iterable[tuple[StoredBattle, StoredVote]], path: Path, format: str, *, counted_only: bool = False
) -> int:
    """Write battles with their votes. ``counted_only``: those without a flag. -> how many.

    ``fastchat``: one JSON list with ``model_a``, ``model_b``, ``winner``, ``judge``, ``turn``, ``anony``, ``language``,
    ``tstamp``, both conversations and the counts of style. Raises ``ConfigError`` for another format.
    """
    if format not in FORMATS:
        raise ConfigError(f"There is no --format '{format}'. {nearest(format, FORMATS)}")
    found = [pair for pair in pairs if not (counted_only and pair[1].flags)]
    rows = as_rows(found)
    if format == "jsonl":
        write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    elif format == "csv":
        write_text(path, _csv(rows))
    else:
        write_json(path, [_fastchat(*pair) for pair in found])
    return len(found)


def _csv(rows: Iterable[dict[str, Any]]) -> str:
    buffer = io.StringIO()
    names = [*StoredBattle.__dataclass_fields__, "winner", "voted", "flags"]
    writer = csv.DictWriter(buffer, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "flags": " ".join(row["flags"])} for row in rows)
    return buffer.getvalue()


def _fastchat(battle: StoredBattle, vote: StoredVote) -> dict[str, Any]:
    styles = {side: style_of(text) for side, text in (("a", battle.answer_a), ("b", battle.answer_b))}
    metadata: dict[str, Any] = {}
    for side, style in styles.items():
        metadata[f"sum_assistant_{side}_tokens"] = int(style["length"])
        metadata |= {f"{name}_count_{side}": int(style[f"{name}s"]) for name in ("header", "list")}
        metadata[f"bold_count_{side}"] = int(style["bold"])
    return {
        "question_id": battle.id,
        "model_a": battle.a,
        "model_b": battle.b,
        "winner": _FASTCHAT[vote.winner],
        "judge": vote.voter,
        "turn": 1,
        "anony": True,
        "language": "English",
        "tstamp": vote.created,
        "conversation_a": _conversation(battle.question, battle.answer_a),
        "conversation_b": _conversation(battle.question, battle.answer_b),
        "conv_metadata": metadata,
    }


def _conversation(question: str, answer: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
