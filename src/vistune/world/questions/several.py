"""Questions about several things: count, comparing counts and sizes, the odd one out."""

from __future__ import annotations

from functools import partial

from vistune.world.language.grammar import Phrase, a, groups_with_noun, join, many, number_word, some, the
from vistune.world.language.view import IN_DOUBT
from vistune.world.language.wordings import Wordings
from vistune.world.questions.programs import THINGS, call, find, only, the_one
from vistune.world.questions.question import Context, Question, first_made, question, yes_no
from vistune.world.questions.simple import absent_kind
from vistune.world.questions.statistics import KIND_NAMES
from vistune.world.vocabulary import COLOURS, PATTERNS

COUNT = Wordings(
    ("how many {x} are there?", "how many {x} can you see?", "how many {x} are here?", "count the {x}."),
    ("how many {x} are in the picture?", "tell me the number of {x}."),
)
COUNT_IS = Wordings(("are there {n} {x}?", "do you see {n} {x}?"), ("can you count {n} {x}?",))
MORE = Wordings(
    ("are there more {x} than {y}?", "do you see more {x} than {y}?"), ("is it true that {x} outnumber {y}?",)
)
FEWER = Wordings(("are there fewer {x} than {y}?",), ("do you see fewer {x} than {y}?",))
AS_MANY = Wordings(("are there as many {x} as {y}?",), ("do you see as many {x} as {y}?",))
WHICH_MORE = Wordings(("what are there more of, {x} or {y}?",), ("which are there more of, {x} or {y}?",))
BIGGER = Wordings(("is {x} bigger than {y}?",), ("do you think {x} is bigger than {y}?",))
SMALLER = Wordings(("is {x} smaller than {y}?",), ("do you think {x} is smaller than {y}?",))
WHICH_BIGGER = Wordings(
    ("which is bigger, {x} or {y}?", "what is bigger, {x} or {y}?"), ("tell me the bigger one, {x} or {y}.",)
)
WHICH_SMALLER = Wordings(("which is smaller, {x} or {y}?",), ("tell me the smaller one, {x} or {y}.",))
ODD_GROUP = Wordings(
    ("which one is not {x}?", "what is here that is not {x}?"), ("what else is here besides the {y}?",)
)
ODD_LOOK = Wordings(("which one is not {x}?",), ("all but one are {x}. which one is not?",))
MISSING = Wordings(
    ("which of these is not here: {x}?", "which of these is not in the picture: {x}?"),
    ("what is missing in the picture: {x}?",),
)
PRESENT = Wordings(
    ("which of these is here: {x}?", "which of these is in the picture: {x}?"), ("which one can you find: {x}?",)
)

#: How much each count is wanted; high counts are rare in scenes, so they are taken when they can be had.
COUNT_WEIGHTS: tuple[float, ...] = (0.25, 0.35, 1.2, 2.0, 3.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0)


def countable(c: Context) -> list[tuple[Phrase, int]]:
    """(phrase, how many things it fits) for phrases worth counting in this scene."""
    view = c.view
    found = [(Phrase(kind), len(indices)) for kind, indices in view.by_kind.items()]
    groups = (*groups_with_noun(), "thing")
    found += [(Phrase(group), len(view.named(group))) for group in groups if _sure(c, group)]
    kind_colours = {(t.kind, t.colour) for t in view.things}
    found += [
        (phrase, len(view.fitting(phrase))) for k, col in sorted(kind_colours) for phrase in (Phrase(k, colour=col),)
    ]
    if _sure(c, "thing"):
        looks = sorted({("colour", t.colour) for t in view.things} | {("pattern", t.pattern) for t in view.things})
        phrases = [Phrase("thing", **{attribute: value}) for attribute, value in looks]
        found += [(phrase, len(view.fitting(phrase))) for phrase in phrases]
    return found


def _sure(c: Context, noun: str) -> bool:
    """Whether nobody could disagree about which things here are called ``noun``."""
    return not IN_DOUBT.get(noun, frozenset()) & c.view.by_kind.keys()


