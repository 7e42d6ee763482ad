"""Boxes, masks and keypoints: conventions by hand, and the same figures as pycocotools in the same run."""

from __future__ import annotations

import numpy as np
import pytest

from vistune.evaluation.metrics.grounding import (
    COCO_SIGMAS,
    Frame,
    centre_inside,
    coco_ap,
    generalised_masks,
    grounded,
    iou,
    iou_older,
    mask_scores,
    matched_boxes,
    oks,
    parse_box,
    parse_boxes,
    parse_points,
    pckh,
    referred_right,
    semantic_miou,
)

SIZES = [(640, 480), (333, 500), (64, 64)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("convention", ["pixels", "unit", "thousand"])
def test_numbers_go_there_and_back(size, padded, convention) -> None:
    frame = Frame(convention, size, padded)
    box = (0.1 * size[0], 0.25 * size[1], 0.7 * size[0], 0.9 * size[1])
    assert frame.box(frame.numbers(box)) == pytest.approx(box)


def test_conventions_by_hand() -> None:
    # A wide picture of 200 x 100 padded to 200 x 200: 50 rows above it.
    assert Frame("unit", (200, 100), padded=True).pixels(0.5, 0.5) == (100, 50)
    assert Frame("unit", (200, 100), padded=True).pixels(0, 0.25) == (0, 0)
    assert Frame("unit", (200, 100)).pixels(0.5, 0.25) == (100, 25)
    assert Frame("thousand", (200, 100)).pixels(500, 250) == (100, 25)
    # A high picture: 50 columns on the left.
    assert Frame("unit", (100, 200), padded=True).pixels(0.25, 0.5) == (0, 100)


def test_the_wrong_convention_gets_nothing() -> None:
    truth = (10.0, 10.0, 50.0, 40.0)
    told = "[156, 156, 781, 625]"
    assert grounded(parse_box(told, "thousand", (64, 64)), truth)
    assert not grounded(parse_box(told, "unit", (64, 64)), truth)


def test_brackets_are_what_the_official_pattern_wants() -> None:
    frame = Frame("unit", (100, 100))
    assert parse_boxes("(0.1, 0.2, 0.3, 0.4)", frame, "brackets") == []
    assert parse_boxes("(0.1, 0.2, 0.3, 0.4)", frame, "any") == [pytest.approx((10, 20, 30, 40))]
    two = "first [0.1,0.2,0.3,0.4], then [ 0.5 , 0.5 , 0.6 , 0.6 ]"
    assert parse_boxes(two, frame, "brackets") == [pytest.approx((10, 20, 30, 40)), pytest.approx((50, 50, 60, 60))]
    assert parse_boxes("[0.1, 0.2, 0.3]", frame, "brackets") == parse_boxes("nothing", frame) == []
    assert parse_points("[0.5, 0.25] and <750><500>", Frame("unit", (100, 100)))[0] == (50, 25)


def test_corners_the_wrong_way_round_and_no_area() -> None:
    assert parse_box("[0.4, 0.5, 0.1, 0.2]", "unit", (10, 10)) == pytest.approx((1, 2, 4, 5))
    assert iou((1, 1, 1, 1), (1, 1, 1, 1)) == 0.0
    assert iou((3, 3, 1, 1), (0, 0, 4, 4)) == 0.0


def test_older_scripts_count_a_pixel_more_and_want_more_than_half() -> None:
    assert iou_older((0, 0, 9, 9), (0, 0, 9, 9)) == 1
    # 10 x 10 against 10 x 20 pixels: exactly one half, where the plain rule has 81 / 171.
    assert iou_older((0, 0, 9, 9), (0, 0, 9, 19)) == 0.5
    assert iou((0, 0, 9, 9), (0, 0, 9, 19)) == pytest.approx(81 / 171)


def test_the_middle() -> None:
    assert centre_inside((0, 0, 4, 4), (1, 1, 3, 3)) and not centre_inside((0, 0, 2, 2), (1.5, 1.5, 3, 3))
    assert not centre_inside(None, (0, 0, 1, 1))


def test_iou_is_pycocotools() -> None:
    coco = pytest.importorskip("pycocotools.mask")
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 50, (40, 2, 2))
    boxes = np.concatenate([corners.min(1), corners.max(1)], 1)
    wide = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1)
    theirs = coco.iou(wide[:20], wide[20:], [0] * 20)
    ours = [[iou(tuple(a), tuple(b)) for b in boxes[20:]] for a in boxes[:20]]
    assert np.allclose(theirs, ours)


