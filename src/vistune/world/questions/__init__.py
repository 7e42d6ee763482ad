"""Questions about scenes with exact answers, their programs, text-only questions and the POPE-style probe."""

from __future__ import annotations

import importlib
from typing import Any

#: Public name -> module that defines it. Resolved lazily: the language of scenes and their questions use each other.
_PUBLIC = {
    "Ambiguous": "programs",
    "MAKERS": "ask",
    "OPERATIONS": "programs",
    "PopeProbe": "pope",
    "Program": "programs",
    "QUESTION_TYPES": "ask",
    "Question": "question",
    "TEXT_ONLY_FAMILIES": "text_only",
    "ask": "ask",
    "ask_text_only": "text_only",
    "parse_program": "programs",
    "pope_probes": "pope",
}

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'vistune.world.questions' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"vistune.world.questions.{_PUBLIC[name]}"), name)
    globals()[name] = value
    return value
