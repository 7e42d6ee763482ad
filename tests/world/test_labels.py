"""Text on things: where its ink is, that it can be read, and that nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from seeds import seeds
from vistune.core.errors import DataError
from vistune.world import amodal_masks, boxes, masks, render, sample_scene, text_boxes, text_map, write_labels
from vistune.world.labels import ALL_WORDS, PLATES, WORDS, can_be_written_on, legible, plate_box, words_for
from vistune.world.scene import Scene, Thing
from vistune.world.vocabulary import KIND_BY_NAME


def labelled(count, split="train", prior="flat"):
    for i in seeds(count):
        scene = sample_scene(i, prior=prior, split=split, max_things=6, labels=True)
        if any(thing.label for thing in scene.things):
            yield scene


def with_label(scene, index, text):
    things = list(scene.things)
    things[index] = replace(things[index], label=text)
    return replace(scene, things=tuple(things))


def test_labels_change_nothing_else():
    written = 0
    for i in seeds(500):
        prior, split = ("skewed", "flat", "inverted")[i % 3], ("train", "val", "test")[i // 3 % 3]
        plain = sample_scene(i, prior=prior, split=split)
        scene = sample_scene(i, prior=prior, split=split, labels=True)
        assert all(thing.label is None for thing in plain.things)
        assert replace(scene, things=tuple(replace(thing, label=None) for thing in scene.things)) == plain
        assert scene == write_labels(plain)
        words = [thing.label for thing in scene.things if thing.label]
        assert len(words) == len(set(words))
        written += len(words)
        for thing in scene.things:
            if thing.label:
                assert thing.label in words_for(thing.kind, prior, split)
    assert written > 80


@pytest.mark.parametrize("size", [96, 131])
def test_the_box_holds_the_ink_and_nothing_but_the_ink(size):
    """The ink is what differs from the same picture with a blank label, pixel by pixel."""
    checked = 0
    for scene in labelled(160):
        full, seen = render(scene, size).astype(int), text_map(scene, size)
        found = {box.thing: box for box in text_boxes(scene, size)}
        assert set(found) == {i for i, thing in enumerate(scene.things) if thing.label}
        for index, told in found.items():
            blank = render(with_label(scene, index, ""), size).astype(int)
            ys, xs = np.nonzero(np.abs(full - blank).sum(-1))
            x0, y0, x1, y1 = told.box
            assert told.text == scene.things[index].label and told.seen == 1
            assert x0 <= xs.min() and xs.max() < x1 and y0 <= ys.min() and ys.max() < y1
            assert max(xs.min() - x0, ys.min() - y0, x1 - 1 - xs.max(), y1 - 1 - ys.max()) <= 1
            assert set(np.unique(seen[y0:y1, x0:x1])) <= {-1, index}
            assert masks(scene, size)[index][y0:y1, x0:x1].all()
            bx0, by0, bx1, by1 = boxes(scene, size)[index]
            assert bx0 <= x0 and by0 <= y0 and x1 <= bx1 and y1 <= by1
            checked += 1
    assert checked > 30


def test_labels_can_be_read_from_96_pixels_on():
    """A slow reader: of all words, the one whose drawing comes nearest to the picture."""
    read = 0
    for scene in labelled(60, split="test"):
        picture = render(scene, 96).astype(int)
        for index, thing in enumerate(scene.things):
            if thing.label:
                words = [w for w in ALL_WORDS.train + ALL_WORDS.held_out if legible(thing, w)]
                off = [np.abs(render(with_label(scene, index, w), 96).astype(int) - picture).sum() for w in words]
                assert words[int(np.argmin(off))] == thing.label
                assert sorted(off)[1] > 700
                read += 1
    assert read > 12


@pytest.mark.parametrize(("kind", "state"), PLATES)
@pytest.mark.parametrize("flip", [False, True])
def test_the_plate_lies_on_the_thing(kind, state, flip):
    thing = Thing(kind, "red", "big", "plain", state, 0.5, 0.9, 0.45, 0.1, 3, flip, label="")
    scene = Scene(0, "farm", (thing,))
    x0, y0, x1, y1 = (round(v * 200) for v in plate_box(thing))
    assert amodal_masks(scene, 200)[0][y0 + 1 : y1 - 1, x0 + 1 : x1 - 1].all()
    np.testing.assert_array_equal(masks(scene, 200), masks(replace(scene, things=(replace(thing, label=None),)), 200))
    inside = render(scene, 200)[y0 + 3 : y1 - 3, x0 + 3 : x1 - 3]
    assert (inside > 245).all()


def test_text_is_not_mirrored():
    thing = Thing("bus", "red", "big", "plain", None, 0.5, 0.9, 0.4, 0.1, 0, label="city")
    one, two = (Scene(0, "farm", (replace(thing, flip=flip),)) for flip in (False, True))
    cut = []
    for scene in (one, two):
        x0, y0, x1, y1 = text_boxes(scene, 200)[0].box
        cut.append(render(scene, 200)[y0:y1, x0:x1].mean(-1) < 128)
    assert cut[0].shape == cut[1].shape
    assert (cut[0] == cut[1]).mean() > 0.85 > 0.75 > (cut[0] == cut[1][:, ::-1]).mean()


def test_hidden_text_is_told():
    bus = Thing("bus", "red", "big", "plain", None, 0.5, 0.9, 0.4, 0.3, 0, label="zoo")
    ball = Thing("ball", "red", "big", "plain", None, 0.5, 0.95, 0.3, 0.1, 0)
    free, hidden = Scene(0, "farm", (bus,)), Scene(0, "farm", (bus, ball))
    assert text_boxes(free, 128)[0].seen == 1 > text_boxes(hidden, 128)[0].seen
    assert text_boxes(free, 128)[0].box == text_boxes(hidden, 128)[0].box
    assert (text_map(hidden, 128) == 0).sum() < (text_map(free, 128) == 0).sum()


def test_priors_and_held_out_words():
    assert not set(ALL_WORDS.train) & set(ALL_WORDS.held_out)
    for kind in WORDS:
        own, others = set(words_for(kind, "skewed", "test")), set(words_for(kind, "inverted", "test"))
        assert not own & others
        assert own | others == set(words_for(kind, "flat", "test"))
        assert set(ALL_WORDS.held_out).isdisjoint(words_for(kind, "flat", "train"))
    assert set(WORDS) == {kind for kind, _ in PLATES}
    assert all(state in (KIND_BY_NAME[kind].states or (None,)) for kind, state in PLATES)


def test_nothing_is_written_on_a_dog():
    dog = Thing("dog", "brown", "big", "plain", "standing", 0.5, 0.9, 0.4, 0.1, 0, label="rex")
    assert not can_be_written_on(dog)
    with pytest.raises(DataError, match="Nothing can be written on a dog that is standing: a label goes on a box"):
        render(Scene(0, "farm", (dog,)))
