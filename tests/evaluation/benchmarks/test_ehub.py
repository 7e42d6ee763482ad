"""LVLM-eHub: word match and what it lets pass, captions that grow longer, common sense by prefix, its six abilities."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import pytest
from answering import answered, perfect, share

from vistune.core.errors import DataError
from vistune.data.example import Example
from vistune.evaluation.benchmarks import BENCHMARKS, Benchmark
from vistune.evaluation.benchmarks.ehub import UsualColour
from vistune.evaluation.metrics.captions import CiderD
from vistune.evaluation.metrics.word_match import prefix_scores, vqa_word_match
from vistune.evaluation.runner import evaluate
from vistune.evaluation.suites import SUITES
from vistune.experiments.specs import parse_spec
from vistune.world.language.grammar import indefinite


def build(kind: str, **parameters) -> Benchmark:
    return BENCHMARKS.build({"kind": kind, **parameters})


def test_word_match_passes_what_is_denied() -> None:
    """Exact, on things of scenes: whoever denies every thing in turn is right by word match, and wrong by equality."""
    benchmark = build("word_classes", n=44)
    examples = benchmark.examples()
    denied = answered(benchmark, lambda e: f"It is not {indefinite(e.answers[0])}.", examples).values
    assert denied == {"has_word": 1.0, "exact": 0.0, "per_class": 1.0}
    every = " ".join(kind for kind in benchmark.classes)  # type: ignore[attr-defined]
    assert answered(benchmark, lambda _: every, examples).score == 1.0, "so is a list of all names"
    plurals = answered(benchmark, lambda e: f"{e.answers[0]}s", examples).values
    assert plurals["has_word"] == 0, "and a plural is wrong"


def test_truths_are_not_changed_by_scoring() -> None:
    truths = ["The Two Cats", "don't know"]
    assert [vqa_word_match("2 cats", truths) for _ in range(2)] == [True, True]
    assert truths == ["The Two Cats", "don't know"]


def test_longer_captions_lose_cider_and_keep_word_match() -> None:
    """The verbosity finding, exactly: true sentences are added to a reference itself."""
    references = [[f"a {a} and a {b} on the {c}", f"the {c} has a {a} and a {b}"] for a, b, c in zip(
        ("dog", "cat", "car", "tree", "cup"), ("ball", "hat", "bus", "bird", "cake"),
        ("beach", "bed", "street", "farm", "table"), strict=True,
    )]  # fmt: skip
    cider = CiderD(references)
    added = [
        " .".join(["", *[f" we can see the {w} too" for w in refs[0].split() if len(w) > 3]]) for refs in references
    ]
    means = []
    for times in (0, 1, 3):
        captions = [refs[0] + more * times for refs, more in zip(references, added, strict=True)]
        means.append(sum(cider.score(c, r) for c, r in zip(captions, references, strict=True)) / len(captions))
        assert all(vqa_word_match(c, [refs[0].split()[1]]) for c, refs in zip(captions, references, strict=True))
    assert means[0] > means[1] > means[2]


def test_classes_of_photographs(real_data) -> None:
    folder = real_data("cifar10") / "test"
    benchmark = build("word_classes", path=str(folder), limit=5)
    examples = benchmark.examples()
    assert len(examples) == 50 and examples[0].messages[-1].text == "The photo of the"
    assert answered(benchmark, perfect, examples).values == {"has_word": 1, "exact": 1, "per_class": 1}
    cats = answered(benchmark, lambda _: "a cat, I think", examples).values
    assert cats == pytest.approx({"has_word": 0.1, "exact": 0.0, "per_class": 0.1})
    with pytest.raises(DataError, match="no folders of classes"):
        build("word_classes", path=str(folder / "cat"))


def test_the_mean_over_classes_weighs_rare_ones_alike(tmp_path: Path) -> None:
    for name, count in (("cat", 3), ("dog", 1)):
        (tmp_path / name).mkdir()
        for k in range(count):
            (tmp_path / name / f"{k}.png").write_bytes(b"")
    found = answered(build("word_classes", path=str(tmp_path)), lambda _: "the cat").values
    assert (found["has_word"], found["per_class"]) == (0.75, 0.5)


# ICDAR 2013 and 2015 word recognition: gt.txt.
def test_words_of_icdar(tmp_path: Path) -> None:
    (tmp_path / "gt.txt").write_text(
        '\ufeffword_1.png, "Tiredness"\nword_2.png, "20%"\nword_3.png, "&"\n', encoding="utf-8"
    )
    benchmark = build("word_ocr", path=str(tmp_path))
    examples = benchmark.examples()
    assert [(e.id, e.answers) for e in examples] == [("word_1.png", ["Tiredness"]), ("word_2.png", ["20%"])]
    assert answered(benchmark, lambda e: f"The word is '{e.answers[0].upper()}'.", examples).score == 1
    (tmp_path / "gt.txt").write_text("word_1.png Tiredness\n")
    with pytest.raises(DataError, match="line 1"):
        benchmark.examples()
    nano = build("word_ocr", n=20)
    assert answered(nano, perfect).score == 1 and answered(nano, lambda _: "").score == 0


def test_a_corpus_without_an_answer_has_no_word_f1() -> None:
    found = answered(build("sroie", n=6), lambda _: "").values
    assert found["word_f1"] == found["f1"] == found["precision"] == 0, "the original divides by zero here"


def test_prefix_scores_by_hand() -> None:
    one = prefix_scores([[1.0, 2.0]])
    assert one == pytest.approx([math.exp(1) / (math.exp(1) + math.exp(0.5)), 1 / (1 + math.exp(0.5))])
    assert sum(prefix_scores([[0.5, 1.0, 3.0], [2.0, 0.1, 0.4]])) == pytest.approx(1)
    assert prefix_scores([[0.0, 1.0]])[0] == pytest.approx(1), "no division by zero"
    # One sure picture outweighs two that lean the other way: scores are soft.
    assert prefix_scores([[0.2, 5.0], [1.0, 0.9], [1.0, 0.9]])[0] > 0.5


def test_usual_colours_are_known_not_seen() -> None:
    benchmark = UsualColour(pictures=2)
    examples = benchmark.examples()
    assert len(examples) == 40 and all(len(e.images) == 2 for e in examples)
    asked = benchmark.candidates(examples[0])
    assert len(asked) == 20 and asked[0].messages[-1].text == f"the colour of the {examples[0].meta['kind']} is red"

    def weigh(example: Example, liked: str) -> list[list[float]]:
        colours = [c.messages[-1].text.split()[-1] for c in benchmark.candidates(example)]
        return [[-0.5 if colour == liked else -2.0, -1.0, 0.0] for colour in colours]

    right = [benchmark.score_candidates(e, weigh(e, e.answers[0])).score for e in examples]
    assert right == [1.0] * 40
    always = [benchmark.score_candidates(e, weigh(e, "red")).score for e in examples]
    assert sum(always) / 40 == share(examples, lambda e: e.answers == ["red"])
    assert max(Counter(e.answers[0] for e in examples).values()) < 10


def test_the_shipped_model_weighs_colours(tmp_path: Path) -> None:
    from vistune.models.loading import load_model

    class Two(UsualColour):
        def examples(self) -> list[Example]:
            return super().examples()[:2]

    result = evaluate(load_model("nano-vlm"), [Two(pictures=1)], tmp_path)["usual_colour"]
    assert len(result.items) == 2 and all(item["parsed"] in Two().colours for item in result.items)


def test_the_suite_has_six_abilities_and_says_word_match() -> None:
    suite = SUITES["lvlm-ehub"]
    assert len(suite.groups) == 6
    for spec in suite.groups["visual reasoning"][:-1]:
        benchmark = BENCHMARKS.build({**parse_spec(spec), "n": 12})
        assert benchmark.switches["extraction"] == "word-match"
        wordy = answered(benchmark, lambda e: f"I would say that it is {e.answers[0]} here")
        # A truth that ends in a sign ("Name:") has no word border there, and is never found, said alone or not.
        assert wordy.score == answered(benchmark, perfect).score > 0.7, spec
        own = BENCHMARKS.build({"kind": parse_spec(spec)["kind"], "n": 12})
        assert answered(own, lambda e: f"I would say that it is {e.answers[0]} here").score < 0.2, spec
