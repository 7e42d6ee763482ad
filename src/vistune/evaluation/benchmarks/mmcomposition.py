"""MMComposition (arXiv 2410.09733): thirteen sorts of compositional questions, of which several options may be right."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks import nano_statements as told
from vistune.evaluation.benchmarks.base import BENCHMARKS, OfSplit, Scored
from vistune.evaluation.benchmarks.nano import FIRST_SCENE, scene_facets
from vistune.evaluation.benchmarks.tables import need, rows_of
from vistune.evaluation.metrics.choices import LETTERS
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.selection import exact_chance, parse_letters, selection_scores
from vistune.world.legible import LEGIBLE
from vistune.world.scene import Scene

#: Category -> its group.
CATEGORIES: dict[str, str] = {
    "Attribute Perception": "perception", "Object Perception": "perception", "Counting Perception": "perception",
    "Relation Perception": "perception", "Difference Spotting": "perception", "Text Rendering": "perception",
    "Visual Similarity": "perception", "Attribute Reasoning": "reasoning", "Object Reasoning": "reasoning",
    "Counting Reasoning": "reasoning", "Relation Reasoning": "reasoning", "Object Interaction": "reasoning",
    "Compositional Probing": "probing",
}  # fmt: skip
_TOLD: dict[str, told.Maker] = {
    "Attribute Perception": told.attributes, "Object Perception": told.objects, "Counting Perception": told.numbers,
    "Relation Perception": told.places, "Text Rendering": told.words, "Attribute Reasoning": told.comparisons,
    "Object Reasoning": told.groups, "Counting Reasoning": told.comparing_numbers, "Relation Reasoning": told.extremes,
    "Object Interaction": told.touching, "Compositional Probing": told.any_of_them,
}  # fmt: skip
_MOST = 5


@BENCHMARKS.register("mmcomposition", paper="mmcomposition")
class MMComposition(OfSplit):
    """Two to five options, of which one or more are right; how many is not told. Main measure: the whole selection is right.

    Files: a folder with ``questions.json`` (records of ``question``, ``options`` by letter, ``answer`` such as "A, C", and
    ``category``) and ``images``; pictures are found by ``image`` or the record's ``id``, never by sorted order. Nano: all
    thirteen categories from scenes, two pictures stitched into one as the authors do. Beside ``exact`` stand ``partial`` (the
    share of the right options, 0 with a wrong one), ``options`` (each option taken or left rightly), by category and group,
    and how many letters were named. The scorer is not published; letters are read as the card says.
    """

    protocol = "MMComposition's indefinite choice: exact selection of letters; partial credit beside it"
    main = "exact"
    capabilities = ("composition", "perception", "counting", "spatial", "reasoning")

    n: int = 260
    limit: int | None = None
    max_new_tokens: int = 1024

    def item(
        self,
        name: str,
        question: str,
        options: Sequence[str],
        right: Sequence[int],
        picture: ImageSource,
        category: str,
        **more: Any,
    ) -> Example:
        """One item."""
        meta = {"type": category, "choices": list(options), "truths": sorted(right), "group": name, **more}
        answer = ", ".join(LETTERS[k] for k in sorted(right))
        return Example(name, [user(prompt(question, options), images=(0,))], [picture], answers=[answer], meta=meta)

    def published(self) -> list[Example]:
        """All records."""
        assert self.path is not None
        file = self.path / "questions.json" if self.path.is_dir() else self.path
        rows = rows_of(file)[: self.limit]
        return [self._record(row, number, file) for number, row in enumerate(rows, start=1)]

    def _record(self, row: Mapping[str, Any], number: int, file: Path) -> Example:
        need(row, ("question", "options", "answer"), file, number)
        where, options = f"{file}, record {number}", row["options"]
        listed = list(options.values()) if isinstance(options, Mapping) else list(options)
        answer = row["answer"] if isinstance(row["answer"], str) else ", ".join(row["answer"])
        right = parse_letters(answer, len(listed))
        if not 2 <= len(listed) <= _MOST or right is None:
            raise DataError(f"{where}: two to five options and the letters of the right ones are expected.")
        name = str(row.get("image") or row.get("id") or "")
        found = [
            p for p in ((file.parent / "images" / name), *(file.parent / "images").glob(f"{name}.*")) if p.is_file()
        ]
        if not name or not found:
            raise DataError(f"{where}: its picture, named by 'image' or 'id', is not in {file.parent / 'images'}.")
        category = str(row.get("category", "all"))
        return self.item(
            str(row.get("id", number)), row["question"], listed, sorted(right), ImageSource(path=found[0]), category
        )

    def nano(self) -> list[Example]:
        """As many of each category."""
        made = []
        for number, category in enumerate(CATEGORIES):
            share = self.n // len(CATEGORIES) + (number < self.n % len(CATEGORIES))
            rng = random.Random(f"{category}/{self.seed}")
            start = FIRST_SCENE + (self.seed * 50 + number) * 20_000
            made += self._category(category, share, start, rng)
        return made

    def _category(self, category: str, share: int, start: int, rng: random.Random) -> list[Example]:
        from vistune.world import render, sample_scene

        made: list[Example] = []
        least = LEGIBLE["words on things"]
        size = max(least, self.image_size) if category == "Text Rendering" else self.image_size
        for at in range(start, start + 40 * share):
            if len(made) == share:
                break
            name = f"{category.lower().replace(' ', '-')}-{at}"
            if category == "Difference Spotting":
                made += self._difference(name, at, rng, size)
                continue
            least = 3 if category in ("Relation Reasoning", "Compositional Probing", "Object Interaction") else 2
            # Cups stand on tables: what touches is asked where there is one.
            setting = "kitchen" if category == "Object Interaction" else None
            scene = sample_scene(
                at, split=self.split, prior="skewed" if setting else self.prior, min_things=least, setting=setting,
                labels=category == "Text Rendering",
            )  # fmt: skip
            if category == "Visual Similarity":
                made += self._similar(name, scene, rng, size)
                continue
            drawn = told.drawn(_TOLD[category], scene, rng)
            if drawn is not None:
                shown = ImageSource(array=render(scene, size))
                asked = "which sentences are true of the picture?"
                made.append(self.item(name, asked, *drawn, shown, category, facets=scene_facets(scene)))
        return made

    def _difference(self, name: str, at: int, rng: random.Random, size: int) -> list[Example]:
        """Two scenes side by side; sentences that are true of the right one alone, among others that are not."""
        from vistune.world import render
        from vistune.world.language.view import view_of
        from vistune.world.pairs import sample_pair

        pair = sample_pair(at, split=self.split, prior=self.prior, what=["colour", "object", "pattern", "swap", "move"])
        left, right = (view_of(scene) for scene in pair.scenes)
        shared = dict(told.any_of_them(left, rng))
        after = dict(told.any_of_them(right, rng))
        false = [pair.texts[0], *(t for t, truth in after.items() if not truth or shared.get(t))]
        # What is true on the right and not known to be false on the left proves nothing: it is not offered.
        wrong = [t for t in dict.fromkeys(false) if t != pair.texts[1]]
        if len(wrong) < 3:
            return []
        options = [*wrong[:1], *rng.sample(wrong[1:], 2), pair.texts[1]]
        rng.shuffle(options)
        picture = ImageSource(array=stitched([render(scene, size) for scene in pair.scenes]))
        question = "two pictures, left and right. which sentences are true of the right one, but not of the left one?"
        return [self.item(name, question, options, [options.index(pair.texts[1])], picture, "Difference Spotting")]

    def _similar(self, name: str, scene: Scene, rng: random.Random, size: int) -> list[Example]:
        """Four pictures in a row: which of the last three show what the first shows, in other variants."""
        from vistune.world import render
        from vistune.world.pairs import counterfactuals

        found = counterfactuals(scene, rng.randrange(1 << 30)).items()
        edits = [pair.scenes[1] for what, pair in found if what in ("colour", "object", "remove", "pattern")]
        same = rng.choice((1, 2))
        if len(edits) < 3 - same:
            return []
        shown = [(told.other_look(scene, rng), True) for _ in range(same)]
        shown += [(edited, False) for edited in rng.sample(edits, 3 - same)]
        rng.shuffle(shown)
        picture = ImageSource(array=stitched([render(s, size) for s in (scene, *(s for s, _ in shown))]))
        row = (
            "four pictures in a row. which of them show the same things in the same colours and patterns as the first?"
        )
        options = ["the second picture", "the third picture", "the fourth picture"]
        right = [k for k, (_, truth) in enumerate(shown) if truth]
        return [self.item(name, row, options, right, picture, "Visual Similarity")]

    def score(self, example: Example, answer: str) -> Scored:
        """The whole selection right, with partial scores in the columns."""
        choices, right = example.meta["choices"], example.meta["truths"]
        said = parse_letters(answer, len(choices))
        scores = selection_scores(said or (), right, len(choices))
        category = example.meta["type"]
        columns = {"items": 1.0, **scores, "chance": exact_chance(len(choices))}
        columns |= {"said": float(len(said or ())), "right": float(len(right))}
        for name in (*CATEGORIES, *dict.fromkeys(CATEGORIES.values())):
            own = float(name in (category, CATEGORIES.get(category)))
            columns |= {f"n:{name}": own, f"exact:{name}": own * scores["exact"]}
        return Scored(None if said is None else ", ".join(LETTERS[k] for k in sorted(said)), scores["exact"], columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Exact, partial, by option, chance, letters named and right, and exact by category and group."""
        found = {name: ratio(sums[name], sums["items"]) for name in ("exact", "partial", "options", "chance")}
        found |= {
            "letters_named": ratio(sums["said"], sums["items"]),
            "letters_right": ratio(sums["right"], sums["items"]),
        }
        names = [key[2:] for key in sums if key.startswith("n:")]
        return {**found, **{n: ratio(sums[f"exact:{n}"], sums[f"n:{n}"]) for n in names if np.any(sums[f"n:{n}"])}}

    not_shares = ("letters_named", "letters_right")

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Letters read, letters right, the three scores."""
        said = parse_letters(item["answer"], len(example.meta["choices"]))
        scores = selection_scores(said or (), example.meta["truths"], len(example.meta["choices"]))
        return [
            ("letters read", "none" if said is None else ", ".join(LETTERS[k] for k in sorted(said))),
            ("letters right", example.answers[0]),
            ("scores", ", ".join(f"{name} {value:.2f}" for name, value in scores.items())),
        ]


def prompt(question: str, options: Sequence[str]) -> str:
    """The authors' prompt to the letter, with the blanks that their source has in it."""
    letters = ", ".join(LETTERS[: len(options)])
    listed = "".join(f"({letter}) {text}\n" for letter, text in zip(LETTERS, options))
    return (
        "Give an indefinite multiple choice question with several options, you need to select all the options that can answer "
        "the question.         The output should only contains the option index and strictly follow this format: "
        f"{letters}, and don't contains any other contents!!\nQuestion: {question}\nOptions: \n{listed}"
    )


def stitched(pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Pictures of one height side by side with a grey line between: uint8 ``[height, width, 3]``."""
    height = pictures[0].shape[0]
    line = np.full((height, max(2, height // 32), 3), 128, np.uint8)
    parts = [part for picture in pictures for part in (line, picture)][1:]
    return np.concatenate(parts, axis=1)
