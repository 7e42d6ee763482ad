"""Statements that are true or false: of two pictures (NLVR2, MaRVL) and of one (VSR)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, OfSplit, Published, Scored
from vistune.evaluation.benchmarks.multilingual import check_language
from vistune.evaluation.benchmarks.nano import FIRST_SCENE, picture, scene_facets, scenes, split_of
from vistune.evaluation.benchmarks.nlvr import parse_truth
from vistune.evaluation.benchmarks.prompts import check_prompt
from vistune.evaluation.benchmarks.two_pictures import pairs_in_tongue, sentences_on_two
from vistune.evaluation.metrics.intervals import ratio

#: For two pictures, shown left then right; NLVR's request.
TWO = "{sentence} true or false?"
#: InstructBLIP's request (arXiv 2305.06500, appendix E).
ONE = 'Based on the image, is this statement true or false? "{sentence}" Answer:'


class Statements(Published):
    """Accuracy, and consistency: the share of sentences that are judged right on all that they are asked of.

    The first true, false, yes or no of an answer counts; none is wrong. ``majority`` is what always saying the commoner label
    gets.
    """

    max_new_tokens = 4
    chance = 0.5

    images: Path | None = None
    prompt: str = TWO
    limit: int | None = None
    n: int = 200

    def __post_init__(self) -> None:
        """A request that holds the sentence."""
        super().__post_init__()
        check_prompt(self.kind, self.prompt, ("sentence",))

    def item(
        self, identity: str, shown: Sequence[ImageSource], sentence: str, true: bool, type: str, group: str, **meta: Any
    ) -> Example:
        """One statement about all its pictures."""
        asked = self.prompt.format(sentence=sentence)
        told = {"type": type, "group": group, "sentence": sentence, **meta}
        messages = [user(asked, images=tuple(range(len(shown))))]
        return Example(identity, messages, list(shown), answers=["true" if true else "false"], meta=told)

    def score(self, example: Example, answer: str) -> Scored:
        """Right or wrong."""
        said = parse_truth(answer)
        right = float(said == example.answers[0])
        label = float(example.answers[0] == "true")
        columns = {"items": 1.0, "correct": right, "label_true": label, "unparsed": float(said is None)}
        columns["said_true"] = float(said == "true")
        return Scored(said, right, columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Accuracy, the majority baseline, shares of true answers and of unread ones; consistency where sentences repeat."""
        share = ratio(sums["label_true"], sums["items"])
        found = {"accuracy": ratio(sums["correct"], sums["items"]), "majority": np.maximum(share, 1 - share)}
        found |= {name: ratio(sums[name], sums["items"]) for name in ("said_true", "unparsed")}
        if "sentences" in sums:
            found["consistency"] = ratio(sums["consistent"], sums["sentences"])
        return found

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The word that was read, and the truth."""
        return [("first true, false, yes or no", str(item["parsed"])), ("label", example.answers[0])]


class _OfTwo(Statements, OfSplit):
    """Groups are sentences: intervals resample them, and consistency is theirs."""

    capabilities = ("several-pictures", "reasoning", "counting")

    def group_columns(self, items: Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """One sentence: was it right everywhere?"""
        return {"sentences": 1.0, "consistent": float(all(item["score"] == 1.0 for item in items))}


@BENCHMARKS.register("nlvr2")
class NLVR2(_OfTwo):
    """Is a sentence true of a pair of photographs? Up to four pairs a sentence; accuracy and consistency.

    ``path``: a file of lines (``dev.json``, ``test1.json``: sentence, label, identifier, left_url, right_url); ``images``: the
    folder of the pictures, ``SPLIT-SET-PAIR-img0.png`` and ``img1.png``, also in folders by ``directory``. Consistency groups by
    the identifier without the pair, as the official script does.
    """

    protocol = "lil-lab/nlvr, nlvr2/eval/metrics.py: accuracy; consistency by set and sentence"

    def published(self) -> list[Example]:
        """One item a line. Raises ``DataError`` for lines without the keys."""
        from vistune.core.files import read_jsonl

        assert self.path is not None
        if not self.path.is_file():
            raise DataError(f"There is no NLVR2 file {self.path}.")
        folder = self.images or self.path.parent / "images"
        made = []
        for number, line in enumerate(read_jsonl(self.path)[: self.limit], 1):
            where = f"{self.path}, line {number}"
            if not {"sentence", "label", "identifier"} <= set(line):
                raise DataError(f"{where}: an NLVR2 line needs sentence, label and identifier.")
            parts = line["identifier"].split("-")
            if len(parts) != 4:
                raise DataError(f"{where}: an identifier is split-set-pair-sentence, not '{line['identifier']}'.")
            shown = [ImageSource(path=_of_two(folder, line, parts, k)) for k in (0, 1)]
            group = f"{parts[0]}-{parts[1]}--{parts[3]}"
            true = str(line["label"]).lower() == "true"
            made.append(self.item(line["identifier"], shown, line["sentence"], true, "all", group))
        return made

    def nano(self) -> list[Example]:
        """Sentences on both pictures, each true of two pairs of scenes and false of two."""
        made = []
        pool = scenes(max(60, self.n), self.split, self.prior, self.seed)
        for number, told in enumerate(sentences_on_two(pool, self.n // 4, self.seed)):
            for k, (left, right, true) in enumerate(told.pairs):
                shown = [picture(scene, self.image_size) for scene in (left, right)]
                group = f"nano-{number}"
                made.append(self.item(f"{group}-{k}", shown, told.text, true, told.type, group))
        return made


def _of_two(folder: Path, line: Mapping[str, Any], parts: Sequence[str], k: int) -> Path:
    name = f"{parts[0]}-{parts[1]}-{parts[2]}-img{k}.png"
    nested = folder / str(line.get("directory", "")) / name
    return nested if nested.is_file() else folder / name


@BENCHMARKS.register("marvl")
class MaRVL(_OfTwo):
    """NLVR2's task in Indonesian, Swahili, Tamil, Turkish and Chinese, by native speakers (arXiv 2109.13238).

    ``path``: IGLUE's ``marvl-LANGUAGE.jsonl``, or its folder and a ``language``; ``images``: the language's pictures
    (``CONCEPT-NUMBER.jpg``, also in folders by concept). Accuracy; consistency over sentences. ``type`` is the chapter of
    concepts. In the made edition a sentence says in the language what the left and the right picture show (``1. ... 2. ...``).
    """

    protocol = "IGLUE, MaRVL: accuracy per language; consistency over sentences"
    capabilities = ("language", "culture", "several-pictures", "reasoning")

    language: str = "sw"

    @property
    def name(self) -> str:
        """With the language."""
        if self.path is not None and self.path.is_file():
            return self.path.stem.replace("-", "_")
        return f"{super().name}_{self.language}"

    def published(self) -> list[Example]:
        """One item a line. Raises ``DataError`` for lines without the keys."""
        from vistune.core.files import read_jsonl
        from vistune.data.annotations.files import need

        assert self.path is not None
        file = self.path / f"marvl-{self.language}.jsonl" if self.path.is_dir() else self.path
        if not file.is_file():
            raise DataError(f"There is no MaRVL file {file}.")
        folder = self.images or file.parent / "images"
        made = []
        for number, line in enumerate(read_jsonl(file)[: self.limit], 1):
            need(line, ("concept", "caption", "left_img", "right_img", "id", "label"), f"{file}, line {number}")
            shown = []
            for key in ("left_img", "right_img"):
                nested = folder / line["concept"] / line[key]
                shown.append(ImageSource(path=nested if nested.is_file() else folder / line[key]))
            group = f"{line['concept']}/{line['caption']}"
            type = str(line.get("chapter", "all"))
            made.append(self.item(str(line["id"]), shown, line["caption"], bool(line["label"]), type, group))
        return made

    def nano(self) -> list[Example]:
        """Two captions in the language, of the left and the right scene; false where one is another scene's, or they changed
        places.
        """
        from vistune.world.tongues import TONGUES

        check_language(self.language, TONGUES)
        pool = scenes(self.n, self.split, self.prior, self.seed, min_things=1)
        made = []
        for number, (text, left, right, true, type) in enumerate(pairs_in_tongue(pool, self.language, self.seed)):
            shown = [picture(scene, self.image_size) for scene in (left, right)]
            made.append(self.item(f"{self.name}-{number}", shown, text, true, type, text))
        return made[: self.n]


#: Meta-categories of VSR's relations (cambridgeltl/visual-spatial-reasoning, rel_meta_category_dict.txt).
VSR_CATEGORIES = {
    "Adjacency": "adjacent to, alongside, at the side of, at the right side of, at the left side of, attached to, at the back of, "
    "ahead of, against, at the edge of",
    "Directional": "off, past, toward, down, deep down, up, away from, along, around, from, into, to, across, across from, "
    "through, down from",
    "Orientation": "facing, facing away from, parallel to, perpendicular to",
    "Projective": "on top of, beneath, beside, behind, left of, right of, under, in front of, below, above, over, in the middle of",
    "Proximity": "by, close to, near, far from, far away from",
    "Topological": "connected to, detached from, has as a part, part of, contains, within, at, on, in, with, surrounding, among, "
    "consists of, out of, between, inside, outside, touching",
    "Unallocated": "beyond, next to, opposite to, after, enclosed by",
}
_CATEGORY_OF = {relation: name for name, told in VSR_CATEGORIES.items() for relation in told.split(", ")}


@BENCHMARKS.register("vsr")
class VSR(Statements):
    """Is a statement on how two things stand true of a photograph? Accuracy, by relation and by the authors' seven categories.

    ``path``: a file of lines (``zeroshot/test.jsonl``: image, caption, label, relation), or the folder of the splits; ``images``:
    COCO's pictures. The request is InstructBLIP's. Random and zero-shot splits don't compare.
    """

    protocol = "Visual Spatial Reasoning: accuracy; request of InstructBLIP"
    capabilities = ("spatial",)

    split: Literal["train", "dev", "test"] = "test"
    prompt: str = ONE

    def published(self) -> list[Example]:
        """One item a line."""
        from vistune.data.annotations.sugarcrepe import read_vsr

        assert self.path is not None
        file = self.path / f"{self.split}.jsonl" if self.path.is_dir() else self.path
        if self.images is None:
            raise DataError("VSR needs the folder of COCO's pictures: images=FOLDER.")
        made = []
        for number, line in enumerate(read_vsr(file)[: self.limit]):
            shown = [ImageSource(path=self.images / line.image)]
            identity, facets = f"{file.stem}-{number}", _category(line.relation)
            made.append(self.item(identity, shown, line.caption, line.label, line.relation, line.image, facets=facets))
        return made

    def nano(self) -> list[Example]:
        """Statements on places, each true of one scene and false of its minimal pair."""
        from vistune.world.pairs import sample_pair

        made: list[Example] = []
        for number in range(2 * self.n):
            place = FIRST_SCENE + self.seed * 100_000 + number
            pair = sample_pair(place, split=split_of(self.split), prior=self.prior, what=("move", "exchange"))
            statement = pair.statements[number % 2]
            if statement.relation is None:
                continue
            for k, scene in enumerate(pair.scenes):
                identity, facets = f"{self.name}-{number}-{k}", {**scene_facets(scene), **_category(statement.relation)}
                shown = [picture(scene, self.image_size)]
                text = statement.text[0].upper() + statement.text[1:]
                group, relation = f"{self.name}-{number}", statement.relation
                made.append(self.item(identity, shown, text, k == number % 2, relation, group, facets=facets))
            if len(made) >= self.n:
                break
        return made[: self.n]


def _category(relation: str) -> dict[str, str]:
    return {"category": _CATEGORY_OF.get(relation.lower(), "Unallocated")}
