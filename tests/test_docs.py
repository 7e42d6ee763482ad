"""The documentation says what the code does: reference tables, recipes in YAML blocks, commands and their options."""

from __future__ import annotations

import ast
import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer.main
from PIL import Image

from vistune.cli.main import app
from vistune.data.example import Example, ImageSource, user
from vistune.data.formats import FORMATS, read
from vistune.decoding import DECODERS, Settings, generate
from vistune.evaluation.benchmarks import BENCHMARKS
from vistune.evaluation.runner import evaluate
from vistune.experiments.run import RECIPES
from vistune.models.loading import load_model
from vistune.tuning.recipe import Recipe
from vistune.world import render, sample_scene

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "world").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def commands() -> list[str]:
    lines = [line.split(" #")[0].strip() for p in PAGES for block in blocks(p, "sh") for line in block.splitlines()]
    return sorted({line for line in lines if line.startswith("vistune ")})


def load_reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_reference", ROOT / "docs" / "make_reference.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_reference_page_is_what_the_script_writes() -> None:
    reference = load_reference()
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page(), "run docs/make_reference.py"
    assert reference.BENCHMARKS_PAGE.read_text(encoding="utf-8") == reference.benchmarks_page(), (
        "run docs/make_reference.py"
    )
    assert reference.COMMANDS.read_text(encoding="utf-8") == reference.commands_page(), "run docs/make_reference.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_recipes_in_the_pages_are_valid(page: Path) -> None:
    for text in blocks(page, "yaml"):
        if re.search(r"^name:", text, flags=re.M) and re.search(r"^stages:", text, flags=re.M):
            assert Recipe.parse(text).stages


@pytest.mark.parametrize("line", commands())
def test_commands_in_the_pages_exist(line: str) -> None:
    words = shlex.split(line)[1:]
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands"):
        assert words and words[0] in command.commands, line
        command = command.commands[words.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}
    for word in words:
        if re.match(r"-{1,2}[A-Za-z]", word):
            assert word.split("=")[0] in known | {"--debug", "--help", "-h"}, f"{line}: {word}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(
        r"\]\(([^)#\s]+)[^)]*\)", re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.S)
    ):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} names {target}"


def records() -> list[tuple[str, str]]:
    """(name of the file, its text) of the records that the page on data shows; the name begins with the format."""
    text = (ROOT / "docs" / "your-data.md").read_text(encoding="utf-8")
    return re.findall(r'^```json title="([^"]+)"\n(.*?)^```', text, flags=re.M | re.S)


