"""Text for pretraining a language model that has never seen a picture.

Descriptions of scenes with questions about them (so that it learns to look facts up in what it was told), stories with
questions, knowledge, conversations, copying, and plain sentences with the common words of a child.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from vistune.world.language import lexicon as words
from vistune.world.language.captions import all_things, caption, relation_sentences
from vistune.world.language.dialogue import with_reason
from vistune.world.language.grammar import INVERSE, PLACES, indefinite, join, number_word, regular_plural
from vistune.world.language.stories import story
from vistune.world.language.view import View, view_of
from vistune.world.language.wordings import Wordings
from vistune.world.questions.ask import MAKERS, ask
from vistune.world.questions.knowledge import MONTHS, SEASONS, WEEK
from vistune.world.questions.programs import Program
from vistune.world.questions.text_only import ask_text_only, fact_sentences

if TYPE_CHECKING:
    from vistune.world.scene import Split

Messages = list[dict[str, str]]

#: Kind of document -> how often.
DOCUMENTS: dict[str, float] = {
    "described": 4.0,
    "caption": 1.5,
    "story": 1.0,
    "story_questions": 2.0,
    "knowledge": 2.0,
    "facts": 1.0,
    "sentences": 1.5,
    "copy": 1.0,
}
_PLACE = Wordings(
    ("this is {the_place}.", "we are {in_place}.", "here is {the_place}."), ("imagine that we are {in_place}.",)
)
_LISTED = Wordings(
    ("from left to right there is {things}", "I see, from left to right, {things}"), ("left to right: {things}",)
)
_COPY = Wordings(("say this again: {x}", "repeat: {x}", "say after me: {x}"), ("please repeat this: {x}",))
_NAME_ALL = Wordings(
    ("name all things.", "name all things from left to right."), ("list everything from left to right.",)
)


def text_document(seed: int, split: Split = "train") -> str | Messages:
    """Document ``seed`` of the corpus: plain text, or a conversation as chat messages (user and assistant in turn)."""
    rng = random.Random(f"document/{seed}/{split}")
    name = rng.choices(_NAMES, _WEIGHTS)[0]
    return _MAKERS[name](rng, split)


def _scene(rng: random.Random, split: Split) -> View:
    from vistune.world.sampling import sample_scene

    prior = rng.choice(("skewed", "flat", "inverted"))
    return view_of(sample_scene(rng.getrandbits(31), split=split, prior=prior))


def _turns(pairs: list[tuple[str, str]]) -> Messages:
    messages: Messages = []
    for question, answer in pairs:
        messages += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return messages


def described(view: View, rng: random.Random, split: str, relations: set[str]) -> str:
    """A scene in words: the place, every thing from left to right, and all that holds of the named relations."""
    place = view.scene.setting
    first = _PLACE.pick(rng, split).format(the_place=f"the {place}", in_place=PLACES[place])
    listed = _LISTED.pick(rng, split).format(things=all_things(view))
    told = relation_sentences(view, rng, split, relations)
    return " ".join([first, listed, *told])


def _relations_in(program: Program | None) -> set[str]:
    """Relations that a program asks about, each with its opposite."""
    if program is None:
        return set()
    own = {program.argument} if program.op in ("beside", "holds") and program.argument else set()
    own |= {INVERSE[relation] for relation in own if relation in INVERSE}
    return own.union(*(_relations_in(part) for part in program.inputs))


#: What the order of the list tells, also of things that no sentence can tell apart.
_SEEN_IN_LIST = frozenset({"left of", "right of"})


def _described(rng: random.Random, split: Split) -> Messages:
    """A description, then questions that can be answered from it."""
    view = _scene(rng, split)
    questions = ask(view, rng.getrandbits(40), types=list(MAKERS), n=rng.randint(2, 5), split=split)
    if any(view.describe(index) is None for index in view.indices):
        questions = [q for q in questions if _relations_in(q.program) <= _SEEN_IN_LIST] or ask(view, 0, ["setting"])
    relations = set().union(*(_relations_in(question.program) for question in questions))
    if rng.random() < 0.3:
        relations.add(rng.choice(("on", "left of", "behind")))
    text = described(view, rng, split, relations)
    pairs = [with_reason(q, rng, split) if rng.random() < 0.2 else (q.text, q.answer) for q in questions]
    if rng.random() < 0.25:
        pairs.insert(rng.randrange(len(pairs) + 1), (_NAME_ALL.pick(rng, split), all_things(view)))
    pairs[0] = (f"{text} {pairs[0][0]}", pairs[0][1])
    return _turns(pairs)


def _caption(rng: random.Random, split: Split) -> str:
    view = _scene(rng, split)
    return caption(view, rng.getrandbits(40), rng.choice(("short", "long", "all", "all")), split)


def _story(rng: random.Random, split: Split) -> str:
    return story(rng.getrandbits(40), split).text


def _story_questions(rng: random.Random, split: Split) -> Messages:
    tale = story(rng.getrandbits(40), split)
    pairs = list(tale.questions[: rng.randint(2, 5)])
    pairs[0] = (f"{tale.text} {pairs[0][0]}", pairs[0][1])
    return _turns(pairs)


def _knowledge(rng: random.Random, split: Split) -> Messages:
    questions = [ask_text_only(rng.getrandbits(48), split) for _ in range(rng.randint(2, 6))]
    pairs = [(question.text, question.answer) for question in questions]
    if rng.random() < 0.1:
        pairs.insert(0, rng.choice(words.GREETINGS))
    return _turns(pairs)


def _facts(rng: random.Random, split: Split) -> str:  # noqa: ARG001
    return " ".join(rng.sample(fact_sentences(), rng.randint(3, 8)))


def _sentences(rng: random.Random, split: Split) -> str:  # noqa: ARG001
    return " ".join(sentence(rng) for _ in range(rng.randint(3, 8)))


def _copy(rng: random.Random, split: Split) -> Messages:
    """Say this again: copying, the first step to looking things up."""
    pairs = []
    for _ in range(rng.randint(1, 3)):
        text = sentence(rng) if rng.random() < 0.5 else all_things(_scene(rng, split))
        pairs.append((_COPY.pick(rng, split).format(x=text), text))
    return _turns(pairs)


_MAKERS = {
    "described": _described,
    "caption": _caption,
    "story": _story,
    "story_questions": _story_questions,
    "knowledge": _knowledge,
    "facts": _facts,
    "sentences": _sentences,
    "copy": _copy,
}
_NAMES = list(DOCUMENTS)
_WEIGHTS = list(DOCUMENTS.values())

_OBJECTS = (
    words.TOYS + words.TOOLS + words.CLOTHES + words.NATURE + words.BUILDINGS + words.MORE_ANIMALS + words.BODY[:4]
)


def sentence(rng: random.Random) -> str:
    """One plain sentence with common words, by grammar."""
    return rng.choice(_SENTENCES)(rng)


def _person(rng: random.Random) -> str:
    return rng.choice(
        (
            rng.choice(list(words.NAMES)),
            f"my {rng.choice(words.FAMILY)}",
            f"the {rng.choice(words.JOBS)}",
            f"{rng.choice(list(words.NAMES))} and {rng.choice(list(words.NAMES))}",
            rng.choice(("I", "we", "you", "they")),
        )
    )


def _agrees(who: str, verb: tuple[str, str]) -> str:
    """The verb's form for ``who``: third person for one, base form for several, I and you."""
    several = " and " in who or who in ("I", "we", "you", "they")
    return verb[1] if several else verb[0]


