"""What programs about sequences of pictures run on, and their steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from vistune.world.annotate import boxes
from vistune.world.language.grammar import the
from vistune.world.program import COMMON, Ambiguous, Operation, plain
from vistune.world.sequences.story import Story
from vistune.world.sequences.telling import changed_words, plain_step

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
#: Depths that differ by less than this are not compared.
CLEARLY_NEARER = 0.12
#: Thirds of a picture: a centre this near to a border is in neither.
BORDER = 0.06


class StoryView:
    """A story with its facts worked out once. Pictures, things and steps are numbers from 0."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.pictures = tuple(range(len(story.stages)))
        self.told = {the(name): number for number, name in enumerate(story.names)}
        told = story.theme not in ("views", "change")
        self.sentences = tuple(plain_step(story, place) for place in range(len(story.steps))) if told else ()

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The steps of programs about sequences."""
        return OPERATIONS

    def unique(self, sentence: str) -> bool:
        """Whether a step's sentence fits that step alone."""
        return self.sentences.count(sentence) == 1

    def present(self, who: int) -> tuple[int, ...]:
        """Pictures in which a thing is."""
        return tuple(k for k in self.pictures if who in self.story.stages[k].who)


@lru_cache(maxsize=256)
def view_of_story(story: Story) -> StoryView:
    """The view of a story, kept."""
    return StoryView(story)


def _thing(view: StoryView, _doubt: bool, _values: tuple, words: str) -> int:
    if words not in view.told:
        raise Ambiguous(f"'{words}' is not in this story.")
    return view.told[words]


def _in_state(view: StoryView, _doubt: bool, values: tuple, state: str) -> tuple[int, ...]:
    (who,) = values
    return tuple(k for k in view.present(who) if view.story.stages[k].thing(who).state == state)


def _when(view: StoryView, _doubt: bool, _values: tuple, sentence: str) -> int:
    """The picture after the step that is told so."""
    if not view.unique(sentence):
        raise Ambiguous(f"'{sentence}' happens never or more than once.")
    return view.sentences.index(sentence) + 1


def _happened(view: StoryView, _doubt: bool, values: tuple, _argument: None) -> str:
    (picture,) = values
    if not 1 <= picture <= len(view.sentences):
        raise Ambiguous("Nothing happens there.")
    return str(view.sentences[picture - 1])


def _ordinal(picture: int) -> str:
    return f"the {ORDINALS[picture]}"


def _extreme(choose: Callable) -> Callable:
    def run(found: tuple[int, ...]) -> int:
        if not found:
            raise Ambiguous("There is none.")
        return choose(found)

    return run


def _changed(view: StoryView, _doubt: bool, _values: tuple, action: str) -> tuple[int, ...]:
    return tuple(k for k, step in enumerate(view.story.steps) if action in ("any", step.action))


def _words(view: StoryView, _doubt: bool, values: tuple, _argument: None) -> str:
    ((step,),) = values
    return changed_words(view.story, view.story.steps[step])


def _about(view: StoryView, _doubt: bool, values: tuple, _argument: None) -> str:
    ((step,),) = values
    return the(view.story.names[view.story.steps[step].who])


def _where(view: StoryView, _doubt: bool, values: tuple, _argument: None) -> str:
    """The third of the picture in which a changed thing is (was, if it is gone), by its box at 64 px."""
    ((step,),) = values
    change = view.story.steps[step]
    if change.action == "move":
        raise Ambiguous("What moves is in two places.")
    stage = view.story.stages[0 if change.action == "leave" else -1]
    x0, _, x1, _ = boxes(stage.scene)[stage.index(change.who)]
    middle = (x0 + x1) / 128
    if min(abs(middle - 1 / 3), abs(middle - 2 / 3)) < BORDER:
        raise Ambiguous("It lies between two thirds.")
    return ("left", "middle", "right")[int(3 * middle)]


def _camera(view: StoryView, _doubt: bool, values: tuple, _argument: None) -> str:
    (picture,) = values
    return str(view.story.steps[picture - 1].value)


def _nearer(view: StoryView, doubt: bool, values: tuple, _argument: None) -> bool:
    first, second = (view.story.cast[who].depth for who in values)
    return doubt if abs(first - second) < CLEARLY_NEARER else first < second


OPERATIONS: dict[str, Operation] = {
    **COMMON,
    "pictures": Operation(0, False, lambda view, _d, _v, _x: view.pictures),
    "thing": Operation(0, True, _thing),
    "present": Operation(1, False, lambda view, _d, values, _x: view.present(values[0])),
    "in_state": Operation(1, True, _in_state),
    "things_in": Operation(1, False, lambda view, _d, values, _x: view.story.stages[values[0]].who),
    "when": Operation(0, True, _when),
    "happened": Operation(1, False, _happened),
    "next": Operation(1, False, plain(lambda picture: picture + 1)),
    "first": Operation(1, False, plain(_extreme(min))),
    "last": Operation(1, False, plain(_extreme(max))),
    "ordinal": Operation(1, False, plain(_ordinal)),
    "before": Operation(2, False, plain(lambda a, b: a < b)),
    "among": Operation(2, False, plain(lambda a, b: a in b)),
    "changed": Operation(0, True, _changed),
    "change_in_words": Operation(1, False, _words),
    "about": Operation(1, False, _about),
    "where": Operation(1, False, _where),
    "camera": Operation(1, False, _camera),
    "nearer": Operation(2, False, _nearer, doubtful=True),
}
