"""POPE-style probes: the official building rule."""

from __future__ import annotations

from collections import Counter

import pytest

from vistune.core.errors import ConfigError, DataError
from vistune.world.questions import pope_probes
from vistune.world.sampling import sample_scene
from vistune.world.scene import Scene, Thing

SCENES = [sample_scene(n, split="test", min_things=3) for n in range(200)]
SETTINGS = ("random", "popular", "adversarial")


def scene_of(*kinds: str) -> Scene:
    return Scene(0, "farm", tuple(Thing(k, "red", "big", "plain", None, 0.5, 0.8, 0.3, 0.5, 0) for k in kinds))


@pytest.mark.parametrize("setting", SETTINGS)
def test_always_yes_is_right_half_of_the_time(setting):
    probes = pope_probes(SCENES, setting)
    usable = [s for s in SCENES if len({t.kind for t in s.things}) >= 3]
    assert len(probes) == 6 * len(usable) > 300
    assert [p.label for p in probes] == ["yes", "no"] * (len(probes) // 2)


@pytest.mark.parametrize("setting", SETTINGS)
def test_labels_are_true_and_no_negative_comes_twice(setting):
    probes = pope_probes(SCENES, setting)
    for number in {p.scene for p in probes}:
        mine = [p for p in probes if p.scene == number]
        names = list(dict.fromkeys(t.kind for t in SCENES[number].things))
        assert [p.kind for p in mine[::2]] == names[:3]
        assert not {p.kind for p in mine[1::2]} & set(names)
        assert len({p.kind for p in mine}) == 6


def test_popular_walks_the_names_by_frequency():
    probes = pope_probes(SCENES, "popular")
    lists = [list(dict.fromkeys(t.kind for t in s.things)) for s in SCENES]
    frequency = Counter(k for names in lists if len(names) >= 3 for k in names)
    for number in {p.scene for p in probes}:
        absent = [k for k, _ in frequency.most_common() if k not in lists[number]]
        assert [p.kind for p in probes if p.scene == number][1::2] == absent[:3]


def test_adversarial_goes_with_the_positive_before_it():
    scenes = [scene_of("dog", "cat", "cow"), *[scene_of("cat", "egg", "bus")] * 3, *[scene_of("dog", "hat", "bed")] * 3]
    scenes += [scene_of("cow", "car", "cup")] * 3
    mine = [p for p in pope_probes(scenes, "adversarial") if p.scene == 0]
    assert [p.kind for p in mine] == ["dog", "hat", "cat", "egg", "cow", "car"]


def test_adversarial_falls_back_to_random_when_nothing_else_goes_with_it():
    scenes = [scene_of("dog", "cat", "cow"), scene_of("egg", "bus", "cup")]
    mine = [p for p in pope_probes(scenes, "adversarial") if p.scene == 0]
    assert {p.kind for p in mine[1::2]} == {"egg", "bus", "cup"}


def test_the_words_are_the_official_template():
    texts = {
        p.kind: p.text for p in pope_probes([scene_of("dog", "egg", "cow"), scene_of("bus", "cup", "hat")], "random")
    }
    assert texts["dog"] == "Is there a dog in the image?"
    assert texts["egg"] == "Is there an egg in the image?"


def test_scenes_with_fewer_than_three_kinds_are_left_out():
    scenes = [scene_of("dog", "dog", "cat"), scene_of("dog", "cat", "cow"), scene_of("egg", "bus", "cup")]
    assert {p.scene for p in pope_probes(scenes, "random")} == {1, 2}
    with pytest.raises(DataError, match="3 kinds"):
        pope_probes(scenes[:1], "random")
    with pytest.raises(DataError, match="add scenes"):
        pope_probes(scenes[1:2], "random")


def test_the_seed_decides_the_random_setting_only():
    assert pope_probes(SCENES, "random", 1) == pope_probes(SCENES, "random", 1) != pope_probes(SCENES, "random", 2)
    assert pope_probes(SCENES, "popular", 1) == pope_probes(SCENES, "popular", 2)


def test_an_unknown_setting_names_the_nearest():
    with pytest.raises(ConfigError, match="popular"):
        pope_probes(SCENES, "populer")  # pyright: ignore[reportArgumentType]
