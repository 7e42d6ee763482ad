"""What the nano world is made of: kinds of things in groups, colours, sizes, patterns, states and settings.

One place for every name, so that drawing, language and metrics agree. Words are those of a small child.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing. ``place``: where it can be, ground, water, sky or table (small, may stand on furniture)."""

    name: str
    plural: str
    group: str
    place: str
    states: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()


GROUPS: tuple[str, ...] = ("animal", "food", "toy", "furniture", "vehicle", "plant", "person", "item")

KINDS: tuple[Kind, ...] = (
    Kind("dog", "dogs", "animal", "ground", ("standing", "sleeping"), ("puppy", "doggy")),
    Kind("cat", "cats", "animal", "ground", ("standing", "sleeping"), ("kitten", "kitty")),
    Kind("bird", "birds", "animal", "sky", ("flying", "resting"), ("birdie",)),
    Kind("fish", "fish", "animal", "water", (), ("fishy",)),
    Kind("cow", "cows", "animal", "ground", ("standing", "sleeping"), ("calf",)),
    Kind("horse", "horses", "animal", "ground", ("standing", "running"), ("pony",)),
    Kind("duck", "ducks", "animal", "water", (), ("duckling",)),
    Kind("rabbit", "rabbits", "animal", "ground", ("standing", "sleeping"), ("bunny",)),
    Kind("apple", "apples", "food", "table", ("whole", "bitten")),
    Kind("banana", "bananas", "food", "table"),
    Kind("carrot", "carrots", "food", "table"),
    Kind("cake", "cakes", "food", "table", ("whole", "cut"), ("pie",)),
    Kind("egg", "eggs", "food", "table", ("whole", "broken")),
    Kind("pizza", "pizzas", "food", "table", ("whole", "cut")),
    Kind("ball", "balls", "toy", "ground"),
    Kind("kite", "kites", "toy", "sky"),
    Kind("drum", "drums", "toy", "ground"),
    Kind("block", "blocks", "toy", "table", (), ("brick",)),
    Kind("balloon", "balloons", "toy", "sky"),
    Kind("chair", "chairs", "furniture", "ground", (), ("seat",)),
    Kind("table", "tables", "furniture", "ground", (), ("desk",)),
    Kind("bed", "beds", "furniture", "ground"),
    Kind("lamp", "lamps", "furniture", "ground", ("on", "off"), ("light",)),
    Kind("sofa", "sofas", "furniture", "ground", (), ("couch",)),
    Kind("car", "cars", "vehicle", "ground"),
    Kind("bus", "buses", "vehicle", "ground"),
    Kind("truck", "trucks", "vehicle", "ground", ("full", "empty"), ("lorry",)),
    Kind("boat", "boats", "vehicle", "water", (), ("ship",)),
    Kind("plane", "planes", "vehicle", "sky", (), ("jet",)),
    Kind("bike", "bikes", "vehicle", "ground", (), ("cycle",)),
    Kind("tree", "trees", "plant", "ground"),
    Kind("flower", "flowers", "plant", "ground", ("open", "closed")),
    Kind("cactus", "cactuses", "plant", "ground"),
    Kind("mushroom", "mushrooms", "plant", "ground"),
    Kind("boy", "boys", "person", "ground", ("standing", "waving")),
    Kind("girl", "girls", "person", "ground", ("standing", "waving")),
    Kind("man", "men", "person", "ground", ("standing", "waving"), ("dad",)),
    Kind("woman", "women", "person", "ground", ("standing", "waving"), ("mum", "lady")),
    Kind("cup", "cups", "item", "table", ("full", "empty"), ("mug",)),
    Kind("book", "books", "item", "table", ("open", "closed")),
    Kind("hat", "hats", "item", "table", (), ("cap",)),
    Kind("shoe", "shoes", "item", "ground", (), ("boot",)),
    Kind("umbrella", "umbrellas", "item", "ground", ("open", "closed")),
    Kind("box", "boxes", "item", "table", ("open", "closed"), ("crate",)),
)

KIND_BY_NAME: dict[str, Kind] = {kind.name: kind for kind in KINDS}

#: sRGB of each colour name; instances vary a little around it, never across a border to another name.
COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (222, 41, 41),
    "orange": (247, 142, 30),
    "yellow": (250, 215, 50),
    "green": (50, 165, 70),
    "blue": (45, 100, 220),
    "purple": (135, 65, 190),
    "pink": (248, 135, 185),
    "brown": (135, 85, 45),
    "black": (40, 40, 45),
    "white": (245, 245, 240),
}

#: Height of a thing as a share of the picture's height, before its kind's own proportion and perspective.
SIZES: dict[str, float] = {"small": 0.20, "medium": 0.29, "big": 0.42}

PATTERNS: tuple[str, ...] = ("plain", "striped", "spotted", "checked")

SETTINGS: tuple[str, ...] = ("kitchen", "bedroom", "garden", "farm", "street", "lake", "beach", "playground")
