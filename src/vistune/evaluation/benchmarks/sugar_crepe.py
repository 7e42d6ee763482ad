"""SugarCrepe (Hsieh et al. 2023, arXiv 2306.14610): captions with hard negatives of seven types."""

from __future__ import annotations

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource
from vistune.evaluation.benchmarks.base import BENCHMARKS
from vistune.evaluation.benchmarks.matching import Choice, Pair
from vistune.evaluation.benchmarks.nano import balanced, picture, scene_facets, scenes

#: The seven sets, as their files are named.
TYPES = ("replace_obj", "replace_att", "replace_rel", "swap_obj", "swap_att", "add_obj", "add_att")


@BENCHMARKS.register("sugar_crepe")
class SugarCrepe(Choice):
    """Of a caption and its hard negative, the true one must score strictly higher; ties are wrong.

    ``path``: the folder of ``TYPE.json`` files (of the seven, those that are there), or one of them; ``images``: COCO's
    val2017. Accuracy of each set, ``accuracy`` over all items, ``macro`` the mean over the sets. ``by: text`` is the paper's
    control: a scorer that sees no picture should stay at 50. The originals score dual encoders; a generative model's score is
    named by ``by``.
    """

    main = "macro"
    chance = 0.5
    each_type = True
    protocol = "RAIVNLab/sugar-crepe: score of the caption strictly above that of its negative; score named by `by`"
    capabilities = ("composition", "spatial")

    def published(self) -> list[Example]:
        """One item a record."""
        from vistune.data.annotations.sugarcrepe import read_sugarcrepe

        assert self.path is not None
        files = [self.path] if self.path.is_file() else [self.path / f"{name}.json" for name in TYPES]
        files = [file for file in files if file.is_file()]
        if not files:
            raise DataError(f"{self.path} holds none of SugarCrepe's files ({', '.join(TYPES)}, each .json).")
        if self.images is None:
            raise DataError("SugarCrepe needs the folder of COCO's val2017 pictures: images=FOLDER.")
        made = []
        for file in files:
            for number, item in enumerate(read_sugarcrepe(file)[: self.limit]):
                pairs = [Pair(item.caption), Pair(item.negative_caption)]
                shown = [ImageSource(path=self.images / item.filename)]
                about = {"type": file.stem, "group": item.filename, "facets": {}}
                made.append(self.item(f"{file.stem}-{number}", shown, pairs, **about))
        return made

    def nano(self) -> list[Example]:
        """The same seven types on test scenes, as evenly as they are there."""
        from vistune.world.pairs import hard_negative

        made: list[Example] = []
        counts = dict.fromkeys(TYPES, 0)
        for scene in scenes(self.n, self.split, self.prior, self.seed, min_things=2):
            shown = [picture(scene, self.image_size)]
            for name in TYPES:
                found = hard_negative(scene, name, self.seed)
                if found is not None:
                    counts[name] += 1
                    pairs = [Pair(found.positive.text), Pair(found.negative.text)]
                    identity = f"{self.name}-{scene.seed}-{name}"
                    facets = scene_facets(scene)
                    made.append(self.item(identity, shown, pairs, type=name, group=str(scene.seed), facets=facets))
            if min(counts.values()) * len(TYPES) >= self.n:
                break
        return balanced(made, self.n)
