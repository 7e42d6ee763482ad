"""What rubrics share: slots filled in, the user's own words read from a file, and requests that the oracle can read too."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from vistune.annotators.oracle import Finding, Marking
from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example, Message, Part

_SLOT = re.compile(r"\{(\w+)\}")
Write = Callable[[Sequence[Finding]], str]


def fill(template: str, **slots: str) -> str:
    """The template with ``{name}`` replaced; other braces stay. Text that is filled in is not looked through again."""
    return _SLOT.sub(lambda found: slots.get(found[1], found[0]), template)


def own_words(path: str | None, ours: str, slots: Sequence[str]) -> str:
    """The user's template in place of ``ours``. Raises ``DataError`` for a file that cannot be read, ``ConfigError`` if it lacks
    one of the ``slots``.
    """
    if path is None:
        return ours
    try:
        text = Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: the prompt cannot be read ({error}).") from error
    missing = [name for name in slots if f"{{{name}}}" not in text]
    if missing:
        name = missing[0]
        raise ConfigError(f"{path}: the prompt has no place for the {name}: write {{{name}}} where it belongs.")
    return text


def question_of(example: Example) -> str:
    """The text of the last message."""
    return example.messages[-1].text.strip()


def context_of(example: Example) -> str:
    """The words that stand for the picture; nothing where there are none."""
    return str(example.meta.get("context", "") or "").strip()


def reference_of(example: Example) -> str:
    """The first accepted answer. Raises ``DataError`` where there is none."""
    if not example.answers:
        raise DataError(f"Item '{example.id}' has no reference answer, and the rubric compares with one.")
    return example.answers[0]


def request(
    example: Example,
    text: str,
    answers: Sequence[str],
    write: Write,
    *,
    system: str | None = None,
    pictures: bool = False,
    blind: bool = False,
) -> Example:
    """One request about an item: ``text`` to a judge, the same as a ``Marking`` to the oracle. ``blind``: the oracle need not
    know the picture.
    """
    images = list(example.images) if pictures else []
    parts = [*(Part(image=i) for i in range(len(images))), Part(text=text)]
    messages = [Message("user", parts)]
    if system:
        messages.insert(0, Message("system", [Part(text=system)]))
    facts, references = example.meta.get("facts"), tuple(example.answers)
    marking = Marking(facts, question_of(example), tuple(answers), references, write, blind)
    return Example(example.id, messages, images, meta={"facts": marking})


def on_scale(quality: float, low: float, high: float) -> str:
    """A mark with one decimal: ``quality`` 0 is the low end, 1 the high one."""
    return f"{low + (high - low) * quality:.1f}"
