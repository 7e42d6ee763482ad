"""Parts named in one word on the command line: ``kind`` or ``kind:key=value,key=value``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from vistune.core.errors import ConfigError

if TYPE_CHECKING:
    from vistune.decoding import Settings


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


class Decoding(NamedTuple):
    """A way of decoding: how tokens are chosen, and the method with the spec that it is built from, where there is one."""

    settings: Settings
    method: Any = None
    spec: dict[str, Any] | None = None


def ways_of_decoding(methods: list[str], **values: Any) -> dict[str, Decoding]:
    """Greedy search, and each way that is named, by its name. ``values``: settings of all of them.

    ``sample`` and ``beam`` stand beside greedy search, every other kind is a method on it. Raises ``ConfigError`` for an
    unknown kind.
    """
    from vistune.decoding import DECODERS, Settings

    ways = {"greedy": Decoding(Settings.from_values(values))}
    for text in methods:
        spec = parse_spec(text)
        if spec["kind"] in ("sample", "beam"):
            ways[text] = Decoding(Settings.from_values({"mode": spec.pop("kind"), **values, **spec}))
        else:
            ways[text] = Decoding(Settings.from_values(values), DECODERS.build(spec), spec)
    return ways


def run_title(model: str, way: str) -> str:
    """A model's name, with its decoding where that is not greedy."""
    return model + ("" if way == "greedy" else f" + {way}")
