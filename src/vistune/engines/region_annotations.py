"""What is known of sights, in the forms of COCO and GIMMICK."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vistune.data.annotations.coco import CocoAnnotation, CocoCategory, CocoFile, CocoImage, write_coco
from vistune.data.annotations.files import write_json
from vistune.data.annotations.gimmick import (
    CultureFact,
    CultureQuestion,
    CultureRecord,
    write_culture,
    write_facts,
)
from vistune.world.annotate import to_coco_rle
from vistune.world.questions.question import Question
from vistune.world.regions import COUNTRIES, FACETS, REGIONS, Sight, custom, customs, describe
from vistune.world.regions.atlas import Custom
from vistune.world.regions.drawing import PARTS, Part, parts
from vistune.world.regions.telling import looks

_CATEGORIES = {kind: number for number, kind in enumerate(PARTS, start=1)}
_INFO = {"info": {"description": "Sights of the regions of the vistune nano world"}}
#: Facet -> how a sentence about a country begins.
_PEOPLE = {"dish": "people eat", "dress": "people wear", "house": "people live in", "feast": "people celebrate"}
#: What is covered with the cloth of its feast; the rest of a feast has the same colour everywhere.
_CLOTH = ("lantern", "painted pole", "pennant", "snow figure", "kite", "boat")


@dataclass(frozen=True)
class Seen:
    """One picture: its file name, what it shows, and what is asked about it."""

    file: str
    sight: Sight
    questions: tuple[Question, ...] = ()


def write_region_annotations(pictures: Sequence[Seen], size: int, folder: Path) -> list[Path]:
    """Write all of it; -> the files.

    ``instances.json`` (COCO: masks, boxes and ``attributes`` of all parts), ``captions.json`` (COCO: how it looks, and
    what it is), ``customs.json`` and ``questions.json`` (GIMMICK), ``regions.json`` (region -> its countries) and
    ``facts.csv`` (all that must be known).
    """
    images = [CocoImage(number, seen.file, size, size) for number, seen in enumerate(pictures, start=1)]
    texts = [(k, text) for k, seen in enumerate(pictures, 1) for text in captions(seen.sight.custom)]
    told = [CocoAnnotation(number, image, caption=text) for number, (image, text) in enumerate(texts, start=1)]
    questions = [q for seen in pictures for q in _questions(seen)]
    return [
        write_coco(instances(images, pictures, size), folder / "instances.json"),
        write_coco(CocoFile(images, told, extra=dict(_INFO)), folder / "captions.json"),
        write_culture(folder / "customs.json", records(pictures)),
        write_culture(folder / "questions.json", questions),
        write_json(
            folder / "regions.json", {r: [c.name for c in COUNTRIES.values() if c.region == r] for r in REGIONS}
        ),
        write_facts(folder / "facts.csv", culture_facts()),
    ]


def captions(shown: Custom) -> tuple[str, str]:
    """What can be seen, and what one must know to say it."""
    return f"{looks(shown)}.", describe(shown)


def instances(images: Sequence[CocoImage], pictures: Sequence[Seen], size: int) -> CocoFile:
    """Every part of every picture as COCO's instances: masks as run lengths, boxes and areas theirs."""
    found: list[CocoAnnotation] = []
    for image, seen in zip(images, pictures, strict=True):
        for part in parts(seen.sight, size):
            ys, xs = np.nonzero(part.mask)
            x, y = float(xs.min()), float(ys.min())
            box = (x, y, float(xs.max()) + 1 - x, float(ys.max()) + 1 - y)
            extra = {"attributes": attributes(part, seen.sight.custom)}
            area, mask = float(len(xs)), to_coco_rle(part.mask)
            category = _CATEGORIES[part.kind]
            found.append(CocoAnnotation(len(found) + 1, image.id, category, box, area, 0, mask, extra=extra))
    categories = [CocoCategory(number, kind, PARTS[kind]) for kind, number in _CATEGORIES.items()]
    return CocoFile(list(images), found, categories, dict(_INFO))


def attributes(part: Part, shown: Custom) -> dict[str, Any]:
    """What the part of a custom is: ``name``, ``shape``, ``countries`` and ``regions``; its ``colour``, ``pattern``,

    ``made_of`` (dishes) and ``time`` (feasts) where it shows them. People have none.
    """
    if part.kind == "person":
        return {}
    known: dict[str, Any] = {"name": shown.name, "shape": shown.shape}
    known |= {"countries": list(shown.origins), "regions": list(shown.regions)}
    if part.kind in ("dish", "dress", "house", *_CLOTH):
        known["colour"] = shown.colour
    if part.kind in ("dress", "house", *_CLOTH):
        known["pattern"] = shown.pattern
    if shown.detail:
        known["made_of" if shown.facet == "dish" else "time"] = shown.detail
    return known


def records(pictures: Sequence[Seen]) -> list[CultureRecord]:
    """Every custom of the atlas with the pictures that show it; many have none where few pictures are made."""
    files: dict[str, list[str]] = {}
    for seen in pictures:
        files.setdefault(seen.sight.custom.name, []).append(seen.file)
    return [
        CultureRecord(f"regions-{c.name}", c.name, describe(c), c.origins, c.regions, tuple(files.get(c.name, ())))
        for c in customs()
    ]


def _questions(seen: Seen) -> list[CultureQuestion]:
    shown, name = seen.sight.custom, seen.file.removesuffix(".png")
    return [
        CultureQuestion(
            f"{name}/{k}", q.text, q.answer, shown.name, describe(shown), shown.origins, shown.regions, seen.file
        )
        for k, q in enumerate(seen.questions)
    ]


def culture_facts() -> list[CultureFact]:
    """What must be known of each country: one fact a facet."""
    found = []
    for name, country in COUNTRIES.items():
        for facet in FACETS:
            known = custom(name, facet)
            said = f"in {name} {_PEOPLE[facet]} {known.name}: {looks(known)}."
            found.append(CultureFact(name, country.region, facet, known.name, said))
    return found
