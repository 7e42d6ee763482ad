"""Pages: receipts, forms, tables, letters, slides, signs and reports, with every word's box."""

from vistune.world.pages.page import Document, Line, Page, Word, fit, height_of, line_box, render, words
from vistune.world.pages.questions import ask
from vistune.world.pages.sampling import KINDS, sample_document

__all__ = [
    "KINDS",
    "Document",
    "Line",
    "Page",
    "Word",
    "ask",
    "fit",
    "height_of",
    "line_box",
    "render",
    "sample_document",
    "words",
]
