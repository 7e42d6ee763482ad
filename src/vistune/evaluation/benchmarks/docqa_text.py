"""Documents without their pictures: the questions of other benchmarks, answered from the words that stand there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Literal

import numpy as np

from vistune.core.errors import ConfigError, DataError, nearest
from vistune.data.example import Example, assistant, user
from vistune.data.reading_order import Order, first_words, misread, serialise
from vistune.evaluation.benchmarks.base import BENCHMARKS, Benchmark, Scored, Way
from vistune.evaluation.benchmarks.paged import from_meta
from vistune.evaluation.benchmarks.short import Array
from vistune.evaluation.benchmarks.textvqa import TextVQA
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.vqa import anls, squeezed

#: Benchmarks whose items carry words with boxes.
WITH_WORDS = ("docvqa", "infographicvqa", "textvqa", "chartqa", "tabmwp", "funsd", "sroie")
#: What the model is given: the words as text; the question alone (a control); the picture alone; the picture and the words.
Style = Literal["text", "question", "picture", "both"]
#: ``answer``: the questions; ``perplexity``: how likely the text itself is in this order, no question asked.
By = Literal["answer", "perplexity"]
TEMPLATE = "Answer the question based on the text.\nContext: {context}\nQuestion: {question}\nAnswer:"


@BENCHMARKS.register("docqa_text", paper="llm-only-docqa")
class DocQAText(Benchmark):
    """Document questions answered from serialised words, without the picture (arXiv 2309.14389).

    ``of`` is the benchmark (docvqa, infographicvqa, textvqa, chartqa, tabmwp, funsd, sroie) with ``parameters`` of its own;
    its score is the score here. ``order``: the words in the engine's order, as a raster, by blocks, or at random (a
    control); ``distort``: share of words (or ``unit`` "lines") that change places; ``words``: only so many first words, the
    question is never cut; ``noise``: share of letters misread. ``style`` gives the question alone, the picture, or both,
    so that two runs on the same items can be compared. ``answerable``: items with a truth in the text that is given;
    ``on_answerable`` is the score on them alone. ``by`` "perplexity" measures the text itself (lower: a better order).
    """

    main = "anls"
    protocol = (
        "LLM-only document QA: serialised words in the prompt; the data set's own metric (the wording is vistune's)"
    )
    capabilities = ("text-in-pictures", "language", "robustness")
    graded = True

    of: str = "docvqa"
    parameters: dict[str, Any] | None = None
    style: Style = "text"
    by: By = "answer"
    order: Order = "raster"
    distort: float = 0.0
    unit: Literal["words", "lines"] = "words"
    words: int | None = None
    noise: float = 0.0
    breaks: bool = False
    prompt: str = TEMPLATE
    n: int | None = None
    seed: int = 0
    inner: Benchmark = field(init=False)

    def __post_init__(self) -> None:
        """The benchmark whose questions are asked."""
        super().__post_init__()
        if self.of not in WITH_WORDS:
            raise ConfigError(f"docqa_text: '{self.of}' is no benchmark with words. {nearest(self.of, WITH_WORDS)}")
        if "{context}" not in self.prompt or "{question}" not in self.prompt:
            raise ConfigError("docqa_text: the prompt needs {context} and {question}.")
        self.parameters = {"style": "plain", **({} if self.n is None else {"n": self.n}), **(self.parameters or {})}
        self.inner = BENCHMARKS.build({"kind": self.of, **self.parameters})
        if isinstance(self.inner, TextVQA):
            self.inner.keep_words = True
        self.max_new_tokens = self.inner.max_new_tokens
        self.main = "perplexity" if self.by == "perplexity" else self.inner.main
        self.higher_is_better = self.by == "answer"
        self.not_shares = ("perplexity", *self.inner.not_shares)

    @property
    def name(self) -> str:
        """With the benchmark, and what is given beside or in place of the words in raster order."""
        told = [f"text_{self.inner.name}"] + ([] if self.style == "text" else [self.style])
        told += [] if self.order == "raster" else [self.order]
        told += [f"distort{self.distort:g}{self.unit}"] if self.distort else []
        told += [f"first{self.words}"] if self.words is not None else []
        told += [f"noise{self.noise:g}"] if self.noise else []
        return "_".join([*told, *(["perplexity"] if self.by == "perplexity" else [])])

    @property
    def way(self) -> Way:
        """Answers, or the likelihood of the texts."""
        return "likelihood" if self.by == "perplexity" else "answer"

    @property
    def switches(self) -> dict[str, str]:
        """Also the order, and what was done to the words."""
        told = {"order": self.order, "distort": f"{self.distort:g} of the {self.unit}", "noise": f"{self.noise:g}"}
        inner = {k: v for k, v in self.inner.switches.items() if k in ("mode", "lengths", "extraction")}
        return {**super().switches, **told, **inner}

    def context(self, example: Example) -> str:
        """The words of an item as the text that is given."""
        if "words" not in example.meta:
            raise DataError(f"{self.of}: item {example.id} has no recognised words. Give parameters with ocr=...")
        found = from_meta(example.meta["words"])
        seed = f"{self.seed}/{example.meta['group']}"
        number = int.from_bytes(seed.encode(), "big") % (1 << 32)
        how: dict[str, Any] = {"breaks": self.breaks, "distort": self.distort, "unit": self.unit, "seed": number}
        text = serialise(found, self.order, **how)
        return first_words(misread(text, self.noise, number), self.words)

    def examples(self) -> list[Example]:
        """The inner benchmark's items, asked from their text; for perplexity each text once."""
        made, seen = [], set()
        for example in self.inner.examples():
            text = self.context(example)
            group = example.meta["group"]
            if self.by == "perplexity":
                if group in seen or not text.strip():
                    continue
                seen.add(group)
                meta = {"type": "text", "group": group, "facets": example.meta.get("facets", {}), "text": text}
                made.append(Example(str(group), [user("")], answers=[text], meta=meta))
                continue
            meta = {**example.meta, "text": text, "answerable": answerable(text, example.answers)}
            meta["facets"] = {**meta.get("facets", {}), "answerable": "yes" if meta["answerable"] else "no"}
            messages, images = self._messages(example, text)
            made.append(Example(example.id, messages, images, answers=example.answers, meta=meta))
        return made

    def _messages(self, example: Example, text: str) -> tuple[list, list]:
        """The prompt, with what the style gives."""
        shown = example.images if self.style in ("picture", "both") else []
        places = tuple(range(len(shown)))
        asked = example.meta["question"]
        if self.style == "picture":
            return [user(asked, images=places)], list(shown)
        context = "" if self.style == "question" else text
        prompt = self.prompt.replace("{question}", asked).replace("{context}", context)
        return [user(prompt, images=places)], list(shown)

    def score(self, example: Example, answer: str) -> Scored:
        """The inner benchmark's score, and on answerable items alone."""
        scored = self.inner.score(example, answer)
        can = float(example.meta["answerable"])
        own = {"all_items": 1.0, "answerable_items": can, "answerable_score": can * scored.score}
        return Scored(scored.parsed, scored.score, {**scored.columns, **own})

    def candidates(self, example: Example) -> list[Example]:
        """The text itself, to be weighed."""
        return [Example(example.id, [*example.messages, assistant(example.meta["text"])])]

    def score_candidates(self, example: Example, logprobs: Sequence[Sequence[float]]) -> Scored:
        """Negative log-likelihood of the text's tokens, its end mark left out."""
        tokens = list(logprobs[0])[:-1] or list(logprobs[0])
        loss = -sum(tokens)
        return Scored(None, 1.0 / float(np.exp(loss / len(tokens))), {"loss": loss, "tokens": float(len(tokens))})

    def group_columns(self, items: Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """The inner benchmark's."""
        return self.inner.group_columns(items) if self.by == "answer" else {}

    def measures(self, sums: Mapping[str, Array]) -> dict[str, Array]:
        """The inner benchmark's, the share of answerable items and the score on them; or perplexity per token."""
        if self.by == "perplexity":
            return {"perplexity": np.exp(ratio(sums["loss"], sums["tokens"]))}
        return {
            **self.inner.measures(sums),
            "answerable": ratio(sums["answerable_items"], sums["all_items"]),
            "on_answerable": ratio(sums["answerable_score"], sums["answerable_items"]),
        }

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The text that was given, whether a truth is in it, and the inner benchmark's steps."""
        if self.by == "perplexity":
            return [("text", example.meta["text"])]
        there = "a truth is in the text" if example.meta["answerable"] else "no truth is in the text"
        return [
            ("text that was given", example.meta["text"]),
            ("answerable", there),
            *self.inner.explain(example, item),
        ]


def answerable(text: str, truths: Sequence[str]) -> bool:
    """Whether a truth occurs in the text: as it is (lower case, whole words), or some run of words is like it (ANLS 0.5 or more).

    What bounds a system that only copies.
    """
    words = squeezed(text).split()
    padded = f" {' '.join(words)} "
    for truth in truths:
        wanted = squeezed(truth)
        if not wanted:
            continue
        if f" {wanted} " in padded:
            return True
        long = len(wanted.split())
        spans = (" ".join(words[k : k + size]) for size in range(max(1, long - 1), long + 2) for k in range(len(words)))
        if any(abs(len(span) - len(wanted)) <= len(wanted) and anls(span, [wanted]) >= 0.5 for span in spans):
            return True
    return False
