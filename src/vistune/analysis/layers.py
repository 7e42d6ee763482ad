"""How much each decoder layer matters: noise at its input, and what that does to the answer (arXiv 2410.04751, experiment 5)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vistune.analysis.tokens import token_masks
from vistune.core.errors import ConfigError, DataError, nearest
from vistune.data.example import Example, assistant
from vistune.models.anatomy import anatomy_of
from vistune.models.interface import Answerer
from vistune.models.interventions import AddNoise, Intervention, intervene

Where = Literal["image", "text", "all"]


@dataclass(frozen=True)
class LayerImportance:
    """KL of the answer's distributions, clean against noisy, in nats: ``[examples, layers]`` for each sort of tokens."""

    values: dict[str, NDArray[np.float64]]

    def mean(self, where: Where) -> NDArray[np.float64]:
        """Over examples: ``[layers]``."""
        return self.values[where].mean(axis=0)

    def normalised(self, where: Where) -> NDArray[np.float64]:
        """Each layer's share of the sum over layers; 0 where nothing changed anything."""
        own = self.mean(where)
        return own / own.sum() if own.sum() > 0 else own

    @property
    def modality_ratio(self) -> NDArray[np.float64]:
        """Pictures over text, by layer; NaN where text does not matter at all."""
        image, text = self.mean("image"), self.mean("text")
        return np.divide(image, text, out=np.full_like(image, np.nan), where=text > 0)


def layer_importance(
    model: Answerer,
    examples: Sequence[Example],
    *,
    sigma: float = 0.1,
    draws: int = 10,
    tokens: int = 4,
    where: Sequence[Where] = get_args(Where),
    seed: int = 0,
) -> LayerImportance:
    """Noise of ``sigma`` times the root mean square of each token's state at the input of one layer, at tokens of the prompt.

    KL(clean || noisy) in float64, mean over ``draws`` and over the first ``tokens`` tokens of the first accepted answer, which
    are fed whatever the model would say (teacher forced). Questions that show no picture have no ``image`` noise: 0.

    Raises ``ConfigError`` for settings that mean nothing, ``DataError`` for a question without an answer.
    """
    if sigma < 0 or draws < 1 or tokens < 1:
        raise ConfigError("Noise has a sigma of at least 0, and at least one draw and one token.")
    for sort in where:
        if sort not in get_args(Where):
            raise ConfigError(f"There are no tokens '{sort}'. {nearest(sort, get_args(Where))}")
    depth = anatomy_of(getattr(model.module, "decoder", None) or model.module, "decoder").depth
    found: dict[str, list[list[float]]] = {sort: [] for sort in where}
    for number, example in enumerate(examples):
        masks = token_masks(model, model.prepare([example]))
        # As many rows as with noise: then no noise is no difference, bit for bit.
        clean = answer_distributions(model, example, draws, tokens)
        for sort in where:
            rows = []
            for layer in range(depth):
                mask = masks[sort].expand(draws, -1)
                noise = AddNoise(sigma, layers=[layer], mask=mask, seed=seed * 100_003 + number)
                rows.append(_divergence(clean, answer_distributions(model, example, draws, tokens, [noise])))
            found[sort].append(rows)
    return LayerImportance({sort: np.array(rows) for sort, rows in found.items()})


def answer_distributions(
    model: Answerer, example: Example, rows: int, tokens: int, edits: Sequence[Intervention] = ()
) -> Tensor:
    """Log-probabilities ``[rows, tokens or fewer, vocabulary]`` float64 along the first accepted answer of a prompt run ``rows``
    times side by side. ``edits`` act on the prompt only.
    """
    if not example.answers:
        raise DataError(f"Item '{example.id}' has no answer, along which distributions could be compared.")
    told = replace(example, messages=[*example.messages, assistant(example.answers[0])])
    ids = model.answer_ids(told)[:tokens]
    with intervene(model.module, *edits) if edits else nullcontext():
        logits, state = model.prefill(model.prepare([example] * rows))
    found = [logits]
    for token in ids[:-1]:
        logits, state = model.step(state, torch.full((rows,), token, dtype=torch.long, device=logits.device))
        found.append(logits)
    return torch.stack(found, dim=1).double().log_softmax(-1)


def _divergence(clean: Tensor, noisy: Tensor) -> float:
    """Mean KL(clean || noisy) over rows and tokens."""
    # A token that cannot be said has no part in it: 0 log 0.
    gap = torch.where(clean.isfinite(), clean.exp() * (clean - noisy), torch.zeros_like(clean))
    return max(0.0, float(gap.sum(-1).mean()))
