"""Classification with examples in the prompt, or with the names of the classes alone."""

from __future__ import annotations

import gzip
import random
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import field
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example, ImageSource, Message, Part
from vistune.evaluation.benchmarks.base import BENCHMARKS
from vistune.evaluation.benchmarks.choice import Ask, Choice, Style, plain
from vistune.evaluation.benchmarks.nano import FIRST_SCENE
from vistune.world.scene import Prior, Split

Names = Literal["real", "made_up"]
Classes = dict[str, list[ImageSource]]
FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
#: Words that mean nothing, for classes whose names a model cannot know.
MADE_UP = (
    "dax", "blicket", "wug", "toma", "fep", "zav", "gazzer", "modi", "kiki", "bouba", "perpo", "slonk", "nefi", "tulver", "wibo",
)  # fmt: skip
#: Where the variants of a split begin: no picture is in two of them.
_VARIANTS: dict[Split, int] = {"test": 0, "val": 100_000_000, "train": 200_000_000}


@BENCHMARKS.register("few_shot")
class FewShot(Choice):
    """``ways`` classes with ``shots`` pictures each in the prompt ("This is a dax."), then one picture more: what is it?

    Files: Omniglot's zip, a folder of class folders with ``train`` and ``test`` (CIFAR-10), or the four IDX files of
    Fashion-MNIST. Shots come from the training part, queries from the test part (Omniglot: from other drawers). Nano: dishes,
    clothes, houses and feasts of the made-up regions. ``shots: 0`` names the classes and shows no example. ``names: made_up``
    calls classes by words that mean nothing, as open-ended mini-ImageNet does (Frozen, arXiv 2106.13884): no pre-training can
    know them. ``extraction: rule``: the answer holds the name of one class and no other; ``likelihood`` ranks the names.
    """

    protocol = (
        "open-ended few-shot episodes as Frozen's: classes named once, one query; exactly one class name in the answer"
    )
    capabilities = ("classification", "several-pictures")
    places: ClassVar[int] = 10
    styles = ("texts",)
    max_new_tokens = 16

    ways: int = 5
    shots: int = 1
    n: int = 150
    prior: Prior = field(default="flat", init=False)
    names: Names = "real"
    style: Style = field(default="texts", init=False)
    circular: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Classes, shots and names that go together."""
        super().__post_init__()
        if not 2 <= self.ways <= len(MADE_UP) or self.shots < 0:
            known = f"ways is 2 to {len(MADE_UP)} and shots 0 or more"
            raise ConfigError(f"few_shot: {known}, not {self.ways} and {self.shots}.")
        if self.names == "made_up" and self.shots == 0:
            raise ConfigError("few_shot: names that mean nothing need at least one shot.")
        self.chance = 1 / self.ways

    @property
    def name(self) -> str:
        """With ways, shots and made-up names."""
        made_up = "_made_up" if self.names == "made_up" else ""
        return f"{super().name}_{self.ways}way_{self.shots}shot{made_up}"

    def read(self, example: Example, answer: str) -> int | None:
        """The one class whose name the answer holds as whole words; of names within each other, the longest."""
        said = f" {' '.join(_words(answer))} "
        found = [k for k, text in enumerate(example.meta["choices"]) if f" {' '.join(_words(text))} " in said]
        if len(found) > 1:
            choices = example.meta["choices"]
            found = [k for k in found if not any(plain(choices[k]) in plain(choices[j]) for j in found if j != k)]
        return found[0] if len(found) == 1 else None

    def message(self, ask: Ask) -> Message:
        """Shots with their names in the order of ``more["order"]``, then the query."""
        shown: Sequence[int] = ask.more["order"]
        if not shown:
            listed = ", ".join(ask.options)
            return Message("user", [Part(image=0), Part(text=f"Which of these is it: {listed}? {_QUERY}")])
        parts: list[Part] = []
        for picture, label in enumerate(shown):
            parts += [Part(image=picture), Part(text=f"This is {_named(ask.options[label])}.\n")]
        return Message("user", [*parts, Part(image=len(shown)), Part(text=_QUERY)])

    def published_asks(self) -> list[Ask]:
        """Episodes of the data set at ``path``."""
        assert self.path is not None
        shots, queries = read_classes(self.path)
        return self._episodes(shots, queries, lambda _: list(shots))

    def nano_asks(self) -> list[Ask]:
        """Episodes of customs of one facet: their shapes tell the region, colours and patterns the country."""
        from vistune.world.regions import customs, render
        from vistune.world.regions.sampling import Sight

        known = [c for c in customs() if len(c.origins) == 1]
        variant = FIRST_SCENE + self.seed * 100_000 + _VARIANTS[self.split]
        sides = []
        for side in range(2):
            pictures: Classes = {}
            for number, custom in enumerate(known):
                first = variant + 1000 * number + 500 * side
                of = custom.origins[0]
                seen = [Sight(0, custom, of, first + k, self.split, self.prior) for k in range(max(3, self.shots))]
                pictures[custom.name] = [ImageSource(array=render(s, self.image_size)) for s in seen]
            sides.append(pictures)
        by_facet: dict[str, list[str]] = {}
        for custom in known:
            by_facet.setdefault(custom.facet, []).append(custom.name)
        facets = list(by_facet)
        return self._episodes(sides[0], sides[1], lambda k: by_facet[facets[k % len(facets)]])

    def _episodes(self, shots: Classes, queries: Classes, pool: Callable[[int], list[str]]) -> list[Ask]:
        """Each class of an episode is as often the query's, and at each place of the options."""
        rng = random.Random(f"episodes/{self.seed}")
        asks = []
        for number in range(self.n):
            names = pool(number)
            if len(names) < self.ways:
                raise DataError(f"An episode needs {self.ways} classes; there are {len(names)}.")
            chosen = rng.sample(names, self.ways)
            truth = number % self.ways
            order = [k for k in range(self.ways) for _ in range(self.shots)]
            rng.shuffle(order)
            left = [iter(rng.sample(own, min(self.shots, len(own)))) for own in (shots[c] for c in chosen)]
            try:
                pictures = [next(left[k]) for k in order]
            except StopIteration as error:
                raise DataError(f"A class has fewer than {self.shots} pictures for its shots.") from error
            named = rng.sample(MADE_UP, self.ways) if self.names == "made_up" else chosen
            query = rng.choice(queries[chosen[truth]])
            name, kind = f"episode-{number}", chosen[truth].split("/character")[0]
            asks.append(Ask(name, _QUERY, tuple(named), truth, (*pictures, query), type=kind, more={"order": order}))
        return asks


