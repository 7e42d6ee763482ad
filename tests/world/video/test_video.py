"""Clips: every answer against a slow reading of the frames."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest

from vistune.core.errors import ConfigError
from vistune.world import instance_map, render
from vistune.world.program import parse_program
from vistune.world.video import Clip, ask, long_caption, plain_event, render_clip, sample_clip, short_caption
from vistune.world.video.questions import MAKERS
from vistune.world.video.sampling import ACTIONS
from vistune.world.video.telling import frames_of
from vistune.world.video.view import DEEDS, OPERATIONS, view_of_clip
from vistune.world.vocabulary import KIND_BY_NAME

PRIORS = ("skewed", "flat", "inverted")
NUMBERS = ["zero", "one", "two", "three", "four", "five"]


def clips(n: int, **options) -> list[Clip]:
    return [sample_clip(seed, prior=PRIORS[seed % 3], **options) for seed in range(n)]


def masks(clip: Clip, who: int) -> list[np.ndarray | None]:
    """The visible pixels of a thing in each frame; None where it is not there."""
    found = []
    for frame in range(clip.frames):
        scene, numbers = clip.stage(frame)
        found.append(instance_map(scene, 64) == numbers.index(who) if who in numbers else None)
    return found


def middle(mask: np.ndarray) -> tuple[float, float]:
    ys, xs = np.nonzero(mask)
    return xs.mean(), ys.mean()


def deed_by_pixels(clip: Clip, who: int, start: int, end: int) -> str:
    """What a thing does between two frames, read off its pixels."""
    shown = masks(clip, who)
    before, after = shown[start], shown[end]
    if before is None:
        return "appears"
    if after is None:
        return "disappears"
    ratio = after.sum() / before.sum()
    if ratio > 1.35 or ratio < 0.7:
        return "grows" if ratio > 1 else "shrinks"
    if abs(middle(after)[0] - middle(before)[0]) > 5:
        return "moves"
    top = min(middle(mask)[1] for mask in shown[start : end + 1] if mask is not None)
    assert middle(before)[1] - top > 5
    return "jumps"


def test_events_change_their_frames_and_nothing_else_does() -> None:
    """Event boundaries are where pixels begin and end to change."""
    for clip in clips(120):
        pictures = render_clip(clip, 64).astype(int)
        changed = {k for k in range(1, clip.frames) if (np.abs(pictures[k] - pictures[k - 1]).max(-1) > 20).sum() >= 2}
        told = {frame for event in clip.events for frame in range(event.start + 1, event.end + 1)}
        assert changed <= told
        for event in clip.events:
            assert event.end in changed or event.action in ("arrive", "leave", "grow", "shrink", "bump", "fly")
            assert changed & set(range(event.start + 1, event.end + 1))


def test_every_event_is_seen() -> None:
    """Each thing in an event shows at least 12 of 64 x 64 pixels before or after it."""
    for clip in clips(150):
        for event in clip.events:
            shown = masks(clip, event.who)
            assert max(0 if m is None else int(m.sum()) for m in (shown[event.start], shown[event.end])) >= 12


@pytest.mark.parametrize("action", ["move", "arrive", "leave", "jump", "grow", "shrink"])
def test_deeds_are_what_the_pixels_do(action: str) -> None:
    found = 0
    for clip in clips(150):
        for event in clip.events:
            alone = all(e is event or e.end <= event.start or e.start >= event.end for e in clip.events)
            if event.action == action and alone:
                found += 1
                assert DEEDS[deed_by_pixels(clip, event.who, event.start, event.end)] == action
    assert found > 5


def test_bumps_touch_and_push_and_hands_hold() -> None:
    bumps = holds = 0
    for clip in clips(500):
        for event in clip.events:
            if event.action == "bump":
                bumps += 1
                shown, other = masks(clip, event.who), masks(clip, event.other)
                way = 1 if event.value == "right" else -1
                assert way * (middle(other[event.end])[0] - middle(other[event.start])[0]) > 4
                assert way * (middle(shown[event.end])[0] - middle(shown[event.start])[0]) > 4
            if event.action == "pick up":
                holds += 1
                other = masks(clip, event.other)
                assert KIND_BY_NAME[clip.cast[event.who].kind].group == "person"
                assert middle(other[event.start])[1] - middle(other[event.end])[1] > 2
    assert bumps > 20 and holds > 8


def event_of(clip: Clip, sentence: str) -> int:
    told = [plain_event(clip, event) for event in clip.events]
    assert told.count(sentence) == 1
    return told.index(sentence)


def in_text(clip: Clip, text: str) -> list[int]:
    """Events whose plain sentence is in a text, in the order of the text."""
    told = {plain_event(clip, event): k for k, event in enumerate(clip.events)}
    return [told[s] for s in sorted((s for s in told if s in text), key=text.index)]


def things_in(clip: Clip, text: str) -> list[int]:
    """Things named in a text, in its order; a name that is part of a longer one does not count."""
    names = {name: k for k, name in enumerate(view_of_clip(clip).name)}
    pattern = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return [names[m] for m in re.findall(rf"(?:{pattern})(?!\w)", text)]


def expected(clip: Clip, type: str, text: str) -> str | None:
    """The answer from the events' numbers, the cast, and pixels; None where this reader cannot tell."""
    told, named = in_text(clip, text), things_in(clip, text)
    starts = [clip.events[k].start for k in told]
    if type == "does":
        event = next(e for e in clip.events if e.who == named[0])
        return f"it {deed_by_pixels(clip, named[0], event.start, event.end)}" if event.action != "jump" else "it jumps"
    if type == "direction":
        event = next(e for e in clip.events if e.who == named[0] and e.action == "move")
        shown = masks(clip, named[0])
        return "left" if middle(shown[event.end])[0] < middle(shown[event.start])[0] else "right"
    if type == "order":
        return "yes" if starts[0] < starts[1] else "no"
    if type == "first":
        return plain_event(clip, clip.events[told[starts.index(min(starts))]])
    if type == "after":
        later = sorted((e for e in clip.events if e.start > starts[0]), key=lambda e: e.start)
        return plain_event(clip, later[0])
    if type == "acts_first":
        ordered = sorted(clip.events, key=lambda e: e.start)
        return view_of_clip(clip).name[ordered[-1 if "last" in text else 0].who]
    if type == "part":
        event = clip.events[told[0]]
        return ["the beginning", "the middle", "the end"][int(1.5 * (event.start + event.end) / (clip.frames - 1))]
    if type == "number":
        verb = re.search(r"(move|jump|grow|shrink|appear|disappear)\W*$", text)[1] + "s"
        sentences = [plain_event(clip, e) for e in clip.events]
        return NUMBERS[sum(re.search(rf"\b{verb}\b", s) is not None for s in sentences)]
    if type == "there":
        kind = next(k for k in KIND_BY_NAME if re.search(rf"\b{KIND_BY_NAME[k].plural}\b", text))
        scene, _ = clip.stage(0 if "start" in text else clip.frames - 1)
        return NUMBERS[sum(t.kind == kind for t in scene.things)]
    if type == "takes_part":
        return "yes" if any(named[0] in (e.who, e.other) for e in clip.events) else "no"
    if type == "together":
        frames = [set(range(clip.events[k].start + 1, clip.events[k].end + 1)) for k in told]
        return "yes" if frames[0] & frames[1] else "no"
    if type == "state":
        scene, numbers = clip.stage(0 if "start" in text else clip.frames - 1)
        words = text.replace("?", "").split()
        return "yes" if scene.things[numbers.index(named[0])].state in words[words.index("is") :] else "no"
    if type in ("met", "cause"):
        pairs = {(e.who, e.other) for e in clip.events if e.action == "bump"}
        found = [p for p in pairs if p[0 if type == "met" else 1] == named[0]]
        return view_of_clip(clip).name[found[0][1 if type == "met" else 0]] if len(found) == 1 else None
    assert type == "faster"
    return None


