"""The runner: nothing is asked twice, batches do not matter, bad pictures are set aside."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from vistune.core.errors import ConfigError, DataError, ModelError
from vistune.data.example import Example, ImageSource, user
from vistune.decoding import Settings
from vistune.evaluation.benchmarks import BENCHMARKS, Benchmark, Scored
from vistune.evaluation.benchmarks.base import unique_ids
from vistune.evaluation.metrics.answers import exact_match, parse_yes_no
from vistune.evaluation.metrics.intervals import scores
from vistune.evaluation.runner import compare, compare_all, evaluate


class Echo:
    """Answers the first word of each question, and remembers what it was asked. ``fail_at`` stops it, as a kill would."""

    eos_token_ids = (0,)
    pad_token_id = 0

    def __init__(self, fail_at: int | None = None) -> None:
        self.asked: list[str] = []
        self.fail_at = fail_at
        self.words = ["</s>"]
        self.tokenizer = SimpleNamespace(decode=lambda ids, **_: " ".join(self.words[i] for i in ids if i))

    def prepare(self, examples):
        self.asked += [e.id for e in examples]
        if self.fail_at is not None and len(self.asked) > self.fail_at:
            raise KeyboardInterrupt
        first = []
        for example in examples:
            for source in example.images:
                source.open()
            word = example.messages[-1].text.split()[0]
            if word not in self.words:
                self.words.append(word)
            first.append(self.words.index(word))
        return first

    def logits(self, tokens):
        out = torch.full((len(tokens), 64), -10.0)
        out[torch.arange(len(tokens)), torch.tensor(tokens)] = 10.0
        return out

    def prefill(self, inputs):
        return self.logits(inputs), SimpleNamespace(reorder=lambda rows: None)

    def step(self, state, tokens):
        return self.logits([0] * len(tokens)), state


class Words(Benchmark):
    """Items whose right answer is the first word, but for every third."""

    kind = "words"

    def __init__(self, n: int = 20, broken: Path | None = None) -> None:
        self.n, self.broken = n, broken

    def examples(self):
        made = []
        for i in range(self.n):
            images = [ImageSource(path=self.broken)] if self.broken and i == 4 else []
            answer = "other" if i % 3 == 0 else f"w{i}"
            meta = {"type": "odd" if i % 2 else "even", "group": str(i // 2)}
            made.append(Example(f"q{i}", [user(f"w{i} {'x ' * (i % 7)}")], images, answers=[answer], meta=meta))
        return made

    def score(self, example, answer):
        right = float(exact_match(answer, example.answers))
        return Scored(answer, right, {"items": 1.0, "correct": right})


def test_scores_types_and_records(tmp_path):
    result = evaluate(Echo(), [Words(20)], tmp_path)["words"]
    assert result.score == pytest.approx(13 / 20)
    assert result.by_type["even"] == {"items": 10.0, "score": pytest.approx(0.6)}
    low, high = result.intervals["accuracy"]
    assert low < result.score < high
    lines = [json.loads(line) for line in (tmp_path / "words.jsonl").read_text().splitlines()]
    assert len(lines) == 20
    assert {"id", "question", "references", "answer", "parsed", "score", "seconds"} <= set(lines[0])
    assert [item["id"] for item in result.items] == [f"q{i}" for i in range(20)]


def test_a_killed_run_asks_nothing_twice(tmp_path):
    first = Echo(fail_at=8)
    with pytest.raises(KeyboardInterrupt):
        evaluate(first, [Words(20)], tmp_path, batch_size=4)
    with (tmp_path / "words.jsonl").open("a") as file:
        file.write('{"id": "q1')  # torn by the kill
    second = Echo()
    result = evaluate(second, [Words(20)], tmp_path, batch_size=4)["words"]
    answered_before = set(first.asked[:8])
    assert not answered_before & set(second.asked)
    assert len(second.asked) == 12
    assert result.values == evaluate(Echo(), [Words(20)], tmp_path / "fresh")["words"].values


def test_fresh_asks_again(tmp_path):
    evaluate(Echo(), [Words(6)], tmp_path)
    again = Echo()
    evaluate(again, [Words(6)], tmp_path, resume=False)
    assert len(again.asked) == 6


def test_batch_size_does_not_matter(tmp_path):
    results = [evaluate(Echo(), [Words(20)], tmp_path / str(b), batch_size=b)["words"] for b in (1, 3, 20)]
    assert [[i["answer"] for i in r.items] for r in results[1:]] == [[i["answer"] for i in results[0].items]] * 2


def test_a_broken_picture_is_set_aside(tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"")
    result = evaluate(Echo(), [Words(10, broken)], tmp_path / "out")["words"]
    assert len(result.items) == 9
    told = json.loads((tmp_path / "out" / "rejected.jsonl").read_text())
    assert told["id"] == "q4"
    assert "broken.png" in told["reason"]


def test_kill_minus_nine(tmp_path):
    """A process that is killed by the system between two batches: the next run asks the rest, and only the rest."""
    script = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_runner import Echo, Words
from vistune.evaluation.runner import evaluate
class Killed(Echo):
    def prepare(self, examples):
        if len(self.asked) >= 9:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().prepare(examples)
Killed.__qualname__ = "Echo"
evaluate(Killed(), [Words(20)], {str(tmp_path)!r}, batch_size=3)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    before = [json.loads(line)["id"] for line in (tmp_path / "words.jsonl").read_text().splitlines()]
    assert len(before) == 9
    model = Echo()
    result = evaluate(model, [Words(20)], tmp_path, batch_size=3)["words"]
    assert sorted(model.asked + before) == sorted(f"q{i}" for i in range(20))
    assert result.values == evaluate(Echo(), [Words(20)], tmp_path / "fresh")["words"].values


def network(seed):
    torch.manual_seed(seed)
    return torch.nn.Linear(4, 4)


def test_answers_of_another_model_are_not_taken_up(tmp_path):
    first, same, other = Echo(), Echo(), Echo()
    first.module, same.module, other.module = network(0), network(0), network(1)
    for model in (first, same, other):
        evaluate(model, [Words(6)], tmp_path)
    assert (len(first.asked), len(same.asked), len(other.asked)) == (6, 0, 6)
    assert len((tmp_path / "words.replaced.jsonl").read_text().splitlines()) == 6


def test_answers_under_other_settings_are_not_taken_up(tmp_path):
    models = [Echo() for _ in range(3)]
    for model, settings in zip(models, (None, Settings(length_penalty=1.5), Settings(length_penalty=1.5))):
        evaluate(model, [Words(6)], tmp_path, settings=settings)
    assert [len(model.asked) for model in models] == [6, 6, 0]


def test_an_item_that_changed_is_asked_again(tmp_path):
    evaluate(Echo(), [Words(6)], tmp_path)
    model = Echo()

    class Other(Words):
        kind = "words"

        def examples(self):
            first, *rest = super().examples()
            return [replace(first, messages=[user("new question")]), *rest]

    result = evaluate(model, [Other(6)], tmp_path)["words"]
    assert model.asked == ["q0"]
    assert result.items[0]["answer"] == "new"


def test_more_items_later_ask_the_new_ones_only(tmp_path):
    evaluate(Echo(), [Words(6)], tmp_path)
    model = Echo()
    assert len(evaluate(model, [Words(8)], tmp_path)["words"].items) == 8
    assert sorted(model.asked) == ["q6", "q7"]


def test_recorded_answers_are_scored_anew(tmp_path):
    """What is on record is the answer; its score follows the benchmark of today."""
    evaluate(Echo(), [Words(6)], tmp_path)

    class Lenient(Words):
        kind = "words"

        def score(self, example, answer):
            return Scored(answer, 1.0, {"items": 1.0, "correct": 1.0})

    model = Echo()
    assert evaluate(model, [Lenient(6)], tmp_path)["words"].score == 1.0
    assert not model.asked


def test_a_batch_that_is_too_large_is_halved(tmp_path):
    class Small(Echo):
        def prepare(self, examples):
            if len(examples) > 3:
                raise torch.OutOfMemoryError
            return super().prepare(examples)

    model = Small()
    result = evaluate(model, [Words(20)], tmp_path, batch_size=16)["words"]
    assert len(result.items) == len(model.asked) == 20

    class Never(Echo):
        def prepare(self, examples):
            raise torch.OutOfMemoryError

    with pytest.raises(ModelError, match="does not fit"):
        evaluate(Never(), [Words(20)], tmp_path / "none")


def test_too_many_broken_pictures_are_an_error(tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"")
    with pytest.raises(DataError, match=r"1 of 10 items could not be asked.*broken\.png"):
        evaluate(Echo(), [Words(10, broken)], tmp_path / "out", max_rejected=0.05)


def test_rejected_items_are_listed_once_and_mended_ones_not_at_all(tmp_path):
    from PIL import Image

    picture = tmp_path / "picture.png"
    picture.write_bytes(b"")
    for _ in range(2):
        result = evaluate(Echo(), [Words(10, picture)], tmp_path / "out")["words"]
    assert result.beside["rejected"] == 1
    assert len((tmp_path / "out" / "rejected.jsonl").read_text().splitlines()) == 1
    Image.new("RGB", (4, 4)).save(picture)
    result = evaluate(Echo(), [Words(10, picture)], tmp_path / "out")["words"]
    assert (len(result.items), result.beside["rejected"]) == (10, 0)
    assert (tmp_path / "out" / "rejected.jsonl").read_text() == ""


def test_two_benchmarks_of_one_name_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="Two benchmarks have the name 'words'"):
        evaluate(Echo(), [Words(4), Words(6)], tmp_path)


def test_what_stands_beside_a_score(tmp_path):
    class Asked(Words):
        kind = "words"

        def examples(self):
            told = [("yes", "yes"), ("yes", "no"), ("no", "no"), ("hm", "yes")]
            return [Example(str(i), [user(q)], answers=[a]) for i, (q, a) in enumerate(told)]

        def score(self, example, answer):
            said = parse_yes_no(answer)
            return Scored(said, float(said == example.answers[0]), {"items": 1.0, "correct": 0.0})

    beside = evaluate(Echo(), [Asked()], tmp_path)["words"].beside
    assert beside["yes_rate"] == 0.5
    assert beside["unparsed"] == 0.25
    assert beside["words"] == 1.0
    assert beside["items"] == 4
    assert beside["seconds"] > 0


def test_a_summary_holds_no_items_and_names_version_and_mode(tmp_path):
    evaluate(Echo(), [Words(6)], tmp_path)
    told = json.loads((tmp_path / "words.summary.json").read_text())
    assert "items" not in told
    assert (told["version"], told["mode"]) == (1, "")


def test_compare_all_takes_the_first_as_baseline(tmp_path):
    good = evaluate(Echo(), [Words(20)], tmp_path / "a")["words"]
    bad = replace(good, items=[{**i, "columns": {"items": 1.0, "correct": 0.0}} for i in good.items])
    gaps = compare_all(Words(20), {"good": good, "bad": bad, "same": good})
    assert list(gaps) == ["bad", "same"]
    assert gaps["bad"][0] == pytest.approx(-13 / 20)
    assert gaps["same"] == (0.0, 0.0, 0.0)
    with pytest.raises(DataError, match="no item in common"):
        compare(Words(20), good, replace(good, items=[]))


def test_ids_that_come_twice_are_told_apart():
    items = unique_ids([Example("a", [user("1")]), Example("b", [user("2")]), Example("a", [user("3")])])
    assert [item.id for item in items] == ["a", "b", "a#2"]


def test_a_question_file(tmp_path):
    from PIL import Image

    Image.new("RGB", (8, 8)).save(tmp_path / "p.png")
    rows = [
        {"id": "x", "image": "p.png", "conversations": [
            {"from": "human", "value": f"<image>\nred {n}?"}, {"from": "gpt", "value": "red"}]}
        for n in range(2)
    ]  # fmt: skip
    (tmp_path / "set.json").write_text(json.dumps(rows))
    benchmark = BENCHMARKS.build({"kind": "vqa_file", "path": str(tmp_path / "set.json"), "suffix": "One word."})
    examples = benchmark.examples()
    assert [e.id for e in examples] == ["x", "x#2"]
    assert examples[0].messages[-1].text.endswith("red 0?\nOne word.")
    assert len({e.meta["group"] for e in examples}) == 1  # both are about one picture
    result = evaluate(Echo(), [benchmark], tmp_path / "out")[benchmark.name]
    assert result.score == 1.0


def test_published_pope_questions(real_data, tmp_path):
    from PIL import Image

    path = real_data("hallucination") / "pope" / "coco_pope_random.json"
    benchmark = BENCHMARKS.build({"kind": "pope_file", "path": str(path), "images": str(tmp_path)})
    examples = benchmark.examples()
    assert len(examples) == 3000
    columns = [benchmark.score(e, "Yes, there is.").columns for e in examples]
    found = scores(columns, benchmark.measures)
    assert (found["accuracy"], found["yes_rate"]) == (0.5, 1.0)
    assert found["f1"] == pytest.approx(2 / 3)
    right = scores([benchmark.score(e, e.answers[0]).columns for e in examples], benchmark.measures)
    assert right["f1"] == 1.0
    for example in examples[:6]:
        Image.new("RGB", (8, 8)).save(example.images[0].path)
    few = BENCHMARKS.build({"kind": "pope_file", "path": str(path), "images": str(tmp_path), "limit": 6})
    assert evaluate(Echo(), [few], tmp_path / "out")["coco_pope_random"].values["yes_rate"] == 1.0


def test_a_pope_file_of_another_form_is_told(tmp_path):
    (tmp_path / "q.json").write_text('{"question": "is there a dog?"}\n')
    benchmark = BENCHMARKS.build({"kind": "pope_file", "path": str(tmp_path / "q.json"), "images": "."})
    with pytest.raises(DataError, match="line 1: a POPE question needs"):
        benchmark.examples()


def test_compare_pairs_items(tmp_path):
    left = evaluate(Echo(), [Words(20)], tmp_path / "a")["words"]
    worse = [{**i, "score": 0.0, "columns": {"items": 1.0, "correct": 0.0}} for i in left.items]
    gap, low, _ = compare(Words(20), left, replace(left, items=worse))
    assert gap == pytest.approx(13 / 20)
    assert low > 0.3


def test_unknown_benchmark_is_told():
    with pytest.raises(ConfigError, match="Did you mean 'pope'"):
        BENCHMARKS.build("popee")


@pytest.mark.parametrize("setting", ["random", "popular", "adversarial"])
def test_world_pope_is_balanced(setting):
    examples = BENCHMARKS.build({"kind": "pope", "setting": setting, "n": 10}).examples()
    assert len(examples) == 60
    assert sum(e.answers == ["yes"] for e in examples) == 30
    assert all(e.messages[-1].text.startswith("Is there a") for e in examples)


@pytest.mark.parametrize("spec", ["world_qa", "text_only", "chair"])
def test_world_benchmarks_are_fixed_and_their_truth_scores_full(spec):
    first = BENCHMARKS.build({"kind": spec, "n": 12})
    again = BENCHMARKS.build({"kind": spec, "n": 12}).examples()
    examples = first.examples()
    assert [(e.id, e.messages[-1].text, e.answers) for e in examples] == [
        (e.id, e.messages[-1].text, e.answers) for e in again
    ]
    assert len(examples) == 12
    for example in examples:
        truth = " and ".join(example.answers) if spec == "chair" else example.answers[0]
        assert first.score(example, truth).score == 1.0
        assert first.score(example, "a zzz dinosaur").score == (1.0 if spec == "chair" else 0.0)
