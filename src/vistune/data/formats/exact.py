"""What a published format has no place for is kept in a block of its own, ``"vistune"``, beside what others read.

So a file that vistune wrote reads back as the same Examples, and other tools see an ordinary record.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, Message, Part, Provenance, Region

BLOCK = "vistune"


def block_of(example: Example, plain: Example, reserved: tuple[str, ...]) -> dict[str, Any]:
    """What of ``example`` is missing in ``plain`` (the record as others read it). Empty where nothing is."""
    block: dict[str, Any] = {}
    if plain.messages != example.messages:
        block["messages"] = [
            {"role": m.role, "learn": m.learn, "parts": [_part(part) for part in m.parts]} for m in example.messages
        ]
    if example.answers:
        block["answers"] = example.answers
    if example.regions:
        block["regions"] = [_set_fields(region) for region in example.regions]
    if example.provenance != Provenance():
        block["provenance"] = _set_fields(example.provenance)
    hidden = {key: value for key, value in example.meta.items() if key in reserved}
    if hidden:
        block["meta"] = hidden
    order = placed_images(example)
    if order != list(range(len(example.images))):
        block["images"] = order
    return block


def restore(example: Example, block: dict[str, Any] | None) -> Example:
    """``example`` as others read it, completed by its block."""
    if not block:
        return example
    if "images" in block:
        order = block["images"]
        example.images = [example.images[order.index(number)] for number in range(len(set(order)))]
    if "messages" in block:
        example.messages = [
            Message(m["role"], [Part(**part) for part in m["parts"]], m["learn"]) for m in block["messages"]
        ]
    example.answers = block.get("answers", example.answers)
    example.regions = [_region(region) for region in block.get("regions", [])]
    if "provenance" in block:
        stored = block["provenance"]
        example.provenance = Provenance(**{**stored, "parents": tuple(stored.get("parents", ()))})
    example.meta.update(block.get("meta", {}))
    return example


def placed_images(example: Example) -> list[int]:
    """Pictures in the order in which the conversation shows them. Raises ``DataError`` for one that it never shows."""
    order = [part.image for message in example.messages for part in message.parts if part.image is not None]
    if any(not 0 <= image < len(example.images) for image in order):
        raise DataError(
            f"Example '{example.id}' shows a picture that it does not have ({len(example.images)} are there)."
        )
    if set(order) != set(range(len(example.images))):
        missing = len(example.images) - len(set(order))
        raise DataError(f"Example '{example.id}' has {missing} pictures that its conversation does not show.")
    return order


def files_of(example: Example) -> list[ImageSource]:
    """Pictures as a record lists them: one for each place in the conversation."""
    return [example.images[image] for image in placed_images(example)]


def _part(part: Part) -> dict[str, Any]:
    return {name: value for name in ("text", "image", "region") if (value := getattr(part, name)) is not None}


def _set_fields(value: Region | Provenance) -> dict[str, Any]:
    """Fields that differ from their defaults."""
    named = {entry.name: (getattr(value, entry.name), entry.default) for entry in fields(value)}
    return {name: given for name, (given, default) in named.items() if given != default}


def _region(stored: dict[str, Any]) -> Region:
    points = {name: tuple(stored[name]) for name in ("box", "point") if stored.get(name) is not None}
    return Region(**{**stored, **points})
