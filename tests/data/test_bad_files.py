"""Files that are broken, of another format, or cannot be written: one clear sentence, or a counted rejection."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
from toys import picture, talk

from vistune.core.errors import DataError
from vistune.data.example import Example, ImageSource, assistant, user
from vistune.data.formats import read, write
from vistune.data.formats.base import Place, Rejections

GOOD = {"id": "g", "conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}


def turns(question: str) -> dict:
    return {"conversations": [{"from": "human", "value": question}, {"from": "gpt", "value": "b"}]}


def lines(path: Path, *texts: str) -> Path:
    path.write_text("\n".join(texts) + "\n")
    return path


def test_a_malformed_line_is_skipped_counted_and_written_down(tmp_path):
    path = lines(tmp_path / "set.jsonl", json.dumps(GOOD), '{"id": 1, "conv', "", json.dumps(GOOD))
    opened = read(path, rejected_to=tmp_path / "rejected.jsonl")
    assert len(list(opened)) == 2
    assert opened.rejections.count == 1
    told = [json.loads(line) for line in (tmp_path / "rejected.jsonl").read_text().splitlines()]
    assert told[0]["file"] == str(path) and told[0]["line"] == 2
    assert told[0]["reason"].startswith("not valid JSON")
    with pytest.raises(DataError, match=r"set\.jsonl, line 2: not valid JSON"):
        opened[1]


RECORDS = {
    "the conversation shows 2 pictures (<image>), but the record has 1": {
        "image": "a.png",
        **turns("<image><image>\na"),
    },
    "the conversation shows 0 pictures (<image>), but the record has 1": {"image": "a.png", **turns("a")},
    "the conversation shows 1 pictures (<image>), but the record has 0": turns("<image>\na"),
    "a turn is by 'robot'": {"conversations": [{"from": "robot", "value": "a"}]},
    "a turn needs the text 'value'": {"conversations": [{"from": "human"}]},
    "the conversation is empty or no list": {"conversations": []},
    "is remote; pictures are not fetched": {"image": "https://x.org/a.png", **turns("<image>\na")},
    "'image' must be a file name": {"image": 3, **turns("<image>\na")},
    "a picture's data: address is damaged": {"image": "data:image/png;base64,%%%", **turns("<image>\na")},
    "there is no 'conversations'": {"id": "x"},
    "a record must be a JSON object, not list": [1],
}


@pytest.mark.parametrize("reason", RECORDS)
@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_bad_records(tmp_path, reason, suffix):
    records = [GOOD, RECORDS[reason], GOOD]
    path = tmp_path / f"set{suffix}"
    if suffix == ".json":
        path.write_text(json.dumps(records, indent=1))
    else:
        lines(path, *map(json.dumps, records))
    opened = read(path, rejected_to=tmp_path / "rejected.jsonl")
    assert [e.id for e in opened] == ["g", "g"]
    told = json.loads((tmp_path / "rejected.jsonl").read_text())
    assert reason in told["reason"]
    first = path.read_text().splitlines()[told["line"] - 1]
    assert suffix == ".json" or json.loads(first) == RECORDS[reason]
    assert opened.good().tolist() == [0, 2]
    assert len((tmp_path / "rejected.jsonl").read_text().splitlines()) == 1  # a second pass writes nothing twice


CHATS = {
    "'messages' is missing, empty or no list": {"messages": []},
    "a message must be an object": {"messages": ["hi"]},
    "a message's content must be": {"messages": [{"role": "user"}]},
    "a turn is by 'tool'": {"messages": [{"role": "tool", "content": "x"}]},
    "a part of type 'video' is not understood": {"messages": [{"role": "user", "content": [{"type": "video"}]}]},
    "more pictures than the 0 of 'images'": {"messages": [{"role": "user", "content": [{"type": "image"}]}]},
    "shows 0 pictures (<image>), but the record has 1": {
        "messages": [{"role": "user", "content": "x"}],
        "images": ["a.png"],
    },
}


@pytest.mark.parametrize("reason", CHATS)
def test_bad_chat_records(tmp_path, reason):
    good = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    path = lines(tmp_path / "set.jsonl", json.dumps(good), json.dumps(CHATS[reason]))
    opened = read(path, rejected_to=tmp_path / "rejected.jsonl")
    assert len(list(opened)) == 1
    assert reason in json.loads((tmp_path / "rejected.jsonl").read_text())["reason"]


def test_too_many_bad_records_stop_the_job(tmp_path):
    path = lines(tmp_path / "set.jsonl", *[json.dumps(GOOD)] * 30, "{", "{")
    with pytest.raises(DataError, match=r"2 of 32 records are bad, more than the share of 5%.*line 31: not valid JSON"):
        list(read(path))
    assert len(list(read(path, max_rejected=0.1))) == 30
    lines(path, *[json.dumps(GOOD)] * 30, "{")
    with pytest.raises(DataError, match="1 of 31 records are bad"):
        list(read(path, max_rejected=0))


def test_records_of_a_list_in_one_line_are_told_apart(tmp_path):
    path, told = tmp_path / "set.json", tmp_path / "rejected.jsonl"
    path.write_text(json.dumps([GOOD] * 40 + [{"conversations": []}, {"conversations": [{}]}]))
    found = read(path, rejected_to=told, max_rejected=0.1)
    assert len(list(found)) == 40
    assert [(line["line"], line["record"]) for line in map(json.loads, told.read_text().splitlines())] == [
        (1, 41),
        (1, 42),
    ]
    with pytest.raises(DataError, match=r"set\.json, line 1 \(record 41\)"):
        found[40]
    assert len(list(read(path, rejected_to=told, max_rejected=0.1))) == 40
    assert len(told.read_text().splitlines()) == 2


def test_all_bad_is_an_error_however_few(tmp_path):
    path = lines(tmp_path / "set.jsonl", json.dumps({"conversations": []}))
    with pytest.raises(DataError, match="1 of 1 records are bad"):
        list(read(path))


def test_a_hopeless_file_is_given_up_early():
    book = Rejections(max_share=0.05)
    with pytest.raises(DataError, match="100 of 100"):
        for number in range(1000):
            book.reject(Place("f", number), "bad")
    assert book.seen == 100


def test_missing_and_broken_pictures_are_found_where_asked(tmp_path):
    (tmp_path / "ok.png").write_bytes(picture().encoded())
    (tmp_path / "empty.png").write_bytes(b"")
    records = [{"id": n, "image": f"{n}.png", **turns("<image>\na")} for n in ("ok", "empty", "gone")]
    path = lines(tmp_path / "set.jsonl", *map(json.dumps, records))
    assert len(list(read(path))) == 3
    opened = read(path, check_images=True, max_rejected=0.9, rejected_to=tmp_path / "rejected.jsonl")
    assert [e.id for e in opened] == ["ok"]
    reasons = (tmp_path / "rejected.jsonl").read_text()
    assert "0 bytes" in reasons and "there is no such picture" in reasons


def test_a_list_that_is_cut_off_is_an_error_not_a_shorter_set(tmp_path):
    text = json.dumps([GOOD, GOOD, GOOD], indent=1)
    (tmp_path / "set.json").write_text(text[: len(text) - 40])
    with pytest.raises(DataError, match=r"set\.json is cut off or malformed: its list of 3 records"):
        read(tmp_path / "set.json")


def test_wrong_format_names_the_right_one(tmp_path):
    path = lines(tmp_path / "set.jsonl", json.dumps({"messages": [{"role": "user", "content": "a"}]}))
    with pytest.raises(DataError, match=r"not in the format 'llava'.*keys messages. It looks like 'chat'"):
        read(path, "llava")
    path = lines(tmp_path / "other.jsonl", json.dumps({"foo": 1}))
    with pytest.raises(DataError, match=r"keys foo. It is in no known format"):
        read(path, "llava")


def test_unknown_format_names_the_nearest(tmp_path):
    path = lines(tmp_path / "set.json", json.dumps({"conversation": [], "img": "a"}))
    with pytest.raises(
        DataError, match=r"keys conversation, img. The nearest format is 'llava', which needs 'conversations'"
    ):
        read(path)
    path = lines(tmp_path / "q.json", json.dumps({"question": "a", "reply": "b"}))
    with pytest.raises(DataError, match="The nearest format is 'vqa', which needs 'answer' and 'image'"):
        read(path)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.json", b"", "is empty"),
        ("a.json", b" \n ", "is empty"),
        ("a.json", b"hello", "is not JSON: it begins with b'h'"),
        ("a.json", b'{\n "train": [1],\n "val": [2]\n}', "one JSON object with the keys train, val"),
        ("a.jsonl", b"[]", "it holds no record"),
        ("a.parquet", b"PAR1 nonsense", "is not a Parquet file"),
        ("a.tar", b"no tar at all", "is not a plain tar shard"),
        ("a.csv", b"a,b", "files ending in '.csv' are in none"),
    ],
)
def test_files_that_are_something_else(tmp_path, name, data, said):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError) as told:
        read(tmp_path / name)
    assert said in str(told.value)


def test_missing_paths_and_odd_folders(tmp_path):
    with pytest.raises(DataError, match="no such file or folder"):
        read(tmp_path / "gone")
    with pytest.raises(DataError, match="no data set that is known \\(it holds nothing\\)"):
        read(tmp_path)
    for name in ("a.jsonl", "b.jsonl"):
        lines(tmp_path / name, json.dumps(GOOD))
    with pytest.raises(DataError, match="several data files, name one"):
        read(tmp_path)


def test_a_cut_off_shard(tmp_path):
    write([talk("a?", "b", images=2)] * 3, tmp_path / "s", "webdataset")
    shard = tmp_path / "s" / "000000.tar"
    shard.write_bytes(shard.read_bytes()[:2100])
    with pytest.raises(DataError, match=r"000000\.tar"):
        read(tmp_path / "s")


WRITABLE = pytest.mark.parametrize("kind", ["llava", "chat", "parquet", "webdataset"])


@WRITABLE
def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path, kind, monkeypatch):
    write([talk("old?", "old")], tmp_path / "out", kind)
    before = {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}

    def examples():
        yield talk("a?", "b")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DataError, match=r"The disk is full: .*out could not be written"):
        write(examples(), tmp_path / "out", kind)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
    with pytest.raises(DataError, match="The disk is full"):
        write(examples(), tmp_path / "new", kind)
    assert not (tmp_path / "new").exists()


@WRITABLE
def test_a_bad_example_leaves_nothing(tmp_path, kind):
    unseen = Example("unseen", [user("a"), assistant("b")], [picture()])
    with pytest.raises(DataError, match="'unseen' has 1 pictures that its conversation does not show"):
        write([talk("a?", "b"), unseen], tmp_path / "out", kind)
    broken = Example("e", [user("a", (0,)), assistant("b")], [ImageSource(path=tmp_path / "gone.png")])
    if kind in ("parquet", "webdataset"):
        with pytest.raises(DataError, match="there is no such picture"):
            write([broken], tmp_path / "out", kind)
    assert list(tmp_path.iterdir()) == []


def test_values_that_json_does_not_have(tmp_path):
    example = talk("a?", "b", name="odd")
    example.meta = {"x": {1, 2}}
    with pytest.raises(DataError, match="'odd' cannot be written as JSON"):
        write([example], tmp_path / "out", "llava")
