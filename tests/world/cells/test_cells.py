"""Slides: masks apart and drawn, answers by counting regions of pixels, reports say what is there and what is not."""

from __future__ import annotations

import json
import re
from functools import lru_cache

import numpy as np
import pytest
from scipy.ndimage import binary_erosion, binary_fill_holes, find_objects, label

from seeds import seeds
from vistune.core.errors import ConfigError
from vistune.data.annotations.coco import mask_of, read_coco
from vistune.data.annotations.vqa_rad import read_vqa_rad, write_vqa_rad
from vistune.engines.cells import CellsEngine
from vistune.world.cells import KINDS, SAMPLES, STAINS, Slide, ask, masks, render, report, sample_slide, short_caption
from vistune.world.cells.questions import MAKERS
from vistune.world.cells.slide import held_out
from vistune.world.cells.view import CLUMPED, OPERATIONS, SlideView
from vistune.world.program import parse_program

PRIORS = ("skewed", "flat", "inverted")
ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NUMBERS = (*ONES, "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen")
WORDS = {word: k for k, word in enumerate(NUMBERS)}


def regions(mask: np.ndarray) -> int:
    """Connected regions, by flooding."""
    left, count = mask.copy(), 0
    while left.any():
        count += 1
        edge = [tuple(np.argwhere(left)[0])]
        left[edge[0]] = False
        while edge:
            y, x = edge.pop()
            for a, b in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
                if 0 <= a < left.shape[0] and 0 <= b < left.shape[1] and left[a, b]:
                    left[a, b] = False
                    edge.append((a, b))
    return count


def stained(slide: Slide, size: int) -> np.ndarray:
    """Pixels that are not ground, by their saturation against a slide without cells."""
    empty = render(Slide(slide.seed, slide.sample, slide.stain, slide.width, ()), size).astype(int)
    return np.abs(render(slide, size).astype(int) - empty).max(-1) > 12


def test_cells_lie_apart_on_the_picture_and_are_drawn_where_their_masks_are() -> None:
    for seed in seeds(24):
        slide = sample_slide(seed, prior=PRIORS[seed % 3], sample=list(SAMPLES)[seed % 3], most=12)
        found = masks(slide, 300)
        assert (found.sum(0) <= 1).all()
        assert not (found[:, [0, -1]].any() or found[:, :, [0, -1]].any())
        drawn = stained(slide, 300)
        union = found.any(0)
        assert (drawn & ~union).sum() <= 0.14 * union.sum()
        assert (union & ~drawn).sum() <= 0.06 * union.sum()


