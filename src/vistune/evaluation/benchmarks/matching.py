"""Pictures and captions weighed against each other: what ARO, SugarCrepe, Winoground, VL-CheckList and retrieval share.

Those benchmarks were made for dual encoders, which give a picture and a caption one similarity. What a generative model gives
instead is a choice, and scores under two choices don't compare. The switch ``by`` names it:

| ``by`` | score of a picture and a caption | source |
|---|---|---|
| ``likelihood`` | log P(caption \\| picture, prompt) | VisualGPTScore, arXiv 2306.01879 |
| ``corrected`` | that, minus the score of the caption without the picture: what the picture adds | the same, alpha = 1 |
| ``yes`` | P(yes) over P(yes) + P(no), asked whether they match | VQAScore, arXiv 2404.01291 |
| ``text`` | the caption without the picture: a control that should stay at chance | SugarCrepe, arXiv 2306.14610 |
| ``embedding`` | the cosine of a dual encoder's vectors, by ``vistune.evaluation.embeddings`` | the originals |
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError
from vistune.data.example import Example, ImageSource, assistant, user
from vistune.evaluation.benchmarks.base import OfSplit, Published, Scored, Way
from vistune.evaluation.benchmarks.prompts import check_prompt
from vistune.evaluation.metrics.intervals import ratio

By = Literal["likelihood", "corrected", "yes", "text", "embedding"]
Length = Literal["sum", "mean"]
Blank = Literal["picture", "text"]

#: What comes before a caption that is weighed; and the question of VQAScore.
CAPTION_PROMPT = "describe the picture."
YES_PROMPT = 'Does this figure show "{caption}"? Please answer yes or no.'
#: Both spellings count: models differ in which one they start with.
_YES, _NO = ("yes", "Yes"), ("no", "No")
#: A blank picture is grey all over.
GREY = 127

#: Scores of all pairs of an item, by each way that its weighings allow.
Values = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Pair:
    """A caption and the pictures (places in ``Example.images``) that it is weighed with."""

    caption: str
    pictures: tuple[int, ...] = (0,)


@dataclass(slots=True)
class _Plan:
    """The conversations of an item, each once, and where each pair's are: ``own`` and ``blank``, or ``yes`` and ``no``."""

    conversations: list[Example] = field(default_factory=list)
    places: dict[tuple[Any, ...], int] = field(default_factory=dict)
    own: list[int] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)
    yes: list[list[int]] = field(default_factory=list)
    no: list[list[int]] = field(default_factory=list)


