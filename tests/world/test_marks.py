"""Marks lie on their things, and what is said of numbers is read again from masks and the things' own values."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from seeds import seeds
from vistune.core.errors import ConfigError, DataError
from vistune.engines import ENGINES
from vistune.world import instance_map, masks, relations, render, sample_scene
from vistune.world.marks import MAKERS, MOST_HIDDEN, MarkView, ask_marks, deepest, draw_marks, listing, place_marks
from vistune.world.pointing import Form, point_at
from vistune.world.program import parse_program
from vistune.world.scene import Scene, Thing
from world.questions.slow_answers import matches


def scenes(number: int):
    for seed in seeds(number):
        yield seed, sample_scene(seed, prior="flat", split=("train", "test")[seed % 2], min_things=3, max_things=7)


@pytest.mark.parametrize("size", [64, 128])
def test_marks_are_inside_their_things_and_apart(size: int) -> None:
    placed = 0
    for seed, scene in scenes(60):
        marks, seen = place_marks(scene, size, seed), instance_map(scene, size)
        assert [mark.number for mark in marks] == list(range(1, len(marks) + 1))
        assert len({mark.thing for mark in marks}) == len(marks)
        cover = np.zeros((size, size), int)
        for mark in marks:
            placed += 1
            x0, y0, x1, y1 = mark.box
            assert 0 <= x0 < x1 <= size and 0 <= y0 < y1 <= size
            assert seen[mark.y, mark.x] == mark.thing and x0 <= mark.x < x1 and y0 <= mark.y < y1
            cover[y0:y1, x0:x1] += 1
            assert (seen[y0:y1, x0:x1] == mark.thing).sum() <= MOST_HIDDEN * (seen == mark.thing).sum()
        assert cover.max(initial=0) <= 1
    assert placed > (120 if size == 128 else 30)


def test_marks_change_nothing_outside_their_boxes_and_numbers_can_be_told_apart() -> None:
    digits: dict[int, set[bytes]] = {}
    for seed, scene in scenes(40):
        plain, marks = render(scene, 128), place_marks(scene, 128, seed)
        drawn = draw_marks(plain, marks)
        outside = np.ones((128, 128), bool)
        for mark in marks:
            x0, y0, x1, y1 = mark.box
            outside[y0:y1, x0:x1] = False
            digits.setdefault(mark.number, set()).add(drawn[y0:y1, x0:x1].tobytes())
        np.testing.assert_array_equal(drawn[outside], plain[outside])
    assert len(digits) > 4 and all(len(looks) == 1 for looks in digits.values())
    assert len(set().union(*digits.values())) == len(digits)


def test_a_first_mark_lies_where_no_edge_is_nearer() -> None:
    for _, scene in scenes(30):
        for mask in masks(scene, 64):
            place = deepest(mask)
            assert place is not None
            away = np.asarray(distance_transform_edt(np.pad(mask, 1)))[1:-1, 1:-1]
            assert away[place[1], place[0]] == away.max()
    assert deepest(np.zeros((8, 8), bool)) is None


def test_numbers_tell_neither_size_nor_order() -> None:
    smallest = leftmost = total = 0
    for seed, scene in scenes(250):
        marks, areas = place_marks(scene, 128, seed), masks(scene, 128).sum((1, 2))
        if len(marks) == 3:
            total += 1
            smallest += min(marks, key=lambda mark: areas[mark.thing]).number == 1
            leftmost += min(marks, key=lambda mark: mark.x).number == 1
    assert total > 30
    assert max(abs(count / total - 1 / 3) for count in (smallest, leftmost)) < 2.6 * (2 / 9 / total) ** 0.5 + 0.02


def test_the_list_says_what_is_under_each_mark() -> None:
    for seed, scene in scenes(60):
        marks, drawn = place_marks(scene, 128, seed), instance_map(scene, 128)
        lines = listing(scene, marks).splitlines()
        assert len(lines) == len(marks)
        for mark, line in zip(marks, lines, strict=True):
            number, words = line.split(". ", 1)
            assert int(number) == mark.number
            assert drawn[mark.y, mark.x] in matches(words, scene)


def slow_answer(type: str, text: str, scene: Scene, under: dict[int, int]) -> str:
    """``under``: number -> thing, from the pixels at the marks' anchors."""
    things = [scene.things[under[int(n)]] for n in re.findall(r"\d+", text)]
    if type == "what_at":
        return f"{'an' if things[0].kind[0] in 'aeiou' else 'a'} {things[0].kind}"
    if type == "colour_at":
        return things[0].colour
    if type == "same_colour":
        return "yes" if things[0].colour == things[1].colour else "no"
    if type == "which_number":
        named = re.search(r"(?:on|has) (the .+?)(?:, \d| has:|\?)|which mark (the .+?) has", text)
        assert named is not None
        (index,) = matches(named[1] or named[2], scene)
        (number,) = [n for n, thing in under.items() if thing == index]
        return str(number)
    relation = re.search(r"left of|right of|in front of|behind", text)
    assert relation is not None
    first, second = (under[int(n)] for n in re.findall(r"\d+", text))
    return "yes" if (first, relation[0], second) in relations(scene) else "no"


