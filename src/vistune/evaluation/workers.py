"""Many workers that ask in place of one process, through Ray Data; the same answers whatever asks."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vistune.core.errors import ConfigError, MissingExtra
from vistune.data.example import Example
from vistune.decoding import Settings
from vistune.evaluation.asking import Asked, BatchAsker
from vistune.evaluation.benchmarks.base import Benchmark


class RayAskers:
    """``workers`` processes on the cluster that Ray finds (or on this machine), each with a model of its own.

    ``model``: a folder or shipped name that every worker can load; ``method``: a decoding method's spec, or None;
    ``gpus``: of each worker. Give it to ``evaluate`` as ``ask_many``.

    Raises:
        MissingExtra: Ray is not installed.
        ConfigError: fewer than one worker.
    """

    def __init__(
        self, model: str, workers: int, *, method: Mapping[str, Any] | None = None, cpus: float = 1, gpus: float = 0
    ) -> None:
        try:
            import ray.data  # noqa: F401
        except ImportError as error:
            raise MissingExtra("ray", "scale", "--workers") from error
        if workers < 1:
            raise ConfigError(f"--workers is 1 or more, not {workers}.")
        self.model, self.workers, self.method, self.cpus, self.gpus = model, workers, method, cpus, gpus

    def __call__(
        self, benchmark: Benchmark, batches: Sequence[Sequence[Example]], settings: Settings
    ) -> Iterator[Asked]:
        """What the model gives for each batch, as they are done."""
        if not batches:
            return
        import ray.data

        ray.data.DataContext.get_current().enable_progress_bars = False
        rows = [{"batch": pickle.dumps(list(batch))} for batch in batches]
        source = ray.data.from_items(rows, override_num_blocks=len(rows))
        asked = source.map(
            _RayAsker,  # type: ignore[arg-type]  # a class: Ray makes one in each worker
            fn_constructor_args=(self.model, self.method, pickle.dumps(benchmark), settings.model_dump()),
            compute=ray.data.ActorPoolStrategy(size=self.workers),
            num_cpus=self.cpus,
            num_gpus=self.gpus,
        )
        for row in asked.iter_rows():
            yield pickle.loads(row["asked"])


class _RayAsker:
    """One worker's model; batches and answers travel pickled."""

    def __init__(
        self, model: str, method: Mapping[str, Any] | None, benchmark: bytes, settings: dict[str, Any]
    ) -> None:
        from vistune.decoding import DECODERS
        from vistune.models.loading import load_model

        chosen = None if method is None else DECODERS.build(method)
        self.asker = BatchAsker(load_model(model), Settings.from_values(settings), chosen)
        self.benchmark: Benchmark = pickle.loads(benchmark)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"asked": pickle.dumps(self.asker.ask(self.benchmark, pickle.loads(row["batch"])))}
