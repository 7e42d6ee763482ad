"""VizWiz: questions that blind people asked about their own photographs; many cannot be answered."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from vistune.data.annotations.files import need
from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.knowing import scene_stream
from vistune.evaluation.benchmarks.nano import picture, scene_facets
from vistune.evaluation.benchmarks.short import SHORT, Array, find_file, kind_columns, records, told
from vistune.evaluation.benchmarks.vqa import Extraction, SoftVQA, answer_type, ten_truths
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.vqa import normalise_vqa, vizwiz_accuracy
from vistune.world.scene import Prior, Scene, Split

UNANSWERABLE = "unanswerable"
_SUFFIX = f"When the provided information is insufficient, respond with 'Unanswerable'.\n{SHORT}"
#: Share of VizWiz's validation questions that cannot be answered, about.
_SHARE = 0.4


@BENCHMARKS.register("vizwiz")
class VizWiz(SoftVQA):
    """VizWiz: ten answers a question; two in five cannot be answered, and "unanswerable" is then right.

    Reads ``val.json`` (``image``, ``question``, ``answers``, ``answer_type``), or an evaluation kit's list with one answer.
    Official: the answer is normalised, the annotators' answers are taken as they stand; ``mode`` "strict" normalises both.
    ``unanswerable_f1`` is of saying so. Nano: questions about things of a scene, or of the same sort about things that
    are not there; ``style`` "llava" tells the model that it may say "Unanswerable", as published questions do.
    """

    SUFFIX = _SUFFIX
    protocol = (
        "VizWiz: soft accuracy, answer normalised, truths as written; LLaVA's prompt, which offers 'Unanswerable'"
    )
    capabilities = ("perception", "hallucination", "robustness")
    extraction: Extraction = field(default="accuracy", init=False)
    kinds: Sequence[str] = field(default=("yes/no", "number", "other", UNANSWERABLE), init=False)

    def __post_init__(self) -> None:
        """The world asks for no numbers here, and nothing that yes answers."""
        super().__post_init__()
        if self.path is None:
            self.kinds = ("other", UNANSWERABLE)

    def accuracy(self, answer: str, truths: Sequence[str]) -> float:
        """VizWiz's own; equality in normal form where there is one truth."""
        return super().accuracy(answer, truths) if len(truths) == 1 else vizwiz_accuracy(answer, truths, self.mode)

    def score(self, example: Example, answer: str) -> Scored:
        """Soft accuracy, and whether it was said that there is no answer."""
        score, kind = self.accuracy(answer, example.answers), self.kind_of(example)
        said = self.normal(answer)
        gave_up, cannot = said == UNANSWERABLE, kind == UNANSWERABLE
        counts = {"gave_up": float(gave_up), "rightly": float(gave_up and cannot)}
        return Scored(said or None, score, {**kind_columns(score, kind, self.kinds), **counts})

    def measures(self, sums: Mapping[str, Array]) -> dict[str, Array]:
        """Accuracy over all and by kind of answer; F1 of saying that there is none."""
        cannot = sums[f"items:{UNANSWERABLE}"]
        f1 = ratio(2 * sums["rightly"], sums["gave_up"] + cannot)
        return {**super().measures(sums), "unanswerable_f1": f1, "gave_up": ratio(sums["gave_up"], sums["items"])}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Normal form, matches, and the rule."""
        if len(example.answers) == 1:
            return super().explain(example, item)
        said = self.normal(item["answer"])
        given = example.answers if self.mode == "official" else [self.normal(truth) for truth in example.answers]
        return [
            ("normal form", told(said)),
            ("annotators who said so", f"{given.count(said)} of {len(given)}"),
            ("rule", "mean over annotators left out of min(1, matches among the others / 3)"),
        ]

    def published(self) -> list[Example]:
        """One question a picture."""
        assert self.path is not None
        file = find_file(self.path, ("val*.json", "*.json"), "the questions")
        made = []
        for k, r in enumerate(records(file, ("question",))[: self.limit]):
            if "gt_answers" in r:
                name, truths = str(r["image_path"]).rsplit("/", 1)[-1], [str(r["gt_answers"])]
                kind = UNANSWERABLE if truths[0] == UNANSWERABLE else answer_type(normalise_vqa(truths[0]))
            else:
                needed = need(r, ("image", "question", "answers"), f"{file}, record {k}")
                name, kind = needed["image"], str(needed.get("answer_type", "other"))
                truths = [str(a["answer"]) for a in needed["answers"]]
            shown = [self.picture(name, "val")]
            asked = str(r["question"]).capitalize()
            made.append(self.item(name, asked, shown, truths, type=kind, group=name, answer_type=kind))
        return made

    def nano(self) -> list[Example]:
        """One question a scene; annotators' answers are written in normal form, as VizWiz's are."""
        made: list[Example] = []
        for scene, text, answer, cannot in _asked(self.split, self.prior, self.seed):
            kind = UNANSWERABLE if cannot else answer_type(answer)
            truths = [normalise_vqa(truth) for truth in ten_truths(answer)]
            shown, facets = [picture(scene, self.image_size)], scene_facets(scene) | {"answerable": str(not cannot)}
            meta = {"type": kind, "group": str(scene.seed), "answer_type": kind, "facets": facets}
            made.append(self.item(f"vizwiz-{scene.seed}", text, shown, truths, **meta))
            if len(made) == self.n:
                break
        return made


def _asked(split: Split, prior: Prior, seed: int) -> Iterator[tuple[Scene, str, str, bool]]:
    """(scene, question, answer, whether it cannot be answered): colours, sizes and patterns of things, there or not."""
    from vistune.world.language.grammar import Phrase, subject, the
    from vistune.world.language.view import view_of
    from vistune.world.questions.simple import COLOUR, PATTERN, SIZE
    from vistune.world.vocabulary import KINDS

    asks = {"colour": COLOUR, "size": SIZE, "pattern": PATTERN}
    for scene in scene_stream(split, prior, seed):
        rng = random.Random(f"vizwiz/{scene.seed}/{split}")
        attribute, view = rng.choice(list(asks)), view_of(scene)
        here = [k for k in KINDS if k.group != "person" and len(view.by_kind.get(k.name, ())) == 1]
        away = [k for k in KINDS if k.group != "person" and k.name not in view.by_kind]
        cannot = rng.random() < _SHARE
        if not (away if cannot else here):
            continue
        phrase = Phrase(rng.choice(away if cannot else here).name)
        words, be, do = subject(phrase) if attribute != "size" else (the(phrase), "is", "does")
        text = asks[attribute].pick(rng, split).format(x=words, be=be, do=do)
        answer = UNANSWERABLE if cannot else str(getattr(view.things[view.by_kind[phrase.noun][0]], attribute))
        yield scene, text, answer, cannot