def test_answers_about_marks_equal_a_slow_reading() -> None:
    asked: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    for seed, scene in scenes(300):
        marks, drawn = place_marks(scene, 128, seed), instance_map(scene, 128)
        under = {mark.number: int(drawn[mark.y, mark.x]) for mark in marks}
        split = ("train", "test")[seed % 2]
        for q in ask_marks(scene, marks, seed, n=4, split=split):
            asked[q.type] += 1
            answers[f"{q.type} {q.answer}"] += 1
            assert slow_answer(q.type, q.text, scene, under) == q.answer, (seed, q.text)
            view = MarkView(scene, marks)
            assert q.program is not None
            again = parse_program(str(q.program), view.operations)
            assert again == q.program and again.answer(view) == q.answer
            assert split == "test" or not q.held_out
    assert set(asked) == set(MAKERS) and min(asked.values()) > 15, asked
    for type in ("stands", "same_colour"):
        yes, no = answers[f"{type} yes"], answers[f"{type} no"]
        assert abs(yes - no) < 3.5 * (yes + no) ** 0.5 + 0.05 * (yes + no)


FORMS: tuple[Form, ...] = ("point", "box", "scribble", "mask")


@pytest.mark.parametrize("form", FORMS)
def test_pointers_are_on_their_things(form: Form) -> None:
    for seed, scene in scenes(50):
        for index, mask in enumerate(masks(scene, 96)):
            if not mask.any():
                continue
            shown = point_at(scene, index, form, size=96, seed=seed)
            given = [name for name in FORMS if getattr(shown, name) is not None]
            assert given == [form] and shown.thing == index
            if shown.mask is not None:
                np.testing.assert_array_equal(shown.mask, mask)
            elif shown.box is not None:
                ys, xs = np.nonzero(mask)
                assert shown.box == (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
            else:
                places = [shown.point] if shown.point is not None else list(shown.scribble or ())
                assert places and all(mask[int(y), int(x)] for x, y in places)


def test_scribbles_wander_and_boxes_are_jittered_within_bounds() -> None:
    long = total = 0
    for seed, scene in scenes(40):
        line = np.array(point_at(scene, 0, "scribble", size=96, seed=seed).scribble)
        long += len(line) > 4 and np.ptp(line, 0).max() > 4
        total += 1
        exact, off = (point_at(scene, 0, "box", size=96, seed=seed, noise=noise).box for noise in (0.0, 1.0))
        assert exact is not None and off is not None and exact != off
        wide, high = exact[2] - exact[0], exact[3] - exact[1]
        for a, b, side in zip(exact, off, (wide, high, wide, high), strict=True):
            assert abs(a - b) <= (1 / 8 + 0.075) * side + 1e-9
    assert long > 0.8 * total


def test_what_cannot_be_pointed_at() -> None:
    scene = Scene(0, "farm", (Thing("ball", "red", "big", "plain", None, 0.5, 0.9, 0.3, 0.1, 0),))
    with pytest.raises(ConfigError, match="no way to point 'boxes'. Did you mean 'box'"):
        point_at(scene, 0, "boxes")  # type: ignore[arg-type]
    hidden = Scene(0, "farm", (*scene.things, Thing("egg", "red", "small", "plain", "whole", 0.5, 0.85, 0.05, 0.5, 0)))
    with pytest.raises(DataError, match="Nothing is seen of thing 1"):
        point_at(hidden, 1, "point")


def test_examples_hold_their_marks_and_regions() -> None:
    from pycocotools import mask as coco

    tasks: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    engine = ENGINES.build({"kind": "marks", "n": 120, "image_size": 96, "prior": "flat"})
    for example in engine.examples():
        task = example.meta["task"]
        tasks[task] += 1
        scene = engine.scene(example.meta["number"])
        if task == "listing":
            lines = example.messages[1].text.splitlines()
            assert len(lines) == len(example.meta["marks"])
        elif task == "pointed":
            (region,) = example.regions
            forms[example.meta["form"]] += 1
            seen = instance_map(scene, 96)
            if region.point is not None:
                assert seen[int(region.point[1]), int(region.point[0])] == example.meta["thing"]
            elif region.mask is not None:
                drawn = coco.decode(region.mask).astype(bool)
                on = (seen[drawn] == example.meta["thing"]).mean()
                assert on == 1 if example.meta["form"] == "mask" else on > 0.5
            assert region.label == scene.things[example.meta["thing"]].kind
    assert set(tasks) == {"listing", "question", "pointed"} and set(forms) == set(FORMS)
