"""Minimal pairs: one edit, seen only where it is, and statements that slow looking at the things confirms."""

from __future__ import annotations

import re

import numpy as np
import pytest

from vistune.core.errors import ConfigError
from vistune.world import render, sample_scene
from vistune.world.annotate import instance_map
from vistune.world.pairs import EDITS, NEGATIVES, Pair, counterfactuals, hard_negative, sample_pair
from vistune.world.sampling import box_of
from vistune.world.scene import Scene
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, PATTERNS

NUMBERS = {"no": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
LOOKS = {
    **dict.fromkeys(COLOURS, "colour"),
    **dict.fromkeys(PATTERNS, "pattern"),
    "small": "size",
    "big": "size",
    "medium": "size",
}
NOUNS = {word: k.name for k in KIND_BY_NAME.values() for word in (k.name, k.plural)}


def fitting(scene: Scene, words: str) -> list[int]:
    """Things that a phrase fits, word by word, without the grammar's own tables."""
    wanted: dict[str, str] = {}
    tokens = [
        w for w in re.findall(r"[a-z]+", words) if w not in ("a", "an", "the", "in", "clothes", "that", "is", "are")
    ]
    for token in tokens:
        if token in NUMBERS:
            continue
        if token in NOUNS:
            wanted["kind"] = NOUNS[token]
        else:
            wanted[LOOKS.get(token, "state")] = token
    return [i for i, t in enumerate(scene.things) if all(getattr(t, k) == v for k, v in wanted.items())]


def slowly_true(scene: Scene, text: str) -> bool:
    """A statement read word by word, its places from the pixels of the masks."""
    body = text.rstrip(".")
    if match := re.fullmatch(r'(.*) says "(.*)"', body):
        (index,) = fitting(scene, match[1])
        return scene.things[index].label == match[2]
    if match := re.fullmatch(r"(the .*?) is (left of|right of|in front of|behind|above|below) (the .*)", body):
        (i,), (j,) = fitting(scene, match[1]), fitting(scene, match[3])
        seen = instance_map(scene, 128)
        a, b = (np.argwhere(seen == k).mean(0) for k in (i, j))
        first, second = scene.things[i], scene.things[j]
        return {
            "left of": a[1] < b[1],
            "right of": a[1] > b[1],
            "above": a[0] < b[0],
            "below": a[0] > b[0],
            "in front of": first.depth < second.depth,
            "behind": first.depth > second.depth,
        }[match[2]]
    for part in re.split(r", | and ", re.sub(r"^there (is|are) ", "", body)):
        number = next((NUMBERS[w] for w in part.split() if w in NUMBERS), None)
        found = len(fitting(scene, part))
        if found == 0 if number is None else found != number:
            return False
    return True


@pytest.mark.parametrize("what", list(EDITS))
def test_each_statement_is_true_of_its_own_scene_alone(what: str) -> None:
    for seed in range(60):
        pair = sample_pair(seed, what=[what], prior="flat", split="test")
        assert [[slowly_true(s, t) for s in pair.scenes] for t in pair.texts] == [[True, False], [False, True]], (
            pair.texts
        )


def changed_things(pair: Pair) -> int:
    """How many things of the two scenes have no equal in the other."""
    first, second = (list(scene.things) for scene in pair.scenes)
    return max(sum(t not in second for t in first), sum(t not in first for t in second))


@pytest.mark.parametrize("what", list(EDITS))
def test_nothing_but_the_edited_things_changes(what: str) -> None:
    for seed in range(25):
        pair = sample_pair(seed, what=[what])
        assert pair.scenes[0].setting == pair.scenes[1].setting
        assert changed_things(pair) == (2 if what in ("swap", "exchange") else 1)
        size = 96
        before, after = (render(scene, size).astype(int) for scene in pair.scenes)
        may = np.zeros((size, size), bool)
        for scene, places in zip(pair.scenes, pair.changed, strict=True):
            for place in places:
                x0, y0, x1, y1 = box_of(scene.things[place])
                edge = 0.05 + 0.12 * scene.things[place].height  # the shadow and the smoothing
                top, low = max(0, int((y0 - edge) * size)), int(np.ceil((y1 + edge) * size))
                left, right = max(0, int((x0 - edge) * size)), int(np.ceil((x1 + edge) * size))
                may[top:low, left:right] = True
        differs = np.abs(before - after).max(-1) > 0
        assert differs.any() and not (differs & ~may).any(), (what, seed)


def test_the_same_words_in_another_order() -> None:
    for what in ("swap", "exchange"):
        pairs = [sample_pair(seed, what=[what]) for seed in range(40)]
        assert np.mean([pair.same_words for pair in pairs]) > 0.9
    assert not any(sample_pair(seed, what=["colour"]).same_words for seed in range(10))


def test_pairs_hang_on_their_number_and_a_coin_turns_them() -> None:
    assert sample_pair(5) == sample_pair(5)
    more = [
        len(p.scenes[1].things) - len(p.scenes[0].things) for p in (sample_pair(s, what=["add"]) for s in range(60))
    ]
    assert set(more) == {1, -1}
    with pytest.raises(ConfigError, match="no edit 'melt'"):
        sample_pair(0, what=["melt"])


def test_counterfactuals_share_their_first_scene() -> None:
    found = [counterfactuals(sample_scene(seed, min_things=3, prior="flat"), seed) for seed in range(20)]
    for seed, edits in enumerate(found):
        assert all(pair.scenes[0] == sample_scene(seed, min_things=3, prior="flat") for pair in edits.values())
    assert np.mean([len(edits) for edits in found]) > 5


@pytest.mark.parametrize("type", list(NEGATIVES))
def test_hard_negatives_are_false_and_of_the_same_form(type: str) -> None:
    made = 0
    for seed in range(250):
        scene = sample_scene(seed, prior="flat", split="test")
        found = hard_negative(scene, type, seed)
        if found is None:
            continue
        made += 1
        positive, negative = found.positive.text, found.negative.text
        assert slowly_true(scene, positive) and not slowly_true(scene, negative), (positive, negative)
        plain = [re.sub(r"\ban\b", "a", text.rstrip(".")).split() for text in (positive, negative)]
        if type.startswith("swap"):
            assert sorted(plain[0]) == sorted(plain[1])
        elif type != "replace_rel":
            assert len(plain[0]) == len(plain[1]) and sum(a != b for a, b in zip(*plain, strict=True)) == 1
    assert made > 120


def test_words_alone_do_not_tell_negatives() -> None:
    """A linear classifier on one and two words in a row, positive against negative, learned on other scenes."""
    from vistune.data.blind import Asked, blind_baselines

    asked = []
    for type in NEGATIVES:
        for seed in range(1500):
            found = hard_negative(sample_scene(seed, prior="flat"), type, seed)
            if found is not None:
                asked += [Asked(type, found.positive.text, "yes", seed), Asked(type, found.negative.text, "no", seed)]
    for type, blind in blind_baselines(asked).items():
        assert blind.words <= 0.6, (type, blind)
