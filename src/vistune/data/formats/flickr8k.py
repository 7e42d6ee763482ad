"""Flickr8k captions (Hodosh et al. 2013): ``captions.txt`` (``image,caption``), split lists, and ``Images/``."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Literal

from vistune.core.errors import DataError, nearest
from vistune.data.example import Example, ImageSource, Provenance, assistant, user
from vistune.data.formats.base import FORMATS, Format, Place
from vistune.data.formats.records import read_text_lines

PROMPT = "describe the picture."
SPLITS = ("train", "dev", "test")


class Flickr8kSource:
    """Captions of one split. The whole set is 40,000 lines: it is held in memory."""

    def __init__(self, root: Path, split: str, per: str, prompt: str) -> None:
        self.file, self.images = root / "captions.txt", root / "Images"
        self.split, self.prompt = split, prompt
        self._captions: dict[str, list[tuple[int, str]]] = {name: [] for name in _names(root, split)}
        self._bad: list[int] = []
        self._read()
        shown = [(name, told) for name, told in self._captions.items() if told]
        groups = [(n, [one]) for n, told in shown for one in told] if per == "caption" else shown
        self._items: list[tuple[str, list[tuple[int, str]]]] = [*groups, *(("", [(line, "")]) for line in self._bad)]

    def _read(self) -> None:
        try:
            with self.file.open(encoding="utf-8", newline="") as file:
                for row in (reader := csv.reader(file)):
                    if len(row) != 2 or not row[1].strip():
                        self._bad.append(reader.line_num)
                    elif row[0] in self._captions:
                        self._captions[row[0]].append((reader.line_num, row[1].strip()))
        except FileNotFoundError as error:
            raise DataError(f"{self.file}: there is no such file.") from error
        except UnicodeDecodeError as error:
            raise DataError(f"{self.file} is not UTF-8 text.") from error

    def __len__(self) -> int:
        return len(self._items)

    def place(self, index: int) -> Place:
        """File and line of the (first) caption."""
        return Place(str(self.file), self._items[index][1][0][0])

    def example(self, index: int) -> Example:
        """Raises ``DataError`` with the reason."""
        name, told = self._items[index]
        if not name:
            raise DataError("a line must be: image,caption")
        captions = [caption for _, caption in told]
        number = self._captions[name].index(told[0])
        return Example(
            id=f"{Path(name).stem}#{number}",
            messages=[user(self.prompt, (0,)), assistant(captions[0])],
            images=[ImageSource(path=self.images / name)],
            answers=[caption for _, caption in self._captions[name]],
            provenance=Provenance(source="flickr8k", licence="Flickr terms of use, research only"),
            meta={"image_id": name, "split": self.split},
        )


def _names(root: Path, split: str) -> list[str]:
    if split not in SPLITS:
        raise DataError(f"Flickr8k has no split '{split}'. {nearest(split, SPLITS)}")
    return read_text_lines(root / f"Flickr_8k.{split}Images.txt")


@FORMATS.register("flickr8k")
class Flickr8k(Format):
    """Flickr8k's folder: one example a caption, or a picture (with its first caption as the answer to learn).

    All captions of the picture are the accepted ``answers`` either way.
    """

    def __init__(
        self, split: str = "train", per: Literal["caption", "picture"] = "caption", prompt: str = PROMPT
    ) -> None:
        self.split = split
        self.per = per
        self.prompt = prompt

    def open(self, path: Path) -> Flickr8kSource:
        """The folder that holds ``captions.txt``."""
        if self.per not in ("caption", "picture"):
            raise DataError(f"per='{self.per}': Flickr8k is read per 'caption' or per 'picture'.")
        return Flickr8kSource(path, self.split, self.per, self.prompt)
