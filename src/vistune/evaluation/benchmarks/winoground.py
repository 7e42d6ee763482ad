"""Winoground (Thrush et al. 2022, arXiv 2204.03162): two pictures and two captions of the same words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource
from vistune.evaluation.benchmarks.base import BENCHMARKS, OfSplit, Scored
from vistune.evaluation.benchmarks.matching import Matching, Pair, Values
from vistune.evaluation.benchmarks.nano import FIRST_SCENE, picture
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.matching import winoground

_KEYS = {"id", "image_0", "image_1", "caption_0", "caption_1"}
_MEASURES = ("text", "image", "group")


@BENCHMARKS.register("winoground")
class Winoground(Matching, OfSplit):
    """``text``: each picture scores its own caption above the other; ``image``: each caption its own picture; ``group``: both.

    ``path``: ``examples.jsonl`` (id, image_0, image_1, caption_0, caption_1, tag), or its folder; ``images``: the folder of the
    pictures (``images`` beside the file). Ties are wrong. Chance is 25, 25 and 16.7 percent; one item is four weighings (eight
    with ``corrected``). ``text`` is the measure in which a likelihood's taste for frequent words shows; see ``by``.
    """

    main = "group"
    chance = 1 / 6
    protocol = "Winoground: text, image and group score, ties wrong; score named by `by`"
    capabilities = ("composition", "several-pictures")

    def published(self) -> list[Example]:
        """One item a line. Raises ``DataError`` for a line without the keys."""
        from vistune.core.files import read_jsonl

        assert self.path is not None
        file = self.path / "examples.jsonl" if self.path.is_dir() else self.path
        if not file.is_file():
            raise DataError(f"There is no Winoground file {file} (examples.jsonl).")
        folder = self.images or file.parent / "images"
        made = []
        for number, line in enumerate(read_jsonl(file)[: self.limit], 1):
            missing = sorted(_KEYS - set(line))
            if missing:
                raise DataError(f"{file}, line {number}: a Winoground item needs {', '.join(missing)}.")
            shown = [ImageSource(path=_picture(folder, line[f"image_{k}"])) for k in (0, 1)]
            captions = (line["caption_0"], line["caption_1"])
            facets = {"tag": str(line["collapsed_tag"])} if line.get("collapsed_tag") else {}
            made.append(self._item(str(line["id"]), shown, captions, str(line.get("tag") or "all"), facets))
        return made

    def nano(self) -> list[Example]:
        """Pairs of scenes of which looks were swapped or two things exchanged: the same words in another order."""
        from vistune.world.pairs import sample_pair

        made, number = [], 0
        start = FIRST_SCENE + self.seed * 100_000
        while len(made) < self.n and number < 4 * self.n:
            pair = sample_pair(start + number, split=self.split, prior=self.prior, what=("swap", "exchange"))
            number += 1
            if pair.same_words:
                shown = [picture(scene, self.image_size) for scene in pair.scenes]
                made.append(self._item(f"{self.name}-{number}", shown, pair.texts, pair.what, {}))
        return made

    def _item(
        self, identity: str, shown: list[ImageSource], captions: tuple[str, str], type: str, facets: dict[str, str]
    ) -> Example:
        pairs = [Pair(caption, (k,)) for caption in captions for k in (0, 1)]
        return self.item(identity, shown, pairs, type=type, group=identity, facets=facets)

    def score_values(self, example: Example, values: Values) -> Scored:
        """Score 1 for the group; the parsed form says which captions and pictures were right."""
        columns = {"items": 1.0}
        found: dict[str, float] = {}
        for way, told in values.items():
            each = winoground(np.array(told).reshape(1, 2, 2))
            if way == self.by:
                found = each
            columns |= {name if way == self.by else f"{name}_{way}": each[name] for name in _MEASURES}
        right = [name for name in _MEASURES if found[name]]
        return Scored(", ".join(right) or "neither", found["group"], columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Shares of items."""
        return {name: ratio(value, sums["items"]) for name, value in sums.items() if name != "items"}


def _picture(folder: Path, name: str) -> Path:
    """The picture's file: names are told without their ending."""
    return folder / (name if "." in name else f"{name}.png")
