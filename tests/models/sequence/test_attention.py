"""Attention schemes: facts of the papers, what holds for all of them, and equality with loops over token pairs."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.batches import batch_of, talk, tokens_of
from vistune.data.batch import Batch, Role
from vistune.models.sequence import ATTENTION, Sequence

KINDS = ["bidirectional_visual", "causal", "concentric", "modality_mutual"]
PIECES = st.sampled_from(["t", "t", "a", (2, 2), (3, 4), (1, 2)])
SAMPLES = st.builds(
    lambda front, rest: [*front, *rest], st.sampled_from([[], ["m"]]), st.lists(PIECES, min_size=1, max_size=6)
)
ROWS = st.lists(st.lists(SAMPLES, min_size=1, max_size=2), min_size=1, max_size=2)


def mask(kind: str, seq: Sequence, last: int | None = None) -> torch.Tensor:
    """bool ``[B, Lq, L]``; where the scheme needs no mask, plain causal."""
    found = ATTENTION.build(kind).allowed(seq, last)
    if found is not None:
        return found[:, 0]
    length = seq.shape[1]
    return torch.ones(length, length).tril().bool().expand(seq.shape[0], -1, -1)[:, length - (last or length) :]


def may_see(kind: str, batch: Batch, b: int, q: int, k: int) -> bool:
    """The rules, for one query and one key."""
    if q == k:
        return True
    if batch.sample[b, q] < 0 or batch.sample[b, q] != batch.sample[b, k]:
        return False
    if Role.MODALITY in (int(batch.roles[b, q]), int(batch.roles[b, k])):
        return False
    picture = int(batch.image[b, q])
    same = picture >= 0 and picture == int(batch.image[b, k])
    if kind == "bidirectional_visual" and same:
        return True
    if kind == "concentric" and same:
        rows, cols = batch.grids[picture].tolist()
        rings = [
            min(r, c, rows - 1 - r, cols - 1 - c)
            for r, c in ((int(batch.row[b, i]), int(batch.col[b, i])) for i in (q, k))
        ]
        return rings[1] <= rings[0]
    if kind == "modality_mutual" and picture >= 0 and k > q and batch.roles[b, k] == Role.TEXT:
        return not bool(batch.answer[b, q : k + 1].any())
    return k < q


@pytest.mark.parametrize("kind", KINDS)
@given(rows=ROWS, side=st.sampled_from(["left", "right"]))
@example(rows=[[["t"]], [["t", "t"]]], side="right")
@settings(max_examples=40, deadline=None)
def test_masks_are_those_of_the_rules_pair_by_pair(kind: str, rows: list[Any], side: str):
    batch = batch_of(rows, side, size=1)
    tokens = tokens_of(batch)
    got = mask(kind, tokens)
    maskless = ATTENTION.build(kind).allowed(tokens) is None
    for b in range(got.shape[0]):
        for q in range(got.shape[1]):
            if batch.sample[b, q] < 0 and maskless:
                assert bool(got[b, q].any())  # nobody reads what padding on the right sees
                continue
            if batch.sample[b, q] < 0:
                itself = [k == q for k in range(got.shape[2])]
                assert got[b, q].tolist() == itself, "padding sees itself only; an empty row would give NaN"
                continue
            wanted = [may_see(kind, batch, b, q, k) for k in range(got.shape[2])]
            assert got[b, q].tolist() == wanted, (q, rows)


def test_every_kind_is_known_to_these_tests():
    assert ATTENTION.names() == KINDS


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 3])
def test_the_last_queries_see_what_the_last_rows_of_the_whole_mask_say(kind: str, n: int):
    rows = [[talk("mt", (3, 3), "tta")], [talk("mttt", (2, 2), "aata")]]
    seq = tokens_of(batch_of(rows, "left", size=1))
    assert torch.equal(mask(kind, seq, last=n), mask(kind, seq)[:, -n:])


@pytest.mark.parametrize("kind", KINDS)
def test_all_later_answer_tokens_see_the_same_of_the_prompt(kind: str):
    seq = tokens_of(batch_of([[talk("mt", (3, 3), "tt")], [talk("mttt")]], "left", size=1))
    length = seq.shape[1]
    whole = mask(kind, seq.extend(4))
    first = mask(kind, seq.extend(1), last=1)[:, 0, :length]
    for step in range(4):
        assert torch.equal(whole[:, length + step, :length], first)
        assert bool(whole[:, length + step, length : length + step + 1].all())


def test_plain_causal_needs_no_mask_on_right_padding_and_does_otherwise():
    causal = ATTENTION.build("causal")
    assert causal.allowed(tokens_of(batch_of([[talk("tt", (2, 2))], [talk("t")]], size=1))) is None
    for rows, side in (
        ([[talk("tt")], [talk("t")]], "left"),
        ([[talk("t"), talk("t")]], "right"),
        ([[talk("mt")]], "right"),
    ):
        assert causal.allowed(tokens_of(batch_of(rows, side, size=1))) is not None


def test_concentric_masks_are_reflexive_transitive_and_open_outwards():
    batch = batch_of([[talk("t", (6, 6), "t")]], size=1)
    seen = mask("concentric", tokens_of(batch))[0]
    visual = batch.roles[0] == Role.IMAGE
    inner = seen[visual][:, visual].long()
    assert bool(inner.diagonal().all())
    assert not bool(((inner @ inner > 0) & (inner == 0)).any())
    assert sorted(set(inner.sum(1).tolist())) == [20, 32, 36], "rings of 20, 12 and 4"
    assert bool(seen[-1].all()), "text sees all"
    assert not bool(seen[visual][:, -1].any()), "pictures do not see the text after them"


def test_modality_mutual_opens_the_question_and_nothing_else():
    rows = [[talk("t", (2, 2), "ttt", "aa", "tt", "a")]]
    batch = batch_of(rows, size=1)
    opened = mask("modality_mutual", tokens_of(batch))[0] & ~mask("causal", tokens_of(batch))[0]
    pictures = batch.roles[0] == Role.IMAGE
    question = torch.tensor([False] * 5 + [True] * 3 + [False] * 5)
    assert torch.equal(opened, pictures[:, None] & question[None, :])


def test_modality_mutual_without_a_question_is_causal():
    seq = tokens_of(batch_of([[talk("tt", (3, 3), "aaa")], [talk("ttttttttttttaa")]], size=1))
    assert torch.equal(mask("modality_mutual", seq), mask("causal", seq))
