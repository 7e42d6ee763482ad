"""``backbones measure``: the shipped checkpoints on held-out questions, and the cards and page that say how they do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vistune.core.files import write_json, write_text
from vistune.experiments.changes import (
    KIND_BENCHMARKS,
    KINDS,
    chance_of,
    change_table,
    changes,
    kind_table,
    still_true,
    trained_kinds,
)

if TYPE_CHECKING:
    from vistune.evaluation.runner import Result

#: What nano-vlm is measured on. ``split=train`` are new scenes with wordings and pairs as in training; the others hold
#: both back.
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
#: (benchmark, least score, what it is).
GOALS = (
    ("world_qa_flat_train", 0.85, "questions about new scenes"),
    ("world_qa_flat", 0.85, "questions in new wordings, about pairs of colour and thing never seen together"),
    ("pope_random", 0.90, "POPE, random"),
)
_HEAD = "---\nlicense: apache-2.0\nlibrary_name: transformers\n---\n"


def measure_backbones(
    folder: Path, out_dir: Path, page: Path | None = None, before: Path | None = None
) -> dict[str, Result]:
    """Measure ``folder/nano-vlm``; write ``measures.json`` and a model card into each folder, and the docs ``page``.

    ``before``: the folder of an earlier nano-vlm, asked the same questions; the card then says what changed. Without it
    what an earlier measurement said of that stays, benchmark by benchmark, while the score is the same.
    The figures of nano-lm and nano-vision are those of their ``training.json``, which their training wrote.
    """
    results, found = _measured(folder / "nano-vlm", out_dir, before)
    _write_parts(folder)
    run = _vlm_training(folder / "nano-vlm")
    chances = {kind: chance_of(kind, results[f"world_{kind}"].by_type) for kind in KINDS}
    short = f"world_qa {results['world_qa_flat_train'].score:.0%}, POPE {results['pope_random'].score:.0%}"
    scores = {name: {k: v for k, v in r.summary().items() if k != "beside"} for name, r in results.items()}
    facts = {"measures": scores, "changes": found, "chance": chances, "training": run}
    _write(folder / "nano-vlm", "vision-language model", short, facts)
    told = Told(results, found, chances, run)
    write_text(folder / "nano-vlm" / "README.md", _vlm_card(told, folder / "nano-vlm"))
    if page is not None:
        write_text(page, _page(told))
    return results


@dataclass(frozen=True, slots=True)
class Told:
    """What a card tells: results, changes (see ``changes``), chance by kind of picture, and the training."""

    results: dict[str, Result]
    found: dict[str, Any]
    chances: dict[str, float]
    run: dict[str, Any]


def _measured(model: Path, out_dir: Path, before: Path | None) -> tuple[dict[str, Result], dict[str, Any]]:
    """Results by benchmark, and the changes."""
    from vistune.experiments.compare import compare_models

    if before is not None:
        comparison = compare_models([str(before), str(model)], list(BENCHMARKS), [], out_dir)
        earlier, results = comparison.results.values()
        (gaps,) = comparison.differences.values()
        return results, changes(results, earlier, gaps)
    comparison = compare_models([str(model)], list(BENCHMARKS), [], out_dir)
    (results,) = comparison.results.values()
    stored = model / "measures.json"
    known = json.loads(stored.read_text(encoding="utf-8")).get("changes", {}) if stored.is_file() else {}
    return results, still_true(known, results)


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


def _vlm_training(folder: Path) -> dict[str, Any]:
    """Stages and machine of the run, kept beside the model: ``training.json``."""
    path = folder / "training.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"stages": [], "machine": {}}


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


def _type_table(results: dict[str, Result], found: dict[str, Any]) -> str:
    """Score of each type; in brackets that of the earlier model, where it was measured."""
    names = ("world_qa_flat_train", "world_qa_flat")
    lines = ["| type | items | new scenes | items | new wordings and pairs |", "|---|---|---|---|---|"]
    for kind in results[names[0]].by_type:
        cells = [kind.replace("_", " ")]
        for name in names:
            facts = results[name].by_type.get(kind, {"items": 0, "score": float("nan")})
            earlier = found.get(name, {}).get("by_type", {}).get(kind)
            was = "" if earlier is None else f" ({earlier['score']:.2f})"
            cells += [f"{facts['items']:.0f}", f"{facts['score']:.2f}{was}"]
        lines.append(f"| {' | '.join(cells)} |")
    earlier = "\nIn brackets: before.\n" if found else ""
    return "\n".join(lines) + "\n" + earlier


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


def _changed(told: Told) -> str:
    """The section on what changed; empty where nothing earlier was measured."""
    if not told.found:
        return ""
    last = told.run["stages"][-1]["name"] if told.run["stages"] else "the last stage"
    return (
        f"\n## What changed\n\nThe stage '{last}' came later. *Before*: the model without it, on the same questions; the "
        "difference is paired. Same size, same tokeniser, same prompts. Scenes (`chair`: lower is better):\n\n"
        f"{change_table(told.found, {name: name for name in SCENES})}"
    )


def _kinds(told: Told) -> str:
    """The section on kinds of picture."""
    from vistune.experiments.run import load_recipe

    table = kind_table(told.results, told.found, told.chances, trained_kinds(load_recipe("nano-vlm", [])))
    return (
        "\n## By kind of picture\n\nHeld-out pictures and wordings, flat prior, exact match (`world_kind`). Chance: a guess "
        f"among the options of each question. \\*: not in the training.\n\n{table}"
    )


def _vlm_card(told: Told, folder: Path) -> str:
    return (
        f"{_HEAD}# nano-vlm\n\nnano-vision, an MLP connector and nano-lm, {count_parameters(folder):,} parameters, 64 "
        f"visual tokens a picture. `vistune export nano-vlm OUT` gives a LLaVA folder for plain transformers.\n\n"
        f"Training (recipe `nano-vlm`): {_stage_lines(told.run)}\n\n{_score_table(told.results)}\n"
        f"{_goal_lines(told.results)}{_kinds(told)}{_changed(told)}" + _again("nano-vlm")
    )


def _page(told: Told) -> str:
    return (
        "# The shipped models\n\n`vistune backbones measure`\n\nFigures from "
        "`src/vistune/backbones/*/measures.json`; each folder has a model card.\n\n## nano-vlm\n\n"
        f"Training: {_stage_lines(told.run)}\n\n{_score_table(told.results)}\n"
        "`_train` in a name: new scenes, with wordings and pairs of colour and thing as in training. The others also "
        f"use wordings and pairs that training never saw.\n\n{_goal_lines(told.results)}{_kinds(told)}{_changed(told)}"
        f"\n## By question type (flat prior)\n\n{_type_table(told.results, told.found)}"
    )
