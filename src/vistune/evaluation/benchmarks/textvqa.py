"""TextVQA: reading words in photographs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Literal

from vistune.core.errors import DataError
from vistune.data.example import Example
from vistune.data.reading_order import OcrWord
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.nano import picture, scene_facets
from vistune.evaluation.benchmarks.paged import Leaf, as_meta, pages
from vistune.evaluation.benchmarks.short import Array, ShortAnswer, find_file, records, told
from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.vqa import normalise_textvqa, textvqa_accuracy
from vistune.evaluation.metrics.word_match import vqa_word_match
from vistune.world.scene import Scene

Extraction = Literal["accuracy", "word-match"]
#: ``question``: the question alone; ``ocr``: with recognised words, as LLaVA-1.5 was measured. Two tasks, not one.
Prompt = Literal["question", "ocr"]


@BENCHMARKS.register("textvqa")
class TextVQA(ShortAnswer):
    """TextVQA: questions about photographs with words in them, ten answers each; VQA accuracy after m4c's normal form.

    Reads ``TextVQA_0.5.1_val.json`` and, for ``prompt`` "ocr", ``TextVQA_Rosetta_OCR_v0.2_val.json`` (``ocr``): LLaVA's
    "Reference OCR token" line, which makes it another task. The question's first letter is made large, as LLaVA's files
    have it. Nano: words on the things of scenes, and signs, drawn so
    large that they can be read.
    """

    protocol = "m4c TextVQA evaluator: both sides normalised, ten answers; LLaVA's prompt"
    capabilities = ("text-in-pictures",)
    graded = True
    #: Whether items of the nano edition carry their words where the prompt does not show them.
    keep_words: bool = field(default=False, init=False)

    ocr: Path | None = None
    prompt: Prompt = "question"
    extraction: Extraction = "accuracy"
    mode: Mode = "official"
    image_size: int = 128

    @property
    def name(self) -> str:
        """With the recognised words where they are given."""
        return super().name + ("_ocr" if self.prompt == "ocr" else "")

    def _item(self, identity: str, question: str, shown: Any, truths: list[str], words: list, **meta: Any) -> Example:
        if self.prompt == "ocr":
            question = f"{question}\nReference OCR token: {', '.join(word[0] for word in words)}"
        return self.item(identity, question, shown, truths, words=words, **meta)

    def published(self) -> list[Example]:
        """The questions of the file."""
        assert self.path is not None
        file = find_file(self.path, ("TextVQA_0*.json", "*.json"), "the questions")
        tokens = self._tokens()
        made = []
        for r in records(file, ("question", "question_id", "image_id", "answers"), "data", "question")[: self.limit]:
            image = str(r["image_id"])
            if self.prompt == "ocr" and image not in tokens:
                raise DataError(f"{self.ocr}: picture {image} has no recognised words.")
            shown, words = [self.picture(f"{image}.jpg", "train_images", "images")], tokens.get(image, [])
            meta = {"type": "all", "group": image}
            truths = [str(a) for a in r["answers"]]
            made.append(self._item(str(r["question_id"]), r["question"].capitalize(), shown, truths, words, **meta))
        return made

    def _tokens(self) -> dict[str, list]:
        """Recognised words of each picture; their boxes are in shares of the picture."""
        if self.ocr is None:
            if self.prompt == "ocr" and self.path is not None:
                raise DataError("textvqa: the prompt with words needs ocr=FILE (TextVQA_Rosetta_OCR_v0.2_val.json).")
            return {}
        found = {}
        for r in records(self.ocr, ("image_id", "ocr_tokens"), "data", "picture"):
            boxes = [info.get("bounding_box", {}) for info in r.get("ocr_info") or [{}] * len(r["ocr_tokens"])]
            words = [OcrWord(t, _box(b), k) for k, (t, b) in enumerate(zip(r["ocr_tokens"], boxes, strict=False))]
            found[str(r["image_id"])] = [[w.text, list(w.box), w.line] for w in words]
        return found

    def nano(self) -> list[Example]:
        """Scenes with words on things, and a sign after every second; who bears a word is asked too.

        A word of which the normal form leaves nothing ("a") is not asked for: an empty answer would be right.
        """
        from vistune.evaluation.benchmarks.knowing import scene_stream
        from vistune.world import text_boxes, write_labels
        from vistune.world.questions import ask

        signs = pages(("sign",), ("reads",), self.image_size, self.split, self.prior, self.seed, 1)
        made: list[Example] = []
        shown = 0
        for scene in scene_stream(self.split, self.prior, self.seed):
            labelled = write_labels(scene)
            if not any(thing.label for thing in labelled.things):
                continue
            found = ask(labelled, scene.seed, types=["text", "text_where"], n=2, split=self.split)
            asked = [q for q in found if normalise_textvqa(q.answer)]
            if asked:
                boxes = text_boxes(labelled, self.image_size) if self.prompt == "ocr" or self.keep_words else []
                words = [OcrWord(b.text, _floats(b.box), k) for k, b in enumerate(boxes) if b.seen > 0.5]
                made += self._scene_items(labelled, asked, as_meta(words))
                shown += 1
                if shown % 2 == 0:
                    made.append(self._sign_item(next(signs)))
            if len(made) >= self.n:
                break
        return made[: self.n]

    def _sign_item(self, sign: Leaf) -> Example:
        q = sign.questions[0]
        meta = {"type": q.type, "group": sign.name, "facets": {"page": "sign"}}
        return self._item(sign.name, q.text, [sign.draw()], [q.answer] * 10, as_meta(sign.words), **meta)

    def _scene_items(self, scene: Scene, asked: list, words: list) -> list[Example]:
        from vistune.evaluation.benchmarks.vqa import ten_truths

        shown, facets = [picture(scene, self.image_size)], scene_facets(scene) | {"page": "scene"}
        made = []
        for k, q in enumerate(asked):
            meta = {"type": q.type, "group": str(scene.seed), "facets": facets}
            made.append(self._item(f"textvqa-{scene.seed}-{k}", q.text, shown, ten_truths(q.answer), words, **meta))
        return made

    def score(self, example: Example, answer: str) -> Scored:
        """Soft accuracy, or word match."""
        if self.extraction == "word-match":
            score = float(vqa_word_match(answer, example.answers, self.mode))
        else:
            score = textvqa_accuracy(answer, example.answers)
        return Scored(normalise_textvqa(answer) or None, score, {"items": 1.0, "score": score})

    def measures(self, sums: Mapping[str, Array]) -> dict[str, Array]:
        """Accuracy."""
        return {"accuracy": ratio(sums["score"], sums["items"])}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Normal forms and matches."""
        said, given = normalise_textvqa(item["answer"]), Counter(map(normalise_textvqa, example.answers))
        return [
            ("normal form", told(said)),
            ("truths in normal form", ", ".join(f"{told(text)} x {n}" for text, n in given.items())),
            ("annotators who said so", f"{given[said]} of {len(example.answers)}"),
            ("rule", "mean over annotators left out of min(1, matches among the others / 3)"),
        ]


def _floats(box: tuple[int, int, int, int]) -> tuple[float, float, float, float]:
    return float(box[0]), float(box[1]), float(box[2]), float(box[3])


def _box(box: Mapping[str, float]) -> tuple[float, float, float, float]:
    """Rosetta's box: upper left corner, width and height, in shares."""
    x, y = box.get("top_left_x", 0.0), box.get("top_left_y", 0.0)
    return x, y, x + box.get("width", 0.0), y + box.get("height", 0.0)
