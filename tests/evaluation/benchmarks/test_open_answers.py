"""VQAv2, OK-VQA, A-OKVQA, VizWiz, GQA, xGQA, TextVQA and VQA-RAD: published files, nano editions, scores worked out."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from answering import answered, perfect, share

from vistune.core.errors import DataError
from vistune.data.example import Example
from vistune.evaluation.benchmarks import BENCHMARKS, Benchmark
from vistune.evaluation.benchmarks.vqa import ten_truths
from vistune.evaluation.metrics.gqa import gqa_distribution, gqa_scores
from vistune.evaluation.metrics.medical import closed_right
from vistune.evaluation.results import Result
from vistune.evaluation.runner import evaluate

KINDS = ("vqav2", "okvqa", "aokvqa", "vizwiz", "gqa", "xgqa", "textvqa", "vqa_rad")
SHORT = "Answer the question using a single word or phrase."


def build(kind: str, **parameters) -> Benchmark:
    return BENCHMARKS.build({"kind": kind, **parameters})


def write(path: Path, content) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def built() -> dict[str, tuple[Benchmark, list[Example]]]:
    made = {kind: build(kind) for kind in KINDS}
    return {kind: (benchmark, benchmark.examples()) for kind, benchmark in made.items()}


@pytest.fixture(scope="module")
def nano(built) -> dict[str, list[Example]]:
    """Items of each nano edition."""
    return {kind: examples for kind, (_, examples) in built.items()}


@pytest.fixture(scope="module")
def won(built) -> dict[str, Callable[[Callable[[Example], str]], Result]]:
    """Of each nano edition: an answerer's result."""
    return {kind: partial(answered, benchmark, examples=examples) for kind, (benchmark, examples) in built.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_nano_editions_are_whole_unique_and_can_be_won(kind: str, nano, won) -> None:
    examples = nano[kind]
    assert 200 <= len(examples) <= 330
    asked = {(e.meta["group"], e.messages[-1].text, e.meta.get("language")) for e in examples}
    assert len(asked) == len(examples), "no question twice about one picture"
    assert all(len(e.images) == 1 for e in examples)
    right, nothing, wrong = (won[kind](answer) for answer in (perfect, lambda _: "", lambda _: "xyzzy"))
    assert (right.score, nothing.score, wrong.score) == (1.0, 0.0, 0.0)
    assert wrong.values.keys() == right.values.keys()


def test_always_yes_gets_the_share_of_yes(nano, won) -> None:
    for kind in ("vqav2", "okvqa", "gqa"):
        expected = share(nano[kind], lambda e: e.answers[0] == "yes")
        assert won[kind](lambda _: "yes").score == pytest.approx(expected)
    yes_no = [e for e in nano["vqav2"] if e.meta["answer_type"] == "yes/no"]
    assert 0.4 < share(yes_no, lambda e: e.answers[0] == "yes") < 0.6
    assert won["vqav2"](lambda _: "yes").values["yes/no"] == share(yes_no, lambda e: e.answers[0] == "yes")


def test_the_worlds_questions_stand_alone_unless_a_style_is_named() -> None:
    """The nano models' language has no instructions; which style was used is told."""
    plain, told = build("vqav2", n=2), build("vqav2", n=2, style="llava")
    assert (plain.switches["style"], told.switches["style"]) == ("plain", "llava")
    for alone, long in zip(plain.examples(), told.examples(), strict=True):
        assert long.messages[-1].text == f"{alone.messages[-1].text}\n{SHORT}" and alone.id == long.id
    hint = build("vizwiz", n=1, style="llava").examples()[0].messages[-1].text
    assert "respond with 'Unanswerable'" in hint
    assert build("xgqa", n=8, style="english").examples()[0].messages[-1].text.endswith("Answer in English.")


def test_ten_truths_by_the_worlds_words() -> None:
    assert ten_truths("a dog") == ["a dog"] * 4 + ["a puppy", "a doggy"] * 3
    assert ten_truths("a chair") == ["a chair"] * 5 + ["a seat"] * 5
    assert ten_truths("a drum") == ["a drum"] * 10 and ten_truths("the street") == ["the street"] * 10
    assert ten_truths("two") == ["two", "2"] * 5 and ten_truths("yes") == ["yes"] * 10


def test_knowledge_answers_take_turns(nano) -> None:
    by_family: dict[str, Counter] = {}
    for e in nano["okvqa"]:
        by_family.setdefault(e.meta["type"], Counter())[e.answers[0]] += 1
    assert by_family.keys() == {"sound", "young", "legs", "fly", "water"}
    for family, counts in by_family.items():
        assert len(counts) > 1 and max(counts.values()) - min(counts.values()) <= 1, (family, counts)


# VQAv2's two files: github.com/GT-Vision-Lab/VQA, "Format".
def vqa_files(folder: Path, truths: dict[int, list[str]], kinds: dict[int, str] | None = None) -> Path:
    asked = [{"image_id": 7 + q // 2, "question": f"question {q}?", "question_id": q} for q in truths]
    told = [
        {
            "question_id": q, "image_id": 7 + q // 2, "question_type": "what is", "multiple_choice_answer": answers[0],
            "answers": [{"answer": a, "answer_confidence": "yes", "answer_id": k + 1} for k, a in enumerate(answers)],
            "answer_type": (kinds or {}).get(q, "other"),
        }
        for q, answers in truths.items()
    ]  # fmt: skip
    write(folder / "v2_OpenEnded_mscoco_val2014_questions.json", {"questions": asked, "data_subtype": "val2014"})
    write(folder / "v2_mscoco_val2014_annotations.json", {"annotations": told, "data_subtype": "val2014"})
    return folder


def test_vqav2_by_hand(tmp_path) -> None:
    truths = {0: ["yes"] * 10, 1: ["2"] * 3 + ["3"] * 7, 2: ["a cat"] * 9 + ["dog"], 3: ["x"] + ["y"] * 9}
    folder = vqa_files(tmp_path, truths, {0: "yes/no", 1: "number"})
    benchmark = build("vqav2", path=str(folder))
    assert benchmark.name == "vqav2"
    first = benchmark.examples()[0]
    assert first.images[0].path == folder / "val2014" / "COCO_val2014_000000000007.jpg"
    assert first.messages[-1].text == f"question 0?\n{SHORT}"
    said = dict(zip("0123", ("Yes", "two", "The cat.", "x"), strict=True))
    found = answered(benchmark, lambda e: said[e.id])
    # Yes: all agree, nothing is normalised. two: three of ten. The cat.: normalised, nine. x: one.
    assert found.values == pytest.approx(
        {"accuracy": (0 + 0.9 + 1 + 0.3) / 4, "yes/no": 0, "number": 0.9, "other": 0.65}
    )
    strict = answered(build("vqav2", path=str(folder), mode="strict"), lambda e: said[e.id])
    assert strict.values["yes/no"] == 1
    sentence = answered(build("vqav2", path=str(folder), extraction="word-match"), lambda _: "yes, it is not a cat")
    assert sentence.values["accuracy"] == 0.5 and answered(benchmark, lambda _: "yes, it is not a cat").score == 0
    assert build("vqav2", path=str(folder), style="plain").examples()[0].messages[-1].text == "question 0?"
    assert build("vqav2", path=str(folder), suffix="Be short.").examples()[0].messages[-1].text.endswith("\nBe short.")


def test_vqav2_says_what_is_wrong_with_files(tmp_path) -> None:
    with pytest.raises(DataError, match="questions was expected"):
        build("vqav2", path=str(tmp_path)).examples()
    folder = vqa_files(tmp_path, {0: ["a"] * 10})
    write(folder / "v2_mscoco_val2014_annotations.json", {"annotations": [{"question_id": 5, "answers": []}]})
    with pytest.raises(DataError, match="question 0 has no annotation"):
        build("vqav2", path=str(folder)).examples()
    write(folder / "v2_mscoco_val2014_annotations.json", {"annotations": [{"question_id": 0}]})
    with pytest.raises(DataError, match="annotation 0.*'answers' is missing"):
        build("vqav2", path=str(folder)).examples()
    write(folder / "v2_other_questions.json", {"questions": []})
    with pytest.raises(DataError, match="several files"):
        build("vqav2", path=str(folder)).examples()


def test_okvqa_names_its_categories(tmp_path) -> None:
    vqa_files(tmp_path, {0: ["raining"] * 4 + ["wet"] * 6})
    told = json.loads((tmp_path / "v2_mscoco_val2014_annotations.json").read_text())
    told["annotations"][0]["question_type"] = "ten"
    write(tmp_path / "v2_mscoco_val2014_annotations.json", {**told, "question_types": {"ten": "Weather and Climate"}})
    benchmark = build("okvqa", path=str(tmp_path))
    assert benchmark.examples()[0].meta["type"] == "Weather and Climate"
    assert answered(benchmark, lambda _: "Raining").score == 1 and answered(benchmark, lambda _: "it rains").score == 0


def test_kits_with_one_answer(real_data) -> None:
    folder = real_data("vqa-annotations")
    for kind, name in (("okvqa", "okvqa_val"), ("vizwiz", "vizwiz_val"), ("gqa", "gqa_testdev_balanced")):
        benchmark = build(kind, path=str(folder / f"{name}.json"))
        examples = benchmark.examples()
        records = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        assert len(examples) == 500 and [e.answers[0] for e in examples] == [r["gt_answers"] for r in records]
        assert answered(benchmark, perfect, examples).score == 1.0
        # A truth such as "A" has no normal form: the empty answer equals it.
        nothing = sum(benchmark.score(e, e.answers[0]).parsed is None for e in examples) / 500
        assert answered(benchmark, lambda _: "", examples).score == pytest.approx(nothing)
        said, times = Counter(r["gt_answers"] for r in records).most_common(1)[0]
        commonest = answered(benchmark, lambda _, said=said: f"{said.capitalize()}.", examples)
        assert commonest.score == pytest.approx(times / 500), (kind, said)


# A-OKVQA's records: github.com/allenai/aokvqa, "Dataset".
AOKVQA = [
    {
        "split": "val", "image_id": 299207, "question_id": "a", "question": "What is in his hand?",
        "choices": ["bone", "frisbee", "ball", "stick"], "correct_choice_idx": 1,
        "direct_answers": ["frisbee"] * 2 + ["Frisbee"] + ["disk"] * 7, "difficult_direct_answer": False,
    },
    {
        "split": "val", "image_id": 5, "question_id": "b", "question": "Why?", "choices": ["w", "x", "y", "z"],
        "correct_choice_idx": 3, "direct_answers": ["it"] * 10, "difficult_direct_answer": True,
    },
]  # fmt: skip


def test_aokvqa_both_ways(tmp_path) -> None:
    file = str(write(tmp_path / "aokvqa_v1p0_val.json", AOKVQA))
    direct = build("aokvqa", path=file)
    examples = direct.examples()
    assert [e.id for e in examples] == ["a"], "what is too hard for direct answers is left out"
    assert str(examples[0].images[0].path).endswith("000000299207.jpg")
    assert direct.score(examples[0], "frisbee").score == pytest.approx(2 / 3)
    assert direct.score(examples[0], "a frisbee").score == 0
    assert build("aokvqa", path=file, mode="strict").score(examples[0], "a frisbee").score == 1
    choice = build("aokvqa", path=file, by="choice")
    assert choice.name == "aokvqa_choice" and choice.chance == 0.25
    text = choice.examples()[0].messages[-1].text
    assert text.startswith(
        "What is in his hand?\nA. bone\nB. frisbee\nC. ball\nD. stick\nAnswer with the option's letter"
    )
    assert answered(choice, perfect).score == 1 and answered(choice, lambda _: "A").score == 0
    assert answered(choice, lambda _: "B. frisbee").score == 0.5 and answered(choice, lambda _: "hm").score == 0
    nano = build("aokvqa", by="choice", n=100)
    expected = share(nano.examples(), lambda e: e.answers[0] == "A")
    assert answered(nano, lambda _: "A").score == pytest.approx(expected) and 0.15 < expected < 0.6


# VizWiz's records: vizwiz.org, VQA annotations.
def test_vizwiz_by_hand(tmp_path) -> None:
    def record(name: str, answers: list[str], kind: str) -> dict:
        told = [{"answer_confidence": "yes", "answer": a} for a in answers]
        return {"image": name, "question": "what is this?", "answers": told, "answer_type": kind, "answerable": 1}

    records = [
        record("a.jpg", ["unanswerable"] * 10, "unanswerable"),
        record("b.jpg", ["soup"] * 2 + ["Soup"] * 8, "other"),
    ]
    file = str(write(tmp_path / "val.json", records))
    benchmark = build("vizwiz", path=file)
    examples = benchmark.examples()
    text = "What is this?\nWhen the provided information is insufficient, respond with 'Unanswerable'.\n" + SHORT
    assert examples[0].messages[-1].text == text
    assert benchmark.score(examples[0], "Unanswerable").score == 1, "the answer is always normalised"
    assert benchmark.score(examples[1], "Soup.").score == pytest.approx(0.6), "the truths are not"
    assert build("vizwiz", path=file, mode="strict").score(examples[1], "Soup.").score == 1
    always = answered(benchmark, lambda _: "Unanswerable").values
    assert (always["accuracy"], always["unanswerable_f1"], always["gave_up"]) == (0.5, pytest.approx(2 / 3), 1)
    with pytest.raises(DataError, match=r"record 0.*'answers' is missing"):
        build("vizwiz", path=str(write(tmp_path / "x.json", [{"image": "a", "question": "b"}]))).examples()


def test_vizwiz_asks_about_what_is_not_there(nano, won) -> None:
    examples = nano["vizwiz"]
    gone = share(examples, lambda e: e.answers[0] == "unanswerable")
    assert 0.3 < gone < 0.5
    found = won["vizwiz"](lambda _: "Unanswerable").values
    assert found["accuracy"] == pytest.approx(gone) and found["unanswerable"] == 1 and found["other"] == 0


def test_gqa_figures_are_those_of_the_plain_functions(real_data) -> None:
    """On real records: the benchmark's sums over pictures equal the functions over all questions."""
    file = real_data("iglue") / "xGQA" / "few_shot" / "en" / "train_5.json"
    records = json.loads(file.read_text(encoding="utf-8"))
    rng = random.Random(0)
    answers = sorted({r["answer"] for r in records.values()})
    said = {q: r["answer"] if rng.random() < 0.6 else rng.choice(answers) for q, r in records.items()}
    benchmark = build("gqa", path=str(file))
    found = answered(benchmark, lambda e: said[e.id].capitalize() + ".").values
    truths, kinds = ({q: r[k] for q, r in records.items()} for k in ("answer", "types"))
    entailed = {q: [e for e in r["entailed"] if e in records] for q, r in records.items()}
    plain = gqa_scores(said, truths, entailed=entailed, kinds={q: t["structural"] for q, t in kinds.items()})
    assert {k: found[k] for k in plain} == pytest.approx(plain)
    groups = {q: r["groups"]["global"] for q, r in records.items() if r["groups"]["global"] is not None}
    assert found["distribution"] == pytest.approx(gqa_distribution(said, truths, groups)) and found["distribution"] > 0
    assert "validity" not in found, "the choices file is not there"
    exact = answered(build("gqa", path=str(file), extraction="exact"), lambda e: said[e.id].capitalize() + ".")
    assert exact.score == 0


def test_gqa_choices_and_unbalanced_questions(tmp_path) -> None:
    def question(answer: str, balanced: bool, entailed: list[str]) -> dict:
        return {
            "question": "q?", "imageId": "9", "answer": answer, "isBalanced": balanced, "entailed": entailed,
            "types": {"structural": "query", "semantic": "attr"}, "groups": {"global": "colour"},
        }  # fmt: skip

    records = {"1": question("red", True, ["2"]), "2": question("blue", False, [])}
    file = str(write(tmp_path / "val_all_questions.json", records))
    sets = {q: {"valid": ["red", "blue", "green"], "plausible": ["red"]} for q in records}
    choices = str(write(tmp_path / "val_choices.json", sets))
    assert len(build("gqa", path=file).examples()) == 1
    benchmark = build("gqa", path=file, choices=choices, unbalanced=True)
    found = answered(benchmark, lambda _: "Red.").values
    # The unbalanced question is asked, and counts for consistency alone.
    assert (found["accuracy"], found["open"], found["validity"], found["plausibility"]) == (1, 1, 1, 1)
    assert found["consistency"] == 0
    assert answered(benchmark, lambda e: e.answers[0]).values["consistency"] == 1
    assert answered(benchmark, lambda _: "green").values["plausibility"] == 0
    write(tmp_path / "val_choices.json", {})
    with pytest.raises(DataError, match="question 1 has no answer sets"):
        benchmark.examples()


def test_nano_gqa_facts_follow_from_one_another(nano, won) -> None:
    examples = {e.id: e for e in nano["gqa"]}
    for e in examples.values():
        assert e.answers[0] in e.meta["valid"] and e.answers[0] in e.meta["plausible"]
        for other in e.meta["entailed"]:
            if other in examples:
                assert examples[other].meta["group"] == e.meta["group"]
    verified = [e for e in examples.values() if e.meta["structural"] == "verify"]
    assert 0.45 < share(verified, lambda e: e.answers[0] == "yes") < 0.7
    chosen = [e for e in examples.values() if e.meta["structural"] == "choose"]
    first = share(chosen, lambda e: e.meta["question"].index(e.answers[0]) < len(e.meta["question"]) / 2)
    assert chosen and 0.2 < first < 0.9
    # One who knows each fact but says yes to every yes-no question is consistent only as far as yes goes.
    liar = won["gqa"](lambda e: "yes" if e.meta["structural"] == "verify" else e.answers[0]).values
    assert liar["open"] == 1 and 0 < liar["consistency"] < 1 and liar["validity"] == 1


def test_xgqa_reads_each_language(real_data) -> None:
    folder = real_data("iglue") / "xGQA"
    benchmark = build("xgqa", path=str(folder))
    examples = benchmark.examples()
    counts = Counter(e.meta["language"] for e in examples)
    assert counts == dict.fromkeys(("en", "de", "pt", "ru", "id", "bn", "ko", "zh"), 155)
    assert answered(benchmark, perfect).values == pytest.approx(dict.fromkeys((*counts, "accuracy", "all"), 1.0))
    english = answered(benchmark, lambda e: e.answers[0] if e.meta["language"] == "en" else "").values
    assert (english["accuracy"], english["en"], english["all"]) == (0, 1, 1 / 8)
    assert examples[0].messages[-1].text.endswith(f"{SHORT}\nAnswer in English.")
    with pytest.raises(DataError, match="no questions in 'fr'"):
        build("xgqa", path=str(folder), languages=["fr"]).examples()


def test_nano_xgqa_asks_the_same_in_eight_languages(nano) -> None:
    examples = nano["xgqa"]
    counts = Counter(e.meta["language"] for e in examples)
    assert len(counts) == 8 and len(set(counts.values())) == 1
    by_question: dict[str, set[str]] = {}
    for e in examples:
        by_question.setdefault(e.id.rsplit("-", 1)[0], set()).add(e.answers[0])
    assert all(len(answers) == 1 for answers in by_question.values()), "truths are English"
    own = build("xgqa", style="own", languages=["de"], n=60)
    assert {"ja", "nein"} & {e.answers[0] for e in own.examples()} and answered(own, perfect).score == 1
    assert own.examples()[0].messages[-1].text.endswith("Answer in German.")


def test_textvqa_prompts_and_score_of_llava(real_data) -> None:
    """The prompts are those that LLaVA-1.5 was asked, and its answers get the score that the official script gives them."""
    folder = real_data("metric-checks") / "textvqa"
    lines = [json.loads(line) for line in (folder / "llava-v1.5-13b.jsonl").read_text(encoding="utf-8").splitlines()]
    asked = {}
    for line in lines:
        question, *middle, last = line["prompt"].split("\n")
        assert len(middle) == 1 and middle[0].startswith("Reference OCR token:")
        asked[line["question_id"], question.lower()] = (f"{question}\n{last}", line["text"])
    benchmark = build("textvqa", path=str(folder / "TextVQA_0.5.1_val.json"))
    examples = benchmark.examples()
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    assert len(examples) == expected["n"] == len(lines)
    same = share(examples, lambda e: e.messages[-1].text == asked[e.meta["group"], e.meta["question"].lower()][0])
    assert same == 1.0
    found = answered(benchmark, lambda e: asked[e.meta["group"], e.meta["question"].lower()][1])
    assert round(100 * found.score, 4) == expected["accuracy_percent_on_this_half"]


# Rosetta's file: textvqa.org, OCR tokens v0.2.
def test_textvqa_with_recognised_words(tmp_path) -> None:
    question = {"question": "what does it say?", "question_id": 3, "image_id": "ab", "answers": ["stop"] * 10}
    file = str(write(tmp_path / "TextVQA_0.5.1_val.json", {"data": [question]}))
    box = {"top_left_x": 0.1, "top_left_y": 0.2, "width": 0.3, "height": 0.4}
    picture = {"image_id": "ab", "ocr_tokens": ["STOP", "4"], "ocr_info": [{"word": "STOP", "bounding_box": box}] * 2}
    ocr = str(write(tmp_path / "ocr.json", {"data": [picture]}))
    benchmark = build("textvqa", path=file, ocr=ocr, prompt="ocr")
    example = benchmark.examples()[0]
    assert example.messages[-1].text == f"What does it say?\nReference OCR token: STOP, 4\n{SHORT}"
    assert example.meta["words"][0] == ["STOP", pytest.approx([0.1, 0.2, 0.4, 0.6]), 0]
    assert benchmark.name == "textvqa_ocr"
    with pytest.raises(DataError, match="needs ocr=FILE"):
        build("textvqa", path=file, prompt="ocr").examples()
    nano = build("textvqa", prompt="ocr", n=12).examples()
    assert all("\nReference OCR token: " in e.messages[-1].text for e in nano)
    read = [e for e in nano if e.meta["type"] == "text"]
    assert all(e.answers[0] in [word[0] for word in e.meta["words"]] for e in read)


def test_vqa_rad_of_clinicians(real_data) -> None:
    folder = real_data("vqa-rad")
    benchmark = build("vqa_rad", path=str(folder))
    examples = benchmark.examples()
    closed = [e for e in examples if e.meta["closed"]]
    assert (len(examples), len(closed)) == (135, 85)
    assert examples[0].images[0].open().size[0] > 100
    # The official rule loses closed questions whose truth is neither yes nor no.
    kept = share(closed, lambda e: closed_right(e.answers[0], e.answers[0]))
    found = answered(benchmark, perfect).values
    assert found == pytest.approx({"closed": kept, "open_recall": 1, "open_precision": 1, "open_f1": 1}) and kept < 1
    strict = answered(build("vqa_rad", path=str(folder), mode="strict"), perfect).values
    assert (
        strict["closed"] == 1 and answered(build("vqa_rad", path=str(folder), extraction="exact"), perfect).score == 1
    )
    always = answered(benchmark, lambda _: "Yes.").values
    assert always["closed"] == pytest.approx(share(closed, lambda e: e.answers[0].lower() == "yes"))


def test_explanations_say_how_an_answer_became_its_score(nano) -> None:
    steps = dict(build("vqav2").explain(nano["vqav2"][0], {"answer": "Yes.", "parsed": "yes"}))
    assert steps["normal form"] == '"yes"' and "rule" in steps
    example = next(e for e in nano["vqav2"] if e.answers[0] == "a dog" or len(set(e.answers)) > 1)
    said = {"answer": example.answers[0], "parsed": None}
    assert "of 10" in dict(build("vqav2").explain(example, said))["annotators who said so"]
    told = dict(build("gqa").explain(nano["gqa"][0], {"answer": "Red.", "parsed": "red"}))
    assert told["as it is compared"] == '"red"' and told["truth"] == f'"{nano["gqa"][0].answers[0]}"'


@pytest.mark.parametrize("kind", ["vqav2", "gqa"])
def test_the_shipped_model_can_be_asked(kind: str, tmp_path) -> None:
    from vistune.models.loading import load_model

    result = evaluate(load_model("nano-vlm"), [build(kind, n=8)], tmp_path)[f"nano_{kind}"]
    assert len(result.items) == 8 and 0 <= result.score <= 1
