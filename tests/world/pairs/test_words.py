"""Negatives of any caption by lists of words."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from slow_statements import can_be_true

from seeds import seeds
from vistune.world import sample_scene
from vistune.world.language import caption
from vistune.world.language.claims import claims
from vistune.world.pairs import WORD_LISTS, add_words, replace_word, swap_words
from vistune.world.scene import Scene, Thing


def tokens(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", re.sub(r"\ban\b", "a", text.lower()))


def test_one_word_changes_and_it_was_not_in_the_caption() -> None:
    replaced = 0
    for seed in seeds(400):
        text = caption(sample_scene(seed), seed, "long")
        found = replace_word(text, seed)
        if found is None:
            continue
        replaced += 1
        assert found.new in WORD_LISTS[found.list]
        assert found.text[found.start : found.start + len(found.new)] == found.new
        if found.list != "relation":
            assert found.new not in tokens(text)
            assert sum(a != b for a, b in zip(tokens(text), tokens(found.text), strict=True)) == 1
    assert replaced > 0.95 * len(seeds(400))


@pytest.mark.parametrize("change", ["replace", "swap", "add"])
def test_a_scene_makes_the_negative_false(change: str) -> None:
    """Every list of things, read again word by word, is true; changed with the scene at hand it is not."""
    made = 0
    for seed in seeds(200):
        scene = sample_scene(seed, prior="flat", split=("train", "test")[seed % 2])
        text = caption(scene, seed, "all")
        assert can_be_true(scene, text)
        found = {"replace": replace_word, "swap": swap_words, "add": add_words}[change](text, seed, scene=scene)
        if found is not None:
            made += 1
            assert not can_be_true(scene, found.text), (text, found)
    assert made > (120 if change == "swap" else 190)


@pytest.mark.parametrize("change", ["replace", "swap", "add"])
def test_long_captions_become_false_too(change: str) -> None:
    for seed in seeds(60):
        scene = sample_scene(seed, prior="flat", labels=seed % 2 == 0)
        text = caption(scene, seed, "long")
        found = {"replace": replace_word, "swap": swap_words, "add": add_words}[change](text, seed, scene=scene)
        if found is not None:
            told = [claim for claim in claims(found.text) if claim.holds(scene) is False]
            assert told and all(claim.holds(scene) is not False for claim in claims(text)), (text, found)


def test_an_exchange_that_changes_nothing_is_not_made() -> None:
    """A red and a blue ball: with the colours exchanged it is as true."""
    red, blue = (Thing("ball", c, "big", "plain", None, x, 0.8, 0.3, 0.2, 0) for c, x in (("red", 0.2), ("blue", 0.7)))
    scene = Scene(0, "farm", (red, blue))
    text = "a red ball and a blue ball."
    assert swap_words(text, 0) is not None
    assert all(swap_words(text, seed, scene) is None for seed in range(20))


def test_words_are_added_where_they_belong() -> None:
    added = 0
    for seed in seeds(200):
        text = caption(sample_scene(seed, min_things=2), seed, ("short", "long", "all")[seed % 3])
        found = add_words(text, seed)
        if found is None:
            continue
        added += 1
        assert found.old == "" and found.new in WORD_LISTS[found.list] and found.new not in tokens(text)
        assert found.text[found.start : found.start + len(found.new)] == found.new
        rest = Counter(tokens(found.text)) - Counter(tokens(text))
        assert rest == Counter([found.new, *(["a"] if found.list == "object" else []), *(rest["and"] * ["and"])])
        assert not re.search(r"\ba [aeiou]|\ban [^aeiou]|  | ,|and a [^.]* and a [^.]*\.", found.text), found.text
    assert added > 190


def test_additions_by_hand() -> None:
    assert {f.text for s in range(200) if (f := add_words("A cat.", s)) and f.list == "size"} == {
        "A big cat.", "A small cat."}  # fmt: skip
    made = {f.text for s in range(400) if (f := add_words("a big red dog and a boy in red clothes.", s))}
    assert "a big red striped dog and a boy in red clothes." in made
    assert "a big red dog, a boy in red clothes and an egg." in made
    assert not any(re.search(r"(green|striped|small) boy|big (?!red|green)\w+ red", text) for text in made)
    assert add_words("Nothing to see", 0) is None


def test_words_inside_other_words_are_left_alone() -> None:
    assert replace_word("The covered catalogue is tired.", 0) is None
    assert replace_word("Nothing to see", 0) is None
    assert swap_words("a red ball", 0) is None


def test_articles_and_capitals_follow() -> None:
    texts = {found.text for seed in range(60) if (found := replace_word("An apple is here.", seed, ("object",)))}
    assert all(re.match(r"An [aeiou]|A [^aeiou]", text) for text in texts) and len(texts) > 10
    swapped = swap_words("An orange cat and a big dog.", 3)
    assert swapped is not None and swapped.text == "An orange dog and a big cat."


def test_swaps_keep_the_words() -> None:
    swapped = 0
    for seed in seeds(300):
        text = caption(sample_scene(seed, min_things=2), seed, "all")
        found = swap_words(text, seed)
        if found is not None:
            swapped += 1
            assert sorted(tokens(found.text)) == sorted(tokens(text)) and found.text != text
    assert swapped > 0.5 * len(seeds(300))
