"""ScienceQA (NeurIPS 2022) as LLaVA asks and reads it."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal

from vistune.core.errors import DataError
from vistune.data.example import ImageSource
from vistune.evaluation.benchmarks.base import BENCHMARKS
from vistune.evaluation.benchmarks.choice import DIRECTLY, Ask, Choice, Drawing, bare_prompt
from vistune.evaluation.benchmarks.nano import picture, scenes, split_of
from vistune.evaluation.benchmarks.nano_choices import Dealer, Drawn
from vistune.evaluation.benchmarks.tables import Row, letter_place, need, read_json
from vistune.evaluation.metrics.choices import LETTERS, ScienceQAMode, parse_scienceqa

_SUBJECTS = {"natural science": "NAT", "social science": "SOC", "language science": "LAN"}
#: Splits of the official files; the world draws its own of the same name (mini or not).
ProblemSplit = Literal["train", "val", "test", "trainval", "minitrain", "minival", "minitest"]
#: Families of the world's text-only questions by subject; their answers are each other's wrong options.
_LESSONS = {
    "NAT": ("legs", "sound", "who_says", "young"),
    "SOC": ("day_after", "day_before", "month_after", "season_after"),
    "LAN": ("first_letter", "letter_after", "opposite"),
}


@BENCHMARKS.register("scienceqa")
class ScienceQA(Choice):
    """School questions with two to five options, half of them with a picture; accuracy over all and over those (``IMG``).

    Files: LLaVA's conversation file (``llava_test_CQM-A.json``), or the folder of the official ``problems.json`` and
    ``pid_splits.json``, which also tell subject (NAT, SOC, LAN) and grade; ``images`` is the folder of the pictures. Nano:
    facts that no picture shows, facts with a text to read, and lessons about the animal in a picture. ``mode``: LLaVA's
    reading, the same with a strict full stop, or lmms-eval's. Other tools match options by text, or ask a judge.
    ``style: texts`` shows no options.
    """

    protocol = "LLaVA eval_science_qa.py: a letter, 'X. ...' or 'The answer is X.'; anything else is wrong"
    capabilities = ("science", "knowledge", "reasoning")
    places: ClassVar[int] = 5
    styles = ("letters", "texts")

    images: Path | None = None
    split: ProblemSplit = "test"  # pyright: ignore[reportIncompatibleVariableOverride]
    mode: ScienceQAMode = "official"
    suffix: str = DIRECTLY
    max_new_tokens: int = 1024

    def rule(self, answer: str, options: Mapping[str, str]) -> str | None:
        """By ``mode``; letters A to E are read, those beyond the options are wrong."""
        return parse_scienceqa(answer, "ABCDE", self.mode)

    def prompt_of(self, ask: Ask) -> str:
        """Context, question, options, and the request for a letter."""
        if self.style == "texts":
            return bare_prompt(ask)
        lines = [f"Context: {ask.hint}" if ask.hint else "", ask.question]
        lines += [f"{letter}. {text}" for letter, text in zip(LETTERS, ask.options)]
        return "\n".join([*filter(None, lines), *filter(None, [self.suffix])])

    def published_asks(self) -> list[Ask]:
        """LLaVA's file, or the official ones."""
        assert self.path is not None
        official = self.path / "problems.json" if self.path.is_dir() else self.path
        found = read_json(official)
        if isinstance(found, list):
            return [self._conversation(record, number) for number, record in enumerate(found, start=1)]
        if not isinstance(found, Mapping):
            raise DataError(f"{official}: a list of conversations, or problems by id, is expected.")
        splits = read_json(official.parent / "pid_splits.json")
        need(splits, [self.split], official.parent / "pid_splits.json", 1)
        missing = [pid for pid in splits[self.split] if pid not in found]
        if missing:
            raise DataError(f"{official} lacks {len(missing)} problems of '{self.split}'; the first is {missing[0]}.")
        return [self._problem(pid, found[pid], number) for number, pid in enumerate(splits[self.split], start=1)]

    def _picture(self, name: str) -> ImageSource:
        assert self.path is not None
        folder = self.images or (self.path if self.path.is_dir() else self.path.parent)
        return ImageSource(path=folder / name)

    def _conversation(self, record: Row, number: int) -> Ask:
        assert self.path is not None
        need(record, ("id", "conversations"), self.path, number)
        try:
            asked, answer = (turn["value"] for turn in record["conversations"][:2])
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{self.path}, record {number}: two turns with a value each are expected.") from error
        where = f"{self.path}, record {number}"
        hint, question, options = split_prompt(asked.replace("<image>", "").strip(), where)
        pictures = (self._picture(record["image"]),) if record.get("image") else ()
        return Ask(
            str(record["id"]), question, options, letter_place(answer, options, where), pictures, hint,
            type="image" if pictures else "text" if hint else "no context", buckets=_contexts(bool(pictures), hint),
        )  # fmt: skip

    def _problem(self, pid: str, record: Row, number: int) -> Ask:
        assert self.path is not None
        need(record, ("question", "choices", "answer"), self.path, number)
        pictures = ()
        if record.get("image"):
            place = Path(record.get("split", self.split)) / pid / str(record["image"])
            pictures = (self._picture(str(place)),)
        hint, grade = str(record.get("hint") or "").strip(), str(record.get("grade") or "")
        own = [_SUBJECTS[record["subject"]]] if record.get("subject") in _SUBJECTS else []
        level = re.sub(r"\D", "", grade)
        own += ["G1-6" if int(level) <= 6 else "G7-12"] if level else []
        facets = {name: str(record[name]) for name in ("subject", "topic", "grade") if record.get(name)}
        return Ask(
            pid, str(record["question"]), tuple(map(str, record["choices"])), int(record["answer"]), pictures, hint,
            type=str(record.get("topic") or "all"), buckets=(*_contexts(bool(pictures), hint), *own), facets=facets,
        )  # fmt: skip

    def nano_asks(self) -> list[Ask]:
        """Two in five from knowledge, one in five with a text, two in five about a picture."""
        pictured = 2 * self.n // 5
        drawn: Drawing = {**self.drawn, "split": split_of(self.split)}
        return [*_told_lessons(self.n - pictured, drawn), *_picture_lessons(pictured, drawn)]


