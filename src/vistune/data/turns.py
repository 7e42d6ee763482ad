"""Conversations as flat turns: checked, regions written out, and shortened by whole turns."""

from __future__ import annotations

from collections.abc import Callable

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, Message, Part, Region
from vistune.data.template import Turn

RegionText = Callable[[Region, ImageSource], str]


def flatten(example: Example, region_text: RegionText, prompt: bool) -> list[Turn]:
    """The messages as turns of texts and pictures. ``prompt`` leaves out a last answer. Raises ``DataError``.

    Refused: roles that do not alternate after an optional system message, an empty answer that is to be learned,
    references to pictures or regions that are not there, and pictures that no message shows.
    """
    messages = example.messages
    if prompt and messages and messages[-1].role == "assistant":
        messages = messages[:-1]
    _check_roles(messages, prompt)
    turns = [Turn(m.role, _pieces(m, example, region_text), m.learn) for m in messages]
    shown = {piece for turn in turns for piece in turn.pieces if type(piece) is int}
    if len(shown) != len(example.images):
        missing = len(example.images) - len(shown)
        raise DataError(
            f"{len(example.images)} pictures, but the conversation shows {len(shown)}: {missing} have no place in it."
        )
    for number, turn in enumerate(turns):
        if turn.role != "assistant":
            continue
        if turn.learn and not any(type(piece) is str and piece.strip() for piece in turn.pieces):
            raise DataError(f"message {number} is an empty answer.")
        if turn.learn and any(type(piece) is int for piece in turn.pieces):
            raise DataError(
                f"message {number}: a label would fall on a picture, since an answer that is learned holds one. "
                "Move it to the user's message, or set learn=False."
            )
    return turns


def _check_roles(messages: list[Message], prompt: bool) -> None:
    talk = messages[1:] if messages and messages[0].role == "system" else messages
    for number, message in enumerate(talk):
        expected = "assistant" if number % 2 else "user"
        if message.role != expected:
            place = number + len(messages) - len(talk)
            raise DataError(
                f"message {place} is the {message.role}'s where the {expected}'s is due: after an optional system "
                "message, user and assistant must take turns."
            )
    last = "user" if prompt else "assistant"
    if not talk or talk[-1].role != last:
        raise DataError(f"the last message must be the {last}'s" + ("." if talk else "; there is no message."))


def _pieces(message: Message, example: Example, region_text: RegionText) -> list[str | int]:
    """Texts and picture indices of a message; neighbouring texts are joined, empty ones left out."""
    pieces: list[str | int] = []
    for part in message.parts:
        piece = _piece(part, example, region_text)
        if type(piece) is str and pieces and type(pieces[-1]) is str:
            pieces[-1] += piece
        elif piece != "":
            pieces.append(piece)
    return pieces or [""]


def _piece(part: Part, example: Example, region_text: RegionText) -> str | int:
    if part.text is not None:
        return part.text
    if part.image is not None:
        if not 0 <= part.image < len(example.images):
            raise DataError(f"a message shows picture {part.image}, but there are {len(example.images)} pictures.")
        return part.image
    if part.region is None:
        raise DataError("a message part holds neither text nor a picture nor a region.")
    if not 0 <= part.region < len(example.regions):
        raise DataError(f"a message names region {part.region}, but there are {len(example.regions)} regions.")
    region = example.regions[part.region]
    if not 0 <= region.image < len(example.images):
        raise DataError(f"region {part.region} lies in picture {region.image}, but there are {len(example.images)}.")
    return region_text(region, example.images[region.image])


def drop_oldest(turns: list[Turn], carry_images: bool) -> list[Turn] | None:
    """The conversation without its oldest exchange (the user's turn and the answer to it), or None if it is the last.

    The system's turn stays. ``carry_images`` moves the pictures of what goes to the oldest turn that stays.
    """
    start = 1 if turns[0].role == "system" else 0
    if len(turns) - start <= 2:
        return None
    gone, rest = turns[start : start + 2], turns[start + 2 :]
    carried: list[str | int] = [p for turn in gone for p in turn.pieces if type(p) is int] if carry_images else []
    first = Turn(rest[0].role, [*carried, *rest[0].pieces], rest[0].learn)
    return [*turns[:start], first, *rest[1:]]
