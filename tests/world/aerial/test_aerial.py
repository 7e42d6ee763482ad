"""Sites: boxes tight to pixels, land shares by counting pixels, answers by geometry on the picture."""

from __future__ import annotations

import json
import math
import re
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from seeds import seeds
from vistune.core.errors import ConfigError, DataError
from vistune.data.annotations.dota import read_dota
from vistune.engines.aerial import AerialEngine, boxes_in_words, rotated_boxes
from vistune.world.aerial import (
    CLASSES,
    KINDS,
    LANDS,
    Site,
    Structure,
    ask,
    land_map,
    later,
    long_caption,
    masks,
    overlap,
    render,
    sample_site,
    short_caption,
)
from vistune.world.aerial.questions import MAKERS
from vistune.world.aerial.sampling import held_out
from vistune.world.aerial.site import COLOURS
from vistune.world.aerial.view import OPERATIONS, AerialView
from vistune.world.program import parse_program

PRIORS = ("skewed", "flat", "inverted")
NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def test_rotated_boxes_are_tight_to_the_masks() -> None:
    """Along and across the heading, the mask's pixels reach to the box's sides and not beyond."""
    for seed in seeds(15):
        site = sample_site(seed, scene=CLASSES[seed % 6], prior=PRIORS[seed % 3])
        size = 700
        pixel = site.metres / size
        for thing, mask in zip(site.things, masks(site, size)):
            ys, xs = np.nonzero(mask)
            east, north = (xs + 0.5) * pixel - site.metres / 2, site.metres / 2 - (ys + 0.5) * pixel
            angle = math.radians(thing.heading)
            ahead = (east - thing.x) * math.sin(angle) + (north - thing.y) * math.cos(angle)
            right = (east - thing.x) * math.cos(angle) - (north - thing.y) * math.sin(angle)
            for values, side in ((ahead, thing.length), (right, thing.width)):
                assert side / 2 - 3.2 * pixel <= values.max() <= side / 2 + pixel, thing
                assert side / 2 - 3.2 * pixel <= -values.min() <= side / 2 + pixel, thing


def test_things_lie_on_the_picture_apart_and_where_they_belong() -> None:
    lands = {"ship": "water", "plane": "yard", "tank": "yard", "house": "town"}
    for seed in seeds(100):
        site = sample_site(seed, prior=PRIORS[seed % 3], most=12)
        size = 200
        found, land = masks(site, size), land_map(site, size)
        assert (found.sum(0) <= 1).all()
        for k, thing in enumerate(site.things):
            assert found[k].any()
            assert all(abs(v) < site.metres / 2 for corner in thing.corners() for v in corner)
            if thing.kind in lands:
                assert (land[found[k]] == LANDS.index(lands[thing.kind])).mean() > 0.97
            else:
                assert (land[found[k]] == 255).mean() > 0.9


def test_the_axis_test_of_boxes_by_pixels() -> None:
    rng = np.random.default_rng(0)
    ys, xs = np.mgrid[-60:60:1.0, -60:60:1.0]

    def inside(t: Structure) -> np.ndarray:
        a = math.radians(t.heading)
        ahead = (xs - t.x) * math.sin(a) + (ys - t.y) * math.cos(a)
        right = (xs - t.x) * math.cos(a) - (ys - t.y) * math.sin(a)
        return (np.abs(ahead) <= t.length / 2) & (np.abs(right) <= t.width / 2)

    seen = {True: 0, False: 0}
    for _ in range(300):
        a, b = (
            Structure("house", "red", *rng.uniform(-25, 25, 2), *rng.uniform(12, 40, 2), rng.uniform(0, 360))
            for _ in range(2)
        )
        both = (inside(a) & inside(b)).sum()
        if both > 12 or not overlap(a, b):
            assert overlap(a, b) == bool(both)
            seen[overlap(a, b)] += 1
    assert min(seen.values()) > 40


def test_shares_of_land_by_counting_pixels() -> None:
    for seed in seeds(15):
        site = sample_site(seed, scene=CLASSES[seed % 6])
        land = land_map(site, 400)
        for k, name in enumerate(LANDS):
            assert abs((land == k).mean() - site.shares()[name]) < 0.006, (site.scene, name)


def test_the_picture_shows_the_things_in_their_colours_and_the_water() -> None:
    for seed in seeds(24):
        site = sample_site(seed, scene=CLASSES[seed % 6])
        picture = render(site, 300).astype(int)
        for thing, mask in zip(site.things, masks(site, 300)):
            wanted = np.array(COLOURS[thing.colour])
            apart = np.abs(picture[mask] - wanted).max(-1)
            assert (apart < 45).mean() > 0.3, thing
        water = land_map(site, 300) == LANDS.index("water")
        if water.any():
            pixels = picture[water & ~masks(site, 300).any(0)] if site.things else picture[water]
            assert np.median(pixels[:, 2] - pixels[:, 0]) > 40


