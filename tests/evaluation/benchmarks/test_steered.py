"""Guided dialogues: the checkers are right about the pictures, oracles get everything, constants nothing."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from vistune.core.errors import ConfigError
from vistune.data.example import assistant
from vistune.evaluation.benchmarks.dialogues import CELLS, TASKS, Turn, board_picture, winner
from vistune.evaluation.benchmarks.steered import Steered, composition_gap, difficulty, retention_by_delta
from vistune.evaluation.records import Evidence, make_item
from vistune.evaluation.results import Result, summarise
from vistune.evaluation.runner import evaluate
from vistune.models.loading import load_model
from vistune.world import sample_scene

CHAIN = Steered(n=6)


def result(benchmark: Steered, answer) -> Result:
    items = []
    for example in benchmark.examples():
        items.append(make_item(benchmark, example, Evidence(talk(benchmark, example, answer), 0.0)))
    return summarise(benchmark, items)


def talk(benchmark: Steered, example, answer) -> list[str]:
    """What is said in a whole dialogue, whose turns may hang on it."""
    name = example.meta["group"]
    if benchmark.style in ("oracle", "forgetful"):
        return [answer(benchmark.dialogues()[name][example.meta["place"]])]
    said: list[str] = []
    while (turn := benchmark.guides()[name].turn(said)) is not None:
        said.append(answer(turn))
    return said


@pytest.mark.parametrize("style", ["chain", "oracle", "forgetful", "blind"])
def test_one_that_knows_gets_everything_and_a_constant_nothing(style: str) -> None:
    benchmark = Steered(n=4, style=style)  # type: ignore[arg-type]
    best = result(benchmark, lambda turn: turn.best)
    assert set(best.values.values()) == {1.0}
    constant = result(benchmark, lambda turn: "hello")
    assert set(constant.values.values()) == {0.0}
    everything = result(benchmark, lambda turn: " ".join([*turn.accepted, *turn.refused]))
    assert everything.values["completion"] == 0.0, "to say everything is no answer"


def test_progress_stops_at_the_first_wrong_turn() -> None:
    benchmark = Steered(n=2, tasks=["recipe"])
    turns = benchmark.dialogues()[benchmark.examples()[0].meta["group"]]
    wrong = turns[2]
    told = result(benchmark, lambda turn: "hello" if turn.text == wrong.text else turn.best)
    items = [item for item in told.items if item["parsed"] == "++-++"]
    assert items and items[0]["score"] == 0.0
    alone = summarise(benchmark, items)
    assert alone.values["progress"] == pytest.approx(2 / 5)
    assert alone.values["steer"] == pytest.approx(1 / 2)
    assert alone.values["retention"] == 1.0
    assert alone.values["turn_accuracy"] == pytest.approx(4 / 5)


def test_recipes_need_what_the_picture_has() -> None:
    """Found again from the words of the guide and the scene's list of things alone."""
    for seed in range(900_000, 900_080):
        scene = sample_scene(seed, split="test", prior="flat", min_things=3)
        picture = board_picture([""] * 9, 16)
        dialogue = TASKS["recipe"](scene, random.Random(seed), picture)
        if dialogue is None:
            continue
        there = {thing.kind for thing in scene.things}
        needs = {}
        for sentence in dialogue[1].text.split(". ")[:3]:
            name, what = sentence.removeprefix("plan ").split(" needs ")
            needs[name] = {w.split(" ", 1)[1] for w in what.rstrip(".").split(" and ")}
        possible = {name for name, what in needs.items() if what <= there}
        assert set(needs) - possible == set(dialogue[1].accepted)
        gone = dialogue[2].text.removeprefix("now the ").split(" is taken")[0]
        assert {name for name in possible if gone not in needs[name]} == set(dialogue[2].accepted)
        assert set(dialogue[0].accepted) <= there and not set(dialogue[0].refused) & there


def test_boards_are_won_where_it_says() -> None:
    """Wins counted anew by trying all eight lines as sums of a magic square."""
    magic = (2, 7, 6, 9, 5, 1, 4, 3, 8)
    for seed in range(40):
        scene = sample_scene(900_000 + seed, split="test", prior="flat", min_things=3)
        dialogue = TASKS["board"](scene, random.Random(seed), board_picture([""] * 9, 48))
        assert dialogue is not None
        pixels = np.asarray(dialogue[0].pictures[0].open()).astype(int)
        board = []
        for cell in range(9):
            r, c = divmod(cell, 3)
            own = pixels[r * 16 + 2 : r * 16 + 14, c * 16 + 2 : c * 16 + 14]
            red = (own[..., 0] - own[..., 2] > 60).sum()
            blue = (own[..., 2] - own[..., 0] > 60).sum()
            board.append("x" if red > 8 else "o" if blue > 8 else "")
        crosses = [k for k in range(9) if board[k] == "x"]
        wins = {
            k
            for k in range(9)
            if not board[k]
            for i in crosses
            for j in crosses
            if i < j and magic[i] + magic[j] + magic[k] == 15
        }
        assert {CELLS[k] for k in wins} == set(dialogue[0].accepted)
        assert board.count("o") == 3 and board.count("x") == 2
    assert winner(["x", "", "", "", "x", "", "", "", "x"]) == "x"
    assert winner(["x", "o", "x"] * 3) == "x" and winner([""] * 9) == ""


