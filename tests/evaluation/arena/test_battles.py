"""Pairs, questions, answers on record, and a whole arena without a page."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from arena_helpers import examples
from PIL import Image

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.arena.game import Arena
from vistune.evaluation.arena.limits import Limits
from vistune.evaluation.arena.matches import (
    Question,
    SetQuestions,
    WorldQuestions,
    draw_match,
    pair_weights,
    typed_question,
)
from vistune.evaluation.arena.players import ModelPlayer, RecordedPlayer, read_answers
from vistune.evaluation.arena.store import ArenaStore, VoteRefusedError

NAMES = ["x", "y", "z"]


def test_least_played_pairs_come_first() -> None:
    counts = {("x", "y"): (3, 1.0), ("x", "z"): (1, 1.0)}
    assert pair_weights(NAMES, counts, "least") == {("x", "y"): 0, ("x", "z"): 0, ("y", "z"): 1}
    assert set(pair_weights(NAMES, counts, "uniform").values()) == {1.0}
    with pytest.raises(ConfigError, match="'leest'. Did you mean 'least'"):
        pair_weights(NAMES, counts, "leest")  # type: ignore[arg-type]


def test_uncertain_pairs_come_first() -> None:
    counts = {("x", "y"): (40, 20.0), ("x", "z"): (40, 39.0), ("y", "z"): (10, 5.0)}
    weights = pair_weights(NAMES, counts, "uncertain")
    assert weights["y", "z"] > weights["x", "y"] > weights["x", "z"], "few votes first, then even ones"
    # By hand: rate 21 / 42, spread 1/2, 42 ** -0.5 - 43 ** -0.5.
    assert weights["x", "y"] == pytest.approx(0.5 * (42**-0.5 - 43**-0.5))


def test_sides_and_questions_are_drawn_by_chance() -> None:
    rng, questions = random.Random(0), SetQuestions(examples(4))
    drawn = [draw_match(NAMES, questions, {}, rng, pairing="uniform") for _ in range(900)]
    sides = Counter((match[0], match[1]) for match in drawn if match)
    assert len(sides) == 6 and all(110 < count < 190 for count in sides.values())
    asked = Counter(match[2].example.id for match in drawn if match)
    assert all(170 < count < 280 for count in asked.values())


def test_only_what_both_know_and_the_voter_has_not_voted_on() -> None:
    rng, questions = random.Random(0), SetQuestions(examples(3))
    keys = [question.key for question in questions.questions]
    assert len(set(keys)) == 3
    for _ in range(20):
        found = draw_match(NAMES, questions, {}, rng, free=lambda key, a, b: key == keys[1] and "x" not in (a, b))
        assert found and found[2].key == keys[1] and {found[0], found[1]} == {"y", "z"}
        known = draw_match(NAMES, questions, {}, rng, knows=lambda name, e: e.id == "q2" and name != "y")
        assert known and known[2].example.id == "q2" and {known[0], known[1]} == {"x", "z"}
    assert draw_match(NAMES, questions, {}, rng, free=lambda *_: False) is None


def test_keys_of_questions() -> None:
    picture, other = (ImageSource(array=np.full((4, 4, 3), v, np.uint8)) for v in (1, 2))
    ask = lambda text, image: Question(Example("1", [user(text, images=(0,))], [image]), "set").key  # noqa: E731
    assert ask("What  is it?", picture) == ask("what is it?", picture) != ask("what is it?", other)
    assert ask("what is it?", picture) != ask("what is this?", picture)
    first, again = typed_question(" Hello there ", None), typed_question("hello there", None)
    assert first.key == again.key and first.example.id == again.example.id and first.source == "typed"
    with pytest.raises(DataError, match="Type a question"):
        typed_question("  ", None)
    with pytest.raises(DataError, match="2001 characters"):
        typed_question("a" * 2001, None)


def test_world_questions_are_new_each_time() -> None:
    source, rng = WorldQuestions(image_size=32), random.Random(1)
    drawn = [source.draw(rng, lambda _: True) for _ in range(5)]
    assert all(q and q.text and q.example.images[0].open().size == (32, 32) for q in drawn)
    assert len({q.key for q in drawn if q}) == 5
    assert source.draw(rng, lambda _: False) is None


def test_files_of_answers(tmp_path: Path) -> None:
    Image.new("RGB", (9, 7)).save(tmp_path / "a.png")
    lines = [
        {"id": 1, "answer": "yes", "question": "is it?", "image": "a.png"},
        {"question_id": "2", "text": "", "score": 1},
    ]
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    record = read_answers(path)
    assert record.answers == {"1": "yes", "2": ""}
    assert [(e.id, e.messages[0].text, e.images[0].open().size) for e in record.questions] == [("1", "is it?", (9, 7))]
    path.write_text('{"id": 1}\n')
    with pytest.raises(DataError, match=r"answers.jsonl, record 1: an answer needs the keys 'id' and 'answer'"):
        read_answers(path)
    path.write_text('{"id": 1, "answer": "a"}\n{"id": "1", "answer": "b"}\n')
    with pytest.raises(DataError, match="record 2: '1' has two answers"):
        read_answers(path)


def test_a_battle_from_question_to_names(arena: Arena) -> None:
    battle = arena.begin("me", now=100.0)
    assert battle.answering.done.wait(10) and not battle.answering.error
    kept = arena.store.battle(battle.id)
    assert [kept.answer_a, kept.answer_b] == battle.answering.texts and kept.shown
    outcome = arena.vote(battle.id, "tie", "me")
    assert {outcome.a, outcome.b} < {"cat", "feline", "dog"} and outcome.flags == ()
    assert outcome.a in kept.answer_a or kept.answer_a == "the same"
    with pytest.raises(VoteRefusedError, match="have voted on this battle"):
        arena.vote(battle.id, "a", "me")


def test_votes_that_are_not_taken(arena: Arena) -> None:
    battle = arena.begin("me")
    battle.answering.done.wait(10)
    with pytest.raises(VoteRefusedError, match="somebody else"):
        arena.vote(battle.id, "a", "you")
    with pytest.raises(DataError, match="a vote is one of|A vote is one of"):
        arena.vote(battle.id, "c", "me")
    with pytest.raises(VoteRefusedError, match="not on record"):
        arena.vote("0" * 32, "a", "me")
    arena.limits = Limits(votes_per_minute=1)
    arena.vote(battle.id, "bad", "me")
    second = arena.begin("me")
    second.answering.done.wait(10)
    with pytest.raises(VoteRefusedError, match="At most 1 votes a minute"):
        arena.vote(second.id, "bad", "me")
    with pytest.raises(VoteRefusedError, match="cannot be asked"):
        arena.ask("me", typed_question("what is it?", None))


def test_a_voter_votes_once_on_each_question_and_then_is_thanked(arena: Arena) -> None:
    seen = []
    for _ in range(6):
        battle = arena.begin("me")
        battle.answering.done.wait(10)
        seen.append(battle.question.key)
        same = battle.answering.same
        outcome = arena.vote(battle.id, "a", "me")
        assert outcome.flags == (("identical",) if same else ())
        if same:
            seen.pop()
    assert len(set(seen)) == len(seen), "no question twice, but for one whose vote did not count"
    while len(seen) < 6:
        battle = arena.begin("me")
        battle.answering.done.wait(10)
        seen.append(battle.question.key)
        assert arena.vote(battle.id, "tie", "me").flags == ()
    with pytest.raises(VoteRefusedError, match="every question"):
        arena.begin("me")
    assert arena.begin("you").question.key in seen, "others go on"


def test_two_battles_on_one_question_count_once(arena: Arena) -> None:
    """A person who opens the same question in many windows before voting."""
    arena.limits = Limits(least_seconds=0, words_per_second=0, battles_per_minute=0)
    battles = [arena.begin("me") for _ in range(40)]
    by_key = Counter(battle.question.key for battle in battles)
    key = by_key.most_common(1)[0][0]
    flags = []
    for battle in (b for b in battles if b.question.key == key):
        battle.answering.done.wait(10)
        arena.limits = Limits(votes_per_minute=0, least_seconds=0, words_per_second=0)
        flags.append(arena.vote(battle.id, "tie", "me").flags)
    assert flags[0] == () and len(flags) > 1 and all(flag == ("repeat",) for flag in flags[1:])


def test_a_player_that_fails_is_told_and_cannot_be_voted_on(store: ArenaStore) -> None:
    class Broken(RecordedPlayer):
        def answer(self, example: Example):
            raise DataError("the picture is gone")
            yield ""

    asked = examples(1)
    arena = Arena([Broken("x", {"q0": ""}), RecordedPlayer("y", {"q0": "a"})], SetQuestions(asked), store)
    battle = arena.begin("me")
    assert battle.answering.done.wait(10) and battle.answering.error == "the picture is gone"
    with pytest.raises(VoteRefusedError, match="Both answers must be there"):
        arena.vote(battle.id, "a", "me")
    arena.close()


def test_arenas_that_cannot_be(store: ArenaStore) -> None:
    with pytest.raises(ConfigError, match="two players"):
        Arena([RecordedPlayer("x", {})], None, store)
    with pytest.raises(ConfigError, match="Two players are called 'x'"):
        Arena([RecordedPlayer("x", {}), RecordedPlayer("x", {})], None, store)
    with pytest.raises(DataError, match="no question"):
        SetQuestions([])


def test_models_answer_live_and_as_they_decode(store: ArenaStore) -> None:
    from vistune.decoding import Settings, generate
    from vistune.models.loading import load_model

    model = load_model("nano-vlm")
    sampled = Settings(mode="sample", temperature=1.5, max_new_tokens=12)
    players = [ModelPlayer("greedy", model, Settings(max_new_tokens=12)), ModelPlayer("sample", model, sampled)]
    arena = Arena(players, None, store, seed=1)
    assert arena.takes_own_questions
    with pytest.raises(VoteRefusedError, match="ask one"):
        arena.begin("me")
    question = typed_question("what do you see?", ImageSource(pil=Image.new("RGB", (64, 64), "red")))
    battle = arena.ask("me", question)
    assert battle.answering.done.wait(60) and not battle.answering.error
    kept = store.battle(battle.id)
    told = {kept.a: kept.answer_a, kept.b: kept.answer_b}
    greedy = generate(model, [question.example], settings=Settings(max_new_tokens=12))[0].text
    assert told["greedy"] == greedy.strip() and told["sample"] and kept.source == "typed"
    arena.close()