def compass(site: Site, thing: Structure) -> str:
    """From where its nose is on the picture."""
    (nx, ny), (bx, by) = (site.pixel(thing.at(s, 0), 1000) for s in (1, -1))
    dx, dy = nx - bx, ny - by
    return ("east" if dx > 0 else "west") if abs(dx) > abs(dy) else ("south" if dy > 0 else "north")


def find(site: Site, words: str) -> Structure:
    kind = words.split()[-1]
    colour = words.split()[0] if " " in words else None
    found = [t for t in site.things if t.kind == kind and colour in (None, t.colour)]
    assert len(found) == 1
    return found[0]


@lru_cache(maxsize=1024)
def looks(site: Site) -> list[tuple[str, str]]:
    """Kind and colour of each thing: by the size and form of its mask, and by its pixels."""
    size = 360
    picture, pixel = render(site, size).astype(int), site.metres / size
    found = []
    for mask in masks(site, size):
        ys, xs = np.nonzero(mask)
        spans = [np.ptp(xs * math.cos(a) + ys * math.sin(a)) + 1 for a in np.radians(np.arange(0, 180, 6))]
        long = max(spans) * pixel
        area = len(xs) * pixel**2
        around = math.pi / 4 * long**2
        if long < 18:
            kind = "car"
        elif min(spans) > 0.85 * max(spans) and area > 0.7 * around:
            kind = "tank"
        elif min(spans) < 0.45 * max(spans):
            kind = "ship"
        else:
            kind = "house" if area > 0.4 * around else "plane"
        near = {c: (np.abs(picture[mask] - shade).max(-1) < 24).sum() for c, shade in COLOURS.items()}
        found.append((kind, max(near, key=lambda c: near[c])))
    return found


def test_kinds_and_colours_are_those_of_the_pixels() -> None:
    told = 0
    for seed in seeds(24):
        site = sample_site(seed, scene=CLASSES[seed % 6], prior=PRIORS[seed % 3], split=("train", "test")[seed % 2])
        assert looks(site) == [(thing.kind, thing.colour) for thing in site.things], seed
        told += len(site.things)
    assert told > 60


def expected(site: Site, type: str, text: str) -> str:
    seen = looks(site) if type in ("count", "exists", "colour", "more") else []
    counts = {k: sum(kind == k for kind, _ in seen) for k in KINDS}
    named = re.findall(rf"(?:(?:{'|'.join(COLOURS)}) )?(?:{'|'.join(KINDS)})(?!\w)", text)
    kinds = re.findall("|".join(KINDS), text)
    if type == "count":
        return NUMBERS[counts[kinds[0]]]
    if type == "exists":
        return "yes" if counts[kinds[0]] else "no"
    if type == "colour":
        return next(colour for kind, colour in seen if kind == kinds[0])
    if type == "heading":
        return compass(site, find(site, named[0]))
    if type in ("north", "east"):
        a, b = (site.pixel((t.x, t.y), 100) for t in (find(site, n) for n in named[:2]))
        if type == "north":
            return "north" if a[1] < b[1] else "south"
        return "east" if a[0] > b[0] else "west"
    if type == "more":
        return max(kinds[:2], key=lambda k: counts[k]) + "s"
    if type == "runway":
        ends = [site.pixel(p, 1000) for p in site.ring(site.runway)]
        longest = max(math.dist(a, b) for a, b in pairwise(ends))
        return f"{round(longest / 1000 * site.metres)} metres"
    if type not in ("larger", "most"):
        return site.scene
    land = land_map(site, 400)
    shares = {name: (land == k).mean() for k, name in enumerate(LANDS)}
    if type == "larger":
        named = [w for w in re.findall(r"\w+", text) if w in LANDS]
        return max(named[-2:], key=lambda n: shares[n])
    return max(shares, key=lambda n: shares[n])


@pytest.mark.parametrize("type", MAKERS)
def test_answers_are_those_of_the_picture(type: str) -> None:
    asked = 0
    for seed in seeds(90):
        split = ("train", "test")[seed % 2]
        site = sample_site(seed, prior=PRIORS[seed % 3], split=split)
        for q in ask(site, seed, types=[type], split=split):
            asked += 1
            assert q.answer == expected(site, type, q.text), q.text
            assert q.choices is None or q.answer in q.choices
            program = parse_program(str(q.program), OPERATIONS)
            assert program == q.program and program.answer(AerialView(site)) == q.answer
    assert asked > 1


