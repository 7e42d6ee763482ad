"""CHAIR: by hand, trap by trap, and against published counts."""

from __future__ import annotations

import json

import pytest

from vistune.core.errors import DataError
from vistune.evaluation.benchmarks import BENCHMARKS
from vistune.evaluation.metrics.chair import (
    COCO_COMPOUNDS,
    ThingWords,
    chair_columns,
    chair_scores,
    coco_truth,
    read_coco,
)
from vistune.evaluation.metrics.intervals import scores

TABLE = "\n".join(
    [
        "person, man, child, baby",
        "dog, puppy",
        "bird",
        "bench",
        "hot dog",
        "toilet",
        "chair, seat",
        "airplane, air plane, jet",
        "tie",
        "wine glass",
        "cup, mug",
        "skis, ski",
    ]
)


@pytest.fixture
def words():
    return ThingWords.from_synonyms(TABLE)


def test_chair_counts_every_mention():
    words = ThingWords({"dog": ["dog", "dogs", "puppy"], "cup": ["cup", "mug"], "bed": ["bed"]})
    mentioned = words.mentions("A puppy and two dogs near a mug. There is no bed.")
    assert mentioned == ["dog", "dog", "cup", "bed"]
    columns = [chair_columns(mentioned, {"dog"}), chair_columns([], {"cup"})]
    found = scores(columns, chair_scores)
    assert found["chair_i"] == 0.5
    assert found["chair_s"] == 0.5
    assert found["recall"] == 0.5


def test_chair_two_word_names_and_the_toilet_seat():
    words = ThingWords.from_synonyms("dog, puppy\nhot dog\ntoilet\nseat\nairplane, air plane")
    assert words.mentions("a hot dog beside a dog") == ["hot dog", "dog"]
    assert words.mentions("the toilet seat") == ["toilet"]
    assert words.mentions("an air plane") == ["airplane"]


def test_chair_on_the_published_synonyms(real_data):
    text = (real_data("hallucination") / "chair" / "synonyms.txt").read_text()
    words = ThingWords.from_synonyms(text)
    assert words.mentions("Two women and a puppy on a sofa") == ["person", "dog", "couch"]


@pytest.mark.parametrize(
    ("caption", "nodes"),
    [
        ("a baby bird", ["bird"]),  # the age is no person
        ("an adult dog and a child", ["dog", "person"]),
        ("a passenger jet", ["airplane"]),
        ("a man in a bow tie", ["person", "tie"]),
        ("two wine glasses", ["wine glass"]),
        ("a glass", []),
        ("the toilet seat", ["toilet"]),
        ("a seat beside the toilet", ["toilet"]),
        ("a seat", ["chair"]),
        ("hot dogs", ["hot dog"]),
        ("hot, dog", ["dog"]),  # a comma parts them
        ("puppies", ["dog"]),
        ("Men and CHILDREN", ["person", "person"]),
        ("the man's mug", ["person", "cup"]),
        ("a man-made bench", ["bench"]),
        ("a pair of skis", ["skis"]),
        ("", []),
    ],
)
def test_names_of_the_official_rules(words, caption, nodes):
    assert words.mentions(caption) == nodes


@pytest.mark.parametrize(
    ("caption", "official", "strict"),
    [
        ("there is no dog", ["dog"], []),
        ("a man without a big red dog", ["person", "dog"], ["person"]),
        ("it is not a bench. A dog sleeps", ["bench", "dog"], ["dog"]),
        ("no cup, but there really is a very old bench", ["cup", "bench"], ["bench"]),
        ("a hot-dog", [], ["hot dog"]),
    ],
)
def test_strict_leaves_out_what_is_denied(caption, official, strict):
    assert ThingWords.from_synonyms(TABLE).mentions(caption) == official
    assert ThingWords.from_synonyms(TABLE, "strict").mentions(caption) == strict


def test_a_caption_without_things_counts_as_a_good_one():
    found = scores([chair_columns([], {"cup"}), chair_columns(["dog"], {"cup"})], chair_scores)
    assert found == {"chair_i": 1.0, "chair_s": 0.5, "recall": 0.0}


