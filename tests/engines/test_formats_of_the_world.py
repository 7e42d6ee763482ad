"""What engines make, in each published format: read back and equal, with pictures, regions and what is known beside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vistune.data.example import Example
from vistune.data.formats import read
from vistune.engines import ENGINES
from vistune.experiments.datasets import make_data

#: Several pictures with text between them; regions of all forms; pictures beside none.
MADE: dict[str, dict[str, Any]] = {
    "sequences": {"tasks": {"document": 1.0, "sort": 1.0}},
    "marks": {"image_size": 96, "tasks": {"pointed": 1.0, "question": 1.0}},
    "world": {"tasks": {"text_only": 1.0, "reason": 1.0, "caption": 1.0}},
}
FORMATS = {"llava": "data.json", "chat": "data.jsonl", "parquet": "", "webdataset": "shards"}


def whole(example: Example) -> tuple[Any, ...]:
    pictures = [np.asarray(image.open().convert("RGB")).tobytes() for image in example.images]
    said = [(message.role, message.parts, message.learn) for message in example.messages]
    return example.id, said, pictures, example.regions, example.answers, json.dumps(example.meta, sort_keys=True)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kind", MADE)
def test_read_back_and_equal(kind: str, format: str, tmp_path: Path) -> None:
    parameters = [f"{name}={json.dumps(value)}" for name, value in MADE[kind].items()]
    make_data(kind, 8, tmp_path, format, parameters)
    back = sorted(read(tmp_path / FORMATS[format], format), key=lambda e: e.id or "")
    made = sorted(ENGINES.build({"kind": kind, "n": 8, **MADE[kind]}).examples(), key=lambda e: e.id or "")
    assert [whole(example) for example in back] == [whole(example) for example in made]
    assert kind != "marks" or any(example.regions for example in back)
    assert all(example.provenance is not None and example.provenance.source == "world" for example in back)
