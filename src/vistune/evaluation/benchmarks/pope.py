"""POPE (arXiv 2305.10355): is there a ... in the image? Published files, COCO's instances, or scenes of the world."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, user
from vistune.evaluation.benchmarks.base import BENCHMARKS, OfSplit, Scored
from vistune.evaluation.benchmarks.files import with_suffix
from vistune.evaluation.benchmarks.nano import picture, scene_facets, scenes
from vistune.evaluation.benchmarks.scoring import YesNo
from vistune.evaluation.metrics.answers import Mode, parse_pope, yes_no_scores
from vistune.world.questions.pope import PER_SIDE, PopeSetting
from vistune.world.scene import Prior

SETTINGS: tuple[PopeSetting, ...] = get_args(PopeSetting)
#: Pictures of the official files.
OFFICIAL_PICTURES = 500


@BENCHMARKS.register("pope")
class Pope(OfSplit, YesNo):
    """Six existence questions a picture, three of them about things that are absent: any (``random``), the most frequent
    (``popular``) or those that most often stand beside the thing asked before (``adversarial``); ``all``: the three settings,
    every measure their mean, as papers report F1.

    ``path``: a published file (``coco_pope_random.json``), a folder of the three, or COCO's ``instances_*.json``, from which
    ``n`` pictures (500) are drawn and asked about by the official building rules; ``images``: the folder of the pictures. The nano
    edition asks about ``n`` (100) scenes. ``mode=official`` reads answers as POPE's script (all but No, not, no is yes),
    ``strict`` by the first yes or no. Other tools compare whole strings.
    """

    protocol = "AoiDragon/POPE: three positives and three negatives a picture; official parsing"
    capabilities = ("hallucination", "perception")
    chance = 0.5

    images: Path | None = None
    #: 0: as many pictures as are usual.
    n: int = 0
    setting: Literal[PopeSetting, "all"] = "random"
    prior: Prior = "skewed"
    limit: int | None = None
    suffix: str = ""

    def __post_init__(self) -> None:
        """As many pictures as are usual."""
        super().__post_init__()
        self.n = self.n or (100 if self.path is None else OFFICIAL_PICTURES)

    @property
    def name(self) -> str:
        """The file's name; with the setting where questions are made, and the prior where it is not the usual one."""
        if self.path is None:
            return f"pope_{self.setting}" + ("" if self.prior == "skewed" else f"_{self.prior}")
        return self.path.stem if self.path.stem.startswith("coco_pope") else f"pope_{self.path.stem}_{self.setting}"

    @property
    def settings(self) -> tuple[PopeSetting, ...]:
        """The settings that are asked."""
        return SETTINGS if self.setting == "all" else (self.setting,)

    def published(self) -> list[Example]:
        """The questions of a file or folder, or those made of COCO's instances."""
        path = self.path
        assert path is not None
        if path.is_dir():
            made = []
            for setting in self.settings:
                found = sorted(path.glob(f"*pope*{setting}*.json"))
                if len(found) != 1:
                    raise DataError(f"{path} holds {len(found)} POPE files of the setting {setting}: one is expected.")
                made += self._questions(found[0], setting)
        elif _is_coco(path):
            made = self._from_instances(path)
        else:
            made = self._questions(path, path.stem)
        return [with_suffix(example, self.suffix) for example in made[: self.limit]]

    def _questions(self, path: Path, type: str) -> list[Example]:
        """One question a line."""
        from vistune.core.files import read_jsonl

        if not path.is_file():
            raise DataError(f"There is no POPE file {path}.")
        made = []
        for i, line in enumerate(read_jsonl(path)):
            if not isinstance(line, dict) or not {"image", "text", "label"} <= set(line):
                raise DataError(f"{path}, line {i + 1}: a POPE question needs image, text and label.")
            named = f"{type}-{line.get('question_id', i)}" if self.setting == "all" else str(line.get("question_id", i))
            made.append(self._item(named, line["image"], line["text"], line["label"], type))
        return made

    def _item(self, identity: str, image: str, text: str, label: str, type: str) -> Example:
        meta = {"type": type, "group": image, "facets": {"truth": label}}
        pictures = [ImageSource(path=(self.images or Path()) / image)]
        return Example(identity, [user(text, images=(0,))], pictures, answers=[label], meta=meta)

    def _from_instances(self, path: Path) -> list[Example]:
        """``n`` pictures with three or more kinds of things, in the order of their annotations."""
        from vistune.world.language.grammar import indefinite
        from vistune.world.questions.pope import name_probes

        pool = sorted(coco_names(path).items())
        pool = [(image, names) for image, names in pool if len(names) >= PER_SIDE]
        if len(pool) > self.n:
            pool = sorted(random.Random(f"pope images/{self.seed}").sample(pool, self.n))
        made = []
        for setting in self.settings:
            for i, (place, name, label) in enumerate(name_probes([names for _, names in pool], setting, self.seed)):
                text = f"Is there {indefinite(name)} in the image?"
                made.append(self._item(f"{setting}-{i}", pool[place][0], text, label, setting))
        return made

    def nano(self) -> list[Example]:
        """Six questions a scene."""
        from vistune.world.questions.pope import pope_probes, scene_kinds

        pool = scenes(self.n * 6, self.split, self.prior, self.seed, min_things=3)
        chosen = [scene for scene in pool if len(scene_kinds(scene)) >= PER_SIDE][: self.n]
        pictures = [picture(scene, self.image_size) for scene in chosen]
        made = []
        for setting in self.settings:
            named = self.name if self.setting != "all" else f"{self.name}-{setting}"
            for i, probe in enumerate(pope_probes(chosen, setting, self.seed)):
                scene = chosen[probe.scene]
                facets = {**scene_facets(scene), "truth": probe.label}
                meta = {"type": setting, "group": str(scene.seed), "facets": facets}
                messages = [user(probe.text, images=(0,))]
                probed = Example(f"{named}-{i}", messages, [pictures[probe.scene]], answers=[probe.label], meta=meta)
                made.append(with_suffix(probed, self.suffix))
        return made

    def score(self, example: Example, answer: str) -> Scored:
        """Right or wrong; with all settings, the counts of each."""
        scored = super().score(example, answer)
        if self.setting != "all":
            return scored
        own = example.meta["type"]
        columns = {f"{k}_{s}": v if s == own else 0.0 for s in SETTINGS for k, v in scored.columns.items()}
        return replace(scored, columns=columns)

    def measures(self, sums: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        """Accuracy, precision, recall, F1, yes rate and the unparsed share; with all settings the means, and each one's
        accuracy and F1.
        """
        if self.setting != "all":
            return yes_no_scores(sums)
        counts = [name.removesuffix("_random") for name in sums if name.endswith("_random")]
        each = {s: yes_no_scores({k: sums[f"{k}_{s}"] for k in counts}) for s in SETTINGS}
        found = {name: sum(own[name] for own in each.values()) / len(each) for name in each["random"]}
        for setting, own in each.items():
            found |= {f"{name}_{setting}": own[name] for name in ("accuracy", "f1")}
        return {name: np.asarray(value) for name, value in found.items()}

    def explain(self, example: Example, item: Mapping[str, Any]) -> list[tuple[str, str]]:
        """How the answer was read."""
        answer = str(item["answer"])
        if self.mode == "strict":
            return [("first word that is yes or no", str(item["parsed"])), ("truth", example.answers[0])]
        words = answer.split(".")[0].replace(",", "").split(" ")
        denied = [word for word in words if word in ("No", "not", "no")]
        return [
            ("up to the first full stop, no commas", repr(answer.split(".")[0].replace(",", ""))),
            ("words No, not, no", ", ".join(denied) or "none, which means yes"),
            ("read as", parse_pope(answer)),
            ("truth", example.answers[0]),
        ]


@BENCHMARKS.register("pope_file")
class PopeFile(Pope):
    """A published POPE file (``coco_pope_random.json``: one JSON object a line) and the folder of its pictures."""

    protocol = "AoiDragon/POPE: published questions, official parsing"

    def __init__(
        self, path: str, images: str, mode: Mode = "official", limit: int | None = None, suffix: str = ""
    ) -> None:
        super().__init__(path=Path(path), images=Path(images), mode=mode, limit=limit, suffix=suffix)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.stem if self.path is not None else self.kind


def _is_coco(path: Path) -> bool:
    """Whether a file is one JSON object with annotations, not one question a line."""
    if not path.is_file():
        return False
    with path.open(encoding="utf-8") as file:
        first = file.readline()
    try:
        return isinstance(found := json.loads(first), dict) and "annotations" in found
    except ValueError:
        return True  # an object over several lines


def coco_names(path: Path) -> dict[str, list[str]]:
    """File name of each picture of COCO's instances -> names of its things, each once, in the order of the annotations."""
    from vistune.evaluation.metrics.chair import read_coco

    content = read_coco(path)
    if "categories" not in content:
        raise DataError(f"{path} has no categories: POPE is built from COCO's instances.")
    names = {category["id"]: category["name"] for category in content["categories"]}
    files = {image["id"]: image["file_name"] for image in content["images"]}
    found: dict[str, dict[str, None]] = {}
    for note in content["annotations"]:
        found.setdefault(files[note["image_id"]], {})[names[note["category_id"]]] = None
    return {image: list(own) for image, own in found.items()}
