"""Words of a page with their boxes as one text: reading orders, their distortion, truncation and noise.

From the study of documents read without the picture (arXiv 2309.14389), whose text models see recognised words only.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal, TypeVar

from vistune.core.errors import ConfigError, nearest

Box = tuple[float, float, float, float]
T = TypeVar("T")
#: ``engine``: as recognised (blocks, then lines); ``raster``: lines from top to bottom over the whole width; ``blocks``:
#: columns and paragraphs found by cutting at gaps, each read as a raster; ``random``: a control.
Order = Literal["engine", "raster", "blocks", "random"]
#: A gap is a cut where it is so many times the median height of words: across (columns) and down (paragraphs).
COLUMN_GAP, PARAGRAPH_GAP = 1.5, 1.0


@dataclass(frozen=True, slots=True)
class OcrWord:
    """A recognised word, or piece of a line: its text and box ``(x0, y0, x1, y1)``, y downwards; ``line``: the engine's."""

    text: str
    box: Box
    line: int = 0

    @property
    def middle(self) -> float:
        """Height of its centre."""
        return (self.box[1] + self.box[3]) / 2


def raster_lines(words: Sequence[OcrWord]) -> list[list[OcrWord]]:
    """Words in lines: by their centres from the top; one joins the line if it is within half the median height of the
    line's mean centre, else it opens another; each line from left to right.
    """
    if not words:
        return []
    near = 0.5 * median(word.box[3] - word.box[1] for word in words)
    lines: list[list[OcrWord]] = []
    for word in sorted(words, key=lambda w: (w.middle, w.box[0])):
        last = lines[-1] if lines else None
        if last and abs(word.middle - sum(w.middle for w in last) / len(last)) < near:
            last.append(word)
        else:
            lines.append([word])
    return [sorted(line, key=lambda w: w.box[0]) for line in lines]


def engine_lines(words: Sequence[OcrWord]) -> list[list[OcrWord]]:
    """The engine's own lines in its order."""
    lines: dict[int, list[OcrWord]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    return list(lines.values())


def block_lines(words: Sequence[OcrWord]) -> list[list[OcrWord]]:
    """Lines of blocks: the page is cut at its widest gap, across or down, and so are the parts, as long as gaps are wide."""
    if not words:
        return []
    height = median(word.box[3] - word.box[1] for word in words)

    def cut(part: list[OcrWord]) -> list[list[OcrWord]]:
        across = _widest(part, 0, COLUMN_GAP * height)
        down = _widest(part, 1, PARAGRAPH_GAP * height)
        best = max((gap for gap in (across, down) if gap), key=lambda gap: gap[0], default=None)
        if best is None:
            return raster_lines(part)
        _, axis, at = best
        before = [word for word in part if word.box[axis + 2] <= at]
        return cut(before) + cut([word for word in part if word.box[axis + 2] > at])

    return cut(list(words))


def _widest(words: Sequence[OcrWord], axis: int, least: float) -> tuple[float, int, float] | None:
    """(width, axis, where it begins) of the widest empty stripe across ``axis`` that is at least so wide."""
    spans = sorted((word.box[axis], word.box[axis + 2]) for word in words)
    end, best = spans[0][1], None
    for start, stop in spans[1:]:
        if start - end >= least and (best is None or start - end > best[0]):
            best = (start - end, axis, end)
        end = max(end, stop)
    return best


_LINES: dict[str, Callable[[Sequence[OcrWord]], list[list[OcrWord]]]] = {
    "engine": engine_lines,
    "raster": raster_lines,
    "blocks": block_lines,
}


def in_order(words: Sequence[OcrWord], order: Order = "engine", seed: int = 0) -> list[list[OcrWord]]:
    """The words in lines, every one once. ``random``: one line, shuffled by ``seed``. Raises ``ConfigError`` for another order."""
    if order == "random":
        mixed = list(words)
        random.Random(f"reading order/{seed}").shuffle(mixed)
        return [mixed] if mixed else []
    if order not in _LINES:
        raise ConfigError(f"There is no reading order '{order}'. {nearest(order, [*_LINES, 'random'])}")
    return _LINES[order](words)


def serialise(
    words: Sequence[OcrWord],
    order: Order = "engine",
    *,
    breaks: bool = False,
    distort: float = 0.0,
    unit: Literal["words", "lines"] = "words",
    seed: int = 0,
) -> str:
    """The page as one text: words with blanks between them; ``breaks`` puts lines on lines of their own.

    ``distort`` is the share of words, or of whole lines, that change places with one another.
    """
    lines = [[word.text for word in line] for line in in_order(words, order, seed)]
    if unit == "lines":
        lines = swapped(lines, distort, seed)
    else:
        mixed = iter(swapped([text for line in lines for text in line], distort, seed))
        lines = [[next(mixed) for _ in line] for line in lines]
    return ("\n" if breaks else " ").join(" ".join(line) for line in lines)


def swapped(items: Sequence[T], share: float, seed: int = 0) -> list[T]:
    """The items, a ``share`` of which, drawn by ``seed``, have changed places in a random cycle: none stays if two or more."""
    chosen = random.Random(f"swap/{seed}").sample(range(len(items)), round(share * len(items)))
    mixed = list(items)
    for at, source in zip(chosen, chosen[1:] + chosen[:1], strict=True):
        mixed[at] = items[source]
    return mixed


def first_words(text: str, most: int | None) -> str:
    """The first ``most`` words; line breaks between them stay."""
    if most is None:
        return text
    kept, lines = most, []
    for line in text.split("\n"):
        words = line.split(" ")[:kept]
        kept -= len(words)
        lines.append(" ".join(words))
        if not kept:
            break
    return "\n".join(lines) if most else ""


def misread(text: str, rate: float, seed: int = 0) -> str:
    """The text with a share of its letters and digits read as others: synthetic recognition errors."""
    rng, alphabet = random.Random(f"misread/{seed}"), string.ascii_lowercase + string.digits
    return "".join(rng.choice(alphabet) if c.isalnum() and rng.random() < rate else c for c in text)
