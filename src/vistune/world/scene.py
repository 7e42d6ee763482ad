"""``Scene``: a pure value that says everything about a picture before it is drawn.

Coordinates are shares of the picture: x from 0 (left) to 1 (right), y from 0 (top) to 1 (bottom).
``Scene -> pixels`` is a function, deterministic: all variation is in the scene, none in the renderer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Prior = Literal["skewed", "flat", "inverted"]
Split = Literal["train", "val", "test"]


@dataclass(frozen=True, slots=True)
class Thing:
    """One object. ``x`` is its centre, ``y`` the line it stands (floats, flies) on, ``height`` its drawn height.

    ``depth`` orders drawing: larger is farther away, drawn first. ``variant`` seeds the drawing's small variations.
    ``support`` is the index of the thing that it stands on, or None. ``label`` is what is written on it: None for no
    label, an empty text for a blank one (``vistune.world.labels`` says what can be written on).
    """

    kind: str
    colour: str
    size: str
    pattern: str
    state: str | None
    x: float
    y: float
    height: float
    depth: float
    variant: int
    flip: bool = False
    support: int | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """A setting and its things. ``seed``, ``prior`` and ``split`` say how it was sampled.

    ``camera``: how far the camera has gone to the right of where the setting was set up, in shares of the picture at its
    front edge. It moves what is drawn behind the things; theirs are the places where they are seen.
    """

    seed: int
    setting: str
    things: tuple[Thing, ...]
    prior: Prior = "skewed"
    split: Split = "train"
    light: float = 1.0
    camera: float = 0.0
