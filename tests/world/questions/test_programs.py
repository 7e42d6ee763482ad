"""Programs: run, doubt, printing, reading back, stepping."""

from __future__ import annotations

import pytest

from seeds import seeds
from vistune.core.errors import DataError
from vistune.world.language import Phrase
from vistune.world.questions import EXTRA_MAKERS, MAKERS, OPERATIONS, Ambiguous, Program, ask, parse_program
from vistune.world.questions.programs import beside, call, find, in_words, only, the_one
from vistune.world.sampling import sample_scene
from vistune.world.scene import Scene, Thing


def thing(kind: str, colour: str, x: float, **more) -> Thing:
    values = {"size": "medium", "pattern": "plain", "state": None, "y": 0.8, "height": 0.3, "depth": 0.5, "variant": 0}
    return Thing(kind, colour, x=x, **{**values, **more})


SCENE = Scene(
    0,
    "kitchen",
    (
        thing("table", "brown", 0.5),
        thing("cup", "red", 0.5, y=0.5, support=0, state="full"),
        thing("cup", "blue", 0.9, state="empty"),
        thing("dog", "black", 0.1, state="sleeping"),
    ),
)
RED_CUPS = find(Phrase("cup", colour="red"))


def test_a_program_is_a_value():
    assert find(Phrase("cup", colour="red")) == RED_CUPS
    assert hash(find(Phrase("cup", colour="red"))) == hash(RED_CUPS)
    assert str(call("count", RED_CUPS)) == "count(colour[red](noun[cup](things)))"


@pytest.mark.parametrize(
    ("program", "answer"),
    [
        (call("count", find(Phrase("cup"))), "two"),
        (call("exists", find(Phrase("ball"))), "no"),
        (call("get", the_one(Phrase("cup", state="full")), argument="colour"), "red"),
        (call("name", only(beside(the_one(Phrase("table")), "on"))), "a cup"),
        (call("holds", the_one(Phrase("dog")), the_one(Phrase("table")), argument="left of"), "yes"),
        (call("holds", the_one(Phrase("table")), the_one(Phrase("dog")), argument="left of"), "no"),
        (call("more", call("count", find(Phrase("dog"))), call("count", find(Phrase("cup")))), "no"),
        (call("fewer", call("count", find(Phrase("dog"))), call("count", find(Phrase("table")))), "no"),
        (call("more", call("count", find(Phrase("dog"))), call("count", find(Phrase("table")))), "no"),
        (call("equal", call("count", find(Phrase("dog"))), call("count", find(Phrase("table")))), "yes"),
        (call("same", the_one(Phrase("dog")), the_one(Phrase("table")), argument="colour"), "no"),
        (call("not", call("exists", find(Phrase("ball")))), "yes"),
        (call("name", only(call("except", find(Phrase("cup")), RED_CUPS))), "a cup"),
        (Program("setting"), "the kitchen"),
    ],
)
def test_answers(program, answer):
    assert program.answer(SCENE) == answer


def test_the_needs_exactly_one():
    with pytest.raises(Ambiguous, match="2 fit"):
        call("get", the_one(Phrase("cup")), argument="colour").answer(SCENE)
    with pytest.raises(Ambiguous, match="0 fit"):
        call("get", the_one(Phrase("ball")), argument="colour").answer(SCENE)


def test_a_thing_without_states_has_no_state():
    with pytest.raises(Ambiguous, match="no state"):
        call("get", the_one(Phrase("table")), argument="state").answer(SCENE)


def test_what_hangs_on_doubt_has_no_answer():
    """The cup on the table is neither left nor right of it; whatever counts on that is ambiguous."""
    on_table, table = the_one(Phrase("cup", colour="red")), the_one(Phrase("table"))
    with pytest.raises(Ambiguous, match="doubtful"):
        call("holds", on_table, table, argument="left of").answer(SCENE)
    with pytest.raises(Ambiguous, match="doubtful"):
        call("count", beside(table, "left of")).answer(SCENE)
    # What the doubt does not reach is still exact: no doubtful thing is a dog.
    assert call("count", find(Phrase("dog"), beside(table, "left of"))).answer(SCENE) == "one"


def test_group_names_that_people_disagree_on_have_no_count():
    with_carrot = Scene(0, "garden", (thing("carrot", "orange", 0.2), thing("tree", "green", 0.8)))
    with pytest.raises(Ambiguous):
        call("count", find(Phrase("plant"))).answer(with_carrot)
    assert call("exists", find(Phrase("plant"))).answer(with_carrot) == "yes"


def test_two_doubts_are_read_apart():
    """Plants 1 or 2, animals 1 or 2: if read together they would always be as many, but they need not be."""
    scene = Scene(0, "garden", tuple(thing(k, "red", 0.1) for k in ("carrot", "tree", "boy", "dog")))
    with pytest.raises(Ambiguous):
        call("equal", call("count", find(Phrase("plant"))), call("count", find(Phrase("animal")))).answer(scene)


def test_steps_are_shown_with_what_they_give():
    program = call("more", call("count", RED_CUPS), call("count", find(Phrase("dog"))))
    assert program.trace(SCENE) == [
        ("1 = things", (0, 1, 2, 3)),
        ("2 = noun[cup] of 1", (1, 2)),
        ("3 = colour[red] of 2", (1,)),
        ("4 = count of 3", 1),
        ("5 = noun[dog] of 1", (3,)),
        ("6 = count of 5", 1),
        ("7 = more of 4, 6", False),
    ]


def test_printed_programs_read_back_as_they_were_and_the_last_step_is_the_answer():
    for seed in seeds(100):
        scene = sample_scene(seed, prior="flat")
        for question in ask(scene, seed, n=5):
            assert question.program is not None
            assert parse_program(str(question.program)) == question.program
            assert in_words(question.program.trace(scene)[-1][1]) == question.answer


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cuont(things)", "Did you mean 'count'"),
        ("count", "1 input"),
        ("noun(things)", "an argument"),
        ("count(things", r"lack their '\)'"),
        ("noun[cup(things)", "lacks its ']'"),
        ("things things", "no operation 'things things'"),
        ("count(things))", "Nothing may follow"),
    ],
)
def test_a_broken_text_says_what_is_wrong(text, message):
    with pytest.raises(DataError, match=message):
        parse_program(text)


def test_a_set_is_no_answer():
    with pytest.raises(DataError, match="set of things"):
        find(Phrase("cup")).answer(SCENE)


def test_every_operation_occurs_in_questions():
    unused = set(OPERATIONS)
    for n in range(300):
        for question in ask(sample_scene(n, prior="flat", labels=True), n, [*MAKERS, *EXTRA_MAKERS], n=14):
            unused -= {step.op for step in question.program.steps()}
        if not unused:
            return
    raise AssertionError(f"no question needs {unused}")
