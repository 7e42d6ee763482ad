"""M-HalDetect (arXiv 2308.06394): which spans of a description are inaccurate? And how many of one's own?"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, assistant, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, Benchmark, OfSplit, Scored, Way
from vistune.evaluation.benchmarks.nano import picture, scene_facets, scenes
from vistune.evaluation.benchmarks.tables import need, rows_of
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.segments import (
    LABELS,
    Segment,
    SegmentLabel,
    detection_columns,
    detection_measures,
    read_label,
    sentence_segments,
    sentences,
)
from vistune.world.scene import Prior, Scene, Split

#: What links a segment to the one before it.
_PART = re.compile(r"^(?:[\s,]|and\b)+|[\s,]+$")
Unit = Literal["sentence", "segment"]
_ASK = 'Here is a part of a description of the picture: "{part}" Is it right? Please answer yes or no.'


@BENCHMARKS.register("m_haldetect", paper="m-haldetect")
class MHalDetect(OfSplit):
    """For each sentence (or annotated segment, ``by=segment``) of a description: is it inaccurate? The model is asked whether the
    part is right, and the likelihoods of yes and no make the score: ``auroc`` (main), F1, precision and recall of "inaccurate".
    Accurate and analysis count as right, unsure is left out; a sentence is inaccurate if any of its segments is.

    ``path``: ``val_raw.json`` (question, image, and ``annotations`` with start, end, text, label); ``images``: COCO val2014. The
    paper trains a reward head for this; here any model is its own detector. How often a model's own descriptions are
    inaccurate is measured by ``hal_rate``.
    """

    main = "auroc"
    protocol = "hendryx-scale/mhal-detect's labels; score = p(no) of p(yes) + p(no) to: is it right?"
    capabilities = ("hallucination", "captions")
    chance = 0.5

    images: Path | None = None
    by: Unit = "sentence"
    n: int = 300
    prior: Prior = "skewed"
    limit: int | None = None

    @property
    def way(self) -> Way:
        """Likelihoods of yes and no."""
        return "likelihood"

    @property
    def name(self) -> str:
        """With the unit, where it is not the sentence."""
        return super().name + ("" if self.by == "sentence" else "_segment")

    def published(self) -> list[Example]:
        """The parts of each annotated answer that are labelled for sure."""
        assert self.path is not None
        made: list[Example] = []
        for number, row in enumerate(rows_of(self.path), start=1):
            text, segments = read_annotation(row, self.path, number)
            image = _image(row, self.path, number)
            source = ImageSource(path=(self.images or Path()) / image)
            made += self._parts(f"{number - 1}", text, segments, source, image, {})
            if self.limit and len(made) >= self.limit:
                break
        return made[: self.limit]

    def nano(self) -> list[Example]:
        """Descriptions of scenes with false sentences and opinions among them."""
        from vistune.evaluation.benchmarks.m_haldetect_nano import labelled

        made: list[Example] = []
        for scene in scenes(self.n, self.split, self.prior, self.seed):
            text, segments = labelled(scene, self.split)
            source = picture(scene, self.image_size)
            made += self._parts(str(scene.seed), text, segments, source, str(scene.seed), scene_facets(scene))
            if len(made) >= self.n:
                break
        return made[: self.n]

    def _parts(
        self,
        identity: str,
        text: str,
        segments: Sequence[Segment],
        source: ImageSource,
        group: str,
        facets: Mapping[str, str],
    ) -> list[Example]:
        units = sentence_segments(text, segments) if self.by == "sentence" else list(segments)
        made = []
        for place, unit in enumerate(units):
            part = _PART.sub("", text[unit.start : unit.end]).strip()
            if unit.label == "unsure" or not part:
                continue
            meta = {"type": unit.label, "group": group, "facets": {**facets, "place": str(min(place, 5))}}
            truth = "no" if unit.label == "inaccurate" else "yes"
            asked = user(_ASK.format(part=part), images=(0,))
            made.append(Example(f"{identity}-{place}", [asked], [source], answers=[truth], meta=meta))
        return made

    def candidates(self, example: Example) -> list[Example]:
        """Yes and no."""
        return [replace(example, messages=[*example.messages, assistant(word)]) for word in ("yes", "no")]

    def score_candidates(self, example: Example, logprobs: Sequence[Sequence[float]]) -> Scored:
        """The share of no in the probabilities of yes and no."""
        yes, no = (sum(row) for row in logprobs)
        wrong = 1 / (1 + math.exp(min(700.0, yes - no)))
        columns = detection_columns(wrong, example.answers[0] == "no")
        return Scored("no" if wrong > 0.5 else "yes", columns["right"], columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Area under the curve, accuracy, F1, and how many are inaccurate."""
        return detection_measures(sums)

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The label and the score."""
        told = item.get("logprobs") or [[0.0], [0.0]]
        return [
            ("label", str(item["type"])),
            ("log p(yes), log p(no)", ", ".join(f"{sum(row):.3f}" for row in told)),
            ("taken for", "inaccurate" if item["parsed"] == "no" else "right"),
        ]


@BENCHMARKS.register("hal_rate", paper="m-haldetect")
class HalRate(Benchmark):
    """The share of sentences with a false claim in a model's own descriptions of ``n`` scenes (``inaccurate``), and of descriptions
    with such a sentence (``answers_with``): M-HalDetect's measure of generation, each claim checked against the scene.

    Sentences that say nothing checkable are analysis, those that hang on something doubtful are left out. Photographs have no
    such truth: use ``chair`` or ``dnli`` there.
    """

    main = "inaccurate"
    higher_is_better = False
    protocol = "M-HalDetect's labels of sentences, given by the scene: accurate, inaccurate, analysis, unsure"
    capabilities = ("hallucination", "captions")
    not_shares = ("sentences",)
    version = 2

    n: int = 200
    split: Split = "test"
    prior: Prior = "skewed"
    prompt: str = "describe the picture."
    max_new_tokens: int = 96
    image_size: int = 64
    seed: int = 0

    def examples(self) -> list[Example]:
        """One request a scene."""
        made = []
        for scene in scenes(self.n, self.split, self.prior, self.seed):
            meta = {"type": "description", "group": str(scene.seed), "facets": scene_facets(scene), "facts": scene}
            source = picture(scene, self.image_size)
            made.append(Example(str(scene.seed), [user(self.prompt, images=(0,))], [source], meta=meta))
        return made

    def score(self, example: Example, answer: str) -> Scored:
        """Score 1 if no sentence has a false claim."""
        found = label_text(answer, example.meta["facts"])
        counts = {label: float(sum(s.label == label for s in found)) for label in LABELS}
        some = float(counts["inaccurate"] > 0)
        told = ", ".join(f"{round(n)} {label}" for label, n in counts.items() if n) or None
        return Scored(told, 1.0 - some, {"answers": 1.0, "with_inaccurate": some, **counts})

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Shares of sentences, of descriptions with an inaccurate one, and sentences a description."""
        known = sums["accurate"] + sums["inaccurate"] + sums["analysis"]
        found = {label: ratio(sums[label], known) for label in ("inaccurate", "accurate", "analysis")}
        return {
            **found,
            "answers_with": ratio(sums["with_inaccurate"], sums["answers"]),
            "sentences": ratio(known + sums["unsure"], sums["answers"]),
        }

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Each sentence with its label."""
        answer = str(item["answer"])
        return [(s.label, answer[s.start : s.end]) for s in label_text(answer, example.meta["facts"])]


def read_annotation(row: Mapping[str, Any], path: Path, number: int) -> tuple[str, list[Segment]]:
    """The answer and its labelled spans. The answer is ``response`` where there is one, else put together from the spans."""
    need(row, ("annotations",), path, number)
    text, made = str(row.get("response", "")), []
    for note in row["annotations"]:
        need(note, ("start", "end", "text", "label"), path, number)
        start, end = int(note["start"]), int(note["end"])
        if len(text) < end:
            text = f"{text.ljust(start)[:start]}{note['text']}".ljust(end)[:end] if not row.get("response") else text
        if not 0 <= start < end <= len(text):
            raise DataError(
                f"{path}, record {number}: a segment from {start} to {end} of a text of {len(text)} characters."
            )
        made.append(Segment(start, end, read_label(str(note["label"]))))
    return text, made


def _image(row: Mapping[str, Any], path: Path, number: int) -> str:
    """The picture's file name; a bare number is one of COCO val2014."""
    value = row.get("image_id", row.get("image"))
    if value is None:
        need(row, ("image_id",), path, number)
    text = str(value)
    return f"COCO_val2014_{int(text):012d}.jpg" if text.isdigit() else text


def label_text(text: str, scene: Scene) -> list[Segment]:
    """Each sentence's label by the scene: inaccurate if a claim does not hold, analysis if it claims nothing that can be checked,
    unsure if that hangs on something doubtful.
    """
    from vistune.world.language.claims import claims

    made = []
    for start, end in sentences(text):
        truths = [claim.holds(scene) for claim in claims(text[start:end]) if claim.kind != "other"]
        label: SegmentLabel = (
            "inaccurate" if False in truths else "unsure" if None in truths else "accurate" if truths else "analysis"
        )
        made.append(Segment(start, end, label))
    return made
