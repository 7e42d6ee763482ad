"""NLVR (Suhr et al. 2017) as published: ``<split>/<split>.json`` (one sentence a line) and six pictures a scene.

Each example is one sentence with one of its pictures; ``meta`` has what the official script needs (``identifier``,
``permutation``, ``label``).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vistune.core.errors import DataError, nearest
from vistune.data.example import Example, ImageSource, Provenance, assistant, user
from vistune.data.formats.base import FORMATS, Format, Place
from vistune.data.formats.records import JsonRecords

SPLITS = ("train", "dev", "hidden", "test")
PROMPT = "{sentence} true or false?"
PERMUTATIONS = 6

#: The three boxes of a 400 x 100 picture, from left to right: first and last column.
BOX_COLUMNS = ((0, 100), (150, 250), (300, 400))


class NLVRSource:
    """Sentences crossed with those of their pictures that are there."""

    def __init__(self, root: Path, split: str, boxes: bool, prompt: str) -> None:
        self.records = JsonRecords(root / split / f"{split}.json")
        self.images = root / split / "images"
        self.split, self.boxes, self.prompt = split, boxes, prompt
        there = {entry.stem: entry.relative_to(self.images).as_posix() for entry in self.images.rglob("*.png")}
        if not there:
            raise DataError(f"{self.images} holds no pictures (.png).")
        self._names: list[str | None] = []
        self._pairs: list[tuple[int, int]] = []
        for record in range(len(self.records)):
            self._index(record, there)

    def _index(self, record: int, there: dict[str, str]) -> None:
        try:
            identifier = self.records[record]["identifier"]
        except (DataError, KeyError):
            self._pairs.append((record, -1))  # told when it is asked for
            self._names.append(None)
            return
        for permutation in range(PERMUTATIONS):
            name = there.get(f"{self.split}-{identifier}-{permutation}")
            if name is not None:
                self._pairs.append((record, permutation))
                self._names.append(name)

    def __len__(self) -> int:
        return len(self._pairs)

    def place(self, index: int) -> Place:
        """File and line of the sentence."""
        return self.records.place(self._pairs[index][0])

    def example(self, index: int) -> Example:
        """Raises ``DataError`` with the reason."""
        number, permutation = self._pairs[index]
        record, name = self.records[number], self._names[index]
        if name is None or not isinstance(record.get("sentence"), str) or record.get("label") not in ("true", "false"):
            raise DataError("a record needs sentence, identifier and label ('true' or 'false')")
        path = self.images / name
        pictures = cut_boxes(path) if self.boxes else [ImageSource(path=path)]
        asked = user(self.prompt.format(sentence=record["sentence"]), tuple(range(len(pictures))))
        meta = {key: record[key] for key in ("sentence", "identifier", "label")}
        return Example(
            id=f"{self.split}-{record['identifier']}-{permutation}",
            messages=[asked, assistant(record["label"])],
            images=pictures,
            answers=[record["label"]],
            provenance=Provenance(source="nlvr", licence="CC-BY-4.0"),
            meta={**meta, "permutation": permutation, "split": self.split},
        )


def cut_boxes(path: Path) -> list[ImageSource]:
    """The three grey boxes of a picture, ``[100, 100, 3]`` each. Raises ``DataError``."""
    pixels = np.asarray(ImageSource(path=path).open())
    if pixels.shape != (100, 400, 3):
        raise DataError(f"{path} is {pixels.shape[1]} x {pixels.shape[0]}, where an NLVR picture is 400 x 100")
    return [ImageSource(array=np.ascontiguousarray(pixels[:, start:stop])) for start, stop in BOX_COLUMNS]


@FORMATS.register("nlvr")
class NLVR(Format):
    """NLVR's folder. ``boxes`` True cuts each picture into its three boxes; ``prompt`` holds ``{sentence}``."""

    def __init__(self, split: str = "train", boxes: bool = True, prompt: str = PROMPT) -> None:
        self.split = split
        self.boxes = boxes
        self.prompt = prompt

    def open(self, path: Path) -> NLVRSource:
        """The folder with ``train/``, ``dev/`` and ``hidden/``."""
        if not (path / self.split / f"{self.split}.json").is_file():
            found = [split for split in SPLITS if (path / split / f"{split}.json").is_file()]
            if not found:
                raise DataError(f"{path} is no NLVR folder: it needs {self.split}/{self.split}.json and its images.")
            raise DataError(f"{path} has no NLVR split '{self.split}'. {nearest(self.split, found)}")
        return NLVRSource(path, self.split, self.boxes, self.prompt)
