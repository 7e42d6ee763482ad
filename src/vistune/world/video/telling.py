"""Clips in words: a sentence for each event, the whole in order, and times."""

from __future__ import annotations

import random

from vistune.world.language.captions import caption
from vistune.world.language.grammar import noun_phrase, the
from vistune.world.language.wordings import Wordings
from vistune.world.sequences.telling import CHANGES
from vistune.world.video.clip import Clip, Event

#: Action -> how it is told; ``{y}`` is the other thing, ``{v}`` the direction.
_TELL: dict[str, Wordings] = {
    "move": Wordings(("{x} moves to the {v}.",), ("{x} goes over to the {v}.",)),
    "bump": Wordings(("{x} bumps into {y}.", "{x} runs into {y}."), ("{x} hits {y}.",)),
    "arrive": Wordings(("{x} appears.", "{x} comes up."), ("{x} turns up.",)),
    "leave": Wordings(("{x} disappears.", "{x} is gone."), ("{x} vanishes.",)),
    "jump": Wordings(("{x} jumps.", "{x} jumps up."), ("{x} hops.",)),
    "fly": Wordings(("{x} flies away.", "{x} flies off."), ("{x} goes up into the sky.",)),
    "grow": Wordings(("{x} grows.", "{x} gets bigger."), ("{x} becomes larger.",)),
    "shrink": Wordings(("{x} shrinks.", "{x} gets smaller."), ("{x} becomes little.",)),
    "pick up": Wordings(("{x} picks up {y}.", "{x} takes {y}."), ("{x} grabs {y}.",)),
}
_THEN = Wordings(("then {s}", "after that, {s}"), ("a little later, {s}",))
_MEANWHILE = Wordings(("meanwhile, {s}",), ("at the same time, {s}",))


def wording(event: Event) -> Wordings:
    """The ways to tell an event."""
    return CHANGES[str(event.value)] if event.action == "change" else _TELL[event.action]


def slots(clip: Clip, event: Event) -> dict[str, str]:
    """What fills an event's wording."""
    other = "" if event.other is None else the(clip.names[event.other])
    name = clip.names[event.who]
    return {"x": the(name), "a": noun_phrase(name), "v": str(event.value), "y": other}


def plain_event(clip: Clip, event: Event) -> str:
    """An event in its plainest words, without the full stop: the form that questions and answers use."""
    return wording(event).train[0].format(**slots(clip, event)).rstrip(".")


def tell_event(clip: Clip, event: Event, rng: random.Random, split: str = "train") -> str:
    """An event as a sentence."""
    return wording(event).pick(rng, split).format(**slots(clip, event))


def short_caption(clip: Clip, seed: int, split: str = "train") -> str:
    """What happens, without the scene."""
    rng = random.Random(f"video caption/{seed}/{clip.seed}/{split}")
    return " ".join(_sentences(clip, rng, split))


def long_caption(clip: Clip, seed: int, split: str = "train") -> str:
    """The first frame, then what happens, in order."""
    rng = random.Random(f"video caption/{seed}/{clip.seed}/{split}")
    return " ".join([caption(clip.scenes[0], seed, "short", split), *_sentences(clip, rng, split)])


def _sentences(clip: Clip, rng: random.Random, split: str) -> list[str]:
    told = []
    for place, event in enumerate(clip.events):
        sentence = tell_event(clip, event, rng, split)
        if place and event.start < clip.events[place - 1].end:
            sentence = _MEANWHILE.pick(rng, split).format(s=sentence)
        elif place and rng.random() < 0.6:
            sentence = _THEN.pick(rng, split).format(s=sentence)
        told.append(sentence)
    return told


def frames_of(event: Event) -> tuple[int, int]:
    """The first and last frame, counted from 1, whose picture the event changes."""
    return event.start + 2, event.end + 1


def seconds_of(clip: Clip, event: Event) -> tuple[float, float]:
    """When an event begins and ends, in seconds."""
    return event.start / clip.fps, event.end / clip.fps


def frames_words(event: Event) -> str:
    """``frames 3 to 6`` or ``frame 3``."""
    first, last = frames_of(event)
    return f"frame {first}" if first == last else f"frames {first} to {last}"
