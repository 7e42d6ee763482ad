"""ARO (Yuksekgonul et al. 2023, arXiv 2210.01936): relations, attributes, and the order of words."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from vistune.data.example import Example, ImageSource
from vistune.evaluation.benchmarks.base import BENCHMARKS
from vistune.evaluation.benchmarks.crops import CroppedSource
from vistune.evaluation.benchmarks.matching import Choice, Pair
from vistune.evaluation.benchmarks.nano import balanced, picture, scene_facets, scenes
from vistune.evaluation.metrics.answers import Mode
from vistune.evaluation.metrics.word_order import MOST_WORDS, clean_caption, shuffles, spacy_tagger, symmetric_relations
from vistune.world.pairs import HardNegative, hard_negative
from vistune.world.scene import Scene

AroPart = Literal["relation", "attribution", "coco_order", "flickr_order"]
_BOX = ("bbox_x", "bbox_y", "bbox_w", "bbox_h")
_FILES = {
    "relation": "visual_genome_relation.json",
    "attribution": "visual_genome_attribution.json",
    "coco_order": "coco_karpathy_test.json",
    "flickr_order": "flickr30k_test.json",
}


@BENCHMARKS.register("aro")
class Aro(Choice):
    """``part`` of ARO: ``relation`` and ``attribution`` (the picture **cropped** to its box, a true and a false caption), or
    ``coco_order`` and ``flickr_order`` (a caption and four shuffles of it).

    ``path``: the part's published JSON, or its folder; ``images``: the folder of the pictures. Pairs: ties are wrong; ``macro``
    over relations without the symmetric ones, over pairs of attributes with 25 items or more. Orders: precision at 1, and the
    official arg-max takes the first of equals, so **ties are right** and a constant scorer gets 100; ``mode: strict`` counts
    them as wrong and leaves out shuffles that equal the caption. Shuffles are not published: they are drawn by ``seed``, with
    spaCy's tags; records with ``caption_options`` bring their own.
    """

    main = "macro"
    protocol = (
        "vision-language-models-are-bows: crops, arg-max, macro over relations or attributes; orders: precision at 1"
    )
    capabilities = ("composition", "spatial")

    part: AroPart = "relation"
    mode: Mode = "official"

    def __post_init__(self) -> None:
        """What the part has: its chance, and how many items a type needs."""
        super().__post_init__()
        self.chance = 1 / 5 if self._order else 1 / 2
        self.least = 25 if self.part == "attribution" and self.path is not None else 1

    @property
    def _order(self) -> bool:
        return self.part.endswith("order")

    @property
    def name(self) -> str:
        """With the part."""
        return f"{super().name}_{self.part}"

    def examples(self) -> list[Example]:
        """The items; symmetric relations don't count for ``macro``."""
        made = super().examples()
        if self.part == "relation":
            symmetric = symmetric_relations()
            self._macro = tuple(name for name in self._macro if name not in symmetric)
        return made

    def wins(self, example: Example, values: Sequence[float]) -> bool:
        """The official arg-max of the part, or strictly above all others."""
        best = max(values[1:], default=float("-inf"))
        return values[0] >= best if self._order and self.mode == "official" else values[0] > best

    # -- published -----------------------------------------------------------------------------------------------------

    def published(self) -> list[Example]:
        """The records of the part's file. Raises ``DataError`` for one without its keys."""
        from vistune.data.annotations.files import need_list, read_json

        assert self.path is not None
        file = self.path / _FILES[self.part] if self.path.is_dir() else self.path
        folder = self.images or file.parent / "images"
        records = need_list(read_json(file), str(file))
        read = self._ordered if self._order else self._cropped
        return [
            item
            for number, record in enumerate(records[: self.limit])
            for item in read(record, number, folder, f"{file}, record {number}")
        ]

    def _cropped(self, record: Any, number: int, folder: Path, where: str) -> list[Example]:
        from vistune.data.annotations.files import need

        need(record, ("image_path", *_BOX, "true_caption", "false_caption"), where)
        x, y, w, h = (record[key] for key in _BOX)
        shown = [CroppedSource(path=folder / record["image_path"], box=(x, y, x + w, y + h))]
        key = "relation_name" if self.part == "relation" else "attributes"
        need(record, (key,), where)
        type = record[key] if isinstance(record[key], str) else "_".join(record[key][:2])
        pairs = [Pair(record["true_caption"]), Pair(record["false_caption"])]
        return [self.item(f"{self.part}-{number}", shown, pairs, type=type, group=record["image_path"])]

    def _ordered(self, record: Any, number: int, folder: Path, where: str) -> list[Example]:
        from vistune.data.annotations.files import need

        shown = [ImageSource(path=folder / need(record, ("image",), where)["image"])]
        group = record["image"]
        if "caption_options" in record:
            options = [list(record["caption_options"])]
        else:
            captions = need(record, ("caption",), where)["caption"]
            options = []
            for place, caption in enumerate([captions] if isinstance(captions, str) else captions):
                rng = random.Random(f"aro/{self.seed}/{number}/{place}")
                told = [caption, *shuffles(*spacy_tagger()(caption), rng)]
                options.append([clean_caption(text, MOST_WORDS) for text in told])
        return [self._order_item(f"{self.part}-{number}-{k}", shown, own, group) for k, own in enumerate(options)]

    def _order_item(
        self, identity: str, shown: Sequence[ImageSource], options: Sequence[str], group: str, **meta: Any
    ) -> Example:
        kept = [options[0], *(o for o in options[1:] if self.mode == "official" or o != options[0])]
        pairs = [Pair(text) for text in kept]
        return self.item(identity, shown, pairs, type=self.part, group=group, **meta)

    # -- nano ----------------------------------------------------------------------------------------------------------

    def nano(self) -> list[Example]:
        """Relations with their things exchanged, colours swapped between things, or captions of scenes shuffled."""
        made: list[Example] = []
        for scene in scenes(self.n * 2, self.split, self.prior, self.seed, min_things=2):
            made += [self._shuffled(scene)] if self._order else self._pair(scene)
            if len(made) >= self.n:
                break
        return made[: self.n] if self._order else balanced(made, self.n)

    def _pair(self, scene: Scene) -> list[Example]:
        found = hard_negative(scene, "swap_obj" if self.part == "relation" else "swap_att", self.seed)
        if found is None:
            return []
        box = _around(scene, found, self.image_size)
        shown = [CroppedSource(array=picture(scene, self.image_size).array, box=box)]
        type = str(found.positive.relation) if self.part == "relation" else "color_color"
        pairs = [Pair(found.positive.text), Pair(found.negative.text)]
        facets = scene_facets(scene)
        return [self.item(f"{self.name}-{scene.seed}", shown, pairs, type=type, group=str(scene.seed), facets=facets)]

    def _shuffled(self, scene: Scene) -> Example:
        from vistune.evaluation.metrics.word_order import world_tags
        from vistune.world.language import caption

        rng = random.Random(f"aro/{self.seed}/{scene.seed}")
        told = caption(scene, scene.seed, level="short" if self.part == "coco_order" else "all", split=self.split)
        words, tags = world_tags(told)
        # The original's true caption alone has its commas at the words: here nothing but the order tells.
        options = [" ".join(words), *shuffles(words, tags, rng)]
        shown = [picture(scene, self.image_size)]
        cleaned = [clean_caption(text, MOST_WORDS) for text in options]
        identity = f"{self.name}-{scene.seed}"
        return self._order_item(identity, shown, cleaned, str(scene.seed), facets=scene_facets(scene))


def _around(scene: Scene, found: HardNegative, size: int) -> tuple[int, int, int, int]:
    """The box about both things that the captions name, a pixel wider, at least an eighth of the picture on each side."""
    from vistune.world.annotate import boxes
    from vistune.world.language.view import view_of

    view = view_of(scene)
    places = [i for group in found.positive.groups for i in view.fitting(group.phrase)]
    own = boxes(scene, size)[places]
    own = own[own[:, 2] > 0]
    least = size // 8
    x0, y0 = (max(0, int(value) - 1) for value in own[:, :2].min(0))
    x1, y1 = (min(size, int(value) + 1) for value in own[:, 2:].max(0))
    x0, y0 = min(x0, size - least), min(y0, size - least)
    return x0, y0, max(x1, x0 + least), max(y1, y0 + least)
