"""Pictures by captions and captions by pictures over a gallery: recall at k, ranks, RSUM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example, ImageSource
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.caption_files import read_captioned
from vistune.evaluation.benchmarks.matching import Matching, Pair, Values
from vistune.evaluation.benchmarks.nano import endless_scenes, picture, split_of
from vistune.evaluation.metrics.intervals import ratio
from vistune.world.scene import Scene

if TYPE_CHECKING:
    from vistune.world.language.claims import Claim

Directions = Literal["both", "i2t", "t2i"]
KS = (1, 5, 10)
#: Ranks are counted one by one up to here; a median beyond is told as one more.
LAST_RANK = 100


@BENCHMARKS.register("retrieval")
class Retrieval(Matching):
    """From a picture any of its captions, from a caption its picture: R@1, R@5, R@10 both ways, median rank, RSUM.

    ``path``: captions as ``coco_captions``, ``flickr30k``, ``captions`` and ``xflickrco`` read them; ``images``: the folder of
    the pictures. ``limit`` pictures; ``gallery`` cuts them into folds of that many (COCO: 5,000 in one gallery, or the mean of
    five folds of 1,000: never compare the two); ``captions`` a picture at most. Ties go against the right one, so that a
    constant scorer finds nothing.

    Cost for a generative model: each query is weighed with the whole gallery, so ``2 * pictures * captions`` conversations a
    fold. A picture's captions share one run of its prompt; a caption's pictures do not. ``by: embedding`` is for dual encoders.
    """

    main = "rsum"
    not_shares = ("rsum", "i2t_median_rank", "t2i_median_rank")
    protocol = "R@k over a fixed gallery, ties against the right one; score named by `by`"
    capabilities = ("retrieval",)

    split: str = "test"
    gallery: int | None = None
    captions: int = 5
    directions: Directions = "both"
    n: int = 30

    def __post_init__(self) -> None:
        """A gallery to look through; RSUM is of both directions."""
        super().__post_init__()
        if self.gallery is not None and self.gallery < 2:
            raise ConfigError(f"retrieval: a gallery has two pictures at least, not {self.gallery}.")
        if self.directions != "both":
            self.main = f"{self.directions}_r1"

    @property
    def name(self) -> str:
        """With the file and the gallery's size."""
        file = "" if self.path is None else f"_{self.path.stem}"
        return f"{super().name}{file}" + ("" if self.gallery is None else f"_{self.gallery}")

    def published(self) -> list[Example]:
        """Both directions over each fold of the split's pictures."""
        assert self.path is not None
        folder = self.images or (self.path if self.path.is_dir() else self.path.parent)
        told = [
            (ImageSource(path=folder / item.file), item.captions[: self.captions], item.id)
            for item in read_captioned(self.path, self.split)[: self.limit]
        ]
        return self._galleries(told)

    def nano(self) -> list[Example]:
        """Test scenes with two captions each, of which none is true of another scene of the gallery."""
        from vistune.world.language import caption
        from vistune.world.language.claims import claims
        from vistune.world.tongues import caption as plain_caption

        told: list[tuple[ImageSource, Sequence[str], str]] = []
        chosen: list[tuple[Scene, list[list[Claim]]]] = []
        for scene in endless_scenes(self.seed, split_of(self.split), self.prior, min_things=2, most=20 * self.n):
            texts = (caption(scene, scene.seed, split=scene.split), plain_caption(scene, scene.seed, "en", "all"))
            said = [claims(text) for text in texts]
            if any(_fits(own, scene) or _fits(said, other) for other, own in chosen):
                continue
            chosen.append((scene, said))
            told.append((picture(scene, self.image_size), texts[: self.captions], str(scene.seed)))
            if len(told) == self.n:
                break
        return self._galleries(told)

    def _galleries(self, told: Sequence[tuple[ImageSource, Sequence[str], str]]) -> list[Example]:
        if len(told) < 2:
            raise DataError(f"{self.name}: a gallery needs two pictures, there is {len(told)}.")
        size = self.gallery or len(told)
        if len(told) % size:
            raise DataError(
                f"{self.name}: {len(told)} pictures can't be cut into galleries of {size}; set limit to a multiple."
            )
        return [
            item for start in range(0, len(told), size) for item in self._queries(told[start : start + size], start)
        ]

    def _queries(self, told: Sequence[tuple[ImageSource, Sequence[str], str]], start: int) -> list[Example]:
        made = []
        captions = [(text, place) for place, (_, texts, _) in enumerate(told) for text in texts]
        pictures = [image for image, _, _ in told]
        if self.directions != "t2i":
            pairs = [Pair(text) for text, _ in captions]
            for place, (image, _, name) in enumerate(told):
                right = tuple(k for k, (_, owner) in enumerate(captions) if owner == place)
                made.append(self._query(f"i2t-{start + place}-{name}", [image], pairs, "i2t", name, right))
        if self.directions != "i2t":
            for number, (text, owner) in enumerate(captions):
                pairs = [Pair(text, (k,)) for k in range(len(pictures))]
                identity, name = f"t2i-{start}-{number}", told[owner][2]
                made.append(self._query(identity, pictures, pairs, "t2i", name, (owner,)))
        return made

    def _query(
        self, identity: str, shown: list[ImageSource], pairs: list[Pair], way: str, group: str, right: tuple[int, ...]
    ) -> Example:
        item = self.item(identity, shown, pairs, type=way, group=group, right=right)
        item.answers = [pairs[right[0]].caption]
        return item

    def score_values(self, example: Example, values: Values) -> Scored:
        """The rank of the (best) right one, from 1; the score is 1 where it comes first."""
        told, right = values[self.by], set(example.meta["right"])
        best = max(told[k] for k in right)
        rank = 1 + sum(value >= best for k, value in enumerate(told) if k not in right)
        columns = {}
        for way in ("i2t", "t2i"):
            own = float(way == example.meta["type"])
            columns[f"{way}_items"] = own
            columns |= {f"{way}_rank:{k}": own * (min(rank, LAST_RANK + 1) == k) for k in range(1, LAST_RANK + 2)}
        return Scored(f"rank {rank} of {len(told)}", float(rank == 1), columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Recalls as shares, median ranks, and the sum of the recalls in percent."""
        found = {}
        total = np.zeros_like(np.asarray(sums["i2t_items"], float))
        for way in ("i2t", "t2i") if self.directions == "both" else (self.directions,):
            ranks = np.cumsum([sums[f"{way}_rank:{k}"] for k in range(1, LAST_RANK + 2)], axis=0)
            for k in KS:
                found[f"{way}_r{k}"] = ratio(ranks[k - 1], sums[f"{way}_items"])
                total = total + 100 * found[f"{way}_r{k}"]
            found[f"{way}_median_rank"] = _median(ranks)
        return {"rsum": total, **found} if self.directions == "both" else found


def _median(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median rank from cumulated counts ``[ranks, resamples]``; the mean of the two middle ones of an even number."""
    count = ranks[-1]
    low, high = ((ranks > place).argmax(0) + 1 for place in (np.floor((count - 1) / 2), np.floor(count / 2)))
    return (low + high) / 2


def _fits(told: Sequence[Sequence[Claim]], scene: Scene) -> bool:
    """Whether any of the captions could be true of a scene."""
    return any(all(claim.holds(scene) is not False for claim in own) for own in told)
