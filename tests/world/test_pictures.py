"""Pictures and what is true of them."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from pycocotools import mask as coco

from seeds import seeds
from vistune.core.errors import ConfigError
from vistune.world import (
    amodal_masks,
    boxes,
    dense_labels,
    depth_map,
    instance_map,
    masks,
    relations,
    render,
    sample_scene,
    to_coco_rle,
    visible_share,
)  # fmt: skip
from vistune.world.annotate import DENSE_CLASSES, MARGIN, STATES
from vistune.world.drawing.backdrop import _kept_backdrop
from vistune.world.looks import apply_look
from vistune.world.render import _draw_pattern, _kept_pattern, pattern_mask
from vistune.world.scene import Scene, Thing
from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, KINDS, PATTERNS, SETTINGS, SIZES

ALL_STATES = [(kind.name, state) for kind in KINDS for state in (kind.states or (None,))]


def thing(kind="ball", colour="red", x=0.5, y=0.85, height=0.5, depth=0.15, pattern="plain", state=None, **rest):
    return Thing(kind, colour, "big", pattern, state, x, y, height, depth, rest.pop("variant", 0), **rest)


def scene_of(*things, setting="garden"):
    return Scene(seed=1, setting=setting, things=tuple(things))


@pytest.mark.parametrize(("kind", "state"), ALL_STATES)
def test_every_kind_and_state_is_drawn_where_it_stands(kind, state):
    one = scene_of(thing(kind, height=0.35, state=state))
    empty, full = render(scene_of(), 128).astype(int), render(one, 128).astype(int)
    mask = masks(one, 128)[0]
    assert 150 < mask.sum() < 128 * 128 / 2
    changed = np.abs(full - empty).sum(-1) > 12
    assert changed[mask].mean() > 0.8
    ys, xs = np.nonzero(mask)
    assert abs((xs.min() + xs.max()) / 256 - 0.5) < 0.2
    assert ys.max() / 128 < 0.9


@pytest.mark.parametrize(("kind", "states"), [(k.name, k.states) for k in KINDS if k.states])
def test_states_look_different(kind, states):
    first, second = (render(scene_of(thing(kind, state=s, height=0.4)), 64).astype(int) for s in states)
    assert (np.abs(first - second).sum(-1) > 30).sum() > 15


@pytest.mark.parametrize("kind", [k.name for k in KINDS])
@pytest.mark.parametrize("colour", COLOURS)
def test_a_plain_body_has_its_named_colour(kind, colour):
    """Of the pixels that another colour would change, more have this name's colour than any shade could explain."""
    state = next(iter(KIND_BY_NAME[kind].states), None)
    one, other = (
        scene_of(thing(kind, c, state=state, height=0.4)) for c in (colour, "black" if colour == "white" else "white")
    )
    pixels = render(one, 96).astype(int)
    own = masks(one, 96)[0] & (np.abs(pixels - render(other, 96)).sum(-1) > 40)
    palette = np.array(list(COLOURS.values()))
    named = ((pixels[own][:, None] - palette) ** 2).sum(-1).argmin(1)
    assert own.sum() > 100
    assert (named == list(COLOURS).index(colour)).mean() > 0.3


@pytest.mark.parametrize("pattern", PATTERNS[1:])
def test_patterns_change_the_body(pattern):
    plain, patterned = (render(scene_of(thing(pattern=p)), 64).astype(int) for p in ("plain", pattern))
    changed = np.abs(plain - patterned).sum(-1) > 60
    assert changed[masks(scene_of(thing()), 64)[0]].mean() > 0.1