def test_as_many_regions_as_cells() -> None:
    """Counted on the picture, by flooding."""
    for seed in seeds(24):
        slide = sample_slide(seed, prior=PRIORS[seed // 3 % 3], sample=list(SAMPLES)[seed % 3])
        assert regions(stained(slide, 320)) == len(slide.cells)


def test_rods_lie_across_no_other_cell() -> None:
    """Their sides are straight: one may reach into another's side without a point of its rim near it."""
    tried = 0
    for seed in (233, *seeds(30)):
        slide = sample_slide(seed, prior="inverted", split="test")
        if any(cell.kind == "rod" for cell in slide.cells):
            tried += 1
            assert regions(stained(slide, 320)) == len(slide.cells), seed
    assert tried > 4


def test_lengths_are_those_of_the_pixels() -> None:
    for seed in seeds(20):
        slide = sample_slide(seed, prior="flat")
        size = 500
        for cell, mask in zip(slide.cells, masks(slide, size)):
            ys, xs = np.nonzero(mask)
            angles = np.radians(np.arange(0, 180, 3))
            spans = np.ptp(np.outer(np.cos(angles), xs) + np.outer(np.sin(angles), ys), axis=1) + 1
            longest = spans.max() / size * slide.width
            assert abs(longest - cell.length) < 0.09 * cell.length, cell.kind


def test_nuclei_are_dark_and_as_large_as_they_are_said_to_be() -> None:
    seen = {True: 0, False: 0}
    for seed in seeds(30):
        slide = sample_slide(seed, prior="inverted", sample="tissue")
        picture = render(slide, 400).astype(int)
        nucleus = np.array(STAINS[slide.stain][2])
        for cell, mask in zip(slide.cells, masks(slide, 400)):
            if cell.kind == "round cell" and not cell.dividing:
                share = (np.abs(picture[mask] - nucleus).max(-1) < 60).mean()
                seen[cell.large_nucleus] += 1
                assert (share > 0.36) == cell.large_nucleus, (share, cell.nucleus)
    assert min(seen.values()) > 4


@lru_cache(maxsize=1024)
def looks(slide: Slide) -> list[tuple[str, bool, bool]]:
    """Of each patch of the picture: its kind, whether it divides, whether its nucleus is large. By sizes and dark pixels."""
    size = 360
    picture = render(slide, size).astype(int)
    patches, _ = label(binary_fill_holes(stained(slide, size)))
    nucleus = np.array(STAINS[slide.stain][2])
    found, pixel = [], slide.width / size
    for number, place in enumerate(find_objects(patches), start=1):
        patch, dark = patches[place] == number, np.abs(picture[place] - nucleus).max(-1) < 60
        if patch.sum() * pixel**2 < 5:
            continue
        ys, xs = np.nonzero(patch)
        spans = [np.ptp(xs * np.cos(a) + ys * np.sin(a)) + 1 for a in np.radians(np.arange(0, 180, 6))]
        long, thin = max(spans) * pixel, min(spans) / max(spans)
        inner = binary_erosion(patch, iterations=max(2, round(0.7 / pixel)))
        nuclei = dark & inner
        share = nuclei.sum() / patch.sum()
        bars = sum(s > 0.2 * nuclei.sum() for s in np.bincount(label(nuclei)[0].ravel())[1:])
        if thin < 0.55:
            found.append(("spindle cell" if long > 16 else "rod", False, False))
        elif long < 9.5:
            found.append(("ball" if long < 6 else "red cell", False, False))
        elif slide.sample == "blood":
            found.append(("white cell", False, False))
        else:
            found.append(("round cell", bars == 2, bars == 1 and share > 0.36))
    return found


def expected(slide: Slide, type: str, text: str) -> str:
    """From the picture's and the masks' pixels wherever they tell."""
    kinds = re.findall("|".join(KINDS), text)
    seen = looks(slide) if type in ("count", "exists", "more", "dividing", "large") else []
    number = {kind: sum(found[0] == kind for found in seen) for kind in KINDS}
    if type == "count":
        return NUMBERS[number[kinds[0]]]
    if type == "exists":
        return "yes" if number[kinds[0]] else "no"
    if type == "more":
        return max(kinds[:2], key=lambda k: number[k]) + "s"
    if type == "dividing":
        return "yes" if any(divides for _, divides, _ in seen) else "no"
    if type == "large":
        return "yes" if any(large for _, _, large in seen) else "no"
    if type == "stain":
        pixels = render(slide, 120)[masks(slide, 120).any(0)].astype(int)
        near = {s: sum((np.abs(pixels - c).max(-1) < 30).sum() for c in STAINS[s][1:]) for s in STAINS}
        return max(near, key=lambda s: near[s])
    if type == "sample":
        return slide.sample
    size = 240
    found = masks(slide, size)
    if type in ("where", "longer"):
        chosen = [m for m, c in zip(found, slide.cells) if (c.dividing if "dividing" in text else c.kind == kinds[0])]
        assert len(chosen) == 1
        ys, xs = np.nonzero(chosen[0])
        if type == "where":
            return f"{'upper' if ys.mean() < size / 2 else 'lower'} {'left' if xs.mean() < size / 2 else 'right'}"
        angles = np.radians(np.arange(0, 180, 3))
        longest = (np.ptp(np.outer(np.cos(angles), xs) + np.outer(np.sin(angles), ys), axis=1) + 1).max()
        bound = re.findall(r"than ([\d.]+) micro", text)[0]
        return "yes" if longest / size * slide.width > float(bound) else "no"
    assert type == "clumped"
    middles = np.array([np.argwhere(m).mean(0) / size for m in found])
    return "clumped" if np.sqrt(middles.var(0).mean()) < CLUMPED + 0.02 else "spread"


@pytest.mark.parametrize("type", MAKERS)
def test_answers_are_those_of_the_pixels(type: str) -> None:
    asked = 0
    for seed in seeds(80):
        split = ("train", "test")[seed % 2]
        slide = sample_slide(seed, prior=PRIORS[seed % 3], split=split)
        for q in ask(slide, seed, types=[type], split=split):
            asked += 1
            assert q.answer == expected(slide, type, q.text), (seed, q.text)
            assert q.choices is None or q.answer in q.choices
            program = parse_program(str(q.program), OPERATIONS)
            assert program == q.program and program.answer(SlideView(slide)) == q.answer
    assert asked > 2


def test_reports_say_what_is_there_and_what_is_not() -> None:
    seen = set()
    for seed in seeds(200):
        slide = sample_slide(seed, prior="inverted")
        found, _, impression = report(slide).partition("\nimpression: ")
        for kind in SAMPLES[slide.sample]:
            count = sum(cell.kind == kind for cell in slide.cells)
            told = re.findall(rf"(\w+) {kind}s?\b", found)[0]
            assert (0 if told == "no" else WORDS[told]) == count
        if slide.sample == "tissue":
            parting = re.findall(r"(\w+) dividing cell", found)[0]
            assert (0 if parting == "no" else WORDS[parting]) == sum(c.dividing for c in slide.cells)
            assert ("no cells with a large nucleus" in found) == (not any(c.large_nucleus for c in slide.cells))
        foreign = slide.sample != "culture" and any(c.kind in SAMPLES["culture"] for c in slide.cells)
        assert ("bacteria" in impression) == foreign
        assert ("nothing unusual" in impression) == (
            not foreign and not any(c.large_nucleus for c in slide.cells) and sum(c.dividing for c in slide.cells) < 2
        )
        seen |= set(impression.strip(".").split(", "))
        assert slide.stain in short_caption(slide)
    assert seen >= {"nothing unusual", "large nuclei", "more divisions than usual"}


def test_slides_are_pure_functions_of_their_seed_and_hold_stains_out() -> None:
    assert sample_slide(1) == sample_slide(1) != sample_slide(1, split="test")
    assert (render(sample_slide(1), 64) == render(sample_slide(1), 64)).all()
    looks = {
        split: {(s.sample, s.stain) for s in (sample_slide(k, split=split) for k in range(300))}
        for split in ("train", "test")
    }
    assert not any(held_out(*look) for look in looks["train"]) and any(held_out(*look) for look in looks["test"])
    few, many = (np.mean([len(sample_slide(s, prior=p).cells) for s in range(150)]) for p in ("skewed", "inverted"))
    assert few + 1 < many
    with pytest.raises(ConfigError, match="Did you mean 'tissue'"):
        sample_slide(0, sample="tisue")
    with pytest.raises(ConfigError, match="2 to 15"):
        sample_slide(0, most=40)
    with pytest.raises(ConfigError, match="16 or more"):
        render(sample_slide(0), 8)


def test_files_are_read_back(tmp_path) -> None:
    engine = CellsEngine(10, image_size=160)
    path, asked = engine.write_annotations(tmp_path)
    file = read_coco(path)
    for image, instances in file.of_image().items():
        slide = engine.slide(engine.number(image - 1))
        assert len(instances) == len(slide.cells)
        for cell, mask, annotation in zip(slide.cells, masks(slide, 160), instances):
            assert file.categories[annotation.category_id - 1].name == cell.kind
            assert annotation.area == mask.sum()
            both = mask_of(annotation, 160, 160)
            assert (both & mask).sum() > 0.85 * (both | mask).sum()
    questions = read_vqa_rad(asked)
    assert len(questions) > 20 and {q.answer_type for q in questions} == {"OPEN", "CLOSED"}


def test_published_questions_come_out_as_they_went_in(real_data, tmp_path) -> None:
    for name, count in (("trainset", 848), ("testset", 135)):
        path = real_data("vqa-rad") / f"{name}.json"
        questions = read_vqa_rad(path)
        assert len(questions) == count
        written = write_vqa_rad(tmp_path / "q.json", questions)
        assert json.loads(written.read_text(encoding="utf-8")) == json.loads(path.read_text(encoding="utf-8"))
