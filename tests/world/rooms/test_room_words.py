"""What is said and asked of rooms: names, boxes in words, captions and answers against the furniture's numbers."""

from __future__ import annotations

import math
import re
from collections import Counter

import numpy as np
import pytest

from seeds import seeds
from vistune.core.errors import DataError
from vistune.world.language.grammar import number_word
from vistune.world.program import parse_program
from vistune.world.rooms import Room, ask, axis_boxes, boxes_3d, long_caption, look, sample_room, short_caption
from vistune.world.rooms.furniture import FURNISHINGS
from vistune.world.rooms.questions import MAKERS, TWO_VIEW_MAKERS, room_view
from vistune.world.rooms.telling import box_words, read_box
from vistune.world.rooms.view import OPERATIONS
from vistune.world.vocabulary import COLOURS

PRIORS = ("skewed", "flat", "inverted")
WORDS = "|".join([*COLOURS, "small", "big", "striped", "checked"])
NUMBERS = {number_word(n): n for n in range(10)}


def name_to_index(room: Room, text: str) -> int:
    """The only thing that fits all words of ``the small red chair``."""
    *words, kind = text.removeprefix("the ").split()
    fits = [
        i
        for i, t in enumerate(room.things)
        if t.kind == kind and all(w in (t.size, t.colour, t.material) for w in words)
    ]
    assert len(fits) == 1
    return fits[0]


def references(room: Room, text: str) -> list[int]:
    """The things that a question names, in its order."""
    kinds = "|".join(FURNISHINGS)
    return [name_to_index(room, m[0]) for m in re.finditer(rf"the(?: (?:{WORDS}))* (?:{kinds})\b", text)]


def metres(room: Room, i: int, camera: int | None = None, j: int = 0) -> float:
    boxes = boxes_3d(room)
    other = boxes[j, :3] if camera is None else np.asarray(room.cameras[camera].position)
    return math.dist(boxes[i, :3], other)


def expected(room: Room, type: str, text: str) -> str:
    """The answer by the numbers of the boxes and the pixels of ids."""
    if type == "count":
        ids = look(room, 0, 64, 64).ids
        kinds = [t.kind for i, t in enumerate(room.things) if (ids == i).sum() >= 16]
        plural = next(n for n, f in FURNISHINGS.items() if re.search(rf"\b{f.plural}\b", text))
        return str(kinds.count(plural))
    if type == "total":
        shown = [
            set(np.flatnonzero(np.bincount(look(room, k, 64, 64).ids.ravel() + 3, minlength=3)[3:] >= 16))
            for k in (0, 1)
        ]
        kinds = [room.things[i].kind for i in shown[0] | shown[1]]
        plural = next(n for n, f in FURNISHINGS.items() if re.search(rf"\b{f.plural}\b", text))
        assert any(room.things[i].kind == plural for i in shown[0] & shown[1])
        return str(kinds.count(plural))
    if type == "exists":
        _, colour, kind = re.search(r"\b(an?) (\w+) (\w+)", text).groups()
        ids = look(room, 0, 64, 64).ids
        seen = [t for i, t in enumerate(room.things) if (ids == i).sum() >= 16]
        return "yes" if any(t.colour == colour and t.kind == kind for t in seen) else "no"
    found = references(room, text)
    if type == "colour":
        return room.things[found[0]].colour
    if type == "on":
        # What the camera does not see is not in the picture.
        ids = look(room, 0, 64, 64).ids
        return "the " + next(t.kind for i, t in enumerate(room.things) if t.on == found[0] and (ids == i).sum() >= 16)
    if type == "distance":
        return str(round(metres(room, found[0], camera=0)))
    if type == "between":
        return str(round(metres(room, found[0], j=found[1])))
    if type == "side":
        u = [room.cameras[0].project(np.array(boxes_3d(room)[i, :3]), 64, 64)[0][0] for i in found]
        return "yes" if u[0] < u[1] else "no"
    if type == "turned":
        (ax, ay), (bx, by), (cx, cy) = (boxes_3d(room)[i, :2] for i in found)
        heading = math.atan2(by - ay, bx - ax)
        relative = (math.degrees(math.atan2(cy - ay, cx - ax) - heading) + 180) % 360 - 180
        return "behind" if abs(relative) > 135 else "left" if relative > 0 else "right"
    if type == "views":
        shown = [(look(room, k, 64, 64).ids == found[0]).sum() >= 16 for k in (0, 1)]
        return {(True, True): "both", (True, False): "the first", (False, True): "the second"}[tuple(map(bool, shown))]
    if type == "taller":
        best = max(found[-2:], key=lambda i: boxes_3d(room)[i, 5])
    elif type == "depth_order":
        best = min(found[-2:], key=lambda i: metres(room, i, camera=0))
    else:
        assert type == "relative_distance"
        best = min(found[1:], key=lambda i: metres(room, found[0], j=i))
    return str(room_view(room).names[best])


