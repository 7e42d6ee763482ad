"""Frames as files: GIF by Pillow, MP4 by PyAV (extra ``video``)."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from vistune.core.errors import ConfigError, DataError, MissingExtra


def write_video(path: Path, frames: NDArray[np.uint8], fps: float = 8.0) -> Path:
    """Write uint8 ``[frames, height, width, 3]`` as ``.gif`` (endless) or ``.mp4`` (H.264; odd sides lose a pixel).

    Raises:
        ConfigError: another ending, or no frames. MissingExtra: an MP4 without PyAV.
    """
    if frames.ndim != 4 or not len(frames):
        raise ConfigError(f"{path}: a video needs frames [frames, height, width, 3], not {list(frames.shape)}.")
    if path.suffix == ".gif":
        pictures = [Image.fromarray(frame).quantize(256, dither=Image.Dither.NONE) for frame in frames]
        # Equal frames in a row would be merged into one: frame counts must survive.
        for k, picture in enumerate(pictures):
            picture.info["comment"] = str(k).encode()
        durations = [round(1000 / fps)] * len(frames)
        pictures[0].save(
            path, save_all=True, append_images=pictures[1:], duration=durations, loop=0, optimize=False, disposal=2
        )
    elif path.suffix == ".mp4":
        _write_mp4(path, frames, fps)
    else:
        raise ConfigError(f"{path}: videos are written as .gif or .mp4.")
    return path


def read_video(path: Path) -> tuple[NDArray[np.uint8], float]:
    """-> frames uint8 ``[frames, height, width, 3]``, frames a second.

    Raises:
        DataError: it is no video that can be read. MissingExtra: anything but a GIF without PyAV.
    """
    if path.suffix == ".gif":
        return _read_gif(path)
    av = _av()
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
            return np.stack(frames), float(stream.average_rate or 0)
    except (av.error.FFmpegError, IndexError, ValueError) as error:
        raise DataError(f"{path} is no video that can be read: {error}.") from None


def _read_gif(path: Path) -> tuple[NDArray[np.uint8], float]:
    try:
        with Image.open(path) as picture:
            held = [
                (np.asarray(f.convert("RGB")), f.info.get("duration", 125)) for f in ImageSequence.Iterator(picture)
            ]
    except OSError as error:
        raise DataError(f"{path} is no video that can be read: {error}.") from None
    shortest = min(duration for _, duration in held) or 125
    # A frame that is held longer stands for several equal ones.
    frames = [frame for frame, duration in held for _ in range(max(1, round(duration / shortest)))]
    return np.stack(frames), 1000 / shortest


def _write_mp4(path: Path, frames: NDArray[np.uint8], fps: float) -> None:
    av = _av()
    from fractions import Fraction

    height, width = (side // 2 * 2 for side in frames.shape[1:3])
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": "12"}
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame[:height, :width]), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def _av() -> ModuleType:
    try:
        import av
    except ImportError:
        raise MissingExtra("av", "video", "Reading and writing MP4") from None
    return av
