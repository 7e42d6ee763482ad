"""Which layers a model's answers hang on, and how alike its spaces of pictures and of captions are (arXiv 2410.04751)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from vistune.core.errors import ConfigError, DataError
from vistune.core.files import write_json
from vistune.evaluation.metrics.significance import Contrast
from vistune.experiments.specs import parse_spec

if TYPE_CHECKING:
    from vistune.analysis.alignment import Alignment
    from vistune.data.example import ImageSource

Rows = tuple[tuple[str, ...], list[tuple[str, ...]]]
Part = Literal["decoder", "vision"]


@dataclass(slots=True)
class LayerStudy:
    """One model on one benchmark. ``skipped``: what each layer's absence does to the score; ``noise``: sort of tokens -> the share
    of each layer in what noise at its input does to the answer, and ``strength``, the KL itself in nats.
    """

    model: str
    benchmark: str
    part: str
    clean: float
    skipped: list[Contrast]
    noise: dict[str, list[float]]
    strength: dict[str, list[float]]

    def rows(self) -> list[tuple[str, ...]]:
        """A row a layer, scores in points of a hundred."""
        rows = []
        for layer, gap in enumerate(self.skipped):
            told = f"{100 * gap.difference:+.1f} [{100 * gap.low:+.1f}, {100 * gap.high:+.1f}]"
            shares = [f"{100 * own[layer]:.0f}%" for own in self.noise.values()]
            apart = "" if gap.told_apart else "not told apart"
            rows.append(
                (self.benchmark, str(layer), f"{100 * (self.clean + gap.difference):.1f}", told, apart, *shares)
            )
        return rows


def robust_layers(
    model_name: str,
    benchmarks: Sequence[str],
    out_dir: Path,
    *,
    part: Part = "decoder",
    noisy: int = 16,
    sigma: float = 0.1,
    draws: int = 10,
    batch_size: int = 32,
) -> list[LayerStudy]:
    """Benchmarks with each layer of ``part`` left out in turn, against the whole model on the same items; and the importance of the
    decoder's layers by noise at their input, on the first ``noisy`` items (0: without).

    Raises ``ConfigError`` for a part that there is not, or no benchmark.
    """
    from vistune.evaluation.benchmarks import BENCHMARKS
    from vistune.evaluation.results import contrast
    from vistune.evaluation.runner import evaluate
    from vistune.models.anatomy import anatomy_of
    from vistune.models.interventions import intervene, skip_layers
    from vistune.models.loading import load_model

    if part not in ("decoder", "vision"):
        raise ConfigError(f"Layers are of the decoder or of the vision encoder, not of '{part}'.")
    if not benchmarks:
        raise ConfigError("Name at least one benchmark.")
    model = load_model(model_name)
    depth = anatomy_of(getattr(model.module, part, None) or model.module, part).depth
    found = []
    for text in benchmarks:
        inner = BENCHMARKS.build(parse_spec(text))
        clean = evaluate(model, [inner], out_dir / "whole", batch_size=batch_size)[inner.name]
        gaps = []
        for layer in range(depth):
            with intervene(model.module, *skip_layers(layer, part)):
                result = evaluate(model, [inner], out_dir / f"without-{part}-{layer}", batch_size=batch_size)
            gaps.append(contrast(inner, result[inner.name], clean))
        noise, strength = _noise(model, inner, noisy if part == "decoder" else 0, sigma, draws)
        found.append(LayerStudy(model_name, inner.name, part, clean.score, gaps, noise, strength))
    write_json(out_dir / "layers.json", [asdict(one) for one in found])
    return found


def _noise(
    model: Any, benchmark: Any, count: int, sigma: float, draws: int
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    from vistune.analysis.layers import layer_importance

    asked = [example for example in benchmark.examples() if example.answers][:count]
    if not asked:
        return {}, {}
    importance = layer_importance(model, asked, sigma=sigma, draws=draws)
    sorts: list[Any] = list(importance.values)
    return (
        {sort: importance.normalised(sort).tolist() for sort in sorts},
        {sort: importance.mean(sort).tolist() for sort in sorts},
    )


def layer_table(found: Sequence[LayerStudy]) -> Rows:
    """Columns and rows for the terminal and a page."""
    sorts = list(found[0].noise)
    rows = []
    for one in found:
        rows.append((one.benchmark, "none left out", f"{100 * one.clean:.1f}", "", "", *("" for _ in sorts)))
        rows += one.rows()
    heads = tuple(f"noise: {sort}" for sort in sorts)
    return ("benchmark", "left out", "score", "to the whole [95%]", "", *heads), rows


def robust_alignment(
    model_name: str,
    *,
    n: int = 200,
    k: int = 10,
    captions: Path | None = None,
    images: Path | None = None,
    seed: int = 0,
) -> list[Alignment]:
    """Mutual neighbours among encoder, connector, decoder and captions, over ``n`` pictures with a caption each; last comes a space
    of random vectors against the captions, which stays at chance.

    Pairs: scenes with the caption that names all things; with ``captions`` a file in any form that ``coco_captions`` reads, the
    first caption of each picture, and ``images`` its folder. Raises ``DataError`` for fewer than ``k`` + 1 pairs.
    """
    from vistune.analysis.alignment import alignments, paired_features
    from vistune.models.loading import load_model

    pictures, told = _pairs(n, captions, images, seed)
    if len(pictures) <= k:
        raise DataError(f"{len(pictures)} pictures with captions are too few for {k} neighbours each.")
    features = paired_features(load_model(model_name), pictures, told)
    found = alignments(features, k)
    noise = np.random.default_rng(seed).standard_normal(features["captions"].shape)
    return [*found, *alignments({"random": noise, "captions": features["captions"]}, k)]


def _pairs(n: int, captions: Path | None, images: Path | None, seed: int) -> tuple[list[ImageSource], list[str]]:
    from vistune.data.example import ImageSource
    from vistune.evaluation.benchmarks.nano import picture, scenes
    from vistune.world.language import caption

    if captions is None:
        drawn = scenes(n, "test", "flat", seed)
        return [picture(scene, 64) for scene in drawn], [caption(scene, scene.seed, "all", "test") for scene in drawn]
    from vistune.evaluation.benchmarks.caption_files import read_captioned

    folder = images or (captions if captions.is_dir() else captions.parent)
    chosen = read_captioned(captions)[:n]
    return [ImageSource(path=folder / item.file) for item in chosen], [item.captions[0] for item in chosen]


def alignment_table(found: Sequence[Alignment]) -> Rows:
    """Columns and rows for the terminal and a page."""
    rows = [
        (one.first, one.second, f"{one.value:.3f}", f"[{one.low:.3f}, {one.high:.3f}]", f"{one.chance:.3f}")
        for one in found
    ]
    return ("space", "space", "common neighbours", "95%", "chance"), rows