def drawn(seed: int) -> Room:
    """Every second room is a test room; priors take turns."""
    return sample_room(seed, prior=PRIORS[seed % 3], split=("train", "test")[seed % 2])


def test_answers_are_those_of_the_numbers_and_names_fit_one_thing() -> None:
    asked: Counter[str] = Counter()
    for seed in seeds(100):
        room = drawn(seed)
        for i, name in room_view(room).names.items():
            assert name is None or name_to_index(room, name) == i
        for type in (*MAKERS, *TWO_VIEW_MAKERS):
            for again in (0, 1000):
                for q in ask(room, seed + again, types=[type], split=room.split):
                    asked[type] += 1
                    answer = str(NUMBERS.get(q.answer, q.answer))
                    assert answer == expected(room, type, q.text), q.text
                    assert q.choices is None or q.answer in q.choices
                    program = parse_program(str(q.program), OPERATIONS)
                    assert program == q.program and program.answer(room_view(room)) == q.answer
    assert all(asked[type] > (2 if type in ("on", "total") else 10) for type in (*MAKERS, *TWO_VIEW_MAKERS)), asked


def test_totals_count_over_both_pictures_and_nothing_twice() -> None:
    alone = asked = 0
    for seed in seeds(30):
        room = sample_room(seed, prior=PRIORS[seed % 3], min_things=8, max_things=10)
        for again in range(4):
            for q in ask(room, seed + 1000 * again, types=["total"]):
                assert NUMBERS[q.answer] == int(expected(room, "total", q.text)), q.text
                asked += 1
                first = int(expected(room, "count", q.text))
                alone += first != NUMBERS[q.answer]
    assert asked > 10 and alone > 2


def test_boxes_in_words_are_read_back() -> None:
    for seed in seeds(100):
        room = sample_room(seed)
        steps = np.array([room.shell.width, room.shell.length, room.shell.height] * 2) / 100
        for i in range(len(room.things)):
            read = np.array(read_box(f"it is at {box_words(room, i)}.", room))
            assert (np.abs(read - axis_boxes(room)[i]) <= steps).all()
    with pytest.raises(DataError, match="six numbers"):
        read_box("[1, 2, 3]", sample_room(0))


def test_captions_name_what_is_seen() -> None:
    for seed in seeds(100):
        room = drawn(seed)
        ids = look(room, 0, 64, 64).ids
        seen = [t.kind for i, t in enumerate(room.things) if (ids == i).sum() >= 16]
        first = long_caption(room).split(".")[0]
        assert [w for w in re.findall(r"\w+", first) if w in FURNISHINGS] == seen
        assert [w for w in re.findall(r"\w+", short_caption(room, 0, room.split)) if w in FURNISHINGS] == seen[:4]
        for a, b in re.findall(r"(the [\w ]+?) is left of (the [\w ]+?)\.", long_caption(room)):
            u = [
                room.cameras[0].project(np.array(boxes_3d(room)[name_to_index(room, n), :3]), 64, 64)[0][0]
                for n in (a, b)
            ]
            assert u[0] < u[1]
