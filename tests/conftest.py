"""Shared fixtures. Nothing here reaches the network."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from seeds import TRIED

# The same cases in each run; `pytest --hypothesis-profile default` looks for new ones.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def real_data_root() -> Path:
    """Folder of published data samples: $VISTUNE_TEST_DATA, or shared/data beside the checkout."""
    return Path(os.environ.get("VISTUNE_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture
def real_data():
    """Function ``real_data("nlvr")`` -> folder; skips the test when that published data set is not there."""

    def find(name: str) -> Path:
        folder = real_data_root() / name
        if not folder.is_dir():
            pytest.skip(f"published data '{name}' is not here: set VISTUNE_TEST_DATA to the folder that holds it")
        return folder

    return find


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Tells a junit file how many seeds a property test tried, its own and those that its file made for all its tests."""
    module = getattr(item, "module", None)
    tried = TRIED[item.nodeid] + (TRIED[module.__name__] if module else 0)
    if tried:
        item.user_properties.append(("seeds", tried))
