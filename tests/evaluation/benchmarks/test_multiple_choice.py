"""Multiple choice made by the world, and what all such benchmarks share: circles, likelihoods, random filling, judges."""

from __future__ import annotations

from collections import Counter

import pytest
from choosing import build, measured

from vistune.core.errors import ConfigError
from vistune.decoding.likelihoods import candidate_logprobs
from vistune.evaluation.runner import evaluate

SMALL = {
    "scienceqa": {"n": 30}, "mmbench": {"n": 24}, "seed_bench": {"n": 18, "part": "image"}, "mmmu": {"n": 24},
    "cv_bench": {"n": 24}, "ai2d": {"n": 22}, "nextqa": {"n": 28}, "provision": {"n": 38},
}  # fmt: skip


@pytest.mark.parametrize("kind", SMALL)
def test_the_worlds_edition(kind: str) -> None:
    """Unique and the same each time; perfect answers are all right, empty ones all wrong; every place is right about as often."""
    benchmark = build(kind, **SMALL[kind])
    examples, again = benchmark.examples(), build(kind, **SMALL[kind]).examples()
    assert len({e.id for e in examples}) == len(examples) >= 0.8 * SMALL[kind]["n"]
    assert [(e.id, e.messages[-1].text, e.answers) for e in examples] == [
        (e.id, e.messages[-1].text, e.answers) for e in again
    ]
    assert all(len(set(e.meta["choices"])) == len(e.meta["choices"]) for e in examples), "no option twice"
    right = (lambda e: e.meta["truth"]) if benchmark.way == "likelihood" else (lambda e: e.answers[0])
    found = measured(benchmark, right, examples)
    assert found[benchmark.main] == found["accuracy"] == 1
    if benchmark.way == "answer":
        benchmark.fill = "wrong"
        assert measured(benchmark, lambda _: "", examples)["accuracy"] == 0


@pytest.mark.parametrize("kind", ["scienceqa", "ai2d", "mmbench"])
def test_one_letter_for_all_gets_chance(kind: str) -> None:
    """Right options stand at every place of every number of options alike often, to within the last block of each sort."""
    extra = {"circular": False} if kind == "mmbench" else {}
    benchmark = build(kind, **{**SMALL[kind], "n": 60}, **extra)
    examples = benchmark.examples()
    for letter in "AB":
        found = measured(benchmark, lambda _, said=letter: said, examples)
        assert abs(found["accuracy"] - found["chance"]) < 0.1
        assert found[f"place_{'AB'.index(letter) + 1}"] == 1 and found["place_spread"] > 30


# ---- the base ----


def test_circles_count_only_where_all_rotations_are_right() -> None:
    benchmark = build("mmbench", n=12)
    examples = benchmark.examples()
    copies = Counter(e.id.rsplit("@", 1)[0] for e in examples)
    by_id = {e.id: e for e in examples}
    for name, count in copies.items():
        own = [by_id[f"{name}@{turn}"] for turn in range(count)]
        assert count == len(own[0].meta["choices"])
        assert {e.meta["choices"][e.meta["truth"]] for e in own} == {own[0].answers[1]}
        assert sorted(e.meta["truth"] for e in own) == list(range(count)), "the right one stands everywhere once"
    always_a = measured(benchmark, lambda _: "A", examples)
    assert always_a["accuracy"] == 0 and always_a["vanilla"] > 0
    expected = sum(c**-c for c in copies.values()) / len(copies)
    assert always_a["chance"] == pytest.approx(expected)
    # One wrong copy of one question fails that question alone.
    spoilt = next(iter(copies))
    found = measured(benchmark, lambda e: "Z" if e.id == f"{spoilt}@1" else e.answers[0], examples)
    assert found["accuracy"] == pytest.approx(1 - 1 / len(copies)) and found["vanilla"] == 1
    category = by_id[f"{spoilt}@0"].meta["type"]
    same = [n for n in copies if by_id[f"{n}@0"].meta["type"] == category]
    assert found[category] == pytest.approx(1 - 1 / len(same))


@pytest.mark.parametrize("kind", ["scienceqa", "mmbench", "cv_bench"])
def test_options_can_be_weighed_without_being_shown(kind: str) -> None:
    extra = {"circular": False} if kind == "mmbench" else {}
    benchmark = build(kind, n=12, style="texts", extraction="likelihood", **extra)
    examples = benchmark.examples()
    for example in examples:
        assert "A. " not in example.messages[-1].text and "(A)" not in example.messages[-1].text
        assert [c.messages[-1].text for c in benchmark.candidates(example)] == example.meta["choices"]
    assert measured(benchmark, lambda e: e.meta["truth"], examples)["accuracy"] == 1


def test_names_tell_measures_apart() -> None:
    assert build("mmbench").name == "nano_mmbench" and build("mmbench", circular=False).name == "nano_mmbench_vanilla"
    assert build("ai2d", circular=True, extraction="likelihood").name == "nano_ai2d_circular_likelihood"
    assert build("seed_bench", part="video").name == "nano_seed_bench_video"
    assert build("seed_bench", extraction="rule", style="letters").name == "nano_seed_bench_rule"


