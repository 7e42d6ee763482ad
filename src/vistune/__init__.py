"""vistune: vision-language instruction tuning, the whole loop in one place.

Nothing heavy is imported here: ``import vistune`` stays under 0.3 s. Names of the public interface are resolved on
first use.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

#: Public name -> module that defines it. Resolved lazily by ``__getattr__``.
_PUBLIC = {
    "Example": "vistune.data.example",
    "Sequence": "vistune.models.sequence",
    "VisionLanguageModel": "vistune.models.vlm",
    "load_model": "vistune.models.loading",
    "generate": "vistune.decoding",
    "Recipe": "vistune.tuning.recipe",
    "Scene": "vistune.world.scene",
    "VistuneError": "vistune.core.errors",
}


def __dir__() -> list[str]:
    return ["__version__", *sorted(_PUBLIC)]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'vistune' has no attribute {name!r}")
    return getattr(importlib.import_module(_PUBLIC[name]), name)
