"""What is meant, before it is said in a language: noun phrases, sentences, questions; and the programs of the questions."""

from __future__ import annotations

from dataclasses import dataclass

from vistune.world.program import Program, call

#: Types of questions that every language can ask.
TYPES = ("existence", "colour", "size", "pattern", "count", "compare", "relation", "setting", "choice")
#: What one is told to do: to point to a thing.
INSTRUCTIONS = ("point",)
RELATIONS = ("left of", "right of", "above", "below", "in front of", "behind", "on")


@dataclass(frozen=True, slots=True)
class Np:
    """A noun phrase: ``number`` things of a kind, with what is said about them. ``size`` is small or big."""

    kind: str
    number: int = 1
    colour: str | None = None
    size: str | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Meaning:
    """A question, an instruction (``type`` "point"), or a statement ("there" or "stands").

    ``np``: what it is about. ``other`` and ``relation``: the second thing and how the first stands to it. ``options``: the two
    colours of a choice. ``groups`` and ``setting``: of a statement "there".
    """

    type: str
    np: Np | None = None
    other: Np | None = None
    relation: str | None = None
    options: tuple[str, str] | None = None
    setting: str | None = None
    groups: tuple[Np, ...] = ()


def things(np: Np) -> Program:
    """All things that a noun phrase fits."""
    found = Program("noun", (call("things"),), np.kind)
    for name in ("colour", "size", "pattern"):
        value = getattr(np, name)
        if value is not None:
            found = Program(name, (found,), value)
    return found


def program_of(meaning: Meaning) -> Program:
    """The program that answers a question, or finds what is to be pointed to; it runs on scenes."""
    if meaning.type == "setting":
        return call("setting")
    assert meaning.np is not None
    found = things(meaning.np)
    the = call("only", found)
    if meaning.type == "point":
        return the
    if meaning.type == "existence":
        return call("exists", found)
    if meaning.type == "count":
        return call("count", found)
    if meaning.type in ("colour", "size", "pattern"):
        return Program("get", (the,), meaning.type)
    if meaning.type == "choice":
        return Program("get", (the,), "colour")
    assert meaning.other is not None
    if meaning.type == "compare":
        return call("more", call("count", found), call("count", things(meaning.other)))
    return Program("holds", (the, call("only", things(meaning.other))), meaning.relation)