def _contexts(pictured: bool, hint: str) -> tuple[str, ...]:
    """The authors' kinds of context: a picture, a text (both may be), or none."""
    named = (*(("IMG",) if pictured else ()), *(("TXT",) if hint else ()))
    return named or ("NO",)


def split_prompt(text: str, where: str) -> tuple[str, str, tuple[str, ...]]:
    """Hint, question and options of a prompt whose options stand on lines from "A. " on. Raises ``DataError`` without any."""
    lines = text.split("\n")
    first = max((k for k, line in enumerate(lines) if re.match(r"A\. ?", line)), default=None)
    if first is None:
        raise DataError(f"{where}: options on lines of their own, from 'A. ' on, are expected.")
    options: list[str] = []
    for line in lines[first:]:
        if len(options) < len(LETTERS) and re.match(rf"{LETTERS[len(options)]}\. ?", line):
            options.append(line[2:].strip())
        else:
            options[-1] += f"\n{line}"
    hint = ""
    asked = lines[:first]
    if asked and asked[0].startswith("Context: "):
        hint = "\n".join([asked[0].removeprefix("Context: "), *asked[1:-1]])
        asked = asked[-1:]
    return hint, "\n".join(asked), tuple(options)


def _told_lessons(n: int, drawn_as: Drawing) -> list[Ask]:
    from vistune.evaluation.benchmarks.nano import FIRST_SCENE
    from vistune.world.questions import ask_text_only

    # Facts that need no picture have no test split of their own.
    seed, split = drawn_as["seed"], "train" if drawn_as["split"] == "train" else "val"
    rng, dealer = random.Random(f"lessons/{seed}"), Dealer(seed)
    families = [(subject, family) for subject, own in _LESSONS.items() for family in own]
    drawn: dict[str, tuple[str, str, str, str]] = {}
    answers: dict[str, set[str]] = {}
    for number in range(20 * n):
        subject, family = families[number % len(families)]
        q = ask_text_only(FIRST_SCENE + seed * 100_000 + number, split=split, family=family)
        answers.setdefault(family, set()).add(q.answer)
        drawn.setdefault(q.text, (subject, family, q.answer, q.facts["reason"] or ""))
    asks = []
    for text, (subject, family, answer, reason) in list(drawn.items())[:n]:
        options, truth = dealer.deal(Drawn(text, answer, tuple(answers[family])), sort=family)
        hint = ""
        if len(asks) % 3 == 2 and reason:
            # One fact in three stands in the text to read, after another of the same family.
            other = rng.choice(
                sorted({r for _, f, _, r in drawn.values() if f == family and r and r != reason}) or [""]
            )
            hint = " ".join(f"{fact}." for fact in rng.sample([reason, other], 2) if fact)
        asks.append(
            Ask(
                f"lesson-{len(asks)}", text, options, truth, hint=hint, type=family, group=text,
                buckets=(subject, *_contexts(False, hint)),
            )
        )  # fmt: skip
    return asks


#: Of the one animal in a picture: question, and which of (legs, sound, young, first letter) answers it.
_OF_THE_ANIMAL = (
    ("legs", "how many legs does the animal in the picture have?"),
    ("sound", "what does the animal in the picture say?"),
    ("young", "what is a young one of the animal in the picture called?"),
    ("letter", "with which letter does the name of the animal in the picture begin?"),
)
_LEGS = {0: "zero", 2: "two", 4: "four", 6: "six", 8: "eight"}


def _known(kind: str) -> dict[str, str | None]:
    """What one knows of an animal, in words."""
    from vistune.world.questions.knowledge import ANIMALS

    legs, sound, young = ANIMALS[kind]
    return {"legs": None if legs is None else _LEGS[legs], "sound": sound, "young": young, "letter": kind[0]}


def _picture_lessons(n: int, drawn: Drawing) -> list[Ask]:
    """What is known of the one animal of a picture: it must be seen, and known."""
    from vistune.world.questions.knowledge import ANIMALS
    from vistune.world.vocabulary import KIND_BY_NAME

    seed = drawn["seed"]
    rng, dealer = random.Random(f"picture lessons/{seed}"), Dealer(seed + 1)
    every = {family: {_known(animal)[family] for animal in ANIMALS} - {None} for family, _ in _OF_THE_ANIMAL}
    asks: list[Ask] = []
    for scene in scenes(20 * n, drawn["split"], drawn["prior"], seed):
        kinds = {t.kind for t in scene.things if KIND_BY_NAME[t.kind].group == "animal"}
        family, text = rng.choice(_OF_THE_ANIMAL)
        right = _known(next(iter(kinds)))[family] if len(kinds) == 1 else None
        # Most animals have four legs: the answer is drawn first.
        wanted = rng.choice(("zero", "two", "four"))
        if right is None or (family == "legs" and right != wanted):
            continue
        options, truth = dealer.deal(Drawn(text, right, tuple(str(a) for a in every[family])), sort=family)
        asks.append(
            Ask(
                f"picture-{scene.seed}", text, options, truth, (picture(scene, drawn["image_size"]),), type=f"picture {family}",
                group=str(scene.seed), buckets=("LAN" if family == "letter" else "NAT", "IMG"),
            )
        )  # fmt: skip
        if len(asks) == n:
            break
    return asks
