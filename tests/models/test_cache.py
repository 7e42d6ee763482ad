"""The cache with room holds what ``DynamicCache`` holds, whatever is done to it."""

from __future__ import annotations

import copy

import pytest
import torch
from transformers import DynamicCache, LlamaConfig, MistralConfig
from transformers.cache_utils import DynamicSlidingWindowLayer

from vistune.models.cache import RoomyLayer, roomy_cache

LAYERS = 2


def feed(caches, tokens, rows, seed):
    """The same random keys and values (of other width) to each cache; all must give the same back."""
    made = torch.Generator().manual_seed(seed)
    for layer in range(LAYERS):
        keys = torch.randn(rows, 3, tokens, 4, generator=made)
        values = torch.randn(rows, 3, tokens, 6, generator=made)
        expected, *found = [cache.update(keys, values, layer) for cache in caches]
        for pair in found:
            assert torch.equal(pair[0], expected[0])
            assert torch.equal(pair[1], expected[1])


@pytest.mark.parametrize("way", ["reorder_cache", "batch_select_indices"])
def test_steps_reordering_and_cropping(way):
    caches = [DynamicCache(), roomy_cache(), roomy_cache(LlamaConfig(num_hidden_layers=LAYERS))]
    assert all(type(layer) is RoomyLayer for layer in caches[2].layers)
    feed(caches, 10, 3, 0)
    for step in range(70):  # beyond the first room
        feed(caches, 1 + step % 3, 3, step)
    for cache in caches:
        getattr(cache, way)(torch.tensor([2, 0, 0, 1]))
    feed(caches, 1, 4, 99)
    for cache in caches:
        cache.crop(-5)
    feed(caches, 2, 4, 100)
    for cache in caches:
        getattr(cache, way)(torch.tensor([3]))
    feed(caches, 80, 1, 101)
    assert len({cache.get_seq_length() for cache in caches}) == 1
    for cache in caches:
        cache.reset()
    feed(caches, 4, 2, 102)


def test_steps_do_not_copy_what_is_held():
    cache = roomy_cache()
    feed([cache], 20, 2, 0)
    places = set()
    for step in range(64):
        feed([cache], 1, 2, step)
        places.add(cache.layers[0].keys.data_ptr())
    assert len(places) == 1
    feed([cache], 1, 2, 0)
    assert cache.layers[0].keys.data_ptr() not in places


def test_a_copy_goes_its_own_way():
    plain, roomy = DynamicCache(), roomy_cache()
    feed([plain, roomy], 5, 2, 0)
    other = copy.deepcopy(roomy)
    feed([other], 3, 2, 7)
    feed([plain, roomy], 3, 2, 1)


def test_gradients_pass():
    """What an earlier step computed from the cache must still be differentiable after a later one."""
    cache, plain = roomy_cache(), DynamicCache()
    keys = torch.arange(12.0).view(1, 1, 3, 4).requires_grad_()
    gradients = []
    for one in (cache, plain):
        first, _ = one.update(keys, keys, 0)
        early = (first @ first.mT).sum()
        second, _ = one.update(2 * keys, keys, 0)
        gradients.append(torch.autograd.grad(early + (second @ second.mT).sum(), keys)[0])
    assert torch.equal(*gradients)


def test_windows_stay():
    cache = roomy_cache(MistralConfig(num_hidden_layers=LAYERS, sliding_window=4))
    assert all(type(layer) is DynamicSlidingWindowLayer for layer in cache.layers)
