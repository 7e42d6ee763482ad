"""Minimal pairs: one edit, seen only where it is, and statements that slow looking at the things confirms."""

from __future__ import annotations

import re

import numpy as np
import pytest
from slow_statements import slowly_true

from seeds import seeds
from vistune.core.errors import ConfigError
from vistune.world import render, sample_scene
from vistune.world.pairs import EDITS, NEGATIVES, Pair, counterfactuals, hard_negative, sample_pair
from vistune.world.sampling import box_of


@pytest.mark.parametrize("what", list(EDITS))
def test_each_statement_is_true_of_its_own_scene_alone(what: str) -> None:
    for seed in seeds(30):
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
    for seed in seeds(16):
        pair = sample_pair(seed, what=[what])
        assert pair.scenes[0].setting == pair.scenes[1].setting
        assert changed_things(pair) == (2 if what in ("swap", "exchange") else 1)
        size = 96
        before, after = (render(scene, size).astype(int) for scene in pair.scenes)
        may = np.zeros((size, size), bool)
        for scene, places in zip(pair.scenes, pair.changed, strict=True):
            for place in places:
                x0, y0, x1, y1 = box_of(scene.things[place])
                edge = 0.05 + max(0.12 * scene.things[place].height, 0.2 * (x1 - x0))  # the shadow, rings of water
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
    for seed in seeds(250):
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
        for seed in range(800):
            found = hard_negative(sample_scene(seed, prior="flat"), type, seed)
            if found is not None:
                asked += [Asked(type, found.positive.text, "yes", seed), Asked(type, found.negative.text, "no", seed)]
    for type, blind in blind_baselines(asked).items():
        assert blind.words <= 0.6, (type, blind)