#: Form of a phrase -> number -> how easily it is found, fitted on scenes of the flat prior. Two, which all forms have, counts
#: as a little easier.
FLAT_EASE: dict[str, dict[int, float]] = {
    "kind": {0: 1.0, 1: 0.897, 2: 0.145, 3: 0.061},
    "group": {0: 1.0, 1: 0.75, 2: 0.24, 3: 0.066},
    "thing": {1: 0.954, 2: 1.1, 3: 1.0, 4: 0.841},
    "coloured": {0: 0.834, 1: 1.0, 2: 0.037},
    "plain": {1: 1.0, 2: 0.811, 3: 0.444, 4: 0.145},
    "look": {0: 0.82, 1: 1.0, 2: 0.234},
}
#: How often each form is tried: those that are mostly passed over more often.
_FORMS, _FORM_WEIGHTS = tuple(FLAT_EASE), (9, 3, 2, 3, 2, 1)
#: The share of higher numbers that is asked about: each is rare, and would be one more answer that is hardly ever right.
_HIGHER_ASKED = 0.1


def _form(phrase: Phrase) -> str:
    looks = phrase.colour is not None or phrase.pattern is not None
    if phrase.noun == "thing":
        return ("plain" if phrase.pattern == "plain" else "look") if looks else "thing"
    if phrase.noun in KIND_NAMES:
        return "coloured" if looks else "kind"
    return "group"


def _missing(c: Context, form: str) -> list[Phrase]:
    """Phrases of a form that nothing fits."""
    colour = c.one_of(tuple(COLOURS))
    if form == "kind":
        phrases = [Phrase(absent_kind(c)[0])]
    elif form == "coloured":
        kinds = [absent_kind(c)[0], *c.view.by_kind]
        phrases = [Phrase(c.one_of(kinds), colour=colour)]
    elif form == "look":
        phrases = (
            [Phrase("thing", colour=colour), Phrase("thing", pattern=c.one_of(PATTERNS))] if _sure(c, "thing") else []
        )
    else:
        groups = groups_with_noun() if form == "group" else ()
        phrases = [Phrase(group) for group in groups if _sure(c, group)]
    return [phrase for phrase in phrases if not c.view.fitting(phrase)]


def _draw_flat(c: Context) -> tuple[Phrase, int] | None:
    """The form of the phrase is drawn first, then the number among those to be had; common ones are mostly passed over."""
    form = c.rng.choices(_FORMS, _FORM_WEIGHTS)[0]
    ease = FLAT_EASE[form]
    options: dict[int, list[Phrase]] = {}
    for phrase, count in [*countable(c), *((phrase, 0) for phrase in _missing(c, form))]:
        if _form(phrase) == form and (count in ease or count > max(ease)):
            options.setdefault(count, []).append(phrase)
    if not options:
        return None
    count = c.one_of(sorted(options))
    if not c.chance(min(ease.values()) / ease[count] if count in ease else _HIGHER_ASKED * min(ease.values())):
        return None
    return c.one_of(options[count]), count


def _draw_count(c: Context) -> tuple[Phrase, int] | None:
    """A phrase with its count: the count is drawn first, then a phrase that has it."""
    if c.view.scene.prior == "flat":
        return _draw_flat(c)
    options: dict[int, list[Phrase]] = {0: [Phrase(absent_kind(c)[0])]}
    for phrase, count in countable(c):
        options.setdefault(count, []).append(phrase)
    counts = sorted(count for count in options if count <= 10)
    chosen = c.rng.choices(counts, [COUNT_WEIGHTS[count] for count in counts])[0]
    return c.one_of(options[chosen]), chosen


def _count_open(c: Context) -> Question | None:
    drawn = _draw_count(c)
    if drawn is None:
        return None
    phrase, _ = drawn
    things = tuple(c.view.fitting(phrase))
    return question(c, "count", COUNT, call("count", find(phrase)), things=things, x=many(phrase))


