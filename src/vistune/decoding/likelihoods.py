"""The likelihood of given answers: prompts are run once, however many answers are weighed after them."""

from __future__ import annotations

from collections.abc import Sequence as Items
from dataclasses import replace

import torch

from vistune.core.device import setup_allocator
from vistune.core.errors import ModelError
from vistune.data.example import Example
from vistune.decoding.loop import check_numbers
from vistune.models.interface import Answerer

#: Log-probabilities of an answer's tokens, the end mark last.
LogProbs = list[float]
#: At most so many conversations are in memory at once, however many are asked for.
MOST_ROWS = 128


@torch.no_grad()
def candidate_logprobs(model: Answerer, groups: Items[Items[Example]]) -> list[list[LogProbs]]:
    """Log-probabilities of the last answer of each conversation, group by group.

    Conversations of one group that differ in their last answer only share one run of the prompt: its cache is repeated for
    each of them. All others are run whole. At most ``MOST_ROWS`` are run at once.
    """
    setup_allocator()
    told: list[list[LogProbs]] = [[[] for _ in group] for group in groups]
    parts = [(k, part) for k, group in enumerate(groups) for part in _by_prompt(group)]
    for run in _runs([part for part in parts if len(part[1]) > 1]):
        rows = _after_one_prompt(model, [[groups[k][i] for i in part] for k, part in run])
        for (k, part), found in zip(run, rows):
            for i, row in zip(part, found):
                told[k][i] = row
    for run in _runs([part for part in parts if len(part[1]) == 1]):
        rows = model.answer_logprobs([groups[k][part[0]] for k, part in run])
        for (k, part), row in zip(run, rows):
            told[k][part[0]] = row.tolist()
    for rows in told:
        for row in rows:
            check_numbers(row)
    return told


def _runs(parts: Items[tuple[int, list[int]]]) -> list[list[tuple[int, list[int]]]]:
    """(group, places) in runs of at most ``MOST_ROWS`` places; what is longer is cut."""
    runs: list[list[tuple[int, list[int]]]] = []
    room = 0
    for k, part in parts:
        for start in range(0, len(part), MOST_ROWS):
            piece = part[start : start + MOST_ROWS]
            if len(piece) > room:
                runs.append([])
                room = MOST_ROWS
            runs[-1].append((k, piece))
            room -= len(piece)
    return runs


def _by_prompt(group: Items[Example]) -> list[list[int]]:
    """Places of the conversations, those with one prompt together, in the order of their first."""
    parts: list[list[int]] = []
    for i, example in enumerate(group):
        own = next((part for part in parts if _one_prompt([group[part[0]], example])), None)
        if own is None:
            parts.append([i])
        else:
            own.append(i)
    return parts


def _one_prompt(group: Items[Example]) -> bool:
    first = group[0]
    return all(
        example.messages[:-1] == first.messages[:-1]
        and len(example.images) == len(first.images)
        and all(a is b for a, b in zip(example.images, first.images))
        and example.regions == first.regions
        for example in group[1:]
    )


def _after_one_prompt(model: Answerer, groups: Items[Items[Example]]) -> list[list[LogProbs]]:
    """Feed the answers token by token after a cache that is repeated for each; rows that are done leave the batch."""
    answers = [[model.answer_ids(example) for example in group] for group in groups]
    if any(not ids for group in answers for ids in group):
        raise ModelError("An answer to be weighed has no token.")
    prompts = [replace(group[0], messages=group[0].messages[:-1]) for group in groups]
    logits, state = model.prefill(model.prepare(prompts))
    owner = [k for k, group in enumerate(answers) for _ in group]
    rows = [ids for group in answers for ids in group]
    found: list[LogProbs] = [[] for _ in rows]
    repeated = torch.tensor(owner, device=logits.device)
    live = list(range(len(rows)))
    if len(rows) > len(groups):
        state.reorder(repeated)
    logits = logits[repeated]
    step = 0
    while True:
        tokens = torch.tensor([rows[row][step] for row in live], device=logits.device)
        chosen = logits.log_softmax(-1).gather(1, tokens[:, None])[:, 0].tolist()
        for row, value in zip(live, chosen):
            found[row].append(value)
        keep = [place for place, row in enumerate(live) if len(rows[row]) > step + 1]
        if not keep:
            break
        if len(keep) < len(live):
            kept = torch.tensor(keep, device=logits.device)
            state.reorder(kept)
            tokens, live = tokens[kept], [live[place] for place in keep]
        logits, state = model.step(state, tokens)
        step += 1
    values = iter(found)
    return [[next(values) for _ in group] for group in answers]