def test_tallies_are_counts() -> None:
    for name, dialogue in Steered(n=6, tasks=["tally"]).dialogues().items():
        first = sample_scene(int(name.split("-")[1]), split="test", prior="flat", min_things=3)
        second = sample_scene(first.seed + 50_000, split="test", prior="flat", min_things=3)
        kind = dialogue[0].text.split("of the kind ")[1].split(" in this")[0]
        counts = [[t.kind for t in s.things].count(kind) for s in (first, second)]
        assert [dialogue[k].accepted[1] for k in (0, 1, 2)] == [str(counts[0]), str(counts[1]), str(sum(counts))]
        colour = dialogue[3].text.split("leave the ")[1].split(" ones")[0]
        kept = sum(t.kind == kind and t.colour != colour for s in (first, second) for t in s.things)
        assert dialogue[3].accepted[1] == str(kept)


def test_words_count_whole() -> None:
    turn = Turn("?", ("cat",), refused=("dog",))
    assert turn.right("A cat.") and not turn.right("concatenate") and not turn.right("cat and dog")
    both = Turn("?", ("cat", "cup"), all_of=True)
    assert both.right("a cup and a cat") and not both.right("a cat")


def test_what_each_style_shows() -> None:
    chain, oracle, forgetful = (Steered(n=1, tasks=["tally"], style=s) for s in ("chain", "oracle", "forgetful"))
    assert len(chain.examples()) == 1
    first = chain.examples()[0]
    second = chain.follow_up(first, ["two"])
    assert second is not None and len(second.images) == 2
    assert [p.image for p in second.messages[-1].parts] == [1, None]
    assert chain.follow_up(first, ["x"] * 6) is None
    last = oracle.examples()[-1]
    assert [m.role for m in last.messages] == ["user", "assistant"] * 5 + ["user"]
    assert len(last.images) == 2
    assert last.messages[1] == assistant(chain.dialogues()[first.id][0].best)
    alone = forgetful.examples()[-1]
    assert len(alone.messages) == 1 and len(alone.images) == 2
    blind = Steered(n=1, tasks=["tally"], style="blind")
    more = blind.follow_up(blind.examples()[0], ["two"])
    assert more is not None and len(more.images) == 1 and all(p.image is None for p in more.messages[-1].parts)


def test_gap_difficulty_and_retention() -> None:
    assert composition_gap([0.9, 0.8], 0.6) == pytest.approx(0.12)
    assert composition_gap([0.5, 0.5], 0.5) < 0
    assert [difficulty(c) for c in (0.7, 2 / 3, 0.5, 0.33)] == ["low", "low", "medium", "high"]
    dialogues = CHAIN.dialogues()
    told = {name: [t.best for t in d] for name, d in dialogues.items()}
    assert set(retention_by_delta(dialogues, told).values()) == {1.0}
    assert {2, 4, 5} <= set(retention_by_delta(dialogues, told)) <= {2, 3, 4, 5, 6}
    assert set(retention_by_delta(dialogues, {n: ["?"] * len(d) for n, d in dialogues.items()}).values()) == {0.0}


def test_the_shipped_model_can_be_led(tmp_path: Path) -> None:
    found = evaluate(load_model("nano-vlm"), [Steered(n=1)], tmp_path)["steered"]
    assert {len(item["said"]) for item in found.items} <= {3, 4, 5, 6, 7}
    assert len(found.items) == 8 and {"game", "agreement", "surplus", "closeness"} <= set(found.values)


def test_who_says_nothing_is_wrong_and_asked_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import vistune.evaluation.asking as asking

    shown: list[str] = []

    def silent(model, examples, **_):
        shown.extend(m.text for e in examples for m in e.messages if m.role == "assistant")
        model.prepare(examples)  # raises for a conversation with an empty turn
        return [type("Answer", (), {"text": ""})() for _ in examples]

    monkeypatch.setattr(asking, "generate", silent)
    found = evaluate(load_model("nano-vlm"), [Steered(n=1, tasks=["builder", "tally"])], tmp_path)["steered"]
    assert len(found.items) == 2 and found.values["turn_accuracy"] == 0.0 and found.beside["rejected"] == 0
    assert set(shown) == {asking.SILENCE} and all(set(item["said"]) == {""} for item in found.items)


def test_bad_settings() -> None:
    with pytest.raises(ConfigError, match="no task 'recip'"):
        Steered(tasks=["recip"])
    with pytest.raises(ConfigError, match="'style' is one of"):
        Steered(style="chian")  # type: ignore[arg-type]
