"""Battles and questions without a model."""

from __future__ import annotations

import numpy as np

from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.arena.store import StoredBattle, new_id


def examples(count: int) -> list[Example]:
    """Questions q0, q1, ... each with a picture of its own."""
    pictures = [ImageSource(array=np.full((8, 8, 3), 20 + k, np.uint8)) for k in range(count)]
    return [Example(f"q{k}", [user(f"what is in picture {k}?", images=(0,))], [p]) for k, p in enumerate(pictures)]


def stored(voter: str = "v", a: str = "x", b: str = "y", **changed: object) -> StoredBattle:
    """A battle whose answers were there at 1000 s."""
    values: dict = {
        "id": new_id(), "created": 999.0, "shown": 1000.0, "voter": voter, "source": "set", "question_id": "q",
        "question_key": "k", "question": "what?", "a": a, "b": b, "answer_a": "a cat", "answer_b": "a dog", "same": False,
    }  # fmt: skip
    return StoredBattle(**{**values, **changed})
