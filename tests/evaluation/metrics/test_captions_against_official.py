"""Captions: the same figures as pycocoevalcap and sacreBLEU in the same run; METEOR by Java; facts of scenes; word order."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from vistune.core.errors import DataError
from vistune.evaluation.metrics.captions import (
    CiderD,
    bleu_columns,
    bleu_scores,
    rouge_l,
    sacrebleu_columns,
    sacrebleu_score,
)
from vistune.evaluation.metrics.intervals import scores
from vistune.evaluation.metrics.java_captions import java_metrics, java_scores
from vistune.evaluation.metrics.tokens import any_words, ptb_words
from vistune.evaluation.metrics.tuples import fact_of, scene_facts, tuple_scores
from vistune.evaluation.metrics.word_order import clean_caption, shuffles, symmetric_relations, world_tags
from vistune.world import sample_scene
from vistune.world.language import caption
from vistune.world.language.claims import claims
from vistune.world.scene import Scene, Thing


def invented(seed: int, pictures: int = 25) -> tuple[dict, dict]:
    """Captions of few words, so that n-grams meet; some empty, some equal to a reference."""
    rng = random.Random(seed)
    words = [
        "a",
        "red",
        "dog",
        "runs",
        "on",
        "green",
        "grass",
        "with",
        "two",
        "cats",
        "near",
        "the",
        "big",
        "box",
        "and",
        "sleeps",
    ]
    references, said = {}, {}
    for i in range(pictures):
        references[i] = [" ".join(rng.choices(words, k=rng.randint(2, 12))) for _ in range(rng.randint(1, 5))]
        said[i] = [rng.choice([references[i][0], " ".join(rng.choices(words, k=rng.randint(1, 14)))])]
    return references, said


@pytest.mark.parametrize("seed", range(3))
def test_bleu_rouge_and_cider_are_pycocoevalcap(seed) -> None:
    bleu = pytest.importorskip("pycocoevalcap.bleu.bleu", reason="pycocoevalcap is not installed")
    cider = pytest.importorskip("pycocoevalcap.cider.cider")
    rouge = pytest.importorskip("pycocoevalcap.rouge.rouge")
    references, said = invented(seed)
    ours = scores([bleu_columns(said[i][0], references[i], str.split) for i in said], bleu_scores)
    theirs, _ = bleu.Bleu(4).compute_score(references, said, verbose=0)
    assert [ours[f"bleu_{n}"] for n in range(1, 5)] == pytest.approx(theirs, abs=1e-9)
    mine = CiderD([references[i] for i in said], str.split)
    _, each = cider.Cider().compute_score(references, said)
    assert [mine.score(said[i][0], references[i]) for i in said] == pytest.approx(list(each), abs=1e-9)
    _, each = rouge.Rouge().compute_score(references, said)
    assert [rouge_l(said[i][0], references[i], str.split) for i in said] == pytest.approx(list(each), abs=1e-9)


def test_cider_hangs_on_the_other_pictures() -> None:
    """The same caption of the same picture scores otherwise within another set: never compare over subsets."""
    references = [["a dog runs"], ["a cat sleeps"], ["a dog sleeps"], ["two red cars"]]
    whole, part = CiderD(references), CiderD(references[:2])
    assert whole.score("a dog sleeps", references[0]) != pytest.approx(part.score("a dog sleeps", references[0]))


def test_a_single_sentence_without_four_grams_is_near_nothing() -> None:
    found = scores([bleu_columns("a dog", ["a dog"])], bleu_scores)
    assert found["bleu_2"] == pytest.approx(1.0) and found["bleu_4"] < 0.01


def test_published_scores_of_single_pictures(real_data) -> None:
    """The official tool's figures of each picture, to their three places."""
    folder = real_data("metric-checks") / "coco-caption"
    known = json.loads((folder / "tokenized.json").read_text())
    official = {
        str(r["image_id"]): r for r in json.loads((folder / "captions_val2014_fakecap_evalImgs.json").read_text())
    }
    checked = 0
    for picture, references in known["references"].items():
        said = known["candidates"][picture]
        said = said[0] if isinstance(said, list) else said
        found = scores([bleu_columns(said, references, str.split)], bleu_scores)
        for n in range(1, 5):
            assert round(found[f"bleu_{n}"], 3) == pytest.approx(official[picture][f"Bleu_{n}"], abs=5e-4)
        assert round(rouge_l(said, references, str.split), 3) == pytest.approx(official[picture]["ROUGE_L"], abs=5e-4)
        checked += 1
    assert checked == 63


@pytest.mark.slow
def test_published_meteor_by_java(real_data) -> None:
    if "meteor" not in java_metrics():
        pytest.skip("METEOR needs Java and pycocoevalcap")
    folder = real_data("metric-checks") / "clipscore-example"
    official = json.loads((folder / "expected.json").read_text())
    references, said = (json.loads((folder / n).read_text()) for n in ("refs.json", "good_captions.json"))
    found = java_scores(said, references)
    assert found["meteor"] == pytest.approx(official["METEOR"], abs=5e-5)
    assert ("spice" in found) == ("spice" in java_metrics())


