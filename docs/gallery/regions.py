"""The page of the regions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from vistune.world.regions import COUNTRIES, FACETS, REGIONS, Sight, ask, custom, describe, facts, render, sample_sight
from vistune.world.regions.questions import MAKERS

SIZE, GAP = 150, 6


def sheet(rows: list[list[np.ndarray]], path: Path) -> None:
    """Rows of pictures of one size on a soft ground."""
    height, width = rows[0][0].shape[:2]
    canvas = np.full((len(rows) * (height + GAP) + GAP, len(rows[0]) * (width + GAP) + GAP, 3), 236, np.uint8)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            y, x = GAP + r * (height + GAP), GAP + c * (width + GAP)
            canvas[y : y + height, x : x + width] = cell
    Image.fromarray(canvas).quantize(200, dither=Image.Dither.NONE).save(path, optimize=True)


def row(region: str) -> list[np.ndarray]:
    """Every facet of a region, in two of its countries."""
    places = [place.name for place in COUNTRIES.values() if place.region == region][:2]
    number = list(REGIONS).index(region)
    return [
        render(Sight(0, custom(place, facet), place, 71 * number + 13 * k + len(place)), SIZE)
        for k, facet in enumerate(FACETS)
        for place in places
    ]


def small(seed: int) -> np.ndarray:
    """64 pixels, enlarged without smoothing."""
    picture = Image.fromarray(render(sample_sight(seed, prior="flat"), 64))
    return np.asarray(picture.resize((150, 150), Image.Resampling.NEAREST))


def examples() -> list[str]:
    """A question of each type with its answer and its program."""
    lines = ["| type | question | answer | program |", "|---|---|---|---|"]
    for name in MAKERS:
        asked = next(q for s in range(99) for q in ask(sample_sight(s + 20, prior="flat"), s, types=[name]))
        program = str(asked.program).replace("|", "\\|")
        lines.append(f"| {name} | {asked.text} | {asked.answer} | `{program}` |")
    return lines


def build(assets: Path) -> str:
    """Write the pictures; -> the page."""
    sheet([row(region) for region in REGIONS], assets / "regions-all.png")
    sheet([[small(seed) for seed in range(8)]], assets / "regions-small.png")
    place = next(iter(COUNTRIES))
    return "\n".join(
        [
            "# Regions",
            "",
            "Six made-up regions of three countries each, with dishes, clothes, houses and feasts of their own. Shapes tell the "
            "region, colours and patterns the country; names and customs must be known. Some customs have two origins.",
            "",
            "![Customs of six regions](../assets/world/regions-all.png)",
            "",
            "Rows: " + ", ".join(REGIONS) + ". At 64 pixels:",
            "",
            "![Customs at 64 pixels](../assets/world/regions-small.png)",
            "",
            "How often each region is seen is the `prior`: 60, 20, 10, 5, 3 and 2 percent (`skewed`), all alike (`flat`), or the "
            "other way round (`inverted`). So the gap between regions can be traced to the data.",
            "",
            f"All that is to be known of {place}:",
            "",
            *(f"> {fact}  " for fact in facts(place)),
            "",
            f"And of a custom: *{describe(custom(place, 'dish'))}*",
            "",
            "## Questions",
            "",
            *examples(),
            "",
            "`neighbour` has the hard distractors, countries of the same region. `look` needs no knowledge: a control. Some "
            "pairs of country and facet are never asked about in training's `knowledge` questions.",
            "",
            "## Make some",
            "",
            "```sh",
            "vistune data make regions --n 2000 --out data/regions",
            "vistune data make regions --n 1000 --out data/origins --set 'types=[region, country]' --set pictures=3 --set prior=flat",
            "vistune data make regions --n 1000 --out data/hints --set 'tasks={question: 1}' --set hint=regions",
            "```",
            "",
            "`--annotations` writes `instances.json` (COCO: masks and boxes of dishes, clothes, houses, people, and the lanterns, "
            "kites, boats... of feasts, with name, shape, colour, pattern, countries and regions as `attributes`), `captions.json` "
            "(COCO: how it looks, and what it is), `customs.json` and `questions.json` (GIMMICK's columns), `regions.json` (region "
            "-> countries) and `facts.csv` (what one must know of each country).",
            "",
            "`tasks={facts: 1}` gives text about the countries, `title` describes a custom from its name alone.",
            "",
            "```python",
            "from vistune.world.regions import COUNTRIES, ask, custom, describe, facts, render, sample_sight",
            "",
            'sight = sample_sight(7, prior="flat")',
            "picture = render(sight, 128)",
            "print(describe(sight.custom), facts(sight.place))",
            "for question in ask(sight, seed=0, n=3):",
            "    print(question.text, question.answer)",
            "```",
            "",
        ]
    )
