"""Our metrics on published answers give the published scores, to the last printed digit."""

from __future__ import annotations

import csv
import json

import pytest

from vistune.evaluation.metrics.choices import (
    LETTERS,
    by_kind,
    mmmu_open_right,
    parse_mmmu_open,
    parse_scienceqa,
    parse_two,
)
from vistune.evaluation.metrics.grounding import coco_ap
from vistune.evaluation.metrics.judged import mm_vet
from vistune.evaluation.metrics.tabmwp import extract_tabmwp, normalise_tabmwp, tabmwp_right
from vistune.evaluation.metrics.vqa import textvqa_accuracy
from vistune.evaluation.metrics.yes_no import MmeItem, mme_scores


@pytest.fixture
def checks(real_data):
    return real_data("metric-checks")


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_textvqa_of_llava(checks) -> None:
    folder = checks / "textvqa"
    truths = {
        (d["image_id"], d["question"].lower()): d["answers"] for d in load(folder / "TextVQA_0.5.1_val.json")["data"]
    }
    scores = []
    for line in (folder / "llava-v1.5-13b.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        question = record["prompt"].split("\n")[0].lower()
        scores.append(textvqa_accuracy(record["text"], truths[record["question_id"], question]))
    expected = load(folder / "expected.json")
    assert len(scores) == expected["n"]
    assert round(100 * sum(scores) / len(scores), 4) == expected["accuracy_percent_on_this_half"]


def test_mme_of_lavin(checks) -> None:
    items = []
    for file in sorted((checks / "mme" / "LaVIN").glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip():
                image, _question, truth, answer = line.split("\t")
                items.append(MmeItem(file.stem, image, truth, answer))
    found = mme_scores(items)
    for task, wanted in load(checks / "mme" / "expected.json")["tasks"].items():
        assert found[task]["questions"] == wanted["questions"]
        for key in ("acc", "acc_plus"):
            assert round(found[task][key], 6) == wanted[key]
        assert round(found[task]["score"], 4) == wanted["score"]


def test_scienceqa_of_gpt3(checks) -> None:
    run = load(checks / "scienceqa" / "gpt3_final_test_QCM-ALE_2_seed_3.json")
    truths = load(checks / "scienceqa" / "test_answers.json")
    right = sum(LETTERS[said] == truths[q] for q, said in run["results"].items())
    assert (right, len(truths)) == (run["correct"], run["count"]) == (3188, 4241)
    told = {q: text for q, text in run["outputs"].items() if text}
    assert all(parse_scienceqa(text) == LETTERS[run["results"][q]] for q, text in told.items())


def test_mmmu_of_llava(checks) -> None:
    truths, answers = (load(checks / "mmmu" / name) for name in ("answer_dict_val.json", "llava1.5_13b_val.json"))
    choice = opened = 0
    for item, about in truths.items():
        wanted = about["ground_truth"] if isinstance(about["ground_truth"], list) else [about["ground_truth"]]
        if about["question_type"] == "multiple-choice":
            choice += answers[item] in wanted
        else:
            opened += mmmu_open_right(wanted, parse_mmmu_open(answers[item]))
    expected = load(checks / "mmmu" / "expected.json")
    assert choice == expected["multiple_choice"]["correct"]
    assert (choice + opened, len(truths)) == (expected["all"]["correct"], expected["all"]["n"])


def test_mm_vet_of_llava(checks) -> None:
    items, grades = (load(checks / "mm-vet" / n) for n in ("mm-vet.json", "llava-v1.5-13b_gpt-4-grade-1runs.json"))
    found = mm_vet({k: g["score"][0] for k, g in grades.items()}, {k: v["capability"] for k, v in items.items()})
    expected = load(checks / "mm-vet" / "expected.json")
    assert len(items) == expected.pop("n")
    assert {name: round(found[name], 4) for name in expected} == expected


def test_nextqa_of_hga(checks) -> None:
    said = load(checks / "nextqa" / "HGA-bert-ft-h256-val.json")
    right, kinds = {}, {}
    with (checks / "nextqa" / "val.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            item = f"{row['video']}_{row['qid']}"
            right[item], kinds[item] = said[item]["prediction"] == int(row["answer"]), row["type"][0]
    found = {name: round(100 * value, 2) for name, value in by_kind(right, kinds).items()}
    expected = load(checks / "nextqa" / "expected.json")
    assert found == {"all": expected["Acc"], **{k: expected[f"Acc@{k}"] for k in "CDT"}}


def test_sugarcrepe_replies_of_gpt4v(checks) -> None:
    expected = load(checks / "sugar-crepe" / "expected.json")
    for name in ("swap_att", "swap_obj"):
        content = load(checks / "sugar-crepe" / "positive-first" / f"gpt4v-{name}.json")
        items = [r for r in content.values() if isinstance(r, dict) and "answer" in r]
        read = [parse_two(r["answer"]["free_form_answer"]) == 1 for r in items]
        assert read == [r["correct"] for r in items]
        assert (sum(read), len(items)) == (expected[name]["correct"], expected[name]["n"])


def test_tabmwp_of_tapex(checks, real_data) -> None:
    run = load(checks / "tabmwp" / "exp1_tapex-base.json")
    for record in run["results"].values():
        for side in ("answer", "prediction"):
            assert normalise_tabmwp(record[side]) == record[f"{side}_norm"]
    right = sum(r["prediction_norm"].lower() == r["answer_norm"].lower() for r in run["results"].values())
    assert (right, len(run["results"])) == (run["correct"], run["count"])
    assert 100 * right / len(run["results"]) == run["acc"] == 15.729898516783763
    problems = load(real_data("tabmwp") / "problems_test1k.json")
    for name in problems.keys() & run["results"].keys():
        record, about = run["results"][name], problems[name]
        asked = about["choices"], about["unit"]
        assert extract_tabmwp(record["output"], about["choices"]) == record["prediction"], name
        assert tabmwp_right(record["prediction"], about["answer"], *asked) == record["true_false"], name


def test_coco_boxes(checks) -> None:
    folder = checks / "coco-detection-bbox"
    truth, results = load(folder / "sampled_gts_bbox_area.json"), load(folder / "sampled_bbox_results.json")
    found = coco_ap(truth, results["annotations"] if isinstance(results, dict) else results)
    expected = load(folder / "expected.json")
    assert found == pytest.approx(expected, abs=1e-6)
