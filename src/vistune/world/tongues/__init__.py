"""The same scenes in eight languages, by grammar: captions, questions, answers and instructions, and their meanings back."""

from vistune.world.tongues.boards import Board, Street, ask_street, sample_street, word_box, word_of
from vistune.world.tongues.boards import render as render_street
from vistune.world.tongues.captions import caption, described
from vistune.world.tongues.identify import identify
from vistune.world.tongues.instructions import Pointing, pointings
from vistune.world.tongues.languages import TONGUES
from vistune.world.tongues.meaning import INSTRUCTIONS, TYPES, Meaning, Np, program_of
from vistune.world.tongues.parse import parse
from vistune.world.tongues.questions import ask
from vistune.world.tongues.shaping import drawn, shape
from vistune.world.tongues.tongue import Tongue

__all__ = [
    "INSTRUCTIONS",
    "TONGUES",
    "TYPES",
    "Board",
    "Meaning",
    "Np",
    "Pointing",
    "Street",
    "Tongue",
    "ask",
    "ask_street",
    "caption",
    "described",
    "drawn",
    "identify",
    "parse",
    "pointings",
    "program_of",
    "render_street",
    "sample_street",
    "shape",
    "word_box",
    "word_of",
]
