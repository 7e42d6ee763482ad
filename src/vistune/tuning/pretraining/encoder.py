"""Pretrains the nano vision encoder: a CLIP-type ViT that names what covers each patch, with no language model.

The dense task (thing, colour, size, pattern, state and the way to the thing's centre, for each patch; setting and which
things there are, from the class token) is read off the last layer by linear heads that are thrown away afterwards.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from vistune.core.config import Config
from vistune.core.device import Precision
from vistune.world.scene import Prior, Split


class EncoderRecipe(Config):
    """Sizes and schedule of the nano vision encoder."""

    name: str = "nano-vision"
    seed: int = 0
    width: int = 160
    layers: int = 5
    heads: int = 5
    image_size: int = 64
    patch: int = 8
    batch_size: int = 64
    steps: int = 4_000
    lr: float = 1e-3
    warmup: float = 0.03
    weight_decay: float = 0.05
    workers: int = 1
    #: ``bf16`` pays on a CPU with AMX and on GPUs; ``compile`` pays on runs of minutes.
    precision: Precision = "auto"
    compile: bool = False


#: (prior, max_things) of the scenes that the encoder sees, one drawn per scene.
SCENE_MIX: tuple[tuple[Prior, int], ...] = (("skewed", 5), ("flat", 5), ("flat", 3), ("inverted", 4))


class DenseScenes(Dataset[dict[str, Tensor]]):
    """Scene ``i`` as pixels ``[3, S, S]`` and dense labels ``[G, G]``."""

    def __init__(self, count: int, image_size: int, grid: int, processor: Any, split: Split = "train") -> None:
        self.count = count
        self.image_size = image_size
        self.grid = grid
        self.split: Split = split
        mean, std = np.array(processor.image_mean), np.array(processor.image_std)
        self.scale = torch.tensor(1 / (255 * std), dtype=torch.float32)[:, None, None]
        self.shift = torch.tensor(-mean / std, dtype=torch.float32)[:, None, None]

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        from vistune.world import dense_labels, render, sample_scene

        prior, most = SCENE_MIX[index % len(SCENE_MIX)]
        scene = sample_scene(index, split=self.split, prior=prior, max_things=most)
        pixels = torch.from_numpy(render(scene, self.image_size)).permute(2, 0, 1).float()
        labels = dense_labels(scene, self.grid)
        return {
            "pixel_values": pixels * self.scale + self.shift,
            **{name: torch.as_tensor(value) for name, value in labels.items()},
        }


class DenseReader(nn.Module):
    """A vision encoder with linear heads for training: ``heads`` maps a label's name to its number of classes."""

    def __init__(self, vision: Any, heads: dict[str, int], picture_heads: dict[str, int], things: int) -> None:
        super().__init__()
        width = vision.config.hidden_size
        self.vision = vision
        self.norm = nn.LayerNorm(width)
        self.heads = nn.ModuleDict({name: nn.Linear(width, classes) for name, classes in heads.items()})
        self.centre = nn.Linear(width, 2)
        self.picture_heads = nn.ModuleDict({name: nn.Linear(width, n) for name, n in picture_heads.items()})
        self.present = nn.Linear(width, things)

    def forward(self, pixel_values: Tensor, centre: Tensor, present: Tensor, **labels: Tensor) -> dict[str, Tensor]:
        """pixel_values [B, 3, S, S], labels [B, G, G] (or [B] for the picture), centre [B, G, G, 2], present [B, K]."""
        hidden = self.norm(self.vision(pixel_values=pixel_values).last_hidden_state)
        patches, picture = hidden[:, 1:], hidden[:, 0]  # [B, G*G, D], [B, D]
        on_thing = labels["kind"].flatten(1) > 0
        losses = {}
        correct = {}
        for name, head in self.heads.items():
            logits, target = head(patches).flatten(0, 1), labels[name].flatten()
            losses[name] = functional.cross_entropy(logits, target)
            correct[name] = (logits.argmax(-1) == target)[on_thing.flatten()].float().mean()
        for name, head in self.picture_heads.items():
            logits = head(picture)
            losses[name] = 0.2 * functional.cross_entropy(logits, labels[name])
            correct[name] = (logits.argmax(-1) == labels[name]).float().mean()
        offset = (self.centre(patches) - centre.flatten(1, 2)).abs().sum(-1)
        losses["centre"] = offset[on_thing].mean()
        losses["present"] = functional.binary_cross_entropy_with_logits(self.present(picture), present)
        return {"loss": torch.stack(list(losses.values())).sum(), **correct}


@torch.no_grad()
def measure(reader: DenseReader, held_out: Dataset[dict[str, Tensor]], batch_size: int = 64) -> dict[str, float]:
    """Share of right labels: of patches that a thing covers, and of pictures for the setting."""
    reader.eval()
    batches = [reader(**batch) for batch in DataLoader(held_out, batch_size)]
    names = [name for name in batches[0] if name != "loss"]
    return {name: float(torch.stack([batch[name] for batch in batches]).mean()) for name in names}


def train_encoder(recipe: EncoderRecipe, out_dir: Path) -> dict[str, float]:
    """Train from scratch and save a Hugging Face folder. Returns held-out accuracies on patches that a thing covers."""
    from transformers import CLIPImageProcessorPil, CLIPVisionConfig, CLIPVisionModel

    from vistune.core.files import write_json
    from vistune.core.seeding import seed_everything
    from vistune.tuning.pretraining.loop import fit
    from vistune.world.annotate import DENSE_CLASSES
    from vistune.world.vocabulary import KINDS, SETTINGS

    seed_everything(recipe.seed)
    size = recipe.image_size
    processor = CLIPImageProcessorPil(size={"shortest_edge": size}, crop_size={"height": size, "width": size})
    vision = CLIPVisionModel(
        CLIPVisionConfig(
            hidden_size=recipe.width,
            intermediate_size=4 * recipe.width,
            num_hidden_layers=recipe.layers,
            num_attention_heads=recipe.heads,
            image_size=size,
            patch_size=recipe.patch,
        )
    )
    reader = DenseReader(vision, DENSE_CLASSES, {"setting": len(SETTINGS)}, len(KINDS))
    grid = size // recipe.patch
    train = DenseScenes(recipe.steps * recipe.batch_size, size, grid, processor)
    held_out = DenseScenes(1024, size, grid, processor, split="test")
    seconds = fit(reader, train, recipe, out_dir)
    vision.save_pretrained(out_dir)
    processor.save_pretrained(out_dir)
    measures = {**measure(reader, held_out), "seconds": seconds, "pictures": float(len(train))}
    write_json(out_dir / "training.json", {"recipe": recipe.values(), "measures": measures})
    return measures