def test_java_scores_join_by_picture(monkeypatch) -> None:
    with pytest.raises(DataError, match="one caption for each picture"):
        java_scores({"a": "x"}, {"b": ["x"]})


def test_without_java_nothing_is_invented(monkeypatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert java_metrics() == []


def test_sacrebleu_from_sums_is_sacrebleu() -> None:
    sacrebleu = pytest.importorskip("sacrebleu", reason="sacrebleu is not installed")
    said = ["Ein Hund läuft auf dem Gras.", "Zwei Katzen", "eine rote Kiste steht hier", ""]
    truth = ["Ein Hund rennt auf dem Gras.", "Zwei Katzen schlafen.", "Eine rote Kiste steht hier.", "nichts"]
    columns = [sacrebleu_columns(a, b) for a, b in zip(said, truth)]
    ours = scores(columns, lambda sums: {"bleu": sacrebleu_score(sums)})["bleu"]
    assert ours == pytest.approx(sacrebleu.corpus_bleu(said, [truth]).score)
    other = scores([bleu_columns(a, [b]) for a, b in zip(said, truth)], bleu_scores)["bleu_4"]
    assert abs(100 * other - ours) > 1, "pycocoevalcap's BLEU is another measure"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Çok güzel, İki kedi!", "çok güzel iki kedi"),
        ("两只猫。在 a box", "两 只 猫 在 a box"),
        ("படத்தில் மக்கள்.", "படத்தில் மக்கள்"),
        ("Хорошо — да", "хорошо да"),
    ],
)
def test_words_of_any_language(text, words) -> None:
    assert any_words(text) == words.split()


def thing(kind: str, colour: str, x: float, size: str = "medium") -> Thing:
    return Thing(kind, colour, size, "plain", None, x, 0.7, 0.2, 0.5, 0)


def test_tuple_f1_by_hand() -> None:
    scene = Scene(0, "farm", (thing("dog", "red", 0.2), thing("cat", "blue", 0.8, "big")))
    facts = {("farm",), ("dog",), ("cat",), ("dog", "red"), ("cat", "blue"), ("cat", "big"), ("dog", "left of", "cat")}
    assert scene_facts(scene) == facts
    found = tuple_scores("there is a red dog and a green cat. the cat is right of the dog.", scene)
    # Said: dog, red dog, cat, green cat, dog left of cat: four of five hold, four of seven are told.
    assert found["precision"] == pytest.approx(4 / 5) and found["recall"] == pytest.approx(4 / 7)
    assert found["f1"] == pytest.approx(2 * (4 / 5) * (4 / 7) / (4 / 5 + 4 / 7))
    assert tuple_scores("", scene) == {"precision": 0.0, "recall": 0.0, "f1": 0.0}
    assert tuple_scores("there is no cow.", scene)["precision"] == 0.0
    assert fact_of(claims("there is no cow.")[0]) is None
    twice = tuple_scores("a dog. a dog. a dog.", scene)
    assert twice["precision"] == 1.0 and twice["recall"] == pytest.approx(1 / 7)


def test_the_worlds_own_captions_say_nothing_false() -> None:
    for seed in range(40):
        scene = sample_scene(510_000 + seed, split="test", prior="flat")
        for level in ("short", "all", "long"):
            found = tuple_scores(caption(scene, seed, level=level, split="test"), scene)
            assert found["precision"] == 1.0 and (found["recall"] > 0 or not scene.things)


def test_aro_cleans_captions_as_the_original() -> None:
    assert clean_caption('A dog (small), running. "Now"!') == "a dog small , running now"
    assert clean_caption("one two three four", 2) == "one two"


def test_aro_shuffles_keep_what_they_keep() -> None:
    words = ["a", "red", "dog", "and", "a", "small", "cat", "sit", "on", "the", "big", "box"]
    tags = world_tags(" ".join(words))[1]
    assert [w for w, t in zip(words, tags) if t == "noun"] == ["dog", "cat", "box"]
    nouns, others, within, threes = (s.split() for s in shuffles(words, tags, random.Random(3)))
    for told in (nouns, others, within, threes):
        assert sorted(told) == sorted(words)
    for place, (word, tag) in enumerate(zip(words, tags)):
        if tag == "other":
            assert nouns[place] == word
        else:
            assert others[place] == word
    assert {w for w, t in zip(nouns, tags) if t == "noun"} == {"dog", "cat", "box"}
    for start in range(0, len(words), 3):
        assert sorted(within[start : start + 3]) == sorted(words[start : start + 3])
    blocks = {tuple(words[i : i + 3]) for i in range(0, 12, 3)}
    assert {tuple(threes[i : i + 3]) for i in range(0, 12, 3)} == blocks


def test_symmetric_relations_are_names() -> None:
    names = symmetric_relations()
    assert len(names) == 157 and {"next to", "going through", "wrapped in"} <= names
    assert "on" not in names and "to the left of" not in names and all(n == n.strip() and "\n" not in n for n in names)


def test_tokens_do_not_change_what_is_tokenised() -> None:
    words = ptb_words("A man's well-known t-shirt, isn't it?")
    assert ptb_words(" ".join(words)) == words and np.all([w == w.lower() for w in words])
