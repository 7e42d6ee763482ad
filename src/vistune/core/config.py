"""Typed configuration: pydantic models whose faults are told in one go, with the line and the nearest right name.

``Config.load(path, overrides)`` reads YAML, applies dotted overrides, fills ``${...}`` references and validates.
"""

from __future__ import annotations

import importlib
import inspect
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    TypeAdapter,
    ValidationError,
    model_serializer,
)

from vistune.core.errors import ConfigError, nearest
from vistune.core.registry import Registry
from vistune.core.yaml_tree import Place, Tree, apply_overrides, dump_tree, parse_tree, read_tree, resolve_references


class Config(BaseModel):
    """Base of every configuration: unknown keys are faults, values can be given by field name or alias."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, validate_default=False, frozen=False)

    @classmethod
    def load(cls, path: Path | str, overrides: list[str] | None = None) -> Self:
        """Read a YAML file. Raises one ``ConfigError`` that lists every fault with its line."""
        return cls.from_tree(read_tree(path), overrides)

    @classmethod
    def parse(cls, text: str, overrides: list[str] | None = None, source: str = "the configuration") -> Self:
        """``load`` for YAML text."""
        return cls.from_tree(parse_tree(text, source), overrides)

    @classmethod
    def from_tree(cls, tree: Tree, overrides: list[str] | None = None) -> Self:
        """Overrides, then references, then validation. Raises ``ConfigError``."""
        apply_overrides(tree, overrides or [])
        resolve_references(tree)
        try:
            return cls.model_validate(tree.values)
        except ValidationError as error:
            raise ConfigError(explain(error, cls, tree)) from error

    @classmethod
    def from_values(cls, values: Mapping[str, Any], overrides: list[str] | None = None) -> Self:
        """The same for a mapping made in Python."""
        return cls.from_tree(parse_tree(dump_tree(dict(values)), cls.__name__), overrides)

    @model_serializer(mode="wrap")
    def _without_unset(self, handler: Any) -> dict[str, Any]:
        """Leave out what is not set and by default is not: a resolved file shows what counts."""
        values: dict[str, Any] = handler(self)
        for name, info in type(self).model_fields.items():
            for key in {name, info.alias or name} & values.keys():
                if values[key] is None and info.default is None:
                    del values[key]
        return values

    def values(self) -> dict[str, Any]:
        """Plain values with aliases as keys, ready for JSON or YAML."""
        return self.model_dump(mode="json", by_alias=True)

    def dump(self) -> str:
        """YAML text that loads as an equal configuration."""
        return dump_tree(self.values())


def load_yaml(path: Path | str) -> Tree:
    """A YAML file as a tree with line numbers."""
    return read_tree(path)


def explain(error: ValidationError, cls: type[BaseModel], tree: Tree) -> str:
    """All faults of a pydantic error in plain words, one line each, in the order of the file."""
    said: dict[Place, list[str]] = {}
    for fault in error.errors(include_url=False):
        place = _place(fault, tree)
        if fault["type"] == "value_error" and (*place, "kind") in tree.lines:
            place = (*place, "kind")
        words = _say(fault, cls, place)
        if words not in said.setdefault(place, []):
            said[place].append(words)
    # A union reports each of its branches: where one got deeper than the others, its fault is the telling one.
    deepest = [place for place in said if not any(p[: len(place)] == place and p != place for p in said)]
    deepest.sort(key=lambda place: tree.line(place))
    faults = [f"{tree.where(place)}: {' Or: '.join(said[place])}" for place in deepest]
    if len(faults) == 1:
        return f"{tree.source}, {faults[0]}"
    return f"{tree.source} has {len(faults)} faults:\n" + "\n".join(f"  {text}" for text in faults)


def _place(fault: Any, tree: Tree) -> Place:
    """Where the fault is. Pydantic puts names of union branches and validators into a location; they are left out."""
    place: list[str | int] = []
    values = tree.values
    for key in fault["loc"]:
        known = values if isinstance(values, dict) else dict(enumerate(values)) if isinstance(values, list) else {}
        if key in known:
            place.append(key)
            values = known[key]
    if fault["type"] == "missing":
        place.append(fault["loc"][-1])
    return tuple(place)


def _say(fault: Any, cls: type[BaseModel], place: Place) -> str:
    kind, given = fault["type"], fault.get("input")
    if kind == "extra_forbidden":
        known = _keys(_model_at(cls, place[:-1]))
        return f"unknown key '{place[-1]}'. {nearest(str(place[-1]), known)}"
    if kind == "missing":
        return f"'{place[-1]}' is required."
    if kind in ("value_error", "assertion_error"):
        return str(fault["ctx"]["error"])
    if kind == "literal_error":
        options = [str(option) for option in _literals(_annotation_at(cls, place))]
        if options:
            return f"{given!r} is not one of the choices. {nearest(str(given), options)}"
    message = fault["msg"].replace("Input should be", "should be").rstrip(".")
    return f"{message}, not {given!r}."


def _keys(model: type[BaseModel] | None) -> list[str]:
    return [] if model is None else [info.alias or name for name, info in model.model_fields.items()]


def _annotation_at(cls: type[BaseModel], place: Place) -> Any:
    """The type annotation at ``place``, or None where the types end."""
    current: Any = cls
    for key in place:
        model = _model_in(current)
        if model is not None and isinstance(key, str):
            found = [i.annotation for n, i in model.model_fields.items() if key in (n, i.alias)]
            current = found[0] if found else None
        else:
            current = _inner(current)
        if current is None:
            return None
    return current


def _model_at(cls: type[BaseModel], place: Place) -> type[BaseModel] | None:
    return _model_in(_annotation_at(cls, place))


def _branches(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in (Union, types.UnionType):
        return get_args(annotation)
    if get_origin(annotation) is typing.Annotated:
        return _branches(get_args(annotation)[0])
    return (annotation,)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    models = [b for b in _branches(annotation) if inspect.isclass(b) and issubclass(b, BaseModel)]
    return models[0] if models else None


def _inner(annotation: Any) -> Any:
    for branch in _branches(annotation):
        if get_origin(branch) in (list, tuple, dict):
            return get_args(branch)[-1]
    return None


def _literals(annotation: Any) -> list[Any]:
    return [v for b in _branches(annotation) if get_origin(b) is typing.Literal for v in get_args(b)]


def part_of(registry: str, *also: str) -> tuple[BeforeValidator, AfterValidator]:
    """Validators of a part's spec ``{kind: ..., **parameters}`` (or just ``kind``) against ``"module:REGISTRY"``.

    ``also`` are kinds that are right but not registered. The registry is imported when a spec is checked, not before.
    Use as ``Annotated[dict[str, Any], *part_of(...)]``.
    """

    def widen(spec: Any) -> Any:
        return {"kind": spec} if isinstance(spec, str) else spec

    def check(spec: dict[str, Any]) -> dict[str, Any]:
        module, _, name = registry.partition(":")
        if set(spec) == {"kind"} and spec["kind"] in also:
            return spec
        try:
            return check_part(getattr(importlib.import_module(module), name), spec)
        except ConfigError as error:
            raise ValueError(str(error)) from error

    return BeforeValidator(widen), AfterValidator(check)


def check_part(registry: Registry[Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    """The spec with its values in the types that the class asks for. Raises ``ConfigError`` for any that do not fit."""
    kind = spec.get("kind")
    if not isinstance(kind, str):
        raise ConfigError(f"A {registry.slot} needs a 'kind'. {nearest('', registry.names())}")
    cls = registry.get(kind)
    accepted = registry.parameters(cls)
    open_ended = any(p.kind is p.VAR_KEYWORD for p in inspect.signature(cls).parameters.values())
    hints = _hints(cls)
    checked: dict[str, Any] = {"kind": kind}
    for name, value in spec.items():
        if name == "kind":
            continue
        if name not in accepted and not open_ended:
            raise ConfigError(f"{registry.slot} '{kind}' has no parameter '{name}'. {nearest(name, accepted)}")
        checked[name] = _typed(value, hints.get(name), f"{registry.slot} '{kind}': '{name}'")
    return checked


def _hints(cls: type) -> dict[str, Any]:
    try:
        return typing.get_type_hints(cls.__init__)
    except (NameError, TypeError):  # a name that only type checkers import
        return {}


def _typed(value: Any, hint: Any, what: str) -> Any:
    if hint is None:
        return value
    try:
        adapter = TypeAdapter(hint, config=None if _is_config(hint) else ConfigDict(arbitrary_types_allowed=True))
    except Exception:  # a hint that pydantic cannot check is no fault of the user
        return value
    try:
        validated = adapter.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ConfigError(f"{what}: {first['msg'].replace('Input should be', 'should be')}, not {value!r}.") from error
    return validated if isinstance(value, str) and isinstance(validated, int | float) else value


def _is_config(hint: Any) -> bool:
    return inspect.isclass(hint) and issubclass(hint, BaseModel)
