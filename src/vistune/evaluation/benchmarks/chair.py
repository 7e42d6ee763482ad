"""CHAIR (Rohrbach et al. 2018): which things does a description name that are not there? Also at fixed lengths."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, OfSplit, Scored
from vistune.evaluation.benchmarks.nano import picture, scene_facets, scenes
from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.chair import (
    CUTS,
    ThingWords,
    chair_columns,
    chair_scores,
    coco_truth,
    length_columns,
    length_measures,
    read_coco,
)
from vistune.world.scene import Prior

#: What is asked, of photographs and of scenes.
COCO_PROMPT, NANO_PROMPT = "Please describe this image in detail.", "describe the picture."


@BENCHMARKS.register("chair")
class Chair(OfSplit):
    """Descriptions; CHAIR_s is the share that name an absent thing, CHAIR_i the share of mentions, recall that of the true things.

    ``path``: COCO's ``instances_*.json``, with ``captions`` (``captions_*.json``), ``images`` and ``synonyms`` (the published
    ``synonyms.txt``); truth is the union of segments and reference captions, ``n`` (500) photographs are drawn by ``seed``.
    Without it ``n`` (200) scenes, whose things are known. ``official`` counts denied mentions too, ``strict`` leaves them out.
    Both measures rise with length: compare at one ``max_new_tokens`` (64 and 512 are in use). The official script makes
    singulars with a library, here they are looked up.
    """

    main = "chair_s"
    higher_is_better = False
    protocol = "LisaAnne/Hallucination: mentions by synonym table; truth from segments and captions, or the scene"
    capabilities = ("hallucination", "captions")

    captions: Path | None = None
    images: Path | None = None
    synonyms: Path | None = None
    #: Of these, 0 and "" stand for what is usual for scenes or photographs.
    n: int = 0
    prompt: str = ""
    max_new_tokens: int = 0
    prior: Prior = "skewed"
    mode: Mode = "official"
    _words: ThingWords | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """What is usual for scenes or photographs where nothing is said."""
        super().__post_init__()
        if self.path is not None and not (self.captions and self.images and self.synonyms):
            raise ConfigError("CHAIR on photographs needs path (instances), captions, images and synonyms.")
        n, prompt, longest = (200, NANO_PROMPT, 96) if self.path is None else (500, COCO_PROMPT, 64)
        self.n, self.prompt, self.max_new_tokens = self.n or n, self.prompt or prompt, self.max_new_tokens or longest

    @property
    def name(self) -> str:
        """With the prior where it is not the usual one; of photographs with the longest answer, on which measures depend."""
        if self.path is not None:
            return f"{self.kind}_coco_{self.max_new_tokens}"
        return self.kind if self.prior == "skewed" else f"{self.kind}_{self.prior}"

    def words(self) -> ThingWords:
        """The synonym table. Raises ``DataError`` where the file is not there."""
        if self._words is None:
            if self.synonyms is None:
                from vistune.world.language import synonyms

                self._words = ThingWords(synonyms(), mode=self.mode)
            elif not self.synonyms.is_file():
                raise DataError(f"There is no synonym table {self.synonyms} (CHAIR's synonyms.txt).")
            else:
                self._words = ThingWords.from_synonyms(self.synonyms.read_text(encoding="utf-8"), self.mode)
        return self._words

    def nano(self) -> list[Example]:
        """One request a scene; references are the names of its things."""
        made = []
        for scene in scenes(self.n, self.split, self.prior, self.seed):
            things = sorted({thing.kind for thing in scene.things})
            meta = {"type": "caption", "group": str(scene.seed), "facets": scene_facets(scene)}
            pictures = [picture(scene, self.image_size)]
            messages = [user(self.prompt, images=(0,))]
            made.append(Example(f"{self.name}-{scene.seed}", messages, pictures, answers=things, meta=meta))
        return made

    def published(self) -> list[Example]:
        """One request a photograph; references are the nodes of its things."""
        assert self.path is not None and self.captions is not None and self.images is not None
        told = read_coco(self.captions)
        truth = coco_truth(read_coco(self.path), told, self.words())
        files = {image["id"]: image["file_name"] for image in told["images"]}
        chosen = sorted(number for number in truth if number in files)
        if len(chosen) > self.n:
            chosen = sorted(random.Random(f"chair/{self.seed}").sample(chosen, self.n))
        if not chosen:
            raise DataError(f"{self.path} and {self.captions} have no picture in common.")
        made = []
        for number in chosen:
            things = len(truth[number])
            facets = {"things": str(things) if things < 6 else "6 or more"}
            meta = {"type": "caption", "group": str(number), "facets": facets}
            pictures = [ImageSource(path=self.images / files[number])]
            messages = [user(self.prompt, images=(0,))]
            made.append(Example(str(number), messages, pictures, answers=sorted(truth[number]), meta=meta))
        return made

    def score(self, example: Example, answer: str) -> Scored:
        """Score 1 for a caption without a hallucinated thing."""
        mentioned = self.words().mentions(answer)
        columns = chair_columns(mentioned, set(example.answers))
        return Scored(", ".join(mentioned), 1.0 - columns["with_hallucination"], columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """CHAIR_i, CHAIR_s and recall."""
        return chair_scores(sums)

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What was named, and which of it is not there."""
        truth = set(example.answers)
        mentioned = self.words().mentions(str(item["answer"]))
        return [
            ("mentions", ", ".join(mentioned) or "none"),
            ("there", ", ".join(sorted(truth)) or "nothing"),
            ("named but absent", ", ".join(node for node in mentioned if node not in truth) or "none"),
            ("there but not named", ", ".join(sorted(truth - set(mentioned))) or "none"),
        ]


