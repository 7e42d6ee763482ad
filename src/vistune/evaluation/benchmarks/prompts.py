"""Requests that a user may replace: they must say what they are filled with."""

from __future__ import annotations

import string

from vistune.core.errors import ConfigError


def check_prompt(kind: str, prompt: str, needs: tuple[str, ...], may: tuple[str, ...] = ()) -> None:
    """Raises ``ConfigError`` for a prompt without a field that is asked by, with one that is not known, or an open brace."""
    try:
        fields = {name for _, name, _, _ in string.Formatter().parse(prompt) if name is not None}
    except ValueError as error:
        raise ConfigError(f"{kind}: the prompt '{prompt}' cannot be filled ({error}).") from error
    for name in needs:
        if name not in fields:
            raise ConfigError(
                f"{kind}: the prompt must hold {{{name}}}, else nothing is asked about; it is '{prompt}'."
            )
    unknown = sorted(fields - {*needs, *may})
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in (*needs, *may))
        raise ConfigError(f"{kind}: the prompt has {{{unknown[0]}}}, but is filled with {known} only.")
