"""Questions for a closer look: what is written on things, what people do, which way things look, what hides what.

They are asked by name only (``EXTRA_MAKERS``); the default draw of questions does not have them.
"""

from __future__ import annotations

from collections.abc import Callable

from vistune.world.labels import legible, words_for
from vistune.world.language.grammar import Phrase, the
from vistune.world.language.wordings import Wordings
from vistune.world.questions.looked_at import looks_to_a_side, readable, shares_hidden, waves
from vistune.world.questions.programs import THINGS, call, find, only, the_one
from vistune.world.questions.question import Context, Maker, Question, question, subject_slots, yes_no
from vistune.world.vocabulary import KIND_BY_NAME

READ = Wordings(
    ("what is written on {x}?", "what {do} {x} say?", "which word is on {x}?"), ("read out the word on {x}.",)
)
WHO_SAYS = Wordings(
    ('what has the word "{w}" on it?', 'on what is "{w}" written?'), ('where can you read the word "{w}"?',)
)
SAYS = Wordings(('{do} {x} say "{w}"?', 'is "{w}" written on {x}?'), ('is the word "{w}" on {x}?',))
WHO_DOES = Wordings(("who is {w}?", "which person is {w}?"), ("can you tell who is {w}?",))
ANYBODY = Wordings(("is anybody {w}?", "is somebody {w} here?"), ("is there anyone who is {w}?",))
RAISED = Wordings(
    (
        "on which side is the raised hand of {x}, left or right?",
        "is the raised hand of {x} on the left or on the right?",
    ),
    ("which side of the picture is the raised hand of {x} nearer to, left or right?",),
)
FACING = Wordings(
    ("which way does {x} look, left or right?", "does {x} look to the left or to the right?"),
    ("is {x} turned to the left or to the right?",),
)
FACING_IS = Wordings(("does {x} look to the {w}?", "is {x} looking {w}?"), ("is {x} turned to the {w}?",))
SAME_WAY = Wordings(("do {x} and {y} look the same way?",), ("are {x} and {y} turned to the same side?",))
HIDDEN = Wordings(("is a part of {x} hidden?", "does something hide a part of {x}?"), ("is {x} partly covered?",))
WHOLE = Wordings(("can you see the whole of {x}?", "is all of {x} to be seen?"), ("is {x} seen as a whole?",))
HIDER = Wordings(("what hides a part of {x}?", "what is in the way of {x}?"), ("what covers a part of {x}?",))

#: Times that a thing of a kind is partly hidden for each time that it is not, measured on 26,000 scenes. Tables, which
#: things stand on, are hidden often and things in the sky hardly ever: what is asked about is drawn so that the kind does
#: not tell the answer.
HIDDEN_ODDS: dict[str, float] = {
    "dog": 0.1, "cat": 0.1, "bird": 0.028, "fish": 0.13, "cow": 0.11, "horse": 0.15, "duck": 0.1, "rabbit": 0.12,
    "apple": 0.15, "banana": 0.09, "carrot": 0.034, "cake": 0.17, "egg": 0.16, "pizza": 0.12, "ball": 0.12, "kite": 0.036,
    "drum": 0.2, "block": 0.17, "balloon": 0.015, "chair": 0.15, "table": 0.64, "bed": 0.23, "lamp": 0.09, "sofa": 0.21,
    "car": 0.17, "bus": 0.19, "truck": 0.19, "boat": 0.18, "plane": 0.085, "bike": 0.21, "tree": 0.073, "flower": 0.026,
    "cactus": 0.15, "mushroom": 0.064, "boy": 0.105, "girl": 0.1, "man": 0.13, "woman": 0.1, "cup": 0.135, "book": 0.19,
    "hat": 0.13, "shoe": 0.16, "umbrella": 0.063, "box": 0.15,
}  # fmt: skip
#: Kinds with these odds are asked about as they come.
COMMON_ODDS = 0.2


def _read(c: Context) -> Question | None:
    """What is written on the box?"""
    texts = readable(c.view.scene)
    told = [(i, p) for i, p in c.describable() if texts[i]]
    if not told:
        return None
    index, phrase = c.one_of(told)
    program = call("read", the_one(phrase))
    return question(c, "text", READ, program, want=None, things=(index,), **subject_slots(phrase))


#: Things that words are mostly on, and the share of the questions about them that is asked.
_WRITTEN_ON = {"box": 0.4, "cup": 0.5, "block": 0.5, "bus": 0.7}


def _who_says(c: Context) -> Question | None:
    """What has the word "tea" on it?"""
    texts = readable(c.view.scene)
    told = [i for i in c.view.indices if texts[i] and KIND_BY_NAME[c.view.things[i].kind].group != "person"]
    if not told:
        return None
    index = c.one_of(told)
    if not c.chance(_WRITTEN_ON.get(c.view.things[index].kind, 1.0)):
        return None
    word = str(texts[index])
    program = call("name", only(call("saying", THINGS, argument=word)))
    reason = f'"{word}" is written on the {c.view.things[index].kind}'
    return question(c, "text_where", WHO_SAYS, program, things=(index,), reason=reason, w=word)


