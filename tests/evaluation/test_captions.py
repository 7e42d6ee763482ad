"""BLEU, ROUGE-L and CIDEr-D: by hand, beside the official scorers, and against published scores."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from vistune.evaluation.metrics.captions import CiderD, bleu_columns, bleu_scores, rouge_l
from vistune.evaluation.metrics.intervals import scores
from vistune.evaluation.metrics.tokens import ptb_words


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("A dog, running!", "a dog running"),
        ("He doesn't know it's John's.", "he does n't know it 's john 's"),
        ("can't won't I'm we've they'll he'd", "ca n't wo n't i 'm we 've they 'll he 'd"),
        ("it’s the man’s “hat”", "it 's the man 's hat"),
        ("a 2-year-old in a t-shirt", "a 2-year-old in a t-shirt"),
        ("1,000 people at 10:30 a.m.", "1,000 people at 10:30 a.m."),
        ("black/white cat & dog", "black/white cat & dog"),
        ("cannot", "can not"),
        ("two boys (one small)", "two boys -lrb- one small -rrb-"),
        ('"Nike" #1 ... - done', "nike # 1 done"),
        ("", ""),
    ],
)
def test_tokens_as_the_official_tool_gives_them(text, tokens):
    assert ptb_words(text) == tokens.split()


def test_tokenised_text_keeps_its_tokens(real_data):
    known = json.loads((real_data("metric-checks") / "coco-caption" / "tokenized.json").read_text())
    texts = [t for captions in known["references"].values() for t in captions if " - " not in t]
    assert len(texts) > 300
    assert [ptb_words(text) for text in texts] == [text.split() for text in texts]


def test_raw_captions_give_the_official_tokens(real_data):
    folder = real_data("metric-checks") / "coco-caption"
    raw = json.loads((folder / "captions_val2014.json").read_text())["annotations"]
    known = json.loads((folder / "tokenized.json").read_text())["references"]
    mine: dict[str, list[str]] = {}
    for note in raw:
        mine.setdefault(str(note["image_id"]), []).append(" ".join(ptb_words(note["caption"])))
    pairs = [(a, b.replace(" - ", " ")) for key in known for a, b in zip(sorted(mine[key]), sorted(known[key]))]
    assert sum(a != b for a, b in pairs) <= 0.02 * len(pairs)


def test_bleu_by_hand():
    sums = {k: np.array([v]) for k, v in bleu_columns("the the cat", ["the cat sat", "a cat"]).items()}
    assert sums["match_1"][0] == 2
    assert sums["match_2"][0] == 1
    assert sums["reference"][0] == 3
    found = bleu_scores(sums)
    assert found["bleu_1"][0] == pytest.approx(2 / 3)
    assert found["bleu_2"][0] == pytest.approx(math.sqrt(2 / 3 * 1 / 2))


def test_bleu_is_of_the_corpus_not_a_mean():
    """A caption without a match adds to the counts: 3 of 4 + 0 of 4 words, not the mean of two scores."""
    columns = [bleu_columns("a b c x", ["a b c d"]), bleu_columns("q q q q", ["a b c d"])]
    assert scores(columns, bleu_scores)["bleu_1"] == pytest.approx(3 / 8)


def test_bleu_brevity_and_closest_length_ties():
    columns = bleu_columns("a cat", ["a", "a cat sat"])
    assert columns["reference"] == 1.0  # tie: the shorter
    short = {k: np.array([v]) for k, v in bleu_columns("a", ["a cat sat down"]).items()}
    assert bleu_scores(short)["bleu_1"][0] == pytest.approx(math.exp(1 - 4))


def test_an_empty_caption_scores_nothing():
    found = scores([bleu_columns("", ["a cat"])], bleu_scores)
    assert found["bleu_1"] == pytest.approx(0.0, abs=1e-6)
    assert rouge_l("", ["a"]) == 0.0
    assert CiderD([["a cat"], ["a dog"]]).score("", ["a cat"]) == 0.0


def test_rouge_takes_precision_and_recall_from_different_references():
    assert rouge_l("a b c", ["a b c d e f", "c"]) == pytest.approx(1.0)
    precision, recall = 2 / 3, 2 / 4
    assert rouge_l("a x b", ["a b c d"]) == pytest.approx((1 + 1.44) * precision * recall / (recall + 1.44 * precision))


def test_cider_extremes():
    references = [["a dog runs on grass"], ["two cats sleep in a box"], ["a man rides a red bike"]]
    cider = CiderD(references)
    assert cider.score("a dog runs on grass", references[0]) == pytest.approx(10.0)
    assert cider.score("zebra", references[0]) == 0.0
    assert cider.score("a dog runs", references[0]) < cider.score("a dog runs on grass", references[0])
    assert CiderD([["a dog"]]).score("a dog", ["a dog"]) == 0.0  # one picture: every idf is 0


def test_cider_by_hand():
    """Only the unigram x is in the reference; it is said twice and clipped to once. All words have idf ln 2."""
    cider = CiderD([["x y"], ["z"]])
    idf = math.log(2)  # a word that no reference has counts as if one had it
    said, truth = math.hypot(2 * idf, idf), math.hypot(idf, idf)
    penalty = math.exp(-1 / 72)  # three words against two: 2 and 1 bigrams
    assert cider.score("x x u", ["x y"]) == pytest.approx(10 * idf**2 / (said * truth) * penalty / 4)


def test_published_scores_on_tokenised_captions(real_data):
    folder = real_data("metric-checks") / "coco-caption"
    known = json.loads((folder / "tokenized.json").read_text())
    official = json.loads((folder / "expected_on_tokenized.json").read_text())
    references, said = (
        known["references"],
        {k: v[0] if isinstance(v, list) else v for k, v in known["candidates"].items()},
    )
    ours = scores([bleu_columns(said[i], references[i], str.split) for i in references], bleu_scores)
    for n in range(1, 5):
        assert ours[f"bleu_{n}"] == pytest.approx(official[f"Bleu_{n}"], abs=1e-6)
    rouge = [rouge_l(said[i], references[i], str.split) for i in references]
    assert np.mean(rouge) == pytest.approx(official["ROUGE_L"], abs=1e-6)
    cider = CiderD([references[i] for i in references], str.split)
    each = {i: cider.score(said[i], references[i]) for i in references}
    assert each == pytest.approx(official["CIDEr_per_image"], abs=1e-4)
    assert np.mean(list(each.values())) == pytest.approx(official["CIDEr"], abs=1e-6)


def test_published_bleu_of_raw_captions(real_data):
    """The example of CLIPScore's README: raw sentences through the Java tokenizer, figures to four places."""
    folder = real_data("metric-checks") / "clipscore-example"
    official = json.loads((folder / "expected.json").read_text())
    references = json.loads((folder / "refs.json").read_text())
    said = json.loads((folder / "good_captions.json").read_text())
    found = scores([bleu_columns(said[i], references[i]) for i in references], bleu_scores)
    for n in range(1, 4):
        assert found[f"bleu_{n}"] == pytest.approx(official[f"BLEU-{n}"], abs=1e-4)
    assert np.mean([rouge_l(said[i], references[i]) for i in said]) == pytest.approx(official["ROUGE"], abs=1e-4)
    cider = CiderD(list(references.values()))
    assert np.mean([cider.score(said[i], references[i]) for i in said]) == pytest.approx(official["CIDER"], abs=1e-4)


