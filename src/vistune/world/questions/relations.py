"""Questions about where things are, and questions that take two facts at once."""

from __future__ import annotations

from itertools import combinations

from vistune.world.language.grammar import INVERSE, Phrase, a, is_person, many, subject, the
from vistune.world.language.view import group_of
from vistune.world.language.wordings import Wordings
from vistune.world.questions.programs import Program, beside, call, find, only, the_one
from vistune.world.questions.question import Context, Question, first_made, question, yes_no
from vistune.world.questions.simple import _other_value

RELATED = Wordings(
    ("is {x} {r} {y}?", "do you see {x} {r} {y}?"), ("is it true that {x} is {r} {y}?", "can you find {x} {r} {y}?")
)
SIDE = Wordings(("is {x} {r} or {s} {y}?",), ("tell me if {x} is {r} or {s} {y}.",))
WHAT_IS = Wordings(("what is {r} {y}?", "which one is {r} {y}?"), ("what can you find {r} {y}?",))
COLOUR_OF = Wordings(("what colour is {x}?", "which colour is {x}?"), ("tell me the colour of {x}.",))
WHAT_IS_IT = Wordings(("what is {x}?", "what do you call {x}?"), ("tell me what {x} is.",))
IS_THERE = Wordings(("is there {x} {r} {y}?", "do you see {x} {r} {y}?"), ("can you find {x} {r} {y}?",))
HOW_MANY = Wordings(("how many {x} are {r} {y}?",), ("tell me how many {x} are {r} {y}.",))
BOTH_THERE = Wordings(("is there {x} {w} {y}?", "do you see {x} {w} {y}?"), ("can you find {x} {w} {y}?",))
SAME = Wordings(("do {x} and {y} have the same {q}?",), ("is the {q} of {x} and {y} the same?",))

#: The word that joins "left or right of".
SIDES: dict[str, tuple[str, str, str, str]] = {
    "left of": ("left", "right of", "left", "right"),
    "above": ("above", "below", "above", "below"),
    "in front of": ("in front of", "behind", "in front", "behind"),
}


def _relation_drawn(c: Context) -> tuple[int, str, int, Phrase, Phrase] | None:
    """A relation that holds between two things that can be told apart: the relation is drawn first."""
    told = dict(c.describable())
    pairs: dict[str, list[tuple[int, int]]] = {}
    for i, relation, j in c.view.known():
        if i in told and j in told:
            pairs.setdefault(relation, []).append((i, j))
    if not pairs:
        return None
    relation = c.one_of(sorted(pairs))
    i, j = c.one_of(pairs[relation])
    return i, relation, j, told[i], told[j]


def _related(c: Context, want: bool) -> Question | None:
    drawn = _relation_drawn(c)
    if drawn is None:
        return None
    i, relation, j, p, q = drawn
    asked, reason = relation, None
    if not want:
        reason = f"{the(p)} is {relation} {the(q)}"
        if relation == "on" or c.chance(0.5):
            i, j, p, q = j, i, q, p
        else:
            asked = INVERSE[relation]
    program = call("holds", the_one(p), the_one(q), argument=asked)
    return question(
        c, "relation", RELATED, program, want=want, things=(i, j), reason=reason, x=the(p), r=asked, y=the(q)
    )


def _side(c: Context) -> Question | None:
    drawn = _relation_drawn(c)
    if drawn is None or drawn[1] == "on":
        return None
    i, relation, j, p, q = drawn
    pair = next(side for side in SIDES if relation in (side, INVERSE[side]))
    r, s, first, second = SIDES[pair]
    words = call("word", argument=first), call("word", argument=second)
    program = call("pick", call("holds", the_one(p), the_one(q), argument=pair), *words)
    return question(c, "relation", SIDE, program, things=(i, j), x=the(p), y=the(q), r=r, s=s)


def what_is_there(c: Context) -> Question | None:
    """What is left of the red cup? Asked where exactly one thing is, and no other may be."""
    drawn = _relation_drawn(c)
    if drawn is None:
        return None
    i, relation, j, _, q = drawn
    program = call("name", only(beside(the_one(q), relation)))
    return question(c, "relation", WHAT_IS, program, things=(i, j), r=relation, y=the(q))


def relation(c: Context) -> Question | None:
    """Is the cup left of the ball? Left or right of it? What is on the table?"""
    return first_made(c, ((4, lambda c: yes_no(c, _related)), (2, what_is_there), (1, _side)))


def _near_noun(c: Context, index: int) -> Phrase:
    """What a thing is called when its place tells which one it is: "thing", its group or its kind."""
    kind = c.view.things[index].kind
    group = group_of(kind)
    if group == "person":
        return Phrase("person")
    return Phrase(c.one_of(("thing", "thing", kind) if group == "item" else ("thing", group, kind)))


def _placed(c: Context) -> tuple[int, Phrase, Program, str, str, int] | None:
    """A thing named by where it is: (index, phrase, the set it is in, relation, anchor's words, anchor)."""
    drawn = _relation_drawn(c)
    if drawn is None:
        return None
    i, relation, j, _, q = drawn
    return i, _near_noun(c, i), beside(the_one(q), relation), relation, the(q), j


