"""The shipped fonts: every face opens, draws ink, and has the letters that it promises."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from PIL import Image, ImageDraw

from vistune.core.errors import ConfigError
from vistune.world.fonts import BOLD, Face, face

SAMPLES = {"arabic": "\ufe8e\ufee0\ufe91", "chinese": "红色"}


def ink(name, text: str, bold: bool = False) -> int:
    canvas = Image.new("L", (400, 60))
    ImageDraw.Draw(canvas).text((5, 5), text, 255, font=face(name, 32, bold))
    return int((np.asarray(canvas) > 128).sum())


@pytest.mark.parametrize("name", get_args(Face))
def test_every_face_draws_letters_that_differ(name):
    text = SAMPLES.get(name, "Äßñé")
    missing = "\U0001f9ff"
    drawn = [ink(name, letter) for letter in text]
    assert min(drawn) > 20
    assert any(count != ink(name, missing) for count in drawn)


@pytest.mark.parametrize("name", sorted(BOLD))
def test_bold_has_more_ink(name):
    assert ink(name, "bold", True) > 1.1 * ink(name, "bold")


@pytest.mark.parametrize("name", ["sans", "serif", "mono"])
def test_turkish_letters_are_there(name):
    from fontTools.ttLib import TTFont

    letters = TTFont(face(name, 10).path).getBestCmap()
    assert {ord(c) for c in "ğĞıİşŞçöüÄß¿¡éêœ€"} <= set(letters)


def test_what_is_not_there_is_said_clearly():
    with pytest.raises(ConfigError, match="no font 'sanz'"):
        face("sanz", 10)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConfigError, match="0 pixels"):
        face("sans", 0)
