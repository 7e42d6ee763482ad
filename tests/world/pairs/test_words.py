"""Negatives of any caption by lists of words."""

from __future__ import annotations

import re

from vistune.world import sample_scene
from vistune.world.language import caption
from vistune.world.pairs import WORD_LISTS, replace_word, swap_words
from vistune.world.vocabulary import KIND_BY_NAME


def tokens(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", re.sub(r"\ban\b", "a", text.lower()))


def test_one_word_changes_and_it_was_not_in_the_caption() -> None:
    replaced = 0
    for seed in range(400):
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
    assert replaced > 380


def test_a_scene_makes_the_negative_false() -> None:
    for seed in range(300):
        scene = sample_scene(seed, prior="flat")
        found = replace_word(caption(scene, seed, "all"), seed, scene=scene)
        if found is None:
            continue
        there = {
            v for t in scene.things for v in (t.kind, t.colour, t.size, t.pattern, t.state, KIND_BY_NAME[t.kind].plural)
        }
        assert found.new not in there


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
    for seed in range(300):
        text = caption(sample_scene(seed, min_things=2), seed, "all")
        found = swap_words(text, seed)
        if found is not None:
            swapped += 1
            assert sorted(tokens(found.text)) == sorted(tokens(text)) and found.text != text
    assert swapped > 150
