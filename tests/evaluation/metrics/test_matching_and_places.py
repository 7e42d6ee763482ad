"""Matching, grounding, walks, judges, ratings and robustness, on cases worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vistune.core.errors import DataError
from vistune.evaluation.metrics.grounding import (
    coco_ap,
    grounded,
    iou,
    mask_scores,
    no_target_scores,
    oks,
    parse_box,
    pck,
    semantic_miou,
)
from vistune.evaluation.metrics.judged import (
    cohen_kappa,
    length_slope,
    llava_bench,
    mmhal,
    parse_gavie,
    parse_marks,
    parse_mmhal,
    position_bias,
)
from vistune.evaluation.metrics.matching import aro_order, aro_pairs, itm_scores, positive_wins, retrieval, winoground
from vistune.evaluation.metrics.ratings import Battle, bradley_terry, elo, rating_intervals
from vistune.evaluation.metrics.robustness import (
    adaptability,
    best_performance,
    by_group,
    followed,
    mean_relative_gain,
    position_counts,
    relaxed_match,
    stability,
    text_preference,
)
from vistune.evaluation.metrics.walking import walk_scores


def test_winoground() -> None:
    right, text_only, tied = [[2, 1], [1, 2]], [[2, 3], [1, 4]], [[1, 1], [1, 1]]
    assert winoground(np.array([right])) == {"text": 1, "image": 1, "group": 1}
    assert winoground(np.array([text_only])) == {"text": 1, "image": 0, "group": 0}
    assert winoground(np.array([tied])) == {"text": 0, "image": 0, "group": 0}
    rng = np.random.default_rng(0)
    by_chance = winoground(rng.random((20000, 2, 2)))
    assert by_chance["text"] == pytest.approx(0.25, abs=0.02) and by_chance["group"] == pytest.approx(1 / 6, abs=0.02)


def test_aro_ties_are_wrong_in_pairs_and_right_in_orders() -> None:
    found = aro_pairs(np.array([[0, 1], [1, 1], [1, 0], [0, 1]]), ["on", "on", "under", "on"])
    assert found["micro"] == 0.5 and found["macro"] == pytest.approx((2 / 3 + 0) / 2)
    assert aro_pairs(np.array([[0, 1], [1, 0]]), ["on", "under"], least=2)["macro"] == 0
    constant = np.ones((5, 5))
    assert aro_order(constant) == 1 and aro_order(constant, strict=True) == 0


def test_other_matchings() -> None:
    assert positive_wins([1, 2, 3], [0, 2, 4]) == pytest.approx(1 / 3)
    assert itm_scores([0.9, 0.5], [0.6, 0.1]) == {"accuracy": 0.5, "precision": 0.5, "recall": 0.5, "f1": 0.5}


def test_retrieval_with_several_captions_a_picture() -> None:
    similarity = np.array([[9, 1, 2, 3], [4, 5, 8, 7]], float)
    found = retrieval(similarity, [0, 0, 1, 1], ks=(1, 2))
    assert found["i2t_r1"] == 1 and found["t2i_r1"] == 0.75 and found["t2i_r2"] == 1
    flat = retrieval(np.ones((4, 4)), [0, 1, 2, 3], ks=(1,))
    assert flat["i2t_r1"] == flat["t2i_r1"] == 0, "a constant finds nothing"


def test_boxes() -> None:
    assert iou((0, 0, 2, 2), (1, 0, 3, 2)) == pytest.approx(1 / 3) and iou((0, 0, 0, 0), (0, 0, 0, 0)) == 0
    assert parse_box("it is at [0.25, 0.5, 0.75, 1.0].", "unit", (200, 100)) == (50, 50, 150, 100)
    assert parse_box("<250><500><750><1000>", "thousand", (200, 100)) == (50, 50, 150, 100)
    assert parse_box("(0.25, 0.25, 0.75, 0.75)", "unit", (200, 100), padded=True) == (50, 0, 150, 100)
    assert parse_box("[30, 40, 10, 20]", "pixels", (50, 50)) == (10, 20, 30, 40)
    assert parse_box("no box, 3 of them", "pixels", (50, 50)) is None
    assert grounded((0, 0, 2, 1), (0, 0, 2, 2)) and not grounded(None, (0, 0, 1, 1))


def test_coco_refuses_the_id_that_it_would_lose() -> None:
    truth = {
        "images": [{"id": 1, "width": 10, "height": 10}],
        "categories": [{"id": 1, "name": "x"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 4], "area": 16, "iscrowd": 0}],
    }
    hit = [{"image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 4], "score": 1.0}]
    assert coco_ap(truth, hit)["AP"] == pytest.approx(1)
    truth["annotations"][0]["id"] = 0
    with pytest.raises(ValueError, match="number them from 1"):
        coco_ap(truth, hit)


def test_masks() -> None:
    empty, left = np.zeros((4, 4), bool), np.zeros((4, 4), bool)
    left[:, :2] = True
    half = left.copy()
    half[:2] = False
    found = mask_scores([half, empty], [left, empty])
    assert found["cIoU"] == 0.5 and found["gIoU"] == pytest.approx((0.5 + 1) / 2, abs=1e-5) and found["mIoU"] == 0.25
    assert found["precision@0.5"] == 0, "above, not at"
    assert no_target_scores([empty, left, empty], [empty, empty, left]) == {"N-acc": 0.5, "T-acc": 0.0}
    answer, truth = np.array([[0, 1, 1, 255]]), np.array([[0, 0, 1, 1]])
    assert semantic_miou([answer], [truth], 3) == pytest.approx((0.5 + 0.5) / 2)


def test_keypoints() -> None:
    truth = np.array([[[0, 0], [10, 0]]], float)
    answer = truth + np.array([3, 4])
    boxes, seen = np.array([[0, 0, 25, 10]]), np.array([[1, 0]])
    assert pck(answer, truth, seen, boxes, 0.2) == 1 and pck(answer, truth, seen, boxes, 0.19) == 0
    sigmas = (0.1, 0.1)
    assert oks(answer[0], truth[0], seen[0], 250.0, sigmas) == pytest.approx(math.exp(-25 / (2 * 250 * 0.04)))
    assert oks(answer[0], truth[0], np.zeros(2), 250.0, sigmas) == 0


POINTS = {"a": 0.0, "b": 2.0, "c": 4.0, "d": 6.0, "e": 10.0}


def metres(x: str, y: str) -> float:
    return abs(POINTS[x] - POINTS[y])


def test_walks() -> None:
    perfect = walk_scores(["a", "b", "c"], ["a", "b", "c"], metres)
    assert (perfect["NE"], perfect["SR"], perfect["SPL"], perfect["nDTW"], perfect["CLS"]) == (0, 1, 1, 1, 1)
    there_and_back = walk_scores(["a", "b", "c", "d", "c"], ["a", "b", "c"], metres)
    assert there_and_back["SR"] == 1 and there_and_back["SPL"] == pytest.approx(4 / 8)
    passed = walk_scores(["a", "b", "c", "d", "e"], ["a", "b", "c"], metres)
    assert passed["SR"] == 0 and passed["OSR"] == 1 and passed["SPL"] == 0 == passed["sDTW"]
    # Nearest pairs: a-a, b-b, c-c, then d and e against c: 2 + 6 metres.
    assert passed["nDTW"] == pytest.approx(math.exp(-8 / (3 * 3)))
    edge = walk_scores(["a"], ["a", "b"], lambda x, y: 3.0 if x != y else 0.0)
    assert edge["SR"] == 0, "three metres are not nearer than three"
    for path in (["a", "b"], ["a", "c", "d"], ["a"]):
        found = walk_scores(path, ["a", "b", "c"], metres)
        assert found["SPL"] <= found["SR"] <= found["OSR"] and found["sDTW"] <= found["nDTW"]
    with pytest.raises(ValueError, match="start"):
        walk_scores(["b"], ["a"], metres)


def test_marks_of_judges() -> None:
    assert (
        parse_marks("8 6\nbecause") == (8, 6) and parse_marks("8,6.5") == (8, 6.5) and parse_marks("good") == (-1, -1)
    )
    found = llava_bench([(8, 4), (10, 5), (-1, -1)], ["conv", "detail", "conv"])
    assert (
        found["all"] == pytest.approx(100 * 8 / 17)
        and found["detail"] == 50
        and found["conv"] == pytest.approx(100 * 3 / 7)
    )
    assert [parse_mmhal(t) for t in ("Rating: 4", "rating: 2 or rating: 3", "four")] == [4, 0, 0]
    assert mmhal([6, 2, 3, 0], types=2) == {"score": 2.75, "hallucination": 0.5, "type_0": 4.5, "type_1": 1.0}
    assert parse_gavie("RELEVANCY: 8 because ...\nACCURACY: 3.5") == (8, 3.5) and parse_gavie("relevancy: 8") is None


def test_how_far_judges_are_to_be_trusted() -> None:
    assert cohen_kappa("aabb", "aabb") == 1 and cohen_kappa("aabb", "abab") == 0 and cohen_kappa("aa", "aa") == 1
    always_first = position_bias(["first"] * 4, ["first"] * 4)
    assert always_first == {"consistent": 0.0, "first": 1.0}
    assert position_bias(["first", "tie"], ["second", "tie"]) == {"consistent": 1.0, "first": 0.5}
    assert length_slope([1, 2, 3], [10, 20, 40]) == pytest.approx(1) and length_slope([2, 2], [10, 99]) == 0


def test_elo_hangs_on_order_and_bradley_terry_does_not() -> None:
    one = elo([Battle("x", "y", "a")])
    assert one == {"x": 1002, "y": 998}
    assert elo([Battle("x", "y", "tie")]) == {"x": 1000, "y": 1000}
    rng = np.random.default_rng(1)
    strength = {"w": 1200.0, "x": 1080.0, "y": 980.0, "z": 740.0}
    battles = []
    for _ in range(4000):
        a, b = rng.choice(list(strength), 2, replace=False)
        wins = rng.random() < 1 / (1 + 10 ** ((strength[b] - strength[a]) / 400))
        battles.append(Battle(str(a), str(b), "a" if wins else "b"))
    found = bradley_terry(battles)
    assert all(found[name] == pytest.approx(value, abs=40) for name, value in strength.items())
    swapped = [Battle(x.b, x.a, {"a": "b", "b": "a"}[x.winner]) for x in battles]
    assert all(bradley_terry(swapped)[n] == pytest.approx(v, abs=1e-2) for n, v in found.items())
    assert bradley_terry(battles, anchor=("z", 500.0))["z"] == pytest.approx(500)
    spans = rating_intervals(battles[:600], resamples=40)
    assert all(low < middle < high for middle, low, high in spans.values())
    with pytest.raises(DataError, match="never met"):
        bradley_terry([Battle("a", "b", "a"), Battle("c", "d", "a")])
    with pytest.raises(DataError, match="not 'c'"):
        elo([Battle("a", "b", "c")])


def test_style_takes_what_length_wins() -> None:
    """Equal models, but the longer answer wins: at equal style the ratings meet."""
    rng = np.random.default_rng(2)
    battles = []
    for _ in range(1500):
        x, y = float(rng.integers(50, 400)), float(rng.integers(10, 150))
        wins = rng.random() < 1 / (1 + math.exp(-3 * (x - y) / (x + y + 1)))
        battle = Battle("long", "short", "a" if wins else "b", {"length": (x, y)})
        turned = Battle("short", "long", "b" if wins else "a", {"length": (y, x)})
        battles.append(battle if rng.random() < 0.5 else turned)
    plain, fair = bradley_terry(battles), bradley_terry(battles, style=["length"])
    assert plain["long"] - plain["short"] > 150
    assert abs(fair["long"] - fair["short"]) < 60 and fair["style:length"] > 0


def test_mm_bigbench_on_its_toy() -> None:
    table = np.array([[[60, 50, 40]], [[30, 20, 10]]], float)
    of_models, of_instructions = mean_relative_gain(table)
    assert of_models.ravel() == pytest.approx([45.40, -45.40], abs=0.01)
    assert of_instructions.ravel() == pytest.approx([35.0, 0, -35.0], abs=0.01)
    over_instructions, over_models = stability(table)
    assert over_instructions.ravel() == pytest.approx(
        [8.165, 8.165], abs=1e-3
    ) and over_models.ravel() == pytest.approx([15] * 3)
    assert best_performance(table).ravel().tolist() == [60, 30]
    hits = adaptability(np.array([[[1, 2, 2, 0]], [[3, 1, 2, 0]]], float), k=2)
    assert hits.tolist() == [[0, 50, 50, 0], [50, 0, 50, 0]] and hits.sum(1).tolist() == [100, 100]
    tied = adaptability(np.ones((1, 1, 3)), k=1)
    assert tied.tolist() == [[0, 0, 100]], "of equals the later one"


def test_text_preference() -> None:
    assert [followed(*v) for v in ("xxx", "xyx", "xyy", "xyz")] == ["both", "image", "text", "neither"]
    found = text_preference(["text", "text", "image", "both", "neither"])
    assert found["text_preference"] == pytest.approx(2 / 3) and found["coarse"] == 0.75 and found["neither"] == 0.2


def test_places_regions_and_loose_matches() -> None:
    assert position_counts([0, 0, 0, None], 2) == {"place_1": 1.0, "place_2": 0.0, "spread": 50.0}
    assert position_counts([0, 1], 2)["spread"] == 0
    assert by_group([1, 0, 1], [["n"], ["n", "s"], ["s"]]) == {"all": pytest.approx(2 / 3), "n": 0.5, "s": 0.5}
    assert relaxed_match("", "arvel", "strict") == {"exact": False, "relaxed": False, "very_relaxed": False}
    assert relaxed_match("Arvel, I think", "arvel", "strict") == {"exact": False, "relaxed": True, "very_relaxed": True}
    for a in ("arvel", "in arvel", "fenn"):
        found = relaxed_match(a, "arvel")
        assert found["very_relaxed"] >= found["relaxed"] >= found["exact"]
