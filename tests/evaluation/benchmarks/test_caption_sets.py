"""Captions (Flickr8k, COCO, Flickr30k, xFlickrCO) and Multi30K: files as published, made scenes, known scores."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from answering import answered, perfect

from vistune.core.errors import ConfigError, DataError
from vistune.evaluation.benchmarks import BENCHMARKS
from vistune.evaluation.benchmarks.caption_files import read_captioned
from vistune.evaluation.benchmarks.captions import Captions, CaptionSet, CocoCaptions, Flickr30k
from vistune.evaluation.benchmarks.multilingual import LANGUAGES, Multi30k, XFlickrCO
from vistune.evaluation.metrics.captions import CiderD

KINDS = ("captions", "coco_captions", "flickr30k", "xflickrco")


def build(kind: str, **parameters) -> CaptionSet:
    made = BENCHMARKS.build({"kind": kind, "n": 20, **parameters})
    assert isinstance(made, CaptionSet)
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_made_captions(kind) -> None:
    benchmark = build(kind)
    examples = benchmark.examples()
    assert len(examples) == 20 and max(len(e.answers) for e in examples) >= (2 if kind == "xflickrco" else 4)
    assert all(len(set(e.answers)) == len(e.answers) for e in examples)
    own, nothing, constant = (
        answered(benchmark, said, examples).values for said in (perfect, lambda _: "", lambda _: "zebras.")
    )
    assert own["bleu_4"] == pytest.approx(1.0) and own["rouge_l"] == pytest.approx(1.0) and own["cider"] > 1.0
    assert nothing["cider"] == constant["cider"] == 0.0 and nothing["rouge_l"] == 0.0
    assert nothing["bleu_1"] == pytest.approx(0.0, abs=1e-6) and nothing["words"] == 0.0
    assert ("tuple_f1" in own) == (kind != "xflickrco")


def test_one_reference_alone_said_scores_ten() -> None:
    """CIDEr-D is at most 10: reached where all that a picture has is said word for word."""
    benchmark = build("captions")
    examples = benchmark.examples()
    for example in examples:
        example.answers = example.answers[:1]
    benchmark._cider = CiderD([e.answers for e in examples])
    assert answered(benchmark, perfect, examples).values["cider"] == pytest.approx(10.0)


def test_true_facts_in_other_words_and_false_ones_in_the_same() -> None:
    """CIDEr likes the same words; the tuples know what is true."""
    benchmark = build("captions")
    example = next(e for e in benchmark.examples() if "red" in e.answers[-1] and "blue" not in e.answers[-1])
    true = benchmark.score(example, example.answers[-1]).columns
    false = benchmark.score(example, example.answers[-1].replace("red", "blue")).columns
    assert true["mean_tuple_f1"] > false["mean_tuple_f1"] and false["mean_cider"] > 0.3 * true["mean_cider"]


def test_steps_of_a_score() -> None:
    benchmark = build("flickr30k")
    example = benchmark.examples()[0]
    steps = benchmark.explain(example, {"answer": "A dog, on the farm."})
    assert steps[0] == ("words", "a dog on the farm") and steps[-1][0] == "tuples"
    assert sum(name.startswith("CIDEr-D") for name, _ in steps) == len(example.answers)


def test_flickr8k_as_published(real_data) -> None:
    benchmark = Captions(path=str(real_data("flickr8k")), limit=30)
    examples = benchmark.examples()
    assert benchmark.name == "captions_test" and len(examples) == 30 and all(len(e.answers) == 5 for e in examples)
    assert answered(benchmark, perfect, examples).values["bleu_4"] == pytest.approx(1.0)
    again = read_captioned(real_data("flickr8k"), "test")
    assert [list(item.captions) for item in again[:30]] == [e.answers for e in examples]
    assert (real_data("flickr8k") / again[0].file).is_file()


def test_coco_as_published(real_data) -> None:
    folder = real_data("coco")
    file = folder / "annotations" / "captions_val2017.json"
    benchmark = CocoCaptions(path=str(file), images=str(folder / "val2017"), limit=25)
    examples = benchmark.examples()
    content = json.loads(file.read_text())
    wanted = [a["caption"] for a in content["annotations"] if str(a["image_id"]) == examples[0].id]
    assert examples[0].answers == wanted and examples[0].images[0].size()[0] > 100
    assert examples[0].messages[0].text == "Provide a one-sentence caption for the provided image."
    own = answered(benchmark, perfect, examples).values
    assert own["bleu_4"] == pytest.approx(1.0) and own["cider"] > 1.5 and "tuple_f1" not in own


#: Karpathy's form of COCO and Flickr30k (dataset_flickr30k.json).
def karpathy() -> dict:
    def image(number: int, split: str, **more) -> dict:
        told = [{"raw": f"a picture of {number}.", "tokens": ["a"]}, {"raw": f"another of {number}.", "tokens": ["a"]}]
        return {"filename": f"{number}.jpg", "imgid": number, "split": split, "sentences": told, **more}

    coco = image(3, "restval", filepath="val2014", cocoid=33)
    return {"images": [image(0, "test"), image(1, "train"), image(2, "test"), coco], "dataset": "flickr30k"}


def test_karpathys_splits(tmp_path) -> None:
    file = tmp_path / "dataset_flickr30k.json"
    file.write_text(json.dumps(karpathy()))
    benchmark = Flickr30k(path=str(file), images="flickr30k-images")
    examples = benchmark.examples()
    assert [e.id for e in examples] == ["0", "2"] and examples[0].images[0].path == Path("flickr30k-images/0.jpg")
    assert examples[1].answers == ["a picture of 2.", "another of 2."]
    train = read_captioned(file, "train")
    assert [(i.id, i.file) for i in train] == [("1", "1.jpg"), ("33", "val2014/3.jpg")], "restval belongs to training"
    with pytest.raises(DataError, match="no picture of the split 'dev'; it has restval, test, train"):
        read_captioned(file, "dev")


def test_blips_lists_and_bad_files(tmp_path) -> None:
    file = tmp_path / "coco_karpathy_test.json"
    file.write_text(json.dumps([{"image": "val2014/a.jpg", "caption": ["x", "y"]}, {"image": "b.jpg", "caption": "z"}]))
    assert [(i.file, i.captions) for i in read_captioned(file)] == [("val2014/a.jpg", ("x", "y")), ("b.jpg", ("z",))]
    file.write_text(json.dumps([{"image": "a.jpg"}]))
    with pytest.raises(DataError, match="record 0: the key 'caption' is missing"):
        CocoCaptions(path=str(file), images="x").examples()
    lines = tmp_path / "test.jsonl"
    lines.write_text('{"id": 1}\n')
    with pytest.raises(DataError, match="line 1: the key 'sentences'"):
        read_captioned(lines)
    with pytest.raises(DataError, match="no such file"):
        read_captioned(tmp_path / "none.json")


@pytest.mark.parametrize("language", ["de", "en", "es", "id", "ja", "ru", "tr", "zh"])
def test_xflickrco_as_published(real_data, language) -> None:
    folder = real_data("iglue") / "xFlickrCO"
    benchmark = XFlickrCO(path=str(folder), language=language, only_there=True)
    examples = benchmark.examples()
    assert len(examples) == 41 and examples[0].images[0].size() == (224, 224)
    assert LANGUAGES[language] in examples[0].messages[0].text
    own = answered(benchmark, perfect, examples).values
    assert own["rouge_l"] == 1.0 and own["cider"] > 9
    assert len(XFlickrCO(path=str(folder), language=language).examples()) == 400


def test_unknown_languages() -> None:
    with pytest.raises(ConfigError, match="There is no language 'xx'"):
        XFlickrCO(language="xx")
    with pytest.raises(ConfigError, match="There is no language 'ja'"):
        XFlickrCO(language="ja", n=3).examples()


@pytest.mark.parametrize("language", ["de", "fr", "cs"])
def test_multi30k_as_published(real_data, language) -> None:
    benchmark = Multi30k(path=str(real_data("multi30k")), language=language)
    examples = benchmark.examples()
    assert len(examples) == 1000 and not examples[0].images
    assert examples[0].messages[0].text.startswith(f"Translate into {LANGUAGES[language]}: A man in an orange hat")
    some = examples[:80]
    assert answered(benchmark, perfect, some).values == pytest.approx({"bleu": 100.0, "exact": 1.0})
    english = answered(benchmark, lambda e: e.messages[0].text.split(": ", 1)[1], some).values
    assert english["bleu"] < 15 and english["exact"] < 0.05


def test_multi30k_lines_must_agree(tmp_path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "image_splits").mkdir()
    for code, lines in (("en", 2), ("de", 1)):
        (tmp_path / "raw" / f"val.{code}.gz").write_bytes(gzip.compress(b"x\n" * lines))
    (tmp_path / "image_splits" / "val.txt").write_text("a.jpg\nb.jpg\n")
    with pytest.raises(DataError, match="2 English lines, 1 in 'de' and 2 pictures"):
        Multi30k(path=str(tmp_path), split="val").examples()
    with pytest.raises(DataError, match="no Multi30K file"):
        Multi30k(path=str(tmp_path), split="test").examples()


def test_multi30k_as_made() -> None:
    benchmark = Multi30k(n=15)
    examples = benchmark.examples()
    assert answered(benchmark, perfect, examples).values["bleu"] == pytest.approx(100.0)
    assert answered(benchmark, lambda _: "", examples).values == {"bleu": 0.0, "exact": 0.0}
    assert all(len(e.images) == 1 for e in examples)
    with pytest.raises(ConfigError, match="'cs'"):
        Multi30k(language="cs", n=2).examples()


@pytest.mark.parametrize("kind", [*KINDS, "multi30k"])
def test_the_shipped_model_can_be_asked(kind, tmp_path) -> None:
    from vistune.evaluation.runner import evaluate
    from vistune.models.loading import load_model

    benchmark = BENCHMARKS.build({"kind": kind, "n": 2})
    benchmark.max_new_tokens = 8
    found = evaluate(load_model("nano-vlm"), [benchmark], tmp_path)[benchmark.name]
    assert len(found.items) == 2
