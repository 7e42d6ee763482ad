"""Tokens as text: what a reader may see, and where stop strings end it."""

from __future__ import annotations

from typing import Any

#: What a tokenizer writes for bytes that are no character (yet).
_BROKEN = "\ufffd"


class Text:
    """Texts of token lists, with stop strings searched and cut."""

    def __init__(self, tokenizer: Any, stops: list[str]) -> None:
        self.tokenizer = tokenizer
        self.stops = stops

    def raw(self, tokens: list[int]) -> str:
        """The text as it stands, special tokens left out."""
        return self.tokenizer.decode(tokens, skip_special_tokens=True)

    def stopped(self, tokens: list[int]) -> bool:
        """Does a stop string stand in the text, or among its special tokens?"""
        if not self.stops:
            return False
        texts = (self.raw(tokens), self.tokenizer.decode(tokens, skip_special_tokens=False))
        return any(stop in text for stop in self.stops for text in texts)

    def final(self, tokens: list[int]) -> str:
        """The answer: cut at the first stop string, outer blanks removed."""
        return self._cut(self.raw(tokens)).strip()

    def settled(self, tokens: list[int]) -> str:
        """The part of ``final`` that later tokens cannot change.

        Blanks at the end, characters still without all their bytes and beginnings of stop strings wait.
        """
        text = self._cut(self.raw(tokens).rstrip(_BROKEN))
        waiting = max((_overlap(text, stop) for stop in self.stops), default=0)
        return text[: len(text) - waiting].strip()

    def _cut(self, text: str) -> str:
        places = [place for place in (text.find(stop) for stop in self.stops) if place >= 0]
        return text[: min(places, default=len(text))]


def _overlap(text: str, stop: str) -> int:
    """Length of the longest beginning of ``stop``, not all of it, with which ``text`` ends."""
    return next((n for n in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:n])), 0)
