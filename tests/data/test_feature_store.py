"""The feature cache: what is stored comes back bit by bit, whoever else is writing, and whatever was killed."""

from __future__ import annotations

import errno
import hashlib
import multiprocessing
import pickle

import pytest
import torch
from toys import picture

from vistune.core.errors import DataError
from vistune.data.feature_store import FeatureStore, fingerprint


def key(number: int) -> str:
    return hashlib.blake2b(str(number).encode(), digest_size=16).hexdigest()


def rows(numbers, dtype=torch.float32):
    """Features that tell their number: ``[n, 3, 4]``."""
    base = torch.arange(12, dtype=torch.float32).view(3, 4)
    return torch.stack([base + 100 * number for number in numbers]).to(dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_rows_come_back_in_any_order(tmp_path, dtype):
    store = FeatureStore(tmp_path, "enc")
    store.put_many([key(n) for n in range(50)], rows(range(50), dtype))
    for opened in (store, FeatureStore(tmp_path, "enc"), pickle.loads(pickle.dumps(store))):
        got = opened.get_many([key(n) for n in (7, 49, 0, 7)])
        assert got.dtype == dtype and torch.equal(got, rows((7, 49, 0, 7), dtype))
        assert len(opened) == 50
    assert store.rows([key(3), key(99)]).tolist() == [3, -1]
    with pytest.raises(DataError, match="1 of 2 pictures have no features"):
        store.get_many([key(3), key(99)])


def test_what_is_there_is_not_written_again(tmp_path):
    store = FeatureStore(tmp_path, "enc")
    store.put_many([key(1), key(2), key(1)], rows((1, 2, 3)))
    store.put_many([key(2), key(3)], rows((9, 3)))
    store.put_many([], rows((1,))[:0])
    assert len(store) == 3
    assert torch.equal(store.get_many([key(1), key(2), key(3)]), rows((1, 2, 3)))


def test_another_process_is_seen_at_once(tmp_path):
    reader, writer = FeatureStore(tmp_path, "enc"), FeatureStore(tmp_path, "enc")
    assert reader.rows([key(1)]).tolist() == [-1]
    writer.put_many([key(1)], rows((1,)))
    assert torch.equal(reader.get_many([key(1)]), rows((1,)))
    writer.put_many([key(2)], rows((2,)))
    assert torch.equal(reader.get_many([key(2), key(1)]), rows((2, 1)))


def _write(folder, start, barrier):
    store = FeatureStore(folder, "enc")
    barrier.wait()
    for number in range(start, start + 60, 3):  # the two ranges overlap
        store.put_many([key(n) for n in range(number, number + 3)], rows(range(number, number + 3)))


def test_two_processes_write_at_once(tmp_path):
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(2)
    workers = [context.Process(target=_write, args=(tmp_path, start, barrier)) for start in (0, 30)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
        assert worker.exitcode == 0
    store = FeatureStore(tmp_path, "enc")
    assert len(store) == 90
    assert torch.equal(store.get_many([key(n) for n in range(90)]), rows(range(90)))
    assert (tmp_path / "enc" / "features.bin").stat().st_size == 90 * 48


@pytest.mark.parametrize("name", ["features.bin", "keys.bin"])
def test_half_a_row_of_a_killed_process_is_overwritten(tmp_path, name):
    FeatureStore(tmp_path, "enc").put_many([key(1)], rows((1,)))
    with (tmp_path / "enc" / name).open("ab") as file:
        file.write(b"\xff" * 7)
    store = FeatureStore(tmp_path, "enc")
    assert len(store) == 1
    store.put_many([key(2)], rows((2,)))
    assert torch.equal(FeatureStore(tmp_path, "enc").get_many([key(1), key(2)]), rows((1, 2)))


def test_cached_asks_for_what_is_missing_only(tmp_path):
    asked = []

    def compute(images):
        asked.append([int(image.array[0, 0, 0]) for image in images])
        return rows(asked[-1])

    images = [picture(seed) for seed in range(4)]
    values = [int(image.array[0, 0, 0]) for image in images]
    store = FeatureStore(tmp_path, "enc")
    assert torch.equal(
        store.cached([images[0], images[1], images[0]], compute), rows([values[0], values[1], values[0]])
    )
    assert torch.equal(store.cached(images, compute), rows(values))
    assert asked == [values[:2], values[2:]]


def test_other_shapes_are_refused(tmp_path):
    store = FeatureStore(tmp_path, "enc")
    store.put_many([key(1)], rows((1,)))
    with pytest.raises(DataError, match=r"holds features of shape \(3, 4\)"):
        store.put_many([key(2)], torch.zeros(1, 2, 4))
    with pytest.raises(DataError, match="float16"):
        store.put_many([key(2)], rows((2,), torch.float16))
    assert len(store) == 1


def test_encoders_do_not_mix(tmp_path):
    FeatureStore(tmp_path, "one").put_many([key(1)], rows((1,)))
    assert FeatureStore(tmp_path, "two").rows([key(1)]).tolist() == [-1]


def test_a_full_disk(tmp_path, monkeypatch):
    store = FeatureStore(tmp_path, "enc")
    store.put_many([key(1)], rows((1,)))

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("vistune.data.feature_store.os.fsync", full)
    with pytest.raises(DataError, match="The disk is full"):
        store.put_many([key(2)], rows((2,)))
    monkeypatch.undo()
    store.put_many([key(3)], rows((3,)))
    assert torch.equal(FeatureStore(tmp_path, "enc").get_many([key(1), key(3)]), rows((1, 3)))


def test_fingerprint_follows_weights_and_settings():
    torch.manual_seed(0)
    layer = torch.nn.Linear(3, 2)
    layer.register_buffer("scale", torch.tensor(2.0))
    first = fingerprint(layer, {"layer": -2})
    assert first == fingerprint(layer, {"layer": -2})
    assert first != fingerprint(layer, {"layer": -1})
    with torch.no_grad():
        layer.weight[0, 0] += 1e-6
    assert first != fingerprint(layer, {"layer": -2})