def _thing(rng: random.Random) -> str:
    noun = rng.choice(_OBJECTS)
    adjective = f"{rng.choice(words.ADJECTIVES)} " if rng.random() < 0.5 else ""
    return rng.choice((indefinite(adjective + noun), f"the {adjective}{noun}", f"my {adjective}{noun}"))


def _does(rng: random.Random) -> str:
    who = _person(rng)
    end = rng.choice(("", "", f" {rng.choice(words.PLACES_AROUND)}", f" {rng.choice(words.TIMES)}"))
    return f"{who} {_agrees(who, rng.choice(words.VERBS_WITH_THING))} {_thing(rng)}{end}."


def _acts(rng: random.Random) -> str:
    who = rng.choice((_person(rng), f"the {rng.choice(words.MORE_ANIMALS)}"))
    verb = _agrees(who, rng.choice(words.VERBS_ALONE))
    end = rng.choice((rng.choice(words.ADVERBS), rng.choice(words.PLACES_AROUND), rng.choice(words.TIMES)))
    return f"{who} {verb} {end}." if end != "never" else f"{who} never {verb}."


def _eats(rng: random.Random) -> str:
    who = _person(rng)
    food = rng.choice(words.FOODS)
    verb = rng.choice((("eats", "eat"), ("likes", "like"), ("buys", "buy"), ("cooks", "cook")))
    if rng.random() < 0.4:
        return f"{who} {_agrees(who, ('drinks', 'drink'))} {rng.choice(words.DRINKS)} {rng.choice(words.TIMES)}."
    return f"{who} {_agrees(who, verb)} {food} {rng.choice(words.TIMES)}."


def _feels(rng: random.Random) -> str:
    who = _person(rng)
    be = "am" if who == "I" else _agrees(who, ("is", "are"))
    why = rng.choice(("", f" because it is {rng.choice(words.WEATHER)}", " today", " now"))
    return f"{who} {be} {rng.choice(words.FEELINGS)}{why}."


def _weather(rng: random.Random) -> str:
    day = rng.choice((f"on {rng.choice(WEEK)}", f"in {rng.choice(MONTHS)}", f"in {rng.choice(SEASONS)}", "today"))
    return rng.choice((f"{day} it is {rng.choice(words.WEATHER)}.", f"it is {rng.choice(words.WEATHER)} {day}."))


def _counting(rng: random.Random) -> str:
    first = rng.randint(0, 6)
    numbers = [number_word(n) for n in range(first, first + rng.randint(3, 5)) if n <= 10]
    if rng.random() < 0.5:
        numbers.reverse()
    noun = rng.choice(_OBJECTS)
    number = rng.randint(2, 10)
    return rng.choice((f"{', '.join(numbers)}.", f"there are {number_word(number)} {regular_plural(noun)}."))


def _body(rng: random.Random) -> str:
    part = rng.choice(words.BODY)
    who = rng.choice(("my", "your", "his", "her"))
    return rng.choice(
        (
            f"this is {who} {part}.",
            f"I wash {who} {part}.",
            f"{who} {part} is {rng.choice(('clean', 'dirty', 'wet', 'cold', 'warm'))}.",
        )
    )


def _lists(rng: random.Random) -> str:
    pool = rng.choice((words.TOYS, words.TOOLS, words.CLOTHES, words.MORE_ANIMALS, words.NATURE, words.BUILDINGS))
    some = [indefinite(noun) for noun in rng.sample(pool, rng.randint(2, 4))]
    who = _person(rng)
    return f"{who} {_agrees(who, rng.choice(words.VERBS_WITH_THING))} {join(some)}."


_SENTENCES = (_does, _does, _acts, _acts, _eats, _feels, _weather, _counting, _body, _lists)
