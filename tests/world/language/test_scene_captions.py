"""Captions are true, of the right length, and worded by their split."""

from __future__ import annotations

import re

import pytest

from seeds import seeds
from vistune.core.errors import ConfigError
from vistune.world.annotate import relations
from vistune.world.language import caption, caption_request, captions, synonyms
from vistune.world.language.grammar import RELATION_WORDS
from vistune.world.language.wordings import Wordings
from vistune.world.sampling import sample_scene
from vistune.world.scene import Scene, Thing
from world.questions.slow_answers import matches

PRIORS = ("skewed", "flat", "inverted")
NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
KIND_WORDS = {word: kind for kind, words in synonyms().items() for word in words}
SAID = {words: relation for relation, forms in RELATION_WORDS.items() for words in forms}


def some_scene(seed: int) -> Scene:
    return sample_scene(seed, prior=PRIORS[seed % 3])


def sentences(text: str) -> list[str]:
    return [part.strip() for part in text.split(".") if part.strip()]


@pytest.mark.parametrize("level", ["short", "long", "all"])
def test_nothing_is_named_that_is_not_there(level):
    for seed in seeds(100):
        scene = some_scene(seed)
        named = {KIND_WORDS[w] for w in re.findall(r"[a-z]+", caption(scene, seed, level)) if w in KIND_WORDS}
        assert named <= {thing.kind for thing in scene.things}


def test_the_full_list_is_every_thing_in_order_with_its_looks():
    for seed in seeds(150):
        scene = some_scene(seed)
        parts = re.split(r", | and ", caption(scene, seed, "all").rstrip("."))
        ordered = sorted(scene.things, key=lambda thing: thing.x)
        assert len(parts) == len(ordered)
        for part, thing in zip(parts, ordered):
            words = part.split()
            assert thing.kind in words
            assert thing.colour in words
            for size in ("small", "big"):
                assert (size in words) == (thing.size == size)
            for pattern in ("striped", "spotted", "checked"):
                assert (pattern in words) == (thing.pattern == pattern)


def test_every_sentence_of_a_long_caption_is_true():
    for seed in seeds(150):
        scene = some_scene(seed)
        triples = set(relations(scene))
        for sentence in sentences(caption(scene, seed, "long"))[2:]:
            related = re.fullmatch(
                rf"(the .+?) is ({'|'.join(sorted(SAID, key=len, reverse=True))}) (the .+)", sentence
            )
            counted = re.fullmatch(r"(?:there (?:is|are)|I count) (\w+) (.+?)(?: here| in the picture)?", sentence)
            if related and related[3].startswith("the "):
                (i,), (j,) = matches(related[1], scene), matches(related[3], scene)
                assert (i, SAID[related[2]], j) in triples, sentence
            elif counted:
                assert len(matches(counted[2], scene)) == NUMBERS.index(counted[1]), sentence
            else:
                name, looks = re.fullmatch(r"(?:the clothes of )?(the .+?) (?:is|are) ([a-z ]+)", sentence).groups()
                if name.endswith(" that"):
                    name, looks = re.fullmatch(r"(.* that is \w+) is (.+)", sentence).groups()
                (index,) = matches(name, scene)
                thing = scene.things[index]
                assert set(looks.split(" and ")) <= {thing.colour, thing.pattern, thing.size, thing.state}, sentence


LISTED = re.compile(
    r"(?:there (?:is|are)|I see|you can see|here (?:is|are)|the picture shows|we can find|you can spot) (.+)"
)


@pytest.mark.parametrize("level", ["short", "long"])
@pytest.mark.parametrize("split", ["train", "test"])
def test_what_is_listed_is_there_as_often_as_it_is_said(level, split):
    """Word by word: "three boys" fits three things, "a red ball" one, and no other ball is there."""
    listed = 0
    for seed in seeds(150):
        scene = sample_scene(seed, split=split, prior=PRIORS[seed % 3])
        first = sentences(caption(scene, seed, level, split))[:2]
        assert any(re.search(rf"\bthe {scene.setting}\b", sentence) for sentence in first)
        told = [re.sub(rf" (in|at|on) the {scene.setting}$", "", m[1]) for s in first for m in LISTED.finditer(s)]
        for part in (part for text in told for part in re.split(r", | and ", text) if scene.setting not in part):
            number, words = part.split(" ", 1)
            fits = matches(words, scene)
            assert len(fits) == (1 if number in ("a", "an") else NUMBERS.index(number)), (first, part)
            if number in ("a", "an"):
                assert sum(t.kind == scene.things[fits[0]].kind for t in scene.things) == 1
            listed += len(fits)
    assert listed > 250


def test_lengths():
    for n in seeds(300):
        scene = some_scene(n)
        assert len(caption(scene, n, "long").split()) <= 70
        assert len(caption(scene, n, "short").split()) <= 25
    busy = [s for s in map(some_scene, range(600)) if len({t.kind for t in s.things}) >= 3]
    long = [len(caption(s, 0, "long").split()) for s in busy]
    assert sum(n >= 60 for n in long) / len(long) > 0.97


def test_short_counts_things_of_one_kind_together():
    balls = tuple(Thing("ball", "red", "big", "plain", None, x, 0.8, 0.3, 0.5, 0) for x in (0.1, 0.4, 0.8))
    assert "three big red balls" in caption(Scene(0, "beach", balls), 0, "short")


def test_a_thing_on_another_is_said_to_be():
    table = Thing("table", "brown", "big", "plain", None, 0.5, 0.9, 0.4, 0.5, 0)
    cup = Thing("cup", "red", "small", "plain", "full", 0.5, 0.55, 0.1, 0.4, 0, support=0)
    assert re.search("the cup is on (top of )?the table", caption(Scene(0, "kitchen", (table, cup)), 1, "long"))


def test_an_empty_scene():
    empty = Scene(0, "lake", ())
    assert caption(empty, 0, "all") == "nothing."
    assert "lake" in caption(empty, 0, "short")
    assert "lake" in caption(empty, 0, "long")


def test_deterministic_and_varied():
    scene = some_scene(4)
    assert caption(scene, 1, "long") == caption(scene, 1, "long")
    assert len({caption(scene, seed, "long") for seed in range(20)}) > 10


def test_training_never_uses_held_out_wordings():
    tables = [w for w in vars(captions).values() if isinstance(w, Wordings)]
    held_out = [t for table in tables for t in table.held_out]
    assert len(held_out) >= 7
    openings = {re.split(r"[{.]", t)[0].strip() for t in held_out} - {""}
    train = " ".join(caption(some_scene(n), n, level) for n in range(500) for level in ("short", "long"))
    test = " ".join(caption(some_scene(n), n, level, "test") for n in range(500) for level in ("short", "long"))
    assert not [opening for opening in openings if opening in train]
    assert sum(opening in test for opening in openings) >= 4
    requests = {caption_request("short", n) for n in range(100)}
    assert requests < {caption_request("short", n, "test") for n in range(100)}


def test_an_unknown_level_names_the_nearest():
    with pytest.raises(ConfigError, match="short"):
        caption(some_scene(0), 0, "shrot")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConfigError, match="long"):
        caption_request("lnog", 0)  # pyright: ignore[reportArgumentType]
