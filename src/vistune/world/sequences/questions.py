"""Questions about sequences of pictures: what happens when, what changed, what another view shows."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from vistune.world.language.grammar import the
from vistune.world.language.wordings import Wordings
from vistune.world.program import Program, call
from vistune.world.questions.question import Asker, Question, draw_questions, question, yes_no
from vistune.world.sequences.steps import FINAL_STATES, Stage
from vistune.world.sequences.story import Story
from vistune.world.sequences.view import ORDINALS, StoryView, view_of_story
from vistune.world.vocabulary import KIND_BY_NAME

C = Asker[StoryView]
Maker = Callable[[C], "Question | None"]
PICTURES = call("pictures")

_WHEN = Wordings(("in which picture has this just happened: {s}?", "which picture comes right after this: {s}?"),
                 ("what is the first picture in which this is done: {s}?",))  # fmt: skip
_FIRST = Wordings(("what happens first: {a} or {b}?",), ("which of the two is earlier: {a} or {b}?",))
_BEFORE = Wordings(("does this happen first: {a}, and then this: {b}?",), ("is it in this order: {a}, later {b}?",))
_NEXT = Wordings(
    ("what happens right after this: {s}?", "this happens: {s}. what comes next?"), ("what follows this: {s}?",)
)
_SHOWN = Wordings(("how many pictures show {x}?", "in how many pictures is {x}?"), ("how often can {x} be seen?",))
_THERE = Wordings(
    ("is {x} in the {o} picture?", "can you see {x} in the {o} picture?"), ("does the {o} picture show {x}?",)
)
_STATE = Wordings(("is {x} {v} in the {o} picture?",), ("in the {o} picture, is {x} {v}?",))
_ANY = Wordings(
    ("did anything change between the pictures?", "are the two pictures different?"), ("is there a difference?",)
)
_WHAT = Wordings(("what changed?", "what is different in the second picture?"), ("name the difference.",))
_HOW_MANY = Wordings(("how many things changed?", "how many differences are there?"), ("count the differences.",))
_GONE = Wordings(("what is gone in the second picture?",), ("what has been taken away?",))
_WHERE = Wordings(
    ("where is the change: left, middle or right?",), ("in which third is the difference: left, middle or right?",)
)
_CAMERA = Wordings(("did the camera move to the left or right?", "which way did the camera go: left or right?"),
                   ("was the camera moved left or right?",))  # fmt: skip
_NEARER = Wordings(("which is nearer to the camera: {a} or {b}?",), ("what is closer to us: {a} or {b}?",))
_STILL = Wordings(
    ("is {x} of the first picture also in the second one?",), ("can {x} still be seen in the second picture?",)
)


def ordinal(picture: int) -> Program:
    """A picture by its number."""
    return call("number", argument=str(picture))


def thing(c: C, who: int) -> Program:
    """One of the cast."""
    return call("thing", argument=the(c.view.story.names[who]))


def when(c: C) -> Question | None:
    """The picture after a step. The place is drawn first, so that late ones are asked for too."""
    place = c.one_of(range(1, len(ORDINALS)))
    if not surprising(c) or place > len(c.view.sentences) or not c.view.unique(c.view.sentences[place - 1]):
        return None
    sentence = c.view.sentences[place - 1]
    return question(c, "when", _WHEN, call("ordinal", call("when", argument=sentence)), s=sentence)


def surprising(c: C) -> bool:
    """Whether the order of the steps cannot be guessed: recipes have a usual one, which the flat prior must not use."""
    return c.view.story.theme == "free" or c.view.story.scenes[0].prior != "flat"


def _two_steps(c: C) -> tuple[str, str] | None:
    """Two steps of one sort about two things: by their words alone either could come first."""
    steps, told = c.view.story.steps, c.view.sentences
    pairs = [
        (told[i], told[j])
        for i in range(len(told))
        for j in range(len(told))
        if steps[i].who != steps[j].who
        and steps[i].action == steps[j].action
        and c.view.unique(told[i])
        and c.view.unique(told[j])
    ]
    return c.one_of(pairs) if pairs and surprising(c) else None


def either(asked: Question | None, *choices: str) -> Question | None:
    """A question that names its two possible answers."""
    return None if asked is None else replace(asked, choices=choices)


def order(c: C) -> Question | None:
    """The earlier of two steps."""
    pair = _two_steps(c)
    if pair is None:
        return None
    a, b = (call("when", argument=sentence) for sentence in pair)
    words = [call("word", argument=sentence) for sentence in pair]
    return either(question(c, "order", _FIRST, call("pick", call("before", a, b), *words), a=pair[0], b=pair[1]), *pair)


def before(c: C) -> Question | None:
    """Whether two steps come in this order."""
    pair = _two_steps(c)
    if pair is None:
        return None
    a, b = (call("when", argument=sentence) for sentence in pair)
    return question(c, "before", _BEFORE, call("before", a, b), a=pair[0], b=pair[1])


def following(c: C) -> Question | None:
    """The step after a step."""
    if len(c.view.sentences) < 2 or not surprising(c):
        return None
    sentence = c.one_of(c.view.sentences[:-1])
    after = call("happened", call("next", call("when", argument=sentence)))
    return question(c, "next", _NEXT, after, s=sentence)


def shown(c: C) -> Question | None:
    """In how many pictures a thing is; the number is drawn first."""
    wanted = c.one_of(range(1, len(ORDINALS) + 1))
    fitting = [who for who in range(len(c.view.story.cast)) if len(c.view.present(who)) == wanted]
    if not fitting or not surprising(c):
        return None
    who = c.one_of(fitting)
    program = call("count", call("present", thing(c, who)))
    return question(c, "shown", _SHOWN, program, x=the(c.view.story.names[who]))


def there(c: C) -> Question | None:
    """Whether a thing is in a picture; the picture is drawn first, so that late ones say nothing."""
    k = c.one_of(c.view.pictures)
    if not surprising(c):
        return None

    def make(c: C, want: bool) -> Question | None:
        fitting = [who for who in range(len(c.view.story.cast)) if (k in c.view.present(who)) is want]
        if not fitting:
            return None
        who = c.one_of(fitting)
        program = call("among", ordinal(k), call("present", thing(c, who)))
        return question(c, "there", _THERE, program, want=want, x=the(c.view.story.names[who]), o=ORDINALS[k])

    return yes_no(c, make)


def state_at(c: C) -> Question | None:
    """Whether a thing is in a state in a picture: things whose state changes, and could change back."""
    story = c.view.story
    changing = [step.who for step in story.steps if step.action == "change" and step.value not in FINAL_STATES]
    if not changing or not surprising(c):
        return None
    who = c.one_of(changing)
    k = c.one_of(c.view.present(who))
    states = KIND_BY_NAME[story.cast[who].kind].states

    def make(c: C, want: bool) -> Question | None:
        now = story.stages[k].thing(who).state
        state = c.one_of([name for name in states if (name == now) is want])
        program = call("among", ordinal(k), Program("in_state", (thing(c, who),), state))
        return question(c, "state_at", _STATE, program, want=want, x=the(story.names[who]), v=state, o=ORDINALS[k])

    return yes_no(c, make)


def any_change(c: C) -> Question | None:
    """Whether two pictures differ. Three of four pairs do: two thirds of these are passed over."""
    if c.view.story.steps and c.view.story.seed % 3:
        return None
    return question(c, "any_change", _ANY, call("exists", call("changed", argument="any")))


def what_changed(c: C) -> Question | None:
    """The one change in words."""
    if len(c.view.story.steps) != 1:
        return None
    return question(c, "what_changed", _WHAT, call("change_in_words", call("only", call("changed", argument="any"))))


def how_many_changed(c: C) -> Question | None:
    """The number of changes."""
    return question(c, "how_many_changed", _HOW_MANY, call("count", call("changed", argument="any")))


def gone(c: C) -> Question | None:
    """The one thing that is gone."""
    if sum(step.action == "leave" for step in c.view.story.steps) != 1:
        return None
    return question(c, "gone", _GONE, call("about", call("only", call("changed", argument="leave"))))


def where(c: C) -> Question | None:
    """The third of the picture in which the one change is; the third is drawn first."""
    wanted = c.one_of(("left", "middle", "right"))
    if len(c.view.story.steps) != 1:
        return None
    asked = question(c, "where", _WHERE, call("where", call("only", call("changed", argument="any"))))
    return asked if asked is not None and asked.answer == wanted else None


def camera(c: C) -> Question | None:
    """Which way the camera moved between two views."""
    if len(c.view.pictures) != 2:
        return None
    return question(c, "camera", _CAMERA, call("camera", ordinal(1)))


def nearer(c: C) -> Question | None:
    """Which of two things is nearer, as their shift between the views shows."""
    stage = c.view.story.stages[0]
    # What flies is far and what swims is not: only things of one place are compared.
    pairs = [(a, b) for a in stage.who for b in stage.who if a != b and _place(stage, a) == _place(stage, b)]
    if not pairs:
        return None
    a, b = c.one_of(pairs)
    x, y = (the(c.view.story.names[who]) for who in (a, b))
    test = call("nearer", thing(c, a), thing(c, b))
    words = call("word", argument=x), call("word", argument=y)
    return either(question(c, "nearer", _NEARER, call("pick", test, *words), a=x, b=y), x, y)


def _place(stage: Stage, who: int) -> str:
    return KIND_BY_NAME[stage.thing(who).kind].place


def still(c: C) -> Question | None:
    """Whether a thing is in the second view too."""

    def make(c: C, want: bool) -> Question | None:
        fitting = [who for who in c.view.story.stages[0].who if (1 in c.view.present(who)) is want]
        if len(c.view.pictures) != 2 or not fitting:
            return None
        who = c.one_of(fitting)
        program = call("among", ordinal(1), call("present", thing(c, who)))
        return question(c, "still", _STILL, program, want=want, x=the(c.view.story.names[who]))

    return yes_no(c, make)


#: Types for stories, for changes and for views.
STORY_MAKERS: dict[str, Maker] = {
    "when": when, "order": order, "before": before, "next": following, "shown": shown, "there": there,
    "state_at": state_at,
}  # fmt: skip
CHANGE_MAKERS: dict[str, Maker] = {
    "any_change": any_change, "what_changed": what_changed, "how_many_changed": how_many_changed, "gone": gone,
    "where": where,
}  # fmt: skip
VIEW_MAKERS: dict[str, Maker] = {"camera": camera, "nearer": nearer, "still": still}
MAKERS: dict[str, Maker] = {**STORY_MAKERS, **CHANGE_MAKERS, **VIEW_MAKERS}


def makers_for(story: Story) -> Mapping[str, Maker]:
    """The types that fit a sequence."""
    return {"change": CHANGE_MAKERS, "views": VIEW_MAKERS}.get(story.theme, STORY_MAKERS)


def ask(
    story: Story, seed: int, types: Sequence[str] | None = None, n: int = 1, split: str = "train"
) -> list[Question]:
    """Up to ``n`` different questions about a sequence (see ``vistune.world.questions.ask``).

    Raises:
        ConfigError: a type that this sort of sequence does not have.
    """
    rng = random.Random(f"{story.theme}/{seed}/{story.seed}/{split}")
    return draw_questions(Asker(view_of_story(story), rng, split), makers_for(story), types, n)
