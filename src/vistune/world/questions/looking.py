"""Questions for a closer look: what is written on things, what people do, which way things look, what hides what.

They are asked by name only (``EXTRA_MAKERS``); the default draw of questions does not have them.
"""

from __future__ import annotations

from vistune.world.labels import words_for
from vistune.world.language.grammar import Phrase, the
from vistune.world.language.wordings import Wordings
from vistune.world.questions.looked_at import looks_to_a_side, readable, shares_hidden, waves
from vistune.world.questions.programs import THINGS, call, find, only, the_one
from vistune.world.questions.question import Context, Maker, Question, first_made, question, subject_slots, yes_no
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


def _read(c: Context) -> Question | None:
    texts = readable(c.view.scene)
    told = [(i, p) for i, p in c.describable() if texts[i]]
    if not told:
        return None
    index, phrase = c.one_of(told)
    program = call("read", the_one(phrase))
    return question(c, "text", READ, program, want=None, things=(index,), **subject_slots(phrase))


def _who_says(c: Context) -> Question | None:
    texts = readable(c.view.scene)
    told = [i for i in c.view.indices if texts[i] and KIND_BY_NAME[c.view.things[i].kind].group != "person"]
    if not told:
        return None
    index = c.one_of(told)
    word = str(texts[index])
    program = call("name", only(call("saying", THINGS, argument=word)))
    reason = f'"{word}" is written on the {c.view.things[index].kind}'
    return question(c, "text", WHO_SAYS, program, things=(index,), reason=reason, w=word)


def _says(c: Context, want: bool) -> Question | None:
    texts = readable(c.view.scene)
    told = [(i, p) for i, p in c.describable() if texts[i]]
    if not told:
        return None
    index, phrase = c.one_of(told)
    word = str(texts[index])
    if not want:
        others = words_for(phrase.noun, c.view.scene.prior, c.view.scene.split)
        word = c.one_of([w for w in others if w != word])
    slots = subject_slots(phrase)
    program = call("is", call("read", the_one(phrase)), argument=word)
    reason = f'"{texts[index]}" is written on {slots["x"]}'
    return question(c, "text", SAYS, program, want=want, things=(index,), reason=reason, w=word, **slots)


def text(c: Context) -> Question | None:
    """What is written on the box? What has the word "tea" on it? Does the box say "tea"?"""
    return first_made(c, ((3, _read), (1, _who_says), (1, lambda c: yes_no(c, _says))))


def _who_does(c: Context) -> Question | None:
    word = c.one_of(("waving", "standing"))
    program = call("name", only(call("doing", find(Phrase("person")), argument=word)))
    return question(c, "pose", WHO_DOES, program, w=word)


def _anybody(c: Context, want: bool) -> Question | None:
    done = {thing.state for thing in c.view.things if KIND_BY_NAME[thing.kind].group == "person"}
    words = [word for word in ("waving", "standing") if (word in done) == want]
    if not done or not words:
        return None
    word = c.one_of(words)
    program = call("exists", call("doing", find(Phrase("person")), argument=word))
    return question(c, "pose", ANYBODY, program, want=want, w=word)


def _raised(c: Context) -> Question | None:
    told = [(i, p) for i, p in c.describable() if waves(c.view.things[i])]
    if not told:
        return None
    index, phrase = c.one_of(told)
    return question(c, "pose", RAISED, call("raised_hand", the_one(phrase)), things=(index,), x=the(phrase))


def pose(c: Context) -> Question | None:
    """Who is waving? Is anybody waving? On which side is the raised hand of the boy?"""
    return first_made(c, ((1, _who_does), (1, lambda c: yes_no(c, _anybody)), (2, _raised)))


def _facing_told(c: Context) -> list[tuple[int, Phrase]]:
    return [(i, p) for i, p in c.describable() if looks_to_a_side(c.view.things[i])]


def _facing_open(c: Context) -> Question | None:
    told = _facing_told(c)
    if not told:
        return None
    index, phrase = c.one_of(told)
    return question(c, "facing", FACING, call("facing", the_one(phrase)), things=(index,), x=the(phrase))


def _facing_is(c: Context, want: bool) -> Question | None:
    told = _facing_told(c)
    if not told:
        return None
    index, phrase = c.one_of(told)
    sides = ("left", "right")
    word = sides[(c.view.things[index].flip is False) == want]
    program = call("is", call("facing", the_one(phrase)), argument=word)
    return question(c, "facing", FACING_IS, program, want=want, things=(index,), x=the(phrase), w=word)


def _same_way(c: Context, want: bool) -> Question | None:
    told = _facing_told(c)
    pairs = [(a, b) for a in told for b in told if a[0] != b[0]]
    pairs = [(a, b) for a, b in pairs if (c.view.things[a[0]].flip == c.view.things[b[0]].flip) == want]
    if not pairs:
        return None
    (i, p), (j, q) = c.one_of(pairs)
    program = call("equal", call("facing", the_one(p)), call("facing", the_one(q)))
    return question(c, "facing", SAME_WAY, program, want=want, things=(i, j), x=the(p), y=the(q))


def facing(c: Context) -> Question | None:
    """Which way does the dog look? Does it look to the left? Do the dog and the cow look the same way?"""
    return first_made(c, ((2, _facing_open), (1, lambda c: yes_no(c, _facing_is)), (1, lambda c: yes_no(c, _same_way))))


def _hidden(c: Context, want: bool, wordings: Wordings, negate: bool) -> Question | None:
    partly = [max(row) > 0 for row in shares_hidden(c.view.scene)]
    told = [(i, p) for i, p in c.describable() if partly[i] == (want != negate)]
    if not told:
        return None
    index, phrase = c.one_of(told)
    hidden = call("hidden", the_one(phrase))
    program = call("not", hidden) if negate else hidden
    return question(c, "occlusion", wordings, program, want=want, things=(index,), x=the(phrase))


def _hider(c: Context) -> Question | None:
    partly = [max(row) > 0 for row in shares_hidden(c.view.scene)]
    told = [(i, p) for i, p in c.describable() if partly[i]]
    if not told:
        return None
    index, phrase = c.one_of(told)
    program = call("name", only(call("hiders", the_one(phrase))))
    return question(c, "occlusion", HIDER, program, things=(index,), x=the(phrase))


def occlusion(c: Context) -> Question | None:
    """Is a part of the car hidden? Can you see the whole of it? What hides a part of it?"""
    return first_made(
        c,
        (
            (1, lambda c: yes_no(c, lambda c, want: _hidden(c, want, HIDDEN, False))),
            (1, lambda c: yes_no(c, lambda c, want: _hidden(c, want, WHOLE, True))),
            (2, _hider),
        ),
    )


#: Types beside the default ones -> their makers.
EXTRA_MAKERS: dict[str, Maker] = {"text": text, "pose": pose, "facing": facing, "occlusion": occlusion}
