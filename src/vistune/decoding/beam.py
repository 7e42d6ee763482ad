"""Beam search as transformers does it: length-normalised scores, finished beams kept until no running one can beat them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vistune.decoding.branches.base import DecodingMethod
from vistune.decoding.loop import Answer, Finish, check_numbers, warpers
from vistune.decoding.settings import Settings
from vistune.decoding.text import Text
from vistune.models.interface import Answerer


@dataclass(slots=True)
class _Hypothesis:
    """A finished beam. ``score``: summed log-probabilities over length ** length_penalty."""

    score: float
    tokens: list[int]
    logprobs: list[float]
    reason: Finish


class BeamSearch:
    """The best of ``settings.beams`` hypotheses for each example; a beam's branches share its tokens.

    Shapes: E unfinished examples, N beams, C candidates, T tokens so far. ``scores [E, N]``, ``tokens`` and ``logprobs``
    ``[E, N, T]``, ``prompts [E, L]`` where a repetition penalty needs them.
    """

    def __init__(
        self,
        model: Answerer,
        settings: Settings,
        method: DecodingMethod | None,
        branches: int,
        size: int,
        prompts: Tensor | None,
    ) -> None:
        self.model, self.settings, self.method, self.branches = model, settings, method, branches
        self.beams, self.prompts = settings.beams, prompts
        self.text = Text(model.tokenizer, settings.stop)
        self.warpers = warpers(settings)
        self.live = list(range(size))
        self.finished: list[list[_Hypothesis]] = [[] for _ in range(size)]

    @torch.no_grad()
    def run(self, logits: Tensor, state: Any) -> list[Answer]:
        """Search from the prompts' logits ``[K * E, vocabulary]``."""
        device, size, last = logits.device, len(self.live), self.settings.max_new_tokens - 1
        rows = torch.arange(self.branches * size, device=device).repeat_interleave(self.beams)
        state.reorder(rows)
        logits = logits[rows]
        self.ends = torch.tensor(self.model.eos_token_ids, dtype=torch.long, device=device)
        # The beams of an example are equal at first: all but one are ruled out.
        self.scores = torch.full((size, self.beams), -torch.inf, device=device)
        self.scores[:, 0] = 0.0
        self.tokens = torch.empty((size, self.beams, 0), dtype=torch.long, device=device)
        self.logprobs = torch.empty((size, self.beams, 0), device=device)
        for step in range(last + 1):
            source = self._advance(self._joined(logits, step), step)
            keep = self._unfinished(step + 1)
            if not keep or step == last:
                break
            state.reorder(self._rows(source, keep))
            self._keep(keep)
            logits, state = self.model.step(state, self.tokens[..., -1].flatten().repeat(self.branches))
        self._finish_running()
        return [self._best(found) for found in self.finished]

    def _joined(self, logits: Tensor, step: int) -> Tensor:
        """Rows of all branches -> log-probabilities ``[E, N, vocabulary]`` of each beam's next token."""
        count = len(self.live) * self.beams
        if self.method is not None:
            logits = self.method.combine(logits.view(self.branches, count, -1), step)
        logprobs = logits.log_softmax(-1)
        if self.prompts is not None:
            said = torch.cat([self.prompts.repeat_interleave(self.beams, 0), self.tokens.view(count, -1)], dim=1)
            logprobs = self.warpers(said, logprobs)
        return logprobs.view(len(self.live), self.beams, -1)

    def _advance(self, logprobs: Tensor, step: int) -> Tensor:
        """Every beam's best continuations; ended ones are noted, the best others go on. -> their beams ``[E, N]``."""
        vocabulary = logprobs.shape[-1]
        total = (self.scores[..., None] + logprobs).flatten(1)
        count = min(max(2, 1 + len(self.ends)) * self.beams, total.shape[1])
        best, flat = total.topk(count, dim=-1)
        source, token = flat // vocabulary, flat % vocabulary
        gained = logprobs.flatten(1).gather(1, flat)
        ended = torch.isin(token, self.ends)
        stopped = self._stopped(source, token)
        if stopped is not None:
            ended = ended | stopped
        for place, beam in ended[:, : self.beams].nonzero().tolist():
            self._note(place, float(best[place, beam]), source[place, beam], token[place, beam], gained[place, beam])
        self.scores, pick = best.masked_fill(ended, -torch.inf).topk(self.beams, dim=-1)
        source, token, gained = (x.gather(1, pick) for x in (source, token, gained))
        index = source[..., None].expand(-1, -1, step)
        self.tokens = torch.cat([self.tokens.gather(1, index), token[..., None]], -1)
        self.logprobs = torch.cat([self.logprobs.gather(1, index), gained[..., None]], -1)
        return source

    def _stopped(self, source: Tensor, token: Tensor) -> Tensor | None:
        """Which candidates ``[E, C]`` hold a stop string; None without stop strings."""
        if not self.text.stops:
            return None
        before = self.tokens.tolist()
        said = [
            [self.text.stopped([*before[place][beam], new]) for beam, new in zip(beams, news)]
            for place, (beams, news) in enumerate(zip(source.tolist(), token.tolist()))
        ]
        return torch.tensor(said, device=token.device)

    def _note(self, place: int, score: float, source: Tensor, token: Tensor, gained: Tensor) -> None:
        """A candidate that has ended, if it can be; of an example's finished ones the best ``beams`` are kept."""
        if score == -torch.inf:
            return
        tokens = [*self.tokens[place, source].tolist(), int(token)]
        logprobs = [*self.logprobs[place, source].tolist(), float(gained)]
        self._add(self.finished[self.live[place]], score, tokens, logprobs)

    def _add(self, found: list[_Hypothesis], score: float, tokens: list[int], logprobs: list[float]) -> None:
        at_end = tokens[-1] in self.model.eos_token_ids
        reason: Finish = "end" if at_end else "stop" if self.text.stopped(tokens) else "length"
        found.append(_Hypothesis(self._normal(score, len(tokens)), tokens, logprobs, reason))
        found.sort(key=lambda hypothesis: -hypothesis.score)
        del found[self.beams :]

    def _normal(self, score: float, length: int) -> float:
        return score / length**self.settings.length_penalty

    def _unfinished(self, length: int) -> list[int]:
        """Live examples whose best running beam would, ended now, still beat the worst of enough finished ones."""
        keep, best = [], self.scores[:, 0].tolist()
        check_numbers(best)
        for place, score in enumerate(best):
            found = self.finished[self.live[place]]
            full = len(found) >= self.beams and found[-1].score >= self._normal(score, length)
            if not full and score > -torch.inf:
                keep.append(place)
        return keep

    def _rows(self, source: Tensor, keep: list[int]) -> Tensor:
        """Where each row of the next step comes from, branch by branch: ``[K * kept * N]``."""
        offsets = torch.tensor(keep, device=source.device)[:, None] * self.beams
        index = (offsets + source[keep]).flatten()
        return torch.cat([index + branch * source.numel() for branch in range(self.branches)])

    def _keep(self, keep: list[int]) -> None:
        """Go on with the live examples ``keep``."""
        if len(keep) == len(self.live):
            return
        self.live = [self.live[place] for place in keep]
        self.scores, self.tokens, self.logprobs = (x[keep] for x in (self.scores, self.tokens, self.logprobs))
        self.prompts = None if self.prompts is None else self.prompts[keep]

    def _finish_running(self) -> None:
        """At the last step the running beams of unfinished examples count as they are."""
        for place in self._unfinished(self.tokens.shape[-1]):
            rows = zip(self.scores[place].tolist(), self.tokens[place].tolist(), self.logprobs[place].tolist())
            for score, tokens, logprobs in rows:
                if score > -torch.inf:
                    self._add(self.finished[self.live[place]], score, tokens, logprobs)

    def _best(self, found: list[_Hypothesis]) -> Answer:
        best = found[0]
        return Answer(self.text.final(best.tokens), best.tokens, best.logprobs, best.reason)