def _count_is(c: Context, want: bool) -> Question | None:
    drawn = _draw_count(c)
    if drawn is None:
        return None
    phrase, count = drawn
    near = [n for n in (count - 1, count + 1, count + 2) if 2 <= n <= 10]
    told = count if want else c.one_of(near)
    if told < 2:
        return None
    program = call("equal", call("count", find(phrase)), call("number", argument=str(told)))
    there = f"there {'is' if count == 1 else 'are'} {some(phrase, count)}"
    return question(
        c,
        "count",
        COUNT_IS,
        program,
        want=want,
        things=tuple(c.view.fitting(phrase)),
        reason=there,
        n=number_word(told),
        x=many(phrase),
    )


def count(c: Context) -> Question | None:
    """How many cups are there? Are there two cups?"""
    return first_made(c, ((4, _count_open), (1, lambda c: yes_no(c, _count_is))))


#: What two counts are compared of: kinds, coloured things of two kinds, or groups.
STYLES = ("kind", "kind", "colour", "group")


def _count_pair(c: Context, style: str, equal: bool, absent: bool = True) -> tuple[Phrase, Phrase, int, int] | None:
    """Two phrases of a style that share no thing, their counts equal (above zero) or not, then the larger one first.

    Without ``absent`` both counts are above zero. The style is drawn before the answer, so that it does not tell it.
    """
    found = [(phrase, n) for phrase, n in countable(c) if _style(phrase) == style and (n or absent)]
    if absent and style != "group":
        colour = c.one_of(tuple(COLOURS)) if style == "colour" else None
        found.append((Phrase(absent_kind(c)[0], colour=colour), 0))
    pairs = [(p, q, n, m) for p, n in found for q, m in found if p.noun != q.noun and (n == m > 0 if equal else n > m)]
    return c.one_of(pairs) if pairs else None


def _style(phrase: Phrase) -> str | None:
    if phrase.noun == "thing":
        return None
    kind = phrase.noun in KIND_NAMES
    return ("kind" if phrase.colour is None else "colour") if kind else "group"


def _counts_reason(p: Phrase, q: Phrase, n: int, m: int) -> str:
    return f"there {'is' if n == 1 else 'are'} {some(p, n)} and {some(q, m)}"


def _more(c: Context, want: bool, style: str) -> Question | None:
    equal = not want and c.chance(0.3)
    pair = _count_pair(c, style, equal) or _count_pair(c, style, False)
    if pair is None:
        return None
    p, q, n, m = pair
    wordings, operation = (MORE, "more") if c.chance(0.6) else (FEWER, "fewer")
    if want != (operation == "more"):
        p, q, n, m = q, p, m, n
    program = call(operation, call("count", find(p)), call("count", find(q)))
    reason = _counts_reason(p, q, n, m)
    return question(c, "compare_count", wordings, program, want=want, reason=reason, x=many(p), y=many(q))


def _as_many(c: Context, want: bool, style: str) -> Question | None:
    pair = _count_pair(c, style, want)
    if pair is None:
        return None
    p, q, n, m = pair
    if c.chance(0.5):
        p, q, n, m = q, p, m, n
    program = call("equal", call("count", find(p)), call("count", find(q)))
    reason = _counts_reason(p, q, n, m)
    return question(c, "compare_count", AS_MANY, program, want=want, reason=reason, x=many(p), y=many(q))


def _which_more(c: Context, style: str) -> Question | None:
    pair = _count_pair(c, style, False, absent=False)
    if pair is None:
        return None
    p, q = pair[:2] if c.chance(0.5) else (pair[1], pair[0])
    program = call(
        "pick",
        call("more", call("count", find(p)), call("count", find(q))),
        call("word", argument=many(p)),
        call("word", argument=many(q)),
    )
    return question(c, "compare_count", WHICH_MORE, program, x=many(p), y=many(q))


def compare_count(c: Context) -> Question | None:
    """Are there more cups than balls? As many? What are there more of?"""
    style = c.one_of(STYLES)
    return first_made(
        c,
        (
            (4, lambda c: yes_no(c, partial(_more, style=style))),
            (2, lambda c: yes_no(c, partial(_as_many, style=style))),
            (1.5, lambda c: _which_more(c, style)),
        ),
    )


def _size_pairs(c: Context) -> list[tuple[tuple[int, Phrase], tuple[int, Phrase]]]:
    """Pairs of describable things, neither named by its size, the bigger one first."""
    told = c.describable("size")
    return [(x, y) for x in told for y in told if x[0] != y[0] and c.view.bigger(x[0], y[0])]


