"""Instruction data about places seen from above (tasks of SkyEyeGPT, arXiv 2401.09712)."""

from __future__ import annotations

import random
from pathlib import Path

from PIL import Image

from vistune.data.annotations.dota import RotatedBox, write_dota
from vistune.data.annotations.files import write_json
from vistune.data.example import Example, assistant, user
from vistune.engines.base import ENGINES, SeededEngine, question_turns
from vistune.world.aerial import LANDS, Site, ask, land_map, later, long_caption, render, sample_site, short_caption
from vistune.world.language.wordings import Wordings
from vistune.world.scene import Prior, Split

_DESCRIBE = Wordings(("describe the place.", "what is seen from above?"), ("say what the picture shows.",))
_DETAIL = Wordings(("describe the place in detail.",), ("tell all that can be seen.",))
_DETECT = Wordings(("find all {k}s and give their rotated boxes.",), ("where are the {k}s? give rotated boxes.",))
_CHANGE = Wordings(("what changed between the two dates?",), ("compare both pictures: what is new?",))


@ENGINES.register("aerial")
class AerialEngine(SeededEngine):
    """Places from above, north up.

    ``tasks``: ``question``, ``caption``, ``detail``, ``detect`` (the rotated boxes of a kind: corners, clockwise from the
    front right, in hundredths of the side) and ``change`` (two dates). ``things``: of a kind at most.
    """

    KIND = "aerial"
    TASKS = ("question", "caption", "detail", "detect", "change")

    def __init__(
        self,
        n: int,
        *,
        split: Split = "train",
        prior: Prior = "skewed",
        image_size: int = 64,
        turns: int = 4,
        tasks: dict[str, float] | None = None,
        seed: int = 0,
        things: int = 6,
    ) -> None:
        super().__init__(n, split=split, prior=prior, image_size=image_size, turns=turns, tasks=tasks, seed=seed)
        self.things = things

    def site(self, number: int) -> Site:
        """The site of a number."""
        return sample_site(number, split=self.split, prior=self.prior, most=self.things)

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number. Where there is nothing to detect or to change, the site is described."""
        task, site = self.draw_task(rng), self.site(number)
        pictures = [render(site, self.image_size)]
        facts = {"task": task, "scene": site.scene, "metres": site.metres, "shares": site.shares()}
        if task == "question":
            messages, meta = question_turns(ask(site, number, n=self.turns, split=self.split))
            return self.example(number, messages, pictures, {**facts, **meta})
        if task == "change":
            after, change = later(site, number)
            if change is not None:
                pictures.append(render(after, self.image_size))
                messages = [user(_CHANGE.pick(rng, self.split), images=(0, 1)), assistant(change.text)]
                return self.example(number, messages, pictures, {**facts, "change": change.what})
        if task == "detect" and site.things:
            kind = rng.choice(sorted({thing.kind for thing in site.things}))
            wording = _DETECT.pick(rng, self.split).format(k=kind)
            messages = [user(wording, images=(0,)), assistant(boxes_in_words(site, kind))]
            return self.example(number, messages, pictures, facts)
        wordings, answer = (_DETAIL, long_caption(site)) if task == "detail" else (_DESCRIBE, short_caption(site))
        messages = [user(wordings.pick(rng, self.split), images=(0,)), assistant(answer)]
        return self.example(number, messages, pictures, facts)

    def write_annotations(self, folder: Path) -> list[Path]:
        """``labelTxt/NAME.txt`` (DOTA's rotated boxes, with the ground sample distance), ``land/NAME.png`` (land use of each

        pixel, by the numbers in ``land/classes.json``) and ``land.json`` (shares).
        """
        classes = {**{str(number): land for number, land in enumerate(LANDS)}, "255": "none"}
        files, land = [write_json(folder / "land" / "classes.json", classes)], {}
        for index in range(len(self)):
            number = self.number(index)
            site, name = self.site(number), f"aerial-{self.split}-{number}"
            boxes, scale = rotated_boxes(site, self.image_size), site.metres / self.image_size
            files.append(write_dota(folder / "labelTxt" / f"{name}.txt", boxes, "vistune", scale))
            labels = folder / "land" / f"{name}.png"
            Image.fromarray(land_map(site, self.image_size)).save(labels)
            files.append(labels)
            land[name] = {"scene": site.scene, "metres": site.metres, "shares": site.shares()}
        return [write_json(folder / "land.json", land), *files]


def rotated_boxes(site: Site, size: int) -> list[RotatedBox]:
    """The things' boxes on a picture of ``size`` pixels, to a tenth of a pixel."""
    found = []
    for thing in site.things:
        a, b, c, d, e, f, g, h = (
            round(v, 1) for corner in thing.corners() for v in site.pixel(corner, size)
        )  # clockwise from the front right
        found.append(RotatedBox((a, b, c, d, e, f, g, h), thing.kind))
    return found


def boxes_in_words(site: Site, kind: str) -> str:
    """``{<x1><y1>...<x4><y4>}`` for each thing of a kind, from north to south; SkyEyeGPT's way, with four corners."""
    things = sorted((t for t in site.things if t.kind == kind), key=lambda t: -t.y)
    told = []
    for thing in things:
        shares = [v for corner in thing.corners() for v in site.pixel(corner, 100)]
        told.append("{" + "".join(f"<{round(v)}>" for v in shares) + "}")
    return "<delim>".join(told)