def test_official_output_on_two_captions(real_data):
    folder = real_data("metric-checks") / "chair"
    words = ThingWords.from_synonyms((real_data("hallucination") / "chair" / "synonyms.txt").read_text())
    official = json.loads((folder / "example_outputs.json").read_text())
    columns = []
    for sentence in official["sentences"]:
        assert words.mentions(sentence["caption"]) == sentence["mscoco_generated_words"]
        columns.append(chair_columns(words.mentions(sentence["caption"]), set(sentence["mscoco_gt_words"])))
    found = scores(columns, chair_scores)
    overall = official["overall_metrics"]
    assert found == pytest.approx(
        {"chair_s": overall["CHAIRs"], "chair_i": overall["CHAIRi"], "recall": overall["Recall"]}
    )


def test_the_published_list_of_two_word_names(real_data):
    published = json.loads((real_data("metric-checks") / "chair" / "double_words.json").read_text())
    assert {name: to for name, to in published.items() if name != "wine glas"} == COCO_COMPOUNDS


@pytest.mark.parametrize(
    ("file", "chair_s", "chair_i"),
    [
        ("instructblip/greedy", 58.8, 23.3),
        ("llava-1.5/greedy", 45.0, 12.6),
        ("llava-1.5/beam5", 49.0, 13.8),
        ("llava-1.5/ours", 44.8, 12.7),
    ],
)
def test_published_captions_of_500_photographs(real_data, file, chair_s, chair_i):
    folder = real_data("metric-checks") / "chair"
    words = ThingWords.from_synonyms((real_data("hallucination") / "chair" / "synonyms.txt").read_text())
    truth = {int(k): set(v) for k, v in json.loads((folder / "coco_objects.json").read_text()).items()}
    rows = [json.loads(line) for line in (folder / "captions" / f"{file}.jsonl").read_text().splitlines()]
    found = scores([chair_columns(words.mentions(r["caption"]), truth[r["image_id"]]) for r in rows], chair_scores)
    assert 100 * found["chair_s"] == pytest.approx(chair_s, abs=0.05)
    assert 100 * found["chair_i"] == pytest.approx(chair_i, abs=0.1)


def test_truth_is_the_union_of_segments_and_captions(words):
    segments = {
        "images": [{"id": 1}, {"id": 2}],
        "categories": [{"id": 7, "name": "dog"}],
        "annotations": [{"image_id": 1, "category_id": 7}],
    }
    told = {
        "images": [{"id": 1}, {"id": 3}],
        "annotations": [
            {"image_id": 1, "caption": "a man on a seat"},
            {"image_id": 1, "caption": "a puppy"},
            {"image_id": 3, "caption": "a bird"},
        ],
    }
    assert coco_truth(segments, told, words) == {1: {"dog", "person", "chair"}}


def test_coco_files_are_checked(tmp_path):
    (tmp_path / "a.json").write_text("[]")
    with pytest.raises(DataError, match="it needs 'images' and 'annotations'"):
        read_coco(tmp_path / "a.json")
    with pytest.raises(DataError, match="b.json is no COCO annotation file"):
        read_coco(tmp_path / "b.json")


def test_chair_on_coco_photographs(real_data):
    coco, chair = real_data("coco"), real_data("hallucination") / "chair"
    spec = {
        "kind": "chair_coco",
        "instances": str(coco / "annotations" / "instances_val2017.json"),
        "captions": str(coco / "annotations" / "captions_val2017.json"),
        "images": str(coco / "val2017"),
        "synonyms": str(chair / "synonyms.txt"),
        "n": 20,
    }
    benchmark = BENCHMARKS.build(spec)
    examples = benchmark.examples()
    assert len(examples) == 20
    assert [e.id for e in examples] == [e.id for e in BENCHMARKS.build(spec).examples()]
    assert [e.id for e in examples] != [e.id for e in BENCHMARKS.build({**spec, "seed": 1}).examples()]
    for example in examples:
        assert example.images[0].open().width > 100
        assert benchmark.score(example, " and ".join(example.answers)).score == 1.0
        absent = next(node for node in ("zebra", "toaster", "giraffe") if node not in example.answers)
        assert benchmark.score(example, f"a {absent}").columns["hallucinated"] == 1.0
