"""Data from the command line's side: the same examples whatever makes them, annotations beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from vistune.core.errors import ConfigError
from vistune.data.example import Example
from vistune.engines import ENGINES
from vistune.engines.base import Engine
from vistune.experiments.datasets import make_data


class Bare(Engine):
    """An engine that only makes examples."""

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> Example:
        return Example(id="bare", messages=[])


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_processes_make_the_same_files_as_one(tmp_path: Path) -> None:
    make_data("world", 450, tmp_path / "one", "llava", ["image_size=8"])
    make_data("world", 450, tmp_path / "two", "llava", ["image_size=8"], workers=2)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert len(json.loads((tmp_path / "two/data.json").read_text())) == 450


@pytest.fixture(scope="module")
def two_nodes() -> Iterator[None]:
    """A Ray cluster of two nodes of one worker each, started once."""
    ray = pytest.importorskip("ray", reason="needs the extra 'scale'")
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        # By default workers give way to whatever else the machine does, and the tests would wait.
        patch.setenv("RAY_worker_niceness", "0")
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        try:
            cluster.add_node(num_cpus=1)
            ray.init(address=cluster.address, logging_level="error", log_to_driver=False)
            assert len([node for node in ray.nodes() if node["Alive"]]) == 2
            yield
        finally:
            ray.shutdown()
            cluster.shutdown()


@pytest.mark.usefixtures("two_nodes")
def test_a_ray_cluster_of_two_nodes_makes_the_same_files(tmp_path: Path) -> None:
    """Both nodes take part: there are three chunks."""
    make_data("world", 450, tmp_path / "ray", "llava", ["image_size=8"], through="ray")
    make_data("world", 450, tmp_path / "one", "llava", ["image_size=8"])
    assert files(tmp_path / "ray") == files(tmp_path / "one")


@pytest.mark.usefixtures("two_nodes")
@pytest.mark.parametrize("kind", [name for name in ENGINES.names() if name != "world"])
def test_every_kind_goes_through_ray(kind: str, tmp_path: Path) -> None:
    make_data(kind, 3, tmp_path / "ray", "llava", ["image_size=32"], through="ray")
    make_data(kind, 3, tmp_path / "one", "llava", ["image_size=32"])
    made = files(tmp_path / "ray")
    assert made == files(tmp_path / "one") and len(json.loads(made["data.json"])) == 3


def test_an_unknown_engine_is_said_clearly(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no --engine 'rays'.*'ray'"):
        make_data("world", 1, tmp_path, "llava", [], through="rays")  # pyright: ignore[reportArgumentType]


def test_annotations_where_there_are_none_are_said_clearly(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="leave --annotations out"):
        make_data("nlvr_style", 1, tmp_path, "llava", ["boxes=2"], annotations=True)
    with pytest.raises(ConfigError, match="Bare has no annotations to write: leave --annotations out"):
        Bare().write_annotations(tmp_path)
    assert not list(tmp_path.iterdir())
