"""Elo and Bradley-Terry by hand, by other solvers, and on votes whose truth is known."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from vistune.core.errors import ConfigError, DataError
from vistune.evaluation.arena.simulate import simulated_battles
from vistune.evaluation.metrics.ratings import (
    Battle,
    bradley_terry,
    elo,
    elo_intervals,
    rating_intervals,
    unidentified,
    win_matrix,
)
from vistune.evaluation.metrics.style import style_of, style_pairs

TRUTH = {"oak": 1150.0, "elm": 1090.0, "ash": 1020.0, "fir": 960.0, "yew": 780.0}
ROUND = [Battle("x", "y", "a"), Battle("y", "z", "a"), Battle("z", "x", "a")]


def test_elo_by_hand() -> None:
    first = elo([Battle("x", "y", "a")], k=32)
    assert first == {"x": 1016, "y": 984}
    # x stands 32 above: E = 1 / (1 + 10 ** (-32 / 400)) = 0.545922; y wins: 32 * 0.545922 = 17.4695 change hands.
    second = elo([Battle("x", "y", "a"), Battle("x", "y", "b")], k=32)
    assert second["x"] == pytest.approx(998.5305, abs=1e-4) and second["y"] == pytest.approx(1001.4695, abs=1e-4)
    # A tie of unequals: the weaker gains 32 * (0.5 - 0.454078) = 1.4695.
    third = elo([Battle("x", "y", "a"), Battle("y", "x", "bad")], k=32)
    assert third["y"] == pytest.approx(985.4695, abs=1e-4) and sum(third.values()) == pytest.approx(2000)


def test_shuffled_elo_holds_the_one_order_and_tells_its_spread() -> None:
    battles = simulated_battles(TRUTH, 600, seed=1)
    alone = elo_intervals(battles[:1], rounds=5)
    assert alone == {n: (v, v, v) for n, v in elo(battles[:1]).items()}, "one vote has one order"
    spans = elo_intervals(battles, rounds=300)
    shuffled = np.random.default_rng(5).permutation(len(battles))
    one = elo([battles[k] for k in shuffled])
    assert sum(low - 5 <= one[name] <= high + 5 for name, (_, low, high) in spans.items()) == len(TRUTH)
    assert all(low < middle < high for middle, low, high in spans.values())
    # Resampling the votes adds what they themselves might have been.
    resampled = elo_intervals(battles, rounds=300, draw="bootstrap")
    assert np.mean([high - low for _, low, high in resampled.values()]) > np.mean([h - m for m, _, h in spans.values()])
    assert elo_intervals(battles, rounds=300) == spans, "repeatable"


def test_two_models_have_the_closed_form() -> None:
    battles = [Battle("x", "y", w) for w in ["a"] * 6 + ["b"] * 2 + ["tie", "bad"]]
    found = bradley_terry(battles)
    assert found["x"] - found["y"] == pytest.approx(400 * math.log10(7 / 3), abs=1e-6)
    assert sum(found.values()) == pytest.approx(2000)


def test_swapping_sides_and_shuffling_leave_bradley_terry_unchanged() -> None:
    battles = simulated_battles(TRUTH, 500, ties=0.3, seed=2)
    found = bradley_terry(battles)
    for other in (
        [b.swapped() for b in battles],
        battles[::-1],
        [b.swapped() if i % 2 else b for i, b in enumerate(battles)],
    ):
        assert bradley_terry(other) == pytest.approx(found, abs=1e-6)
    spans, turned = (rating_intervals(v, resamples=20) for v in (battles, [b.swapped() for b in battles]))
    assert all(turned[name] == pytest.approx(span, abs=1e-6) for name, span in spans.items())
    assert elo(battles) != pytest.approx(elo(battles[::-1]), abs=1e-3), "Elo hangs on the order"


def test_anchor_moves_all_and_changes_no_difference() -> None:
    battles = simulated_battles(TRUTH, 400, seed=3)
    free, fixed = bradley_terry(battles), bradley_terry(battles, anchor=("ash", 1114.0))
    assert fixed["ash"] == pytest.approx(1114)
    assert [fixed[n] - fixed["ash"] for n in TRUTH] == pytest.approx([free[n] - free["ash"] for n in TRUTH])
    middle, low, high = rating_intervals(battles, resamples=20, anchor=("ash", 1114.0))["ash"]
    assert middle == low == high == pytest.approx(1114)
    with pytest.raises(ConfigError, match="'oka' has no battle"):
        bradley_terry(battles, anchor=("oka", 1000.0))


def test_it_is_the_minimum_that_other_solvers_find() -> None:
    battles = simulated_battles(TRUTH, 800, ties=0.2, seed=4)
    names = sorted(TRUTH)
    design = np.array([[(n == b.a) - (n == b.b) for n in names] for b in battles], float) * math.log(10)
    won = np.array([b.outcome for b in battles])

    def loss(r: np.ndarray) -> float:
        z = design @ r
        return float((np.logaddexp(0, z) - won * z).sum())

    slow = minimize(
        loss, np.zeros(len(names)), method="L-BFGS-B", options={"ftol": 1e-14, "gtol": 1e-8, "maxiter": 500}
    ).x
    assert [bradley_terry(battles)[n] for n in names] == pytest.approx(list(1000 + 400 * slow), abs=0.1)
    # Chatbot Arena's first way: each vote twice, a tie once for each side.
    rows = np.concatenate([design, design])
    sides = np.concatenate([won > 0, won == 1]).astype(int)
    by_regression = LogisticRegression(fit_intercept=False, C=1e9, tol=1e-8, max_iter=1000).fit(rows, sides).coef_[0]
    assert [bradley_terry(battles)[n] for n in names] == pytest.approx(list(1000 + 400 * by_regression), abs=0.1)


def test_models_without_a_finite_rating() -> None:
    assert unidentified(ROUND) == []
    assert unidentified([*ROUND, Battle("king", "x", "a")]) == ["king"]
    assert unidentified([*ROUND, Battle("king", "x", "tie")]) == []
    assert unidentified([*ROUND, Battle("p", "q", "tie")]) == ["p", "q"], "they met nobody else"
    assert unidentified([*ROUND, Battle("p", "q", "tie")], anchor="p") == ["x", "y", "z"]
    assert unidentified([Battle("x", "y", "a")]) == ["x", "y"]
    battles = [*simulated_battles(TRUTH, 300, seed=5), Battle("king", "oak", "a"), Battle("yew", "pawn", "a")]
    with pytest.raises(DataError, match=r"No finite rating for king, pawn"):
        bradley_terry(battles)
    told = bradley_terry(battles, unidentified_as="nan")
    assert math.isnan(told.pop("king")) and math.isnan(told.pop("pawn"))
    assert told == pytest.approx(bradley_terry(battles[:-2])), "the rest is rated as without them"
    held = bradley_terry(battles, l2=0.5)
    assert all(map(math.isfinite, held.values())) and held["king"] > held["oak"] and held["pawn"] < held["yew"]
    assert all(math.isnan(v) for v in bradley_terry([Battle("x", "y", "a")], unidentified_as="nan").values())
    with pytest.raises(DataError, match="no battles"):
        bradley_terry([])


def test_penalty_is_half_of_l2_times_the_square() -> None:
    """One vote: r solves -(1 - s) ln 10 + l2 r = 0 with s = sigmoid(2 r ln 10), since both ratings are opposite."""
    found = (bradley_terry([Battle("x", "y", "a")], l2=0.5)["x"] - 1000) / 400
    s = 1 / (1 + 10 ** (-2 * found))
    assert 0.5 * found == pytest.approx((1 - s) * math.log(10), abs=1e-6)


def test_style_control_is_the_published_problem() -> None:
    rng = np.random.default_rng(6)
    battles = [
        Battle(
            b.a, b.b, b.winner, {"length": (float(rng.integers(1, 90)), float(rng.integers(1, 90))), "bold": (1.0, 1.0)}
        )
        for b in simulated_battles(TRUTH, 300, seed=6)
    ]
    names = sorted(TRUTH)
    sides = np.array([[(n == b.a) - (n == b.b) for n in names] for b in battles], float)
    relative = np.array([(x - y) / (x + y + 1) for x, y in (b.style["length"] for b in battles)])
    feature = (relative - relative.mean()) / relative.std()
    won = np.array([b.outcome for b in battles])

    def loss(p: np.ndarray) -> float:
        z = math.log(10) * sides @ p[:-1] + feature * p[-1]
        return float((np.logaddexp(0, z) - won * z).sum() + 0.25 * p @ p)

    slow = minimize(loss, np.zeros(len(names) + 1), method="L-BFGS-B", options={"ftol": 1e-14, "maxiter": 500}).x
    found = bradley_terry(battles, style=["length", "bold"])
    assert [found[n] for n in names] == pytest.approx(list(1000 + 400 * slow[:-1]), abs=0.1)
    assert found["style:length"] == pytest.approx(slow[-1], abs=1e-3) and found["style:bold"] == 0, (
        "a constant has no weight"
    )
    with pytest.raises(DataError, match="'lists'"):
        bradley_terry(battles, style=["lists"])


def test_style_takes_what_length_wins() -> None:
    """Equal models, the longer answer wins: at equal style the ratings meet, and the interval says so."""
    rng = np.random.default_rng(7)
    battles = []
    for _ in range(1200):
        x, y = float(rng.integers(50, 400)), float(rng.integers(10, 150))
        wins = rng.random() < 1 / (1 + math.exp(-3 * (x - y) / (x + y + 1)))
        battle = Battle("long", "short", "a" if wins else "b", {"length": (x, y)})
        battles.append(battle if rng.random() < 0.5 else battle.swapped())
    plain, fair = bradley_terry(battles), bradley_terry(battles, style=["length"])
    assert plain["long"] - plain["short"] > 150 and abs(fair["long"] - fair["short"]) < 60 < 400 * fair["style:length"]
    spans = rating_intervals(battles, resamples=40, style=["length"])
    assert spans["long"][1] < 1000 < spans["long"][2] and spans["style:length"][1] > 0


def test_counts_of_style() -> None:
    text = "# Cats\nThere are **two** __cats__:\n- one\n* two\n1. three\n```\n# code\n- x\n```\n2*3"
    assert style_of(text) == {"length": 19.0, "headers": 1.0, "lists": 3.0, "bold": 2.0}
    assert style_of("") == dict.fromkeys(("length", "headers", "lists", "bold"), 0.0)
    assert style_pairs("a b", "**c**")["length"] == (2.0, 1.0) and style_pairs("a", "**c**")["bold"] == (0.0, 1.0)


def test_win_matrix_by_hand() -> None:
    names, wins, played = win_matrix([Battle("x", "y", "a"), Battle("y", "x", "tie"), Battle("z", "y", "b")])
    assert names == ["x", "y", "z"]
    assert wins.tolist() == [[0, 1.5, 0], [0.5, 0, 1], [0, 0, 0]]
    assert played.tolist() == [[0, 2, 0], [2, 0, 1], [0, 1, 0]]


def test_ten_thousand_votes_recover_the_order_and_hold_the_truth() -> None:
    truth = {f"model-{k}": 1270.0 - 60 * k for k in range(10)}
    battles = simulated_battles(truth, 10_000, ties=0.4, seed=8)
    found, spans = bradley_terry(battles), rating_intervals(battles, resamples=200)
    assert sorted(found, key=found.__getitem__, reverse=True) == list(truth)
    assert sum(low <= truth[name] <= high for name, (_, low, high) in spans.items()) >= 9
    assert all(high - low < 60 for _, low, high in spans.values())
    by_elo = {name: middle for name, (middle, _, _) in elo_intervals(battles, rounds=100).items()}
    assert all(by_elo[better] > by_elo[worse] for better, worse in pairwise(truth))


def test_intervals_cover_as_often_as_they_say() -> None:
    held = []
    for seed in range(60):
        spans = rating_intervals(simulated_battles(TRUTH, 600, ties=0.2, seed=seed), resamples=100)
        held += [low <= TRUTH[name] <= high for name, (_, low, high) in spans.items()]
    assert 0.88 <= np.mean(held) <= 0.99
