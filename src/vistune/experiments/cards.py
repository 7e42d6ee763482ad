"""``backbones measure``: the shipped checkpoints on held-out questions, and the cards and page that say how they do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vistune.core.files import write_json, write_text
from vistune.experiments.backbones import WORLD_RECIPES
from vistune.experiments.beside import (
    KIND_BENCHMARKS,
    KINDS,
    chance_of,
    kind_rows,
    markdown_table,
    side_by_side,
    trained_kinds,
)

if TYPE_CHECKING:
    from vistune.evaluation.metrics.significance import Contrast
    from vistune.evaluation.runner import Result

#: What the vision-language models are measured on. ``split=train`` are new scenes with wordings and pairs as in training;
#: the others hold both back.
BENCHMARKS = (
    "world_qa:n=1000,split=train",
    "world_qa:n=1000",
    "world_qa:n=500,prior=skewed",
    "pope:n=150",
    "pope:setting=popular,n=150",
    "pope:setting=adversarial,n=150",
    "text_only:n=300",
    "chair:n=300",
    "chair:n=300,prior=flat",
    "chair:n=300,prior=inverted",
    *KIND_BENCHMARKS,
)
#: Names of what nano-vlm was measured on before there were other kinds of picture than scenes.
SCENES = (
    "world_qa_flat_train", "world_qa_flat", "world_qa_skewed", "pope_random", "pope_popular", "pope_adversarial",
    "text_only", "chair", "chair_flat", "chair_inverted",
)  # fmt: skip
#: The vision-language models, the one for scenes first.
VLMS = ("nano-vlm", "nano-vlm-world")
#: (benchmark, least score, what it is).
GOALS = (
    ("world_qa_flat_train", 0.85, "questions about new scenes"),
    ("world_qa_flat", 0.85, "questions in new wordings, about pairs of colour and thing never seen together"),
    ("pope_random", 0.90, "POPE, random"),
)
_HEAD = "---\nlicense: apache-2.0\nlibrary_name: transformers\n---\n"


def measure_backbones(folder: Path, out_dir: Path, page: Path | None = None) -> dict[str, dict[str, Result]]:
    """Measure ``folder/nano-vlm`` and ``folder/nano-vlm-world`` on the same questions. -> results by model and benchmark.

    Writes ``measures.json`` and a model card into each folder, and the docs ``page``. The figures of nano-lm and nano-vision
    are those of their ``training.json``, which their training wrote.
    """
    from vistune.experiments.compare import compare_models

    comparison = compare_models([str(folder / name) for name in VLMS], list(BENCHMARKS), [], out_dir)
    scenes, world = (comparison.results[name] for name in VLMS)
    chances = {kind: chance_of(kind, scenes[f"world_{kind}"].by_type) for kind in KINDS}
    runs = [_training(folder / name) for name in VLMS]
    told = Told(scenes, world, comparison.differences[VLMS[1]], chances, *runs)
    _write_parts(folder)
    for name, results, run in zip(VLMS, (scenes, world), runs):
        scores = {bench: {k: v for k, v in r.summary().items() if k != "beside"} for bench, r in results.items()}
        short = f"world_qa {results['world_qa_flat_train'].score:.0%}, POPE {results['pope_random'].score:.0%}"
        if name == VLMS[1]:
            short += f", {len(KINDS)} kinds of picture {_over_kinds(results):.0%}"
        _write(folder / name, "vision-language model", short, {"measures": scores, "chance": chances, "training": run})
    write_text(folder / VLMS[0] / "README.md", _scenes_card(told, folder / VLMS[0]))
    write_text(folder / VLMS[1] / "README.md", _world_card(told, folder / VLMS[1]))
    if page is not None:
        write_text(page, _page(told))
    return {name: comparison.results[name] for name in VLMS}


@dataclass(frozen=True, slots=True)
class Told:
    """What cards tell: results of both models, paired differences, chance by kind of picture, how each was trained."""

    scenes: dict[str, Result]
    world: dict[str, Result]
    gaps: dict[str, Contrast]
    chances: dict[str, float]
    scenes_run: dict[str, Any]
    world_run: dict[str, Any]


def _over_kinds(results: dict[str, Result]) -> float:
    """Mean accuracy over the kinds of picture."""
    return sum(results[f"world_{kind}"].score for kind in KINDS) / len(KINDS)


def _write_parts(folder: Path) -> None:
    """Figures and cards of nano-lm and nano-vision, from their training."""
    language, vision = (_training(folder / name) for name in ("nano-lm", "nano-vision"))
    _write(folder / "nano-lm", "language model", f"perplexity {language['measures']['perplexity']:.1f}", language)
    seen = vision["measures"]
    short = f"patch: thing {seen['kind']:.0%}, colour {seen['colour']:.0%}"
    _write(folder / "nano-vision", "vision encoder", short, vision)
    write_text(folder / "nano-lm" / "README.md", _language_card(language, folder / "nano-lm"))
    write_text(folder / "nano-vision" / "README.md", _vision_card(vision, folder / "nano-vision"))


def _training(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "training.json").read_text(encoding="utf-8"))


def count_parameters(folder: Path) -> int:
    """Parameters in a folder's ``model.safetensors``."""
    from safetensors import safe_open

    with safe_open(folder / "model.safetensors", "pt") as file:
        shapes = [file.get_slice(name).get_shape() for name in file.keys()]  # noqa: SIM118 - not a dict
    total = 0
    for shape in shapes:
        size = 1
        for side in shape:
            size *= side
        total += size
    return total


