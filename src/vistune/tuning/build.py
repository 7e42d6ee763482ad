"""From a recipe's words to things: the model, the data sets, the feeds of a stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vistune.core.errors import ConfigError, DataError
from vistune.core.seeding import Seed, seed_everything
from vistune.data.dataset import Items
from vistune.data.example import Example
from vistune.data.mixing import Mixture
from vistune.data.processor import Processor
from vistune.tuning.feed import StageFeed, length_estimates
from vistune.tuning.recipe import DataSetConfig, Recipe, StageConfig

if TYPE_CHECKING:
    from vistune.models.vlm import VisionLanguageModel
    from vistune.tuning.tune import Run


def build_model(recipe: Recipe) -> tuple[VisionLanguageModel, Processor]:
    """The recipe's model with its adapters, new parts drawn from the recipe's seed, and its processor."""
    from vistune.models.vlm import VisionLanguageModel

    config = recipe.model
    seed_everything(Seed(recipe.seed).derive("model"))
    named = {"connector": config.connector, "positions": config.positions, "attention": config.attention}
    given = {name: spec for name, spec in named.items() if spec is not None}
    reading = {name: getattr(config, name) for name in ("vision_layer", "vision_feature", "cls_every")}
    if config.from_ is not None:
        changed = [name for name, value in reading.items() if value != type(config).model_fields[name].default]
        if given or changed:
            raise ConfigError(
                f"model: {', '.join([*given, *changed])} cannot be given with 'from': they belong to the checkpoint. Use "
                "'vision' and 'decoder' to put a model together."
            )
        model = VisionLanguageModel.from_pretrained(config.from_)
    else:
        model = VisionLanguageModel.from_parts(config.vision, config.decoder, **given, **reading)
    for name, spec in config.adapters.items():
        if name not in model.adapters:
            model.add_adapter(name, spec)
    return model, model.processor


class Slice:
    """Examples ``skip .. skip + limit`` of a set."""

    def __init__(self, items: Items, skip: int, limit: int | None) -> None:
        self.items = items
        self.skip = skip
        self.size = max(0, len(items) - skip) if limit is None else max(0, min(limit, len(items) - skip))

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> Example:
        if not 0 <= index < self.size:
            raise IndexError(index)
        return self.items[self.skip + index]


def open_set(name: str, config: DataSetConfig) -> Items:
    """A data set, opened. Raises ``DataError`` when it cannot be read or holds nothing."""
    from vistune.data.formats import read
    from vistune.engines import ENGINES

    if config.engine is not None:
        items: Items = ENGINES.build(config.engine)
    else:
        assert config.path is not None
        options = dict(config.format)
        items = read(config.path, options.pop("kind"), **options)
    if len(items) == 0:
        raise DataError(f"The data set '{name}' is empty.")
    if config.skip >= len(items):
        raise DataError(
            f"The data set '{name}' has {len(items)} examples and the recipe skips {config.skip}: nothing is left. Set "
            f"data.sets.{name}.skip to less."
        )
    if config.skip or config.limit is not None:
        items = Slice(items, config.skip, config.limit)
    return items


def open_sets(recipe: Recipe) -> dict[str, Items]:
    """The data sets that some stage uses, by name."""
    used = {name for stage in recipe.stages for name in (*stage.data, stage.eval_data) if name is not None}
    return {name: open_set(name, config) for name, config in recipe.data.sets.items() if name in used}


def stage_mixture(run: Run, stage: StageConfig) -> Mixture:
    """The order of the stage's examples, from the recipe's seed and the stage's name."""
    sizes = {name: len(run.sets[name]) for name in stage.data}
    weights = stage.data if isinstance(stage.data, dict) else None
    return Mixture(sizes, weights, Seed(run.recipe.seed).derive("order", stage.name))


def stage_feed(run: Run, stage: StageConfig, steps: int, rejected: bool = True) -> StageFeed:
    """What the stage trains on; ``rejected``: write down the samples that cannot be used."""
    from vistune.tuning.features import feature_source

    mixture = stage_mixture(run, stage)
    lengths = {name: length_estimates(run.sets[name]) for name in stage.data} if stage.group_by_length else None
    count = steps * stage.accumulation
    seen = mixture.epochs(count * run.member.world * stage.batch_size)
    features = feature_source(run.model, run.processor, {n: run.sets[n] for n in stage.data}, seen, stage, run.member)
    return StageFeed(
        run.sets,
        mixture,
        run.processor,
        stage,
        count,
        member=run.member,
        rejected=run.folder.rejected if rejected else None,
        features=features,
        lengths=lengths,
    )


def held_out_feed(run: Run, stage: StageConfig) -> StageFeed:
    """What the stage is measured on while it trains: the first examples of ``eval_data``, each once."""
    assert stage.eval_data is not None
    items = run.sets[stage.eval_data]
    share = min(stage.eval_limit, len(items)) // run.member.world
    plain = stage.model_copy(update={"packing": False, "batch_size": min(stage.batch_size, max(1, share))})
    count = max(1, share // plain.batch_size)
    order = Mixture({stage.eval_data: len(items)}, shuffle=False)
    return StageFeed(run.sets, order, run.processor, plain, count, member=run.member, rejected=run.folder.rejected)
