"""AI2D (diagrams) and NExT-QA (videos): questions with options whose files and rules are plain."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal

from vistune.core.errors import DataError
from vistune.data.example import ImageSource
from vistune.evaluation.benchmarks.base import BENCHMARKS
from vistune.evaluation.benchmarks.choice import DIRECTLY, Ask, Choice
from vistune.evaluation.benchmarks.mmbench import table_asks
from vistune.evaluation.benchmarks.nano_choices import world_asks
from vistune.evaluation.benchmarks.tables import Row, need, rows_of
from vistune.evaluation.metrics.choices import choose_letter, parse_mmmu_choice, single_letter

Reader = Literal["lmms", "vlmevalkit"]


@BENCHMARKS.register("ai2d")
class AI2D(Choice):
    """Diagrams with four options; accuracy of the letter.

    Files: VLMEvalKit's ``AI2D_TEST.tsv``; or an evaluation kit's JSON, where the options stand behind the question on lines
    of their own and the answer is a text (``images`` is the folder of its pictures). Nano: legible charts, and slides of cells.
    ``mode: lmms`` (default): the answer is the letter but for case and punctuation; ``vlmevalkit`` finds it in a sentence.
    """

    protocol = "lmms-eval ai2d: the answer is the letter but for case and punctuation"
    capabilities = ("science", "text-in-pictures")

    images: Path | None = None
    n: int = 200
    mode: Reader = "lmms"
    max_new_tokens: int = 16
    image_size: int = 96

    def rule(self, answer: str, options: Mapping[str, str]) -> str | None:
        """By ``mode``."""
        return choose_letter(answer, options) if self.mode == "vlmevalkit" else single_letter(answer, list(options))

    def published_asks(self) -> list[Ask]:
        """The table, or the kit's records."""
        assert self.path is not None
        if self.path.suffix != ".json":
            return table_asks(self.path)
        found = [self._record(row, number) for number, row in enumerate(rows_of(self.path), start=1)]
        self.unreadable = found.count(None)
        return [ask for ask in found if ask is not None]

    def _record(self, row: Row, number: int) -> Ask | None:
        assert self.path is not None
        need(row, ("image_path", "question", "question_id", "gt_answers"), self.path, number)
        where = f"{self.path}, record {number}"
        parts = glued_options(row["question"], str(row["gt_answers"]), where)
        if parts is None:
            return None
        question, options = parts
        truth = next((k for k, text in enumerate(options) if text.strip() == str(row["gt_answers"]).strip()), None)
        if truth is None:
            raise DataError(f"{where}: the answer '{row['gt_answers']}' is none of {options}.")
        folder = self.images or self.path.parent
        picture = ImageSource(path=folder / row["image_path"])
        return Ask(str(row["question_id"]), question, options, truth, (picture,), group=row["image_path"])

    def nano_asks(self) -> list[Ask]:
        """Half about charts, half about slides."""
        half = self.n // 2
        return [
            *world_asks("charts", _CHARTS, self.n - half, buckets=lambda _: ("charts",), **self.drawn),
            *world_asks("cells", _CELLS, half, buckets=lambda _: ("cells",), **self.drawn),
        ]


_CHARTS = {name: (name,) for name in ("value", "extreme", "colour", "greater", "title", "total")}
_CELLS = {name: (name,) for name in ("stain", "sample", "more", "where", "count")}


def glued_options(text: str, answer: str, where: str, options: int = 4) -> tuple[str, tuple[str, ...]] | None:
    """Question and options of a text in which the first option stands right behind the question, the others on lines.

    The question ends at its last question mark, else at the last ":", full stop or run of underscores, else before the
    ``answer`` where that is the first option. None where nothing shows its end; ``DataError`` for too few lines.
    """
    lines = text.split("\n")
    if len(lines) < options:
        raise DataError(f"{where}: a question with {options} options on lines is expected, not {len(lines)} lines.")
    asked, last = "\n".join(lines[: 1 - options]), [line.strip() for line in lines[1 - options :]]
    found = re.match(r"(?s)(.*\?)(.*)$", asked) or re.match(r"(?s)(.*(?:_{2,}|[:.]))(.*)$", asked)
    if found is not None:
        return found[1].strip(), (found[2].strip(), *last)
    if answer and answer not in last and asked.endswith(answer):
        return asked.removesuffix(answer).strip(), (answer, *last)
    return None


