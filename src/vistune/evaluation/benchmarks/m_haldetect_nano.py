"""Descriptions of scenes with labelled segments: true ones, false ones, and opinions."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from itertools import pairwise

from vistune.evaluation.metrics.segments import Segment, SegmentLabel, sentences
from vistune.world.language import caption
from vistune.world.language.claims import claims
from vistune.world.pairs.words import replace_word
from vistune.world.scene import Scene, Split

#: Share of sentences that are made false where that can be done (about as in the published annotations), and of opinions.
_FALSE, _OPINION = 0.45, 0.12
_LISTS = ("object", "colour", "pattern", "relation", "number", "size")
OPINIONS = (
    "it is a lovely day.",
    "everybody seems to have a good time.",
    "it makes one want to be there.",
    "somebody must have worked hard on this.",
)
#: What links a segment to the one before it, and where a sentence is cut into segments.
_LINK = re.compile(r"^(?:[\s,]|and\b)+")
_CUT = re.compile(r",\s+| and (?=(?:a|an|one|two|three|four|five|six) )")


def labelled(scene: Scene, split: Split) -> tuple[str, list[Segment]]:
    """A description and its segments, each labelled by the scene."""
    rng = random.Random(f"m-haldetect/{split}/{scene.seed}")
    true = caption(scene, scene.seed, "long", split)
    parts: list[str] = []
    for start, end in sentences(true):
        sentence = true[start:end]
        parts.append(_false(sentence, scene, rng) if rng.random() < _FALSE else sentence)
        if rng.random() < _OPINION:
            parts.append(rng.choice(OPINIONS))
    text, made = "", []
    for sentence in parts:
        offset = len(text) + (1 if text else 0)
        text = f"{text} {sentence}" if text else sentence
        made += [replace(s, start=s.start + offset, end=s.end + offset) for s in _segments(sentence, scene)]
    return text, made


def _false(sentence: str, scene: Scene, rng: random.Random) -> str:
    """The sentence with a word changed so that it is false; as it is where that cannot be done."""
    for _ in range(4):
        changed = replace_word(sentence, rng.getrandbits(30), _LISTS, scene)
        if changed is not None and any(c.holds(scene) is False for c in claims(changed.text)):
            return changed.text
    return sentence


def _segments(sentence: str, scene: Scene) -> list[Segment]:
    """The parts of a list, or the whole sentence."""
    cuts = [0, *(found.start() for found in _CUT.finditer(sentence)), len(sentence)]
    return [Segment(a, b, _label(sentence[a:b], scene)) for a, b in pairwise(cuts) if a < b]


def _label(part: str, scene: Scene) -> SegmentLabel:
    truths = [claim.holds(scene) for claim in claims(_LINK.sub("", part)) if claim.kind != "other"]
    return "inaccurate" if False in truths else "unsure" if None in truths else "accurate" if truths else "analysis"
