"""Benchmarks on real files in their published formats."""

from __future__ import annotations

from vistune.data.formats import read
from vistune.evaluation.benchmarks import BENCHMARKS


def test_nlvr_is_asked_as_it_is_trained(real_data):
    """One default for both: a model tuned on three boxes is not measured on a single picture, or the reverse."""
    root = str(real_data("nlvr"))
    asked = BENCHMARKS.build({"kind": "nlvr", "path": root, "split": "train", "limit": 3}).examples()
    trained = [read(root, split="train")[index] for index in range(3)]
    assert [e.messages[0] for e in asked] == [e.messages[0] for e in trained]
    for one, other in zip(asked, trained, strict=True):
        assert [(i.open().tobytes(), i.size()) for i in one.images] == [
            (i.open().tobytes(), i.size()) for i in other.images
        ]


def test_nlvr_consistency_by_hand(real_data):
    benchmark = BENCHMARKS.build({"kind": "nlvr", "path": str(real_data("nlvr")), "limit": 40})
    examples = benchmark.examples()
    assert all(len(e.images) == 3 for e in examples)
    right = {"group": "1", "score": 1.0}
    wrong = {"group": "1", "score": 0.0}
    assert benchmark.group_columns([right, right]) == {"sentences": 1.0, "consistent": 1.0}
    assert benchmark.group_columns([right, wrong]) == {"sentences": 1.0, "consistent": 0.0}
    assert benchmark.score(examples[0], "It is True.").parsed == "true"
    assert benchmark.score(examples[0], "who knows").score == 0.0


def test_flickr_captions_score_their_own_references_high(real_data):
    benchmark = BENCHMARKS.build({"kind": "captions", "path": str(real_data("flickr8k")), "limit": 20})
    example = benchmark.examples()[0]
    assert len(example.answers) == 5
    own = benchmark.score(example, example.answers[0]).columns["mean_cider"]
    assert own > 2.0 > benchmark.score(example, "a spoon").columns["mean_cider"]