def test_masks_are_pycocotools() -> None:
    coco = pytest.importorskip("pycocotools.mask")
    rng = np.random.default_rng(1)
    answers, truths = (rng.random((12, 9, 9)) < 0.4 for _ in range(2))
    theirs = [
        float(
            coco.iou([coco.encode(np.asfortranarray(a, np.uint8))], [coco.encode(np.asfortranarray(t, np.uint8))], [0])[
                0, 0
            ]
        )
        for a, t in zip(answers, truths)
    ]
    found = mask_scores(list(answers), list(truths))
    assert found["mIoU"] == pytest.approx(np.mean(theirs))
    assert found["gIoU"] == pytest.approx(np.mean(theirs), abs=1e-5)
    assert found["precision@0.5"] == np.mean(np.array(theirs) > 0.5)


def test_sums_favour_large_things() -> None:
    big, small = np.ones((20, 20), bool), np.zeros((20, 20), bool)
    small[0, :2] = True
    wrong = np.zeros((20, 20), bool)
    wrong[5, :2] = True
    found = mask_scores([big, wrong], [big, small])
    assert found["cIoU"] == pytest.approx(400 / 404) and found["mIoU"] == 0.5


def test_no_target_by_hand() -> None:
    empty, large, tiny = (np.zeros((20, 20), bool) for _ in range(3))
    large[:10], tiny[0, :3] = True, True
    # Right: nothing said of nothing, and the target whole. Wrong: something of nothing, and a few pixels (no answer).
    found = generalised_masks([tiny, large, large, tiny], [empty, empty, large, large])
    assert found["N-acc"] == 0.5 and found["T-acc"] == 0.5
    assert found["gIoU"] == (1 + 0 + 1 + 0) / 4
    assert found["cIoU"] == pytest.approx(200 / (200 + 200 + 200))
    assert generalised_masks([tiny], [empty], least=1)["N-acc"] == 0


def test_ignored_pixels_on_either_side() -> None:
    answer, truth = np.array([0, 255, 1, 1]), np.array([0, 0, 255, 1])
    assert semantic_miou([answer], [truth], 3) == 1.0
    # Sums over the set, not the mean over pictures: 1 of 3 pixels of class 0, 0 of 2 of class 1.
    assert semantic_miou([np.array([0, 0]), np.array([0])], [np.array([0, 1]), np.array([1])], 2) == pytest.approx(
        1 / 6
    )


def test_each_truth_counts_once() -> None:
    truths = [(0, 0, 10, 10), (20, 0, 30, 10)]
    assert matched_boxes([(0, 0, 10, 10), (0, 0, 10, 9)], truths) == (1, 1, 1)
    assert matched_boxes([], truths) == (0, 0, 2) and matched_boxes([(0, 0, 1, 1)], []) == (0, 1, 0)
    assert referred_right([], []) and not referred_right([(0, 0, 1, 1)], [])
    assert referred_right([(20, 0, 30, 10), (0, 0, 10, 10)], truths) and not referred_right([(0, 0, 10, 10)], truths)


def person(number: int, visible: bool = True) -> dict:
    rng = np.random.default_rng(number)
    rows = np.concatenate([rng.uniform(5, 60, (17, 2)), rng.integers(0, 3, (17, 1)) * visible], 1)
    return {
        "id": 1, "image_id": 1, "category_id": 1, "keypoints": rows.ravel().tolist(), "num_keypoints": int((rows[:, 2] > 0).sum()),
        "bbox": [10.0, 12.0, 30.0, 25.0], "area": 500.0, "iscrowd": 0,
    }  # fmt: skip


