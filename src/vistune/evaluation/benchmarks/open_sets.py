"""Open questions that a judge marks: MM-Vet, LLaVA-Bench, TouchStone."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, DataError, nearest
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, Published, Scored, Way
from vistune.evaluation.benchmarks.judging import JudgeSpec, judge_of
from vistune.evaluation.benchmarks.nano import picture, scene_facets, scenes
from vistune.evaluation.benchmarks.tables import need, picture_of, rows_of
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.judged import MMVET_CAPABILITIES
from vistune.world.scene import Prior, Scene, Split

if TYPE_CHECKING:
    from vistune.evaluation.judges.base import Judge, Verdict

#: A question of the world: its text, the right answer in words, and the groups it counts in.
Asked = tuple[str, str, tuple[str, ...]]


class OpenSet(Published):
    """What the three share: a judge with a rubric, several groups an item, and scenes for the nano edition."""

    graded = True
    capabilities = ("open-answers", "perception", "reasoning")
    #: Groups of items, each with a measure of its own.
    groups: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        path: str | None = None,
        images: str | None = None,
        judge: JudgeSpec | None = None,
        n: int = 120,
        max_new_tokens: int = 128,
        split: Split = "test",
        prior: Prior = "flat",
        image_size: int = 64,
        seed: int = 0,
    ) -> None:
        self.path = Path(path) if path else None
        self.images = Path(images) if images else None
        self.judge, self.n, self.max_new_tokens = judge, n, max_new_tokens
        self.image_size, self.seed = image_size, seed
        self.split: Split = split
        self.prior: Prior = prior

    @property
    def way(self) -> Way:
        """A judge marks."""
        return "judge"

    @abstractmethod
    def rubric(self) -> str | dict[str, Any]:
        """The rubric with its parameters."""

    def build_judge(self) -> Judge:
        """The named judge; the scene oracle for the nano edition."""
        return judge_of(self.judge, self.rubric(), self.kind, self.path is None)

    @abstractmethod
    def asked(self, scene: Scene, number: int) -> Asked | None:
        """Question ``number`` of the nano edition; None where the scene has none of its kind."""

    def nano(self) -> list[Example]:
        """``n`` questions, one a scene, the kinds in turn; the judge's context is the scene told at length."""
        from vistune.world.language import caption

        made: list[Example] = []
        for scene in scenes(6 * self.n, self.split, self.prior, self.seed, min_things=2):
            found = self.asked(scene, len(made))
            if found is None:
                continue
            question, answer, groups = found
            context = caption(scene, scene.seed, "long", self.split)
            source, facets = picture(scene, self.image_size), scene_facets(scene)
            made.append(self._item(f"{len(made):03d}", question, answer, groups, source, context, facets, scene))
            if len(made) == self.n:
                break
        return made

    def _item(
        self,
        identity: str,
        question: str,
        reference: str,
        groups: Sequence[str],
        source: ImageSource,
        context: str,
        facets: Mapping[str, str],
        facts: Scene | None = None,
        group: str | None = None,
    ) -> Example:
        meta = {
            "type": "+".join(groups), "groups": list(groups), "group": group or identity, "facets": dict(facets),
            "context": context, "category": groups[0], "facts": facts,
        }  # fmt: skip
        return Example(identity, [user(question, images=(0,))], [source], answers=[reference], meta=meta)

    def _columns(self, example: Example, values: Mapping[str, float]) -> dict[str, float]:
        """``values`` for all items and, under each group's name, for its own."""
        columns = {f"{name}_all": value for name, value in values.items()}
        for group in self.groups:
            own = float(group in example.meta["groups"])
            columns |= {f"{name}_{group}": own * value for name, value in values.items()}
        return columns

    def _file(self, name: str) -> Path:
        """A file of the folder ``path``, or ``path`` itself."""
        assert self.path is not None
        return self.path / name if self.path.is_dir() else self.path

    def _photograph(self, name: str) -> ImageSource:
        folder = self.images or self._file("images")
        return ImageSource(path=folder / name)


