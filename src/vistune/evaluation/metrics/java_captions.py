"""METEOR and SPICE by their authors' Java programs, through pycocoevalcap; where these are not, they are left out by name."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vistune.core.errors import DataError, MissingExtra

#: What SPICE's parser needs beside it; pycocoevalcap would fetch it from the net, which is not done here.
_PARSER = "stanford-corenlp-3.6.0.jar"


def java_metrics() -> list[str]:
    """Of METEOR and SPICE those that can be had: Java, pycocoevalcap and, for SPICE, the parser's archive in its ``lib``."""
    folder = _package()
    if shutil.which("java") is None or folder is None:
        return []
    return ["meteor", *(["spice"] if (folder / "spice" / "lib" / _PARSER).is_file() else [])]


def java_scores(answers: Mapping[str, str], references: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Corpus METEOR (1.5, English, normalised) and SPICE of one caption a picture, on the official tokenizer's words.

    Those that cannot be had are left out (see ``java_metrics``). Raises ``DataError`` where pictures differ, and
    ``MissingExtra`` where there is neither.
    """
    if set(answers) != set(references):
        raise DataError("METEOR and SPICE need one caption for each picture that has references, and no other.")
    wanted = java_metrics()
    if not wanted:
        raise MissingExtra("pycocoevalcap", "dev", "METEOR (with Java on the path)")
    from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

    tokenizer: Any = PTBTokenizer()
    truths = tokenizer.tokenize({k: [{"caption": _line(c)} for c in told] for k, told in references.items()})
    said = tokenizer.tokenize({k: [{"caption": _line(answers[k])}] for k in references})
    found = {}
    if "meteor" in wanted:
        from pycocoevalcap.meteor.meteor import Meteor

        found["meteor"] = float(Meteor().compute_score(truths, said)[0])
    if "spice" in wanted:
        from pycocoevalcap.spice.spice import Spice

        with contextlib.redirect_stdout(io.StringIO()):
            found["spice"] = float(Spice().compute_score(truths, said)[0])
    return found


def _line(text: str) -> str:
    """The tokenizer takes lines apart: a caption is one."""
    return " ".join(text.split())


def _package() -> Path | None:
    try:
        import pycocoevalcap
    except ImportError:
        return None
    return Path(next(iter(pycocoevalcap.__path__)))
