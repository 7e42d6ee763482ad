"""Published formats: what is written reads back the same, and what others wrote is understood."""

from __future__ import annotations

import base64
import json
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toys import picture, talk

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import (
    Example,
    ImageSource,
    Message,
    Part,
    Provenance,
    Region,
    as_question,
    assistant,
    user,
)
from vistune.data.formats import FORMATS, read, write
from vistune.data.formats.records import JsonRecords

WRITABLE = ("llava", "sharegpt", "chat", "parquet", "webdataset")
writable = pytest.mark.parametrize("kind", WRITABLE)


def content(example: Example) -> tuple:
    """Everything of an Example that a file must keep; pictures by their pixels."""
    pixels = [np.asarray(image.open()).tobytes() for image in example.images]
    return (example.id, example.messages, pixels, example.regions, example.answers, example.provenance, example.meta)


def dump(path: Path, records) -> Path:
    """JSON lines for ``.jsonl``, else a list."""
    if path.suffix == ".jsonl":
        path.write_text("\n".join(map(json.dumps, records)) + "\n")
    else:
        path.write_text(json.dumps(records, indent=1))
    return path


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["<image>", "\n<image>", "<image>\n", "&lt;image&gt;", "a\nb", "\n", "", '{}[]"\\', "human"]
)


@st.composite
def examples(draw) -> Example:
    """Any Example whose pictures are all shown: odd texts, repeated and permuted pictures, regions, metadata."""
    count = draw(st.integers(0, 3))
    images = [picture(draw(st.integers(0, 5)), (4, 5)) for _ in range(count)]
    regions = [Region(0, box=(0.0, 1.0, 2.5, 3.0), label=draw(words)), Region(0, point=(1.0, 2.0))] if count else []
    part = st.builds(Part, text=words)
    if count:
        part |= st.builds(Part, image=st.integers(0, count - 1)) | st.builds(Part, region=st.integers(0, 1))
    message = st.builds(
        Message, st.sampled_from(["user", "assistant", "system"]), st.lists(part, max_size=4), st.booleans()
    )
    messages = draw(st.lists(message, min_size=1, max_size=4))
    shown = {p.image for m in messages for p in m.parts}
    messages[0].parts += [Part(image=n) for n in range(count) if n not in shown]
    meta = draw(
        st.dictionaries(st.sampled_from(["type", "id", "image", "split", "n", "messages"]), st.integers() | words)
    )
    provenance = Provenance(draw(words), draw(words), draw(words), tuple(draw(st.lists(words, max_size=2))))
    return Example(draw(words), messages, images, regions, draw(st.lists(words, max_size=2)), provenance, meta)


