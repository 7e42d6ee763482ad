"""Questions on customs: where something comes from, what it is called, and what else one must know of its country."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from vistune.core.errors import ConfigError, nearest
from vistune.world.language.grammar import join
from vistune.world.language.wordings import Wordings
from vistune.world.program import COMMON, Operation, Program, call, only
from vistune.world.questions.question import Asker, Question, draw_questions, question, yes_no
from vistune.world.regions.atlas import COUNTRIES, FACETS, REGIONS, Custom, custom
from vistune.world.regions.sampling import Sight
from vistune.world.regions.telling import coloured

#: Geographic hints (GIMMICK, arXiv 2502.13766).
HINTS: tuple[str, ...] = ("none", "regions", "countries", "both")
LETTERS = "ABCD"

_REGION = Wordings(
    ("from which region does this {f} come? {o}", "which region has this {f}? {o}"),
    ("name the region of this {f}. {o}",),
)
_COUNTRY = Wordings(
    ("from which country does this {f} come? {o}", "which country has this {f}? {o}"),
    ("name the country of this {f}. {o}",),
)
_NAME = Wordings(("what is this {f} called?", "what do people call this {f}?"), ("give the name of this {f}.",))
_IS_FROM = Wordings(("is this {f} from {p}?", "does this {f} come from {p}?"), ("would you find this {f} in {p}?",))
_ELSE = {
    facet: Wordings(
        (f"what do people {verb} where this {{f}} is from?", f"which {facet} belongs to the country of this {{f}}?"),
        (f"what do they {verb} in the country of this {{f}}?",),
    )
    for facet, verb in (("dish", "eat"), ("dress", "wear"), ("house", "live in"), ("feast", "celebrate"))
}
_LOOK = Wordings(("what colour {be} the {x}?", "which colour {have} the {x}?"), ("name the colour of the {x}.",))


@dataclass(frozen=True)
class SightView:
    """What programs run on."""

    sight: Sight

    @property
    def operations(self) -> dict[str, Operation]:
        return OPERATIONS


def _shown(view: SightView, _doubt: bool, _values: tuple, _argument: None) -> Custom:
    return view.sight.custom


def _its(_view: SightView, _doubt: bool, values: tuple[tuple[str, ...]], facet: str) -> Custom:
    (place,) = only(values[0])
    return custom(place, facet)


OPERATIONS: dict[str, Operation] = {
    **COMMON,
    "shown": Operation(0, False, _shown),
    "name": Operation(1, False, lambda _v, _d, values, _a: values[0].name),
    "colour": Operation(1, False, lambda _v, _d, values, _a: values[0].colour),
    "countries": Operation(1, False, lambda _v, _d, values, _a: values[0].origins),
    "regions": Operation(1, False, lambda _v, _d, values, _a: values[0].regions),
    "has": Operation(1, True, lambda _v, _d, values, place: place in values[0]),
    "one_of": Operation(1, True, lambda _v, _d, values, options: next(o for o in options.split("|") if o in values[0])),
    "its": Operation(1, True, _its),
}
C = Asker[SightView]
SHOWN = call("shown")


def _options(c: C, right: str, others: Sequence[str], wrong: int = 3) -> tuple[str, ...]:
    """The right one among ``wrong`` others, in a drawn order. They are sorted first, so that hashing changes nothing."""
    options = [right, *c.rng.sample(sorted(others), wrong)]
    c.rng.shuffle(options)
    return tuple(options)


def _choose(c: C, type: str, wordings: Wordings, program: Program, options: tuple[str, ...]) -> Question | None:
    listed = " ".join(f"({letter}) {option}" for letter, option in zip(LETTERS, options, strict=False))
    chosen = Program("one_of", (program,), "|".join(options))
    asked = question(c, type, wordings, chosen, f=c.view.sight.custom.facet, o=listed)
    return None if asked is None else replace(asked, choices=options)


def region(c: C) -> Question | None:
    """From which of four regions?"""
    right = c.view.sight.custom.regions
    options = _options(c, c.one_of(right), [r for r in REGIONS if r not in right])
    return _choose(c, "region", _REGION, call("regions", SHOWN), options)


def country(c: C) -> Question | None:
    """From which of four countries, of any region?"""
    right = c.view.sight.custom.origins
    options = _options(c, c.one_of(right), [name for name in COUNTRIES if name not in right])
    return _choose(c, "country", _COUNTRY, call("countries", SHOWN), options)


def neighbour(c: C) -> Question | None:
    """From which of the three countries of its region? The hard distractors of the benchmark, and none but these."""
    origin = c.one_of(c.view.sight.custom.origins)
    near = [k.name for k in COUNTRIES.values() if k.region == COUNTRIES[origin].region and k.name != origin]
    return _choose(c, "neighbour", _COUNTRY, call("countries", SHOWN), _options(c, origin, near, 2))


def name(c: C) -> Question | None:
    """What is this dish called?"""
    return question(c, "name", _NAME, call("name", SHOWN), f=c.view.sight.custom.facet)


def _from(c: C, want: bool) -> Question | None:
    shown = c.view.sight.custom
    level = c.one_of(("countries", "regions"))
    right = shown.origins if level == "countries" else shown.regions
    every = COUNTRIES if level == "countries" else REGIONS
    place = c.one_of([p for p in every if (p in right) == want])
    program = Program("has", (call(level, SHOWN),), place)
    return question(c, "is_from", _IS_FROM, program, want=want, f=shown.facet, p=place)


def is_from(c: C) -> Question | None:
    """Is this house from Arvel?"""
    return yes_no(c, _from)


def held_out(place: str, facet: str) -> bool:
    """What training is never asked in a roundabout way: it must be put together from what is known of the country."""
    return (list(COUNTRIES).index(place) + FACETS.index(facet)) % 5 == 0


def knowledge(c: C) -> Question | None:
    """What do people eat where this house is from? Four dishes to choose from; customs of one country only."""
    shown = c.view.sight.custom
    place, *others = shown.origins
    if others:
        return None
    facet = c.one_of([f for f in FACETS if f != shown.facet])
    # Only what can be an answer is a wrong option, so that the options alone tell nothing.
    allowed = [name for name in COUNTRIES if c.split != "train" or not held_out(name, facet)]
    names = {name: custom(name, facet).name for name in allowed if len(custom(name, facet).origins) == 1}
    right = names.get(place)
    if right is None:
        return None
    options = _options(c, right, [name for name in names.values() if name != right])
    listed = " ".join(f"({letter}) {option}" for letter, option in zip(LETTERS, options, strict=False))
    program = call("name", Program("its", (call("countries", SHOWN),), facet))
    asked = question(c, "knowledge", _ELSE[facet], program, f=shown.facet)
    return None if asked is None else replace(asked, text=f"{asked.text} {listed}", choices=options)


def look(c: C) -> Question | None:
    """What colour is the robe? Needs no knowledge: a control."""
    what = coloured(c.view.sight.custom)
    be, have = ("are", "have") if what.endswith("s") else ("is", "has")
    return question(c, "look", _LOOK, call("colour", SHOWN), x=what, be=be, have=have)


MAKERS: dict[str, Callable[[C], Question | None]] = {
    "region": region, "country": country, "neighbour": neighbour, "name": name, "is_from": is_from, "knowledge": knowledge,
    "look": look,
}  # fmt: skip


def ask(
    sight: Sight, seed: int, types: Sequence[str] | None = None, n: int = 1, split: str = "train"
) -> list[Question]:
    """Up to ``n`` different questions about a sight."""
    c = Asker(SightView(sight), random.Random(f"regions questions/{seed}/{split}"), split)
    return draw_questions(c, MAKERS, types, n)


def hint(sight: Sight, which: str) -> str:
    """A sentence to put before a question; empty for "none". Raises ``ConfigError`` for an unknown sort."""
    if which not in HINTS:
        raise ConfigError(f"There is no hint '{which}'. {nearest(which, HINTS)}")
    shown = sight.custom
    regions, countries = join(sorted(shown.regions)), join(sorted(shown.origins))
    return {
        "none": "", "regions": f"this was seen in {regions}.", "countries": f"this was seen in {countries}.",
        "both": f"this was seen in {countries}, in {regions}.",
    }[which]  # fmt: skip