def test_an_explained_score_tells_options_rule_and_truth() -> None:
    benchmark = build("scienceqa", n=3)
    example = benchmark.examples()[0]
    told = dict(benchmark.explain(example, {"answer": "The answer is B", "parsed": None}))
    assert told["extraction"] == "by the rule: no option" and told["right"].startswith(example.answers[0])
    assert told["options"].startswith(f"A: {example.meta['choices'][0]}; B: ")


def test_likelihood_by_mean_and_by_sum() -> None:
    for by, place in (("mean", 1), ("sum", 0)):
        benchmark = build("seed_bench", n=9, part="image", by=by)
        example = next(e for e in benchmark.examples() if len(e.meta["choices"]) == 4)
        rows = [[-1.0], [-0.8, -0.8, -0.8], [-2.0], [-2.0, -2.0]]
        assert benchmark.score_candidates(example, rows).parsed == example.meta["choices"][place]


def test_a_random_choice_is_seeded_by_item_and_named() -> None:
    benchmark = build("mmmu", n=32)
    examples = [e for e in benchmark.examples() if e.meta["choices"]]
    assert benchmark.switches["fill"] == "random"
    first = [benchmark.score(e, "?").score for e in examples]
    assert first == [benchmark.score(e, "no idea").score for e in examples], "the answer does not change the draw"
    assert 0 < sum(first) < len(first) and benchmark.score(examples[0], "?").parsed is None
    assert "seed 42" in dict(benchmark.explain(examples[0], {"answer": "?"}))["fill"]
    benchmark.fill = "wrong"
    assert sum(benchmark.score(e, "?").score for e in examples) == 0


def test_judges_match_what_the_rule_cannot_read() -> None:
    from vistune.evaluation.judges.base import Verdict

    benchmark = build("mmbench", n=6, circular=False, extraction="judge")
    example = benchmark.examples()[0]
    truth = example.meta["truth"]
    assert benchmark.way == "judge"
    assert benchmark.score_judged(example, "hm", Verdict({"option": float(truth)}, True, [])).score == 1
    assert benchmark.score_judged(example, "hm", Verdict({"option": -1.0}, True, [])).parsed is None
    assert benchmark.score_judged(example, "hm", Verdict({}, False, [])).score == 0
    assert benchmark.score_judged(example, example.answers[0], Verdict({"option": -1.0}, True, [])).score == 1, (
        "the rule comes first"
    )
    judge = benchmark.build_judge()
    (verdict,) = judge.judge([example], [f"it must be {example.answers[1]}, I am sure of that and of nothing else"])
    assert verdict.marks["option"] == truth


@pytest.mark.parametrize(
    ("kind", "switch"),
    [
        ("mmbench", "mode"),
        ("scienceqa", "split"),
        ("seed_bench", "by"),
        ("cv_bench", "extraction"),
        ("ai2d", "style"),
        ("mmmu", "fill"),
    ],
)
def test_unknown_switches_are_told(kind: str, switch: str) -> None:
    with pytest.raises(ConfigError, match=f"'{switch}' is one of"):
        build(kind, **{switch: "nonsense"})


def test_candidates_stand_on_the_tokens_of_the_prompt(shipped_vlm) -> None:
    """Prefix stability: prompt and option are tokenised together, and the prompt's tokens stay what they are alone."""
    benchmark = build("seed_bench", n=9, part="image")
    example = benchmark.examples()[0]
    group = benchmark.candidates(example)
    whole = [candidate_logprobs(shipped_vlm, [[one]])[0][0] for one in group]
    shared = candidate_logprobs(shipped_vlm, [group])[0]
    for one, other, candidate in zip(whole, shared, group):
        assert one == pytest.approx(other, abs=1e-4)
        assert len(one) == len(shipped_vlm.answer_ids(candidate)) >= 2, "the end mark counts"
    with_letters = build("seed_bench", n=9, part="image", style="letters")
    assert [c.messages[-1].text for c in with_letters.candidates(with_letters.examples()[0])] == list("ABCD")[
        : len(group)
    ]
    assert all(c.messages[:-1] == example.messages for c in group)


@pytest.fixture(scope="module")
def shipped_vlm():
    from vistune.models.loading import load_model

    return load_model("nano-vlm")


def test_the_shipped_model_can_be_asked(shipped_vlm, tmp_path) -> None:
    chosen = [
        build("scienceqa", n=5, max_new_tokens=4), build("mmbench", n=6, circular=False, max_new_tokens=4),
        build("seed_bench", n=9, part="image"), build("mmmu", n=4, max_new_tokens=4), build("cv_bench", n=4, max_new_tokens=4),
    ]  # fmt: skip
    results = evaluate(shipped_vlm, chosen, tmp_path)
    assert all(0 <= result.score <= 1 and len(result.items) >= 3 for result in results.values())
    assert results["nano_seed_bench_image"].beside["unparsed"] == 0
