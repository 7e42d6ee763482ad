"""Documents in which text and pictures take turns: albums of scenes with a text to each."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from vistune.core.errors import ConfigError
from vistune.world.language.captions import caption
from vistune.world.language.grammar import a
from vistune.world.language.view import View, view_of
from vistune.world.language.wordings import Wordings
from vistune.world.program import COMMON, Operation, Program, call, plain
from vistune.world.questions.question import Asker, Question, draw_questions, question
from vistune.world.sampling import sample_scene
from vistune.world.scene import Prior, Scene, Split
from vistune.world.sequences.view import ORDINALS
from vistune.world.vocabulary import KINDS

MOST = 6


@dataclass(frozen=True, slots=True)
class Document:
    """``texts[k]`` stands before picture k (``before`` True) or after it. ``describes[k]`` is the number of the picture

    that the text describes: k, or another one where the document has a mistake.
    """

    seed: int
    scenes: tuple[Scene, ...]
    texts: tuple[str, ...]
    describes: tuple[int, ...]
    before: bool

    def parts(self) -> list[str | int]:
        """Texts and numbers of pictures in reading order."""
        pairs = [(text, k) if self.before else (k, text) for k, text in enumerate(self.texts)]
        return [part for pair in pairs for part in pair]


def sample_document(
    seed: int,
    *,
    split: Split = "train",
    prior: Prior = "skewed",
    pictures: int | None = None,
    mistake: bool | None = None,
) -> Document:
    """Document number ``seed`` of a split, of 2 to ``MOST`` pictures of different settings or things.

    ``mistake``: whether two of its texts are exchanged (default: in half of the documents).

    Raises:
        ConfigError: an impossible number of pictures.
    """
    if pictures is not None and not 2 <= pictures <= MOST:
        raise ConfigError(f"A document has 2 to {MOST} pictures, not {pictures}.")
    rng = random.Random(f"document/{split}/{prior}/{seed}")
    count = rng.randint(2, 4) if pictures is None else pictures
    scenes: list[Scene] = []
    seen: list[frozenset[str]] = []
    while len(scenes) < count:
        scene = sample_scene(rng.getrandbits(40), split=split, prior=prior, min_things=1, max_things=4)
        kinds = frozenset(thing.kind for thing in scene.things)
        # No text fits two of the pictures: each has a thing that the others lack.
        if all(kinds - other and other - kinds for other in seen):
            scenes.append(scene)
            seen.append(kinds)
    describes = list(range(count))
    if mistake if mistake is not None else rng.random() < 0.5:
        i, j = rng.sample(range(count), 2)
        describes[i], describes[j] = j, i
    texts = tuple(_TEXT.pick(rng, split).format(c=caption(scenes[k], rng.getrandbits(30), "all")) for k in describes)
    return Document(seed, tuple(scenes), texts, tuple(describes), rng.random() < 0.5)


class DocumentView:
    """A document with the views of its pictures."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.views: tuple[View, ...] = tuple(view_of(scene) for scene in document.scenes)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The steps of programs about documents."""
        return OPERATIONS


def _showing(view: DocumentView, doubt: bool, values: tuple, noun: str) -> tuple[int, ...]:
    return tuple(k for k in values[0] if view.views[k].named(noun, doubt))


def _wrong(view: DocumentView, _doubt: bool, values: tuple, _argument: None) -> tuple[int, ...]:
    return tuple(k for k in values[0] if view.document.describes[k] != k)


OPERATIONS: dict[str, Operation] = {
    **COMMON,
    "pictures": Operation(0, False, lambda view, _d, _v, _x: tuple(range(len(view.views)))),
    "showing": Operation(1, True, _showing, doubtful=True),
    "at": Operation(1, True, lambda view, _d, values, setting: tuple(
        k for k in values[0] if view.document.scenes[k].setting == setting)),
    "wrongly_told": Operation(1, False, _wrong),
    "keep": Operation(2, False, plain(lambda pictures, k: tuple(p for p in pictures if p == k))),
    "ordinal": Operation(1, False, lambda _view, _d, values, _x: f"the {ORDINALS[values[0][0]]}"),
    "setting_of": Operation(1, False, lambda view, _d, values, _x: f"the {view.document.scenes[values[0][0]].setting}"),
}  # fmt: skip

