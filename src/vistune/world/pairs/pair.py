"""``Pair``: two scenes that differ in one edit, each with the statement that is true of it alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from vistune.core.errors import ConfigError, nearest
from vistune.world.pairs.edits import EDITS, Edited, edit
from vistune.world.pairs.statement import Statement
from vistune.world.sampling import sample_scene
from vistune.world.scene import Prior, Scene, Split

_TRIES = 80
_STRIDE = 1_000_003


@dataclass(frozen=True)
class Pair:
    """``scenes[k]`` fits ``statements[k]`` and not the other one. ``what``: the edit that leads from one to the other.

    ``changed``: the edited things' places in each scene's ``things``. A coin decided which scene comes first.
    """

    what: str
    scenes: tuple[Scene, Scene]
    statements: tuple[Statement, Statement]
    changed: tuple[tuple[int, ...], tuple[int, ...]]

    @cached_property
    def texts(self) -> tuple[str, str]:
        """The statements in words."""
        return self.statements[0].text, self.statements[1].text

    def turned(self) -> Pair:
        """The same pair the other way round."""
        (a, b), (first, second), (p, q) = self.scenes, self.statements, self.changed
        return Pair(self.what, (b, a), (second, first), (q, p))

    @property
    def same_words(self) -> bool:
        """Whether both texts are of the same words in another order (Winoground, CVPR 2022)."""
        first, second = (sorted(text.rstrip(".").replace(" an ", " a ").split()) for text in self.texts)
        return first == second


def _pair(what: str, before: Scene, edited: Edited, turned: bool) -> Pair:
    pair = Pair(what, (before, edited.scene), edited.statements, edited.changed)
    return pair.turned() if turned else pair


def sample_pair(
    seed: int,
    *,
    split: Split = "train",
    prior: Prior = "skewed",
    what: Sequence[str] | None = None,
    max_things: int = 4,
) -> Pair:
    """Pair number ``seed`` of a split. ``what``: sorts of edits, by default all of ``EDITS``, each as likely.

    Raises:
        ConfigError: an unknown sort, or none of 80 scenes in a row allows one of them.
    """
    sorts = list(EDITS) if what is None else list(what)
    for name in sorts:
        if name not in EDITS:
            raise ConfigError(f"There is no edit '{name}'. {nearest(name, EDITS)}")
    rng = random.Random(f"pair/{split}/{prior}/{seed}")
    chosen = rng.choice(sorts)
    for attempt in range(_TRIES):
        number = seed + attempt * _STRIDE
        scene = sample_scene(
            number, split=split, prior=prior, min_things=2, max_things=max(2, max_things), labels=chosen == "label"
        )
        for _ in range(3):
            edited = edit(scene, chosen, rng)
            if edited is not None:
                return _pair(chosen, scene, edited, rng.random() < 0.5)
    raise ConfigError(f"No scene for the edit '{chosen}' was found from seed {seed}: name other edits, or more things.")


def counterfactuals(scene: Scene, seed: int) -> dict[str, Pair]:
    """One pair for each edit that the scene allows; the scene itself always comes first."""
    found = {}
    for what in EDITS:
        rng = random.Random(f"counterfactuals/{seed}/{what}")
        edited = next((e for e in (edit(scene, what, rng) for _ in range(4)) if e is not None), None)
        if edited is not None:
            found[what] = _pair(what, scene, edited, False)
    return found
