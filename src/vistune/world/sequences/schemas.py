"""Recipes for stories: who is there, who comes, and what happens in which order."""

from __future__ import annotations

from dataclasses import dataclass

PEOPLE = ("boy", "girl", "man", "woman")


@dataclass(frozen=True, slots=True)
class Role:
    """One of the cast: its kinds, its first state (default: the kind's first), its size, the role that it stands on."""

    kinds: tuple[str, ...]
    state: str | None = None
    size: str | None = None
    on: str | None = None


@dataclass(frozen=True, slots=True)
class Beat:
    """One thing that happens. Beats of the same ``group`` are left out together; group 0 is always told."""

    action: str
    who: str
    value: str | None = None
    group: int = 0


@dataclass(frozen=True, slots=True)
class Schema:
    """A recipe: its settings, its cast, who is there from the start, and the beats."""

    name: str
    settings: tuple[str, ...]
    roles: dict[str, Role]
    start: tuple[str, ...]
    beats: tuple[Beat, ...]


_TABLE = Role(("table",), size="big")
_COOK = Role(PEOPLE, "standing", "medium")

_ALL = (
    Schema(
        "baking", ("kitchen",),
        {"table": _TABLE, "cook": _COOK, "egg": Role(("egg",), "whole", "medium", "table"), "cake": Role(("cake",), "whole", "medium", "table"),
         "cat": Role(("cat", "dog"), "standing", "small")},
        ("table", "cook"),
        (Beat("arrive", "egg"), Beat("change", "egg", "broken"), Beat("leave", "egg"), Beat("arrive", "cake"),
         Beat("change", "cake", "cut", 1), Beat("arrive", "cat", None, 2), Beat("change", "cook", "waving", 3)),
    ),
    Schema(
        "tea time", ("kitchen", "garden"),
        {"table": _TABLE, "guest": _COOK, "cup": Role(("cup",), "empty", "medium", "table"), "food": Role(("cake", "pizza"), "whole", "medium", "table"),
         "apple": Role(("apple",), "whole", "medium", "table")},
        ("table", "cup"),
        (Beat("change", "cup", "full"), Beat("arrive", "guest"), Beat("arrive", "food", None, 1), Beat("change", "food", "cut", 1),
         Beat("change", "cup", "empty"), Beat("change", "guest", "waving", 2), Beat("leave", "guest", None, 3)),
    ),
    Schema(
        "bedtime", ("bedroom",),
        {"lamp": Role(("lamp",), "on", "medium"), "book": Role(("book",), "closed", "big"), "pet": Role(("cat", "dog", "rabbit"), "standing", "medium"),
         "child": Role(("boy", "girl"), "standing", "medium")},
        ("lamp", "book"),
        (Beat("arrive", "child", None, 1), Beat("change", "book", "open"), Beat("arrive", "pet"), Beat("change", "book", "closed", 2),
         Beat("change", "pet", "sleeping"), Beat("change", "child", "waving", 1), Beat("change", "lamp", "off")),
    ),
    Schema(
        "moving house", ("street", "farm"),
        {"truck": Role(("truck",), "empty", "big"), "box": Role(("box",), "open", "medium"), "mover": Role(PEOPLE, "standing", "medium"),
         "dog": Role(("dog",), "standing", "small")},
        ("box", "mover"),
        (Beat("arrive", "truck"), Beat("change", "box", "closed"), Beat("leave", "box"), Beat("change", "truck", "full"),
         Beat("arrive", "dog", None, 1), Beat("change", "mover", "waving", 2), Beat("leave", "truck", None, 3)),
    ),
    Schema(
        "waiting for the bus", ("street",),
        {"umbrella": Role(("umbrella",), "closed", "medium"), "person": Role(PEOPLE, "standing", "medium"), "bus": Role(("bus",), None, "medium"),
         "friend": Role(PEOPLE, "standing", "medium")},
        ("umbrella",),
        (Beat("arrive", "person"), Beat("change", "umbrella", "open"), Beat("arrive", "friend", None, 1), Beat("change", "friend", "waving", 1),
         Beat("arrive", "bus"), Beat("change", "umbrella", "closed", 2), Beat("leave", "bus", None, 3)),
    ),
    Schema(
        "a day in the garden", ("garden", "farm"),
        {"flower": Role(("flower",), "closed", "big"), "animal": Role(("rabbit", "cat", "dog"), "standing", "medium"), "tree": Role(("tree",), None, "medium"),
         "child": Role(("boy", "girl"), "standing", "medium")},
        ("flower", "tree"),
        (Beat("change", "flower", "open"), Beat("arrive", "animal"), Beat("change", "animal", "sleeping"), Beat("arrive", "child", None, 1),
         Beat("change", "child", "waving", 1), Beat("change", "animal", "standing", 2), Beat("change", "flower", "closed", 3)),
    ),
    Schema(
        "a present", ("bedroom", "playground"),
        {"box": Role(("box",), "closed", "big"), "child": Role(("boy", "girl"), "standing", "medium"), "toy": Role(("ball", "drum", "balloon", "kite"), None, "medium"),
         "dog": Role(("dog", "cat"), "standing", "small")},
        ("box",),
        (Beat("arrive", "child"), Beat("change", "box", "open"), Beat("arrive", "toy"), Beat("change", "child", "waving", 1),
         Beat("leave", "box", None, 2), Beat("arrive", "dog", None, 3), Beat("change", "dog", "sleeping", 3)),
    ),
    Schema(
        "on the farm", ("farm",),
        {"horse": Role(("horse",), "standing", "big"), "truck": Role(("truck",), "empty", "medium"), "farmer": Role(("man", "woman"), "standing", "medium"),
         "cow": Role(("cow",), "standing", "medium")},
        ("horse",),
        (Beat("arrive", "farmer"), Beat("change", "horse", "running"), Beat("arrive", "truck", None, 1), Beat("change", "truck", "full", 1),
         Beat("change", "horse", "standing", 2), Beat("arrive", "cow", None, 3), Beat("change", "farmer", "waving")),
    ),
)  # fmt: skip

SCHEMAS: dict[str, Schema] = {schema.name: schema for schema in _ALL}
