"""A KV cache with room to grow.

``DynamicCache`` of transformers copies everything it holds at every decoding step; for small models and for many branches
that is a quarter of a step. Here the tensors are made larger than needed, so that a step writes its own tokens only.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor
from transformers import DynamicCache, PreTrainedConfig
from transformers.cache_utils import DynamicLayer

#: Spare tokens of a store: at least this many, and this share of what it holds.
_LEAST, _SHARE = 64, 8


class RoomyLayer(DynamicLayer):
    """Keys and values ``[rows, heads, tokens, dim]``: views on stores that have room for more tokens.

    Whatever sets ``keys`` and ``values`` anew (cropping, resetting) may do so: the next update makes new stores.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._stores: tuple[Tensor, ...] = ()
        self._views: tuple[Tensor, ...] = ()

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Append ``[rows, heads, new tokens, dim]``. -> all keys and values."""
        if key_states.requires_grad or value_states.requires_grad:  # writing in place would spoil the gradients
            return super().update(key_states, value_states, *args, **kwargs)
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        past, total = self.get_seq_length(), self.get_seq_length() + key_states.shape[-2]
        fresh = (key_states, value_states)
        if not self._own() or self._stores[0].shape[-2] < total:
            room = total + max(_LEAST, total // _SHARE)
            stores = tuple(new.new_empty((*new.shape[:-2], room, new.shape[-1])) for new in fresh)
            for store, old in zip(stores, (self.keys, self.values)):
                if past:
                    store.narrow(-2, 0, past).copy_(old)  # type: ignore[arg-type]
            self._stores = stores
        for store, new in zip(self._stores, fresh):
            store.narrow(-2, past, total - past).copy_(new)
        return self._show(total)

    def reorder_cache(self, beam_idx: Tensor) -> None:
        """Keep rows ``beam_idx [rows']`` (may repeat) in this order."""
        if not self._own():
            super().reorder_cache(beam_idx)  # type: ignore[arg-type]
            return
        self._stores = tuple(store.index_select(0, beam_idx.to(store.device)) for store in self._stores)
        self._show(self.get_seq_length())

    def batch_select_indices(self, indices: Tensor) -> None:
        """The same under the name that ``DynamicCache`` has for it."""
        self.reorder_cache(indices)

    def _own(self) -> bool:
        """Are keys and values what was shown last?"""
        return bool(self._views) and self.keys is self._views[0] and self.values is self._views[1]

    def _show(self, total: int) -> tuple[Tensor, Tensor]:
        self.keys, self.values = (store.narrow(-2, 0, total) for store in self._stores)
        self._views = (self.keys, self.values)
        return self.keys, self.values


def roomy_cache(config: PreTrainedConfig | None = None) -> DynamicCache:
    """An empty cache; with ``config`` the layers that the network needs (windows, linear attention) are as it wants them."""
    cache = DynamicCache(config=config)
    cache.layers = [RoomyLayer() if type(layer) is DynamicLayer else layer for layer in cache.layers]
    if cache.layer_class_to_replicate is DynamicLayer:
        cache.layer_class_to_replicate = RoomyLayer
    return cache
