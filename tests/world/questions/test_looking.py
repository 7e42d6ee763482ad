"""Questions for a closer look, answered again from words, pixels and masks."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from slow_answers import one

from seeds import seeds
from vistune.core.errors import ConfigError
from vistune.world import amodal_masks, keypoints, masks, render, sample_scene, text_map
from vistune.world.keypoints import PERSON_KEYPOINTS, keypoint_names
from vistune.world.program import Ambiguous
from vistune.world.questions import EXTRA_MAKERS, MAKERS, OPERATIONS, ask, parse_program
from vistune.world.questions.programs import Phrase, call, the_one
from vistune.world.render import FIXED
from vistune.world.scene import Scene, Thing
from vistune.world.vocabulary import KIND_BY_NAME


def asked(*types, count=350, split="test", prior="flat"):
    for i in seeds(count):
        scene = sample_scene(i, split=split, prior=prior, max_things=6, labels=True)
        for question in ask(scene, i, types=types, n=2, split=split):
            assert question.type in types and question.needs_image
            assert parse_program(str(question.program)) == question.program
            assert question.program.answer(scene) == question.answer
            yield scene, question


def balanced(answers, first, second):
    """Whether one comes about as often as the other: within a fifth, or three and a half standard errors."""
    a, b = answers[first], answers[second]
    return abs(a - b) <= max(0.2 * (a + b), 3.5 * (a + b) ** 0.5)


def cover(scene, index):
    """(share of a thing under nearer ones, which these are) from masks laid over each other."""
    whole = amodal_masks(scene, 128)
    nearer = [j for j, other in enumerate(scene.things) if other.depth < scene.things[index].depth]
    shares = {j: (whole[index] & whole[j]).sum() / whole[index].sum() for j in nearer}
    return {j: share for j, share in shares.items() if share > 0}


def article(kind):
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def slots(question):
    """What stands in the slots of a question's wording."""
    names = iter(re.findall(r"\\{(\w+)\\}", re.escape(question.wording)))
    seen, pattern = set(), re.escape(question.wording)
    for name in names:
        group = f"(?P<{name}>.+?)" if name not in seen else f"(?P={name})"
        pattern = pattern.replace(rf"\{{{name}\}}", group, 1)
        seen.add(name)
    return re.fullmatch(pattern, question.text).groupdict()


def test_text_is_what_the_ink_says():
    counts = Counter()
    for scene, question in asked("text", "text_where", "text_check"):
        told = slots(question)
        if "x" not in told:
            (index,) = [i for i, t in enumerate(scene.things) if t.label == told["w"]]
            assert article(scene.things[index].kind) == question.answer
        else:
            index = one(told["x"], scene)
            label = scene.things[index].label
            assert question.answer == (("yes" if label == told["w"] else "no") if "w" in told else label)
        assert (text_map(scene, 128) == index).sum() > 6
        counts[question.answer] += 1
    assert sum(counts.values()) > 70 and balanced(counts, "yes", "no")


def test_who_does_what():
    counts = Counter()
    for scene, question in asked("who", "anybody", "raised_hand"):
        people = [t for t in scene.things if KIND_BY_NAME[t.kind].group == "person"]
        told = slots(question)
        word = told.get("w")
        if word is None:
            index = one(told["x"], scene)
            points = keypoints(scene, 256)[index]
            hands = [points[PERSON_KEYPOINTS.index(f"{side}_wrist")] for side in ("left", "right")]
            middle = points[PERSON_KEYPOINTS.index("nose")][0]
            assert ("left" if min(hands, key=lambda p: p[1])[0] < middle else "right") == question.answer
        elif question.answer in ("yes", "no"):
            assert (question.answer == "yes") == any(t.state == word for t in people)
        else:
            (who,) = [t for t in people if t.state == word]
            assert article(who.kind) == question.answer
        counts[question.answer] += 1
    assert balanced(counts, "yes", "no") and balanced(counts, "left", "right")
    assert min(counts[article(k)] for k in ("boy", "girl", "man", "woman")) > 3


