"""What is known of scenes, in the forms of COCO, RefCOCO and Visual Genome."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np

from vistune.data.annotations.coco import CocoAnnotation, CocoCategory, CocoFile, CocoImage, write_coco
from vistune.data.annotations.refcoco import Expression, Ref, sentence, write_expressions, write_refs
from vistune.data.annotations.visual_genome import (
    GraphObject,
    GraphRelation,
    ImageGraph,
    RegionDescription,
    write_visual_genome,
)
from vistune.world.annotate import boxes, masks, to_coco_rle
from vistune.world.geometry import occluded_share
from vistune.world.keypoints import keypoint_names, keypoints, pose, skeleton
from vistune.world.language import caption, refer
from vistune.world.language.captions import Level
from vistune.world.language.grammar import full_phrase, noun_phrase
from vistune.world.language.refer import Style
from vistune.world.language.view import ATTRIBUTES, view_of
from vistune.world.scene import Scene, Thing
from vistune.world.vocabulary import KINDS

#: (file name of the picture, its scene)
Named = tuple[str, Scene]
_CATEGORY_ID = {kind.name: number for number, kind in enumerate(KINDS, start=1)}
_INFO = {"info": {"description": "Scenes of the vistune nano world", "version": "1.0"}, "licenses": []}


def coco_categories(keypoints_only: bool = False) -> list[CocoCategory]:
    """A category for each kind of thing, its group as supercategory; people and animals with keypoints."""
    return [
        CocoCategory(
            number,
            kind.name,
            kind.group,
            keypoint_names(kind.name),
            tuple((a + 1, b + 1) for a, b in skeleton(kind.name)),
        )
        for number, kind in enumerate(KINDS, start=1)
        if not keypoints_only or keypoint_names(kind.name)
    ]


def coco_files(scenes: Sequence[Named], size: int) -> dict[str, CocoFile]:
    """``instances``, ``keypoints`` and ``captions`` of pictures of ``size`` pixels; picture ids count from 1.

    Masks are those that are seen, as run lengths; boxes and areas are theirs. Each instance also says its
    ``attributes`` and the share of it that is hidden (``occlusion``). What is hidden altogether is left out.
    """
    images = [CocoImage(number, name, size, size) for number, (name, _) in enumerate(scenes, start=1)]
    instances: list[CocoAnnotation] = []
    for image, (_, scene) in zip(images, scenes):
        instances += _instances(image, scene, len(instances) + 1)
    posed = [a for a in instances if a.keypoints is not None]
    bare = [_without_keypoints(a) for a in instances]
    texts = [(image.id, text) for image, (_, scene) in zip(images, scenes) for text in _captions(scene)]
    captions = [CocoAnnotation(n, image_id, caption=text) for n, (image_id, text) in enumerate(texts, start=1)]
    return {
        "instances": CocoFile(images, bare, coco_categories(), dict(_INFO)),
        "keypoints": CocoFile(images, posed, coco_categories(keypoints_only=True), dict(_INFO)),
        "captions": CocoFile(images, captions, extra=dict(_INFO)),
    }


def _captions(scene: Scene) -> list[str]:
    levels = get_args(Level)
    return [caption(scene, scene.seed, level=level, split=scene.split) for level in levels]


def _instances(image: CocoImage, scene: Scene, first: int) -> list[CocoAnnotation]:
    found: list[CocoAnnotation] = []
    seen, hidden = masks(scene, image.width), occluded_share(scene)
    placed, points = boxes(scene, image.width), keypoints(scene, image.width)
    for index, thing in enumerate(scene.things):
        area = int(seen[index].sum())
        if not area:
            continue
        x0, y0, x1, y1 = (float(v) for v in placed[index])
        joints = points[index]
        found.append(
            CocoAnnotation(
                first + len(found),
                image.id,
                _CATEGORY_ID[thing.kind],
                (x0, y0, x1 - x0, y1 - y0),
                float(area),
                0,
                to_coco_rle(seen[index]),
                None if joints is None else tuple(float(v) for v in np.round(joints, 2).ravel()),
                None if joints is None else int((joints[:, 2] > 0).sum()),
                extra={"attributes": _attributes(thing), "occlusion": round(float(hidden[index]), 4), "thing": index},
            )
        )
    return found


def _attributes(thing: Thing) -> dict[str, str]:
    named: dict[str, Any] = {name: getattr(thing, name) for name in (*ATTRIBUTES, "label")} | {"pose": pose(thing)}
    return {name: value for name, value in named.items() if value is not None}


def _without_keypoints(a: CocoAnnotation) -> CocoAnnotation:
    return CocoAnnotation(
        a.id, a.image_id, a.category_id, a.bbox, a.area, a.iscrowd, a.segmentation, extra=dict(a.extra)
    )


def refs_of(scenes: Sequence[Named], instances: CocoFile) -> tuple[list[Ref], list[Expression]]:
    """All referring expressions (minimal, full and by place) of the instances: as refs, and one by one with boxes."""
    refs: list[Ref] = []
    expressions: list[Expression] = []
    of_image = instances.of_image()
    said = 0
    for image, (name, scene) in zip(instances.images, scenes):
        for instance in of_image[image.id]:
            texts = _expressions(scene, instance.extra["thing"])
            if not texts or instance.bbox is None or instance.category_id is None:
                continue
            sentences = tuple(sentence(said + n, text) for n, text in enumerate(texts, start=1))
            said += len(sentences)
            refs.append(Ref(len(refs) + 1, instance.id, image.id, instance.category_id, name, scene.split, sentences))
            x, y, w, h = instance.bbox
            source = f"vistune_{scene.split}"
            box = (x, y, x + w, y + h)
            expressions += [Expression(name, text, box, image.height, image.width, source) for text in texts]
    return refs, expressions


def _expressions(scene: Scene, index: int) -> list[str]:
    told = (refer(view_of(scene), index, style) for style in get_args(Style))
    return list(dict.fromkeys(text for text in told if text is not None))


def visual_genome_graphs(scenes: Sequence[Named], size: int) -> list[ImageGraph]:
    """Scene graphs of pictures of ``size`` pixels: all things that are seen, all relations that surely hold.

    Picture ids count from 1, the ids of objects, relationships and regions through all pictures.
    """
    graphs: list[ImageGraph] = []
    first, related = 1, 1
    for number, (name, scene) in enumerate(scenes, start=1):
        objects: dict[int, GraphObject] = {}
        regions: list[RegionDescription] = []
        for index, (x0, y0, x1, y1) in enumerate(boxes(scene, size).astype(int).tolist()):
            if x1 == 0:
                continue
            thing, place = scene.things[index], (x0, y0, x1 - x0, y1 - y0)
            looks = tuple(value for key, value in _attributes(thing).items() if key not in ("label", "pose"))
            objects[index] = GraphObject(first + index, (thing.kind,), *place, looks)
            regions.append(RegionDescription(first + index, noun_phrase(full_phrase(thing)), *place))
        known = [(i, r, j) for i, r, j in view_of(scene).known() if i in objects and j in objects]
        relations = tuple(
            GraphRelation(related + n, first + i, relation, first + j) for n, (i, relation, j) in enumerate(known)
        )
        graphs.append(ImageGraph(number, name, size, size, tuple(objects.values()), relations, tuple(regions)))
        first, related = first + len(scene.things), related + len(known)
    return graphs


def write_scene_annotations(scenes: Sequence[Named], size: int, folder: Path) -> list[Path]:
    """Write all of it: ``instances.json``, ``keypoints.json``, ``captions.json`` (COCO), ``refs(vistune).json`` and
    ``expressions.json`` (RefCOCO; ids are those of ``instances.json``), and the folder ``visual_genome``. -> the files.
    """
    files = coco_files(scenes, size)
    refs, expressions = refs_of(scenes, files["instances"])
    return [
        *(write_coco(content, folder / f"{name}.json") for name, content in files.items()),
        write_refs(refs, folder / "refs(vistune).json"),
        write_expressions(expressions, folder / "expressions.json"),
        *write_visual_genome(visual_genome_graphs(scenes, size), folder / "visual_genome"),
    ]
