"""Dialogues that hang on the answers: played, bargained and drawn again by other code."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable

import numpy as np
import pytest
from test_steered import result, talk

from vistune.evaluation.benchmarks.bargain import Bargain
from vistune.evaluation.benchmarks.dialogues import CELLS, Turn, named
from vistune.evaluation.benchmarks.drawing import Drawing
from vistune.evaluation.benchmarks.guides import OUTCOMES, Play, best_run, nought_reply, turns_taken, winner
from vistune.evaluation.benchmarks.steered import MAKERS, Steered
from vistune.world.aerial import later, sample_site


def guides(task: str, n: int = 12) -> list:
    return list(Steered(n=n, tasks=[task]).guides().values())


def asked(guide, said) -> Turn:
    turn = guide.turn(said)
    assert turn is not None
    return turn


def someone(seed: int) -> Callable[[Turn], str]:
    """Says one of the things that a turn is about, right or wrong, and nothing at times."""
    rng = random.Random(seed)
    return lambda turn: rng.choice([*turn.accepted, *turn.refused[:4], "hello"])


@pytest.mark.parametrize("task", sorted(MAKERS))
def test_dialogues_end_whatever_is_said(task: str) -> None:
    benchmark = Steered(n=5, tasks=[task])
    for seed in range(4):
        for example in benchmark.examples():
            guide = benchmark.guides()[example.meta["group"]]
            said = talk(benchmark, example, someone(seed))
            assert 3 <= len(said) <= 8
            assert [t.text for t in turns_taken(guide, said)] == [asked(guide, said[:k]).text for k in range(len(said))]
            scored = benchmark.score_dialogue(example, said)
            assert scored.parsed is not None and len(scored.parsed) == len(said)
            came = guide.outcome(said)
            assert all(0 <= came[a] <= came[b] for a, b in OUTCOMES.values() if a in came)
            assert asked(pickle.loads(pickle.dumps(guide)), said[:1]).text == asked(guide, said[:1]).text


def test_a_game_goes_as_its_moves_say() -> None:
    """The board is kept here by hand: cross's cells from the answers, nought's from the pictures."""
    for guide in guides("play"):
        assert isinstance(guide, Play)
        answer, said, board = someone(guide.seed), [], list(guide.start)
        while (turn := guide.turn(said)) is not None and "who won" not in turn.text and turn.part == "step":
            seen = board_in(turn.pictures[0])
            assert [m for m in seen if m != "o"].count("x") == board.count("x")
            board = seen
            assert set(turn.accepted) == {CELLS[c] for c in range(9) if not board[c]}
            told = answer(turn)
            chosen = named(told, CELLS)
            legal = len(chosen) == 1 and not board[CELLS.index(chosen[0])]
            assert turn.right(told) == legal
            board[CELLS.index(chosen[0]) if legal else board.index("")] = "x"
            said.append(told)
        assert turn is not None
        last = board_in(turn.pictures[0])
        won = {"x": "cross", "o": "nought", "": "nobody"}[winner(last)]
        assert turn.accepted == (won,) and (winner(last) or "" not in last)
        recall = guide.turn([*said, won])
        assert recall is not None and recall.delta == len(said) + 1
        assert guide.turn([*said, won, "x"]) is None


def board_in(picture) -> list[str]:
    pixels = np.asarray(picture.open()).astype(int)
    step, found = pixels.shape[0] / 3, []
    for cell in range(9):
        r, c = (int(v * step) for v in divmod(cell, 3))
        own = pixels[r + 3 : r + 18, c + 3 : c + 18]
        red, blue = (own[..., 0] - own[..., 2] > 60).sum(), (own[..., 2] - own[..., 0] > 60).sum()
        found.append("x" if red > 8 else "o" if blue > 8 else "")
    return found


def test_nought_wins_and_blocks() -> None:
    assert nought_reply(("o", "o", "", "x", "x", "", "", "", ""), 0)[2] == "o", "wins before it blocks"
    assert nought_reply(("o", "", "", "x", "x", "", "", "", ""), 0)[5] == "o"
    full = tuple("xoxoxoxox")
    assert nought_reply(full, 0) == full


def test_an_illegal_move_earns_no_points() -> None:
    guide = guides("play", 1)[0]
    best = [turn.best for turn in best_run(guide)]
    assert guide.outcome(best)["points"] == guide.outcome(best)["best_points"] > 0
    said = ["the moon"]
    while (turn := guide.turn(said)) is not None:
        said.append(turn.best)
    assert guide.outcome(said)["points"] == 0.0
    assert "no free cell" in asked(guide, ["the moon"]).text


def test_a_bargain_by_the_words_of_the_guide_alone() -> None:
    """Values and limits are read from what is said; somebody who keeps to them is always right."""
    raised = []
    for guide in guides("bargain"):
        assert isinstance(guide, Bargain)
        said = [asked(guide, []).best]
        told = asked(guide, said).text
        pairs = told.split("worth: ")[1].split(". which")[0].replace(" and the ", ", the ").split(", ")
        worth = {p.rsplit(" ", 1)[0].removeprefix("the "): int(p.rsplit(" ", 1)[1]) for p in pairs}
        said.append(max(worth, key=lambda name: worth[name]))
        limit, got = 99, 0
        while "I offer" in (turn := asked(guide, said)).text:
            if "less than" in turn.text:
                limit = int(turn.text.split("less than ")[1].split()[0].rstrip("."))
            offer = turn.text.split("I offer you ")[1].split(". do you")[0]
            value = sum(number for name, number in worth.items() if name in offer.replace(",", "").split())
            said.append("yes" if value >= limit else "no")
            got = value if value >= limit else got
        raised.append(guide.limits[1] > guide.limits[0])
        said += [str(got), str(next(iter(worth.values())))]
        assert all(turn.right(a) for turn, a in zip(turns_taken(guide, said), said, strict=True))
        came = guide.outcome(said)
        assert (came["agreed"], came["surplus"]) == (1.0, got - limit) and came["best_surplus"] == got - limit
        eager = [*said[:2], "yes"]
        assert guide.outcome(eager) == {**came, "agreed": 0.0, "surplus": 0.0}, "the first offer is below the limit"
        assert guide.outcome([*said[:2], "no", "no", "no"])["agreed"] == 0.0
    assert 0 < sum(raised) < len(raised), "limits go up and down"


def test_drawings_come_nearer_as_differences_say() -> None:
    for guide in guides("drawing"):
        assert isinstance(guide, Drawing)
        answer, said = someone(guide.seed), []
        now = {(k, sort): getattr(t, sort) for k, t in enumerate(guide.start.things) for sort in ("colour", "pattern")}
        goal = {(k, sort): getattr(t, sort) for k, t in enumerate(guide.goal.things) for sort in ("colour", "pattern")}
        kinds = [thing.kind for thing in guide.goal.things]
        assert sum(now[key] != goal[key] for key in now) == 4
        begun = 4
        for _ in range(3):
            turn = guide.turn(said)
            assert turn is not None
            options = turn.text.split("goal: ")[1].rstrip("?").split(", ")
            if turn.part == "correction":
                sort = "colour" if "change a colour" in turn.text else "pattern"
                assert turn.best.startswith("paint" if sort == "colour" else "make")
            told = answer(turn)
            for option in [o for o in options if o in told]:
                verb, _, kind, value = option.split()
                key = kinds.index(kind), "colour" if verb == "paint" else "pattern"
                nearer = goal[key] == value and now[key] != value
                assert nearer == turn.right(told) or turn.part == "correction"
                now[key] = value
            said.append(told)
        left = {k for (k, sort), value in now.items() if value != goal[k, sort]}
        count = guide.turn(said)
        assert count is not None and count.right(str(len(left)))
        gone = begun - sum(now[key] != goal[key] for key in now)
        assert guide.outcome(said)["nearer"] == max(0, gone)


def test_surveys_say_what_changed() -> None:
    for name, dialogue in Steered(n=8, tasks=["survey"]).dialogues().items():
        site = sample_site(int(name.split("-")[1]), split="test", prior="flat")
        after, change = later(site, site.seed)
        assert change is not None and dialogue[2].accepted == (change.what,)
        kind = dialogue[3].accepted[0]
        counts = [[t.kind for t in s.things].count(kind) for s in (site, after)]
        assert kind in change.text
        assert [dialogue[k].accepted[1] for k in (0, 4, 5)] == [str(counts[0]), str(counts[1]), str(counts[0])]
        assert counts[1] - counts[0] == {"came": 1, "left": -1, "painted": 0}[change.what]


def test_what_came_of_it_is_told_beside_what_could() -> None:
    benchmark = Steered(n=4, tasks=["play", "bargain", "drawing"])
    best, nothing = result(benchmark, lambda turn: turn.best), result(benchmark, lambda turn: "hello")
    names = ("game", "agreement", "surplus", "closeness")
    assert [best.values[name] for name in names] == [1.0] * 4
    assert [nothing.values[name] for name in names] == [0.0] * 4
    item = best.items[0]
    assert dict(benchmark.explain(benchmark.examples()[0], item))["points"] in ("1", "0.5")
    alone = Steered(n=1, tasks=["tally"])
    assert "game" not in result(alone, lambda turn: turn.best).values