def _ask(scene: Scene, types: list[str], split: str) -> Any:
    from vistune.world.questions import ask

    return next(iter(ask(scene, scene.seed, types=types, n=1, split=split)), None)


@BENCHMARKS.register("mm_vet")
class MmVet(OpenSet):
    """218 questions that need several of six abilities at once; a judge gives each answer 0.0 to 1.0 against a reference.

    ``total`` and each ability (an item counts in each of its own) are means in percent. File: ``mm-vet.json`` with ``<AND>`` and
    ``<OR>`` in references; ``images``: the folder of pictures. The official score is the mean of five runs of the judge:
    ``judge={kind: openai, model: MODEL, votes: 5}``. The world's edition has recognition, places, arithmetic and descriptions.
    """

    main = "total"
    protocol = (
        "yuweihao/MM-Vet: few-shot judge, 0.0 to 1.0, an item counts in each of its abilities; votes: 5 officially"
    )
    groups = MMVET_CAPABILITIES
    _WORLD: ClassVar = (
        (("rec",), ["colour", "state", "pattern"]), (("spat",), ["relation"]), (("math", "rec"), ["count"]),
        (("rec", "spat"), ["two_fact"]), (("math",), ["compare_count"]), (("gen", "rec"), []),
    )  # fmt: skip

    def rubric(self) -> str:
        """MM-Vet's."""
        return "mm_vet"

    def asked(self, scene: Scene, number: int) -> Asked | None:
        """The kinds in turn."""
        from vistune.world.language import caption

        groups, types = self._WORLD[number % len(self._WORLD)]
        if not types:
            return "describe the picture.", caption(scene, scene.seed, "all", self.split), groups
        found = _ask(scene, list(types), self.split)
        return None if found is None else (found.text, found.answer, groups)

    def published(self) -> list[Example]:
        """The questions of the file."""
        path = self._file("mm-vet.json")
        made = []
        for number, row in enumerate(rows_of(path), 1):
            need(row, ("id", "imagename", "question", "answer", "capability"), path, number)
            unknown = [a for a in row["capability"] if a not in self.groups]
            if unknown:
                raise DataError(
                    f"{path}, record {number}: no ability '{unknown[0]}'. {nearest(unknown[0], self.groups)}"
                )
            source = self._photograph(row["imagename"])
            facets = {"source": str(row.get("imagesource", "unknown"))}
            made.append(
                self._item(
                    row["id"],
                    row["question"],
                    row["answer"],
                    row["capability"],
                    source,
                    "",
                    facets,
                    group=row["imagename"],
                )
            )
        return made

    def score_judged(self, example: Example, answer: str, verdict: Verdict) -> Scored:
        """The mark; 0 where it could not be read."""
        mark = verdict.marks.get("score", 0.0)
        columns = self._columns(example, {"items": 1.0, "mark": mark})
        return Scored(f"{mark:.1f}" if verdict.parsed else None, mark, columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Total and abilities."""
        found = {"total": ratio(sums["mark_all"], sums["items_all"])}
        return found | {group: ratio(sums[f"mark_{group}"], sums[f"items_{group}"]) for group in self.groups}


class _Beside(OpenSet):
    """An answer set beside a reference's by a judge of pairs."""

    main = "relative"
    #: How the published score is formed of the means, under the name ``score``.
    times: ClassVar[float] = 1.0

    def score_judged(self, example: Example, answer: str, verdict: Verdict) -> Scored:
        """The mark over ten; calls that could not be read are left out or stay in as each script has it."""
        mark, reference = verdict.marks.get("score", 0.0), verdict.marks.get("reference", 0.0)
        calls = verdict.marks.get("calls", float(bool(verdict.marks)))
        values = {"items": calls, "mark": calls * mark, "reference": calls * reference}
        told = f"{mark:g} beside {reference:g}" if verdict.parsed else None
        return Scored(told, min(1.0, max(0.0, mark / 10)), self._columns(example, values))

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Ratio of the means in all and in each group, and both means."""
        found = {"relative": 100 * ratio(sums["mark_all"], sums["reference_all"])}
        found["score"] = self.times * ratio(sums["mark_all"], sums["items_all"])
        found["reference"] = self.times * ratio(sums["reference_all"], sums["items_all"])
        for group in self.groups:
            found[group] = self._of_group(sums, group)
        return found

    def _of_group(self, sums: Mapping[str, NDArray[np.float64]], group: str) -> NDArray[np.float64]:
        return 100 * ratio(sums[f"mark_{group}"], sums[f"reference_{group}"])


_SETTINGS = ("wild", "coco")


@BENCHMARKS.register("llava_bench")
class LlavaBench(_Beside):
    """LLaVA-Bench: answers beside those of a text-only model that saw captions (and boxes); 100 times the ratio of mean marks.

    ``style`` wild: folder with ``questions.jsonl``, ``context.jsonl``, ``answers_gpt4.jsonl``, ``images``. coco: folder with
    ``qa90_questions.jsonl``, ``qa90_gpt4_answer.jsonl``, and ``caps_boxes_coco2014_val_80.jsonl`` there or above. By category
    conv, detail, complex. Reviews that cannot be read stay in the means as -1, as officially. ``rules``: the published rule.json.
    """

    protocol = "haotian-liu/LLaVA: reference first, marks 1 to 10, ratio of means, unread reviews stay in as -1"
    groups = ("conv", "detail", "complex")
    not_shares = ("relative", "score", "reference", *groups)

    def __init__(
        self,
        path: str | None = None,
        images: str | None = None,
        judge: JudgeSpec | None = None,
        style: Literal["wild", "coco"] = "wild",
        rules: str | None = None,
        n: int = 90,
        max_new_tokens: int = 1024,
        split: Split = "test",
        prior: Prior = "flat",
        image_size: int = 64,
        seed: int = 0,
    ) -> None:
        super().__init__(path, images, judge, n, max_new_tokens, split, prior, image_size, seed)
        if style not in _SETTINGS:
            raise ConfigError(f"llava_bench has no style '{style}'. {nearest(style, _SETTINGS)}")
        if path is None:
            self.max_new_tokens = min(max_new_tokens, 128)
        self.style: Literal["wild", "coco"] = style
        self.rules = rules

    def rubric(self) -> dict[str, Any]:
        """LLaVA-Bench's, for the setting."""
        return {"kind": "llava_bench", "setting": self.style, "prompt_file": self.rules}

    def asked(self, scene: Scene, number: int) -> Asked | None:
        """Conversation, detail and reasoning in turn."""
        from vistune.world.language import caption

        group = self.groups[number % 3]
        if group == "detail":
            return "describe the picture in detail.", caption(scene, scene.seed, "long", self.split), (group,)
        found = _ask(
            scene, ["colour", "setting", "count"] if group == "conv" else ["two_fact", "compare_size"], self.split
        )
        return None if found is None else (found.text, found.answer, (group,))

    def published(self) -> list[Example]:
        """The questions with the reference's answers and what the judge reads."""
        wild = self.style == "wild"
        names = (
            ("questions.jsonl", "answers_gpt4.jsonl", "context.jsonl")
            if wild
            else ("qa90_questions.jsonl", "qa90_gpt4_answer.jsonl", "caps_boxes_coco2014_val_80.jsonl")
        )
        paths = [self._file(name) for name in names]
        if not paths[2].is_file() and not wild:
            paths[2] = paths[2].parent.parent / names[2]
        answers = {row["question_id"]: row["text"] for row in rows_of(paths[1])}
        told = {row["image"]: _context(row) for row in rows_of(paths[2])}
        made = []
        for number, row in enumerate(rows_of(paths[0]), 1):
            need(row, ("question_id", "image", "text", "category"), paths[0], number)
            name, question = row["image"], row["question_id"]
            if question not in answers or name not in told:
                raise DataError(
                    f"{paths[0]}, record {number}: no reference or context for question {question}, {name}."
                )
            source = self._photograph(name if wild else f"COCO_val2014_{name}")
            made.append(
                self._item(
                    str(question),
                    row["text"],
                    answers[question],
                    (row["category"],),
                    source,
                    told[name],
                    {},
                    group=name,
                )
            )
        return made


def _context(row: Mapping[str, Any]) -> str:
    """What the judge reads of a picture: sentences, and boxes where there are any."""
    if "caption" in row:
        captions = row["caption"]
        return captions if isinstance(captions, str) else "\n".join(captions)
    boxes = "\n".join(f"{one['category']}: {one['bbox']}" for one in row["instances"])
    return "\n".join(row["captions"]) + "\n\n" + boxes


@BENCHMARKS.register("touchstone", paper="touchstone")
class TouchStone(_Beside):
    """TouchStone: 908 questions of 27 tasks; a judge that reads a fine annotation marks answer and reference, in both orders.

    ``score`` is 100 times the mean mark over all calls that could be read (100 to 1,000), as published; ``relative`` the
    ratio to the reference. File: the TSV with ``index``, ``image`` (base64), ``question``, ``human_annotation``,
    ``gpt4_ha_answer``, ``category``, ``task_name``; an item may have several categories. ``mode`` strict: both orders or none.
    The world's annotation is exact.
    """

    main = "score"
    times = 100.0
    protocol = "OFA-Sys/TouchStone, eval.py: both orders, 100 times the mean over calls that could be read"
    groups = ("description", "recognition", "comprehension", "story", "several pictures")
    not_shares = ("relative", "score", "reference", *groups)
    _WORLD: ClassVar = (
        ("description", []), ("recognition", ["colour", "state"]), ("recognition", ["existence"]),
        ("comprehension", ["relation"]), ("comprehension", ["two_fact", "odd_one_out"]),
    )  # fmt: skip

    def __init__(
        self,
        path: str | None = None,
        judge: JudgeSpec | None = None,
        mode: Literal["official", "strict"] = "official",
        n: int = 100,
        max_new_tokens: int = 512,
        split: Split = "test",
        prior: Prior = "flat",
        image_size: int = 64,
        seed: int = 0,
    ) -> None:
        super().__init__(path, None, judge, n, max_new_tokens, split, prior, image_size, seed)
        if path is None:
            self.max_new_tokens = min(max_new_tokens, 128)
        self.mode: Literal["official", "strict"] = mode

    def rubric(self) -> dict[str, Any]:
        """TouchStone's."""
        return {"kind": "touchstone", "mode": self.mode}

    def asked(self, scene: Scene, number: int) -> Asked | None:
        """The tasks in turn."""
        from vistune.world.language import caption

        group, types = self._WORLD[number % len(self._WORLD)]
        if not types:
            return "describe the picture.", caption(scene, scene.seed, "long", self.split), (group,)
        found = _ask(scene, list(types), self.split)
        return None if found is None else (found.text, found.answer, (group,))

    def published(self) -> list[Example]:
        """The rows of the table."""
        assert self.path is not None
        made = []
        for number, row in enumerate(rows_of(self.path), 1):
            need(
                row, ("index", "image", "question", "human_annotation", "gpt4_ha_answer", "category"), self.path, number
            )
            groups = [_group(name) for name in str(row["category"]).split(",")]
            source = picture_of(row["image"], self.path.parent, f"{self.path}, record {number}")
            facets = {"task": str(row.get("task_name", "unknown"))}
            made.append(
                self._item(
                    str(row["index"]),
                    row["question"],
                    row["gpt4_ha_answer"],
                    groups,
                    source,
                    row["human_annotation"],
                    facets,
                )
            )
        return made

    def _of_group(self, sums: Mapping[str, NDArray[np.float64]], group: str) -> NDArray[np.float64]:
        return self.times * ratio(sums[f"mark_{group}"], sums[f"items_{group}"])


def _group(category: str) -> str:
    """The ability group of a category's published name, by its first telling word; unknown ones keep their name."""
    said = category.strip().lower()
    words = {
        "descri": "description", "recogni": "recognition", "comprehen": "comprehension", "story": "story",
        "multi": "several pictures",
    }  # fmt: skip
    return next((group for part, group in words.items() if part in said), said)
