"""Questions that are answered by sub-questions (LVLM-eHub's multi-turn reasoning, arXiv 2306.09265): SNLI-VE, VCR, scenes."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.annotators.base import Annotator, build_annotator
from vistune.annotators.oracle import same_answer, values_in
from vistune.core.errors import ConfigError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, OfSplit, Scored
from vistune.evaluation.benchmarks.dialogues import named
from vistune.evaluation.benchmarks.judging import JudgeSpec
from vistune.evaluation.benchmarks.nano import endless_scenes, picture, scene_facets
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.reasoner import Course, Reasoner, Task
from vistune.world.scene import Scene

Style = Literal["dialogue", "single", "irrelevant"]
#: (sub-question, the value that the statement gives, the true one)
Check = tuple[str, str, str]


@BENCHMARKS.register("sub_questions", paper="lvlm-ehub")
class SubQuestions(OfSplit):
    """Main questions with choices, answered least to most: the model describes the picture, an asker splits the question up, the
    model answers each part by itself, a reasoner concludes or has more asked, four rounds at most. ``asker`` and ``reasoner`` are
    annotators (``{kind: openai, model: ...}``); the second is the first unless told.

    ``style``: ``dialogue``; ``single``, the main question to the model itself; ``irrelevant``, the control in which as many
    questions are asked that have nothing to do with it. ``path``: SNLI-VE's or VCR's lines (``vcr_files``), 500 drawn by ``seed``;
    ``images``: the pictures. Nano: two statements about a scene, in half of the cases one of them false; the scene oracle asks and
    concludes exactly, so that all errors are the model's. ``unknown``: no choice came out, which is wrong.
    """

    protocol = "LVLM-eHub's multi-turn reasoning: 4 rounds, its forms of replies, prompts in words of our own"
    capabilities = ("reasoning", "dialogue")
    not_shares = ("rounds", "asked")
    afresh = True

    images: Path | None = None
    style: Style = "dialogue"
    asker: JudgeSpec | None = None
    reasoner: JudgeSpec | None = None
    rounds: int = 4
    suffix: str | None = None
    #: 0: as long as is usual.
    max_new_tokens: int = 0
    limit: int = 500
    n: int = 120
    _leader: Reasoner | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Somebody who asks; suffix and length of the edition where none are given."""
        super().__post_init__()
        if self.path is not None and self.asker is None and self.style != "single":
            raise ConfigError(
                "sub_questions needs somebody who asks and concludes: asker={kind: openai, model: MODEL}."
            )
        suffix, longest, self.chance = ("", 96, 0.5) if self.path is None else (" Reply in short.", 128, None)
        self.suffix = suffix if self.suffix is None else self.suffix
        self.max_new_tokens = self.max_new_tokens or longest

    @property
    def name(self) -> str:
        """With the style where it is not the dialogue."""
        return super().name + ("" if self.style == "dialogue" else f"_{self.style}")

    # -- items ---------------------------------------------------------------------------------------------------------

    def published(self) -> list[Example]:
        """Some of the file's questions, drawn by ``seed``."""
        from vistune.evaluation.benchmarks.vcr_files import read_chosen

        assert self.path is not None
        found = read_chosen(self.path)
        drawn = random.Random(self.seed).sample(found, min(self.limit, len(found)))
        folder = self.images or self.path.parent
        return [
            self._item(c.id, c.image, ImageSource(path=folder / c.image), c.question, c.choices, c.truth, {})
            for c in drawn
        ]

    def nano(self) -> list[Example]:
        """Statements about scenes, true and false in turn."""
        made: list[Example] = []
        for scene in endless_scenes(self.seed, self.split, self.prior, min_things=2):
            checks = stated(scene, random.Random(f"sub-questions/{scene.seed}"), true=len(made) % 2 == 0)
            if checks is not None:
                said, tested = checks
                question = f"is it true that {said[0]} and {said[1]}?"
                truth = int(any(value != true for _, value, true in tested))
                meta = {"checks": tested, "facets": scene_facets(scene)}
                shown = picture(scene, self.image_size)
                made.append(self._item(f"s{scene.seed}", str(scene.seed), shown, question, ("yes", "no"), truth, meta))
            if len(made) == self.n:
                break
        return made

    def _item(
        self,
        identity: str,
        group: str,
        shown: ImageSource,
        question: str,
        choices: Sequence[str],
        truth: int,
        more: Mapping[str, Any],
    ) -> Example:
        first = "describe the picture." if self.path is None else "Describe the image."
        if self.style == "single":
            listed = "" if self.path is None else "\n" + "\n".join(f"{k}. {c}" for k, c in enumerate(choices, start=1))
            first = question + listed + ("" if self.path is None else "\nAnswer with the number of the right choice.")
        meta = {"type": choices[truth] if len(choices) < 4 else "vcr", "group": group, "question": question}
        meta |= {"choices": tuple(choices), **more}
        return Example(identity, [user(first, images=(0,))], [shown], answers=[choices[truth]], meta=meta)

    # -- dialogues -----------------------------------------------------------------------------------------------------

    def follow_up(self, example: Example, said: Sequence[str]) -> Example | None:
        """The next sub-question, by itself."""
        if self.style == "single":
            return None
        due = self.course(example, said).next
        if due is None:
            return None
        return Example(example.id, [user(due + (self.suffix or ""), images=(0,))], example.images, meta=example.meta)

    def course(self, example: Example, said: Sequence[str]) -> Course:
        """Where the dialogue stands after the answers ``said``, the description first."""
        meta = example.meta
        task = Task(meta["question"], meta["choices"])
        if "checks" in meta:
            checks = meta["checks"]
            task = Task(task.question, task.choices, partial(ask_exactly, checks), partial(conclude_exactly, checks))
        return self._lead().course(example.id, task, said[0], said[1:])

    def _lead(self) -> Reasoner:
        if self._leader is None:
            asker = build_annotator("oracle" if self.asker is None else self.asker)
            reasoner: Annotator = asker if self.reasoner is None else build_annotator(self.reasoner)
            self._leader = Reasoner(asker, reasoner, self.rounds, relevant=self.style != "irrelevant")
        return self._leader

    def score_dialogue(self, example: Example, said: Sequence[str]) -> Scored:
        """The conclusion against the right choice."""
        choices = example.meta["choices"]
        if self.style == "single":
            found = Course(choice=chosen(said[0], choices), rounds=0)
        else:
            found = self.course(example, said)
        told = None if found.choice is None else choices[found.choice]
        right = float(told == example.answers[0])
        columns = {
            "items": 1.0, "correct": right, "unknown": float(told is None), "rounds": float(found.rounds),
            "asked": float(len(found.asked)),
        }  # fmt: skip
        return Scored(told, right, columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Accuracy, the share without a conclusion, and the means of rounds and of sub-questions."""
        names = {"accuracy": "correct", "unknown": "unknown", "rounds": "rounds", "asked": "asked"}
        return {name: ratio(sums[column], sums["items"]) for name, column in names.items()}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Main question, sub-questions with their answers, conclusion."""
        told = [("main question", example.meta["question"]), ("choices", "; ".join(example.meta["choices"]))]
        if self.style != "single":
            asked = self.course(example, item.get("said") or [item["answer"]]).asked
            told += [(f"sub-question {k}", f"{q} {a}") for k, (q, a) in enumerate(asked, start=1)]
        return [*told, ("conclusion", str(item["parsed"]))]


def chosen(answer: str, choices: Sequence[str]) -> int | None:
    """The choice (from 0) that an answer means: by a number alone, or by the one choice whose words it holds."""
    number = re.match(r"\W*(?:answer\s*)?(\d+)\b", answer.strip(), re.IGNORECASE)
    if number and 1 <= int(number[1]) <= len(choices):
        return int(number[1]) - 1
    plain = [" ".join(re.findall(r"[a-z0-9]+", choice.lower())) for choice in choices]
    held = [plain.index(choice) for choice in named(answer, plain)]
    return held[0] if len(held) == 1 else None


# -- statements about scenes, and what an exact asker and reasoner say ---------------------------------------------------


def stated(scene: Scene, rng: random.Random, true: bool) -> tuple[list[str], list[Check]] | None:
    """Two statements with the questions that tell whether they hold; one of them false unless ``true``. None where the scene has
    not two facts of different sorts.
    """
    facts = _facts(scene, rng)
    if len(facts) < 2:
        return None
    (first, second), wrong = rng.sample(facts, 2), rng.randrange(2)
    told = [fact(not true and place == wrong) for place, fact in enumerate((first, second))]
    return [words for words, _ in told], [check for _, check in told]


def _facts(scene: Scene, rng: random.Random) -> list[Any]:
    """One fact of each sort that the scene has: called with whether it shall be stated falsely, -> (words, check)."""
    from vistune.world.language.grammar import INVERSE, is_person, noun_forms, some, the
    from vistune.world.language.view import view_of
    from vistune.world.vocabulary import COLOURS

    view, found = view_of(scene), []
    coloured = [
        (the(phrase), view.things[i].colour)
        for i in view.indices
        if (phrase := view.describe(i)) is not None and phrase.colour is None and not is_person(phrase.noun)
    ]
    if coloured:
        thing, colour = rng.choice(coloured)
        other = rng.choice([name for name in COLOURS if name != colour])
        found.append(partial(_coloured, thing, colour, other))
    kind, places = rng.choice(sorted(view.by_kind.items()))
    count = len(places)
    if count < 9:
        other_count = rng.choice([n for n in (count - 1, count + 1) if n > 0])
        told = [(f"there {'is' if n == 1 else 'are'} {some(kind, n)}", n) for n in (count, other_count)]
        found.append(partial(_counted, f"how many {noun_forms(kind)[1]} are there?", told))
    sides = [
        (the(a), relation, the(b))
        for i, relation, j in view.known()
        if relation in ("left of", "right of")
        and (a := view.describe(i)) is not None
        and (b := view.describe(j)) is not None
    ]
    if sides:
        one, relation, two = rng.choice(sides)
        found.append(partial(_sided, one, (relation, INVERSE[relation]), two))
    return found


def _coloured(thing: str, colour: str, other: str, wrong: bool) -> tuple[str, Check]:
    value = other if wrong else colour
    return f"{thing} is {value}", (f"what colour is {thing}?", value, colour)


def _counted(question: str, told: Sequence[tuple[str, int]], wrong: bool) -> tuple[str, Check]:
    from vistune.world.language.grammar import number_word

    words, number = told[int(wrong)]
    return words, (question, number_word(number), number_word(told[0][1]))


def _sided(one: str, relations: tuple[str, str], two: str, wrong: bool) -> tuple[str, Check]:
    relation = relations[int(wrong)]
    return f"{one} is {relation} {two}", (f"is {one} {relation} {two}?", "yes", "no" if wrong else "yes")


def ask_exactly(checks: Sequence[Check], _number: int) -> list[str]:
    """The questions that tell: the same in each round, since nothing else would."""
    return [question for question, _, _ in checks]


def conclude_exactly(checks: Sequence[Check], asked: Sequence[tuple[str, str]], final: bool) -> int | None:
    """0 (yes) where every statement's value was said, 1 (no) where another one was, None where an answer says neither; in the last
    round, 0 where nothing speaks against it. The last answer to a question counts.
    """
    answers = dict(asked)
    held = [_holds(answers.get(question, ""), value, question) for question, value, _ in checks]
    if False in held:
        return 1
    return 0 if final or None not in held else None


def _holds(answer: str, value: str, question: str) -> bool | None:
    if same_answer(answer, value, question):
        return True
    sorts = set(values_in(value)) & set(values_in(answer))
    return False if sorts else None
