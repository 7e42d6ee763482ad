"""The page of places seen from above."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from vistune.world.aerial import CLASSES, LANDS, Site, ask, land_map, later, long_caption, render, sample_site
from vistune.world.aerial.questions import MAKERS

SIZE, GAP = 290, 8
#: Land use -> colour of the map.
_LANDS = ((222, 196, 120), (158, 200, 120), (72, 120, 72), (92, 152, 196), (214, 140, 128), (170, 172, 180))


def sheet(rows: list[list[np.ndarray]], path: Path) -> None:
    """Rows of pictures of one size on a soft ground."""
    height, width = rows[0][0].shape[:2]
    canvas = np.full((len(rows) * (height + GAP) + GAP, len(rows[0]) * (width + GAP) + GAP, 3), 236, np.uint8)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            y, x = GAP + r * (height + GAP), GAP + c * (width + GAP)
            canvas[y : y + height, x : x + width] = cell
    Image.fromarray(canvas).quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def boxed(site: Site, size: int) -> np.ndarray:
    """With rotated boxes; the front side is thicker."""
    picture = Image.fromarray(render(site, size))
    draw = ImageDraw.Draw(picture)
    for thing in site.things:
        ring = [site.pixel(corner, size) for corner in thing.corners()]
        draw.polygon(ring, outline=(255, 240, 90), width=2)
        draw.line([ring[0], ring[3]], (255, 96, 72), 4)
    return np.asarray(picture)


def lands(site: Site, size: int) -> np.ndarray:
    """The land-use map in plain colours, roads white."""
    found = land_map(site, size)
    picture = np.full((size, size, 3), 250, np.uint8)
    for k in range(len(LANDS)):
        picture[found == k] = _LANDS[k]
    return picture


def small(seed: int, scene: str) -> np.ndarray:
    """64 pixels, enlarged without smoothing."""
    picture = Image.fromarray(render(sample_site(seed, scene=scene), 64))
    return np.asarray(picture.resize((142, 142), Image.Resampling.NEAREST))


def examples() -> list[str]:
    """A question of each type with its answer and its program."""
    lines = ["| type | question | answer | program |", "|---|---|---|---|"]
    for name in MAKERS:
        asked = next(q for seed in range(500) for q in ask(sample_site(seed, prior="flat"), seed, types=[name]))
        lines.append(f"| {name} | {asked.text} | {asked.answer} | `{asked.program}` |")
    return lines


def build(assets: Path) -> str:
    """Write the pictures; -> the page."""
    order = ("airport", "harbour", "farmland", "town", "works", "forest")
    shown = [
        [render(sample_site(20 + 3 * r + c, scene=order[3 * r + c], prior="inverted"), SIZE) for c in range(3)]
        for r in range(2)
    ]
    sheet(shown, assets / "aerial-places.png")
    sheet([[small(seed, scene) for seed, scene in enumerate(CLASSES)]], assets / "aerial-small.png")
    site = sample_site(24, scene="harbour", prior="inverted")
    sheet([[render(site, SIZE), boxed(site, SIZE), lands(site, SIZE)]], assets / "aerial-labels.png")
    before = sample_site(7, scene="airport", prior="flat")
    after, change = later(before, 3)
    assert change is not None
    sheet([[render(before, 400), render(after, 400)]], assets / "aerial-change.png")
    return "\n".join(
        [
            "# From above",
            "",
            "Farmland, towns, harbours, airports, works and forests, a few hundred metres wide, north up: parcels of land use, "
            "roads, and houses, ships, planes, cars and tanks with headings. All in metres, so lengths and shares can be asked.",
            "",
            "![Places from above](../assets/world/aerial-places.png)",
            "",
            "At 64 pixels:",
            "",
            "![Places at 64 pixels](../assets/world/aerial-small.png)",
            "",
            "The picture, rotated boxes (the red side is the front), and the land-use map:",
            "",
            "![Boxes and land use](../assets/world/aerial-labels.png)",
            "",
            f"> {long_caption(site)}",
            "",
            "Two dates:",
            "",
            "![Before and after](../assets/world/aerial-change.png)",
            "",
            f"> {change.text}",
            "",
            "## Questions",
            "",
            *examples(),
            "",
            "## Make some",
            "",
            "```sh",
            "vistune data make aerial --n 1000 --out data/aerial --annotations --set image_size=256",
            "vistune data make aerial --n 1000 --out data/dates --set 'tasks={change: 1}'",
            "```",
            "",
            "`--annotations` writes `labelTxt/NAME.txt` (DOTA: rotated boxes and the ground sample distance), `land/NAME.png` (land use, pixel by pixel) and `land.json` (shares).",
            "",
            "```python",
            "from vistune.world.aerial import ask, render, sample_site",
            "",
            'site = sample_site(7, scene="harbour")',
            "picture = render(site, 256)",
            "for thing in site.things:",
            "    print(thing.colour, thing.kind, thing.corners())",
            "print(site.shares())",
            "for question in ask(site, seed=0, n=3):",
            "    print(question.text, question.answer)",
            "```",
            "",
        ]
    )
