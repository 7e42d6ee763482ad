"""Models and decoding methods side by side, named on the command line."""

from __future__ import annotations

from pathlib import Path

from vistune.experiments.compare import compare_models
from vistune.experiments.specs import parse_spec


def test_a_part_in_one_word() -> None:
    assert parse_spec("pope:setting=popular,n=3") == {"kind": "pope", "setting": "popular", "n": 3}
    assert parse_spec("my.parts:Own") == {"kind": "my.parts:Own"}
    assert parse_spec("my.parts:Own:alpha=0.5") == {"kind": "my.parts:Own", "alpha": 0.5}
    spec = parse_spec("ritual:transforms=[rotation, identity],alpha=1")
    assert spec == {"kind": "ritual", "transforms": ["rotation", "identity"], "alpha": 1}
    spec = parse_spec("gavie:judge={kind: openai, model: m, votes: 3},n=2")
    assert spec == {"kind": "gavie", "judge": {"kind": "openai", "model": "m", "votes": 3}, "n": 2}
    assert parse_spec("changed:of={kind: pope, n: 3},by=blind")["of"] == {"kind": "pope", "n": 3}


def test_the_longest_answer_can_be_set_for_all_benchmarks(tmp_path: Path) -> None:
    found = compare_models(["nano-vlm"], ["chair:n=2"], [], tmp_path, max_new_tokens=2)
    answers = [item["answer"] for item in found.results["nano-vlm"]["chair"].items]
    assert answers and all(len(answer.split()) <= 2 for answer in answers)


def test_a_page_has_runs_side_by_side_then_each_alone_then_the_protocols(tmp_path: Path) -> None:
    specs = ["pope:n=3", "winoground:n=4"]
    found = compare_models(["nano-vlm"], specs, ["sample:temperature=5.0,seed=1"], tmp_path)
    (beside, first, second, protocols) = found.result_tables()
    assert [title for title, *_ in (first, second)] == list(found.results)
    rows = {row[0]: row for row in beside[2]}
    assert set(rows) == {"pope_random", "nano_winoground"} == {row[0] for row in protocols[2]}
    base, other = (runs["pope_random"] for runs in (found.results["nano-vlm"], list(found.results.values())[1]))
    gap = rows["pope_random"][5].strip("*")
    assert abs(float(gap.split()[0]) - 100 * (other.score - base.score)) < 0.06
    assert rows["nano_winoground"][4:] == ("-", "-")  # weighed by likelihood: no decoding changes it
    assert rows["nano_winoground"][2] == "16.7"

    (alone, _) = compare_models(["nano-vlm"], specs[:1], [], tmp_path).result_tables()
    assert alone[0] == "nano-vlm" and len(alone[2]) == 1
