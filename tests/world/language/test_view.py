"""What a view says of a scene: true, false, or in doubt."""

from __future__ import annotations

import random

from vistune.world.language import Phrase, View, view_of
from vistune.world.language.captions import count_sentences
from vistune.world.scene import Scene, Thing


def thing(kind: str, colour: str = "red", support: int | None = None) -> Thing:
    return Thing(kind, colour, "medium", "plain", None, 0.5, 0.8, 0.3, 0.5, 0, support=support)


def test_what_is_on_one_thing_is_not_on_another_nor_is_its_carrier_on_it():
    view = View(Scene(0, "kitchen", (thing("table"), thing("table", "blue"), thing("cup", support=0))), [(2, "on", 0)])
    assert view.holds(2, "on", 0) is True
    assert view.holds(2, "on", 1) is False
    assert view.holds(0, "on", 2) is False


def test_only_what_is_clearly_off_is_surely_not_on():
    things = (thing("table"), thing("ball"), thing("drum"), thing("box"))
    view = View(Scene(0, "kitchen", things), [(1, "left of", 0), (2, "behind", 0), (3, "in front of", 0)])
    assert [view.holds(i, "on", 0) for i in (1, 2, 3)] == [False, None, False]


def test_relations_hold_both_ways_round_and_doubt_stays_doubt():
    view = View(Scene(0, "kitchen", (thing("table"), thing("ball"), thing("cup"))), [(0, "left of", 1)])
    assert view.known() == ((0, "left of", 1), (1, "right of", 0))
    assert view.holds(1, "left of", 0) is False
    assert view.holds(0, "left of", 2) is None


def test_a_description_keeps_to_what_may_be_named():
    view = View(Scene(0, "kitchen", (thing("cup"), thing("cup", "blue"), thing("ball"))), [])
    assert view.describe(0) == Phrase("cup", colour="red")
    assert view.describe(0, frozenset({"colour"})) is None
    assert view.describe(2) == Phrase("ball")
    assert view.describe(2, extra="colour") == Phrase("ball", colour="red")
    assert view.describe(2, frozenset({"colour"}), "colour") == Phrase("ball")


def test_doubtful_groups_are_not_counted():
    sure = View(Scene(0, "garden", (thing("tree"), thing("cup"))), [])
    doubtful = View(Scene(0, "garden", (thing("tree"), thing("carrot"))), [])
    assert "plant" in " ".join(count_sentences(sure, random.Random(0), "train"))
    assert "plant" not in " ".join(count_sentences(doubtful, random.Random(0), "train"))


def test_a_view_is_made_once_and_other_relations_can_be_given():
    scene = Scene(0, "garden", (thing("tree"), thing("cup")))
    assert view_of(scene) is view_of(scene)
    assert view_of(view_of(scene)) is view_of(scene)
    assert view_of(scene, relations=lambda _: [(0, "above", 1)]).holds(1, "below", 0) is True
