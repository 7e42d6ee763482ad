"""Instruction data about clips."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from vistune.data.annotations.dense_captions import TimedCaptions, write_dense_captions
from vistune.data.annotations.mot import TrackBox, write_tracks
from vistune.data.example import Example, Message, assistant, user
from vistune.data.video import write_video
from vistune.engines.base import ENGINES, SeededEngine, question_turns
from vistune.world.annotate import boxes
from vistune.world.language.wordings import Wordings
from vistune.world.scene import Prior, Split
from vistune.world.video import (
    Clip,
    ask,
    long_caption,
    plain_event,
    render_clip,
    sample_clip,
    seconds_of,
    short_caption,
)
from vistune.world.video.telling import frames_of, frames_words
from vistune.world.video.view import view_of_clip

_TELL = Wordings(("what happens in the video?", "tell what happens."), ("say what goes on in this video.",))
_DETAIL = Wordings(("describe the video.", "describe the video in detail."), ("give a full account of the video.",))
_DENSE = Wordings(
    ("list all events with their frames.", "what happens when? give the frames."), ("name each event and its frames.",)
)
_GROUND = Wordings(("when is this: {s}? give the frames.", "{s}. in which frames?"), ("find the frames: {s}.",))


@ENGINES.register("video")
class VideoEngine(SeededEngine):
    """Clips, their frames as pictures in order.

    ``tasks``: ``caption`` (what happens), ``detail`` (the scene, then what happens), ``question``, ``dense`` (all events
    with their frames) and ``ground`` (an event -> its frames). ``frames``: 8 to 32. ``events``: the least and most.
    """

    KIND = "video"
    TASKS = ("caption", "detail", "question", "dense", "ground")

    def __init__(
        self,
        n: int,
        *,
        split: Split = "train",
        prior: Prior = "skewed",
        image_size: int = 64,
        turns: int = 4,
        tasks: dict[str, float] | None = None,
        seed: int = 0,
        frames: int = 16,
        events: tuple[int, int] = (2, 4),
        mp4: bool = False,
    ) -> None:
        super().__init__(n, split=split, prior=prior, image_size=image_size, turns=turns, tasks=tasks, seed=seed)
        self.frames = int(frames)
        self.events = (int(events[0]), int(events[1]))
        self.mp4 = mp4

    def clip(self, number: int) -> Clip:
        """The clip of a number."""
        least, most = self.events
        return sample_clip(
            number, split=self.split, prior=self.prior, frames=self.frames, min_events=least, max_events=most
        )

    def make(self, number: int, rng: random.Random) -> Example:
        """The example of a number."""
        task, clip = self.draw_task(rng), self.clip(number)
        messages, meta = self._turns(task, clip, number, rng)
        events = [[plain_event(clip, event), *frames_of(event)] for event in clip.events]
        facts = {"task": task, "fps": clip.fps, "events": events, **meta}
        return self.example(number, messages, list(render_clip(clip, self.image_size)), facts)

    def _turns(self, task: str, clip: Clip, number: int, rng: random.Random) -> tuple[list[Message], dict[str, Any]]:
        shown = tuple(range(clip.frames))
        if task == "question":
            found = ask(clip, number, n=self.turns, split=self.split)
            if found:
                return question_turns(found, images=clip.frames)
        if task == "dense":
            told = [f"{frames_words(e)}: {plain_event(clip, e)}." for e in clip.events]
            return [user(_DENSE.pick(rng, self.split), images=shown), assistant(" ".join(told))], {}
        view = view_of_clip(clip)
        told_once = [k for k in range(len(clip.events)) if view.unique(k)]
        if task == "ground" and told_once:
            messages: list[Message] = []
            for k in rng.sample(told_once, min(self.turns, len(told_once))):
                request = _GROUND.pick(rng, self.split).format(s=view.sentences[k])
                pictures = () if messages else shown
                messages += [user(request, images=pictures), assistant(frames_words(clip.events[k]))]
            return messages, {}
        telling, wordings = (long_caption, _DETAIL) if task == "detail" else (short_caption, _TELL)
        answer = telling(clip, number, self.split)
        return [user(wordings.pick(rng, self.split), images=shown), assistant(answer)], {}

    def write_annotations(self, folder: Path) -> list[Path]:
        """``captions.json`` (ActivityNet Captions), and for each clip ``NAME.gif`` (``.mp4`` with ``mp4``) and the boxes

        of everything in every frame, ``NAME.txt`` (MOTChallenge).
        """
        folder.mkdir(parents=True, exist_ok=True)
        files, captions = [], []
        for index in range(len(self)):
            clip = self.clip(self.number(index))
            name = f"video-{self.split}-{self.number(index)}"
            times = tuple(seconds_of(clip, event) for event in clip.events)
            sentences = tuple(f"{plain_event(clip, event)}." for event in clip.events)
            captions.append(TimedCaptions(name, clip.frames / clip.fps, times, sentences))
            pictures = render_clip(clip, self.image_size)
            files.append(write_video(folder / f"{name}{'.mp4' if self.mp4 else '.gif'}", pictures, clip.fps))
            files.append(write_tracks(folder / f"{name}.txt", tracks(clip, self.image_size)))
        return [write_dense_captions(folder / "captions.json", captions), *files]


def tracks(clip: Clip, size: int) -> list[TrackBox]:
    """The visible box of everything in every frame; a thing's track is its number in the cast, from 1."""
    found = []
    for frame in range(clip.frames):
        scene, who = clip.stage(frame)
        for number, (x0, y0, x1, y1) in zip(who, boxes(scene, size)):
            if x1 > x0:
                found.append(TrackBox(frame + 1, number + 1, x0, y0, x1 - x0, y1 - y0))
    return found
