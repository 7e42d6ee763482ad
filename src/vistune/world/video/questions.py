"""Questions about clips: what happens, when, in which order, to whom, how often, how fast."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations

from vistune.world.language.wordings import Wordings
from vistune.world.program import Program, call
from vistune.world.questions.question import Asker, Question, draw_questions, question, yes_no
from vistune.world.video.clip import Clip
from vistune.world.video.view import DEEDS, ClipView, deed, view_of_clip
from vistune.world.vocabulary import KIND_BY_NAME

C = Asker[ClipView]
EVENTS = call("events")

_DOES = Wordings(("what does {x} do?", "what happens to {x}?"), ("what is it that {x} does?",))
_WHICH_WAY = Wordings(
    ("in which direction does {x} move?", "where does {x} move: left or right?"), ("to which side does {x} go?",)
)
_BEFORE = Wordings(
    ("is it true that first {a}, and later {b}?", "first {a}, later {b}: is that the order?"),
    ("does the video show that {a} before {b}?",),
)
_FIRST = Wordings(("what happens first: {a}, or {b}?",), ("which comes earlier: {a}, or {b}?",))
_AFTER = Wordings(("{s}. what happens next: {a}, or {b}?",), ("what comes right after this: {s}? {a}, or {b}?",))
_MOVES_FIRST = Wordings(("who acts {w}: {a} or {b}?",), ("which does something {w}: {a} or {b}?",))
_WHEN = Wordings(
    ("{s}. is that at the beginning, in the middle or at the end?",),
    ("{s}. in which part of the video: beginning, middle or end?",),
)
_HOW_MANY = Wordings(("how many things {v}?",), ("count the things that {v}.",))
_THERE = Wordings(
    ("how many {xs} are there at the {w}?", "how many {xs} can you see at the {w}?"), ("count the {xs} at the {w}.",)
)
_DID = Wordings(("does something happen to {x}?", "is {x} part of what happens?"), ("does {x} have a part in it?",))
_WHILE = Wordings(("{a}. {b}. does that happen at the same time?",), ("{a}. {b}. is one going on while the other is?",))
_FASTER = Wordings(("which moves faster: {a} or {b}?",), ("which is quicker: {a} or {b}?",))
_MET = Wordings(("what does {x} {v}: {a} or {b}?",), ("which of the two does {x} {v}: {a} or {b}?",))
_CAUSE = Wordings(("what makes {x} move: {a} or {b}?",), ("{x} is pushed. who pushes it: {a} or {b}?",))
_STATE = Wordings(("is {x} {s} at the {w}?",), ("at the {w}, is {x} {s}?",))

#: Answer -> how easily it is found, fitted on clips of the flat prior until all answers came alike often.
_EASE_DOES = {"moves": 0.522, "jumps": 0.292, "grows": 0.449, "shrinks": 0.571, "appears": 0.825, "disappears": 1.0}
_EASE_PART = {"the beginning": 1.0, "the middle": 0.72, "the end": 0.33}
#: Deed -> number of things that do it -> how often that is so, in clips of the flat prior.
_OFTEN_DONE = {
    "appears": {0: 0.63, 1: 0.335, 2: 0.035}, "disappears": {0: 0.547, 1: 0.409, 2: 0.043},
    "grows": {0: 0.763, 1: 0.225, 2: 0.011}, "jumps": {0: 0.822, 1: 0.171, 2: 0.007},
    "moves": {0: 0.665, 1: 0.299, 2: 0.036}, "shrinks": {0: 0.689, 1: 0.284, 2: 0.027},
}  # fmt: skip
#: The same for how many of a kind are there, at the start and at the end.
_EASE_THERE = {"start": {0: 0.276, 1: 0.44, 2: 0.067}, "end": {0: 0.414, 1: 0.327, 2: 0.048}}


def even(c: C, ease: dict):
    """A wanted answer, such that all are asked for equally often; None to pass."""
    wanted = c.one_of(tuple(ease))
    return wanted if c.chance(min(ease.values()) / ease[wanted]) else None


def event(c: C, number: int) -> Program:
    """An event by its sentence."""
    return call("event", argument=c.view.sentences[number])


def thing(c: C, number: int) -> Program:
    """A thing by its name."""
    return call("thing", argument=c.view.name[number])


def word(text: str) -> Program:
    """A fixed text."""
    return call("word", argument=text)


def _either(c: C, type: str, wordings: Wordings, test: Program, a: str, b: str) -> Question | None:
    """Which of two texts fits; a question whose choices are these."""
    asked = question(c, type, wordings, call("pick", test, word(a), word(b)), a=a, b=b)
    return None if asked is None else replace(asked, choices=(a, b))


def _told(c: C) -> list[int]:
    """Events that have a sentence of their own."""
    return [k for k in range(len(c.view.events)) if c.view.unique(k)]


def does(c: C) -> Question | None:
    """What a thing does that has a part in one event only; the deed is drawn first."""
    wanted = even(c, _EASE_DOES)
    fits = [e.who for e in c.view.events if deed(e) == wanted and len(c.view.about(e.who)) == 1]
    if not fits:
        return None
    who = c.one_of(fits)
    program = call("deed_of", call("only", call("about", thing(c, who))))
    return question(c, "does", _DOES, program, things=(who,), x=c.view.name[who])


def direction(c: C) -> Question | None:
    """Left or right, of what changes its place once."""
    alone = [e for e in c.view.events if e.action == "move" and len(c.view.moving(e.who)) == 1]
    if not alone:
        return None
    who = c.one_of(alone).who
    moved = call("only", call("moving", thing(c, who)))
    asked = question(c, "direction", _WHICH_WAY, call("direction", moved), things=(who,), x=c.view.name[who])
    return None if asked is None else replace(asked, choices=("left", "right"))


def _pair(c: C) -> tuple[int, int] | None:
    """Two events of different things, in either order: of one thing, the order may follow from what they are."""
    pairs = [
        (i, j)
        for i, j in permutations(_told(c), 2)
        if not {c.view.events[i].who, c.view.events[i].other} & {c.view.events[j].who, c.view.events[j].other} - {None}
    ]
    return c.one_of(pairs) if pairs else None


def order(c: C) -> Question | None:
    """Whether one happens before the other."""
    pair = _pair(c)
    if pair is None:
        return None
    a, b = (c.view.sentences[k] for k in pair)
    return question(c, "order", _BEFORE, call("before", event(c, pair[0]), event(c, pair[1])), a=a, b=b)


def first(c: C) -> Question | None:
    """Which of two happens first."""
    pair = _pair(c)
    if pair is None:
        return None
    a, b = (c.view.sentences[k] for k in pair)
    return _either(c, "first", _FIRST, call("before", event(c, pair[0]), event(c, pair[1])), a, b)


def after(c: C) -> Question | None:
    """What happens right after an event: that, or something that does not."""
    pair = _pair(c)
    if pair is None or len(c.view.events) < 3:
        return None
    rest = [k for k in _told(c) if k not in pair and c.view.events[k].who not in [c.view.events[p].who for p in pair]]
    if not rest:
        return None
    k = c.one_of(rest)
    a, b = (c.view.sentences[p] for p in pair)
    following = call("told", call("next", event(c, k)))
    asked = question(c, "after", _AFTER, following, s=c.view.sentences[k], a=a, b=b)
    return None if asked is None or asked.answer not in (a, b) else replace(asked, choices=(a, b))


def acts_first(c: C) -> Question | None:
    """Who acts first, or last, of all: the one that does or another that acts."""
    which = c.one_of(("first", "last"))
    actors = sorted({e.who for e in c.view.events})
    if len(actors) < 2:
        return None
    program = call("actor", call(which, EVENTS))
    pair = c.rng.sample(actors, 2)
    a, b = (c.view.name[k] for k in pair)
    asked = question(c, "acts_first", _MOVES_FIRST, program, w=which, a=a, b=b)
    return None if asked is None or asked.answer not in (a, b) else replace(asked, choices=(a, b))


def part(c: C) -> Question | None:
    """In which third of the clip an event is; the third is drawn first."""
    wanted = even(c, _EASE_PART)
    if wanted is None:
        return None
    told = _told(c)
    c.rng.shuffle(told)
    for k in told:
        asked = question(c, "part", _WHEN, call("part", event(c, k)), s=c.view.sentences[k])
        if asked is not None and asked.answer == wanted:
            return asked
    return None


def number(c: C) -> Question | None:
    """How many different things do something; of each deed every number is asked for alike often."""
    chosen = c.one_of(tuple(_OFTEN_DONE))
    often = _OFTEN_DONE[chosen]
    done = len({e.who for e in c.view.events if e.action == DEEDS[chosen]})
    if done not in often or not c.chance(min(often.values()) / often[done]):
        return None
    program = call("count", Program("doers", (EVENTS,), chosen))
    return question(c, "number", _HOW_MANY, program, v=chosen.removesuffix("s"))


def there(c: C) -> Question | None:
    """How many of a kind there are at the start or at the end, where these differ; the number is drawn first."""
    when = c.one_of(("start", "end"))
    wanted = even(c, _EASE_THERE[when])
    kinds = sorted({t.kind for t in c.view.clip.cast})
    changed = [k for k in kinds if _number(c, k, "start") != _number(c, k, "end") and _number(c, k, when) == wanted]
    if not changed:
        return None
    kind = c.one_of(changed)
    program = call("count", Program("kind", (call("present", argument=when),), kind))
    return question(c, "there", _THERE, program, xs=KIND_BY_NAME[kind].plural, w=when)


def _number(c: C, kind: str, when: str) -> int:
    return sum(c.view.clip.cast[k].kind == kind for k in c.view.present(when))


def takes_part(c: C) -> Question | None:
    """Whether anything happens to a thing; its kind says nothing of it."""

    def make(c: C, want: bool) -> Question | None:
        active = {k for e in c.view.events for k in (e.who, e.other) if k is not None}
        found = [k for k in range(len(c.view.clip.cast)) if (k in active) == want]
        if not found:
            return None
        k = c.one_of(found)
        events = call("exists", call("about", thing(c, k)))
        return question(c, "takes_part", _DID, events, want=want, things=(k,), x=c.view.name[k])

    return yes_no(c, make)


def together(c: C) -> Question | None:
    """Whether two events overlap in time."""

    def make(c: C, want: bool) -> Question | None:
        pair = _pair(c)
        if pair is None or any(c.view.events[k].action == "change" for k in pair):
            return None
        a, b = (c.view.sentences[k] for k in pair)
        asked = question(c, "together", _WHILE, call("during", event(c, pair[0]), event(c, pair[1])), a=a, b=b)
        return asked if asked is not None and asked.answer == ("yes" if want else "no") else None

    want = c.chance(0.5)
    # Things that happen one after the other are far more common.
    return make(c, want) if want or c.chance(TOGETHER) else None


#: Share of the questions about events one after the other that are asked, so that "yes" and "no" are alike.
TOGETHER = 0.68


def faster(c: C) -> Question | None:
    """The faster of two things that change their places once each."""
    moves = [k for k, e in enumerate(c.view.events) if e.action in ("move", "bump") and len(c.view.moving(e.who)) == 1]
    pairs = [(i, j) for i, j in permutations(moves, 2) if c.view.events[i].who != c.view.events[j].who]
    pairs = [(i, j) for i, j in pairs if c.view.unique(i) and c.view.unique(j)]
    if not pairs:
        return None
    i, j = c.one_of(pairs)
    a, b = c.view.name[c.view.events[i].who], c.view.name[c.view.events[j].who]
    return _either(c, "faster", _FASTER, call("faster", event(c, i), event(c, j)), a, b)


def met(c: C) -> Question | None:
    """What a thing bumps into: that, or another thing in the clip (STAR: interaction)."""
    return _partner(c, "met", _MET, ("bump",), lambda e: (e.who, e.other))


def cause(c: C) -> Question | None:
    """Who makes a thing move: who bumps into it, or another thing (STAR: causes)."""
    return _partner(c, "cause", _CAUSE, ("bump",), lambda e: (e.other, e.who))


def _partner(c: C, type: str, wordings: Wordings, actions: tuple[str, ...], roles: Callable) -> Question | None:
    events = [k for k in _told(c) if c.view.events[k].action in actions]
    if not events:
        return None
    k = c.one_of(events)
    asked_about, right = roles(c.view.events[k])
    wrong = [n for n in range(len(c.view.clip.cast)) if n not in (asked_about, right) and _may_bump(c, n, right)]
    if not wrong:
        return None
    other = c.one_of(wrong)
    options = (right, other) if c.chance(0.5) else (other, right)
    a, b = (c.view.name[n] for n in options)
    program = call("name", call("met", event(c, k))) if type == "met" else call("actor", event(c, k))
    asked = question(c, type, wordings, program, x=c.view.name[asked_about], v="bump into", a=a, b=b)
    return None if asked is None else replace(asked, choices=(a, b))


def _may_bump(c: C, who: int, like: int) -> bool:
    """Whether a thing could have bumped, or been bumped into, as well as another: kites and what carries others never do,
    and what swims meets what swims.
    """
    cast = c.view.clip.cast
    places = [KIND_BY_NAME[cast[n].kind].place for n in (who, like)]
    free = cast[who].support is None and all(thing.support != who for thing in cast)
    return free and "sky" not in places and places.count("water") != 1


def state(c: C) -> Question | None:
    """A state at the start or at the end, of what changes it."""

    def make(c: C, want: bool) -> Question | None:
        changes = [e for e in c.view.events if e.action == "change"]
        if not changes:
            return None
        e, when = c.one_of(changes), c.one_of(("start", "end"))
        states = [c.view.clip.cast[e.who].state, e.value]
        program = Program("state", (thing(c, e.who),), when)
        for value in c.rng.sample(states, 2):
            test = Program("is", (program,), str(value))
            asked = question(c, "state", _STATE, test, want=want, x=c.view.name[e.who], s=str(value), w=when)
            if asked is not None:
                return asked
        return None

    return yes_no(c, make)


MAKERS: dict[str, Callable[[C], Question | None]] = {
    "does": does, "direction": direction, "order": order, "first": first, "after": after, "acts_first": acts_first,
    "part": part, "number": number, "there": there, "takes_part": takes_part, "together": together, "faster": faster,
    "met": met, "cause": cause, "state": state,
}  # fmt: skip


def ask(clip: Clip, seed: int, types: Sequence[str] | None = None, n: int = 1, split: str = "train") -> list[Question]:
    """Up to ``n`` different questions about a clip (see ``vistune.world.questions.ask``)."""
    rng = random.Random(f"video question/{seed}/{clip.seed}/{split}")
    return draw_questions(Asker(view_of_clip(clip), rng, split), MAKERS, types, n)