def test_same_scene_same_pixels_in_another_process():
    code = (
        "import hashlib; from vistune.world import render, sample_scene\n"
        "print(hashlib.sha256(b''.join(render(sample_scene(i, prior='flat')).tobytes() for i in range(9))).hexdigest())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    here = b"".join(render(sample_scene(i, prior="flat")).tobytes() for i in range(9))
    assert told == hashlib.sha256(here).hexdigest()


def test_what_is_said_of_a_picture_holds():
    for seed in seeds(90):
        prior, split = ("skewed", "flat", "inverted")[seed % 3], ("train", "val", "test")[seed // 3 % 3]
        setting, size = SETTINGS[seed % len(SETTINGS)], (32, 64, 97)[seed // 5 % 3]
        scene = sample_scene(seed, prior=prior, split=split, setting=setting, min_things=2)
        seen, whole, found = masks(scene, size), amodal_masks(scene, size), boxes(scene, size)
        assert render(scene, size).shape == (size, size, 3)
        assert not (seen & ~whole).any()
        np.testing.assert_array_equal(seen.any(0), whole.any(0))
        assert seen.any((1, 2)).all()
        assert (visible_share(scene) > 0.45).all()
        assert (found[:, :2] >= 0).all()
        assert (found[:, 2:] <= size).all()
        for mask, (x0, y0, x1, y1) in zip(seen, found.astype(int)):
            np.testing.assert_array_equal(np.flatnonzero(mask.any(0))[[0, -1]], (x0, x1 - 1))
            np.testing.assert_array_equal(np.flatnonzero(mask.any(1))[[0, -1]], (y0, y1 - 1))
            np.testing.assert_array_equal(coco.decode(to_coco_rle(mask)).astype(bool), mask)
        labels = dense_labels(scene)
        there = {1 + [k.name for k in KINDS].index(t.kind) for t in scene.things}
        assert set(np.unique(labels["kind"])) - {0} <= there
        assert set(np.flatnonzero(labels["present"]) + 1) == there
        assert labels["setting"] == SETTINGS.index(setting)


def test_a_scene_without_things():
    empty = scene_of(setting="farm")
    assert render(empty).shape == (64, 64, 3)
    assert masks(empty).shape == (0, 64, 64)
    assert boxes(empty).shape == (0, 4)
    assert (depth_map(empty) == 1).all()
    assert not dense_labels(empty)["kind"].any()
    assert relations(empty) == []


@pytest.mark.parametrize("size", [0, -5])
def test_a_picture_has_a_size(size):
    with pytest.raises(ConfigError, match="size of 1 or more"):
        render(sample_scene(1), size)


def test_large_pictures_leave_nothing_in_memory():
    """Kept, the backdrops and patterns of large pictures would fill gigabytes."""
    kept = _kept_backdrop.cache_info().currsize, _kept_pattern.cache_info().currsize
    for i, pattern in enumerate(PATTERNS[1:]):
        render(scene_of(thing(pattern=pattern, height=0.8), setting=SETTINGS[i]), 512)
    assert kept == (_kept_backdrop.cache_info().currsize, _kept_pattern.cache_info().currsize)


@pytest.mark.parametrize("pattern", PATTERNS[1:])
def test_a_kept_pattern_is_the_one_drawn_anew(pattern):
    for pitch in (4, 9, 24, 25, 60):
        wide, high = 7 * pitch + 3, 5 * pitch
        mask = pattern_mask(pattern, pitch, wide, high)
        assert mask.width >= wide
        assert mask.height >= high
        slow = _draw_pattern(pattern, pitch, 30)
        np.testing.assert_array_equal(np.asarray(mask)[:high, :wide], np.asarray(slow)[:high, :wide])
        assert 0.1 < (np.asarray(slow) > 0).mean() < 0.6


def test_rendering_is_a_function():
    for i in range(20):
        scene = sample_scene(i, prior="flat")
        np.testing.assert_array_equal(render(scene), render(scene))
        assert render(scene).shape == (64, 64, 3)


@pytest.mark.parametrize("size", [64, 200])
def test_boxes_are_tight_and_masks_part_the_picture(size):
    for i in seeds(60):
        scene = sample_scene(i, prior="flat", max_things=5)
        whole, found = masks(scene, size), boxes(scene, size)
        assert (whole.sum(0) <= 1).all()
        np.testing.assert_array_equal(whole.any(0), instance_map(scene, size) >= 0)
        for mask, (x0, y0, x1, y1) in zip(whole, found.astype(int)):
            if mask.any():
                inside = mask[y0:y1, x0:x1]
                assert inside.sum() == mask.sum()
                assert inside[0].any()
                assert inside[-1].any()
                assert inside[:, 0].any()
                assert inside[:, -1].any()


def test_what_is_seen_is_what_nothing_nearer_hides():
    """A slow painter: whole masks laid over each other from far to near."""
    for i in seeds(80):
        scene = sample_scene(i, prior="flat", min_things=3, max_things=5)
        whole = amodal_masks(scene, 96)
        canvas = np.full((96, 96), -1)
        for index in sorted(range(len(scene.things)), key=lambda k: -scene.things[k].depth):
            canvas[whole[index]] = index
        np.testing.assert_array_equal(canvas, instance_map(scene, 96))
        assert (visible_share(scene) > 0.5).all()


def test_depth_is_that_of_the_nearest_thing():
    near, far = thing(depth=0.1, x=0.45), thing("box", "blue", depth=0.4, x=0.55, state="closed")
    depth = depth_map(scene_of(far, near), 64)
    both = amodal_masks(scene_of(far, near), 64).all(0)
    assert both.any()
    assert np.allclose(depth[both], 0.1)
    assert depth.max() == 1.0


def test_rle_round_trip():
    mask = masks(sample_scene(3, min_things=3), 64)[0]
    rle = to_coco_rle(mask)
    np.testing.assert_array_equal(coco.decode(rle).astype(bool), mask)
    assert isinstance(rle["counts"], str)


OPPOSITE = {"left of": "right of", "above": "below", "in front of": "behind"}


def test_relations_come_in_pairs_and_agree_with_the_picture():
    checked = 0
    for i in seeds(200):
        scene = sample_scene(i, prior="flat", min_things=2, max_things=5)
        found = set(relations(scene))
        centres = [(b[0] + b[2]) / 2 for b in boxes(scene, 128)]
        for a, relation, b in found:
            if relation in OPPOSITE:
                assert (b, OPPOSITE[relation], a) in found
                assert (b, relation, a) not in found
            if relation == "left of":
                assert scene.things[b].x - scene.things[a].x > MARGIN
                checked += 1
                assert centres[a] < centres[b] or min(visible_share(scene)[[a, b]]) < 0.8
            if relation == "on":
                assert scene.things[a].support == b
    assert checked > 100


def test_near_ties_give_no_side():
    scene = scene_of(thing(x=0.45), thing("drum", "blue", x=0.5, y=0.6))
    assert not [r for r in relations(scene) if r[1] in ("left of", "right of")]


def test_dense_labels_against_a_slow_count():
    kinds = [k.name for k in KINDS]
    for i in seeds(40):
        scene = sample_scene(i, prior="flat", max_things=5)
        labels, cells = dense_labels(scene, 8), instance_map(scene, 32)
        for row in range(8):
            for col in range(8):
                cell = cells[row * 4 : row * 4 + 4, col * 4 : col * 4 + 4].ravel()
                counts = [(cell == k).sum() for k in range(len(scene.things))]
                best = int(np.argmax(counts))
                if counts[best] < 3:
                    assert labels["kind"][row, col] == 0
                    continue
                t = scene.things[best]
                assert labels["kind"][row, col] == 1 + kinds.index(t.kind)
                assert labels["colour"][row, col] == 1 + list(COLOURS).index(t.colour)
                assert labels["size"][row, col] == 1 + list(SIZES).index(t.size)
                assert labels["state"][row, col] == (1 + STATES.index(t.state) if t.state else 0)
                here = ((col + 0.5) / 8, (row + 0.5) / 8)
                way = (t.x - here[0], t.y - t.height / 2 - here[1])
                np.testing.assert_allclose(labels["centre"][row, col], way, atol=1e-6)
        assert labels["present"].sum() == len({t.kind for t in scene.things})
        assert all(labels[name].max() < n for name, n in DENSE_CLASSES.items())


def test_looks():
    pixels = render(sample_scene(1))
    np.testing.assert_array_equal(apply_look(pixels, "plain"), pixels)
    np.testing.assert_array_equal(apply_look(apply_look(pixels, "negative"), "negative"), pixels)
    assert apply_look(pixels, "night").mean() < 0.5 * pixels.mean()
    with pytest.raises(ConfigError, match="Did you mean 'night'"):
        apply_look(pixels, "nigth")