def _write(folder: Path, kind: str, measure: str, facts: dict[str, Any]) -> None:
    parameters = count_parameters(folder)
    write_json(folder / "measures.json", {"kind": kind, "parameters": parameters, "measure": measure, **facts})


def _hardware(machine: dict[str, Any]) -> str:
    if not machine:
        return "4 cores of an x86-64 server processor, no GPU"
    return (
        f"{machine.get('threads', '?')} of {machine.get('cores', '?')} cores ({machine.get('processor', '?')}), no GPU"
    )


def _again(name: str, overrides: str = "") -> str:
    return f"\nMade again by `vistune backbones train {name}{overrides}`. Figures: `measures.json`.\n"


def _language_card(facts: dict[str, Any], folder: Path) -> str:
    recipe, measures = facts["recipe"], facts["measures"]
    return (
        f"{_HEAD}# nano-lm\n\nLlama architecture, {recipe['layers']} layers of width {recipe['width']}, "
        f"{count_parameters(folder):,} parameters, byte-level BPE of {recipe['vocabulary']:,} entries (round-trips any "
        f"UTF-8 text), chat template.\n\nTrained on text alone, made by the world's grammar (stories, descriptions with "
        f"questions, small knowledge): {int(measures['tokens']):,} tokens, {recipe['steps']:,} steps, "
        f"{measures['seconds']:.0f} s on 3 cores of an x86-64 server processor with AMX, no GPU.\n\nHeld-out perplexity "
        f"a token: {measures['perplexity']:.2f} (wordings that training never saw among them).\n"
        + _again("nano-lm", f" precision={recipe['precision']} compile={str(recipe['compile']).lower()}")
    )


def _vision_card(facts: dict[str, Any], folder: Path) -> str:
    recipe, m = facts["recipe"], facts["measures"]
    named = ", ".join(f"{name} {m[key]:.1%}" for name, key in (
        ("thing", "kind"), ("colour", "colour"), ("size", "size"), ("pattern", "pattern"), ("state", "state")
    ))  # fmt: skip
    return (
        f"{_HEAD}# nano-vision\n\nCLIP ViT architecture, {recipe['image_size']} px, patches of {recipe['patch']} px, "
        f"{recipe['layers']} layers of width {recipe['width']}, {count_parameters(folder):,} parameters.\n\nTrained "
        f"without a language model on dense labels (thing, colour, size, pattern, state and centre for each patch; "
        f"setting and things for each picture): {int(m['pictures']):,} pictures, {recipe['steps']:,} steps, "
        f"{m['seconds']:.0f} s on 4 shared cores of an x86-64 server processor, no GPU.\n\nHeld-out scenes (pairs of "
        f"colour and thing never seen in training among them), patches that a thing covers: {named}; setting "
        f"{m['setting']:.1%} of pictures.\n" + _again("nano-vision")
    )


def _score_table(results: dict[str, Result]) -> str:
    lines = ["| benchmark | measure | score | 95% interval |", "|---|---|---|---|"]
    for name in SCENES:
        result = results[name]
        low, high = result.intervals[result.main]
        lines.append(f"| {name} | {result.main} | {result.score:.3f} | {low:.3f} to {high:.3f} |")
    return "\n".join(lines) + "\n"


def _type_table(results: dict[str, Result]) -> str:
    first, second = results["world_qa_flat_train"], results["world_qa_flat"]
    lines = ["| type | items | new scenes | items | new wordings and pairs |", "|---|---|---|---|---|"]
    for kind, facts in first.by_type.items():
        other = second.by_type.get(kind, {"items": 0, "score": float("nan")})
        cells = (kind.replace("_", " "), facts["items"], facts["score"], other["items"], other["score"])
        lines.append("| {} | {:.0f} | {:.2f} | {:.0f} | {:.2f} |".format(*cells))
    return "\n".join(lines) + "\n"


