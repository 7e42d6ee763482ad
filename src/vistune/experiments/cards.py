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
    mixing_table,
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
    folder: Path, out_dir: Path, page: Path | None = None, tried: Path | None = None
) -> dict[str, Result]:
    """Measure ``folder/nano-vlm``; write ``measures.json`` and a model card into each folder, and the docs ``page``.

    ``tried``: another nano-vlm, asked the same questions; how it differs goes into ``tried.json`` beside the shipped one,
    which also holds, written by hand, why it is not shipped. Without it the differences that ``tried.json`` holds stay,
    benchmark by benchmark, while the shipped model's score is the same.
    The figures of nano-lm and nano-vision are those of their ``training.json``, which their training wrote.
    """
    results, found = _measured(folder / "nano-vlm", out_dir, tried)
    _write_parts(folder)
    run = _vlm_training(folder / "nano-vlm")
    chances = {kind: chance_of(kind, results[f"world_{kind}"].by_type) for kind in KINDS}
    short = f"world_qa {results['world_qa_flat_train'].score:.0%}, POPE {results['pope_random'].score:.0%}"
    scores = {name: {k: v for k, v in r.summary().items() if k != "beside"} for name, r in results.items()}
    facts = {"measures": scores, "chance": chances, "training": run}
    _write(folder / "nano-vlm", "vision-language model", short, facts)
    told = Told(results, found, chances, run)
    write_text(folder / "nano-vlm" / "README.md", _vlm_card(told, folder / "nano-vlm"))
    if page is not None:
        write_text(page, _page(told))
    return results


@dataclass(frozen=True, slots=True)
class Told:
    """What a card tells: results, another model that was tried (``tried.json``; may be empty), chance by kind, training."""

    results: dict[str, Result]
    tried: dict[str, Any]
    chances: dict[str, float]
    run: dict[str, Any]

    @property
    def found(self) -> dict[str, Any]:
        """How the tried model differs (see ``changes``)."""
        return self.tried.get("changes", {})


def _measured(model: Path, out_dir: Path, tried: Path | None) -> tuple[dict[str, Result], dict[str, Any]]:
    """Results by benchmark, and what ``tried.json`` holds, its differences as far as they are true."""
    from vistune.experiments.compare import compare_models

    models = [str(model)] if tried is None else [str(model), str(tried)]
    comparison = compare_models(models, list(BENCHMARKS), [], out_dir)
    results, *others = comparison.results.values()
    stored = model / "tried.json"
    facts = json.loads(stored.read_text(encoding="utf-8")) if stored.is_file() else {}
    if tried is None:
        return results, {**facts, "changes": still_true(facts.get("changes", {}), results)} if facts else {}
    (gaps,) = comparison.differences.values()
    facts |= {"training": _vlm_training(tried), "changes": changes(others[0], results, gaps)}
    write_json(stored, facts)
    return results, facts


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


def _tried(told: Told) -> str:
    """The section on a model that was tried in place of the shipped one; empty where there is none."""
    if not told.found:
        return ""
    stage = told.tried["training"]["stages"][-1]
    mixed = told.tried.get("mixing", [])
    middle = f"\n{told.tried.get('about_mixing', '')}\n\n{mixing_table(mixed)}" if mixed else ""
    return (
        f"\n## Tried, not shipped\n\n{told.tried.get('why', '')}\n\nStage '{stage['name']}' (recipe "
        f"`{told.tried.get('recipe', '')}`): {stage['steps']:,} steps, {stage['tokens']:,} tokens, {stage['seconds']:.0f} s "
        f"({_hardware(stage['machine'])}). On scenes (`chair`: lower is better), the same questions, paired:\n\n"
        f"{change_table(told.found, SCENES)}{middle}"
    )


def _kinds(told: Told) -> str:
    """The section on kinds of picture."""
    from vistune.experiments.run import load_recipe

    trained = trained_kinds(load_recipe(told.tried["recipe"], [])) if told.found else set()
    tried = " *Tried*: see below; \\*: not in its training." if told.found else ""
    return (
        "\n## By kind of picture\n\nThe shipped model was trained on scenes only. Held-out pictures and wordings, flat prior, "
        f"exact match (`world_kind`). Chance: a guess among the options of each question.{tried}\n\n"
        f"{kind_table(told.results, told.found, told.chances, trained)}"
    )


def _vlm_card(told: Told, folder: Path) -> str:
    return (
        f"{_HEAD}# nano-vlm\n\nnano-vision, an MLP connector and nano-lm, {count_parameters(folder):,} parameters, 64 "
        f"visual tokens a picture. `vistune export nano-vlm OUT` gives a LLaVA folder for plain transformers.\n\n"
        f"Training (recipe `nano-vlm`): {_stage_lines(told.run)}\n\n{_score_table(told.results)}\n"
        f"{_goal_lines(told.results)}{_kinds(told)}{_tried(told)}" + _again("nano-vlm")
    )


def _page(told: Told) -> str:
    return (
        "# The shipped models\n\n`vistune backbones measure`\n\nFigures from "
        "`src/vistune/backbones/*/measures.json`; each folder has a model card.\n\n## nano-vlm\n\n"
        f"Training: {_stage_lines(told.run)}\n\n{_score_table(told.results)}\n"
        "`_train` in a name: new scenes, with wordings and pairs of colour and thing as in training. The others also "
        f"use wordings and pairs that training never saw.\n\n{_goal_lines(told.results)}{_kinds(told)}{_tried(told)}"
        f"\n## By question type (flat prior)\n\n{_type_table(told.results)}"
    )