class Matching(Published):
    """``path``: the published annotations; ``images``: the folder of their pictures.

    ``by``, ``length`` (a caption's log-probability as the ``sum`` over its tokens, end mark too, or their ``mean``) and
    ``blank`` (what stands for no picture: a grey ``picture`` or ``text`` alone) choose the score. ``prompt`` replaces the
    request before a caption, or the question of ``yes``, which must hold ``{caption}``.
    """

    images: Path | None = None
    by: By = "likelihood"
    length: Length = "sum"
    blank: Blank = "picture"
    prompt: str | None = None
    n: int = 200
    limit: int | None = None

    def __post_init__(self) -> None:
        """A question that a caption is put into holds a place for it."""
        super().__post_init__()
        if self.by == "yes" and self.prompt is not None:
            check_prompt(self.kind, self.prompt, ("caption",))

    @property
    def way(self) -> Way:
        """Captions are weighed."""
        return "likelihood"

    @property
    def switches(self) -> dict[str, str]:
        """How pairs are scored; nothing is written, so no length of answers."""
        return {name: value for name, value in super().switches.items() if name != "max_new_tokens"}

    def pairs(self, example: Example) -> list[Pair]:
        """What is weighed, in the order of ``values``."""
        return list(example.meta["pairs"])

    def item(self, identity: str, images: Sequence[ImageSource], pairs: Sequence[Pair], **meta: Any) -> Example:
        """An item; the first pair is the right one where one is. What is on record as the question is the request."""
        answers = [pairs[0].caption]
        messages = [user(self._request(pairs[0].caption), images=pairs[0].pictures)]
        return Example(identity, messages, list(images), answers=answers, meta={**meta, "pairs": tuple(pairs)})

    def _request(self, caption: str) -> str:
        if self.by == "yes":
            return (self.prompt or YES_PROMPT).format(caption=caption)
        return self.prompt or CAPTION_PROMPT

    # -- weighing ------------------------------------------------------------------------------------------------------

    def candidates(self, example: Example) -> list[Example]:
        """Each caption after its pictures, and without them where the score needs it; or yes and no after the question."""
        if self.by == "embedding":
            raise ConfigError(f"{self.name}: by 'embedding' is for dual encoders: vistune.evaluation.embeddings.")
        return self._plan(example).conversations

    def score_candidates(self, example: Example, logprobs: Sequence[Sequence[float]]) -> Scored:
        """Score from the log-probabilities."""
        return self.score_values(example, self.values(example, logprobs))

    @abstractmethod
    def score_values(self, example: Example, values: Values) -> Scored:
        """Score from the scores of all pairs; those that count are ``values[self.by]``."""

    def _plan(self, example: Example) -> _Plan:
        plan = _Plan()
        blanks: dict[int, ImageSource] = {}
        for pair in self.pairs(example):
            if self.by == "yes":
                plan.yes.append([self._add(plan, example, pair, answer) for answer in _YES])
                plan.no.append([self._add(plan, example, pair, answer) for answer in _NO])
                continue
            if self.by != "text":
                plan.own.append(self._add(plan, example, pair, pair.caption))
        if self.by in ("corrected", "text"):
            for pair in self.pairs(example):
                plan.blank.append(self._add_blank(plan, example, pair, blanks))
        return plan

    def _add(self, plan: _Plan, example: Example, pair: Pair, answer: str) -> int:
        shown = [example.images[k] for k in pair.pictures]
        return self._once(plan, example, (pair, answer), shown, self._request(pair.caption), answer)

    def _add_blank(self, plan: _Plan, example: Example, pair: Pair, blanks: dict[int, ImageSource]) -> int:
        shown = [] if self.blank == "text" else [_blank(example.images[k], k, blanks) for k in pair.pictures]
        # All pictures of a size are one blank, so that a caption is weighed without a picture once.
        sizes = tuple(image.size() for image in shown)
        return self._once(plan, example, ("blank", sizes, pair.caption), shown, self._request(""), pair.caption)

    @staticmethod
    def _once(
        plan: _Plan, example: Example, key: tuple[Any, ...], shown: list[ImageSource], asked: str, answer: str
    ) -> int:
        if key not in plan.places:
            place = plan.places[key] = len(plan.conversations)
            messages = [user(asked, images=tuple(range(len(shown)))), assistant(answer)]
            plan.conversations.append(Example(f"{example.id}/{place}", messages, shown))
        return plan.places[key]

    def values(self, example: Example, logprobs: Sequence[Sequence[float]]) -> Values:
        """Scores of all pairs, by ``by`` and, for ``corrected``, by both of its parts too. Higher fits better."""
        plan = self._plan(example)
        if self.by == "yes":
            return {"yes": [_yes_share(logprobs, yes, no) for yes, no in zip(plan.yes, plan.no)]}
        own = [self._weight(logprobs[k]) for k in plan.own]
        blank = [self._weight(logprobs[k]) for k in plan.blank]
        if self.by == "corrected":
            return {"likelihood": own, "text": blank, "corrected": [a - b for a, b in zip(own, blank)]}
        return {self.by: own or blank}

    def _weight(self, tokens: Sequence[float]) -> float:
        return sum(tokens) if self.length == "sum" else sum(tokens) / len(tokens)

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Each pair with its score by every way that was weighed."""
        if not item.get("logprobs"):
            return []
        values = self.values(example, item["logprobs"])
        return [
            (f"score by {way}, caption {k + 1}", f"{told[k]:.4f}: {pair.caption} (picture {pair.pictures[0] + 1})")
            for k, pair in enumerate(self.pairs(example))
            for way, told in values.items()
        ]


def _blank(image: ImageSource, place: int, known: dict[int, ImageSource]) -> ImageSource:
    """A grey picture of the same size; one object for all pictures of an item that have one size."""
    if place not in known:
        width, height = image.size()
        same = next((b for b in known.values() if b.size() == (width, height)), None)
        known[place] = same or ImageSource(array=np.full((height, width, 3), GREY, np.uint8))
    return known[place]


def _yes_share(logprobs: Sequence[Sequence[float]], yes: Sequence[int], no: Sequence[int]) -> float:
    """P(yes) over both, from the answers' words without their end marks."""

    def total(places: Sequence[int]) -> float:
        # An answer that is its end mark alone would have no word.
        return float(np.logaddexp.reduce([sum(logprobs[k][:-1] or logprobs[k]) for k in places]))

    gap = total(no) - total(yes)
    return 1 / (1 + math.exp(min(gap, 700.0)))


