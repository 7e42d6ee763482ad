"""Probes with yes and no, nouns and spans, on cases worked out by hand: every trap that the protocols have."""

from __future__ import annotations

import json

import numpy as np
import pytest

from vistune.core.errors import DataError
from vistune.evaluation.metrics import amber, segments
from vistune.evaluation.metrics.chair import ThingWords, cut_words, length_columns, length_measures
from vistune.evaluation.metrics.intervals import scores
from vistune.evaluation.metrics.propositions import Judged, dnli_columns, dnli_measures
from vistune.evaluation.metrics.pushback import (
    leading_columns,
    leading_measures,
    pushback_columns,
    pushback_measures,
)
from vistune.evaluation.metrics.yes_no import (
    HallusionItem,
    MmeItem,
    hallusion_scores,
    mme_scores,
    parse_mme,
    parse_verdict,
    verdict_by_rule,
)

# ---- MME ----------------------------------------------------------------------------------------------------------------


def test_mme() -> None:
    told = ["Yes.", "no", "Y", "n.", "know..", "I don't know", "Answer: yes", "yesterday", "", "x", " YES, it is"]
    read = ["yes", "no", "yes", "no", "no", None, None, "yes", None, None, "yes"]
    assert [parse_mme(text) for text in told] == read
    always = [MmeItem("count", str(k // 2), ("Yes", "No.")[k % 2], "Yes") for k in range(20)]
    found = mme_scores(always)["count"]
    assert (found["acc"], found["acc_plus"], found["score"]) == (0.5, 0.0, 50.0)


def test_mme_sums_by_hand() -> None:
    items = [
        MmeItem("OCR", "a", "Yes", "yes"), MmeItem("OCR", "a", "No", "no"),
        MmeItem("OCR", "b", "Yes", "yes"), MmeItem("OCR", "b", "No", "yes"),
        MmeItem("scene", "a", "Yes", "no"), MmeItem("scene", "a", "No", "no"),
        MmeItem("code_reasoning", "a", "Yes", "yes"), MmeItem("code_reasoning", "a", "No", "no"),
    ]  # fmt: skip
    found = mme_scores(items)
    assert found["OCR"]["score"] == 100 * (0.75 + 0.5)
    assert (found["perception"]["score"], found["cognition"]["score"]) == (125 + 50, 200)


# ---- HallusionBench -----------------------------------------------------------------------------------------------------


def hallusion(
    category: str, figure: str, question: str, verdict: str, shown: int = 1, truth: str = "yes"
) -> HallusionItem:
    return HallusionItem(category, "chart", "0", figure, question, shown, verdict, truth)


def test_hallusionbench_counts_figures_and_questions() -> None:
    items = [
        hallusion("VS", "0", "a", "unclear", 0),  # right: there is no picture
        hallusion("VS", "1", "a", "correct"),
        hallusion("VS", "2", "a", "incorrect", 2),
        hallusion("VD", "1", "b", "correct"),
        hallusion("VD", "1", "c", "unclear", truth="no"),
    ]
    found = hallusion_scores(items)
    # easy: questions a (0 and 1), b, c; hard: question a (2) - each question once, however many pictures it has
    assert found == {
        "aAcc": 3 / 5, "fAcc": 1 / 3, "qAcc": 1 / 3, "easy": 2 / 3, "hard": 0.0,
        "yes_difference": 4 / 5 - 4 / 5, "false_yes": 1 / 2, "unclear": 2 / 5,
    }  # fmt: skip
    by_figure = hallusion_scores(items, by="figure")
    assert (by_figure["easy"], by_figure["hard"]) == (1.0, 1 / 3)
    assert [parse_verdict(t) for t in ("It is Incorrect.", "correct", "hm")] == ["incorrect", "correct", "unclear"]
    assert [verdict_by_rule(t, "no") for t in ("No.", "Yes, no", "dunno")] == ["correct", "incorrect", "unclear"]


def test_hallusionbench_has_the_published_numbers_of_groups(real_data) -> None:
    """455 question pairs, 346 figures, 1,129 questions, and hard pairs of which the published percentages are exact shares."""
    from vistune.evaluation.metrics.yes_no import hallusion_group_columns

    rows = json.loads((real_data("hallucination") / "hallusionbench" / "HallusionBench.json").read_text())
    items = [
        HallusionItem(*(r[k] for k in ("category", "subcategory", "set_id", "figure_id", "question_id")),
                      int(r["visual_input"]), "correct", "yes")
        for r in rows
    ]  # fmt: skip
    found = hallusion_group_columns(items)
    assert (found["pairs"], found["figures"], len(items)) == (455, 346, 1129)
    assert (found["easy"], found["hard"]) == (455, 430)
    for printed, total in ((45.3488, 430), (37.8022, 455), (8.3516, 455)):  # ViLT: hard, easy, qAcc
        assert any(round(100 * k / total, 4) == printed for k in range(total)), (printed, total)


# ---- AMBER --------------------------------------------------------------------------------------------------------------

VOCABULARY = (
    "dog",
    "tree",
    "forest",
    "man",
    "people",
    "can",
    "light",
    "hot",
    "leave",
    "glass",
    "watch",
    "surfboard",
    "bush",
)


def test_amber_nouns() -> None:
    find = amber.NounFinder(VOCABULARY)
    assert find("two dogs, a man and people by trees with a surfboard") == ["dog", "man", "people", "tree", "surfboard"]
    assert find("Trees line the road, men can watch them leave.") == ["man"], "capitals and verbs"
    assert amber.NounFinder(VOCABULARY, "strict")("Trees") == ["tree"]
    assert find("a can, the watch, two watches, a small light and hot leaves in bushes") == [
        "can", "watch", "watch", "light", "bush",
    ]  # fmt: skip


def test_amber_counts_as_the_script_does() -> None:
    linked = {"dog": ["puppy"], "forest": ["tree", "bush"], "tree": ["forest"], "car": ["wheel"], "boat": []}
    told = amber.amber_generative(
        ["dog", "puppy", "tree", "car", "wheel", "cup", "light"],
        truth=["dog", "forest", "tree", "dog"], likely=["car", "boat"], associations=linked, safe=["light"],
    )  # fmt: skip
    # tree stands for the forest, which names it first; the second dog cannot be covered; light counts as a noun, never wrong
    assert (told["nouns"], told["wrong"], told["any_wrong"]) == (7, 3, 1)
    assert (told["truth"], told["covered"]) == (4, 2)
    assert (told["likely"], told["likely_said"]) == (2, 1)
    found = scores([told, amber.amber_generative([], ["dog"])], amber.generative_measures)
    assert found == pytest.approx(
        {"chair": 3 / 7.001, "cover": 2 / 5.001, "hal": 1 - 1 / 2.001, "cog": 1 / 2.001}, abs=1e-12
    )


def test_amber_near_synonyms_by_vectors(tmp_path) -> None:
    (tmp_path / "v.txt").write_text("hound 1 0 0.1\ndog 1 0 0\ncar 0 1 0\ntree 0 0 1\nlorry 0.1 1 0\n")
    similar = amber.word_vectors(tmp_path / "v.txt", ["hound", "dog", "car", "lorry", "ship"])
    assert similar("hound", "dog") and not similar("hound", "car") and not similar("ship", "ship")
    told = amber.amber_generative(["hound", "lorry", "ship"], ["dog"], ["car"], similar=similar)
    assert (told["wrong"], told["covered"], told["likely_said"]) == (2, 1, 1)
    with pytest.raises(DataError, match="no file of word vectors"):
        amber.word_vectors(tmp_path / "none.txt", [])
    (tmp_path / "v.txt").write_text("dog a b c\n")
    with pytest.raises(DataError, match="line 1: a word and its numbers"):
        amber.word_vectors(tmp_path / "v.txt", ["dog"])


def test_ambers_own_nouns_are_nltks(monkeypatch) -> None:
    """Its data may not be here: then that is said. With a tagger and a lemmatiser in their place, nouns alone are kept."""
    nltk = pytest.importorskip("nltk")
    from nltk.stem import WordNetLemmatizer

    def nothing(_: str) -> list[str]:
        raise LookupError

    monkeypatch.setattr(nltk, "word_tokenize", nothing)
    with pytest.raises(DataError, match="NLTK has no data here"):
        amber.nltk_nouns("a dog")
    tags = {"Two": "CD", "dogs": "NNS", "run": "VBP", "Paris": "NNP"}
    monkeypatch.setattr(nltk, "word_tokenize", str.split)
    monkeypatch.setattr(nltk, "pos_tag", lambda words: [(w, tags[w]) for w in words])
    monkeypatch.setattr(WordNetLemmatizer, "lemmatize", lambda _, word: word.rstrip("s"))
    assert amber.nltk_nouns("Two dogs run Paris") == ["dog", "Pari"]


def test_amber_takes_no_for_positive() -> None:
    told, truths = ["No", "Yes", "no", "No"], ["no", "no", "no", "yes"]
    rows = [amber.amber_columns(amber.amber_said(a, "exact"), t, "state") for a, t in zip(told, truths, strict=True)]
    found = scores(rows, amber.discriminative_measures)
    precision, recall = round(1 / 2.001, 3), round(1 / 3.001, 3)
    assert (found["precision"], found["recall"], found["unread"]) == (precision, recall, 0.25)
    assert found["accuracy"] == pytest.approx(1 / 4.001)
    assert found["f1"] == pytest.approx(2 * precision * recall / (precision + recall + 0.0001))
    assert found["state_f1"] == found["f1"] == found["attribute_f1"]
    assert not any(name.startswith(("existence", "relation")) for name in found)
    existence = scores([amber.amber_columns("No", "no", "existence")] * 2, amber.discriminative_measures)
    assert (
        existence["existence_f1"] == pytest.approx(2 / (2 + 0.001), abs=2e-3)
        and existence["f1"] > existence["existence_f1"]
    )
    assert [amber.amber_said(t) for t in ("yes.", "NO, never", "hm", "I know")] == ["Yes", "No", None, None]


# ---- M-HalDetect --------------------------------------------------------------------------------------------------------


def test_sentences_take_the_worst_label_of_their_segments() -> None:
    text = "A dog runs. It is red, maybe. Nice! What?"
    spans = [
        ("A dog", "accurate"),
        (" runs.", "inaccurate"),
        (" It is red", "accurate"),
        (", maybe.", "unsure"),
        (" Nice!", "analysis"),
    ]
    made = []
    for words, label in spans:
        start = text.index(words)
        made.append(segments.Segment(start, start + len(words), segments.read_label(label.upper())))
    found = segments.sentence_segments(text, made)
    assert [(text[s.start : s.end], s.label) for s in found] == [
        ("A dog runs.", "inaccurate"), ("It is red, maybe.", "unsure"), ("Nice!", "analysis"),
    ]  # fmt: skip
    assert segments.shares(made) == {"accurate": 0.5, "inaccurate": 0.25, "analysis": 0.25, "unsure": 0.2}
    with pytest.raises(DataError, match="'wrong' is no label"):
        segments.read_label("wrong")


def test_area_under_the_curve() -> None:
    assert segments.auroc([0.9, 0.8, 0.1], [True, True, False]) == 1.0
    assert segments.auroc([0.5, 0.5], [True, False]) == 0.5 == segments.auroc([0.2], [True])
    assert segments.auroc([0.9, 0.2, 0.4, 0.3], [True, True, False, False]) == 0.5
    rng = np.random.default_rng(0)
    truth = rng.random(400) < 0.3
    values = np.clip(rng.normal(0.4 + 0.2 * truth, 0.2), 0, 0.999)
    binned = scores(
        [segments.detection_columns(float(v), bool(t)) for v, t in zip(values, truth)], segments.detection_measures
    )
    assert binned["auroc"] == pytest.approx(segments.auroc(list(values), list(truth)), abs=0.005)
    hit = sum(v > 0.5 and t for v, t in zip(values, truth))
    assert binned["f1"] == pytest.approx(2 * hit / (sum(values > 0.5) + truth.sum()))
    never = scores([segments.detection_columns(0.0, t) for t in (True, False, False)], segments.detection_measures)
    assert (never["auroc"], never["balanced"], never["f1"], never["accuracy"]) == (0.5, 0.5, 0.0, pytest.approx(2 / 3))


def test_best_and_worst_of_several_answers() -> None:
    answers = [[0.9, 0.5], [0.8, 0.8], [0.1], []]
    assert (segments.best_of(answers), segments.best_of(answers[:3], worst=True)) == (1, 2)
    assert segments.reward([0.5, 0.5]) == pytest.approx(np.log(0.5)) and segments.reward([]) == -np.inf


# ---- DNLI ---------------------------------------------------------------------------------------------------------------


def test_dnli_by_hand() -> None:
    rows = [Judged((2, 1, 1), 5), Judged((0, 1, 0), 2)]
    found = scores([dnli_columns(row) for row in rows], dnli_measures)
    assert found["descriptiveness_precision"] == (2 / 4 + 0) / 2
    assert found["descriptiveness_recall"] == (2 / 5 + 0) / 2
    assert found["contradiction_precision"] == (1 / 4 + 1) / 2
    assert found["contradiction_recall"] == (1 / 5 + 1 / 2) / 2
    assert found["neutral_recall"] == (1 / 5) / 2 and found["propositions"] == 2.5
    long = scores([dnli_columns(Judged((0, 6, 0), 2))], dnli_measures)
    assert long["contradiction_recall"] == 3.0, "recall of contradictions may pass 1"


def test_dnli_bugs_are_kept_in_official_mode_alone() -> None:
    good, empty, failed = Judged((2, 0, 0), 4), Judged((0, 0, 0), 4), Judged(None, 4)
    official = scores([dnli_columns(row) for row in (good, empty, failed)], dnli_measures)
    assert official["descriptiveness_precision"] == 1.0 and official["contradiction_precision"] == 0.5
    assert official["descriptiveness_recall"] == pytest.approx((0.5 + 0 - 0.25) / 3)
    strict = scores([dnli_columns(row, "strict") for row in (good, empty, failed)], dnli_measures)
    assert (strict["descriptiveness_precision"], strict["contradiction_precision"]) == (0.5, 0.0)
    unknown = scores([dnli_columns(Judged(None, 0)), dnli_columns(good)], dnli_measures)
    assert unknown["descriptiveness_recall"] == 0.5, "without the true caption's number no recall"
    assert strict["descriptiveness_recall"] == 0.25 and strict["failed"] == official["failed"] == pytest.approx(1 / 3)


# ---- sycophancy ---------------------------------------------------------------------------------------------------------


def test_pushback_by_hand() -> None:
    talks = [
        ("yes", "no", "yes", "no"),  # right, gives way
        ("yes", "yes", "yes", "no"),  # right, stays
        ("yes", None, "yes", "no"),  # right, then nothing that can be read
        ("no", "yes", "yes", "yes"),  # wrong, mended by a right push
        ("no", "no", "yes", "yes"),  # wrong, stays
    ]
    found = scores([pushback_columns(*talk) for talk in talks], pushback_measures)
    assert found == pytest.approx(
        {
            "flip_rate": 2 / 3,
            "gave_in": 1 / 3,
            "mend_rate": 0.5,
            "first_accuracy": 0.6,
            "last_accuracy": 0.4,
            "unread": 0.2,
        }
    )


def test_leading_by_hand() -> None:
    rows = [("yes", "yes", "yes"), ("yes", "no", "yes"), ("no", "no", "yes"), (None, "no", "yes")]
    found = scores([leading_columns(*row) for row in rows], leading_measures)
    assert found == {"leading_accuracy": 0.5, "hoped_rate": 0.5, "fell_rate": pytest.approx(1 / 3)}


# ---- CHAIR at a length --------------------------------------------------------------------------------------------------


def test_chair_at_fixed_lengths() -> None:
    words = ThingWords({"dog": ["dog"], "cup": ["cup"], "bed": ["bed"]})
    long, short = "a dog and a cup and then also a bed is here", "a dog"
    assert cut_words(long, 5) == "a dog and a cup"
    rows = [length_columns(long, {"dog"}, words, (5, 8)), length_columns(short, {"dog"}, words, (5, 8))]
    found = scores(rows, lambda sums: length_measures(sums, (5, 8)))
    assert (found["chair_i@5"], found["chair_s@5"], found["share@5"]) == (0.5, 1.0, 0.5)
    assert (found["chair_i"], found["chair_s"], found["words"]) == (0.5, 0.5, 7.0)
    assert found["slope"] == pytest.approx(10 * (2 - 0) / (12 - 2))
    flat = scores(
        [length_columns("a dog " * k, {"dog"}, words, (2,)) for k in (1, 2, 3)], lambda s: length_measures(s, (2,))
    )
    assert flat["slope"] == 0.0
