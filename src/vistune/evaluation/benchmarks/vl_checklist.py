"""VL-CheckList (Zhao et al. 2022, arXiv 2207.00221): a caption with one word changed; objects, attributes, relations."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example, ImageSource
from vistune.evaluation.benchmarks.base import BENCHMARKS, Scored
from vistune.evaluation.benchmarks.matching import By, Choice, Pair, Values
from vistune.evaluation.benchmarks.nano import balanced, picture, scene_facets, scenes
from vistune.evaluation.metrics.intervals import ratio
from vistune.world.scene import Scene

Task = Literal["itc", "itm"]
GROUPS = ("Object", "Attribute", "Relation")
#: A thing is small below the first and large from the second of these shares of the picture on (in the nano edition).
_SMALL, _LARGE = 0.02, 0.06


@BENCHMARKS.register("vl_checklist")
class VLCheckList(Choice):
    """A positive and a negative caption of each picture, of which the first of each list counts.

    ``style: itc`` (the paper's main table): P(match | positive) > P(match | negative). ``style: itm``: each caption on its own,
    a match where P > 0.5; precision, recall and F1; it needs a probability, so ``by: yes``. ``path``: a ``corpus`` folder of
    YAML files (``ANNO_PATH``, ``IMG_ROOT``), whose folders are the types, or one annotation file. Types are grouped
    ``object``, ``attribute`` and ``relation``. The original skips records whose picture is missing, and ITM batches that fail,
    in silence: here a missing picture is told.
    """

    main = "accuracy"
    chance = 0.5
    each_type = True
    protocol = "om-ai-lab/VL-CheckList: first positive against first negative text; score named by `by`"
    capabilities = ("composition", "perception", "spatial")

    style: Task = "itc"
    by: By = "yes"

    def __post_init__(self) -> None:
        """A probability for ITM."""
        super().__post_init__()
        if self.style == "itm" and self.by != "yes":
            raise ConfigError("vl_checklist: style 'itm' asks whether P(match) is above one half: it needs by: yes.")

    def published(self) -> list[Example]:
        """One item a record; ``limit`` counts for each file."""
        assert self.path is not None
        if not self.path.exists():
            raise DataError(f"There is no VL-CheckList folder or file {self.path}.")
        made = []
        for type, file, images in self._files(self.path):
            for number, (name, positive, negative) in enumerate(_records(file)[: self.limit]):
                shown = [ImageSource(path=images / name)]
                pairs = [Pair(positive), Pair(negative)]
                identity = f"{type}/{file.stem}-{number}"
                made.append(self.item(identity, shown, pairs, type=type, group=str(images / name), facets=_group(type)))
        return made

    def _files(self, path: Path) -> list[tuple[str, Path, Path]]:
        """(type, annotation file, folder of pictures)."""
        import yaml

        if path.is_file() and path.suffix == ".json":
            if self.images is None:
                raise DataError(f"{path}: one annotation file needs the folder of its pictures: images=FOLDER.")
            return [(path.stem, path, self.images)]
        found = []
        for config in sorted(path.rglob("*.yaml")):
            told = yaml.safe_load(config.read_text(encoding="utf-8")) or {}
            if not {"ANNO_PATH", "IMG_ROOT"} <= set(told):
                raise DataError(f"{config}: a corpus file of VL-CheckList needs ANNO_PATH and IMG_ROOT.")
            type = config.parent.relative_to(path).as_posix()
            annotation, root = path.parent / told["ANNO_PATH"], self.images or path.parent
            found.append((type, annotation, root / told["IMG_ROOT"]))
        if not found:
            raise DataError(f"{path} holds no corpus file of VL-CheckList (.yaml).")
        return found

    def nano(self) -> list[Example]:
        """Things by size and place, colours, sizes, states, and relations of test scenes: one word is changed in each."""
        made = []
        for scene in scenes(self.n, self.split, self.prior, self.seed, min_things=2):
            rng = random.Random(f"checklist/{self.seed}/{scene.seed}")
            shown = [picture(scene, self.image_size)]
            for type, positive, negative in _changed(scene, rng):
                identity = f"{self.name}-{scene.seed}-{type}"
                facets = {**scene_facets(scene), **_group(type)}
                pairs = [Pair(positive), Pair(negative)]
                made.append(self.item(identity, shown, pairs, type=type, group=str(scene.seed), facets=facets))
        return balanced(made, self.n)

    def score_values(self, example: Example, values: Values) -> Scored:
        """ITC as in ``Choice``; for ITM the counts of both captions as well."""
        scored = super().score_values(example, values)
        for group in GROUPS:
            own = float(example.meta["facets"].get("group") == group)
            scored.columns.update({f"group_items:{group}": own, f"group_correct:{group}": own * scored.score})
        if self.style == "itc":
            return scored
        positive, negative = values["yes"]
        tp, fp = float(positive > 0.5), float(negative > 0.5)
        columns = {**scored.columns, "tp": tp, "fn": 1 - tp, "fp": fp, "tn": 1 - fp}
        return Scored(f"{positive:.4f} / {negative:.4f}", (tp + 1 - fp) / 2, columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Accuracy with its groups; under ITM that of single captions, with precision, recall and F1."""
        found = super().measures(sums)
        for group in GROUPS:
            found[group.lower()] = ratio(sums[f"group_correct:{group}"], sums[f"group_items:{group}"])
        if self.style == "itm":
            tp, fp, fn = sums["tp"], sums["fp"], sums["fn"]
            found = {
                "accuracy": ratio(tp + sums["tn"], 2 * sums["items"]),
                "precision": ratio(tp, tp + fp),
                "recall": ratio(tp, tp + fn),
                "f1": ratio(2 * tp, 2 * tp + fp + fn),
                "itc": found["accuracy"],
            }
        return found


def _group(type: str) -> dict[str, str]:
    head = type.split("/")[0]
    return {"group": head} if head in GROUPS else {}


def _records(file: Path) -> list[tuple[str, str, str]]:
    """(picture, first positive text, first negative text). Raises ``DataError`` where a record has another form."""
    from vistune.data.annotations.files import need_list, read_json

    found = []
    for number, record in enumerate(need_list(read_json(file), str(file))):
        try:
            name, texts = record
            found.append((name, texts["POS"][0], texts["NEG"][0]))
        except (TypeError, ValueError, KeyError, IndexError):
            raise DataError(f"{file}, record {number}: [picture, {{POS: [text], NEG: [text]}}] was expected.") from None
    return found


def _changed(scene: Scene, rng: random.Random) -> list[tuple[str, str, str]]:
    """(type, true caption, false caption) of a scene, each type at most once."""
    from vistune.world.annotate import visible_share
    from vistune.world.language.grammar import Phrase, is_person, noun_phrase
    from vistune.world.language.view import view_of
    from vistune.world.pairs import hard_negative
    from vistune.world.vocabulary import COLOURS, KIND_BY_NAME, KINDS

    view = view_of(scene)
    seen = visible_share(scene)
    clear = [i for i in view.indices if seen[i] > 0.5]
    if not clear:
        return []
    absent = [kind.name for kind in KINDS if kind.name not in view.by_kind]
    found = []
    for type_of in (_size_of, _place_of):
        index = rng.choice(clear)
        named, swapped = (noun_phrase(Phrase(kind)) for kind in (scene.things[index].kind, rng.choice(absent)))
        found.append((f"Object/{type_of(scene, index)}", named, swapped))
    thing = scene.things[rng.choice(clear)]
    others = view.by_kind[thing.kind]

    def changed(name: str, type: str, values: Sequence[str]) -> None:
        true = getattr(thing, name)
        wrong = [value for value in values if all(value != getattr(scene.things[i], name) for i in others)]
        if true in values and wrong and not (name == "colour" and is_person(thing.kind)):
            right, other = (noun_phrase(Phrase(thing.kind, **{name: v})) for v in (true, rng.choice(wrong)))
            found.append((f"Attribute/{type}", right, other))

    changed("colour", "color", tuple(COLOURS))
    changed("size", "size", ("small", "big"))
    changed("state", "state", KIND_BY_NAME[thing.kind].states)
    relation = hard_negative(scene, "replace_rel", scene.seed)
    if relation is not None:
        found.append(("Relation/spatial", relation.positive.text.rstrip("."), relation.negative.text.rstrip(".")))
    return found


def _size_of(scene: Scene, index: int) -> str:
    from vistune.world.annotate import masks

    share = float(masks(scene, 64)[index].mean())
    return f"Size/{'small' if share < _SMALL else 'large' if share >= _LARGE else 'medium'}"


def _place_of(scene: Scene, index: int) -> str:
    """The paper's rule: distance of the middles over half the diagonal, in thirds."""
    thing = scene.things[index]
    far = math.hypot(thing.x - 0.5, thing.y - thing.height / 2 - 0.5) / math.hypot(0.5, 0.5)
    return f"Location/{'center' if far <= 1 / 3 else 'mid' if far <= 2 / 3 else 'margin'}"