def side_seen(scene, index):
    """Where the nose is, or the light of a car, or (a bus's door, a plane's cockpit) its glass, from the middle."""
    thing = scene.things[index]
    alone = replace(scene, things=(replace(thing, support=None, label=None, x=0.5, y=0.8, height=0.4),))
    mask = masks(alone, 256)[0]
    middle = np.nonzero(mask)[1].mean()
    if keypoint_names(thing.kind):
        return "left" if keypoints(alone, 256)[0][0, 0] < middle else "right"
    lamp = {"car": "flame", "truck": "flame", "bus": "glass", "plane": "glass"}[thing.kind]
    wanted = np.minimum(np.array(FIXED[lamp]) * scene.light, 255)
    near = mask & (np.abs(render(alone, 256) - wanted).max(-1) < 6)
    return "left" if np.nonzero(near)[1].mean() < middle else "right"


def test_facing_is_where_the_nose_or_the_light_is():
    answers = Counter()
    for scene, question in asked("facing", "facing_check", "facing_same", count=160):
        told = slots(question)
        assert [one(told[slot], scene) for slot in ("x", "y") if slot in told] == list(question.facts["things"])
        sides = [side_seen(scene, i) for i in question.facts["things"]]
        if len(sides) == 2:
            assert (sides[0] == sides[1]) == (question.answer == "yes")
        elif question.answer in ("left", "right"):
            assert sides == [question.answer]
        else:
            assert (sides == [told["w"]]) == (question.answer == "yes")
        answers[question.answer] += 1
    for pair in (("left", "right"), ("yes", "no")):
        assert sum(answers[w] for w in pair) > 25 and balanced(answers, *pair)


def test_occlusion_is_that_of_the_masks():
    answers = Counter()
    for scene, question in asked("hidden", "hider", count=350):
        index = one(slots(question)["x"], scene)
        shares = cover(scene, index)
        assert all(share >= 0.04 for share in shares.values()) or question.answer in ("yes", "no")
        if question.answer in ("yes", "no"):
            whole = "whole" in question.text or "all of" in question.text
            assert (question.answer == "yes") == (whole != bool(shares))
            assert not shares or max(shares.values()) >= 0.04
        else:
            assert [article(scene.things[j].kind) for j in shares] == [question.answer]
        answers[question.answer] += 1
    assert answers["yes"] > 10 and balanced(answers, "yes", "no")


def test_a_touch_is_in_doubt():
    car = Thing("car", "red", "big", "plain", None, 0.5, 0.8, 0.3, 0.3, 0)
    program = call("hidden", the_one(Phrase("car")))
    told = []
    for x in np.linspace(0.5, 1.0, 40):
        scene = Scene(0, "street", (car, Thing("ball", "blue", "small", "plain", None, x, 0.85, 0.12, 0.1, 0)))
        share = sum(cover(scene, 0).values())
        try:
            told.append(program.answer(scene))
            assert (told[-1] == "yes") == (share >= 0.04) and not 0 < share < 0.04
        except Ambiguous:
            told.append("doubt")
            assert 0 < share < 0.04
    assert set(told) == {"yes", "doubt", "no"}


def test_hidden_text_is_not_asked_about():
    bus = Thing("bus", "red", "big", "plain", None, 0.5, 0.9, 0.4, 0.3, 0, label="zoo")
    ball = Thing("ball", "red", "big", "plain", None, 0.5, 0.95, 0.3, 0.1, 0)
    assert ask(Scene(0, "farm", (bus,)), 0, types=["text"], n=3)
    assert not ask(Scene(0, "farm", (bus, ball)), 0, types=["text"], n=3)
    with pytest.raises(Ambiguous, match="partly hidden"):
        call("saying", call("things"), argument="zoo").run(Scene(0, "farm", (bus, ball)))


def test_they_are_asked_by_name_only():
    assert not set(EXTRA_MAKERS) & set(MAKERS)
    scene = next(s for s in (sample_scene(i, labels=True) for i in range(100)) if any(t.label for t in s.things))
    assert not {q.type for q in ask(scene, 0, n=60)} & set(EXTRA_MAKERS)
    assert {"read", "saying", "doing", "facing", "raised_hand", "hidden", "hiders"} <= set(OPERATIONS)
    assert list(EXTRA_MAKERS)[:3] == ["text", "text_where", "text_check"]
    with pytest.raises(ConfigError, match="Did you mean 'facing'"):
        ask(scene, 0, types=["faceing"])


def test_held_out_wordings_are_for_val_and_test():
    train = [q for kind in EXTRA_MAKERS for _, q in asked(kind, count=25, split="train")]
    assert train and not any(q.held_out for q in train)
    test = [q for kind in EXTRA_MAKERS for _, q in asked(kind, count=50)]
    assert 0.1 < np.mean([q.held_out for q in test]) < 0.6
