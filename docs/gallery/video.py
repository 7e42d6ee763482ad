"""The page of video: film strips, two clips that play, questions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from vistune.data.video import write_video
from vistune.world.video import Clip, ask, long_caption, plain_event, render_clip, sample_clip
from vistune.world.video.questions import MAKERS
from vistune.world.video.telling import frames_words

SIZE, GAP, COLUMNS = 130, 5, 8


def strip(clip: Clip) -> np.ndarray:
    """Eight frames of a clip side by side."""
    chosen = np.linspace(0, clip.frames - 1, COLUMNS).round().astype(int)
    pictures = render_clip(clip, 2 * SIZE)[chosen]
    gap = np.full((SIZE, GAP, 3), 255, np.uint8)
    cells = [np.asarray(Image.fromarray(p).resize((SIZE, SIZE), Image.Resampling.LANCZOS)) for p in pictures]
    return np.concatenate([part for cell in cells for part in (cell, gap)][:-1], 1)


def with_action(*actions: str) -> Clip:
    """The first clip of the flat prior with these actions."""
    clips = (sample_clip(seed, prior="flat", min_events=3) for seed in range(5000))
    return next(clip for clip in clips if set(actions) <= {event.action for event in clip.events})


def examples() -> list[str]:
    """A question of each type with its answer and its program."""
    lines = ["| type | question | answer | program |", "|---|---|---|---|"]
    for name in MAKERS:
        asked = next(
            q for seed in range(3000) for q in ask(sample_clip(seed, prior="flat", min_events=3), seed, types=[name])
        )
        lines.append(f"| {name} | {asked.text} | {asked.answer} | `{asked.program}` |")
    return lines


def build(assets: Path) -> str:
    """Write the pictures; -> the page."""
    clips = [with_action(*actions) for actions in (("bump", "jump"), ("pick up",), ("fly", "move"), ("arrive", "grow"))]
    gap = np.full((GAP, COLUMNS * (SIZE + GAP) - GAP, 3), 255, np.uint8)
    parts = [part for clip in clips for part in (strip(clip), gap)][:-1]
    Image.fromarray(np.concatenate(parts)).quantize(200, dither=Image.Dither.NONE).save(
        assets / "video-strips.png", optimize=True
    )
    for name, clip in (("a", clips[0]), ("b", clips[1])):
        write_video(assets / f"video-{name}.gif", render_clip(clip, 200), clip.fps)
    events = [f"| {frames_words(e)} | {e.action} | {plain_event(clips[0], e)} |" for e in clips[0].events]
    return "\n".join(
        [
            "# Video",
            "",
            "A clip is a scene and a few events with exact times: things move, bump into others and push them, appear, "
            "vanish, jump, fly off, grow, shrink, are picked up, open, or fall asleep. Each of the 8 to 32 frames is a scene "
            "of its own, so boxes, tracks, event boundaries and answers are known in all of them.",
            "",
            "![Film strips](../assets/world/video-strips.png)",
            "",
            "![A clip that plays](../assets/world/video-a.gif) ![Another](../assets/world/video-b.gif)",
            "",
            "The first strip, told:",
            "",
            f"> {long_caption(clips[0], 0)}",
            "",
            "| when | action | in words |",
            "|---|---|---|",
            *events,
            "",
            "## Questions",
            "",
            "What asks for one of two things names both; what could be guessed from the words alone is thinned out.",
            "",
            *examples(),
            "",
            "## Make some",
            "",
            "```sh",
            "vistune data make video --n 500 --out data/video --annotations",
            "vistune data make video --n 500 --out data/moments --set 'tasks={ground: 1, dense: 1}' --set frames=24",
            "```",
            "",
            "`--annotations` writes each clip as GIF (`--set mp4=true`: MP4, extra `video`), its events in the JSON of "
            "ActivityNet Captions, and the boxes of everything in every frame as MOTChallenge text.",
            "",
            "```python",
            "from vistune.world.video import ask, plain_event, render_clip, sample_clip",
            "",
            "clip = sample_clip(5, frames=24)",
            "frames = render_clip(clip, 128)",
            "for event in clip.events:",
            "    print(event.start, event.end, plain_event(clip, event))",
            "for question in ask(clip, seed=0, n=3):",
            "    print(question.text, question.answer)",
            "```",
            "",
        ]
    )
