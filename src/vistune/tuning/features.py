"""Features of a frozen vision encoder, computed once and kept on disk for all runs that use the same encoder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from vistune.core.errors import ConfigError, DataError
from vistune.core.files import cache_folder
from vistune.core.progress import track
from vistune.data.dataset import Items
from vistune.data.example import ImageSource
from vistune.data.feature_store import FeatureStore, fingerprint

if TYPE_CHECKING:
    from vistune.data.processor import Processor
    from vistune.models.vlm import VisionLanguageModel
    from vistune.tuning.feed import Features, Member
    from vistune.tuning.recipe import StageConfig

_BATCH = 64


def why_not_cached(model: VisionLanguageModel) -> str | None:
    """None where the encoder's output is the same whenever it is asked, else the reason why it is not."""
    if any(p.requires_grad for p in model.vision.parameters()):
        return "the vision encoder is trained"
    inside = [name for name, adapter in model.adapters.items() if getattr(adapter, "part", None) == "vision"]
    return f"the adapter '{inside[0]}' sits in the vision encoder" if inside else None


class StoredFeatures:
    """Looks features up by a picture's content; can be sent to worker processes."""

    def __init__(self, store: FeatureStore) -> None:
        self.store = store

    def __call__(self, images: list[ImageSource]) -> Tensor:
        """-> ``[N, V', D']``. Raises ``DataError`` for a picture that was not encoded."""
        return self.store.get_many([image.digest() for image in images])


def feature_source(
    model: VisionLanguageModel,
    processor: Processor,
    sets: Mapping[str, Items],
    seen: Mapping[str, float],
    stage: StageConfig,
    member: Member,
) -> Features | None:
    """Encode the pictures of the stage's sets that the store lacks; None where the stage encodes as it goes.

    ``seen`` says how often each set is gone through. With ``cache_features: auto`` features are kept when the encoder
    is frozen, pictures come at least twice on average, and they take less than half of the free disk.
    """
    reason = why_not_cached(model)
    if stage.cache_features is False or (stage.cache_features == "auto" and reason):
        return None
    if reason:
        raise ConfigError(f"Stage '{stage.name}': cache_features is true, but {reason}.")
    if stage.cache_features == "auto" and not _worth_it(model, sets, seen):
        return None
    settings = {k: getattr(model.config, k) for k in ("vision_layer", "vision_feature", "cls_every")}
    pixels = processor.image_processor.to_dict() if processor.image_processor is not None else None
    store = FeatureStore(cache_folder() / "features", fingerprint(model.vision, settings, pixels))
    for name, items in sets.items():
        _fill(store, model, processor, items, name, member)
    if member.world > 1:
        from accelerate import PartialState

        PartialState().wait_for_everyone()
    return StoredFeatures(store)


def _worth_it(model: VisionLanguageModel, sets: Mapping[str, Items], seen: Mapping[str, float]) -> bool:
    total = sum(len(items) for items in sets.values())
    passes = sum(seen[name] * len(items) for name, items in sets.items()) / total
    if passes < 2:
        return False
    config = model.config.vision_config
    size = config.image_size if isinstance(config.image_size, int) else config.image_size[0]
    row = (size // config.patch_size) ** 2 * config.hidden_size * 4
    folder = cache_folder()
    while not folder.exists():
        folder = folder.parent
    return total * row < 0.5 * shutil.disk_usage(folder).free


def _pictures(items: Items, member: Member) -> Iterator[list[ImageSource]]:
    """This process's part of a set's pictures, by example; examples that cannot be read are left to the feed."""
    for index in range(member.rank, len(items), member.world):
        try:
            yield items[index].images
        except DataError:
            yield []


def _fill(
    store: FeatureStore, model: VisionLanguageModel, processor: Processor, items: Items, name: str, member: Member
) -> None:
    """Put what the store lacks of a set's pictures into it."""

    def encode(images: list[ImageSource]) -> Tensor:
        assert processor.pixels is not None
        return model.encode_images(processor.pixels(images).to(model.device)).float()

    model.eval()
    waiting: list[ImageSource] = []
    own = len(range(member.rank, len(items), member.world))
    with torch.no_grad():
        for images in track(_pictures(items, member), f"features of {name}", own):
            waiting += [image for image in images if _opens(image)]
            if len(waiting) >= _BATCH:
                store.cached(waiting, encode)
                waiting = []
        if waiting:
            store.cached(waiting, encode)


def _opens(image: ImageSource) -> bool:
    try:
        image.open()
    except DataError:
        return False
    return True