def _goal_lines(results: dict[str, Result]) -> str:
    lines = []
    for name, least, words in GOALS:
        score = results[name].score
        low, high = results[name].intervals[results[name].main]
        verdict = "reached" if score >= least else "**not reached**"
        lines.append(f"- {words}: goal {least:.0%}, measured {score:.1%} [{low:.1%}, {high:.1%}]: {verdict}.")
    chair = results["chair"]
    low, high = chair.intervals["chair_s"]
    lines.append(
        f"- hallucination on the skewed split, for later methods to mend: {chair.score:.1%} [{low:.1%}, {high:.1%}] of "
        f"captions name a thing that is not there (`chair`); of the yes answers of adversarial POPE "
        f"{1 - results['pope_adversarial'].values['precision']:.1%} are wrong."
    )
    return "\n".join(lines) + "\n"


def _stage_lines(run: dict[str, Any]) -> str:
    """Stages, and after each run of stages on one machine that machine."""
    machines = [stage.get("machine", run["machine"]) for stage in run["stages"]]
    parts = []
    for place, s in enumerate(run["stages"]):
        parts.append(f"{s['name']}: {s['steps']:,} steps, {s['tokens']:,} tokens, {s['seconds']:.0f} s")
        if place + 1 == len(machines) or machines[place + 1] != machines[place]:
            parts[-1] += f" ({_hardware(machines[place])})"
    return f"{'; '.join(parts)}."


def _beside(told: Told) -> str:
    """Both models on scenes and on every kind of picture."""
    from vistune.experiments.run import load_recipe

    trained = set().union(*(trained_kinds(load_recipe(name, [])) for name in WORLD_RECIPES))
    columns = ("nano-vlm", "nano-vlm-world", "difference, 95% interval")
    scenes = side_by_side(SCENES, told.scenes, told.world, told.gaps)
    kinds = kind_rows(told.scenes, told.world, told.gaps, told.chances, trained)
    over = [f"{_over_kinds(results):.3f}" for results in (told.scenes, told.world)]
    kinds.append(["mean", "", f"{sum(told.chances.values()) / len(told.chances):.2f}", *over, ""])
    return (
        "Scenes, the same questions, paired (`chair`: lower is better):\n\n"
        f"{markdown_table(('benchmark', *columns), scenes)}\n"
        "Every kind of picture: held-out pictures and wordings, flat prior, exact match (`world_kind`). Chance: a guess among "
        "the options of each question. \\*: not in the training of nano-vlm-world; nano-vlm saw scenes only, and where it is "
        "far below chance it does not know how the kind is asked about.\n\n"
        f"{markdown_table(('kind', 'questions', 'chance', *columns), kinds)}"
    )


def _scenes_card(told: Told, folder: Path) -> str:
    return (
        f"{_HEAD}# nano-vlm\n\nnano-vision, an MLP connector and nano-lm, {count_parameters(folder):,} parameters, 64 "
        f"visual tokens a picture. `vistune export nano-vlm OUT` gives a LLaVA folder for plain transformers. Trained on "
        f"scenes: for other kinds of picture and for requests in benchmarks' own words take nano-vlm-world.\n\n"
        f"Training (recipe `nano-vlm`): {_stage_lines(told.scenes_run)}\n\n{_score_table(told.scenes)}\n"
        f"{_goal_lines(told.scenes)}" + _again("nano-vlm")
    )


def _world_card(told: Told, folder: Path) -> str:
    recipes = " and ".join(f"`{name}`" for name in WORLD_RECIPES)
    return (
        f"{_HEAD}# nano-vlm-world\n\nnano-vlm trained on over the fuller world, {count_parameters(folder):,} parameters as "
        f"before: every kind of picture, choices between letters, boxes, and requests as benchmarks word them (training "
        f"splits only).\n\nTraining (recipes {recipes}, after nano-vlm's): {_stage_lines(told.world_run)}\n\n"
        f"{_beside(told)}" + _again("nano-vlm-world")
    )


def _page(told: Told) -> str:
    return (
        "# The shipped models\n\n`vistune backbones measure`\n\nFigures from "
        "`src/vistune/backbones/*/measures.json`; each folder has a model card.\n\n## nano-vlm\n\n"
        f"Training: {_stage_lines(told.scenes_run)}\n\n{_score_table(told.scenes)}\n"
        "`_train` in a name: new scenes, with wordings and pairs of colour and thing as in training. The others also "
        f"use wordings and pairs that training never saw.\n\n{_goal_lines(told.scenes)}"
        "\n## nano-vlm-world beside it\n\nnano-vlm trained on over every kind of picture, choices between letters, boxes, and "
        "requests as benchmarks word them (training splits of the world's editions; the head of recipe `nano-vlm-world` says "
        "which, and what is not named there it never saw worded so). What it gains and what it costs; both on every benchmark: "
        "[all nano benchmarks](nano-benchmarks.md).\n\n"
        f"Training, nano-vlm's own stages first: {_stage_lines(told.world_run)}\n\n{_beside(told)}"
        f"\n## By question type (nano-vlm, flat prior)\n\n{_type_table(told.scenes)}"
    )
