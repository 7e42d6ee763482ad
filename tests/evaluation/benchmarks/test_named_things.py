"""CHAIR and AMBER: what descriptions name, at equal lengths, by the published files and on scenes."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from probing import build, measured, unmade

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example

# ---- CHAIR at a length --------------------------------------------------------------------------------------------------


def test_chair_at_equal_lengths_tells_apart_what_length_hides():
    """Two describers, equally often wrong among the first words; the longer one is worse by CHAIR_s, not at the cut."""
    benchmark = build("chair_length", n=40, cuts=(8,), main_cut=8)
    assert benchmark.name == "chair_length"

    def short(e: Example) -> str:
        return f"there is a {e.answers[0]} and a zebra crossing cup"

    def long(e: Example) -> str:
        return f"{short(e)} and also a cup and another cup and one cup and so on here"

    brief, wordy = measured(benchmark, short), measured(benchmark, long)
    assert brief["chair_i_at_cut"] == pytest.approx(wordy["chair_i_at_cut"]) and brief["share@8"] == 1.0
    assert wordy["chair_i"] > brief["chair_i"] + 0.1 and wordy["words"] > brief["words"]
    assert measured(benchmark, always_true)["chair_i"] == 0.0
    assert measured(benchmark, lambda _: "")["share@8"] == 0.0
    with pytest.raises(ConfigError, match="main_cut 9 is to be one of cuts"):
        unmade("chair_length", main_cut=9)


def always_true(e: Example) -> str:
    return "I see a " + " and a ".join(e.answers)


def test_chair_of_scenes_by_hand():
    benchmark = build("chair", n=20)
    assert measured(benchmark, always_true) == {"chair_i": 0.0, "chair_s": 0.0, "recall": 1.0}
    example = next(e for e in benchmark.examples() if "dog" not in e.answers)
    steps = dict(benchmark.explain(example, {"answer": f"a puppy and a {example.answers[0]}"}))
    assert steps["named but absent"] == "dog" and example.answers[0] in steps["mentions"]
    with pytest.raises(ConfigError, match="needs path"):
        unmade("chair", path="instances.json")


# ---- AMBER --------------------------------------------------------------------------------------------------------------


def listing(e: Example) -> str:
    """The annotated things as a plain list; questions answered rightly."""
    return "a " + ", a ".join(e.answers) if e.meta["type"] == "generative" else e.answers[0].capitalize()


def test_amber_on_the_published_files(real_data):
    folder = str(real_data("hallucination") / "amber")
    benchmark = build("amber", path=folder)
    kinds = Counter(e.meta["type"] for e in benchmark.examples())
    assert kinds == {"generative": 1004, "existence": 4924, "relation": 975 + 689}
    found = measured(benchmark, listing)
    assert (found["chair"], found["cog"], found["precision"], found["recall"]) == (0.0, 0.0, 1.0, 1.0)
    # A true thing that stands for an earlier one covers that one, and equal things are covered once: never 100%.
    assert 0.9 < found["cover"] < 0.95 and found["hal"] < 1e-3
    yes = measured(benchmark, lambda e: "Yes" if e.meta["type"] != "generative" else "nothing at all")
    assert (yes["precision"], yes["recall"], yes["f1"], yes["cover"]) == (0.0, 0.0, 0.0, 0.0)
    assert yes["accuracy"] == pytest.approx(975 / (4924 + 975 + 689), abs=1e-3)
    no = measured(benchmark, lambda e: "no." if e.meta["type"] != "generative" else " ".join(e.meta["likely"]))
    share = (4924 + 689) / (4924 + 975 + 689)
    assert no["recall"] == 1.0 and no["precision"] == round(share, 3)
    assert no["f1"] == pytest.approx(2 * round(share, 3) / (1 + round(share, 3) + 0.0001))
    assert no["cog"] > 0.9 and no["hal"] > 0.85 and no["amber"] == pytest.approx((1 - no["chair"] + no["f1"]) / 2)
    exact = unmade("amber", path=folder, part="relation", extraction="exact", n=4)
    assert exact.name == "amber_relation"
    one = exact.examples()[0]
    assert exact.score(one, "Yes").score == 1.0 and exact.score(one, "yes").parsed is None
    with pytest.raises(DataError, match="holds no query of the part 'attribute'"):
        unmade("amber", path=folder, part="attribute").examples()


def test_amber_nouns_on_published_captions(real_data):
    """What the finder takes for nouns in 500 captions of LLaVA-1.5: all in the vocabulary, verbs and adjectives left out."""
    file = real_data("metric-checks") / "chair" / "captions" / "llava-1.5" / "greedy.jsonl"
    benchmark = unmade("amber", path=str(real_data("hallucination") / "amber"))
    texts = [json.loads(line)["caption"] for line in file.read_text().splitlines()]
    nouns = Counter(noun for text in texts for noun in benchmark.nouns_of(text))  # type: ignore[attr-defined]
    assert sum(nouns.values()) > 5 * len(texts) and nouns["person"] > 50
    assert nouns["can"] < 10 and nouns["hot"] == 0 and nouns["leave"] == 0


def test_amber_of_the_world():
    benchmark = build("amber")
    examples = benchmark.examples()
    asked = Counter((e.meta["type"], e.answers[0]) for e in examples if e.meta["type"] != "generative")
    assert all(asked[part, "yes"] == asked[part, "no"] > 0 for part in ("state", "number", "action", "relation"))
    assert asked["existence", "yes"] == 0, "existence is asked of what is absent alone, as in the original"
    found = measured(benchmark, listing)
    assert found["amber"] == pytest.approx(1.0, abs=1e-3) and found["cover"] == pytest.approx(1.0, abs=1e-3)
    likely = measured(benchmark, lambda e: " and a ".join(["a", *e.meta["likely"]]) if e.meta["likely"] else "yes")
    assert likely["cog"] == pytest.approx(1.0, abs=1e-2) and likely["hal"] > 0.99 and likely["f1"] == 0.0
    example = examples[0]
    steps = dict(benchmark.explain(example, {"answer": f"a {example.answers[0]} and a {example.meta['likely'][0]}"}))
    assert steps["wrong"] == example.meta["likely"][0]
    with pytest.raises(ConfigError, match="'part' is one of"):
        unmade("amber", part="colours")
