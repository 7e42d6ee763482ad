"""Documents of texts and pictures in turns, with OBELICS' four columns (Laurencon et al., arXiv 2306.16527).

``images`` and ``texts`` are of one length, and at each place one of the two is not null. ``metadata`` is JSON written out as
a string: a list with an object for each picture, null for each text. ``general_metadata`` is another such string. The set is
published as Parquet; here it is one document a line, which ``datasets.load_dataset("json", ...)`` reads to the same columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError
from vistune.data.annotations.files import need, read_lines, write_lines

_KEYS = ("images", "metadata", "general_metadata", "texts")


@dataclass(frozen=True)
class Picture:
    """A picture in a document: where it is, and what is known of it (``alt_text``, ``original_width``...)."""

    src: str
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class InterleavedDocument:
    """Texts and pictures in reading order, and what is known of the whole."""

    parts: tuple[str | Picture, ...]
    metadata: dict[str, Any] = field(default_factory=dict)


def write_obelics(path: Path | str, documents: Iterable[InterleavedDocument]) -> Path:
    """Write one document a line. -> the path."""
    return write_lines(path, map(_record, documents))


def _record(document: InterleavedDocument) -> dict[str, Any]:
    pictures = [part if isinstance(part, Picture) else None for part in document.parts]
    return {
        "images": [None if picture is None else picture.src for picture in pictures],
        "metadata": json.dumps([None if p is None else {"src": p.src, **p.metadata} for p in pictures]),
        "general_metadata": json.dumps(document.metadata),
        "texts": [part if isinstance(part, str) else None for part in document.parts],
    }


def read_obelics(path: Path | str) -> list[InterleavedDocument]:
    """Read documents. Raises ``DataError`` where the columns do not go together."""
    return [_document(line, where) for where, line in read_lines(path)]


def _document(line: Any, where: str) -> InterleavedDocument:
    record = need(line, _KEYS, where)
    images, texts = record["images"], record["texts"]
    if len(images) != len(texts) or any((image is None) == (text is None) for image, text in zip(images, texts)):
        raise DataError(f"{where}: at each place either an image or a text is expected.")
    try:
        known, general = json.loads(record["metadata"]), json.loads(record["general_metadata"])
    except (TypeError, json.JSONDecodeError) as error:
        raise DataError(f"{where}: metadata and general_metadata are JSON in strings ({error}).") from error
    if len(known) != len(images):
        raise DataError(f"{where}: metadata has {len(known)} places, the document {len(images)}.")
    parts = tuple(
        text if image is None else Picture(image, {k: v for k, v in (about or {}).items() if (k, v) != ("src", image)})
        for image, text, about in zip(images, texts, known)
    )
    return InterleavedDocument(parts, general)
