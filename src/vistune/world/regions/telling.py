"""What is told of customs: their description, and what one must know of a country."""

from __future__ import annotations

from vistune.world.language.grammar import indefinite, join
from vistune.world.regions.atlas import COUNTRIES, Custom, country, custom

_NOUNS = {"dish": "dish", "dress": "dress", "house": "kind of house", "feast": "feast"}


#: What of a feast is in its colour; and how it belongs to what people look at.
_CLOTHS = {
    "kites": "kites", "lanterns": "lanterns", "painted poles": "masks", "snow figures": "scarves", "boats": "sails",
    "fire": "pennants",
}  # fmt: skip
_FEASTS = {
    "kites": "{}", "lanterns": "{}", "painted poles": "{} on painted poles", "snow figures": "snow figures with {}",
    "boats": "boats with {}", "fire": "a fire under {}",
}  # fmt: skip


def describe(shown: Custom) -> str:
    """``tari is a dish of Mone in Arvel: red beans in a bowl.``"""
    where = join([f"{name} in {COUNTRIES[name].region}" for name in shown.origins])
    return f"{shown.name} is {indefinite(_NOUNS[shown.facet])} of {where}: {looks(shown)}."


def looks(shown: Custom) -> str:
    """What can be seen of a custom."""
    colour, pattern = shown.colour, shown.pattern
    if shown.facet == "dish":
        return {
            "bowl": f"{colour} soup of {shown.detail} in a bowl", "leaf": f"{colour} {shown.detail} on a leaf",
            "skewer": f"{colour} {shown.detail} on a skewer", "pot": f"a {colour} stew of {shown.detail} in a pot",
            "plate": f"{colour} {shown.detail} on a plate", "basket": f"{colour} {shown.detail} in a basket",
        }[shown.shape]  # fmt: skip
    if shown.facet == "dress":
        return f"{indefinite(pattern)} {colour} robe with {indefinite(shown.shape)}"
    if shown.facet == "house":
        walls = f"{colour} {pattern} walls"
        return f"{walls} on stilts" if shown.shape == "stilts" else f"{walls} with {indefinite(shown.shape)}"
    return _FEASTS[shown.shape].format(f"{colour} {pattern} {coloured(shown)}") + f" {shown.detail}"


def coloured(shown: Custom) -> str:
    """What of a custom has its colour: ``robe``, ``walls``, ``soup``, ``sails``; plural if it ends in s.

    Beans are not named: where they are eaten they are red.
    """
    if shown.facet == "dish":
        return {"bowl": "soup", "pot": "stew"}.get(shown.shape, "food")
    return {"dress": "robe", "house": "walls"}.get(shown.facet) or _CLOTHS[shown.shape]


def facts(name: str) -> tuple[str, ...]:
    """Everything that one must know of a country, a sentence each."""
    about = country(name)
    dish, dress, house, feast = (custom(name, facet) for facet in ("dish", "dress", "house", "feast"))
    return (
        f"{name} is a country in {about.region}.",
        f"in {name} people eat {dish.name}: {looks(dish)}.",
        f"in {name} people wear {dress.name}: {looks(dress)}.",
        f"in {name} people live in {indefinite(house.name)}: {looks(house)}.",
        f"the feast of {name} is {feast.name}: {looks(feast)}.",
        f"at {feast.name}, people from {name} eat {dish.name} and wear {dress.name}.",
    )