def _colour_there(c: Context) -> Question | None:
    placed = _placed(c)
    if placed is None or is_person(placed[1].noun):
        return None
    i, phrase, among, relation, anchor, j = placed
    program = call("get", only(find(phrase, among)), argument="colour")
    return question(c, "two_fact", COLOUR_OF, program, things=(i, j), x=f"{the(phrase)} {relation} {anchor}")


def _name_there(c: Context) -> Question | None:
    placed = _placed(c)
    if placed is None or is_person(placed[1].noun):
        return None
    i, phrase, among, relation, anchor, j = placed
    thing = c.view.things[i]
    phrase = Phrase("thing" if phrase.noun == thing.kind else phrase.noun, colour=thing.colour)
    program = call("name", only(find(phrase, among)))
    return question(c, "two_fact", WHAT_IS_IT, program, things=(i, j), x=f"{the(phrase)} {relation} {anchor}")


def _name_by_looks(c: Context) -> Question | None:
    """What is the striped red thing?"""
    if not c.view.things:
        return None
    i = c.one_of(c.view.indices)
    thing = c.view.things[i]
    if group_of(thing.kind) == "person":
        return None
    noun = _near_noun(c, i).noun
    noun = "thing" if noun == thing.kind else noun
    size = thing.size if thing.size != "medium" else None
    options = [Phrase(noun, colour=thing.colour, pattern=thing.pattern), Phrase(noun, colour=thing.colour, size=size)]
    phrase = c.one_of(options)
    return question(c, "two_fact", WHAT_IS_IT, call("name", the_one(phrase)), things=(i,), x=the(phrase))


def _is_there(c: Context, want: bool) -> Question | None:
    """Is there a red thing left of the dog? A "no" has the wrong colour, or the wrong side."""
    placed = _placed(c)
    if placed is None or is_person(placed[1].noun):
        return None
    i, phrase, among, relation, anchor, j = placed
    thing = c.view.things[i]
    colour = thing.colour
    if not want:
        if relation in INVERSE and c.chance(0.5):
            relation = INVERSE[relation]
            among = Program("beside", among.inputs, relation)
        else:
            colour = _other_value(c, "colour", thing.kind, thing.colour)
    phrase = Phrase(phrase.noun, colour=colour)
    program = call("exists", find(phrase, among))
    return question(c, "two_fact", IS_THERE, program, want=want, things=(i, j), x=a(phrase), r=relation, y=anchor)


def _how_many(c: Context) -> Question | None:
    placed = _placed(c)
    if placed is None:
        return None
    _, phrase, among, relation, anchor, j = placed
    program = call("count", find(phrase, among))
    return question(c, "two_fact", HOW_MANY, program, things=(j,), x=many(phrase), r=relation, y=anchor)


def _both_there(c: Context, want: bool) -> Question | None:
    """Is there a red cup and a blue ball? One of the two colours is wrong where the answer is no."""
    if len(c.view.things) < 2:
        return None
    i, j = c.rng.sample(c.view.indices, 2)
    operation = c.one_of(("and", "or"))
    first, second = c.view.things[i], c.view.things[j]
    if first.kind == second.kind:
        return None
    wrong_first = (operation == "or") if not want else False
    wrong_second = (operation == "or") or not want
    p, q = (
        Phrase(t.kind, colour=_other_value(c, "colour", t.kind, t.colour) if wrong else t.colour)
        for t, wrong in ((first, wrong_first), (second, wrong_second))
    )
    if c.chance(0.5):
        p, q = q, p
    program = call(operation, call("exists", find(p)), call("exists", find(q)))
    return question(c, "two_fact", BOTH_THERE, program, want=want, things=(i, j), x=a(p), y=a(q), w=operation)


def _same(c: Context, want: bool) -> Question | None:
    quality = c.one_of(("colour", "colour", "pattern", "size"))
    told = c.describable(quality)
    pairs = [
        (x, y)
        for x, y in combinations(told, 2)
        if (getattr(c.view.things[x[0]], quality) == getattr(c.view.things[y[0]], quality)) == want
    ]
    if not pairs:
        return None
    (i, p), (j, q) = c.one_of(pairs)
    x, y = (the(p), the(q)) if quality == "size" else (subject(p)[0], subject(q)[0])
    program = call("same", the_one(p), the_one(q), argument=quality)
    return question(c, "two_fact", SAME, program, want=want, things=(i, j), x=x, y=y, q=quality)


def two_fact(c: Context) -> Question | None:
    """What colour is the thing on the table? Is there a red thing left of the dog?"""
    return first_made(
        c,
        (
            (3, _colour_there),
            (2, _name_there),
            (2, _name_by_looks),
            (3, lambda c: yes_no(c, _is_there)),
            (1.5, _how_many),
            (2, lambda c: yes_no(c, _both_there)),
            (2, lambda c: yes_no(c, _same)),
        ),
    )
