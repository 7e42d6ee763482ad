"""Conversations about a scene: requests for captions, questions, and answers with reasons where they are asked for."""

from __future__ import annotations

import random

from vistune.world.language.captions import caption, caption_request
from vistune.world.language.view import View, view_of
from vistune.world.language.wordings import Wordings
from vistune.world.questions.ask import ask
from vistune.world.questions.explain import explain
from vistune.world.questions.question import Question
from vistune.world.scene import Scene

#: Asks for the reason; only then is one given, so that the form of an answer never has to be guessed.
WHY = Wordings(("{q} say why.", "{q} tell me why."), ("{q} give a reason.",))

#: How often a yes/no answer with a known reason is asked why.
_WHY_SHARE = 0.3


def conversation(
    scene: Scene | View,
    seed: int,
    turns: int = 4,
    split: str = "train",
    caption_share: float = 0.4,
    types: list[str] | None = None,
) -> list[tuple[str, str]]:
    """Up to ``turns`` (question, answer) pairs about one scene, deterministic from scene and seed.

    The first is a request for a caption in a share ``caption_share`` of the conversations; the others are questions of
    all ``types`` that need the picture, no two the same. After a caption many answers can be read off it: a small share
    makes more questions need the picture. Fewer come back only where the scene has no more exact questions.
    """
    return [(asked, answer) for asked, answer, _ in talk(scene, seed, turns, split, caption_share, types)]


def talk(
    scene: Scene | View,
    seed: int,
    turns: int = 4,
    split: str = "train",
    caption_share: float = 0.4,
    types: list[str] | None = None,
) -> list[tuple[str, str, Question | None]]:
    """The same conversation with the question behind each turn; None for a caption."""
    view = view_of(scene)
    rng = random.Random(f"talk/{seed}/{view.scene.seed}/{split}")
    said: list[tuple[str, str, Question | None]] = []
    if turns > 0 and rng.random() < caption_share:
        level = rng.choice(("short", "long", "all"))
        said.append((caption_request(level, seed, split), caption(view, seed, level, split), None))
    for question in ask(view, rng.getrandbits(40), types=types, n=turns - len(said), split=split):
        why = rng.random() < _WHY_SHARE
        asked, answer = with_reason(question, rng, split) if why else (question.text, question.answer)
        said.append((asked, answer, question))
    return said


def with_reason(question: Question, rng: random.Random, split: str) -> tuple[str, str]:
    """The question and why: ``no, there are two cups and three balls.``; as it is if it has no reason."""
    reason = question.facts.get("reason")
    if question.answer not in ("yes", "no") or not reason:
        return question.text, question.answer
    return WHY.pick(rng, split).format(q=question.text), f"{question.answer}, {reason}."


def with_explanation(question: Question, view: View, rng: random.Random, split: str) -> tuple[str, str]:
    """Any question with a program and why, from its steps: ``two, there are two red cups.``; as it is without one."""
    reason = explain(question, view)
    if reason is None:
        return question.text, question.answer
    return WHY.pick(rng, split).format(q=question.text), f"{question.answer}, {reason}."
