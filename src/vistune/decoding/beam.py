"""Beam search as transformers does it: length-normalised scores, finished beams kept until no running one can beat them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from vistune.decoding.branches.base import DecodingMethod
from vistune.decoding.loop import Answer, cut_stops, text_of, warpers
from vistune.decoding.settings import Settings
from vistune.models.interface import Answerer


@torch.no_grad()
def beam_search(
    model: Answerer,
    logits: Tensor,
    state: Any,
    branches: int,
    size: int,
    settings: Settings,
    method: DecodingMethod | None,
) -> list[Answer]:
    """The best of ``settings.beams`` hypotheses for each of ``size`` examples; branches of a beam share its tokens."""
    beams, device = settings.beams, logits.device
    rows = torch.arange(branches * size, device=device).repeat_interleave(beams)
    state.reorder(rows)
    logits = logits[rows]
    scores = torch.full((size, beams), -torch.inf, device=device)
    scores[:, 0] = 0.0
    tokens = torch.empty((size, beams, 0), dtype=torch.long, device=device)
    finished: list[list[tuple[float, list[int]]]] = [[] for _ in range(size)]
    done = [False] * size
    ends = torch.tensor(model.eos_token_ids, device=device)
    processors = warpers(settings)
    for step in range(settings.max_new_tokens):
        if method is not None:
            logits = method.combine(logits.view(branches, size * beams, -1), step)
        logprobs = processors(tokens.view(size * beams, -1), logits.log_softmax(-1)).view(size, beams, -1)
        vocabulary = logprobs.shape[-1]
        total = (scores[..., None] + logprobs).view(size, -1)
        best, flat = total.topk(beams * (1 + len(ends)), dim=-1)
        source, token = flat // vocabulary, flat % vocabulary
        ended = torch.isin(token, ends)
        _keep_finished(finished, done, best, source, token, ended, tokens, settings)
        running = best.masked_fill(ended, -torch.inf)
        scores, pick = running.topk(beams, dim=-1)
        source, token = source.gather(1, pick), token.gather(1, pick)
        tokens = torch.cat([tokens.gather(1, source[..., None].expand(-1, -1, step)), token[..., None]], -1)
        for i in range(size):
            done[i] = done[i] or _cannot_improve(finished[i], float(scores[i, 0]), step + 1, settings)
        if all(done) or step + 1 == settings.max_new_tokens:
            break
        index = (torch.arange(size, device=device)[:, None] * beams + source).flatten()
        state.reorder(torch.cat([index + k * size * beams for k in range(branches)]))
        logits, state = model.step(state, token.flatten().repeat(branches))
    return [_best(model, finished[i], done[i], scores[i], tokens[i], settings) for i in range(size)]


def _normal(score: float, length: int, settings: Settings) -> float:
    return score / length**settings.length_penalty


def _keep_finished(
    finished: list, done: list[bool], best: Tensor, source: Tensor, token: Tensor, ended: Tensor, tokens: Tensor, settings: Settings
) -> None:  # fmt: skip
    """Hypotheses that end now and are among the best ``beams`` candidates, the worst dropped beyond ``beams``."""
    for i, place in ended[:, : settings.beams].nonzero().tolist():
        if done[i] or best[i, place] == -torch.inf:
            continue
        said = [*tokens[i, source[i, place]].tolist(), int(token[i, place])]
        finished[i].append((_normal(float(best[i, place]), len(said), settings), said))
        finished[i].sort(key=lambda pair: -pair[0])
        del finished[i][settings.beams :]


def _cannot_improve(finished: list, best_running: float, length: int, settings: Settings) -> bool:
    """Enough finished hypotheses, the worst of them better than the best running one would be if it ended now."""
    return len(finished) >= settings.beams and finished[-1][0] >= _normal(best_running, length, settings)


def _best(model: Answerer, finished: list, done: bool, scores: Tensor, tokens: Tensor, settings: Settings) -> Answer:
    candidates = list(finished)
    if not done:
        candidates += [
            (_normal(float(s), tokens.shape[-1], settings), t.tolist())
            for s, t in zip(scores, tokens)
            if s > -torch.inf
        ]
    score, said = max(candidates, key=lambda pair: pair[0])
    reason = "end" if said and said[-1] in model.eos_token_ids else "length"
    text = cut_stops(text_of(model, said), settings.stop)
    return Answer(text, said, [score], reason)
