"""Instruction data by program from scene graphs (ProVision, arXiv 2412.07012): the nano world's, or annotated pictures'."""

from __future__ import annotations

import random
from collections import Counter
from functools import cached_property
from pathlib import Path

import numpy as np

from vistune.core.errors import ConfigError
from vistune.data.annotations.visual_genome import ImageGraph, read_visual_genome
from vistune.data.example import Example, ImageSource, assistant, user
from vistune.engines.base import ENGINES, SeededEngine, question_turns
from vistune.engines.scene_annotations import write_scene_annotations
from vistune.world import render, sample_scene
from vistune.world.graphs import SceneGraph, ask, graph_caption, perturbed, scene_graph, weights
from vistune.world.graphs.ask import count_values
from vistune.world.language.wordings import Wordings
from vistune.world.questions.question import Question
from vistune.world.scene import Prior, Scene, Split

_DESCRIBE = Wordings(
    ("describe the image by its objects.", "describe all objects of the image."), ("tell what is in the image.",)
)
#: Examples that are looked at for the balance, and candidates of each that are drawn from.
_LOOKED_AT, _CANDIDATES = 300, 4


#: The pictures of one example are made from numbers so far apart.
_APART = 1_000_003


@ENGINES.register("provision")
class ProvisionEngine(SeededEngine):
    """ProVision's generators: 24 for one picture, 14 for several, and a caption.

    ``tasks``: ``single``, ``multi`` and ``caption``. ``images``: pictures of a ``multi`` example at most. ``choices``: share
    of multiple choice. ``balance``: rare answers are drawn rather (their rule). ``noise``: share of attributes and objects
    got wrong in the graph, as by a detector, for controls. ``annotations``: a folder in Visual Genome's format in place of
    the world, with its ``pictures`` named by id (``1.jpg``); masks and depth are then missing, and so are their questions.
    """

    KIND = "provision"
    TASKS = ("single", "multi", "caption")

    def __init__(
        self,
        n: int,
        *,
        split: Split = "train",
        prior: Prior = "skewed",
        image_size: int = 64,
        turns: int = 3,
        tasks: dict[str, float] | None = None,
        seed: int = 0,
        things: int = 6,
        images: int = 3,
        choices: float = 0.5,
        balance: bool = False,
        noise: float = 0.0,
        annotations: str | None = None,
        pictures: str | None = None,
    ) -> None:
        super().__init__(n, split=split, prior=prior, image_size=image_size, turns=turns, tasks=tasks, seed=seed)
        if images < 2:
            raise ConfigError(f"provision: a question about several pictures needs images of 2 or more, not {images}.")
        if (annotations is None) != (pictures is None):
            raise ConfigError(
                "provision: annotations and pictures are given together: graphs, and the folder of their pictures."
            )
        self.things = things
        self.images = images
        self.choices = choices
        self.balance = balance
        self.noise = noise
        self.annotations = annotations
        self.pictures = pictures

    @cached_property
    def _published(self) -> list[ImageGraph]:
        assert self.annotations is not None
        return [graph for graph in read_visual_genome(self.annotations) if graph.objects]

    def graph(self, number: int, rng: random.Random) -> tuple[SceneGraph, ImageSource]:
        """A graph and its picture."""
        if self.annotations is not None:
            assert self.pictures is not None
            graph = self._published[number % len(self._published)]
            file = next(Path(self.pictures).glob(f"{graph.image_id}.*"), None)
            if file is None:
                raise ConfigError(f"provision: {self.pictures} has no picture of the name {graph.image_id}.")
            return from_visual_genome(graph), ImageSource(path=file)
        scene = self.scene(number)
        graph = scene_graph(scene, self.image_size)
        if self.noise:
            graph = perturbed(graph, self.noise, rng)
        return graph, ImageSource(array=render(scene, self.image_size))

    def scene(self, number: int) -> Scene:
        """The scene of a number."""
        return sample_scene(number, split=self.split, prior=self.prior, min_things=2, max_things=max(2, self.things))

    def write_annotations(self, folder: Path) -> list[Path]:
        """COCO, RefCOCO and Visual Genome files of all pictures, without the noise that graphs may have; -> the files.

        Raises ``ConfigError`` where the pictures are published ones, which have annotations already.
        """
        if self.annotations is not None:
            raise ConfigError(f"provision: {self.annotations} are the annotations: leave --annotations out.")
        named = [
            (f"{index // 1000:04d}/{index:07d}-{k}.png", self.scene(self.number(index) + _APART * k))
            for index in range(self.n)
            for k in range(len(self[index].images))
        ]
        return write_scene_annotations(named, self.image_size, folder)

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number."""
        task = self.draw_task(rng)
        several = rng.randint(2, self.images) if task == "multi" else 1
        made = [self.graph(number if k == 0 else number + _APART * k, rng) for k in range(several)]
        graphs = [graph for graph, _ in made]
        found = [] if task == "caption" else self._asked(graphs, number, rng)
        if not found:
            graphs, made, task = graphs[:1], made[:1], "caption"
        if task == "caption":
            messages = [user(_DESCRIBE.pick(rng, self.split), images=(0,)), assistant(graph_caption(graphs[0]))]
            meta = {}
        else:
            messages, meta = question_turns(found, images=len(graphs))
        example = self.example(number, messages, [], {"task": task, **meta})
        example.images = [source for _, source in made]
        return example

    def _asked(self, graphs: list[SceneGraph], number: int, rng: random.Random) -> list[Question]:
        if not self.balance:
            return ask(graphs, number, None, self.turns, self.split, self.choices)
        candidates = ask(graphs, number, None, self.turns * _CANDIDATES, self.split, self.choices)
        wanted = np.array(weights(candidates, self._seen[len(graphs) > 1]))
        if len(candidates) <= self.turns:
            return candidates
        # Drawn without replacement by their weights.
        keys = [rng.random() ** (1 / weight) for weight in wanted / wanted.max()]
        order = sorted(range(len(candidates)), key=lambda k: -keys[k])[: self.turns]
        return [candidates[k] for k in sorted(order)]

    @cached_property
    def _seen(self) -> tuple[Counter[str], Counter[str]]:
        """How often each value occurs in questions about one picture, and about several."""
        found = []
        for several in (1, 2):
            asked = []
            for k in range(_LOOKED_AT):
                rng = random.Random(k)
                graphs = [self.graph(k + _APART * m, rng)[0] for m in range(several)]
                asked += ask(graphs, k, None, self.turns, self.split, self.choices)
            found.append(count_values(asked))
        return found[0], found[1]


def from_visual_genome(graph: ImageGraph) -> SceneGraph:
    """A published graph: first names, attributes with "and" taken apart, "of" left out, doubled relations once."""
    place = {thing.object_id: k for k, thing in enumerate(graph.objects)}
    boxes = np.array([(o.x, o.y, o.x + o.width, o.y + o.height) for o in graph.objects], float).reshape(-1, 4)
    words = tuple(
        tuple(
            dict.fromkeys(
                w.strip().lower().replace("grey", "gray") for a in o.attributes for w in a.split(" and ") if w.strip()
            )
        )
        for o in graph.objects
    )
    relations = {
        (place[r.subject], r.predicate.lower().strip(), place[r.object])
        for r in graph.relations
        if r.subject in place and r.object in place and r.predicate.lower().strip() not in ("", "of")
    }
    names = tuple(o.names[0].lower() for o in graph.objects)
    return SceneGraph(graph.width, graph.height, names, boxes, words, frozenset(relations))
