"""Published data sets as they are (skipped where the samples are not at hand)."""

from __future__ import annotations

import re

import pytest
from toys import make_processor

from vistune.data.batch import IGNORE
from vistune.data.formats import read, write
from vistune.data.inspect import inspect


@pytest.mark.parametrize(("split", "count"), [("train", 4000), ("dev", 1978), ("hidden", 985)])
def test_nlvr(real_data, split, count):
    opened = read(real_data("nlvr"), split=split, boxes=False, max_rejected=0)
    assert opened.format == "nlvr" and sum(1 for _ in opened) == count
    first = opened[0]
    assert first.images[0].size() == (400, 100)
    assert re.fullmatch(rf"{split}-\d+-\d+-[0-5]", first.id) and first.answers[0] in ("true", "false")
    assert len(read(real_data("nlvr"), split=split)[count - 1].images) == 3


@pytest.mark.parametrize(("split", "count"), [("train", 1600), ("dev", 250), ("test", 250)])
def test_flickr8k(real_data, split, count):
    pictures = list(read(real_data("flickr8k"), split=split, per="picture", max_rejected=0))
    assert len(pictures) == count
    assert all(len(example.answers) == 5 for example in pictures)
    assert len(read(real_data("flickr8k"), split=split)) == 5 * count
    assert pictures[0].images[0].open().size == (224, 224)


def test_vqa_rad(real_data):
    opened = read(real_data("vqa-rad") / "testset.json", check_images=True, max_rejected=0)
    assert opened.format == "vqa" and len(list(opened)) == 135
    assert opened[0].meta["answer_type"] in ("OPEN", "CLOSED")
    assert set(inspect(opened).image_sizes) and not inspect(opened).broken_images


def test_scienceqa_in_llava_form(real_data, tmp_path):
    opened = read(real_data("scienceqa") / "llava_test_CQM-A.json", max_rejected=0)
    examples = list(opened)
    assert opened.format == "llava" and len(examples) == 1500
    write(examples, tmp_path / "again.json", "llava")
    assert [e.messages for e in read(tmp_path / "again.json")] == [e.messages for e in examples]
    text_only = [e for e in examples if not e.images][:50]
    processor = make_processor("chatml")
    for example, sample in zip(text_only, processor.encode_many(text_only)):
        said = processor.tokenizer.decode(sample.labels[sample.labels != IGNORE])
        assert said == example.messages[-1].text + "<|im_end|>"


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("vqa-annotations/okvqa_val.json", 500),
        ("vqa-annotations/docvqa_val.json", 500),
        ("chartqa/test/test_human.json", 488),
        ("hallucination/pope/coco_pope_random.json", 3000),
    ],
)
def test_question_sets(real_data, path, count):
    folder, _, file = path.partition("/")
    opened = read(real_data(folder) / file, max_rejected=0)
    assert opened.format == "vqa" and len(list(opened)) == count
    assert all(example.answers for example in opened)