@BENCHMARKS.register("chair_coco")
class ChairCoco(Chair):
    """CHAIR on ``n`` COCO photographs drawn by ``seed``; truth: segments and reference captions together.

    ``instances`` and ``captions`` are COCO annotation files, ``images`` the folder of the pictures, ``synonyms`` the
    published ``synonyms.txt``.
    """

    protocol = "LisaAnne/Hallucination: truth from segments and reference captions; singulars by own rules"

    def __init__(
        self,
        instances: str,
        captions: str,
        images: str,
        synonyms: str,
        n: int = 500,
        prompt: str = COCO_PROMPT,
        max_new_tokens: int = 64,
        mode: Mode = "official",
        seed: int = 0,
    ) -> None:
        super().__init__(
            path=Path(instances), captions=Path(captions), images=Path(images), synonyms=Path(synonyms), n=n, prompt=prompt,
            max_new_tokens=max_new_tokens, mode=mode, seed=seed,
        )  # fmt: skip

    @property
    def name(self) -> str:
        """With the longest answer, on which the measures depend."""
        return f"chair_coco_{self.max_new_tokens}"


@BENCHMARKS.register("chair_length")
class ChairLength(Chair):
    """CHAIR at equal lengths: each description is cut after ``cuts`` words (8, 16, 32, 64) and measured there, those that are
    shorter left out; ``slope`` is the number of further false mentions with ten further words.

    Files and truth as for ``chair``. No official protocol fixes the length; two models that write 20 and 90 words cannot be told
    apart by CHAIR itself, but they can at ``chair_i@16``. Main measure: CHAIR_i at the cut ``main_cut``.
    """

    main = "chair_i_at_cut"
    protocol = (
        "CHAIR's mentions in the first words of each description that has so many; least-squares slope over lengths"
    )
    capabilities = ("hallucination", "captions", "robustness")
    not_shares = ("slope", "words")

    cuts: tuple[int, ...] = CUTS
    main_cut: int = 16

    def __post_init__(self) -> None:
        """Longer descriptions of photographs; a main cut that is made."""
        self.max_new_tokens = self.max_new_tokens or (512 if self.path else 96)
        super().__post_init__()
        self.cuts, cut = tuple(self.cuts), self.main_cut
        if not self.cuts or min(self.cuts) < 1 or cut not in self.cuts:
            raise ConfigError(f"chair_length: main_cut {cut} is to be one of cuts {list(self.cuts)}, all above 0.")

    def score(self, example: Example, answer: str) -> Scored:
        """Score 1 for a description without a hallucinated thing in its first ``main_cut`` words."""
        columns = length_columns(answer, set(example.answers), self.words(), self.cuts)
        found = {f"{name}@{cut}": columns[f"{name}@{cut}"] for name in ("with_hallucination",) for cut in self.cuts}
        mentioned = self.words().mentions(answer)
        return Scored(", ".join(mentioned), 1.0 - found[f"with_hallucination@{self.main_cut}"], columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """CHAIR_i, CHAIR_s and recall of whole descriptions and at each cut, the slope, the mean length."""
        found = length_measures(sums, self.cuts)
        return {"chair_i_at_cut": found[f"chair_i@{self.main_cut}"], **found}
