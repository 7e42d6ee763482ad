"""MM-BigBench (arXiv 2310.09036): the same classification tasks under ten instructions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, DataError, nearest
from vistune.core.files import read_jsonl
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks import nano
from vistune.evaluation.benchmarks.base import BENCHMARKS, OfSplit, Scored
from vistune.evaluation.metrics.intervals import ratio

LETTERS = "abcdefghijklmnop"


@dataclass(frozen=True, slots=True)
class Task:
    """A data set of the benchmark: its name, what is to be done, and the labels."""

    name: str
    definition: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """One way to lay an instruction out: lines with {head} (the task), {context}, {question}, {subject} (the context, or the
    question where there is none) and {options}; lines that stay empty are left out.

    ``cue``: what is cut off an answer that repeats the prompt. ``lettered``: options stand as "(a) red", and letters count.
    """

    lines: tuple[str, ...]
    cue: str = ""
    lettered: bool = False

    def prompt(self, **pieces: str) -> str:
        """The prompt of one item."""
        return "\n".join(line for line in (line.format(**pieces) for line in self.lines) if line)


_DESCRIBES = "Below is an instruction that describes a task{0}. Write a response that completes it."
#: The ten skeletons of the paper in its order: its parts and cues, our words.
SKELETONS: dict[int, Skeleton] = {
    1: Skeleton(("{head}", "Sentence: {subject}", "Label:"), "Label:"),
    2: Skeleton(("{head}", "{context}", "Question: {question}", "Answer:"), "Answer:"),
    3: Skeleton(
        (
            _DESCRIBES.format(""), "### Instruction:", "{head}", "{context}", "{question}", "Options: {options}",
            "### Response:",
        ),
        "### Response:",
        lettered=True,
    ),
    4: Skeleton(("{head}", "{context}", "{question}")),
    5: Skeleton(
        ("{head}", "{context}", "Question: {question}", "Options: {options}", "Answer:"), "Answer:", lettered=True
    ),
    6: Skeleton(("Human: {head}", "Human: {subject}", "AI:"), "AI:"),
    7: Skeleton(("{head}", "{context}", "Question: {question} {options}?", "Answer:"), "Answer:"),
    8: Skeleton(("{head}", "{subject}")),
    9: Skeleton(
        (
            _DESCRIBES.format(", with an input"), "### Instruction:", "{head}", "### Input:", "{context}", "{question}",
            "### Response:",
        ),
        "### Response:",
    ),
    10: Skeleton(("User: {head}", "{context}", "{question}", ":<answer>"), ":<answer>"),
}  # fmt: skip

#: Question types of the world whose answers are a closed set of labels.
TASKS: dict[str, Task] = {
    "colour": Task("colour", "tell the colour of a thing", ()),
    "size": Task("size", "tell the size of a thing", ()),
    "pattern": Task("pattern", "tell the pattern of a thing", ()),
    "setting": Task("place", "tell where it is", ()),
    "existence": Task("presence", "tell whether a thing is there", ("yes", "no")),
}


def labels_of(kind: str) -> tuple[str, ...]:
    """The label space of one of the world's tasks."""
    from vistune.world.vocabulary import COLOURS, PATTERNS, SETTINGS, SIZES

    spaces = {
        "colour": tuple(COLOURS), "size": tuple(SIZES), "pattern": tuple(PATTERNS),
        "setting": tuple(f"the {name}" for name in SETTINGS), "existence": ("yes", "no"),
    }  # fmt: skip
    return spaces[kind]


def options_of(skeleton: Skeleton, labels: Sequence[str]) -> str:
    """The labels as the skeleton shows them: "(a) red (b) blue", or "red or blue"."""
    if skeleton.lettered:
        return " ".join(f"({LETTERS[k]}) {label}" for k, label in enumerate(labels))
    return " or ".join(labels)


def read_label(answer: str, labels: Sequence[str], style: int) -> str | None:
    """The label that an answer means: after the cue, letters back to names, then the one label that stands in it first.

    None where there is none: such an answer is wrong, and its share is told.
    """
    skeleton = SKELETONS[style]
    said = (answer.rsplit(skeleton.cue, 1)[-1] if skeleton.cue else answer).strip().lower()
    if skeleton.lettered:
        letter = re.match(r"\(?([a-p])\)?(?![a-z])", said)
        if letter and LETTERS.index(letter[1]) < len(labels):
            return labels[LETTERS.index(letter[1])]
    found = [(said.find(name), -len(name), label) for label in labels if (name := label.lower()) and _word(name, said)]
    return min(found)[2] if found else None


