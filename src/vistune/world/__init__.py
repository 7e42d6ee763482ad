"""The picture-book world: scenes, their rendering and their language, with exact ground truth of every kind."""

from vistune.world.annotate import (
    amodal_masks,
    boxes,
    dense_labels,
    depth_map,
    instance_map,
    masks,
    relations,
    text_boxes,
    text_map,
    to_coco_rle,
    visible_share,
)
from vistune.world.geometry import normal_map, occluded_share, surface_depth
from vistune.world.keypoints import keypoints, pose
from vistune.world.labels import write_labels
from vistune.world.priors import held_out_pairs
from vistune.world.render import render
from vistune.world.sampling import sample_scene
from vistune.world.scene import Scene, Thing

__all__ = [
    "Scene",
    "Thing",
    "amodal_masks",
    "boxes",
    "dense_labels",
    "depth_map",
    "held_out_pairs",
    "instance_map",
    "keypoints",
    "masks",
    "normal_map",
    "occluded_share",
    "pose",
    "relations",
    "render",
    "sample_scene",
    "surface_depth",
    "text_boxes",
    "text_map",
    "to_coco_rle",
    "visible_share",
    "write_labels",
]
