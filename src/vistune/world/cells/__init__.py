"""Through the microscope: invented cells of six kinds, stained, counted and reported."""

from vistune.world.cells.draw import masks, render
from vistune.world.cells.questions import ask
from vistune.world.cells.slide import KINDS, SAMPLES, STAINS, Cell, Slide, sample_slide
from vistune.world.cells.telling import counts, findings, impression, report, short_caption

__all__ = [
    "KINDS",
    "SAMPLES",
    "STAINS",
    "Cell",
    "Slide",
    "ask",
    "counts",
    "findings",
    "impression",
    "masks",
    "render",
    "report",
    "sample_slide",
    "short_caption",
]
