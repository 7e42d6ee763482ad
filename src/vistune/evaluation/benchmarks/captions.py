"""Captions of photographs against human ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vistune.data.example import Example, as_question
from vistune.evaluation.benchmarks.base import BENCHMARKS, Benchmark, Scored
from vistune.evaluation.metrics.captions import CiderD, bleu_columns, bleu_scores, mean_scores, rouge_l


@BENCHMARKS.register("captions")
class Captions(Benchmark):
    """CIDEr-D, BLEU and ROUGE-L on a split of a Flickr8k-format folder; CIDEr's document frequencies are the split's."""

    main = "cider"
    graded = True
    protocol = "pycocoevalcap definitions; PTB tokens by a Python edition of the official tokenizer"

    def __init__(self, path: str, split: str = "test", limit: int | None = None, max_new_tokens: int = 40) -> None:
        self.path, self.split, self.limit, self.max_new_tokens = Path(path), split, limit, max_new_tokens
        self._cider: CiderD | None = None

    @property
    def name(self) -> str:
        """With the split."""
        return f"captions_{self.split}"

    def examples(self) -> list[Example]:
        """One request a picture; references are all its captions."""
        from vistune.data.formats import read

        made = []
        for example in read(self.path, "flickr8k", split=self.split, per="picture"):
            question = as_question(example)
            question.meta |= {"type": "caption", "group": example.id}
            made.append(question)
            if self.limit and len(made) == self.limit:
                break
        self._cider = CiderD([example.answers for example in made])
        return made

    def score(self, example: Example, answer: str) -> Scored:
        """CIDEr-D of one caption (0 to 10) as its score over 10."""
        if self._cider is None:
            self.examples()
        assert self._cider is not None
        cider = self._cider.score(answer, example.answers)
        means = {
            "mean_cider": cider,
            "mean_rouge_l": rouge_l(answer, example.answers),
            "mean_words": len(answer.split()),
        }
        columns = {"items": 1.0, **bleu_columns(answer, example.answers), **means}
        return Scored(answer, cider / 10, columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Corpus BLEU; means of the others."""
        return {**mean_scores(sums), **bleu_scores(sums)}
