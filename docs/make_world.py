"""Makes ``docs/world.md``, a page for each kind of picture, and their pictures: ``python docs/make_world.py [KIND...]``.

A kind's page comes from ``docs/gallery/KIND.py``: ``build(assets) -> markdown``.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path

DOCS = Path(__file__).parent
ASSETS = DOCS / "assets" / "world"
#: Page -> (title, what it is in a line), in the order of the index.
KINDS: dict[str, tuple[str, str]] = {
    "scenes": ("Scenes", "things in settings: masks, boxes, depth, keypoints, labels, relations"),
    "language": ("Language", "captions, references, questions as programs, leading and misleading text"),
    "pairs": ("Minimal pairs", "two scenes that differ in one edit, and hard negatives for captions"),
    "graphs": ("Scene graphs", "38 generators of questions by program, for scenes and annotated pictures"),
    "marks": ("Marks and pointers", "numbers on things, lists of them, and clicks, boxes, scribbles and masks"),
    "sequences": ("Sequences", "before and after, spot the change, views, stories, documents with pictures"),
    "video": ("Video", "8 to 32 frames in which something happens"),
    "pages": ("Pages", "receipts, forms, letters, slides, tables, documents of several pages"),
    "charts": ("Charts", "bars, lines and pies with the tables behind them"),
    "aerial": ("From above", "fields, houses, ships and planes with rotated boxes and land use"),
    "cells": ("Through the microscope", "cells of several kinds, counted and reported"),
    "maps": ("Maps and paths", "obstacles and two paths, judged for a scenario"),
    "rooms": ("Rooms in 3D", "solids and furniture seen by cameras: depth, normals, points, boxes"),
    "houses": ("Places to walk", "houses as graphs of viewpoints, with instructions"),
    "tabletop": ("A table-top", "a gripper, things to move, and goals in words"),
    "tongues": ("Languages", "the same scenes in eight languages"),
    "regions": ("Regions", "six made-up cultures and what one must know of them"),
}


def build(kind: str) -> str:
    """The markdown of a kind's page; its pictures are written."""
    spec = importlib.util.spec_from_file_location(kind, DOCS / "gallery" / f"{kind}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.build(ASSETS)


def first_picture(page: str) -> str | None:
    """The name of the first picture of a page."""
    found = re.search(r"!\[[^]]*\]\(\.\./assets/world/([^)]+)\)", page)
    return None if found is None else found[1]


def cards(pages: dict[str, str]) -> list[str]:
    """A card for each kind: title, picture, one line."""
    lines = ['<div class="kinds" markdown>', ""]
    for kind, page in pages.items():
        title, about = KINDS[kind]
        picture = first_picture(page)
        lines += ['<div class="kind" markdown>', "", f"### [{title}](world/{kind}.md)", ""]
        if picture is not None:
            lines += [f"[![{title}](assets/world/{picture})](world/{kind}.md)", ""]
        lines += [about[0].upper() + about[1:] + ".", "", "</div>", ""]
    return [*lines, "</div>", ""]


def blind() -> list[str]:
    """How much of each kind's questions can be answered without the picture, from the measured file."""
    file = DOCS / "results" / "blind.json"
    if not file.exists():
        return []
    kinds = json.loads(file.read_text(encoding="utf-8"))["kinds"]
    lines = ["| kind | question types | worst type | points above chance |", "|---|---|---|---|"]
    for kind, types in sorted(kinds.items()):
        worst = max(types, key=lambda name: types[name]["above_chance"])
        lines.append(f"| `{kind}` | {len(types)} | {worst} | {types[worst]['above_chance']:+.1f} |")
    return ["## Without the picture", "", "What a linear classifier on the words of the question, or the commonest "
            "answer, gets right on the `flat` split, against chance ([all types](results/blind.md)):", "", *lines, ""]  # fmt: skip


def readable() -> list[str]:
    """Which size each kind needs, from the measured file and the engines' defaults."""
    file = DOCS / "results" / "legible.json"
    if not file.exists():
        return []
    from vistune.world.legible import LEGIBLE

    shares = json.loads(file.read_text(encoding="utf-8"))["shares"]
    by_size = {kind: {int(size): share for size, share in row.items()} for kind, row in shares.items()}

    def told(kinds: list[str], size: int) -> str:
        return f"{100 * min(by_size[kind][size] for kind in kinds):.0f}%"

    pages = [kind for kind in by_size if kind not in ("chart", "sign")]
    rows = [
        ("`charts`", "names and numbers", LEGIBLE["charts"], told(["chart"], 64), told(["chart"], LEGIBLE["charts"])),
        ("`pages`", "everything", LEGIBLE["pages"], told(pages, 64), told(pages, LEGIBLE["pages"])),
        ("`pages`, signs alone", "the sign", LEGIBLE["signs"], told(["sign"], 64), told(["sign"], LEGIBLE["signs"])),
        ("`tongues`", "words on boards", LEGIBLE["boards"], "", "by eye"),
        ("`world` with `labels`", "words on things", LEGIBLE["words on things"], "", "by eye"),
    ]
    lines = [f"| {kind} | {what} | {size} | {small} | {large} |" for kind, what, size, small, large in rows]
    return [
        "## How large to be readable",
        "",
        "All kinds can be drawn at any size; 64 pixels show things, colours and places. Where something is written, it takes "
        "more. Engines of charts, pages and languages draw at the size given here by default, and so do benchmarks that ask "
        "about words; the size that a model sees is its processor's business. Shares are of words that Tesseract reads one by "
        "one, of the worst sort of page ([all sizes](results/legible.md)).",
        "",
        "| kind | what is written | pixels | read at 64 | read at this size |",
        "|---|---|--:|--:|--:|",
        *lines,
        "",
    ]


def index(pages: dict[str, str]) -> str:
    """The index page."""
    return "\n".join(
        [
            "# The nano world",
            "",
            "A simulator of pictures with language: every picture is drawn from a typed value, a pure function of a "
            "seed, so everything about it is known, and every answer is computed. `python docs/make_world.py` made "
            "these pages.",
            "",
            *cards(pages),
            "## Rules that all kinds keep",
            "",
            "- **One value, one picture.** `sample_...(seed)` gives a frozen value, `render(value, size)` its pixels, at "
            "any size. The same seed gives the same picture on every machine.",
            "- **Answers are programs.** A question carries the program that answers it: it can be run, printed, read "
            "back and taken step by step. Where an answer would hang on a near tie, the question is not asked.",
            "- **Exact.** What is said of a picture is tried on thousands of seeds against slow computations from pixels, masks, "
            "depth and geometry ([every property](results/exactness.md)).",
            "- **Splits by construction.** `train`, `val` and `test` share no seed; some combinations of attribute and "
            "thing and some wordings never occur in training; `prior` is `skewed`, `flat` or `inverted`; pictures may "
            "hold more things than training ever showed.",
            "- **Published formats.** `vistune data make KIND --annotations` writes boxes, masks, tracks, graphs, points, "
            "stories and texts as the field does, for every kind; `nlvr_style` writes NLVR's own folder.",
            "- **Anywhere.** An engine makes the same data in one process, in several (`--workers`), and on a Ray cluster "
            "(`--engine ray`).",
            "",
            "```sh",
            "vistune data make world --n 2000 --out data/world",
            "vistune data make pages --n 500 --out data/pages --annotations",
            "vistune data make rooms --n 2000 --out data/rooms --workers 2 --set prior=flat",
            "vistune data inspect data/rooms --blind --gallery rooms.html",
            "```",
            "",
            *readable(),
            *blind(),
        ]
    )


def main() -> None:
    """Write the pages of the kinds named, or of all, and the index."""
    wanted = sys.argv[1:] or list(KINDS)
    for kind in wanted:
        if kind not in KINDS:
            raise SystemExit(f"There is no page '{kind}'. Known: {', '.join(KINDS)}.")
    ASSETS.mkdir(parents=True, exist_ok=True)
    folder = DOCS / "world"
    folder.mkdir(exist_ok=True)
    for kind in wanted:
        (folder / f"{kind}.md").write_text(build(kind).rstrip() + "\n", encoding="utf-8")
    pages = {k: (folder / f"{k}.md").read_text(encoding="utf-8") for k in KINDS if (folder / f"{k}.md").exists()}
    (DOCS / "world.md").write_text(index(pages), encoding="utf-8")


if __name__ == "__main__":
    main()
