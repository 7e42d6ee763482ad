"""YAML as a plain tree that remembers its lines: reading, dotted overrides, ``${...}`` references, writing.

Scalars follow YAML 1.2 where 1.1 surprises: ``1e-3`` is a number, and ``yes``, ``no``, ``on`` and ``off`` are words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from vistune.core.errors import ConfigError, nearest

Key = str | int
Place = tuple[Key, ...]

_FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)|0x[0-9a-fA-F]+")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_REFERENCE = re.compile(r"\$\{([^{}]*)\}")


class _Loader(yaml.SafeLoader):
    """``SafeLoader`` with the scalars of YAML 1.2."""


def _whole(pattern: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern.pattern})$")


_Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if not tag.endswith((":float", ":int", ":bool", ":timestamp"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _rule, _first in (
    ("tag:yaml.org,2002:bool", _BOOL, "tTfF"),
    ("tag:yaml.org,2002:int", _INT, "-+0123456789"),
    ("tag:yaml.org,2002:float", _FLOAT, "-+.0123456789"),
):
    _Loader.add_implicit_resolver(_tag, _whole(_rule), list(_first))


@dataclass(slots=True)
class Tree:
    """Nested mappings and lists, with the file they come from and the line of each place (counted from 1)."""

    values: Any
    source: str = "the configuration"
    lines: dict[Place, int] = field(default_factory=dict)
    overridden: set[Place] = field(default_factory=set)

    def line(self, place: Place) -> int:
        """The line of ``place`` or of the nearest place above that has one; 0 where there is none."""
        return next((self.lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in self.lines), 0)

    def where(self, place: Place) -> str:
        """``"line 4, stages.0.lr"``; the nearest place above that has a line, or the override that set it."""
        dotted = ".".join(map(str, place))
        for length in range(len(place), 0, -1):
            if place[:length] in self.overridden:
                return f"override {dotted}"
            if place[:length] in self.lines:
                return f"line {self.lines[place[:length]]}, {dotted}"
        return dotted or "top level"


def read_tree(path: Path | str) -> Tree:
    """A YAML file as a ``Tree``. Raises ``ConfigError`` if it is missing, not YAML, or has a key twice."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not a UTF-8 text file.") from error
    return parse_tree(text, str(path))


def parse_tree(text: str, source: str = "the configuration") -> Tree:
    """YAML text as a ``Tree``; an empty document is an empty mapping."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        lines: dict[Place, int] = {}
        if node is not None:
            _number_lines(node, (), lines, source)
        values = {} if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark is not None else ""
        raise ConfigError(f"{source}{place}: not valid YAML: {getattr(error, 'problem', None) or error}.") from error
    finally:
        loader.dispose()
    return Tree(values, source, lines)


def _number_lines(node: yaml.Node, place: Place, lines: dict[Place, int], source: str) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, key.value)
            if inner in lines:
                raise ConfigError(f"{source}, line {key.start_mark.line + 1}: the key '{key.value}' stands twice.")
            lines[inner] = key.start_mark.line + 1
            _number_lines(value, inner, lines, source)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*place, index)] = value.start_mark.line + 1
            _number_lines(value, (*place, index), lines, source)


def parse_value(text: str) -> Any:
    """A scalar, list or mapping written as on one line of YAML: ``1e-3``, ``true``, ``[a, b]``, ``{kind: mlp}``."""
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError:
        return text


def apply_overrides(tree: Tree, overrides: list[str]) -> None:
    """Set ``a.b.0.c=value`` in place; an element of a list is named by its index or by its ``name``."""
    for override in overrides:
        dotted, equals, text = override.partition("=")
        if not equals or not dotted.strip():
            raise ConfigError(f"The override '{override}' must have the form key=value, as in stages.0.lr=1e-3.")
        place = _resolve_place(tree.values, dotted.strip(), override)
        _set(tree.values, place, parse_value(text))
        tree.overridden.add(place)


def _resolve_place(values: Any, dotted: str, override: str) -> Place:
    place: list[Key] = []
    for token in dotted.split("."):
        if isinstance(values, list):
            key = _element(values, token, override)
            values = values[key]
        elif isinstance(values, dict) or values is None:
            key = token
            values = (values or {}).get(token)
        else:
            above = ".".join(map(str, place))
            raise ConfigError(f"The override '{override}' goes inside '{above}', which is {values!r}.")
        place.append(key)
    return tuple(place)


def _element(values: list[Any], token: str, override: str) -> int:
    if token.isdigit() and int(token) < len(values):
        return int(token)
    names = [v.get("name") if isinstance(v, dict) else None for v in values]
    if token in names:
        return names.index(token)
    known = [*map(str, range(len(values))), *(n for n in names if n)]
    raise ConfigError(f"The override '{override}': the list has no element '{token}'. {nearest(token, known)}")


def _set(values: Any, place: Place, value: Any) -> None:
    for key in place[:-1]:
        if isinstance(values, dict) and values.get(key) is None:
            values[key] = {}
        values = values[key]
    values[place[-1]] = value


def resolve_references(tree: Tree) -> None:
    """Replace ``${data.root}`` by the value at that place of the same tree, in place; ``$${`` stands for itself.

    A value that is one reference alone keeps its type. Raises ``ConfigError`` for an unknown, unset or circular one.
    """
    tree.values = _substitute(tree, tree.values, (), ())


def _substitute(tree: Tree, value: Any, place: Place, chain: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {key: _substitute(tree, inner, (*place, key), chain) for key, inner in value.items()}
    if isinstance(value, list):
        return [_substitute(tree, inner, (*place, index), chain) for index, inner in enumerate(value)]
    if not isinstance(value, str) or "${" not in value:
        return value
    alone = _REFERENCE.fullmatch(value)
    if alone:
        return _look_up(tree, alone.group(1).strip(), place, chain)
    shielded = value.replace("$${", "\0")
    filled = _REFERENCE.sub(lambda m: str(_look_up(tree, m.group(1).strip(), place, chain)), shielded)
    return filled.replace("\0", "${")


def _look_up(tree: Tree, dotted: str, place: Place, chain: tuple[str, ...]) -> Any:
    at = f"{tree.source}: {tree.where(place)}"
    if dotted in chain:
        raise ConfigError(f"{at}: ${{{dotted}}} refers to itself ({' -> '.join([*chain, dotted])}).")
    value = tree.values
    for key in dotted.split("."):
        known = value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
        names = {str(name): name for name in known}
        if key not in names:
            raise ConfigError(f"{at}: ${{{dotted}}}: there is no '{key}'. {nearest(key, names)}")
        value = known[names[key]]
    if value is None:
        raise ConfigError(f"{at}: it needs '{dotted}', which is not set. Give it: {dotted}=VALUE.")
    return _substitute(tree, value, tuple(dotted.split(".")), (*chain, dotted))


class _Dumper(yaml.SafeDumper):
    """``SafeDumper`` that indents lists inside mappings."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        return super().increase_indent(flow, False)


def _shortest_float(dumper: yaml.SafeDumper, value: float) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:float", repr(value))


def _word(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    # What our own reader takes for a number or a truth value must be quoted, whatever YAML 1.1 thinks of it.
    looks_typed = isinstance(parse_value(value), str) is False if value else True
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="'" if looks_typed else None)


_Dumper.add_representer(float, _shortest_float)
_Dumper.add_representer(str, _word)


def dump_tree(values: Any) -> str:
    """YAML text that ``parse_tree`` reads back as the same values; keys keep their order."""
    return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