_QUERY = "What is this?"


def _named(name: str) -> str:
    from vistune.world.language.grammar import indefinite

    return indefinite(name)


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() or c in "/-" else " " for c in text.lower()).split()


def read_classes(path: Path) -> tuple[Classes, Classes]:
    """Class -> pictures to show, and class -> pictures to ask about. Raises ``DataError`` where the files are none of the forms."""
    if path.suffix == ".zip" and path.is_file():
        return _omniglot(path)
    if (path / "train").is_dir() and (path / "test").is_dir():
        return _folders(path / "train"), _folders(path / "test")
    if (path / "train-images-idx3-ubyte.gz").is_file():
        return _idx(path, "train"), _idx(path, "t10k")
    found = sorted(path.glob("*.zip")) if path.is_dir() else []
    if len(found) == 1:
        return _omniglot(found[0])
    raise DataError(
        f"{path}: Omniglot's zip, folders 'train' and 'test' of class folders, or Fashion-MNIST's IDX files are expected."
    )


def _folders(path: Path) -> Classes:
    found = {
        folder.name: [
            ImageSource(path=p) for p in sorted(folder.iterdir()) if p.suffix.lower() in (".jpg", ".jpeg", ".png")
        ]
        for folder in sorted(path.iterdir())
        if folder.is_dir()
    }
    empty = [name for name, pictures in found.items() if not pictures]
    if not found or empty:
        raise DataError(
            f"{path}: every class is a folder of pictures; {empty[0] if empty else 'there are none'} is not."
        )
    return found


def _omniglot(path: Path) -> tuple[Classes, Classes]:
    """Characters as ``alphabet/character``; drawers 1 to 10 are shown, 11 to 20 asked about."""
    shots, queries = Classes(), Classes()
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            parts = name.split("/")
            if not name.endswith(".png") or len(parts) < 3:
                continue
            drawer = int(Path(name).stem.split("_")[1])
            side = shots if drawer <= 10 else queries
            side.setdefault(f"{parts[-3]}/{parts[-2]}", []).append(ImageSource(data=archive.read(name)))
    if not shots or set(shots) != set(queries):
        raise DataError(f"{path}: pictures as ALPHABET/CHARACTER/NNNN_MM.png by drawers 1 to 20 are expected.")
    return shots, queries


def _idx(path: Path, part: str) -> Classes:
    """IDX files: big-endian magic, sizes, bytes."""
    with gzip.open(path / f"{part}-images-idx3-ubyte.gz") as file:
        magic, count, rows, columns = struct.unpack(">IIII", file.read(16))
        pixels = np.frombuffer(file.read(), np.uint8)
    with gzip.open(path / f"{part}-labels-idx1-ubyte.gz") as file:
        label_magic, labelled = struct.unpack(">II", file.read(8))
        labels = np.frombuffer(file.read(), np.uint8)
    if (
        (magic, label_magic) != (2051, 2049)
        or count != labelled
        or pixels.size != count * rows * columns
        or labels.size != count
    ):
        raise DataError(f"{path}: the IDX files of '{part}' are damaged or do not belong together.")
    found: Classes = {name: [] for name in FASHION}
    for picture, label in zip(pixels.reshape(count, rows, columns), labels):
        found[FASHION[label]].append(ImageSource(array=np.repeat(picture[:, :, None], 3, axis=2)))
    return found
