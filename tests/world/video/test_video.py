"""Clips: every answer against a slow reading of the frames."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest

from seeds import seeds
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
    return [sample_clip(seed, prior=PRIORS[seed % 3], **options) for seed in seeds(n)]


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
    for clip in clips(80):
        pictures = render_clip(clip, 64).astype(int)
        changed = {k for k in range(1, clip.frames) if (np.abs(pictures[k] - pictures[k - 1]).max(-1) > 20).sum() >= 2}
        told = {frame for event in clip.events for frame in range(event.start + 1, event.end + 1)}
        assert changed <= told
        for event in clip.events:
            assert event.end in changed or event.action in ("arrive", "leave", "grow", "shrink", "bump", "fly")
            assert changed & set(range(event.start + 1, event.end + 1))


def test_every_event_is_seen() -> None:
    """Each thing in an event shows at least 12 of 64 x 64 pixels before or after it."""
    for clip in clips(100):
        for event in clip.events:
            shown = masks(clip, event.who)
            assert max(0 if m is None else int(m.sum()) for m in (shown[event.start], shown[event.end])) >= 12


@pytest.mark.parametrize("action", ["move", "arrive", "leave", "jump", "grow", "shrink"])
def test_deeds_are_what_the_pixels_do(action: str) -> None:
    found = 0
    for clip in clips(100):
        for event in clip.events:
            alone = all(e is event or e.end <= event.start or e.start >= event.end for e in clip.events)
            if event.action == action and alone:
                found += 1
                assert DEEDS[deed_by_pixels(clip, event.who, event.start, event.end)] == action
    assert found > 5


def test_bumps_touch_and_push_and_hands_hold() -> None:
    bumps = holds = 0
    for clip in clips(200):
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
    assert bumps > 8 and holds > 1


@lru_cache(maxsize=256)
def alone(clip: Clip, who: int) -> list[np.ndarray]:
    """A thing's pixels in each frame, drawn with nothing else on the scene; empty where it is not there."""
    bare = render(replace(clip.stage(0)[0], things=()), 96)
    found: list[np.ndarray] = []
    before = None
    for frame in range(clip.frames):
        scene, numbers = clip.stage(frame)
        now = [replace(scene.things[k], support=None) for k, n in enumerate(numbers) if n == who]
        if not found or now != before:
            picture = render(replace(scene, things=tuple(now)), 96)
            found.append(np.where((picture != bare).any(-1), picture.sum(-1, dtype=int) + 1, 0))
        else:
            found.append(found[-1])
        before = now
    return found


def runs(clip: Clip, who: int) -> list[tuple[int, int]]:
    """Last frame before and first frame after each stretch in which a thing's own pixels change."""
    shown = alone(clip, who)
    changed = [k for k in range(1, clip.frames) if (shown[k] != shown[k - 1]).any()]
    starts = [k for k in changed if k - 1 not in changed]
    ends = [k for k in changed if k + 1 not in changed]
    return [(start - 1, end) for start, end in zip(starts, ends)]


def what(clip: Clip, who: int, start: int, end: int) -> str:
    """What a thing does in one of its stretches, by its pixels alone."""
    shown = alone(clip, who)
    before, after = shown[start] > 0, shown[end] > 0
    if not before.any():
        return "appears"
    if not after.any():
        last = next(shown[k] > 0 for k in range(end, start, -1) if shown[k].any())
        return "flies" if last[0].any() or last.sum() > 0.6 * before.sum() else "disappears"
    if np.array_equal(shown[start], shown[end]):
        assert middle(before)[1] - min(middle(picture > 0)[1] for picture in shown[start : end + 1]) > 7
        return "jumps"
    (x0, y0), (x1, y1) = middle(before), middle(after)
    ratio = after.sum() / before.sum()
    if end - start == 1:
        return "changes"
    if 0.8 < ratio < 1.25:
        return "rises" if y0 - y1 > 2 else "moves right" if x1 > x0 else "moves left"
    return "grows" if ratio > 1 else "shrinks"


