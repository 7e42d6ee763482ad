"""Rooms in three dimensions: solids and furniture, exact pictures by ray casting, and what is known of them."""

from vistune.world.rooms.camera import Camera, backproject
from vistune.world.rooms.caster import View, cast
from vistune.world.rooms.facts import axis_boxes, boxes, boxes_3d, lift, point_cloud, projected_corners
from vistune.world.rooms.questions import ask
from vistune.world.rooms.room import Furniture, Room, look, render, sample_room
from vistune.world.rooms.shell import CEILING, FLOOR, WALL, Shell
from vistune.world.rooms.solids import Solid
from vistune.world.rooms.telling import long_caption, short_caption

__all__ = [
    "CEILING",
    "FLOOR",
    "WALL",
    "Camera",
    "Furniture",
    "Room",
    "Shell",
    "Solid",
    "View",
    "ask",
    "axis_boxes",
    "backproject",
    "boxes",
    "boxes_3d",
    "cast",
    "lift",
    "long_caption",
    "look",
    "point_cloud",
    "projected_corners",
    "render",
    "sample_room",
    "short_caption",
]
