"""A bargain over the things of a picture: the task negotiator of guided dialogues (see ``guides``)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from vistune.data.example import ImageSource
from vistune.evaluation.benchmarks.dialogues import Turn, named, number_turn
from vistune.world.language.grammar import join
from vistune.world.scene import Scene


@dataclass(frozen=True)
class Bargain:
    """Things of a picture are divided: what each is worth to the model, three offers of a partner that gives way, and a limit below
    which no offer is to be taken, which changes on the way.

    ``offers`` are what the model gets. ``limits``: for the first offer, for the others. ``agreed``: an offer was taken that is not
    below the limit then; ``surplus``: what it brought above the limit, beside what somebody gets who keeps to the rule, and no more
    than that.
    """

    picture: ImageSource = field(repr=False)
    worth: dict[str, int]
    absent: str
    listed: tuple[str, ...]
    offers: tuple[tuple[str, ...], ...]
    limits: tuple[int, int]

    def value(self, offer: Sequence[str]) -> int:
        """What an offer is worth to the model."""
        return _sum(self.worth, offer)

    def turn(self, said: Sequence[str]) -> Turn | None:
        """What there is, what it is worth, offers until one is taken, what it brought, and a value of the beginning."""
        names = list(self.worth)
        if not said:
            text = f"we divide what is in this picture. which of these are in it: {', '.join(self.listed)}?"
            return Turn(text, tuple(names), pictures=(self.picture,), refused=(self.absent,), all_of=True)
        if len(said) == 1:
            top = max(names, key=lambda name: self.worth[name])
            told = join([f"the {name} {self.worth[name]}" for name in names])
            text = f"to you, these are worth: {told}. which one is worth most to you?"
            return Turn(text, (top,), refused=tuple(name for name in names if name != top))
        taken, made = self._bargained(said)
        asked = len(said) - 2 - made
        if taken is None and made < len(self.offers):
            return self._offer(made)
        if asked == 0:
            return number_turn("we are done. how much is what you get worth to you? say 0 for no deal.",
                               0 if taken is None else self.value(self.offers[taken]))  # fmt: skip
        first = names[0]
        text = f"and how much was the {first} worth to you?"
        return number_turn(text, self.worth[first], "recall", delta=len(said) - 1) if asked == 1 else None

    def outcome(self, said: Sequence[str]) -> dict[str, float]:
        """What came of it."""
        taken, _ = self._bargained(said)
        own = 0.0 if taken is None else self._above(taken)
        kept = next((k for k in range(len(self.offers)) if self._above(k) >= 0), None)
        best = 0.0 if kept is None else self._above(kept)
        return {
            "agreed": float(taken is not None and own >= 0),
            "deals": 1.0,
            "surplus": min(max(0.0, own), best),
            "best_surplus": best,
        }

    def limit(self, offer: int) -> int:
        """Below this, offer number ``offer`` is not to be taken."""
        return self.limits[min(offer, 1)]

    def _above(self, offer: int) -> float:
        return float(self.value(self.offers[offer]) - self.limit(offer))

    def _offer(self, made: int) -> Turn:
        opening = {
            0: f"take no offer that is worth less than {self.limit(0)} to you. ",
            1: f"from now on take none that is worth less than {self.limit(1)}. ",
        }.get(made, "")
        given = join([f"the {name}" for name in self.offers[made]])
        right = "yes" if self._above(made) >= 0 else "no"
        text = f"{opening}I offer you {given}. do you take it, yes or no?"
        return Turn(text, (right,), "correction" if made == 1 else "step", refused=("no" if right == "yes" else "yes",))

    def _bargained(self, said: Sequence[str]) -> tuple[int | None, int]:
        """Which offer was taken, and how many were answered. Neither yes nor no is no."""
        for made, answer in enumerate(said[2 : 2 + len(self.offers)]):
            if named(answer, ("yes", "no")) == ["yes"]:
                return made, made + 1
        return None, min(len(said) - 2, len(self.offers))


def bargain(scene: Scene, rng: random.Random, picture: ImageSource) -> Bargain | None:
    """Four things that are there once, a private table for each side; every second bargain has its limit lowered."""
    from vistune.world.vocabulary import KINDS

    kinds = [thing.kind for thing in scene.things]
    once = [kind for kind in dict.fromkeys(kinds) if kinds.count(kind) == 1]
    if len(once) < 4:
        return None
    names = rng.sample(once, 4)
    worth = dict(zip(names, rng.sample(range(1, 8), 4)))
    partner = dict(zip(names, rng.sample(range(1, 8), 4)))
    subsets = [part for size in (1, 2, 3) for part in combinations(names, size)]
    rising = [
        offers
        for offers in combinations(sorted(subsets, key=lambda part: _sum(partner, part)), 3)
        if all(_sum(partner, a) < _sum(partner, b) and _sum(worth, a) + 1 < _sum(worth, b) for a, b in pairwise(offers))
        and _sum(worth, offers[0]) > 1
        and _sum(worth, offers[2]) <= 10
    ]
    if not rising:
        return None
    offers = rng.choice(rising)
    values = [_sum(worth, offer) for offer in offers]
    if rng.random() < 0.5:  # raised: the second offer would have done before, and does no more
        limits = rng.randint(values[0] + 1, values[1]), rng.randint(values[1] + 1, values[2] - 1)
    else:
        limits = values[2], rng.randint(values[0] + 1, values[1] - 1)
    absent = rng.choice([kind.name for kind in KINDS if kind.name not in kinds])
    return Bargain(picture, worth, absent, tuple(rng.sample([*names, absent], 5)), offers, limits)


def _sum(worth: Mapping[str, int], offer: Sequence[str]) -> int:
    return sum(worth[name] for name in offer)
