"""Little stories with consistent facts, and questions whose answers are in them."""

from __future__ import annotations

import random
from dataclasses import dataclass

from vistune.world.language import lexicon as words
from vistune.world.language.grammar import indefinite, number_word, regular_plural
from vistune.world.language.wordings import Wordings
from vistune.world.questions.knowledge import WEEK
from vistune.world.vocabulary import COLOURS


@dataclass(frozen=True, slots=True)
class Story:
    """The text and what can be asked of it: (question, answer) pairs, every answer said in the text."""

    text: str
    questions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Beat:
    """One event: ways to tell it, and (ways to ask, answer) for each fact in it."""

    tell: Wordings
    ask: tuple[tuple[Wordings, str], ...]


def story(seed: int, split: str = "train") -> Story:
    """A story of five to eight sentences, deterministic from the seed."""
    rng = random.Random(f"story/{seed}/{split}")
    slots = _cast(rng)
    middle = list(_EVENTS)
    rng.shuffle(middle)
    beats = [_BEGINNING, *middle[: rng.randint(3, 5)], _ENDING]
    told, questions = [], []
    for beat in beats:
        told.append(beat.tell.pick(rng, split).format(**slots))
        questions += [(ways.pick(rng, split).format(**slots), answer.format(**slots)) for ways, answer in beat.ask]
    rng.shuffle(questions)
    return Story(" ".join(told), tuple(questions))


_PETS = ("dog", "cat", "bird", "rabbit", "horse", "duck", "mouse", "goat", "hamster", "parrot")


def _cast(rng: random.Random) -> dict[str, str]:
    """Everybody and everything in the story."""
    name, friend = rng.sample(list(words.NAMES), 2)
    he = words.NAMES[name]
    colours = rng.sample(list(COLOURS), 3)
    thing, other = rng.sample(words.TOYS[:9] + words.TOOLS, 2)
    count = rng.randint(2, 10)
    animal = rng.choice(_PETS)
    clothes = rng.choice(words.CLOTHES)
    job = rng.choice(words.JOBS)
    look = rng.choice(words.ADJECTIVES[:20])
    slots = {
        "name": name,
        "friend": friend,
        "he": he,
        "his": words.POSSESSIVE[he],
        "him": words.OBJECTIVE[he],
        "day": rng.choice(WEEK),
        "weather": rng.choice(words.WEATHER),
        "place": rng.choice(words.PLACES_AROUND),
        "family": rng.choice(words.FAMILY[:9]),
        "animal": animal,
        "pet": rng.choice(words.PET_NAMES),
        "fur": colours[0],
        "thing": thing,
        "colour": colours[1],
        "other": other,
        "count": number_word(count),
        "others": regular_plural(other),
        "food": rng.choice(words.FOODS),
        "drink": rng.choice(words.DRINKS),
        "clothes": clothes,
        "clothes_colour": colours[2],
        "feeling": rng.choice(words.FEELINGS),
        "time": rng.choice(words.TIMES),
        "a_animal": indefinite(f"{colours[0]} {animal}"),
        "a_clothes": indefinite(f"{colours[2]} {clothes}"),
        "told_colour": rng.choice((colours[1], colours[2])),
        "a_job": indefinite(job),
        "a_thing": indefinite(f"{look} {colours[1]} {thing}"),
        "an_animal": indefinite(animal),
    }
    return {**slots, "is_told": "yes" if slots["told_colour"] == slots["colour"] else "no"}


_BEGINNING = _Beat(
    Wordings(
        ("it is {weather} on {day} and {name} is {place}.", "on {day} {name} is {place}. it is a {weather} day."),
        ("one {weather} {day} we meet {name} {place}.",),
    ),
    (
        (Wordings(("where is {name}?",), ("in which place is {name}?",)), "{place}"),
        (Wordings(("which day is it?", "what day is it?"), ("on which day is this?",)), "{day}"),
        (Wordings(("how is the weather?", "what is the weather like?"), ("what weather is it?",)), "{weather}"),
    ),
)


_EVENTS = [
    _Beat(
        Wordings(
            ("{name} has {a_animal} called {pet}.", "{a_animal} called {pet} is with {him}."),
            ("{pet} is the {fur} {animal} of {name}.",),
        ),
        (
            (Wordings(("what is the name of the {animal}?",), ("how do you call the {animal}?",)), "{pet}"),
            (Wordings(("what colour is the {animal}?", "what colour is {pet}?")), "{fur}"),
            (Wordings(("which animal is {pet}?",), ("what kind of animal is {pet}?",)), "{an_animal}"),
        ),
    ),
    _Beat(
        Wordings(
            ("{name} finds {a_thing}.", "there {he} sees {a_thing}."),
            ("{a_thing} lies there and {name} takes it.",),
        ),
        (
            (Wordings(("what colour is the {thing}?",), ("which colour has the {thing}?",)), "{colour}"),
            (Wordings(("is the {thing} {told_colour}?",)), "{is_told}"),
        ),
    ),
    _Beat(
        Wordings(
            ("{he} counts {count} {others}.", "{name} has {count} {others}."), ("{count} {others} are there too.",)
        ),
        ((Wordings(("how many {others} are there?",), ("what is the number of {others}?",)), "{count}"),),
    ),
    _Beat(
        Wordings(
            ("{his} {family} gives {him} {food}.", "then {his} {family} comes and gives {him} {food}."),
            ("from {his} {family} {he} gets {food}.",),
        ),
        (
            (
                Wordings(("who gives {name} {food}?",), ("from whom does {name} get {food}?",)),
                "{his} {family}",
            ),
            (Wordings(("what does {name} get from {his} {family}?",)), "{food}"),
        ),
    ),
    _Beat(
        Wordings(
            ("{name} drinks {drink} {time}.", "{time} {he} drinks {drink}."),
            ("{drink} is what {he} drinks {time}.",),
        ),
        (
            (Wordings(("what does {name} drink?",), ("which drink does {name} have?",)), "{drink}"),
            (Wordings(("when does {name} drink {drink}?",)), "{time}"),
        ),
    ),
    _Beat(
        Wordings(
            ("{name} wears {a_clothes}.", "{he} puts on {a_clothes}."),
            ("the {clothes} of {name} is {clothes_colour}.",),
        ),
        (
            (
                Wordings(("what colour is the {clothes}?",), ("which colour has the {clothes}?",)),
                "{clothes_colour}",
            ),
            (Wordings(("what does {name} wear?",)), "{a_clothes}"),
        ),
    ),
    _Beat(
        Wordings(
            ("{he} plays with {friend}.", "{name} and {friend} play together."),
            ("{friend} comes to play with {him}.",),
        ),
        ((Wordings(("who plays with {name}?",), ("with whom does {name} play?",)), "{friend}"),),
    ),
    _Beat(
        Wordings(
            ("one day {he} wants to be {a_job}.", "{name} wants to be {a_job}."), ("{his} dream is to be {a_job}.",)
        ),
        ((Wordings(("what does {name} want to be?",), ("what is the dream of {name}?",)), "{a_job}"),),
    ),
]


_ENDING = _Beat(
    Wordings(("now {name} is {feeling}.", "at the end {he} is {feeling}."), ("so {name} feels {feeling}.",)),
    ((Wordings(("how does {name} feel?",), ("what does {name} feel at the end?",)), "{feeling}"),),
)
