"""CHAIR on real photographs, from COCO's own annotation files."""

from __future__ import annotations

import random
from pathlib import Path

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, Benchmark, Scored
from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.chair import ThingWords, chair_columns, chair_scores, coco_truth, read_coco


@BENCHMARKS.register("chair_coco")
class ChairCoco(Benchmark):
    """CHAIR on ``n`` COCO photographs drawn by ``seed``; truth: segments and reference captions together.

    ``instances`` and ``captions`` are COCO annotation files, ``images`` the folder of the pictures, ``synonyms`` the
    published ``synonyms.txt``. Both measures rise with length: compare at one ``max_new_tokens`` only (64 and 512 are in
    use).
    """

    main = "chair_s"
    higher_is_better = False
    protocol = "LisaAnne/Hallucination: truth from segments and reference captions; singulars by own rules"

    def __init__(
        self,
        instances: str,
        captions: str,
        images: str,
        synonyms: str,
        n: int = 500,
        prompt: str = "Please describe this image in detail.",
        max_new_tokens: int = 64,
        mode: Mode = "official",
        seed: int = 0,
    ) -> None:
        self.instances, self.captions = Path(instances), Path(captions)
        self.images, self.synonyms = Path(images), Path(synonyms)
        self.n, self.prompt, self.max_new_tokens, self.seed = n, prompt, max_new_tokens, seed
        self.mode: Mode = mode
        self._words: ThingWords | None = None

    @property
    def name(self) -> str:
        """With the longest answer, on which the measures depend."""
        return f"chair_coco_{self.max_new_tokens}"

    def words(self) -> ThingWords:
        """The synonym table. Raises ``DataError`` where it is not there."""
        if self._words is None:
            if not self.synonyms.is_file():
                raise DataError(f"There is no synonym table {self.synonyms} (CHAIR's synonyms.txt).")
            self._words = ThingWords.from_synonyms(self.synonyms.read_text(encoding="utf-8"), self.mode)
        return self._words

    def examples(self) -> list[Example]:
        """One request a photograph; references are the nodes of its things."""
        told = read_coco(self.captions)
        truth = coco_truth(read_coco(self.instances), told, self.words())
        files = {image["id"]: image["file_name"] for image in told["images"]}
        chosen = sorted(number for number in truth if number in files)
        if len(chosen) > self.n:
            chosen = sorted(random.Random(f"chair/{self.seed}").sample(chosen, self.n))
        if not chosen:
            raise DataError(f"{self.instances} and {self.captions} have no picture in common.")
        return [
            Example(
                str(number),
                [user(self.prompt, images=(0,))],
                [ImageSource(path=self.images / files[number])],
                answers=sorted(truth[number]),
                meta={"type": "caption", "group": str(number)},
            )
            for number in chosen
        ]

    def score(self, example: Example, answer: str) -> Scored:
        """Score 1 for a caption without a hallucinated thing."""
        mentioned = self.words().mentions(answer)
        columns = chair_columns(mentioned, set(example.answers))
        return Scored(", ".join(mentioned), 1.0 - columns["with_hallucination"], columns)

    measures = staticmethod(chair_scores)  # type: ignore[assignment]
