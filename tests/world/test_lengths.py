"""Scenes with more things than training has."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from seeds import seeds
from vistune.core.errors import ConfigError
from vistune.world import boxes, masks, visible_share
from vistune.world.language import caption
from vistune.world.lengths import LENGTHS, sample_length
from vistune.world.questions import ask
from vistune.world.vocabulary import SETTINGS


@pytest.mark.parametrize("prior", ["skewed", "flat", "inverted"])
@pytest.mark.parametrize("length", LENGTHS)
def test_every_number_of_things_is_as_likely(length, prior):
    counts = Counter(
        len(sample_length(i, length, split="test", prior=prior, setting=SETTINGS[i % 8]).things) for i in range(240)
    )
    low, high = LENGTHS[length]
    assert set(counts) == set(range(low, high + 1))
    assert min(counts.values()) > 0.6 * 240 / (high - low + 1)


def test_ten_things_are_all_seen_and_can_be_asked_about():
    for seed in seeds(40):
        scene = sample_length(seed, "longest", split="val", prior="flat")
        assert (visible_share(scene) > 0.3).all()
        assert masks(scene, 96).any((1, 2)).all()
        assert (boxes(scene, 96)[:, 2:] <= 96).all()
        assert caption(scene, seed, level="all").count(",") == len(scene.things) - 2
        assert len(ask(scene, seed, n=6, split="val")) == 6


def test_a_length_is_a_function_of_its_seed():
    assert sample_length(5, "longest") == sample_length(5, "longest")
    assert sample_length(5, "longest") != sample_length(6, "longest")
    assert np.all(
        [sample_length(5, "longer", split=s).things != sample_length(5, "longer").things for s in ("val", "test")]
    )


def test_unknown_lengths():
    with pytest.raises(ConfigError, match="Did you mean 'longer'"):
        sample_length(0, "longr")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="There is no setting 'moon'"):
        sample_length(0, "longer", setting="moon")