@pytest.mark.parametrize("kind", [*WRITABLE, "llava lines"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(examples(), min_size=1, max_size=4))
def test_round_trip_is_lossless(tmp_path_factory, kind, made):
    folder = tmp_path_factory.mktemp("trip")
    path = folder / "set.jsonl" if kind == "llava lines" else folder / "set"
    kind = kind.split()[0]
    assert write(made, path, kind) == len(made)
    back = read(path, kind, max_rejected=0)
    assert [content(example) for example in back] == [content(example) for example in made]
    assert content(back[len(made) - 1]) == content(made[-1])
    assert content(read(path)[0]) == content(made[0])  # the format is found out


@writable
def test_pictures_keep_their_bytes(tmp_path, kind):
    data = picture(3).encoded()
    (tmp_path / "a.png").write_bytes(data)
    made = [talk("a?", "b", images=0), Example("p", [user("a", (0, 1)), assistant("b")])]
    made[1].images = [ImageSource(path=tmp_path / "a.png"), ImageSource(data=data)]
    write(made, tmp_path / "out", kind)
    back = read(tmp_path / "out")[1]
    assert [image.encoded() for image in back.images] == [data, data]


@pytest.mark.parametrize("kind", ["llava", "chat"])
def test_picture_files_are_named_where_they_lie_or_copied(tmp_path, kind):
    (tmp_path / "pics").mkdir()
    (tmp_path / "pics" / "a.png").write_bytes(picture().encoded())
    example = Example("p", [user("a", (0,)), assistant("b")], [ImageSource(path=tmp_path / "pics" / "a.png")])
    write([example], tmp_path / "one", kind)
    assert read(tmp_path / "one")[0].images[0].path == tmp_path / "pics" / "a.png"
    assert not (tmp_path / "one" / "images").exists()
    write([example], tmp_path / "two", kind, copy_images=True)
    assert read(tmp_path / "two")[0].images[0].path.is_relative_to(tmp_path / "two" / "images")


def test_two_files_in_a_folder_keep_their_pictures_apart(tmp_path):
    for name, seed in (("train", 1), ("val", 2)):
        write([talk("a?", "b", first=seed)], tmp_path / f"{name}.json", "llava")
    assert np.array_equal(np.asarray(read(tmp_path / "train.json")[0].images[0].open()), picture(1).array)
    assert np.array_equal(np.asarray(read(tmp_path / "val.json")[0].images[0].open()), picture(2).array)


def test_llava_as_published(tmp_path):
    """The form of llava_instruct_150k, and of sets with several pictures, with extra keys kept."""
    records = [
        {
            "id": "000000033471",
            "image": "coco/33471.jpg",
            "conversations": [
                {"from": "human", "value": "<image>\nWhat are the colors of the bus?"},
                {"from": "gpt", "value": "White and red."},
                {"from": "human", "value": "And the sky?"},
                {"from": "gpt", "value": "Blue."},
            ],
            "source": "coco",
        },
        {
            "id": 7,
            "image": ["a.jpg", "b.jpg"],
            "conversations": [
                {"from": "human", "value": "<image>\n<image>\nCompare."},
                {"from": "gpt", "value": "Same."},
            ],
        },
        {"id": "t", "conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]},
        {
            "id": "i",
            "image": "a.jpg",
            "conversations": [{"from": "human", "value": "In <image> who is it?"}, {"from": "gpt", "value": "Ann."}],
        },
        {
            "id": "e",
            "image": "a.jpg",
            "conversations": [{"from": "human", "value": "What is this?\n<image>"}, {"from": "gpt", "value": "A cup."}],
        },
    ]
    for name in ("set.json", "set.jsonl"):
        bus, pair, text, inside, end = read(dump(tmp_path / name, records))
        assert bus.messages == [
            user("What are the colors of the bus?", (0,)),
            assistant("White and red."),
            user("And the sky?"),
            assistant("Blue."),
        ]
        assert bus.images[0].path == tmp_path / "coco" / "33471.jpg"
        assert bus.meta == {"source": "coco"}
        assert pair.id == "7" and pair.messages[0] == user("Compare.", (0, 1))
        assert text.images == [] and text.messages[0] == user("Hi")
        assert inside.messages[0].parts == [Part(text="In "), Part(image=0), Part(text=" who is it?")]
        assert end.messages[0].parts == [Part(text="What is this?"), Part(image=0)]


def test_what_others_read_of_ours_is_ordinary_llava(tmp_path):
    example = Example(
        "e", [user("What?", (0, 1)), assistant("A <image> tag.")], [picture(1), picture(2)], meta={"k": 1}
    )
    write([example], tmp_path / "set.json", "llava")
    record = json.loads((tmp_path / "set.json").read_text())[0]
    assert record["conversations"] == [
        {"from": "human", "value": "<image>\n<image>\nWhat?"},
        {"from": "gpt", "value": "A &lt;image&gt; tag."},
    ]
    assert record["k"] == 1 and record["id"] == "e"
    assert [(tmp_path / name).is_file() for name in record["image"]] == [True, True]


def test_images_folder_is_found_or_given(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(picture().encoded())
    turns = [{"from": "human", "value": "<image>\na"}, {"from": "gpt", "value": "b"}]
    path = dump(tmp_path / "set.json", [{"id": "1", "image": "a.png", "conversations": turns}])
    assert read(path)[0].images[0].path == tmp_path / "images" / "a.png"
    assert read(path, images="/elsewhere")[0].images[0].path == Path("/elsewhere/a.png")


def test_chat_in_all_its_spellings(tmp_path):
    data = picture(4).encoded()
    url = "data:image/png;base64," + base64.b64encode(data).decode()
    text = {"type": "text", "text": "what?"}
    answer = {"role": "assistant", "content": "b"}
    records = [
        {"messages": [{"role": "user", "content": [text, {"type": "image_url", "image_url": {"url": url}}]}, answer]},
        {"messages": [{"role": "user", "content": [{"type": "image", "image": "x.png"}, text]}, answer]},
        {"messages": [{"role": "user", "content": [{"type": "image"}, text]}, answer], "images": ["x.png"]},
        {"messages": [{"role": "user", "content": "<image>\nwhat?"}, answer], "images": ["x.png"]},
        {"messages": [{"role": "user", "content": "what is <image>?"}, answer]},
        {"messages": [{"role": "system", "content": "be kind"}, {"role": "user", "content": "what?"}, answer], "n": 2},
    ]
    openai, own, listed, marked, literal, system = read(dump(tmp_path / "set.jsonl", records), max_rejected=0)
    assert openai.messages[0].parts == [Part(text="what?"), Part(image=0)]
    assert openai.images[0].data == data
    for example in (own, listed, marked):
        assert example.messages[0] == user("what?", (0,))
        assert example.images == [ImageSource(path=tmp_path / "x.png")]
    assert literal.messages[0] == user("what is <image>?") and literal.images == []
    assert [m.role for m in system.messages] == ["system", "user", "assistant"] and system.meta == {"n": 2}


def test_parquet_opens_in_datasets(tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    write([talk("a?", "b", images=2), talk("c?", "d", images=0)], tmp_path / "set.parquet", "parquet")
    loaded = datasets.Dataset.from_parquet(str(tmp_path / "set.parquet"), cache_dir=str(tmp_path / "cache"))
    assert np.array_equal(np.asarray(loaded[0]["images"][1]), picture(1).array)
    assert loaded[0]["messages"][0]["content"][0]["type"] == "image"


def test_parquet_of_others(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as parquet

    data = picture(1).encoded()
    rows = [{"image": {"bytes": data, "path": None}, "question": "what?", "answer": "red", "split": "train"}]
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "vqa.parquet")
    example = read(tmp_path / "vqa.parquet")[0]
    assert example.messages == [user("what?", (0,)), assistant("red")]
    assert example.images[0].data == data and example.meta == {"split": "train"}
    turns = [{"from": "human", "value": "<image>\na"}, {"from": "gpt", "value": "b"}]
    parquet.write_table(
        pyarrow.Table.from_pylist([{"id": "9", "images": [data], "conversations": turns}]), tmp_path / "llava.parquet"
    )
    assert read(tmp_path / "llava.parquet")[0].messages == [user("a", (0,)), assistant("b")]


def test_parquet_row_groups_are_crossed(tmp_path):
    made = [talk("a?", str(n), images=0, name=str(n)) for n in range(150)]
    write(made, tmp_path / "set" / "a.parquet", "parquet")
    write(made[:10], tmp_path / "set" / "b.parquet", "parquet")
    both = read(tmp_path / "set")
    assert [e.id for e in both] == [e.id for e in made] + [e.id for e in made[:10]]
    assert both[149].id == "149" and both[151].id == "1"
    assert both.source.place(151).line == 2 and both.source.place(151).file.endswith("b.parquet")


def test_webdataset_opens_in_webdataset(tmp_path):
    webdataset = pytest.importorskip("webdataset")
    write([talk("a?", "b", images=2), talk("c?", "d", images=0)], tmp_path / "shards", "webdataset")
    found = list(webdataset.WebDataset(str(tmp_path / "shards" / "000000.tar"), shardshuffle=False))
    assert len(found) == 2
    assert json.loads(found[0]["json"])["messages"][1] == {"role": "assistant", "content": "b"}
    assert found[0]["1.png"] == picture(1).encoded()


def test_webdataset_shards_and_captions(tmp_path):
    write([talk("a?", str(n), images=0, name=str(n)) for n in range(7)], tmp_path / "s", "webdataset", shard_size=3)
    assert sorted(path.name for path in (tmp_path / "s").iterdir()) == ["000000.tar", "000001.tar", "000002.tar"]
    shards = read(tmp_path / "s")
    assert [e.id for e in shards] == [str(n) for n in range(7)] and shards[4].id == "4"
    (tmp_path / "x.jpg").write_bytes(picture().encoded())
    (tmp_path / "x.txt").write_text("a red cat\n")
    with tarfile.open(tmp_path / "pairs.tar", "w") as tar:
        for name in ("x.jpg", "x.txt"):
            tar.add(tmp_path / name, f"sub/{name}")
    pair = read(tmp_path / "pairs.tar", request="what is it?")[0]
    assert pair.messages == [user("what is it?", (0,)), assistant("a red cat")] and pair.answers == ["a red cat"]


def test_vqa_under_its_usual_names(tmp_path):
    records = [
        {"question_id": 5, "question": "what?", "answer": 3, "image": "a.png", "kind": "count"},
        {
            "qid": 6,
            "query": "who?",
            "answers": [{"answer": "ann"}, {"answer": "bo"}, {"answer": "bo"}],
            "imgname": "b.png",
        },
        {"text": "is it?", "label": "no", "image": "c.png"},
        {"question": "open?", "image": "c.png"},
    ]
    three, who, pope, unanswered = read(dump(tmp_path / "q.json", records), suffix=" Answer briefly.")
    assert three.messages == [user("what? Answer briefly.", (0,)), assistant("3")]
    assert (three.id, three.meta, three.answers) == ("5", {"kind": "count"}, ["3"])
    assert who.answers == ["ann", "bo", "bo"] and who.messages[1].text == "bo"
    assert pope.answers == ["no"]
    assert unanswered.answers == [] and len(unanswered.messages) == 1


def test_flickr8k_as_published(tmp_path):
    (tmp_path / "captions.txt").write_text(
        'image,caption\n1.jpg,A dog runs .\n1.jpg,"A dog, brown ."\n2.jpg,A cat .\n3.jpg,Unlisted .\n1.jpg\n'
    )
    (tmp_path / "Flickr_8k.trainImages.txt").write_text("2.jpg\n1.jpg\n")
    captions = read(tmp_path, max_rejected=0.5)
    assert [(e.id, e.messages[1].text) for e in captions] == [
        ("2#0", "A cat ."),
        ("1#0", "A dog runs ."),
        ("1#1", "A dog, brown ."),
    ]
    assert captions.rejections.count == 1
    assert captions[2].answers == ["A dog runs .", "A dog, brown ."]
    assert captions[2].images[0].path == tmp_path / "Images" / "1.jpg"
    assert len(read(tmp_path, per="picture")) == 3
    with pytest.raises(DataError, match=r"no split 'tset'. Did you mean 'test'"):
        read(tmp_path, split="tset")


def test_nlvr_as_published(tmp_path):
    folder = tmp_path / "dev"
    (folder / "images" / "2").mkdir(parents=True)
    pixels = np.zeros((100, 400, 3), np.uint8)
    pixels[:, 150:250] = 9
    for k in (0, 4):
        (folder / "images" / "2" / f"dev-15-0-{k}.png").write_bytes(ImageSource(array=pixels).encoded())
    record = {"sentence": "There is a box", "label": "true", "identifier": "15-0", "directory": "2"}
    (folder / "dev.json").write_text(json.dumps(record) + "\n")
    plain = read(tmp_path, split="dev", boxes=False)
    assert plain.format == "nlvr"
    assert [(e.id, e.meta["permutation"]) for e in plain] == [("dev-15-0-0", 0), ("dev-15-0-4", 4)]
    assert plain[0].messages == [user("There is a box true or false?", (0,)), assistant("true")]
    boxes = read(tmp_path, split="dev", boxes=True, prompt="{sentence}?")[0]
    assert [image.array.shape for image in boxes.images] == [(100, 100, 3)] * 3
    assert [int(image.array.max()) for image in boxes.images] == [0, 9, 0]
    assert boxes.messages[0].text == "There is a box?"
    with pytest.raises(DataError, match=r"no NLVR split 'train'. Known: dev"):
        read(tmp_path)


def test_sets_go_to_workers_and_are_read_by_number(tmp_path):
    made = [talk("a?", str(n), name=str(n)) for n in range(5)]
    for kind in WRITABLE:
        write(made, tmp_path / kind, kind)
        opened = read(tmp_path / kind)
        assert opened[3].id == "3"
        assert pickle.loads(pickle.dumps(opened))[-1].id == "4"
        assert opened.good().tolist() == [0, 1, 2, 3, 4]
        with pytest.raises(IndexError):
            opened[5]


def test_writing_leaves_other_files_alone_and_takes_the_old_place(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    write([talk("a?", "1")], tmp_path, "llava")
    write([talk("a?", "2")], tmp_path, "llava")
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert [e.messages[1].text for e in read(tmp_path)] == ["2"]


@writable
def test_nothing_to_write_makes_an_empty_set(tmp_path, kind):
    assert write([], tmp_path / "none", kind) == 0
    assert (tmp_path / "none").is_dir()


def test_index_of_a_list_is_by_bytes_not_objects(tmp_path):
    """Brackets, quotes and escapes within strings are no structure; offsets are in bytes, not characters."""
    records = [{"a": 'x"]}{[\\"', "n": n, "deep": [{"k": [1, {}]}], "u": "é🙂"} for n in range(40)]
    path = tmp_path / "set.json"
    path.write_text(json.dumps(records, ensure_ascii=False, indent=2), encoding="utf-8-sig")
    index = JsonRecords(path)
    assert [index[n] for n in range(len(index))] == records
    assert index.place(1).line == 2 + len(json.dumps([records[0]], indent=2).splitlines()) - 2
    memory = sum(getattr(index, name).nbytes for name in ("_starts", "_stops"))
    assert memory == 16 * len(records)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.dictionaries(words, words | st.lists(words, max_size=2), max_size=3), min_size=1, max_size=6), st.data()
)
def test_list_index_at_any_chunk_size(tmp_path_factory, records, data):
    path = tmp_path_factory.mktemp("chunks") / "set.json"
    path.write_text(json.dumps(records, ensure_ascii=data.draw(st.booleans())), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vistune.data.formats.records._CHUNK", data.draw(st.integers(1, 9)))
        index = JsonRecords(path)
        assert [index[n] for n in range(len(index))] == records


def test_unknown_options_and_formats_name_the_nearest(tmp_path):
    path = dump(tmp_path / "set.json", [{"messages": [{"role": "user", "content": "a"}]}])
    with pytest.raises(DataError, match=r"no format 'lava'. Did you mean 'llava'"):
        read(path, "lava")
    with pytest.raises(ConfigError, match=r"no parameter 'image'. Did you mean 'images'"):
        read(path, image="x")
    with pytest.raises(DataError, match="cannot be written: the format 'nlvr' is for reading"):
        write([], tmp_path / "x", "nlvr")
    assert {"llava", "nlvr"} <= set(FORMATS.names())


def test_as_question_moves_the_answer():
    asked = as_question(talk("a?", "b"))
    assert [m.role for m in asked.messages] == ["user"] and asked.answers == ["b"]
    assert as_question(asked) is asked
