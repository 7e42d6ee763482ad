"""Places to walk: houses as graphs of viewpoints, what is seen from each, and walks in words."""

from vistune.world.houses.follow import Lost, follow, read_errand
from vistune.world.houses.graph import distance, length, path, sample_paths, shortest
from vistune.world.houses.house import Door, House, Landmark, Space, Viewpoint
from vistune.world.houses.instructions import Errand, Instruction, SubInstruction, errands, instruct
from vistune.world.houses.plan import render_plan
from vistune.world.houses.questions import ask, ask_plan
from vistune.world.houses.sampling import sample_house
from vistune.world.houses.seeing import (
    Candidate,
    Sighting,
    around,
    candidates,
    look,
    masks,
    panorama,
    sees,
    sightings,
    view_angles,
    view_boxes,
    view_index,
    views,
)
from vistune.world.houses.telling import long_caption, plan_caption, short_caption
from vistune.world.houses.view import Plan, Stand, sample_plan, sample_stand
from vistune.world.houses.walk import ACTIONS, HouseWalk, Observation, Pose

__all__ = [
    "ACTIONS", "Candidate", "Door", "Errand", "House", "HouseWalk", "Instruction", "Landmark", "Lost", "Observation",
    "Plan", "Pose", "Sighting", "Space", "Stand", "SubInstruction", "Viewpoint", "around", "ask", "ask_plan", "candidates",
    "distance", "errands", "follow", "instruct", "length", "long_caption", "look", "masks", "panorama", "path",
    "plan_caption", "read_errand", "render_plan", "sample_house", "sample_paths", "sample_plan", "sample_stand", "sees",
    "short_caption", "shortest", "sightings", "view_angles", "view_boxes", "view_index", "views",
]  # fmt: skip
