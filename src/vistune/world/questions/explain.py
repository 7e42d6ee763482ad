"""Why an answer is right: the steps of a question's program in words, with what each finds in the scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from vistune.world.language.grammar import INVERSE, Phrase, a, join, many, noun_phrase, some, subject, the
from vistune.world.language.view import ATTRIBUTES, View, view_of
from vistune.world.program import Program, call
from vistune.world.questions.question import Question
from vistune.world.scene import Scene


def explain(asked: Question, scene: Scene | View) -> str | None:
    """A true sentence, without its full stop, from which the answer follows: ``there are two cups and one ball``.

    None for a question without a program. Raises ``Ambiguous`` where the program has no exact answer in this scene.
    """
    if asked.program is None:
        return None
    view = view_of(scene)
    asked.program.answer(view)
    return join(list(dict.fromkeys(_said(view, asked.program)))) or None


@dataclass(frozen=True, slots=True)
class _Set:
    """A set of things in words: what they are called, and what stands after the noun (`` left of the dog``)."""

    phrase: Phrase
    after: str = ""

    @property
    def the(self) -> str:
        return the(self.phrase) + self.after

    def counted(self, number: int) -> str:
        """``there is a red cup``, ``there are two red cups left of the dog``, ``there are no cups``."""
        words = a(self.phrase) if number == 1 else some(self.phrase, number)
        return f"there {'is' if number == 1 else 'are'} {words}{self.after}"


def _set(view: View, program: Program) -> _Set:
    """What a chain of filters picks out."""
    looks: dict[str, str] = {}
    noun, after = "thing", ""
    while program.op not in ("things", "beside", "hiders", "except"):
        word = str(program.argument)
        if program.op == "noun":
            noun = word
        elif program.op in ATTRIBUTES:
            looks[program.op] = word
        elif program.op == "doing":
            looks["state"] = word
        elif program.op == "saying":
            after = f' that says "{word}"'
        program = program.inputs[0]
    if program.op == "beside":
        after = f" {program.argument} {_the(view, program.inputs[0])}{after}"
    return _Set(Phrase(noun, **looks), after)


def _the(view: View, program: Program) -> str:
    """The words for the one thing of ``only(...)``."""
    return _set(view, program.inputs[0]).the


def _said(view: View, program: Program) -> list[str]:
    """The sentences of a program; words, numbers and sets by themselves say nothing."""
    return _SENTENCES[program.op](view, program) if program.op in _SENTENCES else []


def _parts(view: View, program: Program) -> list[str]:
    return [sentence for part in program.inputs for sentence in _said(view, part)]


def _number(view: View, program: Program) -> list[str]:
    found = program.inputs[0]
    return [_set(view, found).counted(len(found.run(view)))]


def _deciding(view: View, program: Program, decides: bool) -> list[str]:
    """Of an "and" or "or": the first part that decides it alone; else all."""
    for part in program.inputs:
        if part.run(view) is decides:
            return _said(view, part)
    return _parts(view, program)


def _pick(view: View, program: Program) -> list[str]:
    """The test, and where it fails what the other branch says."""
    test, _, other = program.inputs
    return _said(view, test) + ([] if test.run(view) else _said(view, other))


def _get(view: View, program: Program) -> list[str]:
    return [_look(view, program.inputs[0], str(program.argument))]


def _look(view: View, one: Program, attribute: str) -> str:
    """``the small cup is red``, ``the clothes of the boy are spotted``."""
    value = call("get", one, argument=attribute).run(view)
    named = _set(view, one.inputs[0])
    words, be, _ = subject(named.phrase) if attribute in ("colour", "pattern") else (the(named.phrase), "is", "does")
    return f"{words}{named.after} {be} {value}"


def _same(view: View, program: Program) -> list[str]:
    return [_look(view, one, str(program.argument)) for one in program.inputs]


def _holds(view: View, program: Program) -> list[str]:
    first, second = (_the(view, part) for part in program.inputs)
    relation = str(program.argument)
    if program.run(view):
        return [f"{first} is {relation} {second}"]
    return [f"{first} is {INVERSE[relation]} {second}" if relation in INVERSE else f"{first} is not on {second}"]


def _bigger(view: View, program: Program) -> list[str]:
    first, second = (_the(view, part) for part in program.inputs)
    return [f"{first} is {'bigger' if program.run(view) else 'smaller'} than {second}"]


def _name(view: View, program: Program) -> list[str]:
    """Which thing it is, by what alone it is."""
    found = program.inputs[0].inputs[0]
    answer = str(program.run(view))
    if found.op == "except":
        return [f"{answer} is here, and {_all_others(view, found.inputs[1])}"]
    if found.op == "hiders":
        return [f"{answer} hides a part of {_the(view, found.inputs[0])}"]
    if found.op == "saying":
        return [f'"{found.argument}" is written on {answer}']
    named = _set(view, found)
    if named.phrase == Phrase("thing"):
        return [f"{answer} is{named.after}"]
    return [f"the only {noun_phrase(named.phrase, '')}{named.after} is {answer}"]


def _all_others(view: View, rest: Program) -> str:
    phrase = _set(view, rest).phrase
    if phrase.noun != "thing":
        return f"all others are {many(phrase)}"
    return f"all others are {join([v for name in ATTRIBUTES if (v := getattr(phrase, name)) is not None])}"


def _hidden(view: View, program: Program) -> list[str]:
    one = program.inputs[0]
    hiders = [a(view.things[i].kind) for i in call("hiders", one).run(view)]
    if not hiders:
        return [f"{_the(view, one)} is not hidden"]
    return [f"{join(hiders)} {'hide' if len(hiders) > 1 else 'hides'} a part of {_the(view, one)}"]


def _of_one(view: View, program: Program, words: str) -> list[str]:
    return [words.format(x=_the(view, program.inputs[0]), v=program.run(view))]


def _setting(view: View, _program: Program) -> list[str]:
    return [f"this is the {view.scene.setting}"]


#: Step -> its sentences.
_SENTENCES: dict[str, Callable[[View, Program], list[str]]] = {
    **dict.fromkeys(("is", "more", "fewer", "equal", "not"), _parts),
    **dict.fromkeys(("count", "exists"), _number),
    "and": partial(_deciding, decides=False),
    "or": partial(_deciding, decides=True),
    "pick": _pick,
    "get": _get,
    "same": _same,
    "holds": _holds,
    "bigger": _bigger,
    "name": _name,
    "hidden": _hidden,
    "setting": _setting,
    "read": partial(_of_one, words='"{v}" is written on {x}'),
    "facing": partial(_of_one, words="{x} looks to the {v}"),
    "raised_hand": partial(_of_one, words="the raised hand of {x} is on the {v}"),
}
