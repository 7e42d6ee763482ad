"""GQA: compositional questions about photographs, with their scene graphs' types, entailments and answer sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from vistune.core.errors import DataError
from vistune.data.annotations.files import need, read_json
from vistune.data.example import Example
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.nano import picture, scene_facets, scenes
from vistune.evaluation.benchmarks.short import Array, ShortAnswer, find_file, kind_columns, kind_measures, told
from vistune.evaluation.metrics.gqa import Extraction, read_gqa
from vistune.evaluation.metrics.intervals import ratio
from vistune.evaluation.metrics.word_match import vqa_word_match

#: More pairs of group and answer than this, and the distribution is not a measure (it needs a column for each).
MOST_PAIRS = 200
_KEYS = ("question", "imageId", "answer")


@BENCHMARKS.register("gqa")
class GQA(ShortAnswer):
    """GQA: accuracy over all, of binary and open questions; consistency over entailed questions, validity, plausibility.

    Reads ``testdev_balanced_questions.json`` (or ``val_all_questions.json``: unbalanced questions are only asked with
    ``unbalanced``, count for consistency alone and are what the official figure is over); ``choices`` is
    ``val_choices.json``. ``extraction``: "llava" lower-cases and drops the last full stop before the official equality,
    "exact" does not, "loose" ignores case, punctuation and articles, about as lmms-eval; "word-match" is LVLM-eHub's: right
    if the truth is a word of the answer. ``distribution`` (lower is
    better) is reported where there are at most 200 pairs of group and answer. Nano: facts asked in ways that entail each other.
    """

    protocol = (
        "GQA eval.py: string equality after LLaVA's conversion; consistency over the entailed questions that were asked"
    )
    capabilities = ("perception", "spatial", "composition", "reasoning")
    not_shares = ("distribution",)

    choices: Path | None = None
    unbalanced: bool = False
    extraction: Literal[Extraction, "word-match"] = "llava"
    n: int = 320
    _entailed: dict[str, list[str]] | None = field(default=None, init=False)
    _pairs: list[tuple[str, str]] = field(default_factory=list, init=False)

    def examples(self) -> list[Example]:
        """The items; what follows from what, and which answers each group has, is kept for the measures."""
        made = super().examples()
        here = {example.id for example in made}
        self._entailed = {e.id: [q for q in e.meta["entailed"] if q in here and q != e.id] for e in made}
        groups = {(e.meta["global"], e.answers[0]) for e in made if e.meta["global"] is not None}
        self._pairs = sorted(groups) if len(groups) <= MOST_PAIRS else []
        return made

    def published(self) -> list[Example]:
        """Questions of the file."""
        assert self.path is not None
        file = find_file(self.path, ("*balanced_questions*.json", "*questions*.json", "*.json"), "the questions")
        content = read_json(file)
        if isinstance(content, list):
            return self._kit(file, content)
        answers = {} if self.choices is None else read_json(self.choices)
        made = []
        for q, record in need(content, (), str(file)).items():
            about = need(record, _KEYS, f"{file}, question {q}")
            if not about.get("isBalanced", True) and not self.unbalanced:
                continue
            made.append(self._published_item(str(q), about, answers))
            if self.limit and len(made) == self.limit:
                break
        return made

    def _published_item(self, q: str, about: Mapping[str, Any], answers: Mapping[str, Any]) -> Example:
        if self.choices is not None and q not in answers:
            raise DataError(f"{self.choices}: question {q} has no answer sets.")
        types, sets = about.get("types", {}), answers.get(q, {})
        meta = {
            "type": str(types.get("semantic", "all")), "group": str(about["imageId"]),
            "facets": {"structural": str(types["structural"])} if "structural" in types else {},
            "structural": types.get("structural"), "entailed": [str(e) for e in about.get("entailed", ())],
            "balanced": bool(about.get("isBalanced", True)), "global": about.get("groups", {}).get("global"),
            "valid": sets.get("valid"), "plausible": sets.get("plausible"),
        }  # fmt: skip
        shown = [self.picture(f"{about['imageId']}.jpg", "images")]
        return self.item(q, about["question"], shown, [about["answer"]], **meta)

    def _kit(self, file: Path, content: Sequence[Any]) -> list[Example]:
        made = []
        for k, record in enumerate(content[: self.limit]):
            r = need(record, ("question", "image_path", "gt_answers"), f"{file}, record {k}")
            name = Path(r["image_path"]).name
            unknown: dict[str, Any] = dict.fromkeys(("structural", "global", "valid", "plausible"))
            meta = {"type": "all", "group": name, "entailed": [], "balanced": True, **unknown}
            shown = [self.picture(name)]
            made.append(self.item(f"{name}-{k}", r["question"], shown, [r["gt_answers"]], **meta))
        return made

    def nano(self) -> list[Example]:
        """About eight questions a scene, in families of four that entail each other."""
        from vistune.evaluation.benchmarks.entailed import families

        made: list[Example] = []
        for turn, scene in enumerate(scenes(self.n, self.split, self.prior, self.seed)):
            shown, facets = [picture(scene, self.image_size)], scene_facets(scene)
            for f, family in enumerate(families(scene, turn)):
                ids = [f"gqa-{scene.seed}-{f}{k}" for k in range(len(family))]
                for name, q in zip(ids, family, strict=True):
                    meta = {
                        "type": q.semantic, "group": str(scene.seed), "facets": facets | {"structural": q.structural},
                        "structural": q.structural, "entailed": [ids[k] for k in q.entails], "balanced": True,
                        "global": q.group, "valid": list(q.valid), "plausible": list(q.plausible),
                    }  # fmt: skip
                    made.append(self.item(name, q.text, shown, [q.answer], **meta))
            if len(made) >= self.n:
                break
        return made[: self.n]

    def score(self, example: Example, answer: str) -> Scored:
        """Equality; unbalanced questions have no weight but for consistency."""
        said, about = read_gqa(answer, self.extraction), example.meta
        right = float(said == read_gqa(example.answers[0], self.extraction))
        if self.extraction == "word-match":
            right = float(vqa_word_match(answer, example.answers))
        kind = {None: "", "query": "open"}.get(about["structural"], "binary")
        columns = kind_columns(right, kind, ("binary", "open"))
        for name in ("valid", "plausible"):
            known = about[name] is not None
            columns |= {f"has:{name}": float(known), f"is:{name}": float(known and said in about[name])}
        for pair in self._pairs:
            mine = about["global"] == pair[0]
            columns[f"real:{pair}"] = float(mine and example.answers[0] == pair[1])
            columns[f"told:{pair}"] = float(mine and said == pair[1])
        weight = float(about["balanced"])
        return Scored(said or None, right, {name: weight * value for name, value in columns.items()})

    def group_columns(self, items: Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """Of a picture's questions answered rightly: accuracy on what follows from each. Entailed questions share a picture."""
        if self._entailed is None:
            self.examples()
        assert self._entailed is not None
        right = {item["id"]: item["score"] for item in items}
        follow = [[right[q] for q in self._entailed[i] if q in right] for i, ok in right.items() if ok]
        shares = [sum(found) / len(found) for found in follow if found]
        return {"entailing": float(len(shares)), "consistent": float(sum(shares))}

    def measures(self, sums: Mapping[str, Array]) -> dict[str, Array]:
        """Accuracy and, where the files have what they need, the other figures."""
        found = {"accuracy": ratio(sums["score"], sums["items"]), **kind_measures(sums, ("binary", "open"))}
        found["consistency"] = ratio(sums["consistent"], sums["entailing"])
        if self.path is None or self.choices is not None:
            found["validity"] = ratio(sums["is:valid"], sums["has:valid"])
            found["plausibility"] = ratio(sums["is:plausible"], sums["has:plausible"])
        if self._pairs:
            found["distribution"] = self._distribution(sums)
        return found

    def _distribution(self, sums: Mapping[str, Array]) -> Array:
        """Chi-square of each group's answers, weighted by the groups' sizes, over 100."""
        real = {pair: np.asarray(sums[f"real:{pair}"], float) for pair in self._pairs}
        size = {g: sum(n for (h, _), n in real.items() if h == g) for g, _ in self._pairs}
        total = sum(ratio((np.asarray(sums[f"told:{p}"]) - n) ** 2, n) * size[p[0]] for p, n in real.items())
        return ratio(np.asarray(total, float), np.asarray(sum(size.values()), float)) / 100

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What was compared, and the sets the answer is in."""
        said = read_gqa(item["answer"], self.extraction)
        steps = [("as it is compared", told(said)), ("truth", told(read_gqa(example.answers[0], self.extraction)))]
        for name in ("valid", "plausible"):
            if example.meta[name] is not None:
                steps.append((name, "yes" if said in example.meta[name] else "no"))
        return steps
