"""What benchmarks with short free answers share: how they are asked, where their pictures lie, counts by kind of question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, DataError, nearest
from vistune.data.annotations.files import need, need_list, read_json
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import OfSplit
from vistune.evaluation.benchmarks.files import with_suffix
from vistune.evaluation.metrics.intervals import ratio

SHORT = "Answer the question using a single word or phrase."
Array = NDArray[np.float64]


class ShortAnswer(OfSplit):
    """Base of benchmarks with short free answers.

    ``style`` "llava" puts ``SUFFIX`` on a line of its own after the question, "plain" nothing; ``suffix`` takes the place
    of both. "auto" is ``WITH_FILES`` for published files and "plain" for the nano edition; what was used is in ``style``.
    ``images`` is the folder of the pictures, by default the file's own.
    """

    SUFFIX: ClassVar[str] = SHORT
    #: Styles that the benchmark has. ``auto``: published questions with the instruction, the world's alone, since the nano
    #: models' language has no such instructions.
    STYLES: ClassVar[tuple[str, ...]] = ("auto", "llava", "plain")
    #: The style of published files.
    WITH_FILES: ClassVar[str] = "llava"
    capabilities = ("perception",)

    images: Path | None = None
    limit: int | None = None
    style: str = "auto"
    suffix: str | None = None

    def __post_init__(self) -> None:
        """The style that ``auto`` stands for."""
        super().__post_init__()
        if self.style not in self.STYLES:
            raise ConfigError(f"{self.kind} has no style '{self.style}'. {nearest(self.style, self.STYLES)}")
        if self.style == "auto":
            self.style = "plain" if self.path is None else self.WITH_FILES

    def instruction(self) -> str:
        """What comes after the question."""
        if self.suffix is not None:
            return self.suffix
        return self.SUFFIX if self.style == "llava" else ""

    def item(
        self,
        identity: str,
        question: str,
        pictures: Sequence[ImageSource],
        answers: Sequence[str],
        *,
        type: str,
        group: str,
        facets: Mapping[str, str] | None = None,
        instruction: str | None = None,
        **meta: Any,
    ) -> Example:
        """One item: the question, then the benchmark's ``instruction()`` or the given one. ``meta["question"]`` is it alone."""
        shown = [user(question, images=tuple(range(len(pictures))))]
        kept = {"type": type, "group": group, "facets": dict(facets or {}), "question": question, **meta}
        after = self.instruction() if instruction is None else instruction
        return with_suffix(Example(identity, shown, list(pictures), answers=list(answers), meta=kept), after)

    def picture(self, name: str, *below: str) -> ImageSource:
        """A picture by its file name: in ``images``, else beside the file that was read or in its folders ``below``."""
        assert self.path is not None
        home = self.path if self.path.is_dir() else self.path.parent
        if self.images is not None:
            return ImageSource(path=self.images / name)
        folders = [home, *(home / folder for folder in below)]
        return ImageSource(path=next((f / name for f in folders if (f / name).exists()), folders[-1] / name))


def records(
    path: Path, keys: Iterable[str], under: str | None = None, where: str = "record"
) -> list[Mapping[str, Any]]:
    """The records of a JSON list, or of the list ``under`` a key. Raises ``DataError`` naming file, record and missing key."""
    content = read_json(path)
    if under is not None:
        content = need(content, (under,), str(path))[under]
    wanted = tuple(keys)
    return [need(r, wanted, f"{path}, {where} {k}") for k, r in enumerate(need_list(content, str(path)))]


def find_file(path: Path, patterns: Sequence[str], what: str) -> Path:
    """``path`` itself if it is a file, else the one file of the folder that fits the first pattern that fits any.

    Raises ``DataError`` where there is none, or where several fit.
    """
    if path.is_file():
        return path
    for pattern in patterns:
        found = sorted(path.glob(pattern))
        if len(found) > 1:
            names = ", ".join(p.name for p in found[:4])
            raise DataError(f"{path} holds several files that could be {what}: {names}. Name one.")
        if found:
            return found[0]
    raise DataError(f"{path}: {what} was expected there ({' or '.join(patterns)}), and is not.")


def kind_columns(score: float, kind: str, kinds: Sequence[str]) -> dict[str, float]:
    """Counts of one item for ``kind_measures``: over all, and at its kind."""
    columns = {"items": 1.0, "score": score}
    for name in kinds:
        columns |= {f"items:{name}": float(name == kind), f"score:{name}": score if name == kind else 0.0}
    return columns


def kind_measures(sums: Mapping[str, Array], kinds: Sequence[str]) -> dict[str, Array]:
    """Mean score of each kind."""
    return {name: ratio(sums[f"score:{name}"], sums[f"items:{name}"]) for name in kinds}


def told(value: str | None) -> str:
    """A text for an explanation."""
    return "nothing that could be read" if value is None else f'"{value}"'