def _word(name: str, said: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", said) is not None


@BENCHMARKS.register("mm_bigbench", paper="mm-bigbench")
class MMBigBench(OfSplit):
    """Classification of text and picture under one of the paper's ten instructions (``style`` 1 to 10).

    Files: JSON lines with ``dataset``, ``text``, ``image``, ``label`` and optionally ``question`` and ``labels`` (else the labels
    that occur); pictures relative to the file. An answer is read by the instruction's cue, its letters and the label words; one
    without a label is wrong and told as ``unread``. The world's data sets are its question types with closed label spaces.
    `vistune robust instructions` sets models, tasks and instructions against each other.
    """

    protocol = "declare-lab/MM-BigBench: ten instruction skeletons, label words"
    capabilities = ("robustness", "perception")
    max_new_tokens = 16

    style: int = 2
    n: int = 40
    tasks: list[str] | None = None

    def __post_init__(self) -> None:
        """An instruction and tasks that there are."""
        super().__post_init__()
        if self.style not in SKELETONS:
            raise ConfigError(f"mm_bigbench has the styles 1 to 10, not {self.style}.")
        for task in self.tasks or ():
            if self.path is None and task not in TASKS:
                raise ConfigError(f"mm_bigbench has no task '{task}'. {nearest(task, TASKS)}")

    @property
    def name(self) -> str:
        """With the instruction."""
        return f"{super().name}_{self.style}"

    def nano(self) -> list[Example]:
        """``n`` questions of each of the world's tasks."""
        from vistune.world.questions import ask

        made: list[Example] = []
        for kind in self.tasks or TASKS:
            labels, count = labels_of(kind), 0
            for scene in nano.scenes(6 * self.n, self.split, self.prior, self.seed):
                asked = next(iter(ask(scene, scene.seed, types=[kind], n=1, split=self.split)), None)
                if asked is None or asked.type != kind or asked.answer not in labels:
                    continue
                picture = [nano.picture(scene, self.image_size)]
                identity = f"{kind}-{scene.seed}"
                made.append(self._item(identity, TASKS[kind], labels, "", asked.text, asked.answer, picture))
                count += 1
                if count == self.n:
                    break
        return made

    def published(self) -> list[Example]:
        """The lines of the file. Raises ``DataError`` for a line without its keys."""
        assert self.path is not None
        if not self.path.is_file():
            raise DataError(f"There is no file {self.path} (JSON lines with dataset, text, image, label).")
        lines = list(read_jsonl(self.path))
        spaces: dict[str, list[str]] = {}
        for number, line in enumerate(lines, 1):
            if not {"dataset", "text", "label"} <= set(line):
                raise DataError(f"{self.path}, line {number}: dataset, text and label are needed.")
            spaces.setdefault(line["dataset"], [])
            for label in line.get("labels") or [line["label"]]:
                if label not in spaces[line["dataset"]]:
                    spaces[line["dataset"]].append(label)
        made = []
        for number, line in enumerate(lines):
            if self.tasks and line["dataset"] not in self.tasks:
                continue
            task = Task(line["dataset"], line.get("definition", f"choose the label of {line['dataset']}"), ())
            picture = [ImageSource(path=self.path.parent / line["image"])] if line.get("image") else []
            question = line.get("question", "")
            identity = str(line.get("id", f"{line['dataset']}-{number}"))
            made.append(
                self._item(identity, task, spaces[line["dataset"]], line["text"], question, line["label"], picture)
            )
        return made

    def _item(
        self, identity: str, task: Task, labels: Sequence[str], context: str, question: str, label: str,
        pictures: list[ImageSource],
    ) -> Example:  # fmt: skip
        skeleton = SKELETONS[self.style]
        head = f"Task {task.name}: {task.definition}, one of {', '.join(labels)}. Answer with the label."
        prompt = skeleton.prompt(
            head=head, context=context, question=question, subject=context or question,
            options=options_of(skeleton, labels),
        )  # fmt: skip
        meta = {"type": task.name, "group": identity, "labels": list(labels)}
        return Example(
            identity, [user(prompt, images=tuple(range(len(pictures))))], pictures, answers=[label], meta=meta
        )

    def score(self, example: Example, answer: str) -> Scored:
        """Right where the label is the true one, in lower case."""
        said = read_label(answer, example.meta["labels"], self.style)
        right = float(said is not None and said.strip().lower() == example.answers[0].strip().lower())
        return Scored(said, right, {"items": 1.0, "correct": right, "unread": float(said is None)})

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Accuracy and the share without a label."""
        return {
            "accuracy": ratio(sums["correct"], sums["items"]),
            "unread": ratio(sums["unread"], sums["items"]),
        }

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Cue, labels, and what was found."""
        skeleton = SKELETONS[self.style]
        return [
            ("instruction", str(self.style)),
            ("cut at", skeleton.cue or "nothing"),
            ("labels", ", ".join(example.meta["labels"])),
            ("letters count", "yes" if skeleton.lettered else "no"),
        ]
