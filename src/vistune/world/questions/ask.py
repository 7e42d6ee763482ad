"""``ask``: questions about a scene, with exact answers, balanced by construction, deterministic from the seed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from vistune.world.language.view import View, view_of
from vistune.world.questions import relations, several, simple
from vistune.world.questions.choices import choice
from vistune.world.questions.looking import EXTRA_MAKERS
from vistune.world.questions.question import Context, Maker, Question, draw_questions
from vistune.world.scene import Scene

#: Type of question about a picture -> its maker.
MAKERS: dict[str, Maker] = {
    "existence": simple.existence,
    "colour": simple.colour,
    "size": simple.size,
    "pattern": simple.pattern,
    "state": simple.state,
    "count": several.count,
    "compare_count": several.compare_count,
    "compare_size": several.compare_size,
    "relation": relations.relation,
    "odd_one_out": several.odd_one_out,
    "setting": simple.setting,
    "two_fact": relations.two_fact,
    "choice": choice,
}


def _text_only(context: Context) -> Question:
    from vistune.world.questions.text_only import ask_text_only

    return ask_text_only(context.rng.getrandbits(48), split=context.split)


#: Times that a type is tried on one scene before it is given up.
_TRIES = 4
#: Types that pass over answers that are too common.
_ONCE = frozenset({"count", "text_where"})
#: All types that can be asked for by name.
ASKED: dict[str, Maker] = {**MAKERS, "text_only": _text_only, **EXTRA_MAKERS}
QUESTION_TYPES: tuple[str, ...] = tuple(ASKED)


def ask(
    scene: Scene | View, seed: int, types: Sequence[str] | None = None, n: int = 1, split: str = "train"
) -> list[Question]:
    """Up to ``n`` different questions about a scene; every type is equally likely.

    ``types`` are names from ``QUESTION_TYPES`` (default: all that need the picture). Fewer than ``n`` come back only
    where the scene has no more exact questions of these types; with the default there is always one. ``split`` other
    than "train" also uses wordings that training never sees. Raises ``ConfigError`` for an unknown type.
    """
    view = view_of(scene)
    rng = random.Random(f"{seed}/{view.scene.seed}/{split}")
    return draw_questions(Context(view, rng, split), ASKED, list(MAKERS) if types is None else types, n, _TRIES, _ONCE)
