"""Why answers are right: sentences that hold of the scene, read by other code, and from which the answer follows."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from seeds import seeds
from vistune.engines import ENGINES
from vistune.world import sample_scene
from vistune.world.language.claims import claims
from vistune.world.language.dialogue import WHY
from vistune.world.language.view import view_of
from vistune.world.questions import EXTRA_MAKERS, MAKERS, Question, ask, explain
from vistune.world.questions.misleading import ask_misleading
from vistune.world.scene import Scene

#: Answers that stand in their reason.
OPEN = ("colour", "size", "pattern", "state", "setting", "count", "text", "facing", "raised_hand", "who", "hider")


def explained(number: int):
    """(scene, question, reason) of all types."""
    for seed in seeds(number):
        scene = sample_scene(seed, prior="flat", split=("train", "test")[seed % 2], labels=True, max_things=6)
        for q in [*ask(scene, seed, [*MAKERS, *EXTRA_MAKERS], n=12), *ask_misleading(scene, seed, n=2)]:
            reason = explain(q, scene)
            assert reason, q
            yield scene, q, reason


def test_every_reason_holds_and_says_something() -> None:
    """Read statement by statement: nothing is false, and something is surely true."""
    read: Counter[str] = Counter()
    for scene, q, reason in explained(160):
        told = [claim.holds(scene) for claim in claims(f"{reason}.")]
        assert False not in told, (q.text, reason)
        read[q.type] += True in told
        assert not re.search(r"\ba [aeiou]|\ban [^aeiou]|  |\{", reason), reason
    assert set(read) >= {*MAKERS, *EXTRA_MAKERS} - {"choice"} and min(read.values()) > 0, read


def test_open_answers_stand_in_their_reasons() -> None:
    asked = 0
    for _, q, reason in explained(160):
        if q.type in OPEN and q.answer not in ("yes", "no"):
            asked += 1
            words = {"zero": "no", "one": "an?"}.get(q.answer, re.escape(q.answer))
            assert re.search(rf"\b{words}\b", reason), (q.text, q.answer, reason)
    assert asked > 300


def test_yes_and_no_follow_from_their_reasons() -> None:
    """Existence, relations and comparisons of sizes, by words alone."""
    asked: Counter[str] = Counter()
    for _, q, reason in explained(160):
        if q.answer not in ("yes", "no"):
            continue
        if q.type == "existence" and not re.search(r" (?:and|or) ", q.text):
            asked[q.type] += 1
            assert (q.answer == "no") == (" are no " in f" {reason} "), (q.text, reason)
        elif (
            found := re.search(r"(left of|right of|above|below|in front of|behind) the [^?]*\?$", q.text)
        ) is not None:
            if q.type == "relation":
                asked[q.type] += 1
                assert (q.answer == "yes") == (found[1] in reason), (q.text, reason)
        elif q.type == "compare_size" and (bigger := re.search("bigger|smaller", q.text)) is not None:
            asked[q.type] += 1
            # "is the duck smaller than the cake?" "the cake is bigger than the duck."
            first = re.search(r"is (the .+) (?:bigger|smaller) than (the .+)\?", q.text)
            assert first is not None
            same = reason in (f"{first[1]} is {bigger[0]} than {first[2]}", _turned(first[1], bigger[0], first[2]))
            assert same == (q.answer == "yes"), (q.text, reason)
    assert set(asked) == {"existence", "relation", "compare_size"} and min(asked.values()) > 10, asked


def _turned(first: str, word: str, second: str) -> str:
    return f"{second} is {'smaller' if word == 'bigger' else 'bigger'} than {first}"


def test_by_hand_and_without_a_program() -> None:
    assert explain(Question("plus", "what is one plus one?", "two"), Scene(0, "farm", ())) is None
    scene = sample_scene(12, min_things=4)
    told = {q.type: explain(q, view_of(scene)) for q in ask(scene, 0, ["setting"], n=4)}
    assert told == {"setting": f"this is the {scene.setting}"}


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_engine_gives_answers_with_reasons(split: str) -> None:
    engine = ENGINES.build({"kind": "world", "n": 40, "image_size": 32, "split": split, "tasks": {"reason": 1.0}})
    endings = tuple(t.removeprefix("{q}") for t in (WHY.train if split == "train" else WHY.train + WHY.held_out))
    for example in engine.examples():
        (record,) = example.meta["questions"]
        asked, told = (message.text for message in example.messages)
        assert asked.startswith(record["question"]) and asked.endswith(endings)
        assert told.startswith(f"{record['answer']}, ") and told.endswith(".")
