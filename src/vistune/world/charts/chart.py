"""``Chart``: a table, how it is shown, and how charts are sampled."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal, get_args

from vistune.core.errors import ConfigError, nearest
from vistune.world.scene import Prior, Split

Form = Literal["bars", "horizontal bars", "grouped bars", "stacked bars", "lines", "pie"]
FORMS: tuple[Form, ...] = get_args(Form)
#: Forms that show several series.
SEVERAL = frozenset({"grouped bars", "stacked bars", "lines"})
Colour = tuple[int, int, int]

#: Palettes: colour names with their values, in drawing order.
PALETTES: tuple[tuple[tuple[str, Colour], ...], ...] = (
    (("blue", (66, 114, 196)), ("orange", (238, 133, 62)), ("green", (92, 166, 104)), ("red", (206, 78, 82)), ("purple", (135, 104, 178)), ("brown", (148, 110, 84)), ("pink", (222, 136, 192)), ("grey", (128, 128, 134))),
    (("green", (64, 148, 116)), ("yellow", (240, 196, 84)), ("red", (216, 92, 72)), ("blue", (72, 128, 178)), ("pink", (230, 150, 170)), ("purple", (120, 92, 156)), ("orange", (232, 152, 70)), ("brown", (132, 100, 76))),
    (("purple", (112, 86, 168)), ("green", (110, 176, 128)), ("orange", (240, 152, 84)), ("blue", (84, 150, 204)), ("red", (212, 88, 102)), ("yellow", (236, 200, 96)), ("brown", (140, 108, 90)), ("grey", (136, 140, 150))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Topic:
    """What a chart can be about. ``ordered`` categories (months, years) keep their order and suit lines."""

    title: str
    unit: str
    categories: tuple[str, ...]
    series: tuple[str, ...]
    ordered: bool = False


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
YEARS = tuple(str(year) for year in range(2001, 2013))
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TOPICS: tuple[Topic, ...] = (
    Topic("Fruit sold", "boxes", ("apple", "pear", "plum", "grape", "melon", "lemon", "cherry", "peach", "mango", "kiwi"), ("shop", "market", "farm", "stall")),
    Topic("Pets in our town", "pets", ("dogs", "cats", "birds", "fish", "rabbits", "mice", "ponies", "snakes", "frogs", "ducks"), ("north", "south", "east", "west")),
    Topic("Books read", "books", MONTHS, ("Anna", "Ben", "Cleo", "Dan"), True),
    Topic("Rainy days", "days", MONTHS, ("coast", "hills", "city", "island"), True),
    Topic("Trees planted", "trees", YEARS, ("park", "school", "forest", "street"), True),
    Topic("Visitors", "people", DAYS, ("museum", "zoo", "pool", "cinema"), True),
    Topic("Ways to school", "children", ("walk", "bike", "bus", "car", "train", "tram", "boat", "skate"), ("class A", "class B", "class C", "class D")),
    Topic("Favourite sports", "votes", ("chess", "judo", "golf", "rugby", "tennis", "skiing", "rowing", "hockey", "dance", "yoga"), ("girls", "boys", "adults", "teens")),
    Topic("Cakes baked", "cakes", DAYS, ("Eva", "Finn", "Gina", "Hugo"), True),
    Topic("Goals scored", "goals", YEARS, ("Lions", "Bears", "Hawks", "Foxes"), True),
    Topic("Vegetables grown", "kilos", ("carrot", "bean", "pea", "corn", "beet", "leek", "onion", "kale", "radish", "turnip"), ("garden", "field", "roof", "yard")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chart:
    """``values[s][c]``: of series ``s`` and category ``c``, whole numbers above 0."""

    seed: int
    form: Form
    title: str
    unit: str
    categories: tuple[str, ...]
    series: tuple[str, ...]
    values: tuple[tuple[int, ...], ...]
    palette: int = 0
    ordered: bool = False
    face: Literal["sans", "serif"] = "sans"
    grid: bool = True
    numbers: bool = False
    prior: Prior = "skewed"
    split: Split = "train"

    @property
    def colours(self) -> tuple[tuple[str, Colour], ...]:
        """Name and value of the colour of each series, of a pie of each category; a single series has one."""
        count = len(self.categories) if self.form == "pie" else len(self.series)
        return PALETTES[self.palette][:count]

    def table(self) -> list[list[str]]:
        """Header and rows, as a file would have them."""
        header = ["", *self.series] if len(self.series) > 1 else ["", self.unit]
        rows = [[name, *(str(row[c]) for row in self.values)] for c, name in enumerate(self.categories)]
        return [header, *rows]


def sample_chart(
    seed: int,
    *,
    split: Split = "train",
    prior: Prior = "skewed",
    form: Form | None = None,
    min_categories: int = 3,
    max_categories: int = 6,
    highest: int = 20,
) -> Chart:
    """Chart number ``seed`` of a split. Skewed: few large values and many small ones, as counts are; flat: all alike.

    Raises:
        ConfigError: an unknown form, or an impossible number of categories.
    """
    if form is not None and form not in FORMS:
        raise ConfigError(f"There is no form of chart '{form}'. {nearest(str(form), FORMS)}")
    if not 2 <= min_categories <= max_categories <= 7 or highest < 5:
        asked = f"{min_categories} to {max_categories} and {highest}"
        raise ConfigError(f"A chart has 2 to 7 categories and values up to 5 or more, not {asked}.")
    rng = random.Random(f"chart/{split}/{prior}/{seed}")
    shape = form or rng.choice(FORMS)
    topics = (
        [t for t in TOPICS if t.ordered] if shape == "lines" else [t for t in TOPICS if shape != "pie" or not t.ordered]
    )
    topics = [t for t in topics if split != "train" or not held_out(shape, t.title)]
    topic = rng.choice(topics)
    categories = _categories(rng, topic, rng.randint(min_categories, max_categories))
    count = rng.randint(2, 3) if shape in SEVERAL and not (shape == "lines" and rng.random() < 0.4) else 1
    series = tuple(rng.sample(topic.series, count)) if count > 1 else (topic.unit,)
    values = tuple(tuple(_value(rng, prior, highest) for _ in categories) for _ in series)
    style = rng.randrange(len(PALETTES)), rng.choice(("sans", "sans", "serif")), rng.random() < 0.7, rng.random() < 0.35
    return Chart(
        seed, shape, topic.title, topic.unit, categories, series, values, style[0], topic.ordered, style[1], style[2],
        style[3] and shape != "lines", prior, split,
    )  # fmt: skip


def held_out(form: Form, title: str) -> bool:
    """Whether a form and a topic never meet in training."""
    titles = [t.title for t in TOPICS]
    return (FORMS.index(form) * 3 + titles.index(title) * 5) % 9 == 4


def _categories(rng: random.Random, topic: Topic, count: int) -> tuple[str, ...]:
    if not topic.ordered:
        return tuple(rng.sample(topic.categories, count))
    start = rng.randrange(len(topic.categories) - count + 1)
    return topic.categories[start : start + count]


def _value(rng: random.Random, prior: Prior, highest: int) -> int:
    if prior == "flat":
        return rng.randint(1, highest)
    share = rng.random() ** 1.8
    return 1 + int((share if prior == "skewed" else 1 - share) * (highest - 1) + 0.5)