#: Verb of a plain sentence -> what its pixels do; of others a state changes.
SEEN_AS = {verb: verb for verb in DEEDS} | {"flies": "flies"}


def span(clip: Clip, sentence: str) -> tuple[int, int] | None:
    """When the event of a plain sentence begins and ends, by the pixels of what it names; None where that leaves two."""
    named = things_in(clip, sentence)
    verb = sentence.replace(view_of_clip(clip).name[named[0]], "").split()[0]
    own = runs(clip, named[0])
    if verb == "bumps":
        pushed = [r for r in runs(clip, named[1]) if what(clip, named[1], *r).startswith("moves")]
        fits = [(a[0], b[1]) for a in own for b in pushed if a[0] < b[0] <= a[1] <= b[1]]
    elif verb == "picks":
        fits = [r for r in runs(clip, named[1]) if what(clip, named[1], *r) == "rises"]
    else:
        seen = SEEN_AS.get(verb, "changes") + (f" {sentence.split()[-1]}" if verb == "moves" else "")
        fits = [r for r in own if what(clip, named[0], *r) == seen]
    assert fits, sentence
    return fits[0] if len(fits) == 1 else None


def doers(clip: Clip, deed: str) -> int:
    """How many things do it in one stretch or more, by their pixels."""
    return sum(
        any(what(clip, who, *run).split()[0] == deed for run in runs(clip, who)) for who in range(len(clip.cast))
    )


def things_in(clip: Clip, text: str) -> list[int]:
    """Things named in a text, in its order; a name that is part of a longer one does not count."""
    names = {name: k for k, name in enumerate(view_of_clip(clip).name)}
    pattern = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return [names[m] for m in re.findall(rf"(?:{pattern})(?!\w)", text)]


def in_time(clip: Clip, type: str, text: str) -> str | None:
    """Answers about when things happen, from the stretches in which pixels change; None where this reader cannot tell."""
    told = {plain_event(clip, event): span(clip, plain_event(clip, event)) for event in clip.events}
    named = sorted((s for s in told if s in text), key=text.index)
    spans = [found for s in named if (found := told[s]) is not None]
    if len(spans) < len(named) or (type in ("after", "acts_first") and None in told.values()):
        return None
    if type == "order":
        return "yes" if spans[0][0] < spans[1][0] else "no"
    if type == "first":
        return min(zip(spans, named))[1]
    if type == "together":
        return "yes" if spans[0][1] > spans[1][0] and spans[1][1] > spans[0][0] else "no"
    if type == "part":
        return ["the beginning", "the middle", "the end"][int(1.5 * sum(spans[0]) / (clip.frames - 1))]
    times = {s: found for s, found in told.items() if found is not None}
    if type == "after":
        return min((found, s) for s, found in times.items() if found[0] >= spans[0][1])[1]
    first, last = (which(times, key=lambda s: times[s][0]) for which in (min, max))
    return view_of_clip(clip).name[things_in(clip, last if "last" in text else first)[0]]


def expected(clip: Clip, type: str, text: str) -> str | None:
    """The answer from pixels and the things of a frame; None where this reader cannot tell."""
    named = things_in(clip, text)
    if type in ("order", "first", "after", "acts_first", "part", "together"):
        return in_time(clip, type, text)
    if type in ("does", "direction"):
        deeds = [what(clip, named[0], *run).split() for run in runs(clip, named[0])]
        if type == "does":
            return f"it {deeds[0][0]}" if len(deeds) == 1 else "more than one thing"
        ways = {deed[1] for deed in deeds if deed[0] == "moves"}
        return ways.pop() if len(ways) == 1 else "both"
    if type == "number":
        return NUMBERS[doers(clip, re.search(r"(move|jump|grow|shrink|appear|disappear)\W*$", text)[1] + "s")]
    if type == "there":
        kind = next(k for k in KIND_BY_NAME if re.search(rf"\b{KIND_BY_NAME[k].plural}\b", text))
        frame = 0 if "start" in text else clip.frames - 1
        seen = [who for who in range(len(clip.cast)) if alone(clip, who)[frame].any()]
        return NUMBERS[sum(clip.cast[who].kind == kind for who in seen)]
    if type == "takes_part":
        # Who picks something up stands still, and is told from the pixels of what comes into the hand.
        picks = any(named[0] in (e.who, e.other) for e in clip.events if e.action == "pick up")
        return "yes" if runs(clip, named[0]) or picks else "no"
    if type == "state":
        scene, numbers = clip.stage(0 if "start" in text else clip.frames - 1)
        words = text.replace("?", "").split()
        return "yes" if scene.things[numbers.index(named[0])].state in words[words.index("is") :] else "no"
    if type in ("met", "cause"):
        return partner(clip, type, named[0])
    assert type == "faster"
    return None


