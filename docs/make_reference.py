"""Writes ``docs/reference.md``, ``docs/benchmarks.md`` and the commands in ``docs/cli.md``, read from the code itself.

Run ``python docs/make_reference.py`` after a change of a recipe class, a part or a command; a test compares the pages.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from vistune.core.config import Config
from vistune.core.registry import Registry
from vistune.tuning.recipe import DataConfig, DataSetConfig, ModelConfig, Packing, Recipe, StageConfig

PAGE = Path(__file__).parent / "reference.md"
COMMANDS = Path(__file__).parent / "cli.md"
BENCHMARKS_PAGE = Path(__file__).parent / "benchmarks.md"
BEGIN, END = "<!-- commands: made by docs/make_reference.py -->", "<!-- end of commands -->"
CLASSES: list[type[Config]] = [Recipe, ModelConfig, DataConfig, DataSetConfig, StageConfig, Packing]
REGISTRIES = [
    ("Connectors", "vistune.models.connectors.base", "CONNECTORS"),
    ("Adapters", "vistune.models.adapters.base", "ADAPTERS"),
    ("Position schemes", "vistune.models.sequence.positions", "POSITIONS"),
    ("Attention schemes", "vistune.models.sequence.attention", "ATTENTION"),
    ("Data formats", "vistune.data.formats.base", "FORMATS"),
    ("Engines", "vistune.engines.base", "ENGINES"),
    ("Objectives", "vistune.tuning.objectives.base", "OBJECTIVES"),
    ("Benchmarks", "vistune.evaluation.benchmarks.base", "BENCHMARKS"),
    ("Annotators", "vistune.annotators.base", "ANNOTATORS"),
    ("Rubrics", "vistune.evaluation.judges.base", "RUBRICS"),
    ("Decoding methods", "vistune.decoding.branches.base", "DECODERS"),
]


def cell(text: str) -> str:
    """Text that stays inside one cell of a Markdown table."""
    return " ".join(text.replace("``", "`").replace("|", "\\|").split())


def code(text: str) -> str:
    """A value in code type; nothing for nothing."""
    return f"`{cell(text)}`" if text else ""


def plain(annotation: str) -> str:
    """A type in words; for the name of a part what a recipe may give."""
    if "part_of" in annotation:
        return "name: kind or mapping" if annotation.startswith("dict") else "kind or mapping"
    annotation = re.sub(r"Literal\[(.*?)\]", lambda found: found[1].replace(", ", " | ").replace("'", ""), annotation)
    words = {
        "Precision": "auto | fp32 | bf16",
        "None": "null",
        "True": "true",
        "False": "false",
        "PartSpec": "kind or mapping",
    }
    for python, yaml in words.items():
        annotation = re.sub(rf"\b{python}\b", yaml, annotation)
    return annotation.replace(" | ", " or ")


def attributes(cls: type[Config]) -> dict[str, tuple[str, str]]:
    """Name -> (annotation as written, the docstring under the attribute) of a class body."""
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    found: dict[str, tuple[str, str]] = {}
    last = ""
    for node in getattr(body, "body", []):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            last = node.target.id
            found[last] = (ast.unparse(node.annotation), "")
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and last:
            found[last] = (found[last][0], str(node.value.value))
            last = ""
        else:
            last = ""
    return found


def default_of(field: FieldInfo) -> str:
    """The default as YAML-like text; ``required`` where there is none."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, Config):
        return "{}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def class_section(cls: type[Config]) -> list[str]:
    """Heading, first line and table of one recipe class."""
    written = attributes(cls)
    lines = [f"### {cls.__name__}", "", cell((cls.__doc__ or "").split("\n\n")[0]), ""]
    lines += ["| key | type | default | |", "|---|---|---|---|"]
    for name, field in cls.model_fields.items():
        annotation, text = written.get(name, ("", ""))
        row = (code(field.alias or name), code(plain(annotation)), code(default_of(field)), cell(text))
        lines.append("| " + " | ".join(row) + " |")
    return [*lines, ""]


def registry_section(title: str, module: str, name: str) -> list[str]:
    """Table of one registry: kind, parameters with defaults, the first line of the docstring."""
    registry: Registry = getattr(importlib.import_module(module), name)
    lines = [f"### {title}", "", "| kind | parameters | |", "|---|---|---|"]
    for kind, cls in registry.items():
        parameters = [
            p.name if p.default is p.empty else f"{p.name}={p.default!r}" for p in Registry.parameters(cls).values()
        ]
        text = (inspect.getdoc(cls) or "").split("\n\n")[0]
        lines.append(f"| {code(kind)} | {', '.join(code(p) for p in parameters)} | {cell(text)} |")
    return [*lines, ""]


