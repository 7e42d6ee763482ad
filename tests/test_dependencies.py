"""What a plain installation has is enough: packages of extras are imported where their absence is told, and nowhere else."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: Names under which packages are imported, where these differ; and what comes with a dependency.
IMPORTED = {"pillow": "PIL", "pyyaml": "yaml"}
WITH_DEPENDENCIES = {"huggingface_hub", "tokenizers", "markupsafe"}
#: Files that are reached only after a check that tells which extra is missing.
BEHIND_A_CHECK = {
    "sklearn": ("data/blind.py",),
    "ray": ("evaluation/workers.py",),
    "pycocoevalcap": ("evaluation/metrics/java_captions.py",),
    "gradio": ("evaluation/arena/",),
    "uvicorn": ("evaluation/arena/",),
    "fastapi": ("evaluation/arena/",),
    "sqlalchemy": ("evaluation/arena/",),
}


def installed() -> set[str]:
    """Top-level packages that a plain installation can import."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = [match[0].lower() for line in told if (match := re.match(r"[\w.-]+", line))]
    return {IMPORTED.get(n, n).replace("-", "_") for n in names} | WITH_DEPENDENCIES | set(sys.stdlib_module_names)


def imports(tree: ast.Module) -> Iterator[str]:
    """Packages imported outside ``try`` and ``if TYPE_CHECKING``."""
    checked = [n for n in ast.walk(tree) if isinstance(n, ast.Try | ast.If)]
    guarded = {id(inner) for node in checked for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in guarded:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").split(".")[0]


def test_a_plain_installation_is_enough() -> None:
    known, source = installed() | {"vistune"}, ROOT / "src" / "vistune"
    found = []
    for path in sorted(source.rglob("*.py")):
        name = path.relative_to(source).as_posix()
        for package in set(imports(ast.parse(path.read_text(encoding="utf-8")))) - known:
            if not name.startswith(BEHIND_A_CHECK.get(package, ("-",))):
                found.append(f"{name} imports {package}")
    assert not found
