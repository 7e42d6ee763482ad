"""Errors that end in one clear sentence: what is wrong, where, and what to do.

The command line prints ``VistuneError`` messages without a traceback (``--debug`` shows it). Anything else that escapes
is a defect of vistune.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class VistuneError(Exception):
    """Base of every error that a user can cause and mend."""


class ConfigError(VistuneError):
    """A recipe, a command-line override or a part's parameter is wrong."""


class DataError(VistuneError):
    """A file, a record or an image cannot be used as it is."""


class ModelError(VistuneError):
    """A checkpoint, a part or a shape does not fit."""


class MissingExtra(VistuneError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs the package '{package}': pip install 'vistune[{extra}]'.")


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that names the nearest known spelling and lists the others: ``"Did you mean 'mlp'? Known: a, b."``."""
    options = sorted(known)
    close = difflib.get_close_matches(name, options, n=1, cutoff=0.5)
    hint = f"Did you mean '{close[0]}'? " if close else ""
    return f"{hint}Known: {', '.join(options) or 'none'}."
