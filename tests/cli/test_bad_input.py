"""Bad input through the command line: the documented exit code, one clear sentence, no traceback, nothing half done."""

from __future__ import annotations

import errno
import io
import json
import shutil
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from vistune.cli.main import main
from vistune.core.files import read_jsonl
from vistune.models.shipped import resolve

NANO = "nano-vlm"


@pytest.fixture
def vistune(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Function ``vistune("run", ...)`` -> (exit code, what went to stderr); a traceback would escape it."""

    def call(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["vistune", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), " ".join(capsys.readouterr().err.split())

    return call


def one_sentence(told: str) -> bool:
    return told.count("Error: ") == 1 and "Traceback" not in told


def jpeg() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((64, 64), 50).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def bomb() -> bytes:
    """A PNG header of 20,000 x 20,000 pixels."""
    chunks = b"IHDR" + struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0), b"IDAT"
    written = [struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


PICTURES = {
    "the picture is damaged or cut off": jpeg()[:700],
    "the picture is empty (0 bytes)": b"",
    "pictures of more than 80 megapixels are refused": bomb(),
    "not a picture that can be read": b"<html>not found</html>",
}


@pytest.mark.parametrize("said", PICTURES)
def test_a_bad_picture(said: str, vistune: Any, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(PICTURES[said])
    code, told = vistune("generate", NANO, "what is it?", "-i", tmp_path / "a.jpg")
    assert code == 3
    assert one_sentence(told)
    assert f"{tmp_path / 'a.jpg'}: " in told
    assert said in told


def turns(question: str = "a?", answer: str = "yes") -> list[dict[str, str]]:
    return [{"from": "human", "value": question}, {"from": "gpt", "value": answer}]


def write_set(folder: Path, good: int, bad: list[str]) -> Path:
    """LLaVA JSON lines: ``good`` records without pictures, then the lines of ``bad``."""
    lines = [json.dumps({"id": f"g{i}", "conversations": turns(f"is {i} a number?")}) for i in range(good)]
    path = folder / "set.jsonl"
    path.write_text("\n".join([*lines, *bad]) + "\n")
    return path


BAD_LINES = [
    '{"id": "torn", "conv',
    json.dumps({"id": "more", "image": "a.png", "conversations": turns("<image><image>\na?")}),
    json.dumps({"id": "fewer", "image": "a.png", "conversations": turns("a?")}),
]


def test_convert_counts_what_it_leaves_out(vistune: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_set(tmp_path, 80, BAD_LINES)
    for _ in range(2):  # done again, the bad records are told once all the same
        code, told = vistune("data", "convert", source, tmp_path / "out" / "data.json", "--to", "llava", "--json")
        assert code == 0, told
    lines = read_jsonl(tmp_path / "out" / "rejected.jsonl")
    assert [line["line"] for line in lines] == [81, 82, 83]
    assert lines[0]["reason"].startswith("not valid JSON")
    assert "shows 2 pictures (<image>), but the record has 1" in lines[1]["reason"]
    assert "shows 0 pictures (<image>), but the record has 1" in lines[2]["reason"]
    assert len(json.loads((tmp_path / "out" / "data.json").read_text())) == 80


def recipe(folder: Path, data: Path, **stage: Any) -> Path:
    settings = {"name": "one", "train": ["connector.*"], "data": "mine", "steps": 2, "batch_size": 4, **stage}
    values = {
        "name": "mine",
        "model": {"from": NANO},
        "data": {"sets": {"mine": {"path": str(data)}}},
        "stages": [settings],
        "tensorboard": False,
    }
    (folder / "recipe.yaml").write_text(json.dumps(values, indent=1))
    return folder / "recipe.yaml"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (json.dumps({"id": "x", "conversations": turns(answer=" ")}), "message 1 is an empty answer"),
        (json.dumps({"id": "x", "conversations": turns(answer="word " * 4000)}), "tokens"),
        (json.dumps({"id": "x", "image": "a.png", "conversations": turns()}), "shows 0 pictures"),
    ],
)
def test_no_usable_record(line: str, reason: str, vistune: Any, tmp_path: Path) -> None:
    data = write_set(tmp_path, 0, [line.replace('"x"', f'"x{i}"') for i in range(30)])
    code, told = vistune("run", recipe(tmp_path, data), "--out", tmp_path / "out")
    assert code == 3
    assert one_sentence(told)
    assert "could not be used" in told
    rejected = read_jsonl(tmp_path / "out" / "rejected.jsonl")
    assert rejected
    assert all(reason in one["reason"] for one in rejected)


def test_a_benchmark_without_a_usable_record(vistune: Any, tmp_path: Path) -> None:
    data = write_set(tmp_path, 0, [json.dumps({"conversations": turns("<image>a?")})] * 3)
    code, told = vistune("eval", NANO, "-b", f"vqa_file:path={data}", "--out", tmp_path / "out")
    assert code == 3
    assert one_sentence(told)
    assert "3 of 3 records are bad" in told


def test_a_recipe_with_a_wrong_type(vistune: Any, tmp_path: Path) -> None:
    path = recipe(tmp_path, write_set(tmp_path, 4, []), steps="few")
    code, told = vistune("run", path, "--out", tmp_path / "out")
    assert code == 2
    assert one_sentence(told)
    assert "recipe.yaml, line " in told
    assert "stages.0.steps: should be a valid integer" in told
    code, told = vistune("run", recipe(tmp_path, tmp_path / "set.jsonl"), "stages.0.lr=fast", "--out", tmp_path / "out")
    assert code == 2
    assert one_sentence(told)
    assert "stages.0.lr" in told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("count", [0, -3])
def test_no_examples_to_make(count: int, vistune: Any, tmp_path: Path) -> None:
    code, told = vistune("data", "make", "world", "--n", count, "--out", tmp_path / "out")
    assert (code, told) == (2, f"Error: --n is the number of examples to make, at least 1, not {count}.")
    assert not (tmp_path / "out").exists()


# -- models ------------------------------------------------------------------------------------------------------------


def edited(folder: Path, change: Any) -> Path:
    """A copy of nano-vlm with changed weights."""
    shutil.copytree(resolve(NANO), folder)
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def first_of_connector(weights: dict[str, torch.Tensor]) -> str:
    return next(name for name in sorted(weights) if name.startswith("connector.") and weights[name].ndim == 2)


def test_a_checkpoint_of_another_shape(vistune: Any, tmp_path: Path) -> None:
    names = []

    def widen(weights: dict[str, torch.Tensor]) -> None:
        names.append(first_of_connector(weights))
        weights[names[0]] = torch.zeros(3, 5)

    code, told = vistune("info", edited(tmp_path / "wide", widen))
    assert code == 4
    assert one_sentence(told)
    assert f"'{names[0]}' has the shape (3, 5), but by its config.json" in told
    code, told = vistune("generate", edited(tmp_path / "less", lambda w: w.pop(names[0])), "what is it?")
    assert code == 4
    assert one_sentence(told)
    assert f"lacks 1 weight of the model, the first is '{names[0]}'" in told


def test_a_folder_that_is_no_model(vistune: Any, tmp_path: Path) -> None:
    for command in (["eval", tmp_path], ["info", tmp_path], ["export", tmp_path, tmp_path / "out"]):
        code, told = vistune(*command)
        assert (code, told) == (4, f"Error: {tmp_path} is no checkpoint: it has no config.json.")


# -- extras and disks --------------------------------------------------------------------------------------------------


def test_a_missing_extra(vistune: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    code, told = vistune("data", "make", "world", "--n", 2, "--out", tmp_path / "out", "--format", "parquet")
    assert (code, told) == (5, "Error: Parquet needs the package 'pyarrow': pip install 'vistune[data]'.")


def test_no_room_for_the_answers(vistune: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Path.open

    class Full(io.BytesIO):
        def write(self, *_: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    def opened(self: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
        return Full() if mode == "ab" else original(self, mode, *args, **options)

    monkeypatch.setattr(Path, "open", opened)
    code, told = vistune("eval", NANO, "-b", "world_qa:n=4", "--out", tmp_path / "out", "--max-new-tokens", 2)
    assert code == 3
    assert one_sentence(told)
    assert "The disk is full: " in told
    assert ".jsonl could not be written" in told


def test_no_room_for_made_data(vistune: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    code, told = vistune("data", "make", "world", "--n", 2, "--out", tmp_path / "out")
    assert code == 3
    assert one_sentence(told)
    assert "The disk is full: " in told
    assert list((tmp_path / "out").iterdir()) == []


def test_no_room_for_a_model(vistune: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from safetensors import SafetensorError

    def full(*_: Any, **__: Any) -> None:
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr("transformers.modeling_utils.safe_save_file", full)
    code, told = vistune("export", NANO, tmp_path / "out")
    assert code == 3
    assert one_sentence(told)
    assert "The disk is full: " in told
