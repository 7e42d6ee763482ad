"""Statistics and the gallery page."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from toys import picture, png, talk

from vistune.data.example import Example, ImageSource, Message, Part, Provenance, Region, assistant, user
from vistune.data.formats import read
from vistune.data.gallery import write_gallery
from vistune.data.inspect import inspect


def question(answer: str, kind: str, seed: int, name: str = "q") -> Example:
    return Example(
        name,
        [user("what colour is it?", (0,)), assistant(answer)],
        [picture(seed, (8, 12))],
        provenance=Provenance(source="made"),
        meta={"question_type": kind},
    )


def test_counts_and_balance():
    examples = [question("red", "colour", 0), question("red", "colour", 1), question("blue", "colour", 2)]
    examples += [question("yes", "existence", 3), talk("one two three?", "four", "five?", "six", images=0)]
    examples[-1].messages[3].learn = False
    found = inspect(examples)
    assert (found.examples, found.text_only, found.images, found.turns, found.unlearned) == (5, 1, 4, 6, 1)
    colour = found.balance["colour"]
    assert (colour.questions, colour.distinct, colour.common) == (3, 2, [("red", 2), ("blue", 1)])
    assert colour.majority == pytest.approx(2 / 3)
    assert found.image_sizes == {"12 x 8": 4}
    assert found.sources == {"made": 4, "unknown": 1}
    assert found.exchanges == {"1": 4, "2": 1}
    assert found.question_words == {"1": 1, "3-4": 5}
    assert found.answer_words == {"1": 6}
    assert json.loads(json.dumps(found.values()))["balance"]["colour"]["distinct"] == 2


def test_duplicates_are_same_talk_about_same_pixels():
    examples = [question("red", "c", 0), question("red", "c", 0), question("blue", "c", 0), question("red", "c", 1)]
    found = inspect(examples)
    assert found.duplicates == 1
    assert found.repeated_pictures == 2


def test_broken_pictures_and_notes_are_told():
    clear = ImageSource(data=png(Image.new("RGBA", (4, 4), (0, 0, 0, 0))))
    examples = [
        Example("ok", [user("a", (0,)), assistant("b")], [clear]),
        Example("bad", [user("a", (0,)), assistant("b")], [ImageSource(data=b"")]),
    ]
    found = inspect(examples, open_images=True)
    assert found.notes == {"transparency laid on white": 1}
    assert len(found.broken_images) == 1 and found.broken_images[0].startswith("bad: ")
    assert ("pictures that do not open", 1) in found.tables()[0][2]


def test_unanswered_items_count_their_references():
    item = Example("i", [user("what?")], answers=["red", "crimson"], meta={"type": "colour"})
    assert inspect([item]).balance["colour"].common == [("red", 1)]


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.images, self.outside, self.text = [], [], [], ""

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "img", "input", "rect"):
            self.open.append(tag)
        for name, value in attrs:
            if tag == "img" and name == "src":
                self.images.append(value)
            if name in ("src", "href") and not (value or "").startswith("data:"):
                self.outside.append(value)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_gallery_is_one_whole_safe_page(tmp_path):
    region = Region(0, box=(1.0, 2.0, 5.0, 6.0))
    odd = Example(
        "<id>",
        [Message("user", [Part(text="<script>alert(1)</script>"), Part(image=0)]), assistant("a & b")],
        [ImageSource(array=np.zeros((600, 800, 3), np.uint8))],
        [region],
        answers=["c"],
    )
    broken = Example("broken", [user("a", (0,)), assistant("b")], [ImageSource(data=b"")])
    examples = [odd, broken, question("red", "colour", 0)]
    path = tmp_path / "gallery.html"
    assert write_gallery(examples, path, statistics=inspect(examples), title="My <set>") == 3
    page = Page()
    page.feed(path.read_text())
    assert page.open == [] and page.outside == []
    assert len(page.images) == 2
    assert "<script>alert" not in path.read_text()
    assert "a & b" in page.text and "My <set>" in page.text and "0 bytes" in page.text and "accepted: c" in page.text
    assert '<rect x="1" y="2" width="4" height="4"/>' in path.read_text()
    assert 'viewBox="0 0 800 600"' in path.read_text()
    assert "prefers-color-scheme: dark" in path.read_text()


def test_gallery_draws_at_random_in_order(tmp_path):
    examples = [talk("a?", f"answer-{n}-", images=0, name=str(n)) for n in range(100)]
    assert write_gallery(iter(examples), tmp_path / "g.html", count=10) == 10
    text = (tmp_path / "g.html").read_text()
    places = [text.index(f"answer-{n}-") for n in range(100) if f"answer-{n}-" in text]
    assert len(places) == 10 and places == sorted(places)
    assert any(f"answer-{n}-" in text for n in range(50, 100))


def test_records_that_cannot_be_read_are_counted(tmp_path):
    good = {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}
    path = tmp_path / "set.json"
    path.write_text(json.dumps([good] * 30 + [{"conversations": []}]))
    found = inspect(read(path))
    assert (found.examples, found.rejected) == (30, 1)
    assert ("records that cannot be read", 1) in found.tables()[0][2]