def test_what_changed_is_all_that_changed() -> None:
    seen = set()
    for seed in seeds(100):
        site = sample_site(seed, prior="flat")
        after, change = later(site, seed)
        if change is None:
            continue
        seen.add(change.what)
        changed = np.abs(render(after, 200).astype(int) - render(site, 200)).max(-1) > 6
        thing = (after if change.what == "came" else site).things[change.thing]
        assert f"{thing.colour} {thing.kind}" in change.text
        ys, xs = np.nonzero(changed)
        x, y = site.pixel((thing.x, thing.y), 200)
        reach = (math.hypot(thing.length, thing.width) / 2 + 6) / site.metres * 200
        assert changed.any() and np.hypot(xs - x, ys - y).max() < reach
    assert seen == {"came", "left", "painted"}


def test_captions_count_what_is_there() -> None:
    for seed in seeds(100):
        site = sample_site(seed, prior="inverted")
        counts = {k: sum(t.kind == k for t in site.things) for k in KINDS}
        words = short_caption(site)
        for kind, count in counts.items():
            assert (f"{NUMBERS[count] if count > 1 else 'a'} {kind}{'s' if count > 1 else ''}" in words) == bool(count)
        assert long_caption(site).count(" is in the ") == len(site.things)


def test_sites_are_pure_functions_of_their_seed_and_hold_colours_out() -> None:
    assert sample_site(1) == sample_site(1) != sample_site(1, split="test")
    assert (render(sample_site(1), 64) == render(sample_site(1), 64)).all()
    looks = {
        split: {(t.kind, t.colour) for s in range(300) for t in sample_site(s, split=split).things}
        for split in ("train", "test")
    }
    assert not any(held_out(*look) for look in looks["train"]) and any(held_out(*look) for look in looks["test"])
    few, many = (np.mean([len(sample_site(s, prior=p).things) for s in range(150)]) for p in ("skewed", "inverted"))
    assert few + 1 < many
    with pytest.raises(ConfigError, match="Did you mean 'harbour'"):
        sample_site(0, scene="harbor")
    with pytest.raises(ConfigError, match="1 to 12"):
        sample_site(0, most=40)
    with pytest.raises(ConfigError, match="16 or more"):
        render(sample_site(0), 8)


def test_files_are_read_back(tmp_path) -> None:
    engine = AerialEngine(12, image_size=200)
    assert all(file.exists() for file in engine.write_annotations(tmp_path))
    classes = json.loads((tmp_path / "land" / "classes.json").read_text())
    shares = json.loads((tmp_path / "land.json").read_text())
    for index in range(12):
        number = engine.number(index)
        site = engine.site(number)
        land = np.asarray(Image.open(tmp_path / "land" / f"aerial-train-{number}.png"))
        for value in np.unique(land):
            told = shares[f"aerial-train-{number}"]["shares"].get(classes[str(value)], 0.0)
            assert classes[str(value)] == "none" or abs((land == value).mean() - told) < 0.05
        boxes, source, scale = read_dota(tmp_path / "labelTxt" / f"aerial-train-{number}.txt")
        assert boxes == rotated_boxes(site, 200) and source == "vistune" and scale == site.metres / 200
        for box, mask in zip(boxes, masks(site, 200)):
            ys, xs = np.nonzero(mask)
            assert min(box.corners[::2]) - 1 <= xs.min() and xs.max() <= max(box.corners[::2]) + 1
            assert min(box.corners[1::2]) - 1 <= ys.min() and ys.max() <= max(box.corners[1::2]) + 1
            corners = np.array(box.corners).reshape(4, 2)
            turned = np.roll(corners, -1, 0)
            assert (corners[:, 0] * turned[:, 1] - turned[:, 0] * corners[:, 1]).sum() > 0  # clockwise, y down
    (tmp_path / "x.txt").write_text("1 2 3 4 ship 0\n")
    with pytest.raises(DataError, match="line 1: eight numbers"):
        read_dota(tmp_path / "x.txt")


def test_boxes_in_words_are_those_of_the_things() -> None:
    site = next(s for s in map(sample_site, range(99)) if sum(t.kind == "car" for t in s.things) > 2)
    told = boxes_in_words(site, "car").split("<delim>")
    cars = sorted((t for t in site.things if t.kind == "car"), key=lambda t: -t.y)
    assert len(told) == len(cars)
    for words, car in zip(told, cars):
        numbers = np.array(re.findall(r"<(\d+)>", words), float).reshape(4, 2)
        assert np.abs(numbers - [site.pixel(c, 100) for c in car.corners()]).max() <= 0.5
