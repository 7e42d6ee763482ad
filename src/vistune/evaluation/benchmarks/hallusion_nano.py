"""HallusionBench's sets made by the world: edited scenes, and knowledge with and against a picture."""

from __future__ import annotations

import random
from dataclasses import replace

from vistune.data.example import Example, ImageSource
from vistune.evaluation.benchmarks.hallusion_bench import hallusion_example
from vistune.evaluation.benchmarks.knowing import scene_stream
from vistune.evaluation.benchmarks.nano import FIRST_SCENE, picture
from vistune.world.scene import Prior, Scene, Split

#: Edits that are seen in pictures of 64 pixels.
_EDITS = ("colour", "pattern", "object", "add", "remove", "move", "swap", "exchange")
#: Kinds whose colour everybody knows.
_KNOWN = {"banana": "yellow", "carrot": "orange"}


def figure_sets(n: int, split: Split, prior: Prior, size: int, seed: int) -> list[Example]:
    """``n`` sets of a scene and an edited one: two questions, each true of one of them. Edits take turns."""
    from vistune.world.pairs.pair import sample_pair

    made = []
    for number in range(n):
        what = _EDITS[number % len(_EDITS)]
        pair = sample_pair(FIRST_SCENE + seed * 100_000 + number, split=split, prior=prior, what=[what])
        pictures = [picture(scene, size) for scene in pair.scenes]
        for figure, scene in enumerate(pair.scenes):
            for place, text in enumerate(pair.texts):
                truth = "yes" if place == figure else "no"
                made.append(
                    _example(
                        ("VD", what, str(number), str(figure), str(place)), 1 + figure, _asked(text), pictures[figure],
                        truth, text if truth == "yes" else pair.texts[figure], scene,
                    )
                )  # fmt: skip
    return made


def knowledge_sets(n: int, split: Split, prior: Prior, size: int, seed: int) -> list[Example]:
    """``n`` sets about the colour of a fruit: asked of no picture, of one that agrees, and of one where it has another."""
    from vistune.world.vocabulary import COLOURS

    made: list[Example] = []
    number = 0
    for scene in scene_stream(split, prior, seed):
        if number == n:
            break
        places = [i for i, thing in enumerate(scene.things) if thing.kind in _KNOWN]
        if len(places) != 1:
            continue
        thing = scene.things[places[0]]
        usual = _KNOWN[thing.kind]
        other = random.Random(f"hallusion/{scene.seed}").choice([c for c in COLOURS if c != usual])
        shown = [_recoloured(scene, places[0], colour) for colour in (usual, other)]
        for figure in range(3):
            colour = usual if figure < 2 else other
            for place, asked in enumerate((usual, other)):
                about = f"a {thing.kind}" if figure == 0 else f"the {thing.kind} in the picture"
                truth = "yes" if asked == colour else "no"
                made.append(
                    _example(
                        ("VS", "colour", str(number), str(figure), str(place)), figure, f"is {about} {asked}?",
                        None if figure == 0 else picture(shown[figure - 1], size), truth, f"{about} is {colour}.",
                        shown[max(0, figure - 1)],
                    )
                )  # fmt: skip
        number += 1
    return made


def _example(
    place: tuple[str, str, str, str, str],
    shown: int,
    question: str,
    source: ImageSource | None,
    truth: str,
    sentence: str,
    scene: Scene,
) -> Example:
    """A question with a sentence and a short reference; the oracle goes by the short one."""
    details = f"{truth}, {sentence}"
    return hallusion_example(
        place, shown, question, [] if source is None else [source], [details, truth], truth, facts=scene
    )


def _recoloured(scene: Scene, index: int, colour: str) -> Scene:
    things = tuple(replace(t, colour=colour) if i == index else t for i, t in enumerate(scene.things))
    return replace(scene, things=things)


def _asked(statement: str) -> str:
    """``is there a red dog?`` of ``there is a red dog.``, ``is the dog left of the cat?`` of ``the dog is left of the cat.``"""
    text = statement.rstrip(".")
    for be in ("is", "are"):
        if text.startswith(f"there {be} "):
            return f"{be} there {text.removeprefix(f'there {be} ')}?"
    subject, verb, rest = text.partition(" is ")
    return f"is {subject} {rest}?" if verb else f"is it true that {text}?"
