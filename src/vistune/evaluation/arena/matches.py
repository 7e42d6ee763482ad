"""Who meets whom on which question."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, Protocol, get_args

from vistune.core.errors import ConfigError, DataError, nearest
from vistune.data.example import Example, ImageSource, user

#: ``least``: pairs with the fewest votes; ``uncertain``: by how much one more vote would narrow a pair's interval (Chiang et
#: al. 2024, "Chatbot Arena", section 5); ``uniform``: by chance (LVLM-eHub's arena).
Pairing = Literal["least", "uncertain", "uniform"]
#: (models in alphabetical order) -> counted votes, wins of the first with ties half.
PairCounts = Mapping[tuple[str, str], tuple[int, float]]
#: Says whether a voter may still vote on a question and two models.
Free = Callable[[str, str, str], bool]


@dataclass(frozen=True, slots=True)
class Question:
    """A question that two models are asked, where it is from (``set``, ``world``, ``typed``), and its key."""

    example: Example
    source: str

    @property
    def text(self) -> str:
        """What the person reads."""
        return self.example.messages[-1].text.strip()

    @property
    def key(self) -> str:
        """A hash of the words (in any case and spacing) and the pictures: equal questions have equal keys."""
        words = " ".join(" ".join(message.text for message in self.example.messages).lower().split())
        pictures = "/".join(image.digest() for image in self.example.images)
        return hashlib.blake2b(f"{words}/{pictures}".encode(), digest_size=16).hexdigest()


class Questions(Protocol):
    """Where questions come from."""

    def draw(self, rng: random.Random, fits: Callable[[Question], bool]) -> Question | None:
        """A question that fits, or None where there is none left."""
        ...


class SetQuestions:
    """Questions of a data set or a benchmark, in any order. Raises ``DataError`` where there are none."""

    def __init__(self, examples: Sequence[Example], source: str = "set") -> None:
        if not examples:
            raise DataError("There is no question in the set.")
        self.questions = [Question(example, source) for example in examples]

    def draw(self, rng: random.Random, fits: Callable[[Question], bool]) -> Question | None:
        """By chance among those that fit."""
        order = list(range(len(self.questions)))
        rng.shuffle(order)
        return next((self.questions[k] for k in order if fits(self.questions[k])), None)


class WorldQuestions:
    """New scenes of the picture-book world without end, a question about each; pictures of ``image_size`` pixels."""

    def __init__(self, image_size: int = 64, types: list[str] | None = None) -> None:
        self.image_size, self.types = image_size, types

    def draw(self, rng: random.Random, fits: Callable[[Question], bool]) -> Question | None:
        """A scene that nobody has seen."""
        for _ in range(100):
            question = self._new(rng.randrange(2**31))
            if question is not None and fits(question):
                return question
        return None

    def _new(self, seed: int) -> Question | None:
        from vistune.world import render, sample_scene
        from vistune.world.questions import ask

        scene = sample_scene(seed, split="test")
        asked = ask(scene, seed, types=self.types, n=1, split="test")
        if not asked:
            return None
        picture = ImageSource(array=render(scene, self.image_size))
        return Question(Example(f"scene-{seed}", [user(asked[0].text, images=(0,))], [picture]), "world")


def typed_question(text: str, picture: ImageSource | None) -> Question:
    """A person's own question. Raises ``DataError`` for one without words, too long, or with a picture that cannot be read."""
    words = text.strip()
    if not words:
        raise DataError("Type a question first.")
    if len(words) > 2000:
        raise DataError(f"The question has {len(words)} characters; at most 2000 are taken.")
    images = [] if picture is None else [ImageSource(pil=picture.open())]
    example = Example("typed", [user(words, images=tuple(range(len(images))))], images)
    question = Question(example, "typed")
    example.id = f"typed-{question.key}"
    return question


def pair_weights(players: Sequence[str], counts: PairCounts, pairing: Pairing) -> dict[tuple[str, str], float]:
    """Each pair's chance to be next, up to a factor. Raises ``ConfigError`` for an unknown way."""
    if pairing not in get_args(Pairing):
        raise ConfigError(f"There is no pairing '{pairing}'. {nearest(pairing, get_args(Pairing))}")
    pairs = list(combinations(sorted(players), 2))
    if pairing == "uniform":
        return dict.fromkeys(pairs, 1.0)
    votes = {pair: counts.get(pair, (0, 0.0)) for pair in pairs}
    if pairing == "least":
        fewest = min(count for count, _ in votes.values())
        return {pair: float(count == fewest) for pair, (count, _) in votes.items()}
    return {pair: _narrowing(*found) for pair, found in votes.items()}


def _narrowing(count: int, wins: float) -> float:
    """How much one more vote narrows the pair's win rate, with a vote each way added so that none is certain."""
    rate = (wins + 1) / (count + 2)
    spread = (rate * (1 - rate)) ** 0.5
    return spread * ((count + 2) ** -0.5 - (count + 3) ** -0.5)


def draw_match(
    players: Sequence[str],
    questions: Questions,
    counts: PairCounts,
    rng: random.Random,
    *,
    pairing: Pairing = "least",
    free: Free = lambda _key, _a, _b: True,
    knows: Callable[[str, Example], bool] = lambda _player, _example: True,
) -> tuple[str, str, Question] | None:
    """Two players, the first on side A by chance, and a question both know and the voter is free to vote on.

    Pairs are tried by their weights until one has such a question; None where none has.
    """
    weights = pair_weights(players, counts, pairing)
    while weights:
        total = sum(weights.values())
        pairs = list(weights)
        chosen = rng.choices(pairs, [weights[p] for p in pairs] if total else None)[0]
        a, b = chosen if rng.random() < 0.5 else chosen[::-1]

        def fits(question: Question, a: str = a, b: str = b) -> bool:
            return knows(a, question.example) and knows(b, question.example) and free(question.key, a, b)

        question = questions.draw(rng, fits)
        if question is not None:
            return a, b, question
        del weights[chosen]
    return None
