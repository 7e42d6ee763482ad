"""Mixtures are functions of the position: right shares, whole epochs, the same after a restart."""

from __future__ import annotations

import pickle
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import talk

from vistune.core.errors import ConfigError, DataError
from vistune.data.dataset import ExampleStream, GoodExamples, MixtureDataset
from vistune.data.formats import read, write
from vistune.data.mixing import Mixture

SIZES = {"a": 700, "b": 40, "c": 3}


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 60), min_size=1), st.integers(0, 3))
def test_without_weights_an_epoch_has_each_item_once(sizes, seed):
    mixture = Mixture(sizes, seed=seed)
    every = sorted((name, item) for name, size in sizes.items() for item in range(size))
    total = len(mixture)
    assert total == len(every)
    first, second = list(mixture.positions(0, total)), list(mixture.positions(total, 2 * total))
    assert sorted(first) == sorted(second) == every
    if total > 20:
        assert first != second


def test_weights_give_the_shares():
    mixture = Mixture(SIZES, {"a": 2, "b": 1, "c": 1})
    counts = Counter(name for name, _ in mixture.positions(0, 4096))
    assert counts == {"a": 2048, "b": 1024, "c": 1024}
    assert [round(s.share, 3) for s in mixture.describe()] == [0.5, 0.25, 0.25]
    within = Counter(name for name, _ in mixture.positions(100, 300))
    assert 60 < within["a"] < 140  # mixed within a block, not one set after the other


@pytest.mark.parametrize("weights", [{"a": 0.7, "b": 0.21, "c": 0.09}, {"a": 1, "b": 1e-4, "c": 1}, {"b": 3}])
def test_each_set_is_gone_through_in_epochs(weights):
    mixture = Mixture(SIZES, weights, seed=4)
    items: dict[str, list[int]] = {}
    for name, item in mixture.positions(0, 30_000):
        items.setdefault(name, []).append(item)
    assert set(items) == set(weights)
    for name, seen in items.items():
        size = SIZES[name]
        for start in range(0, len(seen) - size + 1, size):
            assert sorted(seen[start : start + size]) == list(range(size))
        assert size < 20 or len(seen) < 2 * size or seen[:size] != seen[size : 2 * size]  # each epoch in its own order
    for name, epochs in mixture.epochs(30_000).items():
        assert abs(len(items[name]) - epochs * SIZES[name]) <= 4 * (epochs * SIZES[name]) ** 0.5 + 2


@pytest.mark.parametrize("weights", [None, {"a": 1, "b": 2, "c": 0.5}])
def test_any_position_can_be_asked_at_any_time(weights):
    straight = list(Mixture(SIZES, weights, seed=7).positions(0, 5000))
    fresh = pickle.loads(pickle.dumps(Mixture(SIZES, weights, seed=7)))
    for position in (4999, 0, 3000, 2999, 17, 4096):
        assert fresh.locate(position) == straight[position]
    assert list(Mixture(SIZES, weights, seed=7).positions(3000, 5000)) == straight[3000:]
    assert list(Mixture(SIZES, weights, seed=8).positions(0, 100)) != straight[:100]


def test_in_order_where_not_shuffled():
    assert list(Mixture({"a": 2, "b": 3}, shuffle=False).positions(0, 6)) == [
        ("a", 0), ("a", 1), ("b", 0), ("b", 1), ("b", 2), ("a", 0)
    ]  # fmt: skip
    only_b = [item for name, item in Mixture(SIZES, {"a": 1, "b": 1}, shuffle=False).positions(0, 200) if name == "b"]
    assert only_b[:40] == list(range(40))


@pytest.mark.parametrize(
    ("sizes", "weights", "said"),
    [
        (SIZES, {"aa": 1}, "no set 'aa'. Did you mean 'a'"),
        (SIZES, {"a": -1, "b": 2}, "positive weight"),
        (SIZES, {"a": 0}, "positive weight"),
        ({}, None, "positive weight"),
        ({"a": 0, "b": 2}, {"a": 1, "b": 1}, "set 'a' of the mixture is empty"),
    ],
)
def test_bad_mixtures(sizes, weights, said):
    with pytest.raises(ConfigError, match=said):
        Mixture(sizes, weights)


def test_dataset_goes_on_where_it_stopped():
    sets = {"a": [talk("a?", str(n), name=f"a{n}") for n in range(5)], "b": [talk("b?", "c", name="b0")]}
    mixture = Mixture({name: len(items) for name, items in sets.items()})
    whole = MixtureDataset(sets, mixture, length=12)
    rest = MixtureDataset(sets, mixture, length=7, start=5)
    assert [e.id for e in rest] == [whole[n].id for n in range(5, 12)]
    assert sorted(whole[n].id for n in range(6)) == ["a0", "a1", "a2", "a3", "a4", "b0"]
    with pytest.raises(DataError, match="needs the sets b"):
        MixtureDataset({"a": sets["a"]}, mixture)


@pytest.mark.parametrize("workers", [0, 2])
def test_workers_see_each_example_once_with_and_without_a_stream(tmp_path, workers):
    made = [talk("a?", "b", images=0, name=str(n)) for n in range(11)]
    write(made, tmp_path / "set.jsonl", "llava")
    lines = (tmp_path / "set.jsonl").read_text().splitlines()
    (tmp_path / "set.jsonl").write_text("\n".join([*lines[:4], "{broken", *lines[4:]]))
    good = GoodExamples(read(tmp_path / "set.jsonl", max_rejected=0.2))
    assert len(good) == 11 and good[4].id == "4"
    mapped = MixtureDataset({"s": good}, Mixture({"s": 11}))
    options = {"num_workers": workers, "batch_size": 2, "collate_fn": lambda batch: [e.id for e in batch]}
    options |= {"multiprocessing_context": "fork"} if workers else {}
    seen = [name for batch in torch.utils.data.DataLoader(mapped, **options) for name in batch]
    assert sorted(seen, key=int) == [str(n) for n in range(11)]
    for start in (0, 3):
        parts = []
        for rank in range(2):
            stream = ExampleStream(lambda: iter(made), start=start, rank=rank, world=2)
            part = [n for batch in torch.utils.data.DataLoader(stream, **options) for n in batch]
            assert abs(len(part) - (11 - start) / 2) <= 1
            parts += part
        assert sorted(parts, key=int) == [str(n) for n in range(start, 11)]
