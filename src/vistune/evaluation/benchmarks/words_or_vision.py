"""Words or Vision (arXiv 2503.02199): whom an answer follows where a text beside the picture says something else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.core.files import read_jsonl
from vistune.data.example import Example, ImageSource, Message, Part
from vistune.evaluation.benchmarks import nano
from vistune.evaluation.benchmarks.base import BENCHMARKS, OfSplit, Scored
from vistune.evaluation.metrics.answers import exact_match
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.robustness import followed
from vistune.evaluation.metrics.vqa import normalise_vqa

TEXTS = ("match", "corrupt", "irrelevant")
#: With picture and text; the texts alone have ``_alone``.
CONDITIONS = ("base", *TEXTS, *(f"{text}_alone" for text in TEXTS))
#: How the authors' files name the texts (``textsrc=`` in the file's name).
SOURCES = {"match": "supp_stat", "corrupt": "contradict_stat", "irrelevant": "irrel"}
Style = Literal["caution", "picture", "text"]
Order = Literal["text first", "picture first"]
Reading = Literal["vqa", "released", "notebook"]
_NOTE = "here is more text. it may be right, wrong, or about something else."
_FOCUS = {
    "caution": "",
    "picture": "\nlook at the picture for the answer.",
    "text": "\nlook at the text for the answer.",
}


def read_answer(answer: str, reading: Reading = "vqa") -> str:
    """The answer as it is compared. ``released``: one full stop at the end goes; ``notebook``: lower case, no full stops at the
    end; ``vqa``: as VQA's evaluator.
    """
    if reading == "vqa":
        return normalise_vqa(answer)
    said = answer.strip()
    return said.removesuffix(".") if reading == "released" else said.lower().strip(".").strip()


@BENCHMARKS.register("words_or_vision", paper="words-or-vision")
class WordsOrVision(OfSplit):
    """Each question seven times: alone, with a text that matches, contradicts or is irrelevant, and these texts without picture.

    ``text_preference`` is the share of answers that follow the text, of those that follow either the text or the picture where the
    two say different things, with the contradicting text (1 = blind faith in text); ``torn`` says how many those are. Files: the
    authors' JSONL outputs (``question_id``, ``input``, ``answers``; the text's source in the file's name), of which the questions
    are taken, with COCO's val2014 photographs in ``images``. The world's texts are exact, its template is shorter.
    """

    main = "text_preference"
    higher_is_better = False
    protocol = "d-ailin/blind-faith-in-text: seven conditions, status by the equality of three answers"
    capabilities = ("robustness", "hallucination")
    max_new_tokens = 16

    images: Path | None = None
    n: int = 100
    style: Style = "caution"
    order: Order = "text first"
    mode: Reading = "vqa"

    def nano(self) -> list[Example]:
        """``n`` questions of the world, each under the seven conditions."""
        from vistune.world.questions.misleading import beside

        made: list[Example] = []
        for scene in nano.scenes(2 * self.n, self.split, self.prior, self.seed):
            found = {how: beside(scene, scene.seed, how, self.split) for how in TEXTS}
            if any(text is None for text in found.values()):
                continue
            texts = {how: text.text for how, text in found.items() if text is not None}
            asked = found["match"]
            assert asked is not None
            picture = nano.picture(scene, self.image_size)
            made += self._seven(
                str(scene.seed), asked.asked.text, asked.answer, texts, picture, nano.scene_facets(scene)
            )
            if len(made) == 7 * self.n:
                break
        return made

    def _seven(
        self,
        group: str,
        question: str,
        answer: str,
        texts: Mapping[str, str],
        picture: ImageSource,
        facets: dict[str, str],
    ) -> list[Example]:
        prompts = {"base": question} | {
            how: f"{_NOTE}\n{text}\n---\n{question}{_FOCUS[self.style]}" for how, text in texts.items()
        }
        return self._conditions(group, prompts, [answer], picture, facets)

    def _conditions(
        self, group: str, prompts: Mapping[str, str], answers: list[str], picture: ImageSource, facets: dict[str, str]
    ) -> list[Example]:
        made = []
        for condition in CONDITIONS:
            prompt = prompts[condition.removesuffix("_alone")]
            shown = not condition.endswith("_alone")
            parts = [Part(image=0), Part(text=prompt)] if shown else [Part(text=prompt)]
            if shown and self.order == "text first":
                parts.reverse()
            meta = {"type": condition, "group": group, "facets": facets}
            pictures, messages = [picture] if shown else [], [Message("user", parts)]
            made.append(Example(f"{group}-{condition}", messages, pictures, answers=answers, meta=meta))
        return made

    def published(self) -> list[Example]:
        """The authors' questions. Raises ``DataError`` where a condition's file or the folder of pictures is missing."""
        assert self.path is not None
        if self.images is None:
            raise DataError("words_or_vision needs the folder of COCO's val2014 photographs: images=FOLDER.")
        files = sorted(self.path.glob("*.jsonl"))
        found = {
            "base": _one(self.path, [f for f in files if "intext" not in f.name and "wo-img" not in f.name], "base")
        }
        for how in TEXTS:
            named = [f for f in files if f"textsrc={SOURCES[how]}" in f.name and "wo-img" not in f.name]
            found[how] = _one(self.path, named, how)
        made = []
        for question in list(found["base"])[: self.n]:
            if all(question in lines for lines in found.values()):
                prompts = {name: lines[question]["input"] for name, lines in found.items()}
                photograph = self.images / f"COCO_val2014_{int(question) // 1000:012d}.jpg"
                answers = [str(a) for a in found["base"][question]["answers"]]
                made += self._conditions(question, prompts, answers, ImageSource(path=photograph), {})
        if not made:
            raise DataError(f"{self.path}: no question has all four conditions.")
        return made

    def score(self, example: Example, answer: str) -> Scored:
        """Right or wrong, in the columns of the item's condition."""
        right = float(exact_match(answer, example.answers))
        columns = {f"{kind}_{name}": 0.0 for name in CONDITIONS for kind in ("asked", "right")}
        columns |= {f"asked_{example.meta['type']}": 1.0, f"right_{example.meta['type']}": right}
        return Scored(read_answer(answer, self.mode) or None, right, columns)

    def group_columns(self, items: Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """Whom the answer followed, text by text; a question that lacks a condition is left out."""
        said = {item["type"]: read_answer(item["answer"], self.mode) for item in items}
        columns = {f"{status}_{how}": 0.0 for how in TEXTS for status in ("both", "image", "text", "neither")}
        for how in TEXTS:
            if {"base", how, f"{how}_alone"} <= set(said):
                columns[f"{followed(said['base'], said[f'{how}_alone'], said[how])}_{how}"] = 1.0
        return columns

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Text preference with each text, how many answers it speaks of, statuses, accuracies, and the drop."""
        found = {"text_preference": _preference(sums, "corrupt")}
        for how in TEXTS:
            torn = sums[f"text_{how}"] + sums[f"image_{how}"]
            every = torn + sums[f"both_{how}"] + sums[f"neither_{how}"]
            if how != "corrupt":
                found[f"text_preference_{how}"] = _preference(sums, how)
            found[f"torn_{how}"] = ratio(torn, every)
            found[f"coarse_{how}"] = ratio(sums[f"text_{how}"] + sums[f"both_{how}"], torn + sums[f"both_{how}"])
            found[f"neither_{how}"] = ratio(sums[f"neither_{how}"], every)
        found["text_preference_mean"] = np.mean([_preference(sums, how) for how in TEXTS], axis=0)
        accuracy = {name: ratio(sums[f"right_{name}"], sums[f"asked_{name}"]) for name in CONDITIONS}
        found |= {f"accuracy_{name}": value for name, value in accuracy.items()}
        found["corrupt_over_base"] = ratio(accuracy["corrupt"], accuracy["base"])
        return found

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The condition, and how the answer is compared."""
        return [
            ("condition", str(example.meta["type"])),
            (f"normalised ({self.mode})", read_answer(str(item["answer"]), self.mode)),
            ("status", "from this answer, the one without text and the one without picture, of the same question"),
        ]


def _preference(sums: Mapping[str, NDArray[np.float64]], how: str) -> NDArray[np.float64]:
    """Text over text and picture; 0 where neither occurs (then ``torn`` is 0 too)."""
    return ratio(sums[f"text_{how}"], sums[f"text_{how}"] + sums[f"image_{how}"])


def _one(folder: Path, files: Sequence[Path], condition: str) -> dict[str, dict[str, Any]]:
    """A condition's lines by question. Raises ``DataError`` unless there is one file of the right form."""
    if len(files) != 1:
        wanted = "without textsrc" if condition == "base" else f"with textsrc={SOURCES[condition]}"
        raise DataError(f"{folder}: {len(files)} files {wanted} for the condition '{condition}'; there must be one.")
    lines: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(read_jsonl(files[0]), 1):
        if not {"question_id", "input", "answers"} <= set(line):
            raise DataError(f"{files[0]}, line {number}: question_id, input and answers are needed.")
        lines[str(line["question_id"])] = line
    return lines


def recorded_preference(
    base: Sequence[Mapping[str, Any]],
    with_text: Sequence[Mapping[str, Any]],
    text_alone: Sequence[Mapping[str, Any]],
    reading: Reading = "notebook",
) -> dict[str, float]:
    """Text preference of answers on record (the authors' ``outputs``: ``question_id``, ``output``), joined by question.

    Returns the ratio (NaN where no answer is torn), and how many follow text, picture, both and neither.
    """
    tables = [
        {line["question_id"]: read_answer(line["output"], reading) for line in t} for t in (base, text_alone, with_text)
    ]
    common = [question for question in tables[0] if all(question in table for table in tables)]
    counts = Counter(followed(*(table[question] for table in tables)) for question in common)
    torn = counts["text"] + counts["image"]
    return {
        "text_preference": counts["text"] / torn if torn else float("nan"),
        **{k: float(counts[k]) for k in ("text", "image", "both", "neither")},
    }


def text_of(example: Example) -> str:
    """The text beside the picture of one of the world's items; "" where there is none."""
    found = re.search(re.escape(_NOTE) + r"\n(.*?)\n---\n", example.messages[-1].text, flags=re.S)
    return found[1] if found else ""
