"""VQAv2 and OK-VQA: ten human answers a question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, ClassVar, Literal

from vistune.core.errors import DataError
from vistune.data.annotations.files import read_json
from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.nano import picture, scene_facets, scenes
from vistune.evaluation.benchmarks.short import (
    Array,
    ShortAnswer,
    find_file,
    kind_columns,
    kind_measures,
    records,
    told,
)
from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.vqa import normalise_vqa, vqa_accuracy
from vistune.evaluation.metrics.word_match import vqa_word_match

#: ``accuracy``: VQA's soft accuracy. ``word-match``: right if any truth is a word of the answer (LVLM-eHub).
Extraction = Literal["accuracy", "word-match"]
TYPES = ("yes/no", "number", "other")
#: Types of questions about scenes: of all sorts, in three kinds of answer.
SCENE_TYPES = (
    "existence", "colour", "size", "pattern", "state", "count", "compare_count", "compare_size", "relation", "odd_one_out",
    "setting", "two_fact",
)  # fmt: skip


def ten_truths(answer: str) -> list[str]:
    """Ten annotators' answers about a scene, by the words that the world has for one thing.

    A thing's words take turns ("a dog", "a puppy"...), its own in front and with at least four, so that it is fully right;
    of a number half say the digit. All other answers are given by all ten.
    """
    from vistune.world.language.grammar import NUMBERS, indefinite
    from vistune.world.vocabulary import KIND_BY_NAME

    if answer in NUMBERS:
        return [answer, str(NUMBERS.index(answer))] * 5
    head, _, noun = answer.partition(" ")
    if head not in ("a", "an") or noun not in KIND_BY_NAME:
        return [answer] * 10
    others = [indefinite(word) for word in KIND_BY_NAME[noun].synonyms]
    own = max(4, -(-10 // (len(others) + 1)))
    return [answer] * own + [others[k % len(others)] if others else answer for k in range(10 - own)]


def answer_type(answer: str) -> str:
    """VQA's three kinds of answer."""
    from vistune.world.language.grammar import NUMBERS

    if answer in ("yes", "no"):
        return "yes/no"
    return "number" if answer in NUMBERS or answer.isdigit() else "other"


class SoftVQA(ShortAnswer):
    """VQA accuracy with ten answers; or, with ``extraction`` "word-match", LVLM-eHub's word match, which is no soft accuracy.

    A file that keeps one answer a question (common in evaluation kits) is scored by equality in normal form: leaving one
    annotator out of one would leave nothing.
    """

    graded = True
    mode: Mode = "official"
    extraction: Extraction = "accuracy"
    kinds: Sequence[str] = field(default=TYPES, init=False)

    def accuracy(self, answer: str, truths: Sequence[str]) -> float:
        """Score of one answer."""
        if self.extraction == "word-match":
            return float(vqa_word_match(answer, truths, self.mode))
        if len(truths) == 1:
            return float(normalise_vqa(answer) == normalise_vqa(truths[0]))
        return vqa_accuracy(answer, truths, self.mode)

    def normal(self, text: str) -> str:
        """A text as it is compared."""
        return normalise_vqa(text)

    def score(self, example: Example, answer: str) -> Scored:
        """Soft accuracy, counted at the kind of answer."""
        score = self.accuracy(answer, example.answers)
        return Scored(self.normal(answer) or None, score, kind_columns(score, self.kind_of(example), self.kinds))

    def kind_of(self, example: Example) -> str:
        """Which of ``kinds`` an item counts at."""
        return str(example.meta["answer_type"])

    def measures(self, sums: Mapping[str, Array]) -> dict[str, Array]:
        """Accuracy over all, and of each kind."""
        return {"accuracy": ratio(sums["score"], sums["items"]), **kind_measures(sums, self.kinds)}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Normal forms, matches, and the rule."""
        given = Counter(self.normal(truth) for truth in example.answers)
        steps = [("normal form", told(self.normal(item["answer"]))), ("truths in normal form", _listed(given))]
        if self.extraction == "word-match":
            return [*steps, ("rule", "right if a truth is a word of the answer")]
        if len(example.answers) == 1:
            return [*steps, ("rule", "one truth: equal in normal form")]
        if self.mode == "official" and len(set(example.answers)) == 1:
            raw = f"all truths are {told(example.answers[0])}: nothing is normalised, the answer must equal it as it stands"
            return [*steps, ("rule", raw)]
        matches = given[self.normal(item["answer"])]
        return [
            *steps,
            ("annotators who said so", f"{matches} of {len(example.answers)}"),
            ("rule", "mean over annotators left out of min(1, matches among the others / 3)"),
        ]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{told(text)} x {n}" for text, n in counts.items())


class VQAFiles(SoftVQA):
    """Questions and annotations in VQA's two files, or an evaluation kit's list with one answer each."""

    IMAGE: ClassVar[str] = "COCO_{subset}_{image:012d}.jpg"

    annotations: Path | None = None
    n: int = 300

    def published(self) -> list[Example]:
        """Questions joined with their annotations by id."""
        assert self.path is not None
        file = find_file(self.path, ("*[qQ]uestions*.json", "*.json"), "the questions")
        content = read_json(file)
        if isinstance(content, list):
            return self._kit(file)
        asked = records(file, ("question_id", "image_id", "question"), "questions", "question")[: self.limit]
        answered = self._annotations(file)
        subset = str(content.get("data_subtype", "val2014"))
        made = []
        for q in asked:
            about = answered.get(q["question_id"])
            if about is None:
                raise DataError(f"{file}: question {q['question_id']} has no annotation, so it cannot be scored.")
            name = self.IMAGE.format(subset=subset, image=int(q["image_id"]))
            truths = [str(a["answer"]) for a in about["answers"]]
            type_, kind = self.types_of(about)
            meta: dict[str, Any] = {"type": type_, "group": str(q["image_id"]), "answer_type": kind}
            identity = str(q["question_id"])
            made.append(self.item(identity, q["question"], [self.picture(name, subset)], truths, **meta))
        return made

    def types_of(self, about: Mapping[str, Any]) -> tuple[str, str]:
        """For the table by type, and the kind of answer."""
        return str(about.get("question_type", "all")), str(about.get("answer_type", "other"))

    def _annotations(self, file: Path) -> dict[Any, Mapping[str, Any]]:
        """Annotations by question. ``question_types`` names OK-VQA's categories."""
        pattern = ("*annotations*.json",)
        path = self.annotations or find_file(file.parent, pattern, "the annotations (or give annotations=FILE)")
        found = records(path, ("question_id", "answers"), "annotations", "annotation")
        names = read_json(path).get("question_types")
        if isinstance(names, Mapping):
            found = [{**a, "question_type": names.get(a.get("question_type"), a.get("question_type"))} for a in found]
        return {a["question_id"]: a for a in found}

    def _kit(self, file: Path) -> list[Example]:
        made = []
        for r in records(file, ("question", "question_id", "image_path", "gt_answers"))[: self.limit]:
            truth, name = str(r["gt_answers"]), Path(r["image_path"]).name
            kind = answer_type(normalise_vqa(truth))
            meta: dict[str, Any] = {"type": "all", "group": name, "answer_type": kind}
            made.append(self.item(str(r["question_id"]), r["question"], [self.picture(name)], [truth], **meta))
        return made


