"""Maps: obstacles, plans from start to goal, seven descriptors of a path, and fifteen scenarios that judge them."""

from vistune.world.maps.chart import GOAL, HALF, START, STYLES, Map, sample_map
from vistune.world.maps.choice import Choice, pixel_of, render, render_path, sample_choice
from vistune.world.maps.judging import DESCRIPTORS, SCENARIOS, Scenario, describe, unanimous, votes
from vistune.world.maps.planner import Plan, plans
from vistune.world.maps.questions import ask

__all__ = [
    "DESCRIPTORS",
    "GOAL",
    "HALF",
    "SCENARIOS",
    "START",
    "STYLES",
    "Choice",
    "Map",
    "Plan",
    "Scenario",
    "ask",
    "describe",
    "pixel_of",
    "plans",
    "render",
    "render_path",
    "sample_choice",
    "sample_map",
    "unanimous",
    "votes",
]
