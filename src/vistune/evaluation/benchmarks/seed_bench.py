"""SEED-Bench (arXiv 2307.16125): which of four answers is likeliest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from vistune.core.errors import DataError
from vistune.data.example import ImageSource
from vistune.evaluation.benchmarks.base import BENCHMARKS
from vistune.evaluation.benchmarks.choice import Ask, Choice, Extraction, Style
from vistune.evaluation.benchmarks.choice_files import even_places
from vistune.evaluation.benchmarks.nano_choices import Maker, scene_asks, world_asks
from vistune.evaluation.benchmarks.scene_makers import (
    asked,
    kind_shown,
    number_shown,
    part_of_picture,
    place_shown,
    relation_of_two,
    standing_on,
    written,
)
from vistune.evaluation.benchmarks.tables import Row, letter_place, need, rows_of
from vistune.evaluation.metrics.choices import choose_letter

Part = Literal["image", "video", "all"]
#: Dimensions of version 1; 10 to 12 are of videos.
DIMENSIONS = {
    1: "Scene Understanding", 2: "Instance Identity", 3: "Instance Attributes", 4: "Instance Location", 5: "Instances Counting",
    6: "Spatial Relation", 7: "Instance Interaction", 8: "Visual Reasoning", 9: "Text Understanding", 10: "Action Recognition",
    11: "Action Prediction", 12: "Procedure Understanding",
}  # fmt: skip
_FIELDS = (
    "question_id", "question", "answer", "data_id", "question_type_id", "choice_a", "choice_b", "choice_c", "choice_d",
)  # fmt: skip
_SCENES: Mapping[int, tuple[Maker, ...]] = {
    1: (place_shown,), 2: (kind_shown,), 3: (asked("colour"), asked("pattern"), asked("size")), 4: (part_of_picture,),
    5: (number_shown,), 6: (relation_of_two,), 7: (standing_on, asked("hider"), asked("who")),
    8: (asked("two_fact"),), 9: (written,),
}  # fmt: skip
_CLIPS = {10: ("does", "met"), 11: ("after",), 12: ("first", "acts_first")}


@BENCHMARKS.register("seed_bench")
class SeedBench(Choice):
    """Four answers to a question: the one with the least mean loss of its tokens is the model's; no letters are shown.

    File: ``SEED-Bench.json`` (``questions``), ``images`` with the pictures of dimensions 1 to 9 and, for 10 to 12, a folder of
    frames for each video. Nano: nine dimensions of scenes, three of clips (11 asks what follows a told event: what comes
    next in a clip cannot be foreseen). ``part``: image, video or all. lmms-eval and LLaVA show letters and read the first one
    (``extraction: rule, style: letters``): these numbers differ by many points. ``by: sum`` keeps the bias to short answers.
    """

    protocol = "SEED-Bench eval.py: least mean token loss of the answer's text, end mark included; the first of equals"
    capabilities = ("perception", "counting", "spatial", "reasoning", "text-in-pictures", "several-pictures")
    chance = 0.25
    max_new_tokens = 16

    images: Path | None = None
    part: Part = "all"
    frames: int = 8
    extraction: Extraction = "likelihood"
    style: Style = "texts"

    def __post_init__(self) -> None:
        """The world's questions have fewer options here and there: guessing is not a quarter of them."""
        super().__post_init__()
        if self.path is None:
            self.chance = None

    @property
    def name(self) -> str:
        """With the part where it is not all of them."""
        return super().name + ("" if self.part == "all" else f"_{self.part}")

    def rule(self, answer: str, options: Mapping[str, str]) -> str | None:
        """For ``extraction: rule``: VLMEvalKit's letters."""
        return choose_letter(answer, options)

    def published_asks(self) -> list[Ask]:
        """The questions of the chosen part."""
        assert self.path is not None
        asks = []
        for number, row in enumerate(rows_of(self.path, key="questions"), start=1):
            need(row, _FIELDS, self.path, number)
            if self._wanted(int(row["question_type_id"])):
                asks.append(self._ask(row, number))
        if not asks:
            raise DataError(f"{self.path} has no question of the part '{self.part}'.")
        return asks

    def _wanted(self, dimension: int) -> bool:
        return self.part == "all" or (dimension >= 10) == (self.part == "video")

    def _ask(self, row: Row, number: int) -> Ask:
        assert self.path is not None
        options = tuple(str(row[f"choice_{letter}"]) for letter in "abcd")
        dimension = int(row["question_type_id"])
        name = DIMENSIONS.get(dimension, str(dimension))
        truth = letter_place(row["answer"], options, f"{self.path}, record {number}")
        shown = self._pictures(row["data_id"], row.get("data_type") == "video")
        buckets = (name, "video" if dimension >= 10 else "image")
        about = str(row["question_id"]), str(row["question"])
        return Ask(*about, options, truth, shown, type=name, group=str(row["data_id"]), buckets=buckets)

    def _pictures(self, data: Any, video: bool) -> tuple[ImageSource, ...]:
        assert self.path is not None
        folder = self.images or self.path.parent
        if isinstance(data, Sequence) and not isinstance(data, str):
            return tuple(ImageSource(path=folder / str(name)) for name in data)
        if not video:
            return (ImageSource(path=folder / str(data)),)
        place = folder / Path(str(data)).with_suffix("")
        files = sorted(p for p in place.iterdir() if p.suffix.lower() in (".jpg", ".png")) if place.is_dir() else []
        if not files:
            raise DataError(f"There are no frames of {data}: put them as pictures into {place}.")
        return tuple(ImageSource(path=files[k]) for k in even_places(len(files), self.frames))

    def nano_asks(self) -> list[Ask]:
        """As many of each dimension."""
        wanted = [k for k in DIMENSIONS if self._wanted(k)]
        still = {DIMENSIONS[k]: _SCENES[k] for k in wanted if k < 10}
        share = self.n // len(wanted)
        asks: list[Ask] = []
        if still:
            asks += scene_asks(
                still, share * len(still), labels=frozenset({DIMENSIONS[9]}), buckets=lambda name: (name, "image"),
                **self.drawn,
            )  # fmt: skip
        if self.part != "image":
            clips = {DIMENSIONS[k]: types for k, types in _CLIPS.items()}
            asks += world_asks(
                "video", clips, share * len(clips), frames=self.frames, buckets=lambda name: (name, "video"), **self.drawn,
            )  # fmt: skip
        return asks
