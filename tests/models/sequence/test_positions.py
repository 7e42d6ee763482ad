"""Position schemes: facts of the papers, and equality with the definitions written out token by token."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.batches import batch_of, own, talk, tokens_of
from vistune.core.errors import ConfigError
from vistune.data.batch import Role
from vistune.models.sequence import POSITIONS, Sequence

PIECES = st.sampled_from(["t", "a", (2, 2), (3, 5), (6, 6), (1, 4)])
SAMPLES = st.lists(PIECES, min_size=1, max_size=6)
ROWS = st.lists(st.lists(SAMPLES, min_size=1, max_size=3), min_size=1, max_size=3)
SPECS: dict[str, Any] = {
    "sequential": "sequential",
    "concentric": "concentric",
    "variable_increment": {"kind": "variable_increment", "delta": 0.25},
}


def positions(spec: Any, seq: Sequence) -> torch.Tensor:
    return POSITIONS.build(spec).positions(seq)


def by_hand(kind: str, sample: list[Any], delta: float = 0.25) -> list[float]:
    """The definitions, one token after the other. ``at`` is the position of the token before."""
    out: list[float] = []
    at = -1.0
    for piece in sample:
        if isinstance(piece, str):
            at = math.floor(at) + 1 if at == math.floor(at) else math.ceil(at) + 1
            out.append(at)
            continue
        rows, cols = piece
        if kind == "sequential":
            out += [at + 1 + k for k in range(rows * cols)]
            at += rows * cols
        elif kind == "concentric":
            out += [at + 1 + min(r, c, rows - 1 - r, cols - 1 - c) for r in range(rows) for c in range(cols)]
            at += math.ceil(min(rows, cols) / 2)
        else:
            for _ in range(rows * cols):
                at = at + delta if out else 0.0
                out.append(at)
            at = math.ceil(at)
    return out


@pytest.mark.parametrize("kind", list(SPECS))
@given(rows=ROWS, side=st.sampled_from(["left", "right"]))
@settings(max_examples=60, deadline=None)
def test_positions_are_those_of_the_definition(kind: str, rows: list[Any], side: str):
    batch = batch_of(rows, side, size=1)
    got = own(positions(SPECS[kind], tokens_of(batch)), batch)
    wanted = [by_hand(kind, sample) for row in rows for sample in row]
    assert [values.tolist() for values in got] == wanted
    assert bool((positions(SPECS[kind], tokens_of(batch))[batch.sample < 0] == 0).all())


def test_every_kind_is_known_to_these_tests():
    assert set(POSITIONS.names()) == set(SPECS)


def test_a_grid_of_six_has_rings_of_twenty_twelve_and_four():
    batch = batch_of([[talk("tt", (6, 6), "t")]], size=1)
    got = positions("concentric", tokens_of(batch))[0]
    visual = got[batch.roles[0] == Role.IMAGE]
    assert torch.bincount(visual - 2).tolist() == [20, 12, 4]
    assert got[-1] == 2 + 3, "text goes on after H / 2 rings"


@pytest.mark.parametrize("side", [6, 7, 24])
def test_the_farthest_visual_token_is_half_a_side_from_the_text(side: int):
    batch = batch_of([[talk("t", (side, side), "ttt")]], size=1)
    got = positions("concentric", tokens_of(batch))[0]
    assert int(got[-1] - got[1]) == math.ceil(side / 2) + 3 - 1


@pytest.mark.parametrize("order", ["left", "right"])
def test_delta_one_is_sequential_bit_for_bit(order: str):
    seq = tokens_of(batch_of([[talk("tt", (3, 4), "t"), talk((2, 2), (2, 2), "a")], [talk("t")]], order, size=1))
    ordinary = positions("sequential", seq)
    for spec in (
        {"kind": "variable_increment", "delta": 1.0},
        {"kind": "variable_increment", "delta": 1.0, "deltas": [0.5]},
    ):
        assert torch.equal(positions(spec, seq), ordinary.float())
    neutral = POSITIONS.get("variable_increment").neutral()
    assert neutral is not None
    assert torch.equal(positions({"kind": "variable_increment", **neutral}, seq), ordinary.float())


@pytest.mark.parametrize("delta", [1 / 2, 1 / 16, 1 / 256, 1 / 3, 0.3, 1 / 7])
def test_text_stays_on_integers_and_a_picture_spans_its_tokens_times_delta(delta: float):
    batch = batch_of([[talk("tt", (16, 16), "t", (10, 10), "ta", (7, 7), "tt")]], size=1)
    got = positions({"kind": "variable_increment", "delta": delta}, tokens_of(batch))[0]
    text = got[batch.roles[0] == Role.TEXT]
    assert torch.equal(text, text.round())
    spans = [math.ceil(count * delta - 1e-9) for count in (256, 100, 49)]
    assert text.tolist() == [0, 1, 2 + spans[0], 3 + sum(spans[:2]), 4 + sum(spans[:2]), 5 + sum(spans), 6 + sum(spans)]


def test_deltas_are_drawn_per_picture_in_training_only_and_from_the_seed():
    scheme: Any = POSITIONS.build({"kind": "variable_increment", "delta": 0.5, "deltas": "powers"})
    seq = tokens_of(batch_of([[talk("t", *[(2, 2)] * 30)]], size=1))
    scheme.generator = torch.Generator().manual_seed(3)
    drawn = scheme.draw(30, training=True)
    assert len(set(drawn.tolist())) > 4
    assert set(drawn.tolist()) <= {2.0**-k for k in range(9)}
    scheme.generator.manual_seed(3)
    assert torch.equal(scheme.draw(30, training=True), drawn)
    assert set(scheme.draw(30, training=False).tolist()) == {0.5}
    scheme.generator.manual_seed(3)
    trained = scheme.positions(seq, True)
    steps = (trained[0, 2:] - trained[0, 1:-1])[::4]  # from the first to the second token of each picture
    assert torch.equal(steps, drawn)


@pytest.mark.parametrize("options", [{"delta": 0.0}, {"delta": 1.5}, {"deltas": [0.5, -1]}, {"deltas": "all"}])
def test_a_wrong_delta_is_an_error(options: dict[str, Any]):
    with pytest.raises(ConfigError, match="delta"):
        POSITIONS.build({"kind": "variable_increment", **options})


def test_a_removed_visual_token_does_not_move_the_others_within_its_picture():
    seq = tokens_of(batch_of([[talk("t", (4, 4), "tt")]], size=1))
    keep = torch.tensor([[0, 1, 4, 9, 16, 17, 18]])
    for spec in (SPECS["concentric"], SPECS["variable_increment"]):
        assert torch.equal(positions(spec, seq.take(keep)), positions(spec, seq).gather(1, keep))


@pytest.mark.parametrize("kind", list(SPECS))
def test_tokens_that_are_appended_stand_where_the_whole_would_have_them(kind: str):
    whole = tokens_of(batch_of([[talk("t", (3, 3), "taaa")], [talk("taaa")]], "left", size=1))
    prompt = tokens_of(batch_of([[talk("t", (3, 3), "t")], [talk("t")]], "left", size=1))
    scheme = POSITIONS.build(SPECS[kind])
    wanted = scheme.positions(whole)[:, -3:]
    assert torch.equal(scheme.positions(prompt.extend(3))[:, -3:], wanted)
    first = scheme.positions(prompt.extend(1))[:, -1]
    assert torch.equal(scheme.advance(scheme.advance(first)), wanted[:, 2])
