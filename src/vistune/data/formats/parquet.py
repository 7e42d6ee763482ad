"""Parquet with pictures as bytes, in the columns that Hugging Face's vision-language sets have.

Written: ``id``, ``images`` (list of ``{bytes, path}``, declared as ``datasets.Image``), ``messages`` (list of ``{role,
content: [{type, text}]}``) and the block ``vistune``. Read: also ``image``, ``conversations``, ``question``/``answer``
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from vistune.core.errors import DataError, MissingExtra
from vistune.data.example import Example, ImageSource, assistant, user
from vistune.data.formats.base import FORMATS, Format, Place
from vistune.data.formats.chat import Chat, parse_messages
from vistune.data.formats.exact import BLOCK, block_of, files_of, restore
from vistune.data.formats.llava import check_counts, parse_turns
from vistune.data.formats.pictures import PictureFolder, staged_folder, suffix_of

#: Examples in a row group, the unit that is read at once; and how many groups a reader keeps.
GROUP = 64
_KEPT = 4


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtra("pyarrow", "data", "Parquet") from error
    return pyarrow, pyarrow.parquet


class ParquetSource:
    """One or several Parquet files; a few row groups are held at a time."""

    def __init__(self, path: Path, images: Path | str | None) -> None:
        files = [path] if path.is_file() else sorted(path.glob("**/*.parquet"))
        if not files:
            raise DataError(f"{path} holds no .parquet file.")
        self.files = files
        self.images = images
        self._open: dict[int, Any] = {}
        self._groups: OrderedDict[int, list[dict[str, Any]]] = OrderedDict()
        table = [(f, g, rows) for f in range(len(files)) for g, rows in enumerate(self._group_rows(f))]
        self._where = np.array([(f, g) for f, g, _ in table], dtype=np.int64).reshape(-1, 2)
        self._ends = np.cumsum([rows for _, _, rows in table], dtype=np.int64)

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_open": {}, "_groups": OrderedDict()}

    def place(self, index: int) -> Place:
        """File, and the number of the row in it (from 1)."""
        file = int(self._where[np.searchsorted(self._ends, index, side="right")][0])
        first = int(np.concatenate([[0], self._ends])[np.flatnonzero(self._where[:, 0] == file)[0]])
        return Place(str(self.files[file]), index - first + 1)

    def example(self, index: int) -> Example:
        """Raises ``DataError`` with the reason."""
        group = int(np.searchsorted(self._ends, index, side="right"))
        start = int(self._ends[group - 1]) if group else 0
        file = self.files[int(self._where[group][0])]
        return parse_row(self._rows(group)[index - start], PictureFolder(file.parent, self.images), str(index))

    def _file(self, number: int) -> Any:
        if number not in self._open:
            pyarrow, parquet = _arrow()
            try:
                self._open[number] = parquet.ParquetFile(self.files[number])
            except (pyarrow.ArrowException, OSError) as error:
                raise DataError(f"{self.files[number]} is not a Parquet file that can be read: {error}.") from error
        return self._open[number]

    def _group_rows(self, number: int) -> list[int]:
        meta = self._file(number).metadata
        return [meta.row_group(group).num_rows for group in range(meta.num_row_groups)]

    def _rows(self, group: int) -> list[dict[str, Any]]:
        if group not in self._groups:
            file, number = self._where[group]
            self._groups[group] = self._file(int(file)).read_row_group(int(number)).to_pylist()
            if len(self._groups) > _KEPT:
                self._groups.popitem(last=False)
        self._groups.move_to_end(group)
        return self._groups[group]


def parse_row(row: dict[str, Any], folder: PictureFolder, name: str) -> Example:
    """A row as an Example. Raises ``DataError``."""
    listed = _pictures(row, folder)
    if row.get("messages") is not None:
        messages = json.loads(row["messages"]) if isinstance(row["messages"], str) else row["messages"]
        example = parse_messages(messages, listed, folder)
    elif row.get("conversations") is not None:
        turns = parse_turns(row["conversations"], "from", "value")
        check_counts(sum(part.image is not None for m in turns for part in m.parts), len(listed))
        example = Example("", turns, listed)
    elif row.get("question") is not None:
        answers = row.get("answer", row.get("answers"))
        answers = [
            str(answer) for answer in (answers if isinstance(answers, list) else [answers]) if answer is not None
        ]
        turns = [user(str(row["question"]), tuple(range(len(listed))))]
        example = Example("", turns + [assistant(answer) for answer in answers[:1]], listed, answers=answers)
    else:
        raise DataError(f"there is no column messages, conversations or question (columns: {', '.join(row)})")
    example.id = str(row["id"] if row.get("id") is not None else name)
    known = ("id", "image", "images", "messages", "conversations", "question", "answer", "answers", BLOCK)
    example.meta.update({key: value for key, value in row.items() if key not in known})
    return restore(example, json.loads(row[BLOCK]) if row.get(BLOCK) else None)


def _pictures(row: dict[str, Any], folder: PictureFolder) -> list[ImageSource]:
    value = row.get("images") if row.get("images") is not None else row.get("image")
    values = [] if value is None else value if isinstance(value, list) else [value]
    return [_picture(value, folder) for value in values]


def _picture(value: Any, folder: PictureFolder) -> ImageSource:
    if isinstance(value, dict) and value.get("bytes") is not None:
        return ImageSource(data=value["bytes"])
    if isinstance(value, dict) and isinstance(value.get("path"), str):
        return folder.find(value["path"])
    if isinstance(value, bytes):
        return ImageSource(data=value)
    if isinstance(value, str):
        return folder.find(value)
    raise DataError(f"a picture must be bytes or a path, not {type(value).__name__}")


@FORMATS.register("parquet")
class Parquet(Format):
    """Parquet files. ``images`` is the folder of pictures that a file names instead of holding."""

    def __init__(self, images: Path | str | None = None) -> None:
        self.images = images

    def open(self, path: Path) -> ParquetSource:
        """A file, or a folder of files."""
        return ParquetSource(path, self.images)

    def write(self, examples: Iterable[Example], path: Path) -> int:
        """``path`` is a ``.parquet`` file, or a folder that gets ``data.parquet``. Pictures are stored as bytes."""
        pyarrow, parquet = _arrow()
        folder, name = (path.parent, path.name) if path.suffix == ".parquet" else (path, "data.parquet")
        schema, count, rest = _schema(pyarrow), 0, iter(examples)
        with staged_folder(folder, last=name) as stage:
            writer = parquet.ParquetWriter(stage / name, schema)
            try:
                while batch := list(islice(rest, GROUP)):
                    writer.write_table(pyarrow.Table.from_pylist(list(_rows(batch)), schema), row_group_size=GROUP)
                    count += len(batch)
            finally:
                writer.close()
        return count


def _schema(pyarrow: Any) -> Any:
    image = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    part = pyarrow.struct([("type", pyarrow.string()), ("text", pyarrow.string())])
    message = pyarrow.struct([("role", pyarrow.string()), ("content", pyarrow.list_(part))])
    text = {"dtype": "string", "_type": "Value"}
    content = {"feature": {"type": text, "text": text}, "_type": "List"}
    features = {
        "id": text,
        "images": {"feature": {"_type": "Image"}, "_type": "List"},
        "messages": {"feature": {"role": text, "content": content}, "_type": "List"},
        BLOCK: text,
    }
    fields = [
        ("id", pyarrow.string()),
        ("images", pyarrow.list_(image)),
        ("messages", pyarrow.list_(message)),
        (BLOCK, pyarrow.string()),
    ]
    return pyarrow.schema(fields, metadata={"huggingface": json.dumps({"info": {"features": features}})})


def _rows(examples: list[Example]) -> Iterator[dict[str, Any]]:
    chat = Chat()
    for example in examples:
        pictures = files_of(example)
        record = chat.record(example, [""] * len(pictures))
        for message in record["messages"]:
            if isinstance(message["content"], str):
                message["content"] = [{"type": "text", "text": message["content"]}]
        block = block_of(example, chat.plain(record), ())
        if example.meta:
            block["meta"] = example.meta
        yield {
            "id": example.id,
            "images": [_stored(picture) for picture in pictures],
            "messages": record["messages"],
            BLOCK: json.dumps(block, ensure_ascii=False) if block else None,
        }


def _stored(picture: ImageSource) -> dict[str, Any]:
    data = picture.encoded()
    return {"bytes": data, "path": picture.path.name if picture.path is not None else f"0.{suffix_of(data)}"}
