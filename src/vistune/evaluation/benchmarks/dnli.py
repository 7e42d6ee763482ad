"""DNLI (KnowAda, arXiv 2411.09018): what a description says, proposition by proposition, against a dense true one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.judging import ByJudge
from vistune.evaluation.benchmarks.nano import picture, scene_facets, scenes
from vistune.evaluation.benchmarks.tables import need, rows_of
from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.propositions import Judged, dnli_columns, dnli_measures
from vistune.world.scene import Scene

if TYPE_CHECKING:
    from vistune.evaluation.judges.base import Verdict


@BENCHMARKS.register("dnli", paper="knowada")
class DnliBench(ByJudge):
    """Descriptions are taken apart into propositions, each entailed by, contradicted by or neutral to a dense true description.
    Means over pictures: ``descriptiveness_precision`` and ``_recall`` (entailed, of the description's and of the true one's
    propositions), ``contradiction_precision`` and ``_recall`` (less is better), ``neutral_recall``.

    ``path``: DOCCI's ``docci_descriptions.jsonlines`` (``image_file``, ``description``, ``split``), or any table of ``image`` and
    ``description``; ``images``: the pictures. ``official`` keeps two faults of the released script: a description without
    propositions is left out of precisions, and a failed reply counts -1 of everything, so with precision 1; ``strict`` does
    neither. The judge of the nano edition, the scene oracle, reads the world's own sentences.
    """

    main = "descriptiveness_precision"
    protocol = "moranyanuka/KnowAda, generate_propositions.py: propositions by a judge, means over descriptions"
    capabilities = ("hallucination", "captions")
    not_shares = ("propositions",)

    images: Path | None = None
    mode: Mode = "official"
    #: Of these, "" and 0 stand for what is usual.
    prompt: str = ""
    max_new_tokens: int = 0
    n: int = 200
    limit: int | None = None

    def __post_init__(self) -> None:
        """Request and length of the edition where none are given."""
        super().__post_init__()
        asked, longest = ("describe the picture.", 96) if self.path is None else ("Describe this image in detail.", 512)
        self.prompt, self.max_new_tokens = self.prompt or asked, self.max_new_tokens or longest

    def published(self) -> list[Example]:
        """One request a picture of the split."""
        assert self.path is not None
        if self.path.suffix == ".jsonlines":
            from vistune.core.files import read_jsonl

            rows = read_jsonl(self.path) if self.path.is_file() else []
        else:
            rows = rows_of(self.path)
        made = []
        for number, row in enumerate(rows, start=1):
            need(row, ("description",), self.path, number)
            image = row.get("image_file", row.get("image"))
            if not isinstance(image, str):
                raise DataError(f"{self.path}, record {number}: no image_file (DOCCI) or image.")
            if row.get("split", self.split) != self.split:
                continue
            made.append(self._item(str(row.get("example_id", image)), ImageSource(path=(self.images or Path()) / image),
                                   row["description"], image, {}))  # fmt: skip
        if not made:
            raise DataError(f"{self.path} holds no description of the split '{self.split}'.")
        return made[: self.limit]

    def nano(self) -> list[Example]:
        """One request a scene, held against a description of all that is there."""
        return [
            self._item(str(s.seed), picture(s, self.image_size), dense(s), str(s.seed), scene_facets(s), s)
            for s in scenes(self.n, self.split, self.prior, self.seed)
        ]

    def _item(
        self,
        identity: str,
        source: ImageSource,
        description: str,
        group: str,
        facets: Mapping[str, str],
        scene: Scene | None = None,
    ) -> Example:
        meta = {"type": "description", "group": group, "facets": dict(facets), "facts": scene}
        return Example(identity, [user(self.prompt, images=(0,))], [source], answers=[description], meta=meta)

    def rubric(self) -> str:
        """KnowAda's."""
        return "dnli"

    def score_judged(self, example: Example, answer: str, verdict: Verdict) -> Scored:
        """Score: descriptiveness precision. A failed reply is told as such."""
        marks = verdict.marks
        counts = (round(marks[k]) for k in ("entailed", "contradicted", "neutral")) if "entailed" in marks else None
        told = None if counts is None else tuple(counts)
        judged = Judged(None if told is None else (told[0], told[1], told[2]), round(marks.get("truths", 0)))
        columns = dnli_columns(judged, self.mode)
        if told is None:
            return Scored(None, 0.0, columns)
        words = f"{told[0]} entailed, {told[1]} contradicted, {told[2]} neutral; {judged.truth} true ones"
        return Scored(words, told[0] / sum(told) if sum(told) else 0.0, columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Precision and recall of descriptiveness and contradiction."""
        return dnli_measures(sums)

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The counts."""
        return [("true description", example.answers[0]), ("propositions", str(item["parsed"]))]


def dense(scene: Scene, relations: int = 6) -> str:
    """A true description of every thing with all its looks, how many there are of each, the setting, and some relations."""
    from vistune.world.language.captions import all_things
    from vistune.world.language.grammar import some, the
    from vistune.world.language.view import view_of

    view = view_of(scene)
    sentences = [
        f"this is the {scene.setting}.",
        f"there is {all_things(view)}" if view.things else "there is nothing.",
    ]
    sentences += [f"there are {some(kind, len(own))}." for kind, own in view.by_kind.items() if len(own) > 1]
    for i, relation, j in view.known():
        first, second = view.describe(i), view.describe(j)
        if first is not None and second is not None and relations > 0:
            sentences.append(f"{the(first)} is {relation} {the(second)}.")
            relations -= 1
    return " ".join(sentences)
