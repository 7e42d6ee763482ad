"""Frames as files, captions with times, tracks."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from vistune.core.errors import ConfigError, DataError, MissingExtra
from vistune.data.annotations.dense_captions import read_dense_captions
from vistune.data.annotations.mot import read_tracks
from vistune.data.video import read_video, write_video
from vistune.engines.video import VideoEngine, tracks
from vistune.world.video import plain_event, render_clip, sample_clip


def test_a_gif_keeps_its_frames(tmp_path: Path) -> None:
    for seed in range(6):
        frames = render_clip(sample_clip(seed), 64)
        read, fps = read_video(write_video(tmp_path / "a.gif", frames, 8.0))
        assert read.shape == frames.shape and abs(fps - 8) < 0.5
        assert np.abs(read.astype(int) - frames).mean() < 3


def test_an_mp4_keeps_its_frames(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="PyAV is not installed")
    frames = render_clip(sample_clip(1), 65)
    read, fps = read_video(write_video(tmp_path / "a.mp4", frames, 8.0))
    assert read.shape == (16, 64, 64, 3) and fps == 8
    assert np.abs(read.astype(int) - frames[:, :64, :64]).mean() < 6


def test_what_cannot_be_written_or_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = np.zeros((2, 8, 8, 3), np.uint8)
    with pytest.raises(ConfigError, match=r"\.gif or \.mp4"):
        write_video(tmp_path / "a.avi", frames)
    with pytest.raises(ConfigError, match="needs frames"):
        write_video(tmp_path / "a.gif", frames[0])
    (tmp_path / "b.gif").write_bytes(b"no picture")
    with pytest.raises(DataError, match="no video"):
        read_video(tmp_path / "b.gif")
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtra, match="video"):
        write_video(tmp_path / "a.mp4", frames)


def test_annotations_of_the_engine_are_read_back(tmp_path: Path) -> None:
    engine = VideoEngine(3, image_size=32)
    assert all(file.exists() for file in engine.write_annotations(tmp_path))
    captions = read_dense_captions(tmp_path / "captions.json")
    for index, video in enumerate(captions):
        clip = engine.clip(engine.number(index))
        assert video.duration == clip.frames / clip.fps
        assert video.sentences == tuple(plain_event(clip, e) + "." for e in clip.events)
        assert all(0 <= a < b <= video.duration for a, b in video.timestamps)
        assert read_tracks(tmp_path / f"{video.video}.txt") == tracks(clip, 32)
    (tmp_path / "c.json").write_text('{"v": {"duration": 2, "timestamps": [[0, 1]], "sentences": []}}')
    with pytest.raises(DataError, match="1 times for 0 sentences"):
        read_dense_captions(tmp_path / "c.json")
    (tmp_path / "d.txt").write_text("1,1,0,0,5,5,1\nnone\n")
    with pytest.raises(DataError, match="line 2"):
        read_tracks(tmp_path / "d.txt")
