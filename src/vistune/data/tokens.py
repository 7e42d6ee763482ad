"""Text to token ids and character spans, with control tokens that only the chat template can write.

A private copy of the tokenizer is made in which each control token is spelt as a marker of noncharacters. A user who
types ``<image>`` or ``</s>`` therefore gets ordinary text tokens, never a picture or an end of turn.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

import numpy as np

from vistune.core.errors import ModelError

Render = Callable[[list[dict[str, Any]], bool], str]

#: For tokenizers without a chat template (base models): the form of LLaVA-1.5.
PLAIN_TEMPLATE = (
    "{% for message in messages %}{% if message['role'] == 'system' %}{{ message['content'] }} "
    "{% elif message['role'] == 'user' %}USER: {{ message['content'] }} "
    "{% else %}ASSISTANT: {{ message['content'] }}{{ eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)


def template_of(tokenizer: Any) -> str:
    """The tokenizer's chat template, or a plain one for a base model without any."""
    template = tokenizer.chat_template
    if isinstance(template, dict):
        template = template.get("default")
    return template or PLAIN_TEMPLATE


def control_tokens(tokenizer: Any, template: str, image_token: str, render: Render) -> list[str]:
    """Tokens that a user's text cannot make: the picture's, beginning, end, pad, and whatever the template writes.

    Other special tokens (places, say) may be written in texts.
    """
    special = {entry.content for entry in tokenizer.added_tokens_decoder.values() if entry.special}
    written = template + "".join(_samples(render))
    named = {tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token} - {None}
    return sorted({image_token} | named | {token for token in special if token in written})


def _samples(render: Render) -> Iterator[str]:
    """What the template makes of small conversations: role marks may be put together only when it is rendered."""
    talk = (("system", "a"), ("user", "b"), ("assistant", "c"))
    for roles in (talk, talk[1:]):
        for as_parts in (True, False):
            parts = [[{"type": "text", "text": text}] if as_parts else text for _, text in roles]
            with suppress(Exception):  # a template may refuse any of these forms; it is tried again where it matters
                yield render([{"role": role, "content": part} for (role, _), part in zip(roles, parts)], True)


class TextEncoder:
    """Batch tokenisation by the copy. ``true_ids`` maps the copy's ids to the tokenizer's own."""

    def __init__(self, tokenizer: Any, controls: Sequence[str], marker: Callable[[str], str], image_token: str) -> None:
        from tokenizers import Tokenizer

        backend = tokenizer.backend_tokenizer
        state = json.loads(backend.to_str())
        added = {entry["content"]: entry for entry in state["added_tokens"]}
        plain = {"special": True, "normalized": False, "lstrip": False, "rstrip": False, "single_word": False, "id": 0}
        for token in controls:
            entry = {**plain, **added.get(token, {}), "content": marker(token), "special": True, "normalized": False}
            added[token] = entry
        state["added_tokens"] = []
        state.update(post_processor=None, truncation=None, padding=None)
        self._copy = Tokenizer.from_str(json.dumps(state))
        self._add(added)
        pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
        self.pad_id = int(pad if pad is not None else 0)
        spelt = {marker(token): token for token in controls}
        self.true_ids = np.arange(self._copy.get_vocab_size(with_added_tokens=True) + len(added), dtype=np.int64)
        for number, entry in self._copy.get_added_tokens_decoder().items():
            true = backend.token_to_id(spelt.get(entry.content, entry.content))
            self.true_ids[number] = self.pad_id if true is None else true
        image_marker = self._copy.token_to_id(marker(image_token))
        if image_marker is None:
            raise ModelError(f"The tokenizer cannot hold the picture placeholder '{image_token}'.")
        self.image_marker = int(image_marker)

    def _add(self, added: dict[str, dict[str, Any]]) -> None:
        from tokenizers import AddedToken

        names = ("single_word", "lstrip", "rstrip", "normalized", "special")
        tokens = [AddedToken(entry["content"], **{name: entry[name] for name in names}) for entry in added.values()]
        self._copy.add_tokens(tokens)

    def encode(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """All texts' tokens one after the other: the copy's ids, the last character of each, and counts a text."""
        made = self._copy.encode_batch(list(texts), add_special_tokens=False)
        ids = [encoding.ids for encoding in made]
        counts = np.array([len(each) for each in ids], dtype=np.int64)
        spans = chain.from_iterable(chain.from_iterable(encoding.offsets for encoding in made))
        total = int(counts.sum())
        firsts, lasts = np.fromiter(spans, dtype=np.int64, count=2 * total).reshape(-1, 2).T
        flat = np.fromiter(chain.from_iterable(ids), dtype=np.int64, count=total)
        return flat, np.maximum(lasts - 1, firsts), counts
