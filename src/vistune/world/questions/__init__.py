"""Questions about scenes with exact answers, their programs, text-only questions and the POPE-style probe."""

from vistune.world.questions.ask import MAKERS, QUESTION_TYPES, ask
from vistune.world.questions.explain import explain
from vistune.world.questions.looking import EXTRA_MAKERS
from vistune.world.questions.pope import PopeProbe, pope_probes
from vistune.world.questions.programs import OPERATIONS, Ambiguous, Program, parse_program
from vistune.world.questions.question import Question
from vistune.world.questions.text_only import TEXT_ONLY_FAMILIES, ask_text_only

__all__ = [
    "EXTRA_MAKERS",
    "MAKERS",
    "OPERATIONS",
    "QUESTION_TYPES",
    "TEXT_ONLY_FAMILIES",
    "Ambiguous",
    "PopeProbe",
    "Program",
    "Question",
    "ask",
    "ask_text_only",
    "explain",
    "parse_program",
    "pope_probes",
]
