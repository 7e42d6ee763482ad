"""GPT-score (NanoVLMs, arXiv 2502.07838): texts about pictures, graded for creativity, meaning and consistency by a judge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.judging import ByJudge
from vistune.evaluation.benchmarks.nano import picture, scene_facets, scenes
from vistune.evaluation.metrics.intervals import ratio
from vistune.world.scene import Scene

if TYPE_CHECKING:
    from vistune.evaluation.judges.base import Verdict

#: The paper's two lengths of text: how it is asked for, of photographs and of scenes, and the longest answer in tokens.
_ASKED = {
    "short": ("Describe the picture in 20 to 25 simple words.", "what do you see?", 48),
    "long": ("Describe the picture in 60 to 70 simple words.", "describe the picture.", 112),
}
AXES = ("creativity", "meaning", "consistency")


@BENCHMARKS.register("gpt_score", paper="nanovlms")
class GptScoreBench(ByJudge):
    """Texts about pictures, graded like a pupil's: ``creativity``, ``meaning``, ``consistency`` with picture and beginning, 0 to 10
    each; ``score`` is their mean. ``style``: the paper's ``short`` (20 to 25 words) or ``long`` (60 to 70). ``beginning``: so many
    first words of a true text are given, to be continued.

    ``path``: captions in any form that ``coco_captions`` reads, which the judge reads as what the picture shows; ``images``: the
    folder of the pictures. Nano: descriptions of scenes. The scene oracle tells ``consistency`` (true ones of the new claims) and
    ``grammar``, TinyStories' fourth axis (sentences that the world's grammar has); of creativity it sees repeated words only, of
    meaning whether a sentence says something of the picture. Grades favour length: ``words`` stands beside.
    """

    main = "consistency"
    protocol = "NanoVLMs: grades 0-10 by a judge, in our words; the oracle marks no ideas and no sense beyond the world's words"
    capabilities = ("captions", "open-answers", "language")
    not_shares = (*AXES, "score", "grammar", "words")

    images: Path | None = None
    style: Literal["short", "long"] = "long"
    beginning: int = 0
    grammar: bool | None = None
    #: Of these, "" and 0 stand for what is usual.
    prompt: str = ""
    max_new_tokens: int = 0
    n: int = 200
    limit: int | None = None

    def __post_init__(self) -> None:
        """Request and length of the style where none are given; grammar is marked where the world's is spoken."""
        super().__post_init__()
        if self.beginning < 0:
            raise ConfigError(f"gpt_score: a beginning has 0 words or more, not {self.beginning}.")
        photographs, of_scenes, longest = _ASKED[self.style]
        self.grammar = self.path is None if self.grammar is None else self.grammar
        self.prompt = self.prompt or (of_scenes if self.path is None else photographs)
        self.max_new_tokens = self.max_new_tokens or longest

    @property
    def name(self) -> str:
        """With the style where it is not the long one, and the given words where there are some."""
        given = f"_begun_{self.beginning}" if self.beginning else ""
        return super().name + ("" if self.style == "long" else f"_{self.style}") + given

    def published(self) -> list[Example]:
        """One request a picture; all its captions are the judge's context."""
        from vistune.evaluation.benchmarks.caption_files import read_captioned

        assert self.path is not None
        folder = self.images or (self.path if self.path.is_dir() else self.path.parent)
        made = []
        for item in read_captioned(self.path, self.split)[: self.limit]:
            context = "\n".join(item.captions)
            made.append(self._item(item.id, ImageSource(path=folder / item.file), context, item.captions[0], {}))
        return made

    def nano(self) -> list[Example]:
        """One request a scene; a true description of the same style gives the beginning."""
        from vistune.evaluation.benchmarks.dnli import dense
        from vistune.world.language import caption

        made = []
        for scene in scenes(self.n, self.split, self.prior, self.seed):
            told = caption(scene, scene.seed, self.style, self.split)
            shown = picture(scene, self.image_size)
            made.append(self._item(f"{self.kind}-{scene.seed}", shown, dense(scene), told, scene_facets(scene), scene))
        return made

    def _item(
        self,
        identity: str,
        shown: ImageSource,
        context: str,
        reference: str,
        facets: Mapping[str, str],
        scene: Scene | None = None,
    ) -> Example:
        given = " ".join(reference.split()[: self.beginning])
        text = f'{self.prompt} Go on from these words: "{given}"' if given else self.prompt
        meta = {
            "type": self.style, "group": identity, "facets": dict(facets), "facts": scene, "context": context,
            "beginning": given,
        }  # fmt: skip
        return Example(identity, [user(text, images=(0,))], [shown], answers=[reference], meta=meta)

    def rubric(self) -> dict[str, Any]:
        """Grades on the paper's axes, and grammar where it is marked."""
        return {"kind": "gpt_score", "grammar": self.grammar}

    def score_judged(self, example: Example, answer: str, verdict: Verdict) -> Scored:
        """All grades; a reply without them has no part in the means."""
        read = float("score" in verdict.marks)
        names = (*AXES, "score", *(("grammar",) if self.grammar else ()))
        marks = {name: read * verdict.marks.get(name, 0.0) for name in names}
        columns = {"items": 1.0, "read": read, "words": float(len(answer.split())), **marks}
        told = ", ".join(f"{name} {value:g}" for name, value in marks.items()) if read else None
        return Scored(told, marks[self.main] / 10, columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Mean grades of the replies that could be read, and the mean length in words."""
        names = [name for name in (*AXES, "score", "grammar") if name in sums]
        found = {name: ratio(sums[name], sums["read"]) for name in names}
        return found | {"words": ratio(sums["words"], sums["items"])}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The beginning, what the judge reads of the picture, and the grades."""
        return [
            ("beginning", example.meta["beginning"] or "none"),
            ("what the picture shows", example.meta["context"]),
            ("grades, 0 to 10", str(item["parsed"])),
        ]
