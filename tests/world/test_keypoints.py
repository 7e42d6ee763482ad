"""Keypoints lie on what is drawn there: told from pixels, masks and mirror images."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from seeds import seeds
from vistune.world import amodal_masks, keypoints, pose, render, sample_scene
from vistune.world.keypoints import (
    ABSENT,
    ANIMAL_KEYPOINTS,
    HIDDEN,
    PERSON_KEYPOINTS,
    VISIBLE,
    joints,
    keypoint_names,
    skeleton,
)
from vistune.world.render import FIXED, palette
from vistune.world.scene import Scene, Thing
from vistune.world.vocabulary import KINDS

LIVING = [(k.name, s) for k in KINDS if k.group in ("person", "animal") for s in (k.states or (None,))]
PEOPLE = [pair for pair in LIVING if keypoint_names(pair[0]) == PERSON_KEYPOINTS]


def alone(kind, state, variant=0, flip=False, colour="blue") -> Scene:
    thing = Thing(kind, colour, "big", "plain", state, 0.5, 0.9, 0.55, 0.1, variant, flip)
    return Scene(0, "garden", (thing,))


def scenes(count):
    for i in seeds(count):
        yield sample_scene(i, prior=("flat", "skewed")[i % 2], split=("train", "val", "test")[i % 3], max_things=7)


def test_thirteen_joints_and_six():
    assert len(PERSON_KEYPOINTS) == 13 and len(ANIMAL_KEYPOINTS) == 6
    assert keypoints(Scene(0, "farm", (Thing("car", "red", "big", "plain", None, 0.5, 0.9, 0.3, 0.1, 0),))) == [None]
    for kind in ("boy", "dog"):
        assert {n for pair in skeleton(kind) for n in pair} == set(range(len(keypoint_names(kind))))


def test_what_is_seen_is_on_the_thing_and_what_is_hidden_is_under_a_nearer_one():
    """Against whole masks laid over each other, a slow way that knows nothing of keypoints."""
    size, told = 160, {ABSENT: 0, HIDDEN: 0, VISIBLE: 0}
    for scene in scenes(300):
        whole = amodal_masks(scene, size)
        for thing, own, points in zip(scene.things, whole, keypoints(scene, size)):
            if points is None:
                continue
            nearer = np.zeros((size, size), bool)
            for other, mask in zip(scene.things, whole):
                nearer |= mask if other.depth < thing.depth else False
            for x, y, v in points:
                told[int(v)] += 1
                if v == ABSENT:
                    assert x == y == 0
                    continue
                row, column = int(y), int(x)
                assert own[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].any()
                assert nearer[row, column] == (v == HIDDEN)
    assert min(told.values()) > 10


def test_points_hit_the_drawn_limb_itself():
    hit = total = 0
    for scene in scenes(120):
        whole = amodal_masks(scene, 256)
        for own, points in zip(whole, keypoints(scene, 256)):
            for x, y, v in () if points is None else points:
                if v:
                    hit, total = hit + own[int(y), int(x)], total + 1
    assert total > 600
    assert hit / total > 0.999


def colour_at(scene, name):
    points = keypoints(scene, 400)[0]
    x, y, v = points[keypoint_names(scene.things[0].kind).index(name)]
    assert v == VISIBLE
    return render(scene, 400)[int(y), int(x)].astype(int)


@pytest.mark.parametrize(("kind", "state"), PEOPLE)
@pytest.mark.parametrize("flip", [False, True])
def test_joints_have_the_colour_of_the_part(kind, state, flip):
    """Hands and faces are skin, elbows are sleeves, hips are clothes; in all variants of the drawing."""
    for variant in range(9):
        scene = alone(kind, state, variant, flip)
        colours = palette("blue", variant)
        skin = FIXED[("skin_a", "skin_b", "skin_c")[variant % 3]]
        parts = {"nose": skin, "left_wrist": skin, "right_wrist": skin, "left_elbow": colours["shade"]}
        parts |= {"right_elbow": colours["shade"], "left_hip": colours["body"], "right_hip": colours["body"]}
        legs = skin if kind in ("girl", "woman") else FIXED["navy"]
        for name, wanted in (parts | {"left_knee": legs, "right_knee": legs}).items():
            assert np.abs(colour_at(scene, name) - wanted).max() <= 2, (name, variant)


@pytest.mark.parametrize(("kind", "state"), [pair for pair in LIVING if pair not in PEOPLE])
def test_animals_eyes_are_dark_and_noses_foremost(kind, state):
    scene = alone(kind, state)
    assert colour_at(scene, "eye").max() < 90
    places = joints(scene.things[0])
    assert places["nose"][0] > places["neck"][0]
    if "tail" in places:
        assert places["tail"][0] < places["neck"][0]
    assert ("front_limb" in places) == (state != "sleeping")
    if "front_limb" in places and "back_limb" in places and kind != "bird":
        assert places["front_limb"][0] > places["back_limb"][0]


@pytest.mark.parametrize(("kind", "state"), LIVING)
def test_a_mirrored_thing_has_mirrored_points(kind, state):
    plain, mirrored = joints(alone(kind, state).things[0]), joints(alone(kind, state, flip=True).things[0])
    swapped = {"left_": "right_", "right_": "left_"}
    for name, (x, y) in plain.items():
        side = next((s for s in swapped if name.startswith(s)), "")
        other = swapped.get(side, "") + name.removeprefix(side)
        assert mirrored[other] == pytest.approx((1 - x, y))


def test_left_is_the_persons_left():
    for kind, state in PEOPLE:
        for flip in (False, True):
            places = joints(alone(kind, state, flip=flip).things[0])
            for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle"):
                assert places[f"left_{part}"][0] > places[f"right_{part}"][0]
            raised = [s for s in ("left", "right") if places[f"{s}_wrist"][1] < places[f"{s}_shoulder"][1]]
            assert raised == ([] if state == "standing" else ["right" if flip else "left"])


def test_a_hidden_joint():
    boy = alone("boy", "standing").things[0]
    x, y = joints(boy)["left_knee"]
    ball = Thing("ball", "red", "small", "plain", None, x, y + 0.05, 0.1, 0.05, 0)
    (points, none) = keypoints(Scene(0, "garden", (boy, ball)), 128)
    assert none is None
    values = dict(zip(PERSON_KEYPOINTS, points[:, 2]))
    assert values["left_knee"] == HIDDEN and values["nose"] == VISIBLE
    behind = Scene(0, "garden", (boy, replace(ball, depth=0.5)))
    assert (keypoints(behind, 128)[0][:, 2] == VISIBLE).all()


def test_poses():
    assert pose(alone("fish", None).things[0]) == pose(alone("duck", None).things[0]) == "swimming"
    assert pose(alone("bird", "flying").things[0]) == "flying"
    assert pose(alone("woman", "waving").things[0]) == "waving"
    assert pose(Thing("lamp", "red", "big", "plain", "on", 0.5, 0.9, 0.3, 0.1, 0)) is None