@pytest.mark.parametrize("type", MAKERS)
def test_answers_are_those_of_the_frames(type: str) -> None:
    asked = 0
    for seed in range(220):
        split = ("train", "test")[seed % 2]
        clip = sample_clip(seed, prior=PRIORS[seed % 3], split=split)
        for q in ask(clip, seed, types=[type], split=split):
            asked += 1
            wanted = expected(clip, type, q.text)
            assert wanted is None or q.answer == wanted, q.text
            assert q.choices is None or (
                q.answer in q.choices and (type == "direction" or all(c in q.text for c in q.choices))
            )
            program = parse_program(str(q.program), OPERATIONS)
            assert program == q.program and program.answer(view_of_clip(clip)) == q.answer
    assert asked > (0 if type == "faster" else 4)


def test_both_offered_things_could_have_bumped() -> None:
    """What flies and what carries others never does: it would be known to be the wrong one."""
    offered = 0
    for seed in range(400):
        clip = sample_clip(seed, prior="flat")
        for q in ask(clip, seed, types=["met", "cause"], n=2):
            offered += 1
            numbers = [view_of_clip(clip).name.index(name) for name in q.choices or ()]
            assert len(numbers) == 2
            assert all(clip.cast[n].support is None for n in numbers)
            assert not {t.support for t in clip.cast} & set(numbers)
            assert "sky" not in {KIND_BY_NAME[clip.cast[n].kind].place for n in numbers}
    assert offered > 12


def test_the_faster_one_goes_farther_a_frame() -> None:
    """By the middles of the masks."""
    compared = 0
    for seed in range(1500):
        clip = sample_clip(seed, prior="flat", min_events=3)
        for q in ask(clip, seed, types=["faster"]):
            speeds = {}
            for name in q.choices:
                who = view_of_clip(clip).name.index(name)
                steps = []
                own = next(e for e in clip.events if e.who == who and e.action in ("move", "bump"))
                shown = masks(clip, who)
                for a, b in pairwise(shown[own.start : own.end + 1]):
                    if a is not None and b is not None and a.any() and b.any():
                        steps.append(abs(middle(b)[0] - middle(a)[0]))
                speeds[name] = sorted(steps)[-2]  # one step may show another part of it
            compared += 1
            assert max(speeds, key=speeds.get) == q.answer
    assert compared > 5


def test_clips_are_pure_functions_of_their_seed() -> None:
    assert sample_clip(3) == sample_clip(3) != sample_clip(3, split="test")
    clip = sample_clip(3)
    assert (render_clip(clip, 48)[5] == render(clip.stage(5)[0], 48)).all()
    assert {e.action for c in clips(500) for e in c.events} == set(ACTIONS)
    assert {c.frames for c in clips(3, frames=32, max_events=8)} == {32}


def test_captions_tell_all_events_in_order() -> None:
    for clip in clips(100):
        told = short_caption(clip, 0)
        assert len(re.findall(r"\.", told)) == len(clip.events)
        assert told in long_caption(clip, 0)
        for event in clip.events:
            first, last = frames_of(event)
            assert 2 <= first <= last <= clip.frames


def test_impossible_clips_are_said_clearly() -> None:
    with pytest.raises(ConfigError, match="8 to 32 frames"):
        sample_clip(0, frames=40)
    with pytest.raises(ConfigError, match="do not fit"):
        sample_clip(0, frames=8, max_events=9)
