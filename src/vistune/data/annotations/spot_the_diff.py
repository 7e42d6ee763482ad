"""What changed between two pictures, in the JSON of Spot-the-Diff (Jhamtani and Berg-Kirkpatrick, arXiv 1808.10584).

One list a split: ``{"img_id": "5406", "sentences": [...]}``. The pictures are ``ID.png`` (before) and ``ID_2.png`` (after).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vistune.core.errors import DataError
from vistune.data.annotations.files import need, need_list, read_json, write_json


@dataclass(frozen=True)
class Differences:
    """The differences of one pair of pictures, a sentence each."""

    img_id: str
    sentences: tuple[str, ...]

    @property
    def pictures(self) -> tuple[str, str]:
        """File names of the picture before and the picture after."""
        return f"{self.img_id}.png", f"{self.img_id}_2.png"


def write_spot_the_diff(path: Path | str, pairs: Iterable[Differences]) -> Path:
    """Write the pairs of a split. -> the path."""
    return write_json(path, [{"img_id": pair.img_id, "sentences": list(pair.sentences)} for pair in pairs])


def read_spot_the_diff(path: Path | str) -> list[Differences]:
    """Read the pairs of a split. Raises ``DataError`` where a key is missing, or the sentences are no list."""
    found = []
    for number, record in enumerate(need_list(read_json(path), str(path))):
        pair = need(record, ("img_id", "sentences"), f"{path}, pair {number}")
        if not isinstance(pair["sentences"], list):
            raise DataError(f"{path}, pair {number}: sentences is a list, not {pair['sentences']!r}.")
        found.append(Differences(str(pair["img_id"]), tuple(pair["sentences"])))
    return found