@BENCHMARKS.register("nextqa")
class NExTQA(Choice):
    """Five options about a video: causal (C), temporal (T), descriptive (D) questions; accuracy over all and of each.

    File: the official ``val.csv`` / ``test.csv`` (``video``, ``question``, ``answer`` 0 to 4, ``qid``, ``type``, ``a0`` to
    ``a4``); ``images`` holds a folder of frames, an ``.mp4`` or a ``.gif`` for each video, of which ``frames`` are shown,
    evenly spaced.
    Nano: clips of the world. The authors' models rank options; a model that writes is read by MMMU's rule, as lmms-eval does,
    where ``fill: random`` is its default; here nothing found is wrong.
    """

    protocol = "NExT-QA: accuracy by the first letter of the type; letters by MMMU's rule (lmms-eval nextqa_mc)"
    capabilities = ("several-pictures", "reasoning")
    places: ClassVar[int] = 5

    images: Path | None = None
    frames: int = 8
    n: int = 120
    suffix: str = DIRECTLY
    max_new_tokens: int = 16

    def __post_init__(self) -> None:
        """At least one frame."""
        super().__post_init__()
        if self.frames < 1:
            raise DataError(f"nextqa: frames is 1 or more, not {self.frames}.")

    def rule(self, answer: str, options: Mapping[str, str]) -> str | None:
        """MMMU's."""
        return parse_mmmu_choice(answer, options)

    def prompt_of(self, ask: Ask) -> str:
        """The question, the options, the suffix."""
        return super().prompt_of(ask).replace(DIRECTLY, self.suffix).rstrip("\n")

    def published_asks(self) -> list[Ask]:
        """One question a line."""
        assert self.path is not None
        asks = []
        for number, row in enumerate(rows_of(self.path)[: self.limit], start=1):
            need(row, ("video", "question", "answer", "qid", "type", "a0", "a1", "a2", "a3", "a4"), self.path, number)
            options = tuple(row[f"a{k}"].strip() for k in range(5))
            kind = row["type"]
            asks.append(
                Ask(
                    f"{row['video']}_{row['qid']}", row["question"].strip(), options, int(row["answer"]),
                    self._video(str(row["video"])), type=kind, group=str(row["video"]), buckets=(kind[0],),
                )
            )  # fmt: skip
        return asks

    def _video(self, name: str) -> tuple[ImageSource, ...]:
        """Frames of a video: files of a folder in order of their names, or those of a GIF."""
        assert self.path is not None
        folder = self.images or self.path.parent
        if (folder / name).is_dir():
            files = sorted(p for p in (folder / name).iterdir() if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
            if files:
                return tuple(ImageSource(path=files[k]) for k in even_places(len(files), self.frames))
        for ending in (".mp4", ".gif"):
            if (folder / f"{name}{ending}").is_file():
                from vistune.data.video import read_video

                frames, _ = read_video(folder / f"{name}{ending}")
                return tuple(ImageSource(array=frames[k]) for k in even_places(len(frames), self.frames))
        raise DataError(
            f"There is no video {name} in {folder}: a folder '{name}' of pictures, '{name}.mp4' or '{name}.gif'."
        )

    def nano_asks(self) -> list[Ask]:
        """Clips: cause and what follows, order and time, what is there."""
        return world_asks(
            "video", _CLIPS, self.n, frames=self.frames, options=5, buckets=lambda name: (name[0],), **self.drawn
        )


#: NExT-QA's types -> the world's questions about clips: cause, how; next, current; count, location, other.
_CLIPS = {
    "CW": ("cause",), "CH": ("met",), "TN": ("after", "first", "acts_first"), "TC": ("part", "state"), "DC": ("number", "there"),
    "DL": ("direction",), "DO": ("does", "faster"),
}  # fmt: skip


def even_places(count: int, wanted: int) -> list[int]:
    """``wanted`` places from 0 to ``count`` - 1, evenly spaced from the middle of each stretch; all where there are fewer."""
    if count <= wanted:
        return list(range(count))
    return [int((k + 0.5) * count / wanted) for k in range(wanted)]
