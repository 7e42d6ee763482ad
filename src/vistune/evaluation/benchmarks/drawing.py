"""A drawing brought nearer to another one: the task genetic programmer of guided dialogues (see ``guides``)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from vistune.data.example import ImageSource
from vistune.evaluation.benchmarks import nano
from vistune.evaluation.benchmarks.dialogues import Turn, named, number_turn
from vistune.world.language.grammar import is_person
from vistune.world.scene import Scene

#: (thing, "colour" or "pattern", value)
Change = tuple[int, str, str]
_CHANGES = 3


@dataclass(frozen=True)
class Drawing:
    """A drawing that differs from a goal in two colours and two patterns: three changes, one at a time, each of which must bring it
    nearer; the third one of a sort that the guide asks for.

    What is chosen is done, good or bad, and the drawing is shown anew. ``nearer``: how many differences are gone in the end.
    """

    goal: Scene
    start: Scene
    size: int
    seed: int

    def turn(self, said: Sequence[str]) -> Turn | None:
        """Changes, then how much still differs, then what was changed first."""
        scene, done = self._changed(said)
        if len(said) < _CHANGES:
            return self._choice(scene, len(said))
        left = len({k for k, _, _ in self._wrong(scene)})
        if len(said) == _CHANGES:
            text = "this is your drawing now. how many things still look other than in the goal?"
            return number_turn(text, left, pictures=(self._shown(scene),))
        if len(said) > _CHANGES + 1:
            return None
        kinds = [thing.kind for thing in self.goal.things]
        first = kinds[done[0][0]] if done else "nothing"
        text = 'which thing did you change first? say "nothing" if you changed none.'
        return Turn(text, (first,), "recall", delta=len(said), refused=tuple(k for k in kinds if k != first))

    def outcome(self, said: Sequence[str]) -> dict[str, float]:
        """Differences that went; those that came are no less than nothing."""
        scene, _ = self._changed(said)
        return {
            "nearer": float(max(0, len(self._wrong(self.start)) - len(self._wrong(scene)))),
            "most_nearer": float(_CHANGES),
        }

    def _wrong(self, scene: Scene) -> list[Change]:
        """The changes that would still be good."""
        return [
            (k, sort, getattr(there, sort))
            for k, (here, there) in enumerate(zip(scene.things, self.goal.things))
            for sort in ("colour", "pattern")
            if getattr(here, sort) != getattr(there, sort)
        ]

    def _words(self, change: Change) -> str:
        place, sort, value = change
        return f"{'paint' if sort == 'colour' else 'make'} the {self.goal.things[place].kind} {value}"

    def _options(self, scene: Scene, place: int) -> tuple[list[Change], list[Change]]:
        """Good and bad changes that are offered at a turn; at the third one bad ones may be of the other sort."""
        from vistune.world.vocabulary import COLOURS, PATTERNS

        rng = random.Random(f"drawing/{self.seed}/{place}/{scene.things}")
        good = self._wrong(scene)
        rng.shuffle(good)
        wanted = _sort_wanted(good) if place == _CHANGES - 1 else None
        chosen = [change for change in good if wanted in (None, change[1])][:1]
        other = [change for change in good if wanted is not None and change[1] != wanted][:1]
        values = {"colour": list(COLOURS), "pattern": list(PATTERNS)}
        bad = [
            (k, sort, value)
            for k, (here, there) in enumerate(zip(scene.things, self.goal.things))
            if not is_person(here.kind)
            for sort in ("colour", "pattern")
            for value in values[sort]
            if value not in (getattr(here, sort), getattr(there, sort))
        ]
        same = [change for change in bad if change[1] == chosen[0][1]]
        return chosen, [*other, *rng.sample(same, 1), *rng.sample(bad, 2)][:3]

    def _choice(self, scene: Scene, place: int) -> Turn:
        good, bad = self._options(scene, place)
        offered = [self._words(change) for change in dict.fromkeys([*good, *bad])]
        random.Random(f"order/{self.seed}/{place}").shuffle(offered)
        opening = (
            "this is your drawing now. " if place else "the first picture is the goal, the second is your drawing. "
        )
        if place == _CHANGES - 1:
            opening += f"this time change a {good[0][1]} and nothing else. "
        shown = (self._shown(scene),) if place else (self._shown(self.goal), self._shown(scene))
        right = self._words(good[0])
        return Turn(
            f"{opening}which one of these brings it nearer to the goal: {', '.join(offered)}?", (right,),
            "correction" if place == _CHANGES - 1 else "step", shown, refused=tuple(o for o in offered if o != right),
        )  # fmt: skip

    def _shown(self, scene: Scene) -> ImageSource:
        return _picture(scene, self.size)

    def _changed(self, said: Sequence[str]) -> tuple[Scene, list[Change]]:
        """The drawing after the changes among the answers, and these; an answer that names none, or several, changes nothing."""
        scene, done = self.start, []
        for place, answer in enumerate(said[:_CHANGES]):
            offered = {self._words(change): change for part in self._options(scene, place) for change in part}
            chosen = named(answer, list(offered))
            if len(chosen) == 1:
                done.append(offered[chosen[0]])
                scene = _apply(scene, *done[-1:])
        return scene, done


@lru_cache(maxsize=512)
def _picture(scene: Scene, size: int) -> ImageSource:
    return nano.picture(scene, size)


def _sort_wanted(good: Sequence[Change]) -> str:
    """The sort that there is less of among the good changes, so that somebody who passes the condition over may fail."""
    sorts = [change[1] for change in good]
    return min(dict.fromkeys(sorts), key=sorts.count)


def _apply(scene: Scene, *changes: Change) -> Scene:
    things = list(scene.things)
    for place, sort, value in changes:
        things[place] = replace(things[place], **{sort: value})  # type: ignore[arg-type]
    return replace(scene, things=tuple(things))


def drawing(scene: Scene, rng: random.Random, picture: ImageSource) -> Drawing | None:
    """A scene as the goal, and the same with two other colours and two other patterns. People's clothes stay."""
    from vistune.world.vocabulary import COLOURS, PATTERNS

    kinds = [thing.kind for thing in scene.things]
    able = [k for k, kind in enumerate(kinds) if not is_person(kind)]
    if len(set(kinds)) < len(kinds) or len(able) < 2:
        return None
    changes = []
    for sort, values in (("colour", COLOURS), ("pattern", PATTERNS)):
        for place in rng.sample(able, 2):
            now = getattr(scene.things[place], sort)
            changes.append((place, sort, rng.choice([value for value in values if value != now])))
    return Drawing(scene, _apply(scene, *changes), picture.open().size[0], scene.seed)
