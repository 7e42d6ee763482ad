"""SugarCrepe and VSR files: written and read back, and the published ones."""

from __future__ import annotations

import pytest

from vistune.core.errors import DataError
from vistune.data.annotations.sugarcrepe import (
    CrepeItem,
    VsrItem,
    read_sugarcrepe,
    read_vsr,
    write_sugarcrepe,
    write_vsr,
)
from vistune.engines.pairs import PairsEngine


def test_items_come_back(tmp_path) -> None:
    items = [CrepeItem(f"{k}.jpg", f"a dog number {k}", f"a cat number {k}") for k in range(12)]
    assert read_sugarcrepe(write_sugarcrepe(tmp_path / "x" / "swap_obj.json", items)) == items
    lines = [VsrItem("1.png", "The dog is left of the cat.", True, "left of", "dog", "cat", {"annotator_id": 3})]
    lines.append(VsrItem("1.png", "Der Hund – é.", False, "on", "a", "b"))
    assert read_vsr(write_vsr(tmp_path / "vsr.jsonl", lines)) == lines


def test_bad_files_are_told(tmp_path) -> None:
    (tmp_path / "a.json").write_text('{"0": {"filename": "x.jpg", "caption": "y"}}')
    with pytest.raises(DataError, match="item 0: the key 'negative_caption' is missing"):
        read_sugarcrepe(tmp_path / "a.json")
    (tmp_path / "b.json").write_text("[]")
    with pytest.raises(DataError, match="an object of numbered items"):
        read_sugarcrepe(tmp_path / "b.json")
    (tmp_path / "c.jsonl").write_text('{"image": 1}\n')
    with pytest.raises(DataError, match="line 1: the key 'caption'"):
        read_vsr(tmp_path / "c.jsonl")
    (tmp_path / "d.jsonl").write_text("nothing\n")
    with pytest.raises(DataError, match="line 1 holds no JSON"):
        read_vsr(tmp_path / "d.jsonl")


def test_published_sugarcrepe_is_read(real_data) -> None:
    counts = {f.stem: len(read_sugarcrepe(f)) for f in sorted(real_data("sugar-crepe").glob("*.json"))}
    assert counts == {"add_att": 692, "replace_att": 788, "swap_att": 666, "swap_obj": 245}


def test_published_vsr_is_read_and_written_equal(real_data, tmp_path) -> None:
    items = read_vsr(real_data("vsr") / "zeroshot" / "dev.jsonl")
    assert len(items) > 100 and {i.label for i in items} == {True, False}
    assert read_vsr(write_vsr(tmp_path / "again.jsonl", items)) == items


def test_the_engine_writes_both(tmp_path) -> None:
    files = PairsEngine(12, edits=["move", "exchange", "swap"]).write_annotations(tmp_path)
    crepe = {f.stem: read_sugarcrepe(f) for f in files if f.suffix == ".json"}
    statements = read_vsr(tmp_path / "vsr.jsonl")
    assert {"swap_obj", "replace_att", "add_obj"} <= set(crepe)
    assert statements and sum(s.label for s in statements) * 2 == len(statements)
    assert all((tmp_path / "pictures" / item.filename).exists() for items in crepe.values() for item in items)