def partner(clip: Clip, type: str, who: int) -> str | None:
    """Who begins to move while another, moving the same way, comes to a stop beside it; the other way round for causes."""
    found = set()
    for a in range(len(clip.cast)):
        for b in range(len(clip.cast)):
            if who == (a if type == "met" else b) and a != b:
                found |= {(a, b) for r in runs(clip, a) for p in runs(clip, b) if touches(clip, a, b, r, p)}
    return view_of_clip(clip).name[found.pop()[1 if type == "met" else 0]] if len(found) == 1 else None


def touches(clip: Clip, a: int, b: int, run: tuple[int, int], pushed: tuple[int, int]) -> bool:
    """Whether ``a`` ends its run at the side of ``b``, which is then pushed on."""
    way = what(clip, a, *run)
    if not way.startswith("moves") or what(clip, b, *pushed) != way or not run[0] < pushed[0] <= run[1] <= pushed[1]:
        return False
    mine, theirs = (np.flatnonzero((alone(clip, k)[f] > 0).any(0)) for k, f in ((a, run[1]), (b, pushed[0])))
    gap = theirs[0] - mine[-1] if way == "moves right" else mine[0] - theirs[-1]
    return abs(gap) < 12


@pytest.mark.parametrize("type", MAKERS)
def test_answers_are_those_of_the_frames(type: str) -> None:
    asked = told = 0
    for seed in seeds(120):
        split = ("train", "test")[seed % 2]
        clip = sample_clip(seed, prior=PRIORS[seed % 3], split=split)
        for q in ask(clip, seed, types=[type], split=split):
            asked += 1
            wanted = expected(clip, type, q.text)
            told += wanted is not None
            assert wanted is None or q.answer == wanted, (seed, q.text)
            assert q.choices is None or (
                q.answer in q.choices and (type == "direction" or all(c in q.text for c in q.choices))
            )
            program = parse_program(str(q.program), OPERATIONS)
            assert program == q.program and program.answer(view_of_clip(clip)) == q.answer
    assert asked > (0 if type == "faster" else 3)
    assert type == "faster" or told > 0.8 * asked


def test_both_offered_things_could_have_bumped() -> None:
    """What flies and what carries others never does: it would be known to be the wrong one."""
    offered = 0
    for seed in seeds(200):
        clip = sample_clip(seed, prior="flat")
        for q in ask(clip, seed, types=["met", "cause"], n=2):
            offered += 1
            numbers = [view_of_clip(clip).name.index(name) for name in q.choices or ()]
            assert len(numbers) == 2
            assert all(clip.cast[n].support is None for n in numbers)
            assert not {t.support for t in clip.cast} & set(numbers)
            assert "sky" not in {KIND_BY_NAME[clip.cast[n].kind].place for n in numbers}
    assert offered > 5


def test_the_faster_one_goes_farther_a_frame() -> None:
    """By the middles of the masks."""
    compared = 0
    for seed in seeds(450):
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
    assert compared > 0


def test_clips_are_pure_functions_of_their_seed() -> None:
    assert sample_clip(3) == sample_clip(3) != sample_clip(3, split="test")
    clip = sample_clip(3)
    assert (render_clip(clip, 48)[5] == render(clip.stage(5)[0], 48)).all()
    assert {e.action for c in clips(200) for e in c.events} == set(ACTIONS)
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
