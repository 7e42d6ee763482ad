"""Relations against pixels: nothing is said that the masks and the depth deny, nothing clear is left unsaid."""

from __future__ import annotations

from collections import Counter

from slow_relations import may_be_said, must_be_said, outlines

from seeds import seeds
from vistune.world import relations, sample_scene
from vistune.world.language import view_of


def test_relations_are_those_that_pixels_show() -> None:
    said: Counter[str] = Counter()
    for seed in seeds(180):
        prior, split = ("flat", "skewed", "inverted")[seed % 3], ("train", "test")[seed % 2]
        scene = sample_scene(seed, prior=prior, split=split, min_things=2, max_things=7)
        told, at = set(relations(scene)), outlines(scene)
        assert set(view_of(scene).known()) == told
        for i, relation, j in told:
            assert may_be_said(scene, i, relation, j, at), (seed, i, relation, j)
            said[relation] += 1
        pairs = [(i, j) for i in range(len(scene.things)) for j in range(len(scene.things)) if i != j]
        assert told >= {(i, r, j) for i, j in pairs for r in must_be_said(scene, i, j, at)}, seed
    assert len(said) == 7 and min(said.values()) >= 3, said
