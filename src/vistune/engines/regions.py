"""Cultural knowledge about made-up regions (tasks of GIMMICK, arXiv 2502.13766)."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from vistune.core.errors import ConfigError, nearest
from vistune.data.example import Example, assistant, user
from vistune.engines.base import ENGINES, SeededEngine, question_record
from vistune.engines.region_annotations import Seen, write_region_annotations
from vistune.world.language.wordings import Wordings
from vistune.world.questions.question import Question
from vistune.world.regions import COUNTRIES, HINTS, Sight, ask, describe, facts, hint, render, sample_sight
from vistune.world.regions.questions import MAKERS
from vistune.world.scene import Prior, Split

_DESCRIBE = Wordings(("describe this {f}.", "what is this {f}? describe it."), ("tell all that you know of this {f}.",))
_TITLE = Wordings(("what is {t}?", "describe {t}."), ("tell me about {t}.",))
_ABOUT = Wordings(("what do you know about {p}?", "tell me about {p}."), ("what should one know of {p}?",))
_SHORT = "answer with a single word or phrase."


@ENGINES.register("regions")
class RegionsEngine(SeededEngine):
    """Six regions with their own dishes, clothes, houses and feasts; ``prior`` says how often each is seen.

    ``tasks``: ``question``, ``describe`` (from pictures), ``title`` (from the name alone, no picture) and ``facts`` (text
    about a country: what a model must have read). ``types`` restricts the questions; ``hint``: of none, regions, countries,
    both; ``pictures``: of the same custom.
    """

    KIND = "regions"
    TASKS = ("question", "describe", "title", "facts")

    def __init__(
        self,
        n: int,
        *,
        split: Split = "train",
        prior: Prior = "skewed",
        image_size: int = 64,
        turns: int = 3,
        tasks: dict[str, float] | None = None,
        seed: int = 0,
        types: list[str] | None = None,
        hint: str = "none",
        pictures: int = 1,
    ) -> None:
        super().__init__(n, split=split, prior=prior, image_size=image_size, turns=turns, tasks=tasks, seed=seed)
        for name in types or ():
            if name not in MAKERS:
                raise ConfigError(f"regions: there is no question type '{name}'. {nearest(name, MAKERS)}")
        if hint not in HINTS:
            raise ConfigError(f"regions: there is no hint '{hint}'. {nearest(hint, HINTS)}")
        if pictures < 1:
            raise ConfigError(f"regions: pictures is 1 or more, not {pictures}.")
        self.types = types
        self.hint = hint
        self.pictures = pictures

    def sight(self, number: int) -> Sight:
        """The sight of a number."""
        return sample_sight(number, split=self.split, prior=self.prior)

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number; ``meta`` has countries and regions, so that scores can be told apart by them."""
        task, sight = self.draw_task(rng), self.sight(number)
        shown = sight.custom
        meta: dict[str, Any] = {"task": task, "facet": shown.facet, "title": shown.name, "place": sight.place}
        meta |= {"countries": list(shown.origins), "regions": list(shown.regions), "description": describe(shown)}
        if task == "facts":
            asked = _ABOUT.pick(rng, self.split).format(p=sight.place)
            meta["regions"] = [COUNTRIES[sight.place].region]
            return self.example(number, [user(asked), assistant(" ".join(facts(sight.place)))], [], meta)
        if task == "title":
            asked = _TITLE.pick(rng, self.split).format(t=shown.name)
            return self.example(number, [user(asked), assistant(describe(shown))], [], meta)
        sights = self._sights(sight, rng)
        pictures = [render(seen, self.image_size) for seen in sights]
        images = tuple(range(len(pictures)))
        if task == "describe":
            asked = _DESCRIBE.pick(rng, self.split).format(f=shown.facet)
            return self.example(number, [user(asked, images=images), assistant(describe(shown))], pictures, meta)
        found = self._asked(sight, number)
        messages = []
        for q in found:
            parts = [q.text, hint(sight, self.hint), "" if q.choices else _SHORT]
            messages += [user(" ".join(filter(None, parts)), images=() if messages else images), assistant(q.answer)]
        return self.example(number, messages, pictures, {**meta, "questions": [question_record(q) for q in found]})

    def _sights(self, sight: Sight, rng: random.Random) -> list[Sight]:
        return [sight] + [_again(sight, rng) for _ in range(self.pictures - 1)]

    def _asked(self, sight: Sight, number: int) -> list[Question]:
        return ask(sight, number, self.types, self.turns, self.split) or ask(sight, number, None, 1, self.split)

    def write_annotations(self, folder: Path) -> list[Path]:
        """COCO files of all pictures, and GIMMICK's of what is known of them; -> the files.

        Pictures are named as the writers of ``vistune.data.formats`` store them in their folder of pictures.
        """
        seen: list[Seen] = []
        for index in range(self.n):
            number = self.number(index)
            rng, sight = self.stream(number), self.sight(number)
            task = self.draw_task(rng)
            if task in ("facts", "title"):
                continue
            for k, again in enumerate(self._sights(sight, rng)):
                asked = tuple(self._asked(sight, number)) if task == "question" and k == 0 else ()
                seen.append(Seen(f"{index // 1000:04d}/{index:07d}-{k}.png", again, asked))
        return write_region_annotations(seen, self.image_size, folder)


def _again(sight: Sight, rng: random.Random) -> Sight:
    """The same custom seen another time."""
    return Sight(sight.seed, sight.custom, sight.place, rng.randrange(1 << 30), sight.split, sight.prior)