def page() -> str:
    """The whole page."""
    lines = ["# Reference", "", "Made by `docs/make_reference.py` from the code.", "", "## Keys of a recipe", ""]
    for cls in CLASSES:
        lines += class_section(cls)
    lines += [
        "## Parts by kind",
        "",
        "Parameters without a default are given by the recipe or asked of other parts.",
        "",
    ]
    for title, module, name in REGISTRIES:
        lines += registry_section(title, module, name)
    return "\n".join(lines).rstrip() + "\n"


def command_section(path: list[str], command: Any) -> list[str]:
    """Heading, help, example and options of one command, or of all commands of a group."""
    if hasattr(command, "commands"):
        return [line for name, inner in command.commands.items() for line in command_section([*path, name], inner)]
    told, _, example = (command.help or "").partition("Example: ")
    lines = [f"### {' '.join(path[1:])}", "", cell(told), "", "```sh", example.strip(), "```", ""]
    lines += ["| argument or option | default | |", "|---|---|---|"]
    for parameter in command.params:
        names = [parameter.name.upper()] if parameter.param_type_name == "argument" else parameter.opts
        names = [*names, *parameter.secondary_opts]
        default = "required" if parameter.required else plain_default(parameter.default)
        text = parameter.help or ""
        lines.append(f"| {', '.join(map(code, names))} | {code(default)} | {cell(text)} |")
    return [*lines, ""]


def plain_default(value: Any) -> str:
    """A default as it would be typed; nothing for none and for an unset switch."""
    if value is None or value is False or value in ((), []):
        return ""
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def commands_page() -> str:
    """``cli.md`` with its commands as they are now."""
    import typer.main

    from vistune.cli.main import app

    text = COMMANDS.read_text(encoding="utf-8")
    made = "\n".join(command_section(["vistune"], typer.main.get_command(app))).rstrip()
    return f"{text[: text.index(BEGIN)]}{BEGIN}\n\n{made}\n\n{text[text.index(END) :]}"


def benchmarks_page() -> str:
    """Every benchmark under what it tests first, with its protocol and the switches that it takes."""
    from vistune.evaluation.benchmarks import BENCHMARKS
    from vistune.evaluation.benchmarks.base import SWITCHES
    from vistune.evaluation.benchmarks.capabilities import CAPABILITIES
    from vistune.evaluation.suites import SUITES
    from vistune.experiments.catalogue import catalogue

    entries = catalogue()
    lines = [
        "# Benchmarks", "",
        f"{len(entries)} benchmarks; `vistune eval --list` prints them, `--capability NAME` those that test one ability, and "
        "`--suite NAME` runs them. Made by `docs/make_reference.py` from the code.", "",
        "Editions: **files** reads the published files from a local folder (`-b mme:path=FOLDER`); **nano** is made by the world "
        "under the same protocol, and is what a name without `path` asks. All parameters are in the "
        "[reference](reference.md#benchmarks), and [Evaluation](evaluation.md) says what stands beside a score.", "",
    ]  # fmt: skip
    for capability, meaning in CAPABILITIES.items():
        own = [entry for entry in entries if entry.capabilities[0] == capability]
        if own:
            lines += [f"## {capability}", "", f"{meaning[0].upper()}{meaning[1:]}.", ""]
        for entry in own:
            named = [s for s in SWITCHES if s in Registry.parameters(BENCHMARKS.get(entry.kind))]
            paper = f" System: `{entry.paper}`." if entry.paper else ""
            switches = f" Switches: {', '.join(code(s) for s in named)}." if named else ""
            chance = "" if entry.chance is None else f", by chance {entry.chance:.3g}"
            also = f" Also: {', '.join(entry.capabilities[1:])}." if entry.capabilities[1:] else ""
            lines += [
                f"**`{entry.kind}`** ({', '.join(entry.editions) or 'files'}; {entry.main}{chance}). {cell(entry.about)}", "",
                f"Protocol: {cell(entry.protocol)}.{switches}{also}{paper}\n{{: .protocol }}", "",
            ]  # fmt: skip
    lines += ["## Suites", "", "| name | what |", "|---|---|"]
    lines += [f"| {code(name)} | {cell(suite.about)} |" for name, suite in sorted(SUITES.items())]
    lines += [
        "| `nano` | everything that the world makes |",
        "| a name from above | everything made by the world that tests it |",
    ]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    BENCHMARKS_PAGE.write_text(benchmarks_page(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    COMMANDS.write_text(commands_page(), encoding="utf-8")
