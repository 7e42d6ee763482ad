"""Questions by program from scene graphs (ProVision, arXiv 2412.07012): of scenes, or of any annotated pictures."""

from vistune.world.graphs.ask import MAKERS, MULTI, SINGLE, ask, weights
from vistune.world.graphs.caption import graph_caption
from vistune.world.graphs.graph import SceneGraph, perturbed, scene_graph
from vistune.world.graphs.view import GraphView

__all__ = [
    "MAKERS",
    "MULTI",
    "SINGLE",
    "GraphView",
    "SceneGraph",
    "ask",
    "graph_caption",
    "perturbed",
    "scene_graph",
    "weights",
]
