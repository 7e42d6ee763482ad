"""How large pictures must be drawn for what is written in them to be read.

Charts and pages: the least size at which Tesseract reads nine words in ten and more, of each kind of page
(``benchmarks/legible.py`` measures it). Signs: from here on it reads no more of them. Words on things and boards: the least
size at which a person reads every word; most are too short for Tesseract.
"""

from __future__ import annotations

#: What is written -> pixels on the longer side.
LEGIBLE: dict[str, int] = {"signs": 64, "words on things": 96, "boards": 96, "charts": 160, "pages": 256}
