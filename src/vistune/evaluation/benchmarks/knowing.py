"""Questions that need a scene and a fact: which animal is seen, and what one knows of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from vistune.evaluation.benchmarks.nano import FIRST_SCENE
from vistune.world.scene import Prior, Scene, Split

#: Family of facts -> wordings about the animal that is seen.
WORDINGS: dict[str, tuple[str, ...]] = {
    "sound": ("what does the animal in the picture say?", "what sound does the animal here make?"),
    "young": (
        "what is the young of the animal in the picture called?",
        "what do you call a young animal of this kind?",
    ),
    "legs": ("how many legs do animals of this kind have?", "how many legs does the animal in the picture have?"),
    "fly": ("can the animal in the picture fly?", "is the animal here able to fly?"),
    "water": ("does the animal in the picture live in water?", "is water the home of the animal here?"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """A question about the one animal of a scene. ``others``: answers that are true of other animals."""

    scene: Scene
    family: str
    text: str
    answer: str
    others: tuple[str, ...]


def scene_stream(split: Split, prior: Prior, seed: int) -> Iterator[Scene]:
    """Scenes from the numbers that are kept for benchmarks, without end."""
    from vistune.world import sample_scene

    return (sample_scene(FIRST_SCENE + seed * 100_000 + i, split=split, prior=prior) for i in count())


def facts_of(animal: str) -> dict[str, str]:
    """Family -> answer, where there is one answer."""
    from vistune.world.language.grammar import indefinite, number_word
    from vistune.world.questions import knowledge as known

    legs, sound, young = known.ANIMALS[animal]
    found = {} if legs is None else {"legs": number_word(legs)}
    found |= {"sound": sound} if sound else {}
    found |= {"young": indefinite(young)} if young else {}
    if animal in known.FLIERS or animal in known.NO_FLIERS:
        found["fly"] = "yes" if animal in known.FLIERS else "no"
    if animal in known.SWIMMERS or animal in known.LAND_ANIMALS:
        found["water"] = "yes" if animal in known.SWIMMERS else "no"
    return found


def knowledge_items(n: int, split: Split, prior: Prior, seed: int) -> Iterator[Known]:
    """``n`` questions, one a scene with one animal. Families take turns, and in each family its answers do."""
    from vistune.world.questions.knowledge import ANIMALS
    from vistune.world.vocabulary import KINDS

    animals = {kind.name for kind in KINDS if kind.group == "animal"} & ANIMALS.keys()
    tables = {name: facts_of(name) for name in sorted(animals)}
    options = {f: sorted({t[f] for t in tables.values() if f in t}) for f in WORDINGS}
    asked = {family: dict.fromkeys(answers, 0) for family, answers in options.items()}
    made = 0
    for scene in scene_stream(split, prior, seed):
        if made == n:
            return
        here = [thing.kind for thing in scene.things if thing.kind in animals]
        if len(here) != 1:
            continue
        fresh = {f: a for f, a in tables[here[0]].items() if asked[f][a] <= min(asked[f].values())}
        if not fresh:
            continue
        family = min(fresh, key=lambda f: sum(asked[f].values()))
        answer = fresh[family]
        asked[family][answer] += 1
        made += 1
        others = tuple(other for other in options[family] if other != answer)
        wording = random.Random(f"knowledge/{scene.seed}/{split}").choice(WORDINGS[family])
        yield Known(scene, family, wording, answer, others)
