"""VIST, Spot-the-Diff, OBELICS, GIMMICK and NLVR files: written and read back, and the published ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vistune.core.errors import DataError
from vistune.data.annotations.gimmick import (
    CultureFact,
    CultureQuestion,
    CultureRecord,
    read_culture,
    read_culture_questions,
    read_facts,
    write_culture,
    write_facts,
)
from vistune.data.annotations.nlvr import NlvrItem, NlvrShape, read_nlvr, write_nlvr
from vistune.data.annotations.obelics import InterleavedDocument, Picture, read_obelics, write_obelics
from vistune.data.annotations.spot_the_diff import Differences, read_spot_the_diff, write_spot_the_diff
from vistune.data.annotations.vist import (
    Storylet,
    VistAlbum,
    VistFile,
    VistImage,
    read_vist,
    tokenised,
    write_vist,
)

#: A record with every key that VIST's own files have.
PUBLISHED_STORYLET = {
    "original_text": "The parish holds a fair.", "album_id": "44277", "photo_flickr_id": "1741642", "story_id": "45530",
    "setting": "first-2-pick-and-tell", "worker_id": "W1", "tier": "story-in-sequence", "worker_arranged_photo_order": 0,
    "text": "the parish holds a fair .", "storylet_id": "227650",
}  # fmt: skip


def test_stories_come_back(tmp_path: Path) -> None:
    images = [VistImage(str(k), "1", f"{k}.png", {"url_o": f"{k}.png"}) for k in range(3)]
    told = [Storylet(str(k), "7", "1", str(2 - k), 2 - k, f"step {k} .", f"Step {k}.") for k in range(3)]
    file = VistFile(images, [VistAlbum("1", "a day", "baking", {"photos": "3"})], told, {"info": {"year": 2016}})
    back = read_vist(write_vist(tmp_path / "x" / "train.story-in-sequence.json", file))
    assert back == file
    assert [one.order for one in back.stories()["7"]] == [0, 1, 2]
    assert tokenised("Then, the dog's bowl is full!") == "then , the dog's bowl is full !"


def test_published_storylets_keep_every_key(tmp_path: Path) -> None:
    content = {"images": [{"id": "1741642", "album_id": "44277", "datetaken": "2004-12-12 10:43:50"}], "albums": []}
    (tmp_path / "a.json").write_text(json.dumps({**content, "annotations": [[PUBLISHED_STORYLET]]}))
    (told,) = read_vist(tmp_path / "a.json").storylets
    assert told.order == 0 and told.extra == {k: PUBLISHED_STORYLET[k] for k in ("setting", "worker_id", "tier")}
    again = json.loads(write_vist(tmp_path / "b.json", read_vist(tmp_path / "a.json")).read_text())
    assert again["annotations"] == [[PUBLISHED_STORYLET]]
    (tmp_path / "a.json").write_text(json.dumps({**content, "annotations": [PUBLISHED_STORYLET]}))
    with pytest.raises(DataError, match="annotation 0: a list of one storylet"):
        read_vist(tmp_path / "a.json")


def test_changes_come_back(tmp_path: Path) -> None:
    pairs = [Differences("5406", ("the cup is gone", "a dog is new")), Differences("7", ())]
    assert read_spot_the_diff(write_spot_the_diff(tmp_path / "val.json", pairs)) == pairs
    assert pairs[0].pictures == ("5406.png", "5406_2.png")
    (tmp_path / "a.json").write_text('[{"img_id": "1", "sentences": "one"}]')
    with pytest.raises(DataError, match="pair 0: sentences is a list"):
        read_spot_the_diff(tmp_path / "a.json")


def test_documents_come_back_in_reading_order(tmp_path: Path) -> None:
    parts = ("here is é", Picture("a.png", {"original_width": 64}), Picture("b.png"), "the end")
    documents = [InterleavedDocument(parts, {"url": "x", "describes": [1, 0]}), InterleavedDocument(("words",))]
    path = write_obelics(tmp_path / "d.jsonl", documents)
    assert read_obelics(path) == documents
    first = json.loads(path.read_text().splitlines()[0])
    assert set(first) == {"images", "metadata", "general_metadata", "texts"}
    assert first["images"] == [None, "a.png", "b.png", None] and first["texts"][1] is None
    assert json.loads(first["metadata"])[1] == {"src": "a.png", "original_width": 64}
    first["images"][0] = "c.png"
    path.write_text(json.dumps(first))
    with pytest.raises(DataError, match="line 1: at each place either an image or a text"):
        read_obelics(path)


def test_the_columns_are_what_the_datasets_library_reads(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="needs the extra 'data'")
    path = write_obelics(tmp_path / "d.jsonl", [InterleavedDocument(("one", Picture("a.png")), {"url": "x"})])
    row = datasets.load_dataset("json", data_files=str(path), cache_dir=str(tmp_path / "cache"), split="train")[0]
    assert row["images"] == [None, "a.png"] and row["texts"] == ["one", None]


def test_culture_comes_back(tmp_path: Path) -> None:
    records = [CultureRecord("1", "tari", "tari is a dish, of Mone.", ("Mone", "Suri"), ("Arvel",), ("0.png",))]
    questions = [CultureQuestion("1/0", "what is it?", "tari", "tari", "a dish", ("Mone",), ("Arvel",), "0.png")]
    facts = [CultureFact("Mone", "Arvel", "dish", "tari", 'people eat "tari", it is said.')]
    assert read_culture(write_culture(tmp_path / "a.json", records)) == records
    assert read_culture_questions(write_culture(tmp_path / "b.json", questions)) == questions
    assert read_facts(write_facts(tmp_path / "c.csv", facts)) == facts
    with pytest.raises(DataError, match="record 0: the key 'question_id' is missing"):
        read_culture_questions(tmp_path / "a.json")
    (tmp_path / "c.csv").write_text("country,fact\nMone,x\n")
    with pytest.raises(DataError, match="the columns country, region"):
        read_facts(tmp_path / "c.csv")


def test_statements_come_back(tmp_path: Path) -> None:
    box = (NlvrShape(80, 70, "triangle", "#0099ff", 20),)
    items = [NlvrItem("0-0", "0", "There is a triangle.", "true", (box, (), box), {"r0": "true"}, {"more": 1})]
    assert read_nlvr(write_nlvr(tmp_path / "train" / "train.json", items)) == items
    (tmp_path / "a.json").write_text('{"identifier": "1", "sentence": "x", "label": "yes", "structured_rep": []}\n')
    with pytest.raises(DataError, match="line 1: the label is true or false, not 'yes'"):
        read_nlvr(tmp_path / "a.json")


def test_published_nlvr_is_read_and_written_equal(real_data, tmp_path: Path) -> None:
    path = real_data("nlvr") / "dev" / "dev.json"
    items = read_nlvr(path)
    assert len(items) == 989 and all(len(item.structured_rep) == 3 for item in items)
    again = write_nlvr(tmp_path / "dev.json", items)
    assert read_nlvr(again) == items
    lines = [[json.loads(line) for line in file.read_text().splitlines()] for file in (path, again)]
    assert lines[0] == lines[1]
