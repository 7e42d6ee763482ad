"""The language of scenes: grammar, captions, referring expressions, dialogues and a text corpus."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from vistune.world.language.captions import caption, caption_request
from vistune.world.language.grammar import Phrase, noun_phrase, number_word, synonyms
from vistune.world.language.refer import parse_phrase, refer, resolve
from vistune.world.language.view import View, view_of

if TYPE_CHECKING:
    from vistune.world.language.corpus import text_document
    from vistune.world.language.dialogue import conversation

__all__ = [
    "Phrase",
    "View",
    "caption",
    "caption_request",
    "conversation",
    "noun_phrase",
    "number_word",
    "parse_phrase",
    "refer",
    "resolve",
    "synonyms",
    "text_document",
    "view_of",
]

#: Names whose modules build on the questions, which build on the modules above; so they are resolved late.
_LATE = {"conversation": "dialogue", "text_document": "corpus"}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module 'vistune.world.language' has no attribute {name!r}")
    return getattr(importlib.import_module(f"vistune.world.language.{_LATE[name]}"), name)
