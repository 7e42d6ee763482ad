"""Instruction data on minimal pairs (S-VCO, arXiv 2502.13928; SugarCrepe, 2306.14610; Winoground, 2204.03162)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vistune.core.errors import ConfigError, nearest
from vistune.data.annotations.sugarcrepe import CrepeItem, VsrItem, write_sugarcrepe, write_vsr
from vistune.data.example import Example, assistant, user
from vistune.engines.base import ENGINES, SeededEngine
from vistune.world import render
from vistune.world.language.wordings import Wordings
from vistune.world.pairs import EDITS, NEGATIVES, Pair, hard_negative, sample_pair
from vistune.world.scene import Prior, Split

_FITS = Wordings(('is this true of the picture? "{s}"', '"{s}" does that fit the picture?'), ('true or not: "{s}"?',))
_WHICH_TEXT = Wordings(
    ("which sentence fits the picture? A: {a} B: {b}", "which is true here? A: {a} B: {b}"), ("choose. A: {a} B: {b}",)
)
_WHICH_PICTURE = Wordings(
    ("which picture fits the sentence, the first or the second? {s}", "{s} is that the first or the second picture?"),
    ("find the picture, first or second: {s}",),
)
_WHAT_CHANGED = Wordings(
    ("what is true of the second picture but not of the first?", "what changed in the second picture?"),
    ("in one sentence: what is new in the second picture?",),
)


@ENGINES.register("pairs")
class PairsEngine(SeededEngine):
    """Two scenes that differ in one edit.

    ``tasks``: ``fits`` (is the sentence true of the picture), ``which_text``, ``which_picture``, ``change`` (both pictures,
    what is true of the second alone) and ``negative`` (a caption against its hard negative). ``edits``: sorts of edits, by
    default all. ``meta`` holds both sentences, so that preference and contrastive training find their rejected side.
    """

    KIND = "pairs"
    TASKS = ("fits", "which_text", "which_picture", "change", "negative")

    def __init__(
        self,
        n: int,
        *,
        split: Split = "train",
        prior: Prior = "skewed",
        image_size: int = 64,
        turns: int = 1,
        tasks: dict[str, float] | None = None,
        seed: int = 0,
        edits: Sequence[str] | None = None,
        things: int = 4,
    ) -> None:
        super().__init__(n, split=split, prior=prior, image_size=image_size, turns=turns, tasks=tasks, seed=seed)
        self.edits = list(EDITS) if edits is None else list(edits)
        for name in self.edits:
            if name not in EDITS:
                raise ConfigError(f"pairs: there is no edit '{name}'. {nearest(name, EDITS)}")
        self.things = things

    def pair(self, number: int) -> Pair:
        """The pair of a number."""
        return sample_pair(number, split=self.split, prior=self.prior, what=self.edits, max_things=self.things)

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number. ``meta["pair"]`` has the other side: its sentence, and how the scenes differ."""
        task, pair = self.draw_task(rng), self.pair(number)
        if task == "negative":
            made = self._negative(pair, number, rng)
            if made is not None:
                return self._example(number, task, [pair.scenes[0]], *made, pair)
            task = "fits"
        if task in ("which_picture", "change"):
            asked, answer, record = getattr(self, f"_{task}")(pair, rng)
            return self._example(number, task, list(pair.scenes), asked, answer, record, pair)
        asked, answer, record = getattr(self, f"_{task}")(pair, rng)
        return self._example(number, task, [pair.scenes[0]], asked, answer, record, pair)

    def _example(
        self, number: int, task: str, scenes: list, asked: str, answer: str, record: dict[str, Any], pair: Pair
    ) -> Example:
        pictures = [render(scene, self.image_size) for scene in scenes]
        messages = [user(asked, images=tuple(range(len(pictures)))), assistant(answer)]
        meta = {"task": task, "edit": pair.what, "texts": list(pair.texts), "same_words": pair.same_words}
        question = {"question": asked, "answer": answer, "held_out": False, **record}
        return self.example(number, messages, pictures, {**meta, "questions": [question]})

    def _fits(self, pair: Pair, rng: random.Random) -> tuple[str, str, dict[str, Any]]:
        true = rng.random() < 0.5
        statement = pair.statements[0 if true else 1]
        asked, held = self._worded(_FITS, rng, s=statement.text)
        return asked, "yes" if true else "no", {"type": f"fits_{pair.what}", "program": str(statement.program), **held}

    def _which_text(self, pair: Pair, rng: random.Random) -> tuple[str, str, dict[str, Any]]:
        texts = pair.texts if (first := rng.random() < 0.5) else pair.texts[::-1]
        asked, held = self._worded(_WHICH_TEXT, rng, a=texts[0], b=texts[1])
        record = {"type": f"which_text_{pair.what}", "program": None, "choices": list(texts), **held}
        return asked, "A" if first else "B", record

    def _which_picture(self, pair: Pair, rng: random.Random) -> tuple[str, str, dict[str, Any]]:
        place = rng.randrange(2)
        asked, held = self._worded(_WHICH_PICTURE, rng, s=pair.texts[place])
        return asked, ("first", "second")[place], {"type": f"which_picture_{pair.what}", "program": None, **held}

    def _change(self, pair: Pair, rng: random.Random) -> tuple[str, str, dict[str, Any]]:
        asked, held = self._worded(_WHAT_CHANGED, rng)
        return asked, pair.texts[1], {"type": f"change_{pair.what}", "program": None, **held}

    def _negative(self, pair: Pair, number: int, rng: random.Random) -> tuple[str, str, dict[str, Any]] | None:
        sorts = rng.sample(sorted(NEGATIVES), len(NEGATIVES))
        found = next((h for sort in sorts if (h := hard_negative(pair.scenes[0], sort, number)) is not None), None)
        if found is None:
            return None
        texts = (found.positive.text, found.negative.text)
        first = rng.random() < 0.5
        shown = texts if first else texts[::-1]
        asked, held = self._worded(_WHICH_TEXT, rng, a=shown[0], b=shown[1])
        return asked, "A" if first else "B", {"type": found.type, "program": None, "choices": list(shown), **held}

    def _worded(self, wordings: Wordings, rng: random.Random, **slots: str) -> tuple[str, dict[str, bool]]:
        template = wordings.pick(rng, self.split)
        return template.format(**slots), {"held_out": wordings.is_held_out(template)}

    def write_annotations(self, folder: Path) -> list[Path]:
        """``sugarcrepe/TYPE.json`` (captions with hard negatives), ``vsr.jsonl`` (statements on places, true and false), and
        ``pictures/NAME.png``: both pictures of each pair.
        """
        from PIL import Image

        crepe: dict[str, list[CrepeItem]] = {}
        vsr: list[VsrItem] = []
        (folder / "pictures").mkdir(parents=True, exist_ok=True)
        for index in range(len(self)):
            number = self.number(index)
            pair = self.pair(number)
            for place, scene in enumerate(pair.scenes):
                name = f"pairs-{self.split}-{number}-{place}.png"
                Image.fromarray(render(scene, self.image_size)).save(folder / "pictures" / name)
                for sort in NEGATIVES:
                    found = hard_negative(scene, sort, number)
                    if found is not None:
                        crepe.setdefault(sort, []).append(CrepeItem(name, found.positive.text, found.negative.text))
                vsr += _places(pair, place, name)
        files = [write_sugarcrepe(folder / "sugarcrepe" / f"{sort}.json", items) for sort, items in crepe.items()]
        return [*files, write_vsr(folder / "vsr.jsonl", vsr)]


def _places(pair: Pair, shown: int, name: str) -> list[VsrItem]:
    """Both statements about places, the one that fits the shown picture and the other."""
    found = []
    for k, statement in enumerate(pair.statements):
        if statement.relation is not None:
            subject, other = (group.phrase.noun for group in statement.groups)
            text = statement.text[0].upper() + statement.text[1:]
            found.append(VsrItem(name, text, k == shown, statement.relation, subject, other))
    return found