def _says(c: Context, want: bool) -> Question | None:
    """Does the box say "tea"?"""
    texts = readable(c.view.scene)
    told = [(i, p) for i, p in c.describable() if texts[i]]
    if not told:
        return None
    index, phrase = c.one_of(told)
    word = str(texts[index])
    if not want:
        others = words_for(phrase.noun, c.view.scene.prior, c.view.scene.split)
        word = c.one_of([w for w in others if w != word and legible(c.view.things[index], w)] or [word])
    slots = subject_slots(phrase)
    program = call("is", call("read", the_one(phrase)), argument=word)
    reason = f'"{texts[index]}" is written on {slots["x"]}'
    return question(c, "text_check", SAYS, program, want=want, things=(index,), reason=reason, w=word, **slots)


def _who_does(c: Context) -> Question | None:
    """Who is waving?"""
    word = c.one_of(("waving", "standing"))
    program = call("name", only(call("doing", find(Phrase("person")), argument=word)))
    return question(c, "who", WHO_DOES, program, w=word)


def _anybody(c: Context, want: bool) -> Question | None:
    """Is anybody waving?"""
    done = {thing.state for thing in c.view.things if KIND_BY_NAME[thing.kind].group == "person"}
    words = [word for word in ("waving", "standing") if (word in done) == want]
    if not done or not words:
        return None
    word = c.one_of(words)
    program = call("exists", call("doing", find(Phrase("person")), argument=word))
    return question(c, "anybody", ANYBODY, program, want=want, w=word)


def _raised(c: Context) -> Question | None:
    """On which side is the raised hand of the boy?"""
    told = [(i, p) for i, p in c.describable() if waves(c.view.things[i])]
    if not told:
        return None
    index, phrase = c.one_of(told)
    return question(c, "raised_hand", RAISED, call("raised_hand", the_one(phrase)), things=(index,), x=the(phrase))


def _facing_told(c: Context) -> list[tuple[int, Phrase]]:
    return [(i, p) for i, p in c.describable() if looks_to_a_side(c.view.things[i])]


def _facing_open(c: Context) -> Question | None:
    """Which way does the dog look?"""
    told = _facing_told(c)
    if not told:
        return None
    index, phrase = c.one_of(told)
    return question(c, "facing", FACING, call("facing", the_one(phrase)), things=(index,), x=the(phrase))


def _facing_is(c: Context, want: bool) -> Question | None:
    """Does the dog look to the left?"""
    told = _facing_told(c)
    if not told:
        return None
    index, phrase = c.one_of(told)
    sides = ("left", "right")
    word = sides[(c.view.things[index].flip is False) == want]
    program = call("is", call("facing", the_one(phrase)), argument=word)
    return question(c, "facing_check", FACING_IS, program, want=want, things=(index,), x=the(phrase), w=word)


def _same_way(c: Context, want: bool) -> Question | None:
    """Do the dog and the cow look the same way?"""
    told = _facing_told(c)
    pairs = [(a, b) for a in told for b in told if a[0] != b[0]]
    pairs = [(a, b) for a, b in pairs if (c.view.things[a[0]].flip == c.view.things[b[0]].flip) == want]
    if not pairs:
        return None
    (i, p), (j, q) = c.one_of(pairs)
    program = call("equal", call("facing", the_one(p)), call("facing", the_one(q)))
    return question(c, "facing_same", SAME_WAY, program, want=want, things=(i, j), x=the(p), y=the(q))


def _hidden(c: Context, want: bool, wordings: Wordings, negate: bool) -> Question | None:
    """Is a part of the car hidden? With ``negate``: can you see the whole of it?"""
    partly = [max(row) > 0 for row in shares_hidden(c.view.scene)]
    told = [(i, p) for i, p in c.describable() if partly[i] == (want != negate)]
    if not told:
        return None
    index, phrase = c.one_of(told)
    odds = HIDDEN_ODDS.get(c.view.things[index].kind, COMMON_ODDS) / COMMON_ODDS
    if not c.chance(min(1.0, 1 / odds if partly[index] else odds)):
        return None
    hidden = call("hidden", the_one(phrase))
    program = call("not", hidden) if negate else hidden
    return question(c, "hidden", wordings, program, want=want, things=(index,), x=the(phrase))


def _hider(c: Context) -> Question | None:
    """What hides a part of the car?"""
    partly = [max(row) > 0 for row in shares_hidden(c.view.scene)]
    told = [(i, p) for i, p in c.describable() if partly[i]]
    if not told:
        return None
    index, phrase = c.one_of(told)
    program = call("name", only(call("hiders", the_one(phrase))))
    return question(c, "hider", HIDER, program, things=(index,), x=the(phrase))


def _either(make: Callable[[Context, bool], Question | None]) -> Maker:
    return lambda c: yes_no(c, make)


def _hidden_or_whole(c: Context) -> Question | None:
    """Half of the time the other way round, so that a hidden thing is no surer a yes than a whole one."""
    negate = c.chance(0.5)
    wordings = WHOLE if negate else HIDDEN
    return yes_no(c, lambda c, want: _hidden(c, want, wordings, negate))


#: Types beside the default ones -> their makers. Each asks for answers of one sort, so that none can be guessed.
EXTRA_MAKERS: dict[str, Maker] = {
    "text": _read,
    "text_where": _who_says,
    "text_check": _either(_says),
    "who": _who_does,
    "anybody": _either(_anybody),
    "raised_hand": _raised,
    "facing": _facing_open,
    "facing_check": _either(_facing_is),
    "facing_same": _either(_same_way),
    "hidden": _hidden_or_whole,
    "hider": _hider,
}
