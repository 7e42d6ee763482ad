"""Cuts the shipped fonts out of complete ones: ``python tools/cut_fonts.py FONT_FOLDER``.

FONT_FOLDER is searched for the files named in ``SOURCES``. The cuts hold the letters that the world writes, carry a
name of their own (the licence keeps the original names for the originals) and the copyright line of their source.
Needs fonttools, which matplotlib brings.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

TARGET = Path(__file__).parents[1] / "src/vistune/world/fonts"
LATIN = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x2010, 0x2027),
    0x2030,
    0x2039,
    0x203A,
    0x20AC,
    0x2190,
    0x2191,
]
LATIN += [0x2192, 0x2193, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265, 0x2713, 0x25A0, 0x25A1, 0x25B2, 0x25BC, 0x25CF]
LATIN += [0x02BC, 0x2605, 0x00D7, 0x00F7]
#: Letters, marks and their presentation forms: the world shapes words by itself.
ARABIC = [*range(0x20, 0x7F), 0xA0, *range(0x600, 0x700), *range(0xFE70, 0xFEFF)]

#: Name of the cut -> (file, number in a collection, characters).
SOURCES: dict[str, tuple[str, int, list[int]]] = {
    "sans": ("Lato-Regular.ttf", 0, LATIN),
    "sans-bold": ("Lato-Bold.ttf", 0, LATIN),
    "serif": ("NotoSerif-Regular.ttf", 0, LATIN),
    "serif-bold": ("NotoSerif-Bold.ttf", 0, LATIN),
    "mono": ("Inconsolata.otf", 0, LATIN),
    "hand": ("ComicNeue-Regular.otf", 0, LATIN),
    "hand-bold": ("ComicNeue-Bold.otf", 0, LATIN),
    "arabic": ("NotoNaskhArabic-Regular.ttf", 0, ARABIC),
    "chinese": ("NotoSansCJK-Regular.ttc", 2, []),
}


def chinese() -> list[int]:
    """The 3,755 commonest characters (GB 2312, level 1), all that the world's words need, and punctuation."""
    from vistune.world.tongues import TONGUES

    common = (bytes((row, column)) for row in range(0xB0, 0xD8) for column in range(0xA1, 0xFF))
    letters = "".join(pair.decode("gb2312", errors="ignore") for pair in common)
    letters += "".join(form for forms in TONGUES["zh"].words().values() for form in forms)
    return sorted({ord(c) for c in letters} | set(range(0x20, 0x7F)) | set(map(ord, "。，、？！：；（）“”《》")))


def cut(name: str, file: Path, number: int, characters: list[int]) -> Path:
    """Write one cut; -> its path."""
    options = subset.Options(layout_features=["kern", "mark", "mkmk"], name_IDs=[0, 1, 2, 4, 6, 13, 14], hinting=False)
    font = TTFont(file, fontNumber=number)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(font)
    family = f"Picture Book {name.replace('-', ' ').title()}"
    for record in font["name"].names:
        if record.nameID in (1, 4):
            record.string = family
        elif record.nameID == 6:
            record.string = family.replace(" ", "")
    if "CFF " in font:
        font["CFF "].cff.fontNames = [family.replace(" ", "")]
    target = TARGET / f"{name}{file.suffix.replace('ttc', 'otf')}"
    font.save(target)
    return target


def main() -> None:
    """Cut all, or those named after the folder."""
    folder, wanted = Path(sys.argv[1]), sys.argv[2:] or list(SOURCES)
    for name in wanted:
        filename, number, characters = SOURCES[name]
        found = next(folder.rglob(filename), None)
        if found is None:
            raise SystemExit(f"{filename} is not in {folder}: install the font or name another folder.")
        target = cut(name, found, number, characters or chinese())
        copyright_line = TTFont(target)["name"].getDebugName(0)
        print(f"{target.name}: {target.stat().st_size / 1024:.0f} KB  {copyright_line}")  # noqa: T201


if __name__ == "__main__":
    main()
