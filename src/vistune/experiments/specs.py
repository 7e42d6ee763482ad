"""Parts named in one word on the command line: ``kind`` or ``kind:key=value,key=value``."""

from __future__ import annotations

from typing import Any

import yaml

from vistune.core.errors import ConfigError


def parse_spec(text: str) -> dict[str, Any]:
    """``"pope:setting=popular,n=300"`` -> ``{"kind": "pope", "setting": "popular", "n": 300}``.

    A list stands in brackets, a mapping in braces: ``ritual:transforms=[rotation,identity],alpha=1``,
    ``gavie:judge={kind: openai, model: m}``.
    A colon that belongs to ``package.module:Class`` is kept: parameters start after the first colon that an ``=`` follows.
    """
    kind, separator, rest = text.partition(":")
    before, equals, _ = rest.partition("=")
    if separator and (":" in before or not equals):
        attribute, separator, rest = rest.partition(":")
        kind = f"{kind}:{attribute}"
    spec: dict[str, Any] = {"kind": kind}
    for pair in _pairs(rest):
        key, equals, value = pair.partition("=")
        if not equals:
            raise ConfigError(f"'{text}': '{pair}' should be key=value.")
        spec[key.strip()] = yaml.safe_load(value)
    return spec


def _pairs(text: str) -> list[str]:
    """Cut at the commas that stand in no bracket."""
    pieces, depth = [""], 0
    for character in text:
        depth += (character in "[{") - (character in "]}")
        if character == "," and depth <= 0:
            pieces.append("")
        else:
            pieces[-1] += character
    return [piece for piece in pieces if piece]


def parse_pairs(pairs: list[str]) -> dict[str, Any]:
    """``["n=3", "split=test"]`` -> ``{"n": 3, "split": "test"}``."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise ConfigError(f"'{pair}' should be key=value.")
        found[key.strip()] = yaml.safe_load(value)
    return found
