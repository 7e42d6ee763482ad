"""How far answers hang on what they should not: instructions, text beside the picture, order, regions.

MM-BigBench (arXiv 2310.09036): best performance, mean relative gain, stability, adaptability. Words or Vision (2503.02199):
text preference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_TINY = 1e-6


def best_performance(accuracy: Array) -> Array:
    """``[models, datasets, instructions]`` -> each model's best instruction on each dataset: ``[models, datasets]``."""
    return np.asarray(accuracy, float).max(axis=2)


def mean_relative_gain(accuracy: Array) -> tuple[Array, Array]:
    """Percent better than the mean, of models ``[models, datasets]`` and of instructions ``[instructions, datasets]``.

    A model is set against the mean of all models under the same instruction, an instruction against the mean of all
    instructions with the same model. Both sum to zero over what is compared; neither can be compared between tables.
    """
    a = np.asarray(accuracy, float)
    over_models, over_instructions = (a.mean(axis=axis, keepdims=True) + _TINY for axis in (0, 2))
    of_models = 100 * ((a - over_models) / over_models).mean(axis=2)
    of_instructions = 100 * ((a - over_instructions) / over_instructions).mean(axis=0)
    return of_models, of_instructions.T


def stability(accuracy: Array) -> tuple[Array, Array]:
    """Standard deviation over instructions of each model ``[models, datasets]``, and over models of each instruction
    ``[instructions, datasets]``. Lower is steadier; a model at chance is steady too.
    """
    a = np.asarray(accuracy, float)
    return a.std(axis=2), a.std(axis=0).T


def adaptability(accuracy: Array, k: int = 3) -> Array:
    """Global top-``k`` hit ratio in percent, ``[models, instructions]``: how often an instruction is among the ``k`` best of a
    model over the datasets. Rows sum to 100; of equals, the later instruction is taken, as by the original's sorting.
    """
    a = np.asarray(accuracy, float)
    models, datasets, instructions = a.shape
    k = min(k, instructions)
    hits = np.zeros((models, instructions))
    for m in range(models):
        for d in range(datasets):
            hits[m, np.argsort(a[m, d], kind="stable")[-k:]] += 1
    return 100 * hits / (k * datasets)


def followed(by_picture: str, by_text: str, by_both: str) -> str:
    """Whom the answer with picture and text follows: "both", "image", "text" or "neither"; answers normalised before."""
    if by_both == by_picture == by_text:
        return "both"
    if by_both == by_picture:
        return "image"
    return "text" if by_both == by_text else "neither"


def text_preference(followings: Sequence[str]) -> dict[str, float]:
    """Text preference ratio (1: blind faith in text), the coarse ratio that counts "both" with it, and all shares."""
    count = {name: sum(f == name for f in followings) for name in ("both", "image", "text", "neither")}
    torn = count["text"] + count["image"]
    settled = torn + count["both"]
    return {
        "text_preference": count["text"] / torn if torn else 0.0,
        "coarse": (count["text"] + count["both"]) / settled if settled else 0.0,
        **{name: n / len(followings) if followings else 0.0 for name, n in count.items()},
    }


def corruption_drop(accuracy: Mapping[str, float]) -> float:
    """Accuracy with contradicting text in percent of that without text ("corrupt" over "base")."""
    return 100 * accuracy["corrupt"] / accuracy["base"] if accuracy["base"] else 0.0


def position_counts(chosen: Sequence[int | None], options: int) -> dict[str, float]:
    """Share of each place among the answered; ``spread``: standard deviation of the shares from even ones, in points.

    With every right place as common, a model without bias answers each as often.
    """
    answered = [c for c in chosen if c is not None]
    shares = [answered.count(k) / len(answered) if answered else 0.0 for k in range(options)]
    spread = 100 * float(np.sqrt(np.mean([(s - 1 / options) ** 2 for s in shares])))
    return {**{f"place_{k + 1}": share for k, share in enumerate(shares)}, "spread": spread}


def relaxed_match(answer: str, truth: str, mode: Literal["official", "strict"] = "official") -> dict[str, bool]:
    """GIMMICK's three ways: equal, one starts with the other, one contains the other.

    ``official``: to the letter and the case, so an **empty answer is right** in the two relaxed ways, and "A. Arvel" is not
    equal to "A". ``strict``: in lower case, without blanks at the ends, and an empty answer is wrong.
    """
    a, t = (answer, truth) if mode == "official" else (answer.strip().lower(), truth.strip().lower())
    if mode == "strict" and not a:
        return {"exact": False, "relaxed": False, "very_relaxed": False}
    return {"exact": a == t, "relaxed": a.startswith(t) or t.startswith(a), "very_relaxed": a in t or t in a}


def by_group(right: Sequence[float], groups: Sequence[Sequence[str]]) -> dict[str, float]:
    """Mean over all items and in each group (region, language); an item of several groups counts in each of them."""
    named: dict[str, list[float]] = {}
    for value, own in zip(right, groups, strict=True):
        for name in own:
            named.setdefault(name, []).append(value)
    every = float(np.mean(right)) if len(right) else 0.0
    return {"all": every, **{name: float(np.mean(values)) for name, values in sorted(named.items())}}
