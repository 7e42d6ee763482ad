"""Video: clips of 8 to 32 frames in which things happen, each frame a scene."""

from vistune.world.video.clip import Clip, Event, render_clip
from vistune.world.video.questions import ask
from vistune.world.video.sampling import sample_clip
from vistune.world.video.telling import long_caption, plain_event, seconds_of, short_caption

__all__ = [
    "Clip",
    "Event",
    "ask",
    "long_caption",
    "plain_event",
    "render_clip",
    "sample_clip",
    "seconds_of",
    "short_caption",
]
