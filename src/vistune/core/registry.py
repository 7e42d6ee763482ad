"""One registry class for every slot (connectors, adapters, objectives, decoding methods, metrics...).

A part is named by its ``kind``. A kind of the form ``package.module:Class`` is imported, and packages may register
kinds through the entry-point group ``vistune.<slot>``, so a user's own part needs no fork. A part's parameters are the
keyword arguments of its class, typed; there is no second list of them anywhere.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from vistune.core.errors import ConfigError, nearest

T = TypeVar("T")
P = TypeVar("P", bound=type)


class Registry(Generic[T]):
    """Kinds of one slot.

    ``modules`` lists the modules that register the built-in kinds; they are imported on first look-up, so that
    importing the registry stays cheap.

    >>> CONNECTORS: Registry = Registry("connector")
    >>> @CONNECTORS.register("identity", paper="none")
    ... class Identity: ...
    >>> CONNECTORS.get("identity") is Identity
    True
    """

    def __init__(self, slot: str, *, base: type[T] | None = None, modules: tuple[str, ...] = ()) -> None:
        self.slot = slot
        self.base = base
        self._modules = modules
        self._loaded = False
        self._kinds: dict[str, type[T]] = {}
        self._papers: dict[str, str | None] = {}

    def register(self, kind: str, *, paper: str | None = None) -> Callable[[P], P]:
        """Class decorator: give the class the name ``kind``. Raises ``ConfigError`` for a duplicate or a wrong base."""

        def add(cls: P) -> P:
            if kind in self._kinds and self._kinds[kind] is not cls:
                raise ConfigError(f"{self.slot} '{kind}' is registered twice: {self._kinds[kind]} and {cls}.")
            if self.base is not None and not issubclass(cls, self.base):
                raise ConfigError(f"{self.slot} '{kind}': {cls.__name__} must derive from {self.base.__name__}.")
            self._kinds[kind] = cls  # type: ignore[assignment]
            self._papers[kind] = paper
            cls.kind = kind  # type: ignore[attr-defined]
            return cls

        return add

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        for module in self._modules:
            importlib.import_module(module)
        for entry in importlib.metadata.entry_points(group=f"vistune.{self.slot}"):
            self._kinds.setdefault(entry.name, entry.load())

    def names(self) -> list[str]:
        """All kinds, sorted."""
        self._load()
        return sorted(self._kinds)

    def items(self) -> Iterator[tuple[str, type[T]]]:
        """(kind, class) pairs, sorted by kind."""
        return ((name, self._kinds[name]) for name in self.names())

    def paper(self, kind: str) -> str | None:
        """Name of the published system that the kind comes from, if any."""
        self._load()
        return self._papers.get(kind)

    def get(self, kind: str) -> type[T]:
        """The class of ``kind``; ``package.module:Class`` is imported. Raises ``ConfigError`` with the nearest name."""
        self._load()
        if kind in self._kinds:
            return self._kinds[kind]
        if ":" in kind:
            module, _, attribute = kind.partition(":")
            try:
                return getattr(importlib.import_module(module), attribute)
            except (ImportError, AttributeError) as error:
                raise ConfigError(f"{self.slot} '{kind}' cannot be imported: {error}.") from error
        raise ConfigError(f"There is no {self.slot} '{kind}'. {nearest(kind, self._kinds)}")

    def build(self, spec: str | Mapping[str, Any], **context: Any) -> T:
        """Make a part from ``"kind"`` or ``{kind: ..., **parameters}``; ``context`` are sizes asked of other parts.

        Context that the class does not take is left out; a parameter that it does not take is a ``ConfigError``.
        """
        parameters = {"kind": spec} if isinstance(spec, str) else dict(spec)
        kind = parameters.pop("kind", None)
        if kind is None:
            raise ConfigError(f"A {self.slot} needs a 'kind'. {nearest('', self.names())}")
        cls = self.get(kind)
        accepted = self.parameters(cls)
        for name in parameters:
            if name not in accepted:
                raise ConfigError(f"{self.slot} '{kind}' has no parameter '{name}'. {nearest(name, accepted)}")
        takes_all = any(p.kind is p.VAR_KEYWORD for p in inspect.signature(cls).parameters.values())
        usable = context if takes_all else {k: v for k, v in context.items() if k in accepted}
        try:
            return cls(**{**usable, **parameters})
        except TypeError as error:
            raise ConfigError(f"{self.slot} '{kind}': {error}.") from error

    @staticmethod
    def parameters(part: type) -> dict[str, inspect.Parameter]:
        """Keyword parameters of a part's class, by name."""
        skip = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
        return {n: p for n, p in inspect.signature(part).parameters.items() if p.kind not in skip}