class Choice(Matching, OfSplit):
    """One picture, the true caption first, then false ones. Right where the true one scores strictly higher than all others.

    ``accuracy`` is over items, ``macro`` the mean over types that have ``least`` items; ``each_type`` tells every type's
    accuracy by its name. With ``corrected``, ``accuracy_likelihood`` and ``accuracy_text`` stand beside.
    """

    each_type = False
    #: Types with fewer items than this don't count for ``macro``.
    least = 1
    _types: tuple[str, ...] | None = field(default=None, init=False)
    _macro: tuple[str, ...] = field(default=(), init=False)

    def examples(self) -> list[Example]:
        """The items of the edition."""
        made = super().examples()
        counts: dict[str, int] = {}
        for example in made:
            counts[example.meta["type"]] = counts.get(example.meta["type"], 0) + 1
        self._types = tuple(sorted(counts))
        self._macro = tuple(name for name in self._types if counts[name] >= self.least)
        return made

    def wins(self, example: Example, values: Sequence[float]) -> bool:
        """Whether the true caption wins; ties are lost."""
        return all(values[0] > other for other in values[1:])

    def score_values(self, example: Example, values: Values) -> Scored:
        """Right or wrong, by every way that was weighed; the chosen caption is what was understood."""
        if self._types is None:
            self.examples()
        told = values[self.by]
        right = float(self.wins(example, told))
        columns = {"items": 1.0, "correct": right}
        columns |= {f"correct_{way}": float(self.wins(example, v)) for way, v in values.items() if way != self.by}
        for name in self._types or ():
            own = name == example.meta["type"]
            columns |= {f"items:{name}": float(own), f"correct:{name}": right * own}
        chosen = self.pairs(example)[max(range(len(told)), key=told.__getitem__)].caption
        return Scored(chosen, right, columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Accuracy, its mean over types, and beside them what was weighed along."""
        found = {"accuracy": ratio(sums["correct"], sums["items"])}
        shares = {name: _share(sums[f"correct:{name}"], sums[f"items:{name}"]) for name in self._types or ()}
        found["macro"] = mean_of([shares[name] for name in self._macro], found["accuracy"])
        if self.each_type:
            found |= {name: np.nan_to_num(share) for name, share in shares.items()}
        for key in sums:
            if key.startswith("correct_"):
                found[f"accuracy_{key.removeprefix('correct_')}"] = ratio(sums[key], sums["items"])
        return found


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """A ratio; NaN of nothing."""
    return np.divide(part, whole, out=np.full_like(np.asarray(whole, float), np.nan), where=whole > 0)


def mean_of(shares: Sequence[NDArray[np.float64]], like: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of those that are there (not NaN: a resample may lack a type); 0 where none is."""
    if not shares:
        return np.zeros_like(like)
    table = np.stack(list(shares))
    there = ~np.isnan(table)
    return ratio(np.where(there, table, 0.0).sum(0), there.sum(0).astype(float))
