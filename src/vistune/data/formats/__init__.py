"""Published formats in and out: ``read(path)`` streams Examples, ``write(examples, path, format)`` writes."""

from __future__ import annotations

from vistune.data.formats.base import FORMATS, ExampleSet, Format, Rejections
from vistune.data.formats.files import read, sniff, write

__all__ = ["FORMATS", "ExampleSet", "Format", "Rejections", "read", "sniff", "write"]
