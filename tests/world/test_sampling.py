"""Scenes: deterministic, split by construction, with the prior that they say they have."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from seeds import seeds
from vistune.core.errors import ConfigError
from vistune.world import held_out_pairs, sample_scene
from vistune.world.places import PLACES
from vistune.world.priors import FOUND, USUAL_COLOUR, check_tables
from vistune.world.vocabulary import KIND_BY_NAME, SETTINGS

MANY = 3000


def scenes(split="train", prior="skewed", count=MANY, **options):
    return [sample_scene(i, split=split, prior=prior, **options) for i in range(count)]


def test_tables_name_only_what_there_is():
    check_tables()
    assert set(PLACES) == set(SETTINGS)


def test_same_seed_same_scene_in_another_process():
    code = "from vistune.world import sample_scene; print([repr(sample_scene(i, prior='flat')) for i in (0, 7, 99)])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == str([repr(sample_scene(i, prior="flat")) for i in (0, 7, 99)])


def test_splits_share_no_scene():
    content = {s: {(x.setting, x.things) for x in scenes(s, "flat", 1500)} for s in ("train", "val", "test")}
    assert not content["train"] & content["test"]
    assert not content["train"] & content["val"]
    assert not content["val"] & content["test"]


@pytest.mark.parametrize("prior", ["skewed", "flat", "inverted"])
def test_held_out_pairs_are_kept_from_training_only(prior):
    pairs = held_out_pairs()
    assert len(pairs) == 22
    seen = {(t.colour, t.kind) for s in scenes("train", prior) for t in s.things}
    assert not seen & pairs
    if prior != "skewed":
        assert {(t.colour, t.kind) for s in scenes("test", prior, 6000) for t in s.things} & pairs


def test_priors_are_what_they_say():
    def share_usual(prior):
        things = [t for s in scenes("test", prior) for t in s.things]
        return sum(USUAL_COLOUR[t.kind] == t.colour for t in things) / len(things)

    def share_at_home(prior):
        things = [(s.setting, t.kind) for s in scenes("test", prior) for t in s.things]
        return sum(kind in FOUND[setting] for setting, kind in things) / len(things)

    assert share_usual("skewed") > 0.5
    assert 0.05 < share_usual("flat") < 0.15
    assert share_usual("inverted") < 0.04
    assert share_at_home("skewed") > 0.8
    assert share_at_home("inverted") < share_at_home("flat") < 0.4


def test_flat_prior_is_flat_over_kinds():
    counts = Counter(t.kind for s in scenes("test", "flat", 6000, max_things=1) for t in s.things)
    assert set(counts) == set(KIND_BY_NAME)
    assert max(counts.values()) < 2 * min(counts.values())


def test_repeats_for_counting_and_things_on_tables():
    made = scenes("train", "skewed")
    repeated = sum(max(Counter(t.kind for t in s.things).values()) > 1 for s in made) / MANY
    assert 0.15 < repeated < 0.5
    carried = [(s, t) for s in made for t in s.things if t.support is not None]
    assert carried
    for scene, thing in carried:
        table = scene.things[thing.support]
        assert table.kind == "table"
        assert abs(thing.x - table.x) <= 0.5 * table.height + 1e-9


def test_every_scene_is_sound():
    for seed in seeds(150):
        prior, most = ("skewed", "flat", "inverted")[seed % 3], 1 + seed % 5
        scene = sample_scene(seed, prior=prior, max_things=most)
        assert 1 <= len(scene.things) <= most
        for thing in scene.things:
            kind = KIND_BY_NAME[thing.kind]
            assert thing.state in (kind.states or (None,))
            assert 0 < thing.x < 1
            assert 0 < thing.y < 1


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_can_be_asked_for_and_needs_least_things(setting):
    for i in seeds(40):
        scene = sample_scene(i, setting=setting, min_things=3, max_things=4)
        assert scene.setting == setting
        assert 3 <= len(scene.things) <= 4


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"setting": "kichen"}, "no setting 'kichen'. Did you mean 'kitchen'"),
        ({"prior": "skew"}, "no prior 'skew'. Did you mean 'skewed'"),
        ({"split": "Train"}, "no split 'Train'. Did you mean 'train'"),
        ({"min_things": 4, "max_things": 2}, "4 to 2 things"),
        ({"min_things": -1}, "-1 to 5 things"),
        ({"min_things": 60, "max_things": 60}, "not min_things=60"),
    ],
)
def test_an_impossible_wish_is_told(options, told):
    with pytest.raises(ConfigError, match=told):
        sample_scene(0, **options)


def test_five_things_find_room_in_every_setting():
    for seed in seeds(100):
        prior, setting = ("skewed", "flat", "inverted")[seed % 3], SETTINGS[seed % len(SETTINGS)]
        assert len(sample_scene(seed, prior=prior, setting=setting, min_things=5).things) == 5


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_kind_can_be_in_every_setting(setting):
    seen = {
        sample_scene(i, prior="flat", setting=setting, min_things=1, max_things=1).things[0].kind for i in range(1200)
    }
    assert seen == set(KIND_BY_NAME)
