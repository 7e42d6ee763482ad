"""Configuration: every fault is told, with its line and the nearest right name."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from vistune.core.config import Config, check_part, part_of
from vistune.core.errors import ConfigError
from vistune.core.registry import Registry
from vistune.core.yaml_tree import dump_tree, parse_tree, parse_value

COLOURS: Registry[Any] = Registry("colour")


@COLOURS.register("red")
class Red:
    def __init__(self, depth: int = 1, *, share: float = 0.5, tone: Literal["dark", "light"] = "dark") -> None: ...


class Packing(Config):
    length: int


class Stage(Config):
    name: str
    lr: float | dict[str, float] = 1e-3
    packing: Packing | Literal[False] = False
    mode: Literal["auto", "fp32"] = "auto"
    steps: int = 1
    colour: Annotated[dict[str, Any], *part_of(f"{__name__}:COLOURS")] = {"kind": "red"}


class Plan(Config):
    name: str
    origin: str | None = Field(None, alias="from")
    data: dict[str, Any] = {}
    stages: list[Stage] = []


GOOD = """\
name: demo
from: here
data: {root: /pictures, train: "${data.root}/train.json"}
stages:
  - name: align
    lr: 1e-3
  - name: tune
    packing: {length: 64}
"""


def fault(text: str, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        Plan.parse(text, list(overrides), "plan.yaml")
    return str(caught.value)


def test_values_types_and_references() -> None:
    plan = Plan.parse(GOOD)
    assert plan.origin == "here"
    assert plan.data["train"] == "/pictures/train.json"
    assert plan.stages[0].lr == 1e-3
    assert isinstance(plan.stages[1].packing, Packing)


def test_dump_loads_as_the_same() -> None:
    plan = Plan.parse(GOOD, ["data.word='1e-3'", "data.answers=[yes, no]", "stages.0.lr={'*': 3.0e-05}"])
    assert Plan.parse(plan.dump()) == plan
    assert plan.data["word"] == "1e-3"
    assert plan.data["answers"] == ["yes", "no"]
    assert "from: here" in plan.dump()


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-3", 1e-3), ("2", 2), ("true", True), ("no", "no"), ("12:30", "12:30"), ("[1, a]", [1, "a"]), ("~", None)],
)
def test_scalars_follow_yaml_1_2(text: str, value: Any) -> None:
    assert parse_value(text) == value
    assert type(parse_value(text)) is type(value)
    assert parse_tree(dump_tree({"key": value})).values == {"key": value}


def test_unknown_key_names_line_and_nearest() -> None:
    message = fault(GOOD.replace("    lr: 1e-3", "    lrr: 1e-3"))
    assert message.startswith("plan.yaml, line 6, stages.0.lrr: unknown key 'lrr'. Did you mean 'lr'?")


def test_alias_is_suggested_not_the_python_name() -> None:
    assert "Did you mean 'from'?" in fault(GOOD.replace("from:", "form:"))


def test_all_faults_are_told_in_the_order_of_the_file() -> None:
    text = (
        GOOD.replace("lr: 1e-3", "lr: fast").replace("{length: 64}", "{lenght: 64}").replace("name: demo", "nam: demo")
    )
    lines = fault(text).splitlines()
    assert lines[0] == "plan.yaml has 5 faults:"
    assert [line.split(",")[0].strip() for line in lines[1:]] == [
        "name: 'name' is required.",
        "line 1",
        "line 6",
        "line 8",
        "line 8",
    ]
    assert "Did you mean 'length'?" in lines[-1] or "Did you mean 'length'?" in lines[-2]


def test_wrong_type_says_what_was_given() -> None:
    message = fault(GOOD + "    steps: many\n")
    assert "line 9, stages.1.steps" in message
    assert "integer" in message
    assert "'many'" in message


def test_wrong_choice_names_the_nearest() -> None:
    assert "Did you mean 'fp32'?" in fault(GOOD + "    mode: fp23\n")


def test_unknown_kind_names_line_and_nearest() -> None:
    message = fault(GOOD + "    colour:\n      kind: rad\n")
    assert "line 10, stages.1.colour.kind: There is no colour 'rad'. Did you mean 'red'?" in message


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"kind": "red", "dept": 2}, "Did you mean 'depth'?"),
        ({"kind": "red", "depth": "deep"}, "'depth': should be a valid integer"),
        ({"kind": "red", "tone": "drak"}, "'dark' or 'light'"),
        ({"depth": 2}, "needs a 'kind'"),
    ],
)
def test_parameters_of_a_part_are_those_of_its_class(spec: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words.replace("?", r"\?")):
        check_part(COLOURS, spec)


def test_part_may_be_just_its_kind() -> None:
    assert Plan.parse(GOOD + "    colour: red\n").stages[1].colour == {"kind": "red"}


def test_overrides_by_index_and_by_name() -> None:
    plan = Plan.parse(GOOD, ["stages.0.lr=2e-4", "stages.tune.steps=7", "data.more.deep=3"])
    assert plan.stages[0].lr == 2e-4
    assert plan.stages[1].steps == 7
    assert plan.data["more"] == {"deep": 3}


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("stages.tine.steps=1", "Did you mean 'tune'?"),
        ("stages.0.lrr=1", "override stages.0.lrr: unknown key 'lrr'. Did you mean 'lr'?"),
        ("steps", "key=value"),
        ("name.deep=1", "goes inside 'name'"),
        ("stages.7.steps=1", "no element '7'"),
    ],
)
def test_wrong_overrides(override: str, words: str) -> None:
    assert words in fault(GOOD, override)


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("${data.rot}/x", "Did you mean 'root'?"),
        ("${data.train}", "refers to itself"),
        ("${data.empty}", "needs 'data.empty', which is not set. Give it: data.empty=VALUE."),
    ],
)
def test_wrong_references(reference: str, words: str) -> None:
    text = GOOD.replace("${data.root}/train.json", reference).replace("{root:", "{empty: null, root:")
    message = fault(text)
    assert words in message
    assert "line 3, data.train" in message


def test_reference_alone_keeps_its_type_and_can_be_shielded() -> None:
    plan = Plan.parse("name: x\ndata: {n: 7, same: '${data.n}', raw: '$${data.n} words'}\n")
    assert plan.data["same"] == 7
    assert plan.data["raw"] == "${data.n} words"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: x\nname: y\n", "line 2: the key 'name' stands twice"),
        ("name: [x\nfrom: y\n", "not valid YAML"),
        ("- a\n- b\n", "valid dictionary"),
    ],
)
def test_broken_yaml(text: str, words: str) -> None:
    assert words in fault(text)


def test_missing_file(tmp_path: Any) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        Plan.load(tmp_path / "none.yaml")
