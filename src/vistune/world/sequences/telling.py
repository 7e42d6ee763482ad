"""Stories in words: a sentence for each step, a caption for each picture, the whole told in order."""

from __future__ import annotations

import random

from vistune.world.language.captions import caption
from vistune.world.language.grammar import full_phrase, noun_phrase, the
from vistune.world.language.wordings import Wordings
from vistune.world.sequences.steps import Step
from vistune.world.sequences.story import Story
from vistune.world.vocabulary import KIND_BY_NAME

#: (action, sort of thing) -> how the step is told; ``{x}`` is "the red cup", ``{a}`` is "a red cup".
_ARRIVE: dict[str, Wordings] = {
    "person": Wordings(("{a} comes.", "{a} arrives."), ("{a} joins in.",)),
    "animal": Wordings(("{a} comes.", "{a} arrives."), ("{a} joins in.",)),
    "vehicle": Wordings(("{a} comes.", "{a} arrives."), ("{a} pulls up.",)),
    "other": Wordings(("{a} is put there.", "somebody brings {a}."), ("{a} is set down.",)),
}
_LEAVE: dict[str, Wordings] = {
    "person": Wordings(("{x} goes away.", "{x} leaves."), ("{x} walks off.",)),
    "animal": Wordings(("{x} goes away.", "{x} leaves."), ("{x} runs off.",)),
    "vehicle": Wordings(("{x} goes away.", "{x} leaves."), ("{x} drives off.",)),
    "other": Wordings(("{x} is taken away.", "somebody takes {x} away."), ("{x} is removed.",)),
}
_MOVE: dict[str, Wordings] = {
    "alive": Wordings(("{x} goes to the {v}.",), ("{x} walks to the {v}.",)),
    "other": Wordings(("{x} is moved to the {v}.",), ("{x} is pushed to the {v}.",)),
}
CHANGES: dict[str, Wordings] = {
    "broken": Wordings(("{x} is broken.", "{x} breaks."), ("{x} cracks.",)),
    "cut": Wordings(("{x} is cut.", "somebody cuts {x}."), ("{x} is sliced.",)),
    "bitten": Wordings(("somebody bites into {x}.", "{x} is bitten."), ("somebody takes a bite of {x}.",)),
    "open": Wordings(("{x} is opened.", "{x} opens."), ("{x} opens up.",)),
    "closed": Wordings(("{x} is closed.", "{x} closes."), ("{x} is shut.",)),
    "on": Wordings(("{x} is switched on.", "{x} goes on."), ("{x} lights up.",)),
    "off": Wordings(("{x} is switched off.", "{x} goes off."), ("{x} goes dark.",)),
    "full": Wordings(("{x} is filled.", "somebody fills {x}."), ("{x} becomes full.",)),
    "empty": Wordings(("{x} is emptied.", "somebody empties {x}."), ("{x} becomes empty.",)),
    "sleeping": Wordings(("{x} falls asleep.",), ("{x} goes to sleep.",)),
    "running": Wordings(("{x} begins to run.",), ("{x} starts running.",)),
    "waving": Wordings(("{x} begins to wave.", "{x} waves."), ("{x} raises a hand and waves.",)),
    "standing": Wordings(("{x} stands still.",), ("{x} is standing again.",)),
}
_WAKES = Wordings(("{x} wakes up.",), ("{x} gets up.",))
_CONNECT = Wordings(("then {s}", "next, {s}", "after that, {s}"), ("now {s}", "a moment later, {s}"))


def wording(story: Story, place: int) -> Wordings:
    """The ways to tell step number ``place``."""
    step = story.steps[place]
    kind = story.cast[step.who].kind
    if step.action in ("arrive", "leave"):
        group = KIND_BY_NAME[kind].group
        ways = _ARRIVE if step.action == "arrive" else _LEAVE
        return ways.get(group, ways["other"])
    if step.action == "move":
        return _MOVE["alive" if KIND_BY_NAME[kind].group in ("person", "animal") else "other"]
    if step.value == "standing" and story.stages[place].thing(step.who).state == "sleeping":
        return _WAKES
    return CHANGES[str(step.value)]


def slots(story: Story, step: Step) -> dict[str, str]:
    """What fills a step's wording."""
    phrase = story.names[step.who]
    return {"x": the(phrase), "a": noun_phrase(phrase), "v": str(step.value)}


def tell_step(story: Story, place: int, rng: random.Random, split: str = "train") -> str:
    """Step number ``place`` as a sentence."""
    return wording(story, place).pick(rng, split).format(**slots(story, story.steps[place]))


def plain_step(story: Story, place: int) -> str:
    """Step number ``place`` in its plainest words, without the full stop: the form that answers use."""
    return wording(story, place).train[0].format(**slots(story, story.steps[place])).rstrip(".")


def tell_story(story: Story, seed: int, split: str = "train") -> list[str]:
    """A text for each picture: the first describes the scene, each further one says what happened."""
    rng = random.Random(f"telling/{seed}/{story.seed}/{split}")
    texts = [caption(story.scenes[0], seed, "short", split)]
    for place in range(len(story.steps)):
        sentence = tell_step(story, place, rng, split)
        texts.append(_CONNECT.pick(rng, split).format(s=sentence) if place and rng.random() < 0.6 else sentence)
    return texts


def changed_words(story: Story, step: Step) -> str:
    """What a step changed, seen from the picture after it: ``the cup is gone``, ``the lamp is now off``."""
    phrase = story.names[step.who]
    if step.action == "arrive":
        return f"{noun_phrase(full_phrase(story.cast[step.who]))} is new"
    if step.action == "leave":
        return f"{the(phrase)} is gone"
    if step.action == "move":
        return f"{the(phrase)} is now farther to the {step.value}"
    return f"{the(phrase)} is now {step.value}"