def test_captions_agree_with_pycocoevalcap():
    bleu = pytest.importorskip("pycocoevalcap.bleu.bleu", reason="pycocoevalcap is not installed")
    cider = pytest.importorskip("pycocoevalcap.cider.cider")
    rouge = pytest.importorskip("pycocoevalcap.rouge.rouge")
    references = {
        0: ["a dog runs on green grass", "the dog is running"],
        1: ["two cats sleep in a box", "cats in a small box"],
        2: ["a man rides a red bike", "man on bike"],
    }
    said = {0: ["a dog runs on the grass"], 1: ["two cats in a box"], 2: ["a red bike"]}
    ours = scores([bleu_columns(said[i][0], references[i]) for i in said], bleu_scores)
    theirs, _ = bleu.Bleu(4).compute_score(references, said, verbose=0)
    assert [ours[f"bleu_{n}"] for n in range(1, 5)] == pytest.approx(theirs, abs=1e-6)
    _total, each = cider.Cider().compute_score(references, said)
    mine = CiderD([references[i] for i in said])
    assert [mine.score(said[i][0], references[i]) for i in said] == pytest.approx(list(each), abs=1e-6)
    assert np.mean([rouge_l(said[i][0], references[i]) for i in said]) == pytest.approx(
        rouge.Rouge().compute_score(references, said)[0], abs=1e-6
    )