@pytest.mark.parametrize(("name", "text"), records(), ids=lambda value: value if "\n" not in value else "")
def test_records_in_the_pages_load(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    for picture in set(re.findall(r"pictures/\w+\.png", text)):
        (tmp_path / picture).parent.mkdir(exist_ok=True)
        Image.new("RGB", (8, 8)).save(tmp_path / picture)
    found = read(tmp_path / name, max_rejected=0, check_images=True)
    kind = "llava" if name.startswith("sharegpt") else name.partition(".")[0]  # one reader for both
    assert found.format == kind
    assert all(example.messages[-1].role == "assistant" for example in found)
    assert len(found) == text.count('"id"') + text.count('"question_id"')


def test_every_format_is_on_the_page() -> None:
    table = (ROOT / "docs" / "your-data.md").read_text(encoding="utf-8")
    assert set(FORMATS.names()) == set(re.findall(r"^\| `(\w+)` \| .* \| read", table, flags=re.M))


def literals() -> str:
    """All text literals of the package, what f-strings fill in left out, joined as the interpreter joins them."""
    found = []
    for file in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found.append("\0".join(str(p.value) for p in node.values if isinstance(p, ast.Constant)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return "\n".join(found)


def test_messages_in_troubleshooting_are_in_the_code() -> None:
    text, code = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8"), literals()
    tables = text.split("## Missing packages")[0]
    quoted = [m for row in re.findall(r"^\| (`.*?`) \| ", tables, flags=re.M) for m in re.findall(r"`([^`]+)`", row)]
    assert len(quoted) > 40
    lost = [piece for message in quoted for piece in message.split("...") if piece.strip() and piece not in code]
    assert not lost


def test_python_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VISTUNE_CACHE", str(tmp_path / "cache"))
    Image.fromarray(render(sample_scene(5, split="test"), 64)).save("picture.png")
    names: dict[str, Any] = {}
    page = ROOT / "docs" / "python.md"
    for text in [*blocks(page, "python"), *blocks(ROOT / "README.md", "python")]:
        exec(compile(text, str(page), "exec"), names)
    assert names["answer"].text and names["answer"].new_tokens > 2
    assert names["learned"] and names["result"].stages[0].trainable > 0
    assert names["low"] <= names["gap"] <= names["high"]
    assert (tmp_path / "mine-llava" / "model.safetensors").is_file()


@pytest.fixture
def asked() -> tuple[Any, Example]:
    picture = ImageSource(array=render(sample_scene(5, split="test"), 64))
    return load_model("nano-vlm"), Example("1", [user("what do you see?", images=(0,))], [picture])


def run_blocks(page: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run a page's snippets; what they register is forgotten afterwards."""
    for registry in (DECODERS, BENCHMARKS):
        registry.names()  # its own modules are loaded now
        monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))
        monkeypatch.setattr(registry, "_papers", dict(registry._papers))
    names: dict[str, Any] = {"__name__": "snippet"}
    for text in blocks(ROOT / "docs" / page, "python"):
        exec(compile(text, page, "exec"), names)
    return names


def test_method_on_the_decoding_page_works(asked: tuple[Any, Example], monkeypatch: pytest.MonkeyPatch) -> None:
    model, example = asked
    blind = run_blocks("decoding.md", monkeypatch)["Blind"]
    plain = generate(model, [example])[0]
    assert generate(model, [example], method=blind.neutral())[0].tokens == plain.tokens
    assert (
        generate(model, [example], method=DECODERS.build({"kind": "blind", "alpha": 9.0, "beta": 0.0}))[0].text
        != plain.text
    )


def test_benchmark_on_the_evaluation_page_works(
    asked: tuple[Any, Example], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run_blocks("evaluation.md", monkeypatch)
    result = evaluate(asked[0], [BENCHMARKS.build("capitals")], tmp_path)["capitals"]
    assert result.beside["items"] == 2 and result.version == 1


def test_every_kind_of_benchmark_and_method_is_on_its_page() -> None:
    for page, registry in (("benchmarks.md", BENCHMARKS), ("decoding.md", DECODERS)):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        told = re.findall(r"^(?:\| |\*\*)`(\w+)`", text, flags=re.M)
        assert set(registry.names()) <= set(told), page


def test_settings_on_the_decoding_page_are_all() -> None:
    part = (ROOT / "docs" / "decoding.md").read_text(encoding="utf-8").split("## Settings")[1].split("In a recipe")[0]
    rows = [
        re.findall(r"`([^`]+)`", cell)
        for row in re.findall(r"^\| (`.*)$", part, flags=re.M)
        for cell in row.split(" | ")[:2]
    ]
    told = {name: value for names, values in zip(rows[::2], rows[1::2]) for name, value in zip(names, values)}
    assert told == {name: str(field.default) for name, field in Settings.model_fields.items()}


def test_every_shipped_recipe_is_on_the_page() -> None:
    table = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8").split("## Shipped recipes")[1]
    assert set(re.findall(r"^\| `([\w-]+)` \|", table, flags=re.M)) == {path.stem for path in RECIPES.glob("*.yaml")}


def test_results_name_no_folder_of_a_machine() -> None:
    named = re.compile(r"[\"\s(`](/(?:tmp|home|root|work|Users|mnt)/\S+)")
    found = {
        path.name: hits
        for path in sorted((ROOT / "docs" / "results").iterdir())
        if (hits := named.findall(path.read_text(encoding="utf-8")))
    }
    assert not found
