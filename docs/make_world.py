"""Makes ``docs/world.md`` and its pictures: ``python docs/make_world.py``."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from vistune.world import render, sample_scene
from vistune.world.language import caption, refer
from vistune.world.questions import ask
from vistune.world.questions.ask import MAKERS
from vistune.world.vocabulary import COLOURS, GROUPS, KINDS, PATTERNS, SETTINGS, SIZES

DOCS = Path(__file__).parent
SIZE, GAP, COLUMNS = 192, 6, 4
SCENES = [(setting, seed) for seed in (3, 8, 11) for setting in SETTINGS][:16]


def sheet() -> Image.Image:
    """The scenes of ``SCENES`` in rows of ``COLUMNS``."""
    rows = -(-len(SCENES) // COLUMNS)
    canvas = Image.new("RGB", (COLUMNS * (SIZE + GAP) - GAP, rows * (SIZE + GAP) - GAP), "white")
    for number, (setting, seed) in enumerate(SCENES):
        picture = Image.fromarray(render(sample_scene(seed, setting=setting, min_things=2), 2 * SIZE))
        place = (number % COLUMNS * (SIZE + GAP), number // COLUMNS * (SIZE + GAP))
        canvas.paste(picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS), place)
    return canvas


def questions() -> list[str]:
    """A question of each type with its answer and the program that gives it."""
    lines = ["| type | question | answer | program |", "|---|---|---|---|"]
    for name in MAKERS:
        for seed in range(200):
            scene = sample_scene(seed, prior="flat", min_things=3)
            found = ask(scene, seed, types=[name])
            if found:
                program = f"`{found[0].program}`" if found[0].program is not None else ""
                lines.append(f"| {name.replace('_', ' ')} | {found[0].text} | {found[0].answer} | {program} |")
                break
    return lines


def words() -> list[str]:
    """What there is, counted from the vocabulary."""
    groups = [f"**{group}**: {', '.join(kind.name for kind in KINDS if kind.group == group)}" for group in GROUPS]
    return [
        f"{len(KINDS)} kinds of things, {len(COLOURS)} colours ({', '.join(COLOURS)}), {len(SIZES)} sizes, "
        f"{len(PATTERNS)} patterns ({', '.join(PATTERNS)}), {len(SETTINGS)} settings ({', '.join(SETTINGS)}).",
        "",
        *(f"- {line}" for line in groups),
    ]


def one_scene() -> list[str]:
    """A scene with everything that is said of it."""
    scene = sample_scene(21, prior="flat", min_things=4)
    Image.fromarray(render(scene, 512)).resize((256, 256), Image.Resampling.LANCZOS).save(DOCS / "assets/scene.png")
    said = [f"- {level}: {caption(scene, 1, level)}" for level in ("short", "long", "all")]
    unique = [refer(scene, index) for index in range(len(scene.things))]
    referred = "; ".join(text for text in unique if text)
    return ["![A scene](assets/scene.png)", "", "Captions at three levels:", "", *said, "", f"Unique names: {referred}."]


def main() -> None:
    """Write page and pictures."""
    sheet().save(DOCS / "assets/world.png", optimize=True)
    page = [
        "# The nano world",
        "",
        "Scenes drawn from vectors, every fact known: boxes, masks, depth order and relations are exact, so each answer "
        "is right by construction. `python docs/make_world.py` made this page.",
        "",
        "![Scenes of each setting](assets/world.png)",
        "",
        "## What there is",
        "",
        *words(),
        "",
        "Things keep company: the `skewed` prior has cows on farms and fish in lakes, as pictures of the real world do; "
        "`flat` has every kind anywhere, and `inverted` turns the company round. Some pairs of colour and thing never "
        "occur in training (`held_out_pairs`), and some wordings are kept for `val` and `test`.",
        "",
        "## One scene",
        "",
        *one_scene(),
        "",
        "## Questions",
        "",
        *questions(),
        "",
        "Make some: `vistune data make world --n 2000 --out data/world`; look at them: `vistune data inspect data/world "
        "--gallery gallery.html`.",
        "",
    ]
    (DOCS / "world.md").write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