def _is_bigger(c: Context, want: bool) -> Question | None:
    pairs = _size_pairs(c)
    if not pairs:
        return None
    (i, p), (j, q) = c.one_of(pairs)
    bigger = c.chance(0.6)
    if want != bigger:
        (i, p), (j, q) = (j, q), (i, p)
    first, second = the_one(p), the_one(q)
    program = call("bigger", first, second) if bigger else call("bigger", second, first)
    wordings = BIGGER if bigger else SMALLER
    reason = None if want else f"{the(p)} is {'smaller' if bigger else 'bigger'}"
    return question(c, "compare_size", wordings, program, want=want, things=(i, j), reason=reason, x=the(p), y=the(q))


def _which_bigger(c: Context) -> Question | None:
    pairs = _size_pairs(c)
    if not pairs:
        return None
    (i, p), (j, q) = c.one_of(pairs)
    if c.chance(0.5):
        (i, p), (j, q) = (j, q), (i, p)
    bigger = c.chance(0.6)
    words = [call("word", argument=the(phrase)) for phrase in ((p, q) if bigger else (q, p))]
    program = call("pick", call("bigger", the_one(p), the_one(q)), *words)
    wordings = WHICH_BIGGER if bigger else WHICH_SMALLER
    return question(c, "compare_size", wordings, program, things=(i, j), x=the(p), y=the(q))


def compare_size(c: Context) -> Question | None:
    """Is the cup bigger than the ball? Which is bigger? Asked where sizes differ by name and clearly as drawn."""
    return first_made(c, ((3, lambda c: yes_no(c, _is_bigger)), (2, _which_bigger)))


def _odd_group(c: Context) -> Question | None:
    view = c.view
    for group in c.rng.sample(groups_with_noun(), len(groups_with_noun())):
        members = view.named(group)
        if len(members) >= 2 and len(view.things) - len(members) == 1 and _sure(c, group):
            (odd,) = set(view.indices) - set(members)
            program = call("name", only(call("except", THINGS, find(Phrase(group)))))
            return question(c, "odd_one_out", ODD_GROUP, program, things=(odd,), x=a(group), y=many(group))
    return None


def _odd_look(c: Context) -> Question | None:
    view = c.view
    if len(view.things) < 3 or not _sure(c, "thing"):
        return None
    for attribute in c.rng.sample(("colour", "pattern", "size"), 3):
        values = [getattr(thing, attribute) for thing in view.things]
        for value in sorted(set(values)):
            if values.count(value) == len(values) - 1:
                odd = next(i for i in view.indices if values[i] != value)
                like = call(attribute, THINGS, argument=value)
                program = call("name", only(call("except", THINGS, like)))
                return question(c, "odd_one_out", ODD_LOOK, program, things=(odd,), x=value)
    return None


def _listed(c: Context, missing: bool) -> Question | None:
    """Which of these three is (not) here?"""
    here = sorted(c.view.by_kind)
    if len(here) < (2 if missing else 1):
        return None
    odd = absent_kind(c)[0] if missing else c.one_of(here)
    others = c.rng.sample(here, 2) if missing else [absent_kind(c)[0], absent_kind(c)[0]]
    if others[0] == others[1]:
        return None
    options = [odd, *others]
    c.rng.shuffle(options)
    tests = [call("exists", find(Phrase(kind))) for kind in options[:2]]
    tests = [call("not", test) for test in tests] if missing else tests
    words = [call("word", argument=a(kind)) for kind in options]
    program = call("pick", tests[0], words[0], call("pick", tests[1], words[1], words[2]))
    x = join([a(kind) for kind in options], "or")
    return question(c, "odd_one_out", MISSING if missing else PRESENT, program, x=x)


def odd_one_out(c: Context) -> Question | None:
    """Which one is not an animal? Which one is not red? Which of these is not here?"""
    return first_made(
        c,
        (
            (6, _odd_group),
            (3, _odd_look),
            (2, lambda c: _listed(c, True)),
            (1, lambda c: _listed(c, False)),
        ),
    )
