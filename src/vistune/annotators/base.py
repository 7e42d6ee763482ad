"""The face of everyone who can be asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

from vistune.core.registry import Registry
from vistune.data.example import Example


@dataclass(frozen=True, slots=True)
class Asking:
    """How a request wants to be answered. What the user set for the annotator itself goes before it.

    ``sample`` numbers repeated requests of the same text: each has its own seed and its own place in a cache.
    ``stop``: strings at which the answer ends.
    """

    temperature: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    sample: int = 0

    def again(self, sample: int, warmer: float = 0.0) -> Asking:
        """The same request once more, as sample number ``sample``, with ``warmer`` added to the temperature."""
        return replace(
            self, sample=sample, temperature=(self.temperature or 0.0) + warmer if warmer else self.temperature
        )


@dataclass(slots=True)
class Reply:
    """What came back for one request. ``error`` (one sentence) says why there is no text; others are not touched by it.

    ``cost`` is in the currency of the prices that the user gave; what comes from a cache costs nothing.
    ``finish_reason``: ``stop``, ``length`` (cut off by the limit of tokens), or what an endpoint says.
    """

    text: str = ""
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    cached: bool = False
    seconds: float = 0.0
    finish_reason: str = "stop"
    error: str | None = None


@dataclass(slots=True)
class Usage:
    """Totals of an annotator's life. ``requests`` were sent out and answered; ``cached`` came from a cache for nothing."""

    requests: int = 0
    cached: int = 0
    errors: int = 0
    retries: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0

    def add(self, replies: Iterable[Reply]) -> None:
        """Count replies."""
        for reply in replies:
            if reply.error is not None:
                self.errors += 1
            if reply.cached:
                self.cached += 1
                continue
            self.requests += reply.error is None
            self.prompt_tokens += reply.prompt_tokens
            self.completion_tokens += reply.completion_tokens
            self.cost += reply.cost
            self.seconds += reply.seconds

    def values(self) -> dict[str, float]:
        """For reports."""
        return asdict(self)


class Annotator(ABC):
    """Answers requests. A request is an ``Example`` whose last message is the user's, with its pictures.

    ``example.meta`` is never sent anywhere. ``example.meta["facts"]`` holds what only the oracle may use (a ``Scene``, or
    what a rubric puts there).
    """

    kind: ClassVar[str]

    @property
    def name(self) -> str:
        """Name in reports."""
        return self.kind

    @cached_property
    def usage(self) -> Usage:
        """Totals so far."""
        return Usage()

    @abstractmethod
    def ask(self, examples: Sequence[Example], asking: Asking | None = None) -> list[Reply]:
        """One reply a request, in order. A request that fails has a ``Reply`` with ``error``; the others are not lost.

        Implementations count their replies: ``self.usage.add(replies)``.
        """

    def identity(self) -> dict[str, Any]:
        """What must be equal for two runs' answers to compare: model and settings, no secrets."""
        return {"kind": self.kind, "name": self.name}


ANNOTATORS: Registry[Annotator] = Registry(
    "annotator", base=Annotator, modules=tuple(f"vistune.annotators.{m}" for m in ("oracle", "endpoint", "model"))
)


def build_annotator(spec: str | Mapping[str, Any] | Annotator, **context: Any) -> Annotator:
    """The annotator of ``{kind: ..., **parameters}``; one that is there already is handed on. Raises ``ConfigError``."""
    return spec if isinstance(spec, Annotator) else ANNOTATORS.build(spec, **context)