@BENCHMARKS.register("vqav2")
class VQAv2(VQAFiles):
    """VQAv2: questions about COCO photographs with ten answers each; accuracy over all and by kind of answer.

    Reads ``v2_OpenEnded_mscoco_*_questions.json`` and ``v2_mscoco_*_annotations.json`` of a folder. Official: where all
    ten answers are the same, nothing is normalised ("Yes" is not "yes"); ``mode`` "strict" always normalises, as other
    tools do. Nano: questions of twelve types about scenes, the ten answers by the world's words for a thing.
    """

    protocol = "GT-Vision-Lab/VQA: soft accuracy over ten answers; LLaVA's prompt"
    capabilities = ("perception", "counting", "spatial", "reasoning")

    def nano(self) -> list[Example]:
        """Two questions a scene."""
        from vistune.world.questions import ask

        made: list[Example] = []
        for place, scene in enumerate(scenes(self.n, self.split, self.prior, self.seed)):
            asked = ask(scene, scene.seed, types=SCENE_TYPES, n=2, split=self.split)
            # Numbers are rare among the types, one question in eight in VQAv2.
            counted = ask(scene, scene.seed, types=["count"], n=2, split=self.split) if place % 3 == 0 else []
            numbers = [q for q in counted if answer_type(q.answer) == "number"][:1]
            for i, q in enumerate([*numbers, *asked][:2]):
                meta = {"type": q.type, "group": str(scene.seed), "answer_type": answer_type(q.answer)}
                shown = [picture(scene, self.image_size)]
                facets = scene_facets(scene)
                identity = f"vqav2-{scene.seed}-{i}"
                made.append(self.item(identity, q.text, shown, ten_truths(q.answer), facets=facets, **meta))
            if len(made) >= self.n:
                break
        return made[: self.n]


@BENCHMARKS.register("okvqa")
class OKVQA(VQAFiles):
    """OK-VQA: what a photograph shows does not suffice, one must know something; VQA accuracy, by category of knowledge.

    Reads ``OpenEnded_mscoco_val2014_questions.json`` and ``mscoco_val2014_annotations.json``: five annotators, each given
    twice, so that one match is 0.6. Nano: one animal is seen, and what it says, its young, its legs, whether it flies or
    swims is asked.
    """

    protocol = "OK-VQA: VQA's soft accuracy (one of five annotators is two of ten answers); LLaVA's prompt"
    capabilities = ("perception", "knowledge")
    kinds: Sequence[str] = field(default=(), init=False)

    def kind_of(self, example: Example) -> str:
        """Categories are in the table by type."""
        return ""

    def nano(self) -> list[Example]:
        """One question a scene."""
        from vistune.evaluation.benchmarks.knowing import knowledge_items

        made = []
        for known in knowledge_items(self.n, self.split, self.prior, self.seed):
            meta = {"type": known.family, "group": str(known.scene.seed), "answer_type": answer_type(known.answer)}
            shown, facets = [picture(known.scene, self.image_size)], scene_facets(known.scene)
            identity = f"okvqa-{known.scene.seed}"
            made.append(self.item(identity, known.text, shown, ten_truths(known.answer), facets=facets, **meta))
        return made
