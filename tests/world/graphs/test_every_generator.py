"""Each of ProVision's generators against a slow reading of its words (points and edges: ``test_provision``)."""

from __future__ import annotations

import pytest
from slow_generators import listed, several, single, slots

from seeds import seeds
from vistune.world import sample_scene
from vistune.world.graphs import MULTI, SINGLE, ask, scene_graph
from vistune.world.scene import Scene

SIZE = 96
#: Answered again from pixels in ``test_provision``.
BY_PIXELS = {"leftmost", "rightmost", "topmost", "bottommost", "same_object_seg", "diff_object_seg", "closer_point",
             "farther_point"}  # fmt: skip
SEEDS = seeds(150)


def scene(seed: int) -> Scene:
    prior = ("flat", "skewed", "inverted")[seed % 3]
    return sample_scene(seed, prior=prior, split=("test", "train")[seed % 2], min_things=3, max_things=7)


GRAPHS = {seed: scene_graph(scene(seed), SIZE) for seed in (*SEEDS, SEEDS.stop, SEEDS.stop + 1)}


@pytest.mark.parametrize("type", [name for name in SINGLE if name not in BY_PIXELS])
def test_one_picture(type: str) -> None:
    asked = 0
    for seed in SEEDS:
        for q in ask(GRAPHS[seed], seed, [type], split=("test", "train")[seed % 2], choices=0.4):
            asked += 1
            answer = q.facts.get("answer", q.answer)
            found = single(type, slots(q.wording, q.text), scene(seed), SIZE)
            assert found == (answer if isinstance(found, str) else listed(answer)), (seed, q.text, answer, found)
    assert asked > 8


@pytest.mark.parametrize("type", MULTI)
def test_several_pictures(type: str) -> None:
    """Two or three at once."""
    asked = 0
    for seed in SEEDS:
        numbers = [seed + k for k in range(2 + seed % 2)]
        for q in ask([GRAPHS[n] for n in numbers], seed, [type], split="test", choices=0.4):
            asked += 1
            answer = q.facts.get("answer", q.answer)
            found = several(type, slots(q.wording, q.text), [scene(n) for n in numbers])
            assert found == (answer if isinstance(found, str) else listed(answer)), (seed, q.text, answer, found)
    assert asked > (0 if type == "common_attribute" else 2)
