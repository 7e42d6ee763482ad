"""The page of the language of scenes."""

from __future__ import annotations

import random
from pathlib import Path

from PIL import Image

from vistune.world import render, sample_scene
from vistune.world.language import caption, refer
from vistune.world.language.dialogue import conversation, with_reason
from vistune.world.questions import MAKERS, ask, explain
from vistune.world.questions.misleading import INSTRUCTIONS, ask_misleading, beside, instruction, wrong_answers

SEED = 12


def build(assets: Path) -> str:
    """Write the picture; -> the page."""
    scene = sample_scene(SEED, min_things=4, max_things=4, prior="flat")
    Image.fromarray(render(scene, 420)).save(assets / "language-scene.png", optimize=True)
    captions = [f"- **{level}**: {caption(scene, 2, level)}" for level in ("short", "all", "long")]
    references = ["| thing | minimal | full | by relation |", "|---|---|---|---|"]
    for index, thing in enumerate(scene.things):
        cells = [refer(scene, index, style) or "(none fits it alone)" for style in ("minimal", "full", "relational")]
        references.append(f"| {thing.kind} | {cells[0]} | {cells[1]} | {cells[2]} |")
    questions = ["| type | question | answer | wrong answers | program |", "|---|---|---|---|---|"]
    for name in MAKERS:
        for q in ask(scene, 5, types=[name]):
            wrong = ", ".join(wrong_answers(scene, q, 3)) or "–"
            questions.append(f"| {name} | {q.text} | {q.answer} | {wrong} | `{q.program}` |")
    asked = [q for kind in (*MAKERS, "hidden", "facing") for q in ask(scene, 4, types=[kind])]
    reasons = [f"| {q.text} | {q.answer} | {explain(q, scene)} |" for q in asked]
    shown = next(q for s in range(99) for q in ask(scene, s, types=["compare_count", "relation"]) if q.facts["reason"])
    assert shown.program is not None
    trace = [f"{line}   -> {value}" for line, value in shown.program.trace(scene)]
    talk = [f"> **Q** {q}  \n> **A** {a}\n>" for q, a in conversation(scene, 4, 4)]
    tempting = [f"| {q.type} | {q.text} | {q.answer} |" for s in range(3) for q in ask_misleading(scene, s, n=2)]
    for how in ("match", "corrupt", "irrelevant"):
        found = beside(scene, 3, how)
        assert found is not None
        tempting.append(f"| text: {how} | *{found.text}* {found.asked.text} | {found.answer} |")
    for sort in INSTRUCTIONS:
        made = instruction(scene, 4, sort)
        if made is not None:
            tempting.append(f"| instruction: {sort} | {made.text} | {made.response} |")
    return "\n".join(
        [
            "# Language",
            "",
            "One grammar says all that is said of scenes: it knows articles, plurals, the order of adjectives, and what would be "
            "doubtful to say. What hangs on a near tie is never said and never asked.",
            "",
            "![A scene](../assets/world/language-scene.png)",
            "",
            "## Captions",
            "",
            *captions,
            "",
            "## Referring expressions",
            "",
            *references,
            "",
            "Each is read back by `resolve` to the one thing that it means.",
            "",
            "## Questions and their programs",
            "",
            *questions,
            "",
            "The wrong answers are of the same sort, the scene's own values first. A program can be taken step by step:",
            "",
            "```text",
            f"{shown.text} {shown.answer}",
            *trace,
            "```",
            "",
            f"With its reason: *{' '.join(with_reason(shown, random.Random(1), 'train'))}* The reason of any answer is said from the "
            "steps of its program (`explain`):",
            "",
            "| question | answer | reason |",
            "|---|---|---|",
            *reasons,
            "",
            "## Dialogue",
            "",
            *talk,
            "",
            "## What may mislead",
            "",
            "Leading questions are right half of the time; a question may suppose what is not there; a text beside the picture may "
            "agree, contradict or be about something else; an instruction may have something false in it. The answer is always the "
            "picture's.",
            "",
            "| sort | question or instruction | answer |",
            "|---|---|---|",
            *tempting,
            "",
            "## Make some",
            "",
            "```sh",
            "vistune data make world --n 1000 --out data/talk --set 'tasks={conversation: 1}'",
            "vistune data make world --n 1000 --out data/why --set 'tasks={reason: 1}'",
            "vistune data make misleading --n 1000 --out data/misleading",
            "vistune data make misleading --n 1000 --out data/beside --set 'tasks={beside: 1}'",
            "```",
            "",
            "```python",
            "from vistune.world import sample_scene",
            "from vistune.world.language import caption, refer",
            "from vistune.world.questions import ask, explain",
            "",
            "scene = sample_scene(12, min_things=4)",
            'print(caption(scene, seed=2, level="long"))',
            "print(refer(scene, 0))",
            "for question in ask(scene, seed=5, n=3):",
            "    print(question.text, question.answer, explain(question, scene), *question.program.lines(), sep='\\n  ')",
            "```",
            "",
        ]
    )
