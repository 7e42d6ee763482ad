"""Minimal pairs: two scenes that differ in one edit, a statement true of each alone, and hard negatives for captions."""

from vistune.world.pairs.edits import EDITS, edit
from vistune.world.pairs.negatives import NEGATIVES, HardNegative, hard_negative
from vistune.world.pairs.pair import Pair, counterfactuals, sample_pair
from vistune.world.pairs.statement import Group, Statement
from vistune.world.pairs.words import WORD_LISTS, Replaced, add_words, replace_word, swap_words

__all__ = [
    "EDITS",
    "NEGATIVES",
    "WORD_LISTS",
    "Group",
    "HardNegative",
    "Pair",
    "Replaced",
    "Statement",
    "add_words",
    "counterfactuals",
    "edit",
    "hard_negative",
    "replace_word",
    "sample_pair",
    "swap_words",
]
