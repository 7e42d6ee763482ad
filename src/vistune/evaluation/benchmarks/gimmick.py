"""GIMMICK (arXiv 2502.13766): what is known of cultures, by region."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, OfSplit, Scored
from vistune.evaluation.benchmarks.nano import FIRST_SCENE
from vistune.evaluation.benchmarks.tables import Row, need, picture_of, read_json, rows_of
from vistune.evaluation.metrics.choices import LETTERS, Mode
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.robustness import relaxed_match
from vistune.evaluation.metrics.selection import country_pool, origin_options

Task = Literal["sivqa", "coqa_regions", "coqa_countries", "naming", "describing"]
Hint = Literal["none", "regions", "countries", "both"]
Modality = Literal["image", "text", "both"]
_WAYS = ("exact", "relaxed", "very_relaxed")
_MAIN = {"naming": "word_f1", "describing": "word_f1"}


@dataclass(frozen=True, slots=True)
class Facet:
    """Something of a culture: an event, a dish, a craft. ``question`` and ``answer`` for the task sivqa only."""

    id: str
    title: str
    regions: tuple[str, ...]
    countries: tuple[str, ...]
    description: str = ""
    pictures: tuple[ImageSource, ...] = ()
    question: str = ""
    answer: str = ""


@BENCHMARKS.register("gimmick", paper="gimmick")
class Gimmick(OfSplit):
    """Cultural questions, scored over all and in each region; an item of several regions counts in each of them.

    ``task``: ``sivqa`` (free answer, with a ``hint`` to regions, countries, both or none), ``coqa_regions`` and
    ``coqa_countries`` (origin among four, one item for each origin; ``hard``: countries of the same regions; ``modality``:
    pictures, title or both), ``naming`` and ``describing`` (cultural knowledge tests). Files: records as JSON or Parquet
    (``question_id``/``sample_uuid``, ``title``, ``regions``, ``countries``, ``description``, ``question``, ``answer``,
    ``images``/``ich_image``), ``atlas`` a JSON of region -> countries. Nano: six made-up regions; video questions are left out.
    ``mode: official`` compares to the letter and takes an empty answer for right in the two relaxed ways; ``strict`` does not.
    The knowledge tests are scored by the F1 of words, not BERTScore, and naming by the title, where the authors take the
    description. Made-up regions have three countries, too few for ``hard``: the rule then takes all, as the authors' does.
    """

    protocol = "GIMMICK metrics.py: exact, relaxed and very relaxed match; regions apart"
    capabilities = ("culture", "knowledge")

    task: Task = "coqa_regions"
    atlas: Path | None = None
    limit: int | None = None
    hint: Hint = "none"
    hard: bool = True
    modality: Modality = "image"
    mode: Mode = "official"
    max_new_tokens: int = 64

    def __post_init__(self) -> None:
        """Hints where they belong; the measure of the task."""
        super().__post_init__()
        if self.hint != "none" and self.task != "sivqa":
            raise ConfigError("gimmick: hints belong to the task 'sivqa'.")
        self.main = _MAIN.get(self.task, "exact")
        self.chance = 0.25 if self.task.startswith("coqa") else None
        self.graded = self.task in _MAIN

    @property
    def name(self) -> str:
        """With the task, and what differs from its usual form."""
        parts = [self.task, *([] if self.hint == "none" else [f"hint_{self.hint}"])]
        if self.task.startswith("coqa"):
            parts += [*([] if self.modality == "image" else [self.modality]), *([] if self.hard else ["easy"])]
        return "_".join([super().name, *parts, *([] if self.prior == "flat" else [self.prior])])

    # ---- items ----

    def published(self) -> list[Example]:
        """Items of the records."""
        assert self.path is not None
        found = [self._facet(row, number) for number, row in enumerate(rows_of(self.path)[: self.limit], start=1)]
        countries: dict[str, list[str]] = {}
        if self.atlas:
            countries = {name: list(own) for name, own in read_json(self.atlas).items()}
        else:
            # A thing of one region tells where its countries are.
            for facet in (f for f in found if len(f.regions) == 1):
                own = countries.setdefault(facet.regions[0], [])
                own += [name for name in facet.countries if name not in own]
        return self._items(found, countries)

    def _facet(self, row: Row, number: int) -> Facet:
        assert self.path is not None
        need(row, ("title", "regions", "countries"), self.path, number)
        where, folder = f"{self.path}, record {number}", self.path if self.path.is_dir() else self.path.parent
        values = [row["ich_image"]] if row.get("ich_image") is not None else list(row.get("images") or [])
        if self.task == "sivqa":
            need(row, ("question", "answer"), self.path, number)
        name = str(row.get("question_id") or row.get("sample_uuid") or row.get("sample_id") or number)
        return Facet(
            name, str(row["title"]), tuple(row["regions"]), tuple(row["countries"]), str(row.get("description", "")),
            tuple(picture_of(value, folder, where) for value in values), str(row.get("question", "")), str(row.get("answer", "")),
        )  # fmt: skip

    def nano(self) -> list[Example]:
        """Items about the made-up regions."""
        from vistune.world.regions import COUNTRIES, REGIONS, ask, describe, render, sample_sight

        countries = {region: [c.name for c in COUNTRIES.values() if c.region == region] for region in REGIONS}
        found: list[Facet] = []
        start = FIRST_SCENE + self.seed * 100_000
        for number in range(start, start + 4 * self.n):
            if len(found) == self.n:
                break
            sight = sample_sight(number, split=self.split, prior=self.prior)
            shown, question, answer = sight.custom, "", ""
            if self.task == "sivqa":
                # A hint must be able to help: names are what it leads to, colours are what needs none.
                asked = ask(sight, number, ["name", "look", "knowledge"], 1, self.split)
                if not asked:
                    continue
                question, answer = asked[0].text.split(" (A)")[0], asked[0].answer
            pictures = () if self.modality == "text" else (ImageSource(array=render(sight, self.image_size)),)
            told = (shown.name, shown.regions, shown.origins, describe(shown))
            found.append(Facet(f"{shown.facet}-{number}", *told, pictures, question, answer))
        return self._items(found, countries)[: self.n]

    def _items(self, found: Sequence[Facet], countries: Mapping[str, Sequence[str]]) -> list[Example]:
        if self.task == "sivqa":
            return [self._item(f, f.id, vqa_prompt(f, self.hint), [f.answer], f.pictures) for f in found]
        if self.task in _MAIN:
            truth = [(f, [f.title] if self.task == "naming" else [f.description]) for f in found]
            return [
                self._item(f, f.id, knowledge_prompt(self.task, f, self.modality), answers, self._shown(f))
                for f, answers in truth
            ]
        return [self._origin(f, origin, countries) for f, origin in exploded(found, self.task)]

    def _shown(self, facet: Facet) -> tuple[ImageSource, ...]:
        return () if self.modality == "text" else facet.pictures

    def _origin(self, facet: Facet, origin: str, countries: Mapping[str, Sequence[str]]) -> Example:
        what = self.task.removeprefix("coqa_")
        valid = facet.regions if what == "regions" else facet.countries
        missing = [region for region in facet.regions if region not in countries]
        if what == "countries" and missing:
            raise DataError(
                f"The countries of {missing[0]} are not known: give 'atlas', a JSON of region -> countries."
            )
        pool = list(countries) if what == "regions" else country_pool(countries, facet.regions, valid, self.hard)
        rng = random.Random(f"{self.seed}/{facet.id}/{origin}")
        options, right = origin_options(origin, valid, pool, rng)
        prompt = origin_prompt(what, facet.title, self.modality, options)
        more = {"choices": options, "truth": right}
        return self._item(facet, f"{facet.id}/{origin}", prompt, [LETTERS[right], origin], self._shown(facet), **more)

    def _item(
        self, facet: Facet, name: str, prompt: str, answers: list[str], pictures: Sequence[ImageSource], **more: Any
    ) -> Example:
        meta = {"type": self.task, "group": facet.id, "regions": list(facet.regions), **more}
        messages = [user(prompt, images=tuple(range(len(pictures))))]
        return Example(name, messages, list(pictures), answers=answers, meta=meta)

    # ---- scores ----

    def examples(self) -> list[Example]:
        """The items of the edition."""
        made = super().examples()
        self._regions = tuple(sorted({region for e in made for region in e.meta["regions"]}))
        return made

    def score(self, example: Example, answer: str) -> Scored:
        """The three ways of matching with the first reference, or the F1 of words."""
        if not hasattr(self, "_regions"):
            self.examples()
        found = {way: float(ok) for way, ok in relaxed_match(answer.strip(), example.answers[0], self.mode).items()}
        found["word_f1"] = word_f1(answer, example.answers[0])
        value = found["word_f1" if self.task in _MAIN else "exact"]
        columns = {"items": 1.0, **found}
        for region in self._regions:
            own = float(region in example.meta["regions"])
            columns |= {f"n:{region}": own, f"right:{region}": own * value}
        return Scored(answer.strip() or None, value, columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Each way over all items, the main one in each region, and the gap between the best and the worst region."""
        ways = ("word_f1",) if self.task in _MAIN else _WAYS
        found = {way: ratio(sums[way], sums["items"]) for way in ways}
        names = [key[2:] for key in sums if key.startswith("n:")]
        regions = {name: ratio(sums[f"right:{name}"], sums[f"n:{name}"]) for name in names}
        gap = np.ptp(list(regions.values()), axis=0) if regions else np.zeros_like(sums["items"])
        return {**found, **regions, "region_gap": gap}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The ways of matching and the regions that the item counts in."""
        ways = relaxed_match(str(item["answer"]).strip(), example.answers[0], self.mode)
        told = "; ".join(f"{way}: {'yes' if ok else 'no'}" for way, ok in ways.items())
        return [("matches", told), ("counts in", ", ".join(example.meta["regions"]))]


def exploded(found: Sequence[Facet], task: Task) -> list[tuple[Facet, str]]:
    """One item for each origin; things of more than three regions have no three wrong ones and are left out of regions."""
    if task == "coqa_regions":
        return [(f, region) for f in found if len(f.regions) <= 3 for region in f.regions]
    return [(f, country) for f in found for country in f.countries]


def vqa_prompt(facet: Facet, hint: Hint) -> str:
    """Question, hints, and the request for a word or phrase."""
    hints = ""
    if hint in ("regions", "both"):
        listed = ", ".join(facet.regions)
        hints += f"Hint: The task is related to a cultural event or facet from the following region(s): {listed}\n"
    if hint in ("countries", "both"):
        listed = ", ".join(facet.countries)
        hints += f"Hint: The task is related to a cultural event or facet from the following country or countries: {listed}\n"
    return f"{facet.question}\n{hints}\nAnswer with a single word or phrase."


def origin_prompt(what: str, title: str, modality: Modality, options: Sequence[str]) -> str:
    """The question of origin with its options, as the authors word it for pictures, a title, or both."""
    if modality == "image":
        asked = f"In which of the following {what} does the event shown in the images take place?"
    else:
        shown = "" if modality == "text" else " shown in the images"
        about = f"the cultural event or facet with the title `{title}`{shown}"
        asked = f"From which of the following {what} does {about} originate?"
    listed = "".join(f"{letter}. {text}\n" for letter, text in zip(LETTERS, options))
    request = "Choose from the following options and output only the corresponding letter."
    return f"{asked} {request}\n\n{listed}\n\nYour answer letter:\n\n"


def knowledge_prompt(task: Task, facet: Facet, modality: Modality) -> str:
    """The request to name or to describe."""
    if task == "naming":
        asked = "Your task is it to name the cultural event or facet depicted by the following images. Answer brief and concise. "
    else:
        seen = "" if modality == "text" else " depicted by the following images"
        asked = f"Your task is it to write a brief essay about the cultural event or facet{seen}. "
        if modality == "text":
            asked = f"Your task is it to write a brief essay about the cultural event or facet with the title '{facet.title}'. "
        elif modality == "both":
            asked += f"It has the title '{facet.title}'. "
    return f"{asked}\n\nYour answer: "


def word_f1(answer: str, truth: str) -> float:
    """F1 of the words of two texts, each as often as it occurs; without case and punctuation at the ends."""
    from collections import Counter

    said, wanted = (Counter(w.strip(".,:;!?\"'").lower() for w in text.split()) for text in (answer, truth))
    common = sum((said & wanted).values())
    return 2 * common / (sum(said.values()) + sum(wanted.values())) if common else 0.0
