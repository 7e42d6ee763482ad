"""POPE, MME and HallusionBench: published files, nano editions, scores worked out by hand."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from answering import perfect
from probing import Says, build, measured, unmade, write

from vistune.core.errors import ConfigError, DataError
from vistune.evaluation.benchmarks.pope import SETTINGS, coco_names
from vistune.evaluation.metrics.intervals import scores
from vistune.evaluation.metrics.yes_no import MME_COGNITION, MME_TASKS
from vistune.evaluation.records import Evidence, make_item
from vistune.evaluation.results import full_columns
from vistune.evaluation.runner import evaluate


def always(word: str):
    return lambda _: word


# ---- POPE ---------------------------------------------------------------------------------------------------------------


def test_pope_of_the_published_files_all_settings_together(real_data, tmp_path):
    root = real_data("hallucination") / "pope"
    for setting in SETTINGS:
        (tmp_path / f"coco_pope_{setting}.json").write_bytes((root / f"coco_pope_{setting}.json").read_bytes())
    benchmark = build("pope", path=str(tmp_path), images=".", setting="all")
    assert len(benchmark.examples()) == 9000
    yes = measured(benchmark, always("Yes"))
    assert (yes["accuracy"], yes["yes_rate"], yes["recall"]) == (0.5, 1.0, 1.0)
    assert yes["f1"] == pytest.approx(2 / 3) == yes["f1_adversarial"]

    # Right but for the adversarial setting, where it says yes throughout: F1 is the mean of the three settings.
    found = measured(benchmark, lambda e: "yes" if e.meta["type"] == "adversarial" else e.answers[0])
    assert found["f1"] == pytest.approx((1 + 1 + 2 / 3) / 3)
    assert found["accuracy"] == pytest.approx((1 + 1 + 0.5) / 3)
    (tmp_path / "coco_pope_random.json").unlink()
    with pytest.raises(DataError, match="holds 0 POPE files of the setting random"):
        build("pope", path=str(tmp_path), images=".", setting="all").examples()


@pytest.mark.parametrize("setting", SETTINGS)
def test_pope_is_built_from_coco_by_the_official_rules(real_data, setting):
    """Each rule is checked on the result by counting anew; nothing of the builder is used."""
    file = real_data("coco") / "annotations" / "instances_val2017.json"
    benchmark = build("pope", path=str(file), images="val2017", setting=setting, n=30)
    examples = benchmark.examples()
    names = coco_names(file)
    chosen = list(dict.fromkeys(e.meta["group"] for e in examples))
    assert len(examples) == 180 and len(chosen) == 30
    frequency = Counter(name for image in chosen for name in names[image])
    together = Counter((a, b) for image in chosen for a in names[image] for b in names[image] if a != b)
    for image in chosen:
        own = [e for e in examples if e.meta["group"] == image]
        assert [e.answers[0] for e in own] == ["yes", "no"] * 3
        asked = [
            e.messages[-1].text.removesuffix(" in the image?").removeprefix("Is there a").removeprefix("n").strip()
            for e in own
        ]
        assert asked[::2] == names[image][:3], "the first three names are the positives"
        for place in (1, 3, 5):
            absent, barred = asked[place], {*names[image], *asked[:place]}
            assert absent not in barred
            free = [name for name in frequency if name not in barred]
            if setting == "popular":
                assert frequency[absent] == max(frequency[name] for name in free)
            if setting == "adversarial":
                beside = {name: together[asked[place - 1], name] for name in free}
                assert together[asked[place - 1], absent] == max(beside.values())
    assert benchmark.name == f"pope_instances_val2017_{setting}"


def test_pope_of_scenes(tmp_path):
    benchmark = build("pope", setting="all", n=20)
    assert len(benchmark.examples()) == 360
    assert measured(benchmark, perfect)["f1"] == 1.0
    assert measured(benchmark, always("yes"))["accuracy"] == 0.5 == benchmark.chance
    one = build("pope", setting="popular", n=20)
    assert one.name == "pope_popular" and {e.meta["facets"]["truth"] for e in one.examples()} == {"yes", "no"}
    steps = dict(one.explain(one.examples()[0], {"answer": "I see, no. Yes", "parsed": "no"}))
    assert steps["words No, not, no"] == "no" and steps["read as"] == "no"
    with pytest.raises(ConfigError, match="'setting' is one of"):
        unmade("pope", setting="populr")


# ---- MME ----------------------------------------------------------------------------------------------------------------


def test_mme_reproduces_the_published_scores(real_data):
    """LaVIN's result files are also the tool's question files: read as a benchmark, answered with what LaVIN answered."""
    folder = real_data("metric-checks") / "mme"
    benchmark = build("mme", path=str(folder / "LaVIN"))
    said = {}
    for task in MME_TASKS:
        file = folder / "LaVIN" / f"{task}.txt"
        lines = [line.split("\t") for line in file.read_text().splitlines() if line.strip()] if file.is_file() else []
        for number, (image, _, _, answer) in enumerate(lines):
            said[f"{task}/{image}#{number % 2}"] = answer
    found = measured(benchmark, lambda e: said[e.id])
    expected = json.loads((folder / "expected.json").read_text())["tasks"]
    assert len(expected) > 5
    for task, wanted in expected.items():
        assert round(found[task], 4) == wanted["score"]
        assert (round(found[f"{task}_acc"], 6), round(found[f"{task}_acc_plus"], 6)) == (
            wanted["acc"],
            wanted["acc_plus"],
        )
    there = [task for task in MME_TASKS if task in expected]
    assert found["cognition"] == pytest.approx(sum(found[t] for t in there if t in MME_COGNITION))
    assert found["total"] == pytest.approx(sum(found[t] for t in there))


def mme_release(root: Path) -> Path:
    """The released folders: some subtasks flat, others with two folders (README of the MME release)."""
    for k in range(2):
        lines = f"Are there {k + 1} dogs? Please answer yes or no.\tYes\nAre there nine? Please answer yes or no.\tNo\n"
        write(root / "count" / f"{k:04d}.txt", lines)
        (root / "count" / f"{k:04d}.png").touch()
        write(root / "scene" / "questions_answers_YN" / f"s{k}.txt", "Is it a bar?\tNo\nIs it a park?\tYes\n")
        (root / "scene" / "images").mkdir(exist_ok=True)
        (root / "scene" / "images" / f"s{k}.jpg").touch()
    return root


def test_mme_release_and_table(tmp_path):
    benchmark = build("mme", path=str(mme_release(tmp_path / "MME")))
    examples = benchmark.examples()
    assert len(examples) == 8 and examples[0].messages[-1].text == "Are there 1 dogs? Please answer yes or no."
    assert examples[-1].images[0].path == tmp_path / "MME" / "scene" / "images" / "s1.jpg"
    assert measured(benchmark, perfect)["perception"] == 400 == measured(benchmark, perfect)["total"]
    assert measured(benchmark, always("Yes"))["total"] == 100, "50 a subtask"

    rows = ["index\tquestion\tanswer\tcategory\timage_path\timage"]
    rows += [
        f"{k}\tq{k}? Please answer yes or no.\t{'Yes' if k % 2 else 'No'}\tOCR\tOCR/{k // 2}.jpg\t" for k in range(4)
    ]
    table = write(tmp_path / "MME.tsv", "\n".join(rows) + "\n")
    assert measured(build("mme", path=str(table)), perfect)["OCR"] == 200

    broken = unmade("mme", path=str(tmp_path / "MME"))
    (tmp_path / "MME" / "count" / "0001.png").unlink()
    with pytest.raises(DataError, match=r"0001.txt has no picture 0001"):
        broken.examples()
    write(tmp_path / "MME" / "count" / "0000.txt", "Are there 2 dogs?\tmaybe\n")
    with pytest.raises(DataError, match=r"0000.txt, line 1: 2 fields by tabs"):
        broken.examples()
    write(table, "\n".join(rows[:4]) + "\n")
    with pytest.raises(DataError, match="holds 1 questions about OCR/1.jpg, not two"):
        build("mme", path=str(table)).examples()
    with pytest.raises(ConfigError, match="MME has no subtask 'ocr'"):
        build("mme", tasks=["ocr"])


def test_mme_of_the_world():
    benchmark = build("mme")
    examples = benchmark.examples()
    assert len(examples) == 280 and set(Counter(e.meta["type"] for e in examples).values()) == {28}
    assert Counter(e.answers[0] for e in examples) == {"Yes": 140, "No": 140}
    assert len({(e.meta["group"], e.messages[-1].text) for e in examples}) == 280
    first = [e.answers[0] for e in examples[::2]]
    assert 0.3 < first.count("Yes") / len(first) < 0.7, "the place in a pair tells nothing"
    assert measured(benchmark, perfect) == {
        **{t: 200.0 for t in MME_TASKS if any(e.meta["type"] == t for e in examples)},
        **{f"{t}_{k}": 1.0 for t in MME_TASKS if any(e.meta["type"] == t for e in examples) for k in ("acc", "acc_plus")},
        "perception": 1400.0, "cognition": 600.0, "total": 2000.0,
    }  # fmt: skip
    assert measured(benchmark, always("Yes, it is."))["total"] == 500
    assert measured(benchmark, always("Surely yes"))["total"] == 0, "neither in the first four letters"
    plain = build("mme", style="plain", n=20)
    assert plain.name == "nano_mme_plain" and all(e.messages[-1].text.endswith("?") for e in plain.examples())
    steps = dict(benchmark.explain(examples[0], {"answer": "Know.. yes", "parsed": "no", "type": "count"}))
    assert steps["looked at"] == "'know'" and steps["read as"] == "no"


# ---- HallusionBench -----------------------------------------------------------------------------------------------------


@pytest.fixture
def hallusion(real_data):
    return str(real_data("hallucination") / "hallusionbench")


def test_hallusionbench_by_rule(hallusion):
    benchmark = build("hallusion_bench", path=hallusion, extraction="rule")
    examples = benchmark.examples()
    assert len(examples) == 1129 and examples[1].images == [] and examples[-1].images
    truth = {e.id: e.meta["facets"]["truth"] for e in examples}
    found = measured(benchmark, lambda e: f"{truth[e.id].capitalize()}, indeed.")
    assert all(found[k] == 1.0 for k in ("aAcc", "fAcc", "qAcc", "easy", "hard")) and found["yes_difference"] == 0
    yes = measured(benchmark, always("Yes."))
    share = sum(t == "yes" for t in truth.values()) / len(truth)
    assert yes["aAcc"] == pytest.approx(share) and yes["yes_difference"] == pytest.approx(1 - share)
    assert yes["false_yes"] == 1.0
    # Unclear is right where a supplement question has no picture (178 of them), and nowhere else.
    unclear = measured(benchmark, always("I cannot tell."))
    assert unclear["aAcc"] == pytest.approx(178 / 1129) and unclear["fAcc"] == 0.0 and unclear["unclear"] == 1.0


def test_hallusionbench_with_a_judge(hallusion):
    def marks(request: str) -> str:
        reference, _, rest = request.partition("Reference answer:")[2].partition("\n")
        return (
            "Correct" if reference.strip() == rest.partition("answer:")[2].partition("\n")[0].strip() else "Incorrect."
        )

    benchmark = build("hallusion_bench", path=hallusion)
    with pytest.raises(ConfigError, match="hallusion_bench is marked by a judge: name one"):
        benchmark.build_judge()
    benchmark.judge = Says(marks)
    found = measured(benchmark, perfect)
    assert found["aAcc"] == 1.0 == found["qAcc"]
    nothing = measured(benchmark, always("blue"))
    assert nothing["aAcc"] == 0.0 and nothing["unclear"] == 0.0
    benchmark.judge = Says("who knows")
    assert measured(benchmark, perfect)["aAcc"] == pytest.approx(178 / 1129)


def test_hallusionbench_reads_the_published_predictions(hallusion, tmp_path):
    """The sample of results is a file of the same form, without the short truths: those come from the question file."""
    told = json.loads((Path(hallusion) / "HallusionBench_result_sample.json").read_text())
    by_text = {(r["set_id"], r["figure_id"], r["question"]): r["model_prediction"] for r in told}
    benchmark = build("hallusion_bench", path=hallusion, extraction="rule")
    rows = json.loads((Path(hallusion) / "HallusionBench.json").read_text())
    known = {
        f"{r['category']}_{r['subcategory']}_{r['set_id']}_{r['figure_id']}_{r['question_id']}": by_text[key]
        for r in rows
        if (key := (r["set_id"], r["figure_id"], r["question"])) in by_text
    }
    assert len(known) > 100
    items = [make_item(benchmark, e, Evidence([known[e.id]], 0.0)) for e in benchmark.examples() if e.id in known]
    verdicts = Counter(item["parsed"] for item in items)
    assert verdicts["correct"] > 0 and verdicts["incorrect"] > 0
    assert scores(full_columns(benchmark, items), benchmark.measures)["aAcc"] == pytest.approx(
        sum(item["score"] for item in items) / len(items)
    )


def test_hallusionbench_of_the_world():
    benchmark = build("hallusion_bench")
    examples = benchmark.examples()
    assert Counter(e.meta["facets"]["truth"] for e in examples) == {"yes": len(examples) // 2, "no": len(examples) // 2}
    assert {e.meta["facets"]["picture"] for e in examples} == {"none", "original", "edited"}
    assert all(len(e.images) == (e.meta["facets"]["picture"] != "none") for e in examples)
    found = measured(benchmark, lambda e: e.answers[1])
    assert all(found[k] == 1.0 for k in ("aAcc", "fAcc", "qAcc", "easy", "hard"))
    yes = measured(benchmark, always("yes"))
    assert yes["aAcc"] == 0.5 and yes["fAcc"] == 0.0 == yes["qAcc"], "each figure has both answers, each question too"
    without = sum(e.meta["facets"]["picture"] == "none" for e in examples)
    unclear = measured(benchmark, always("I cannot tell."))
    assert unclear["aAcc"] == pytest.approx(without / len(examples)) and unclear["unclear"] == 1.0
    # By memory alone: right of no picture and of what agrees with it, wrong of edited pictures.
    blind = {}
    for e in examples:
        place = e.id.split("_")
        original = next(o for o in examples if o.id.split("_")[:3] == place[:3] and o.id.split("_")[4] == place[4])
        blind[e.id] = original.answers[1]
    memory = measured(benchmark, lambda e: blind[e.id])
    assert memory["easy"] == 1.0 and memory["hard"] == 0.0
    steps = dict(benchmark.explain(examples[0], {"parsed": "correct", "answer": "yes"}))
    assert steps["right"] == "true" and steps["hard"] == "false"


def test_hallusionbench_says_what_is_wrong(tmp_path):
    write(tmp_path / "HallusionBench.json", json.dumps([{"category": "VD"}]))
    with pytest.raises(DataError, match=r"HallusionBench.json, record 1: no subcategory"):
        build("hallusion_bench", path=str(tmp_path)).examples()


# ---- the shipped model --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped():
    from vistune.models.loading import load_model

    return load_model("nano-vlm")


@pytest.mark.parametrize("kind", ["pope", "mme", "hallusion_bench"])
def test_the_shipped_model_can_be_asked(kind, shipped, tmp_path, monkeypatch):
    benchmark = build(kind, n={"pope": 5, "mme": 20, "hallusion_bench": 16}[kind])
    few = benchmark.examples()[:2]
    monkeypatch.setattr(benchmark, "examples", lambda: few)
    result = evaluate(shipped, [benchmark], tmp_path)[benchmark.name]
    assert len(result.items) == 2 and all(isinstance(i["answer"], str) for i in result.items)
    assert result.main in result.values
