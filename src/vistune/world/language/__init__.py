"""The language of scenes: grammar, captions, referring expressions, dialogues and a text corpus."""

from __future__ import annotations

import importlib
from typing import Any

#: Public name -> module that defines it. Resolved lazily: the language of scenes and their questions use each other.
_PUBLIC = {
    "Phrase": "grammar",
    "View": "view",
    "caption": "captions",
    "caption_request": "captions",
    "conversation": "dialogue",
    "noun_phrase": "grammar",
    "number_word": "grammar",
    "refer": "refer",
    "resolve": "refer",
    "synonyms": "grammar",
    "text_document": "corpus",
    "view_of": "view",
}

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'vistune.world.language' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"vistune.world.language.{_PUBLIC[name]}"), name)
    globals()[name] = value
    return value