C = Asker[DocumentView]
PICTURES = call("pictures")
#: All things are named, so that each text fits one picture of its document alone.
_TEXT = Wordings(
    ("this picture shows {c}", "here you see {c}", "this is what we saw: {c}"), ("look, here we have {c}",)
)
_WHICH = Wordings(
    ("which picture shows {x}?", "in which picture is {x}?"), ("where can you see {x}, in which picture?",)
)
_HOW_MANY = Wordings(("how many pictures show {x}?", "in how many pictures is {x}?"), ("count the pictures with {x}.",))
_MISTAKE = Wordings(
    ("does every text fit its picture?", "are all texts right?"), ("do the texts belong to their pictures?",)
)
_SWAPPED = Wordings(("is the text of the {o} picture wrong?",), ("does the {o} picture have a wrong text?",))
_SETTING = Wordings(("where was the picture with {x} taken?",), ("what place does the picture with {x} show?",))


#: Picture -> how easily it is asked for: few documents have a fourth. Number of pictures -> the same.
_EASE_WHICH = (1.0, 1.0, 0.54, 0.22)
_EASE_HOW_MANY = (1.0, 1.0, 0.2)


def which(c: C) -> Question | None:
    """The one picture with a thing; the picture is drawn first, and early ones are mostly passed over."""
    k = c.one_of(range(len(c.view.views)))
    if not c.chance(min(_EASE_WHICH) / _EASE_WHICH[k]):
        return None
    noun = c.one_of(sorted(c.view.views[k].by_kind))
    found = call("only", Program("showing", (PICTURES,), noun))
    return question(c, "which", _WHICH, call("ordinal", found), x=a(noun))


def how_many(c: C) -> Question | None:
    """In how many pictures a thing is: a kind that is there once, twice or not at all."""
    wanted = c.rng.randint(0, 2)
    if not c.chance(min(_EASE_HOW_MANY) / _EASE_HOW_MANY[wanted]):
        return None
    nouns = [kind.name for kind in KINDS if sum(kind.name in view.by_kind for view in c.view.views) == wanted]
    if not nouns:
        return None
    noun = c.one_of(nouns)
    return question(c, "how_many", _HOW_MANY, call("count", Program("showing", (PICTURES,), noun)), x=a(noun))


def mistake(c: C) -> Question | None:
    """Whether all texts stand beside their pictures."""
    return question(c, "mistake", _MISTAKE, call("not", call("exists", call("wrongly_told", PICTURES))))


def swapped(c: C) -> Question | None:
    """Whether a given picture's text is wrong: asked where one is, and as often of the right ones there."""
    wrong = [k for k, told in enumerate(c.view.document.describes) if told != k]
    right = [k for k in range(len(c.view.views)) if k not in wrong]
    if not wrong or not right:
        return None
    k = c.one_of(wrong if c.chance(0.5) else right)
    number = Program("number", (), str(k))
    program = call("exists", call("keep", call("wrongly_told", PICTURES), number))
    return question(c, "swapped", _SWAPPED, program, o=ORDINALS[k])


def setting(c: C) -> Question | None:
    """The place of the one picture with a thing."""
    view = c.one_of(c.view.views)
    noun = c.one_of(sorted(view.by_kind))
    found = call("only", Program("showing", (PICTURES,), noun))
    return question(c, "setting", _SETTING, call("setting_of", found), x=a(noun))


MAKERS: dict[str, Callable[[C], Question | None]] = {
    "which": which, "how_many": how_many, "mistake": mistake, "swapped": swapped, "setting": setting,
}  # fmt: skip


def ask_document(
    document: Document, seed: int, types: Sequence[str] | None = None, n: int = 1, split: str = "train"
) -> list[Question]:
    """Up to ``n`` different questions about a document (see ``vistune.world.questions.ask``).

    Raises:
        ConfigError: an unknown type.
    """
    rng = random.Random(f"document/{seed}/{document.seed}/{split}")
    return draw_questions(Asker(DocumentView(document), rng, split), MAKERS, types, n)
