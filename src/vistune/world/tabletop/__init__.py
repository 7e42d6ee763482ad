"""A table-top with a gripper and things to move: states, exact steps, goals in words, an expert, materials to be felt."""

from vistune.world.tabletop.drawing import render
from vistune.world.tabletop.episode import Episode, instructions, sample_episode, sample_table
from vistune.world.tabletop.expert import act
from vistune.world.tabletop.goal import GOALS, Goal, reached
from vistune.world.tabletop.materials import MATERIALS, feel, find_material
from vistune.world.tabletop.questions import ask
from vistune.world.tabletop.table import COLOURS, KINDS, Action, Item, Table, step

__all__ = [
    "COLOURS",
    "GOALS",
    "KINDS",
    "MATERIALS",
    "Action",
    "Episode",
    "Goal",
    "Item",
    "Table",
    "act",
    "ask",
    "feel",
    "find_material",
    "instructions",
    "reached",
    "render",
    "sample_episode",
    "sample_table",
    "step",
]
