"""`vistune robust layers` and `alignment`: whole commands on few items, on the shipped model and on a foreign one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.foreigners import make_foreigner
from vistune.cli.main import app
from vistune.core.errors import ConfigError, DataError
from vistune.experiments.layers import LayerStudy, alignment_table, layer_table, robust_alignment, robust_layers


def test_layers(tmp_path: Path) -> None:
    command = ["robust", "layers", "nano-vlm", "-b", "world_qa:n=6", "--noisy", "1", "--out", str(tmp_path / "run")]
    run = CliRunner().invoke(app, [*command, "--results", str(tmp_path / "pages")])
    assert run.exit_code == 0, run.output
    (found,) = json.loads((tmp_path / "run" / "layers.json").read_text())
    depth = len(found["skipped"])
    assert depth > 2 and all(gap["items"] == 6 for gap in found["skipped"])
    assert set(found["noise"]) == {"image", "text", "all"}
    assert all(len(own) == depth and sum(own) == pytest.approx(1) for own in found["noise"].values())
    assert "left out" in (tmp_path / "pages" / "layers-decoder.md").read_text()
    again = robust_layers("nano-vlm", ["world_qa:n=6"], tmp_path / "run", noisy=0)[0]
    assert [gap.difference for gap in again.skipped] == [gap["difference"] for gap in found["skipped"]]
    assert not again.noise and layer_table([again])[0][-1] == ""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("llava")
    network, processor = make_foreigner("llava")
    network.save_pretrained(made)
    processor.save_pretrained(made)
    return made


@pytest.mark.parametrize("part", ["decoder", "vision"])
def test_layers_of_a_llava(folder: Path, tmp_path: Path, part) -> None:
    study = robust_layers(str(folder), ["world_qa:n=3"], tmp_path, part=part, noisy=1, draws=2)[0]
    assert len(study.skipped) == 2 and study.part == part
    assert bool(study.noise) == (part == "decoder"), "noise goes to the decoder"


def test_alignment_of_a_llava(folder: Path) -> None:
    found = robust_alignment(str(folder), n=12, k=3)
    assert len(found) == 7 and found[-1].first == "random"
    heads, rows = alignment_table(found)
    assert len(heads) == len(rows[0]) and rows[0][:2] == ("encoder", "connector")


def test_alignment(tmp_path: Path) -> None:
    command = ["robust", "alignment", "nano-vlm", "--n", "30", "--k", "5", "--json", "--results", str(tmp_path)]
    run = CliRunner().invoke(app, command)
    assert run.exit_code == 0, run.output
    page = json.loads((tmp_path / "alignment.json").read_text())
    told = {(one["first"], one["second"]): one for one in page["found"]}
    assert told["encoder", "connector"]["value"] > 2 * told["random", "captions"]["chance"]
    assert told["random", "captions"]["chance"] == pytest.approx(5 / 29)


def test_what_does_not_fit(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not of 'middle'"):
        robust_layers("nano-vlm", ["world_qa"], tmp_path, part="middle")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="at least one benchmark"):
        robust_layers("nano-vlm", [], tmp_path)
    with pytest.raises(DataError, match="too few for 10 neighbours"):
        robust_alignment("nano-vlm", n=5)
    assert LayerStudy("m", "b", "decoder", 0.5, [], {}, {}).rows() == []
