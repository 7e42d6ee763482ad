"""Noun phrases, numbers, lists, plurals, synonyms."""

from __future__ import annotations

import pytest

from vistune.core.errors import DataError
from vistune.world.language import Phrase, noun_phrase, number_word, synonyms
from vistune.world.language.grammar import (
    GROUP_NOUNS,
    full_phrase,
    indefinite,
    join,
    many,
    noun_fits,
    noun_forms,
    regular_plural,
    some,
    subject,
    the,
)
from vistune.world.scene import Thing
from vistune.world.vocabulary import GROUPS, KINDS


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        (Phrase("cup"), "a cup"),
        (Phrase("apple"), "an apple"),
        (Phrase("umbrella"), "an umbrella"),
        (Phrase("cup", colour="orange"), "an orange cup"),
        (Phrase("apple", colour="red"), "a red apple"),
        (Phrase("cup", "red", "small", "striped"), "a small red striped cup"),
        (Phrase("box", state="open"), "an open box"),
        (Phrase("dog", "brown", "big", state="sleeping"), "a big sleeping brown dog"),
        (Phrase("lamp", "red", state="on"), "a red lamp that is on"),
        (Phrase("boy", "red", "small"), "a small boy in red clothes"),
        (Phrase("woman", "blue", pattern="striped", state="waving"), "a waving woman in blue striped clothes"),
        (Phrase("food", "red"), "a red thing to eat"),
        (Phrase("fish"), "a fish"),
    ],
)
def test_one(phrase, text):
    assert noun_phrase(phrase) == text


@pytest.mark.parametrize(
    ("phrase", "count", "text"),
    [
        (Phrase("fish"), 2, "two fish"),
        (Phrase("woman"), 3, "three women"),
        (Phrase("bus", "red"), 2, "two red buses"),
        (Phrase("box"), 0, "no boxes"),
        (Phrase("lamp", state="off"), 4, "four lamps that are off"),
        (Phrase("man", "black"), 2, "two men in black clothes"),
        (Phrase("cup"), 1, "one cup"),
        (Phrase("person"), 2, "two people"),
        (Phrase("furniture"), 2, "two pieces of furniture"),
        (Phrase("cactus"), 11, "11 cactuses"),
    ],
)
def test_counted(phrase, count, text):
    assert some(phrase, count) == text


def test_definite_and_bare():
    assert the(Phrase("cup", "red")) == "the red cup"
    assert many(Phrase("cup", "red")) == "red cups"


@pytest.mark.parametrize(
    ("parts", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c", "d"], "a, b, c and d")]
)
def test_lists(parts, text):
    assert join(parts) == text
    assert join(parts, "or") == text.replace("and", "or")


def test_numbers():
    assert [number_word(n) for n in (0, 1, 10, 11)] == ["zero", "one", "ten", "11"]
    with pytest.raises(DataError, match="-1"):
        number_word(-1)
    with pytest.raises(DataError, match="empty"):
        join([])


@pytest.mark.parametrize(
    ("noun", "several"),
    [
        ("puppy", "puppies"),
        ("boy", "boys"),
        ("bus", "buses"),
        ("box", "boxes"),
        ("brush", "brushes"),
        ("calf", "calves"),
    ],
)
def test_plurals(noun, several):
    assert regular_plural(noun) == several


def test_every_group_but_items_has_a_noun_and_an_unknown_one_is_an_error():
    assert set(GROUP_NOUNS) == set(GROUPS) - {"item"}
    assert noun_forms("mushroom") == ("mushroom", "mushrooms")
    with pytest.raises(DataError, match="unicorn"):
        noun_forms("unicorn")


def test_a_boy_is_a_person_and_no_thing():
    assert noun_fits("person", "boy")
    assert noun_fits("boy", "boy")
    assert not noun_fits("thing", "boy")
    assert noun_fits("thing", "cup")
    assert not noun_fits("animal", "cup")


def test_the_colour_of_people_is_that_of_their_clothes():
    assert subject(Phrase("girl")) == ("the clothes of the girl", "are", "do")
    assert subject(Phrase("cup")) == ("the cup", "is", "does")


def test_what_goes_without_saying_is_not_said():
    thing = Thing("dog", "brown", "medium", "plain", "standing", 0.5, 0.8, 0.3, 0.5, 0)
    assert noun_phrase(full_phrase(thing)) == "a brown dog"


def test_synonyms_have_every_kind_with_its_plurals_and_no_word_twice():
    table = synonyms()
    assert set(table) == {kind.name for kind in KINDS}
    assert {"puppy", "puppies", "dog", "dogs"} <= set(table["dog"])
    assert {"ladies", "mums", "women"} <= set(table["woman"])
    words = [word for forms in table.values() for word in forms]
    assert len(words) == len(set(words))


def test_a_or_an():
    assert [indefinite(w) for w in ("egg", "bed", "open box")] == ["an egg", "a bed", "an open box"]
