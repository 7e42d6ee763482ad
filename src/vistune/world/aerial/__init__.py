"""From above: land use, roads, and things with rotated boxes, in metres, north up."""

from vistune.world.aerial.draw import land_map, masks, render
from vistune.world.aerial.questions import ask
from vistune.world.aerial.sampling import overlap, sample_site
from vistune.world.aerial.site import CLASSES, KINDS, LANDS, Block, Parcel, Site, Structure
from vistune.world.aerial.telling import Change, later, long_caption, short_caption

__all__ = [
    "CLASSES",
    "KINDS",
    "LANDS",
    "Block",
    "Change",
    "Parcel",
    "Site",
    "Structure",
    "ask",
    "land_map",
    "later",
    "long_caption",
    "masks",
    "overlap",
    "render",
    "sample_site",
    "short_caption",
]
