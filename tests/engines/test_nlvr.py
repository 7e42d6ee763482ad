"""The NLVR-style engine: pictures as the corpus draws them, statements whose truth is exact."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from PIL import Image

from vistune.core.errors import ConfigError
from vistune.engines import ENGINES
from vistune.engines.nlvr.boxes import BOX, Shape, draw_box, draw_boxes, sample_boxes, split_boxes
from vistune.engines.nlvr.families import in_a_box, tower_end
from vistune.engines.nlvr.statements import sample_pair

CORPUS_COLOURS = {"Yellow": "yellow", "Black": "black", "#0099ff": "blue"}


def corpus_boxes(record):
    return tuple(
        tuple(Shape(o["type"], CORPUS_COLOURS[o["color"]], o["x_loc"], o["y_loc"], o["size"]) for o in box)
        for box in record["structured_rep"]
    )


def test_drawing_agrees_with_the_corpus(real_data):
    folder = real_data("nlvr") / "dev"
    records = {r["identifier"]: r for r in map(json.loads, (folder / "dev.json").open())}
    compared = 0
    for path in sorted(folder.glob("images/*/dev-*-0.png"))[:60]:
        identifier = "-".join(path.stem.split("-")[1:3])
        ours = draw_boxes(corpus_boxes(records[identifier])).astype(int)
        theirs = np.asarray(Image.open(path).convert("RGB")).astype(int)
        compared += 1
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).mean() < 1.5, identifier
    assert compared > 20


def test_split_boxes_cuts_the_three_boxes():
    boxes = sample_boxes(random.Random(1), "scatter")
    for box, pixels in zip(boxes, split_boxes(draw_boxes(boxes))):
        np.testing.assert_array_equal(pixels, draw_box(box))


@pytest.mark.parametrize("style", ["tower", "scatter"])
def test_shapes_lie_inside_and_apart(style):
    for seed in range(300):
        for box in sample_boxes(random.Random(seed), style):
            cover = np.zeros((BOX, BOX), int)
            for shape in box:
                assert 0 <= shape.x <= BOX - shape.size
                assert 0 <= shape.y <= BOX - shape.size
                cover[shape.y : shape.y + shape.size, shape.x : shape.x + shape.size] += 1
            assert cover.max() <= 1


def test_colour_counts_agree_with_pixels():
    """ "There is a box with exactly n blue squares" against the blue pixels of the drawn box."""
    checked = 0
    for seed in range(200):
        box = sample_boxes(random.Random(seed), "tower")[0]
        blue = (np.abs(draw_box(box).astype(int) - (0, 153, 255)).sum(-1) == 0).sum()
        assert blue == 400 * sum(s.colour == "blue" for s in box)
        checked += blue > 0
    assert checked > 50


@pytest.mark.parametrize("style", ["tower", "scatter"])
def test_statement_truth_is_the_label_and_order_of_boxes_does_not_matter(style):
    for seed in range(400):
        label = seed % 2 == 0
        boxes, statement = sample_pair(random.Random(seed), style, label)
        assert statement.truth(boxes) is label
        assert statement.truth((boxes[2], boxes[0], boxes[1])) is label


def test_families_by_hand():
    def tower(*colours):
        return tuple(Shape("square", c, 40, 80 - 21 * i, 20) for i, c in enumerate(colours))

    boxes = (tower("blue", "yellow"), tower("black"), tower("blue", "black", "blue"))
    found = set()
    for seed in range(3000):
        statement = tower_end(random.Random(seed), True)
        if statement.text == "There are exactly two towers with a blue block at the base":
            found.add(statement.truth(boxes))
        if statement.text == "There is exactly one tower with a blue block at the top":
            found.add(statement.truth(boxes))
        if statement.text == "There is exactly one tower with a black block at the base":
            found.add(statement.truth(boxes))
    assert found == {True}
    truths = {}
    for seed in range(20000):
        statement = in_a_box(random.Random(seed), True)
        truths[statement.text] = statement.truth(boxes)
    assert truths["There is a tower with exactly two blue blocks"] is True
    assert truths["There is a tower with exactly three blue blocks"] is False
    assert truths["There is a box with two blocks"] is True
    # Three blocks in the last tower: readers disagree on whether "there is a box with two blue blocks" means exactly two.
    assert truths["There is a box with a black block"] is True


def test_words_alone_say_little():
    engine = ENGINES.build({"kind": "nlvr_style", "n": 3000})
    labels = {}
    for index in range(3000):
        meta = engine[index].meta
        for word in ("exactly", "at least", "touching", "tower", "only"):
            if word in meta["sentence"]:
                labels.setdefault(word, []).append(meta["label"] == "true")
    for word, truth in labels.items():
        assert abs(np.mean(truth) - 0.5) < 0.12, word


def test_examples_are_a_function_of_their_index():
    first = ENGINES.build({"kind": "nlvr_style", "n": 50})
    second = ENGINES.build({"kind": "nlvr_style", "n": 50})
    for index in (49, 3, 7):
        assert first[index].meta == second[index].meta
        np.testing.assert_array_equal(first[index].images[2].array, second[index].images[2].array)
    assert ENGINES.build({"kind": "nlvr_style", "n": 50, "seed": 1})[3].meta != first[3].meta


def test_unknown_parameter_names_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'image_size'"):
        ENGINES.build({"kind": "nlvr_style", "n": 5, "image_sizes": 3})


def test_words_alone_say_little_of_later_statements_either():
    engine = ENGINES.build({"kind": "nlvr_style", "n": 700, "turns": 3})
    labels = {}
    for index in range(700):
        messages = engine[index].messages[2:]
        for asked, told in zip(messages[::2], messages[1::2]):
            words = asked.text.lower()
            for word in ("exactly", "at least", "touching", "tower", "only", "a "):
                if word in words:
                    labels.setdefault(word, []).append(told.text == "true")
    assert len(labels) == 6
    for word, truth in labels.items():
        assert abs(np.mean(truth) - 0.5) < 0.15, word


def test_a_description_stands_alone():
    told = ENGINES.build({"kind": "nlvr_style", "n": 20, "boxes": 1, "turns": 3, "describe": 1.0})
    asked = ENGINES.build({"kind": "nlvr_style", "n": 20, "boxes": 1, "turns": 3})
    for index in range(20):
        assert [len(told[index].messages), len(told[index].images)] == [2, 1]
        assert "box:" in told[index].messages[1].text
        assert all(message.text in ("true", "false") for message in asked[index].messages[1::2])


@pytest.mark.parametrize("wrong", [{"boxes": 4}, {"boxes": 1, "split": False}, {"describe": 2.0}])
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ConfigError, match="nlvr_style"):
        ENGINES.build({"kind": "nlvr_style", "n": 5, **wrong})