@pytest.mark.parametrize("visible", [True, False])
@pytest.mark.parametrize("number", range(4))
def test_oks_is_pycocotools(number, visible) -> None:
    """Also where no point is visible: then COCO takes the distance to the box, widened by itself."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth = person(number, visible)
    told = np.random.default_rng(100 + number).uniform(-60, 120, (17, 2))
    if number == 3:
        told = np.array(truth["keypoints"]).reshape(17, 3)[:, :2] + 1
    rows = np.concatenate([told, np.ones((17, 1))], 1)
    coco = COCO()
    coco.dataset = {"images": [{"id": 1}], "categories": [{"id": 1, "name": "person"}], "annotations": [truth]}
    coco.createIndex()
    judge = COCOeval(coco, coco, "keypoints")
    judge._gts = {(1, 1): [truth]}
    judge._dts = {(1, 1): [{"keypoints": rows.ravel().tolist(), "score": 1.0}]}
    judge.params.kpt_oks_sigmas = np.array(COCO_SIGMAS)
    theirs = float(np.asarray(judge.computeOks(1, 1))[0, 0])
    shown = np.array(truth["keypoints"]).reshape(17, 3)
    x, y, w, h = truth["bbox"]
    assert oks(told, shown[:, :2], shown[:, 2], 500.0, box=(x, y, x + w, y + h)) == pytest.approx(theirs, abs=1e-12)


def test_heads() -> None:
    truth = np.zeros((2, 2, 2))
    answer = truth + np.array([3.0, 4.0])
    assert pckh(answer, truth, np.ones((2, 2)), np.array([10.0, 9.0])) == 0.5


def test_equal_scores_hang_on_the_order() -> None:
    """Constant confidences, as answers in words have: AP is then a matter of which box comes first."""
    truth = {
        "images": [{"id": 1, "width": 50, "height": 50}],
        "categories": [{"id": 1, "name": "x"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 20, 20], "area": 400, "iscrowd": 0}],
    }
    hit = {"image_id": 1, "category_id": 1, "bbox": [1, 1, 20, 20], "score": 1.0}
    miss = {**hit, "bbox": [40, 40, 5, 5]}
    assert coco_ap(truth, [hit, miss])["AP50"] == pytest.approx(1.0)
    assert coco_ap(truth, [miss, hit])["AP50"] == pytest.approx(0.5, abs=0.01)
    assert coco_ap(truth, [])["AP"] == 0.0


def test_crowds_take_any_number_and_count_for_nothing() -> None:
    one = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 20, 20], "area": 400, "iscrowd": 0}
    crowd = {"id": 2, "image_id": 1, "category_id": 1, "bbox": [30, 30, 60, 60], "area": 3600, "iscrowd": 1}
    truth = {
        "images": [{"id": 1, "width": 100, "height": 100}],
        "categories": [{"id": 1, "name": "x"}],
        "annotations": [one, crowd],
    }
    place = {"image_id": 1, "category_id": 1}
    inside = [{**place, "bbox": [30 + 5 * k, 30, 10, 10], "score": 0.9} for k in range(4)]
    hit = {**place, "bbox": [1, 1, 20, 20], "score": 0.1}
    assert coco_ap(truth, [*inside, hit])["AP"] == pytest.approx(1.0), "four boxes in the crowd are no mistakes"
    assert coco_ap({**truth, "annotations": [one]}, [*inside, hit])["AP"] < 0.3


def test_what_is_not_there_is_minus_one() -> None:
    """No large thing: COCO says -1, which must not go into a mean."""
    truth = {
        "images": [{"id": 1, "width": 50, "height": 50}],
        "categories": [{"id": 1, "name": "x"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 20, 20], "area": 400, "iscrowd": 0}],
    }
    found = coco_ap(truth, [{"image_id": 1, "category_id": 1, "bbox": [1, 1, 20, 20], "score": 1.0}])
    assert found["APsmall"] == pytest.approx(1.0) and found["APmedium"] == found["APlarge"] == -1.0
