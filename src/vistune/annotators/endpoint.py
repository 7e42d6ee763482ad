"""Any OpenAI-compatible endpoint, through the official client: limits, retries, a budget, and a cache of what was paid for."""

from __future__ import annotations

import email.utils
import json
import os
import random
import re
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

from vistune.annotators.base import ANNOTATORS, Annotator, Asking, Reply
from vistune.annotators.cache import ReplyCache
from vistune.annotators.limits import Budget, Prices, RateLimit, Ticket
from vistune.annotators.messages import PictureCap, chat_messages, request_key
from vistune.core.errors import ConfigError, DataError, MissingExtra
from vistune.core.files import cache_folder
from vistune.core.progress import track
from vistune.data.example import Example

#: Statuses that may be gone the next time: time-out, conflict, too many requests.
_PASSING = frozenset({408, 409, 425, 429})
#: Statuses that every further request would meet too.
_LASTING = {401: "the key is not accepted", 403: "the key may not use it", 404: "there is no such model or address"}


#: What some servers put before the answer of a model that thinks aloud.
_THOUGHT = re.compile(r"^\s*<think>.*?</think>\s*", re.DOTALL)


class _Malformed(Exception):
    """The endpoint answered with something that is no chat completion."""


@ANNOTATORS.register("openai")
class Endpoint(Annotator):
    """An OpenAI-compatible endpoint (``/chat/completions``).

    ``base_url``: another provider's or a server of one's own (None: OpenAI's). The key is read from the environment variable
    ``api_key_env``; with a ``base_url`` it may be missing. ``temperature`` and ``max_tokens`` go before what a rubric asks for.
    ``workers`` requests are out at once. ``timeout`` seconds a request; ``retries`` with waits of ``backoff``, twice
    that, ... and
    some chance, or as long as the server's Retry-After says, at most ``max_wait`` seconds. ``requests_per_minute`` and
    ``tokens_per_minute`` hold for all workers. ``prices``: ``{input: , output: }`` or ``[input, output]`` for a
    million tokens. ``budget`` (in the
    prices' currency) and ``token_budget`` hold for one run; a picture is taken for ``image_tokens`` at most.
    ``cache``: an SQLite
    file that several processes may share (``auto``: one for all runs, None: none). Pictures are sent as they are up to
    ``image_side`` pixels and ``image_bytes``. ``tokens_field``: what the endpoint calls the limit of tokens. ``extra``: further
    fields of the request's body.

    Raises ``ConfigError`` for limits that make no sense, ``MissingExtra`` without the package ``openai``.
    """

    def __init__(
        self,
        model: str,
        base_url: str | None = None,
        api_key_env: str = "OPENAI_API_KEY",
        temperature: float | None = None,
        max_tokens: int | None = None,
        seed: int | None = 0,
        workers: int = 8,
        timeout: float = 60.0,
        retries: int = 6,
        backoff: float = 1.0,
        max_wait: float = 120.0,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
        prices: dict[str, float] | list[float] | None = None,
        budget: float | None = None,
        token_budget: int | None = None,
        image_tokens: int = 1600,
        cache: str | None = "auto",
        image_side: int = 2048,
        image_bytes: int = 4 * 2**20,
        tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens",
        extra: dict[str, Any] | None = None,
    ) -> None:
        self.model, self.base_url, self.api_key_env = model, base_url, api_key_env
        self.temperature, self.max_tokens, self.seed = temperature, max_tokens, seed
        self.workers, self.timeout, self.retries = max(1, workers), timeout, retries
        self.backoff, self.max_wait = backoff, max_wait
        self.image_tokens, self.cap = image_tokens, PictureCap(image_side, image_bytes)
        self.tokens_field, self.extra = tokens_field, dict(extra or {})
        self.prices = _prices(prices)
        self.limit = RateLimit(requests_per_minute, tokens_per_minute)
        self.budget = Budget(budget, token_budget, self.prices)
        self.cache = None if cache is None else ReplyCache(_cache_path(cache))
        self._lock = threading.Lock()
        self._client: Any = None
        self._broken: str | None = None
        self._answered = False
        self._stopped = threading.Event()

    @property
    def name(self) -> str:
        """The model."""
        return self.model

    def identity(self) -> dict[str, Any]:
        """Model, place and settings."""
        told = {"kind": self.kind, "name": self.name, "base_url": self.base_url or "https://api.openai.com/v1"}
        set_ = {"temperature": self.temperature, "max_tokens": self.max_tokens, "seed": self.seed, "extra": self.extra}
        return told | {name: value for name, value in set_.items() if value not in (None, {})}

    def ask(self, examples: Sequence[Example], asking: Asking | None = None) -> list[Reply]:
        """All requests, ``workers`` at once; equal ones are sent once where there is a cache."""
        asking = asking or Asking()
        self._stopped.clear()
        self._broken = None  # what was wrong may be mended by now
        with ThreadPoolExecutor(self.workers) as pool:
            waiting = [pool.submit(self._one, example, asking) for example in examples]
            try:
                replies = [future.result() for future in track(waiting, f"asking {self.model}")]
            except BaseException:  # Ctrl-C too: what is out comes back and is kept, nothing is tried again
                self._stopped.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        self.usage.add(replies)
        return replies

    def _one(self, example: Example, asking: Asking) -> Reply:
        """A reply from the cache, or from the endpoint and into the cache."""
        fields = self._fields(asking)
        try:
            key = self._key(example, fields, asking)
            claimed = self._claim(key)
            if claimed is not None:
                return claimed
            try:
                reply = self._send(chat_messages(example, self.cap), len(example.images), fields, key)
            except BaseException:
                self._release(key)
                raise
        except DataError as error:
            return Reply(model=self.model, error=str(error))
        if self.cache is not None:
            if reply.error is None:
                self.cache.put(key, reply)
            else:
                self.cache.release(key)
        return reply

    def _claim(self, key: str) -> Reply | None:
        if self.cache is None:
            return None
        longest = (self.timeout + self.max_wait) * (self.retries + 1)
        return self.cache.get(key) or self.cache.claim(key, longest, self._stopped)

    def _release(self, key: str) -> None:
        if self.cache is not None:
            self.cache.release(key)

    def _key(self, example: Example, fields: Mapping[str, Any], asking: Asking) -> str:
        place = {"base_url": self.base_url, "model": self.model, "sample": asking.sample, "cap": list(self.cap)}
        return request_key(example, {**place, "fields": dict(fields)})

    def _fields(self, asking: Asking) -> dict[str, Any]:
        """The request's body but for model and messages. The user's own settings go before the rubric's."""
        temperature = asking.temperature if self.temperature is None else self.temperature
        tokens = asking.max_tokens if self.max_tokens is None else self.max_tokens
        fields: dict[str, Any] = {self.tokens_field: 1024 if tokens is None else tokens}
        if temperature is not None:
            fields["temperature"] = temperature
        if self.seed is not None:
            fields["seed"] = self.seed + asking.sample
        if asking.stop:
            fields["stop"] = list(asking.stop)
        if self.extra:
            fields["extra_body"] = self.extra
        return fields

    def _send(self, messages: list[dict[str, Any]], pictures: int, fields: Mapping[str, Any], key: str) -> Reply:
        """Ask until there is an answer, a lasting error, or no try left."""
        ascii_, rest = _weigh(messages)
        most = int(fields[self.tokens_field])
        rng = random.Random(key)
        for attempt in range(self.retries + 1):
            if self._broken is not None:
                return Reply(model=self.model, error=self._broken)
            ticket = self.budget.reserve(ascii_, rest + pictures * self.image_tokens, most)
            if isinstance(ticket, str):
                return Reply(model=self.model, error=ticket, finish_reason="budget")
            sent = self.limit.wait(ticket.tokens)
            start = time.monotonic()
            try:
                reply = self._read(self._call(messages, fields), time.monotonic() - start)
            except Exception as error:
                # A request that ran out of time, or came back unreadable, may have been charged.
                charged = _name(error) == "APITimeoutError" or _is_malformed(error)
                self.budget.settle(ticket, ticket.tokens if charged else 0, ticket.cost if charged else 0.0)
                wait = self._after(error, attempt, rng)
                if isinstance(wait, Reply):
                    return wait
                with self._lock:
                    self.usage.retries += 1
                if self._stopped.wait(wait):
                    return Reply(model=self.model, error="The run was stopped before there was an answer.")
                continue
            except BaseException:
                self.budget.settle(ticket, 0, 0.0)
                raise
            self._settle(ticket, reply, ascii_ if not rest and not pictures else 0)
            self.limit.settle(sent, reply.prompt_tokens + reply.completion_tokens)
            self._answered = True
            return reply
        raise AssertionError("the last try gives a reply or an error")

    def _settle(self, ticket: Ticket, reply: Reply, plain_bytes: int) -> None:
        tokens, cost = reply.prompt_tokens + reply.completion_tokens, reply.cost
        if tokens == 0:  # the server counts none: what it may have been
            tokens, cost = ticket.tokens, ticket.cost
        self.budget.learn(plain_bytes, reply.prompt_tokens)
        self.budget.settle(ticket, tokens, cost)

    def _call(self, messages: list[dict[str, Any]], fields: Mapping[str, Any]) -> Any:
        return self._connected().chat.completions.create(model=self.model, messages=messages, **fields)

    def _connected(self) -> Any:
        """The client; its own retries are off, ours are counted and wait together."""
        with self._lock:
            if self._client is None:
                try:
                    import openai
                except ImportError as error:
                    raise MissingExtra("openai", "judge", "Asking an endpoint") from error
                key = os.environ.get(self.api_key_env) or ("none" if self.base_url else None)
                if key is None:
                    raise ConfigError(
                        f"The environment variable {self.api_key_env} with the endpoint's key is not set. Set it, name "
                        "another one with 'api_key_env', or give a 'base_url'."
                    )
                self._client = openai.OpenAI(api_key=key, base_url=self.base_url, timeout=self.timeout, max_retries=0)
            return self._client

    def _read(self, response: Any, seconds: float) -> Reply:
        """The reply in a response. Raises ``_Malformed`` where there is none."""
        choices = getattr(response, "choices", None)
        if not choices or getattr(choices[0], "message", None) is None:
            raise _Malformed("it has no 'choices' with a message")
        text = getattr(choices[0].message, "content", None)
        finish = getattr(choices[0], "finish_reason", None) or "stop"
        if not isinstance(text, str) or (not text and finish == "stop"):
            if finish not in ("content_filter", "length"):
                raise _Malformed("its message has no text")
            text = text or ""
        text = _THOUGHT.sub("", text)
        usage = getattr(response, "usage", None)
        prompt, completion = (int(getattr(usage, n, 0) or 0) for n in ("prompt_tokens", "completion_tokens"))
        cost = self.prices.cost(prompt, completion)
        model = getattr(response, "model", None) or self.model
        return Reply(text, model, prompt, completion, cost, False, seconds, finish)

    def _after(self, error: Exception, attempt: int, rng: random.Random) -> float | Reply:
        """Seconds to wait before the next try, or the reply that says why there is none."""
        if isinstance(error, MissingExtra | ConfigError):
            raise error
        status = getattr(error, "status_code", None)
        lasting = _LASTING.get(status or 0)
        if status == 429 and getattr(error, "code", None) == "insufficient_quota":
            lasting = "the account's quota is used up"
        if lasting is not None:
            self._broken = f"{self._place} cannot be used: {lasting} ({_short(error)})."
            return Reply(model=self.model, error=self._broken)
        if not _may_pass(error, status):
            if status is None:
                raise error
            return Reply(model=self.model, error=f"{self._place} refused the request ({status}: {_short(error)}).")
        asked = _retry_after(error)
        if attempt >= self.retries or (asked or 0) > self.max_wait:
            return self._given_up(error, status, attempt + 1, asked)
        if asked is not None:
            self.limit.pause(asked)
            return asked
        return min(self.max_wait, self.backoff * 2**attempt * (0.5 + rng.random()))

    def _given_up(self, error: Exception, status: int | None, tries: int, asked: float | None) -> Reply:
        if asked is not None and asked > self.max_wait:
            why = f"asks to wait for {asked:.0f} seconds"
        elif _is_malformed(error):
            why = f"sends no chat completion ({_short(error)})"
        elif status is not None:
            why = f"answers {status}"
        else:
            why = {"APITimeoutError": f"does not answer within {self.timeout:g} seconds"}.get(
                _name(error), "cannot be reached"
            )
        times = f"{tries} {'try' if tries == 1 else 'tries'}"
        sentence = f"{self._place} {why}, after {times}. Run again later; what was answered is kept."
        if _name(error) == "APIConnectionError" and not self._answered:
            self._broken = sentence
        return Reply(model=self.model, error=sentence)

    @property
    def _place(self) -> str:
        return f"The endpoint {self.base_url or 'of OpenAI'} with model '{self.model}'"


def _prices(given: Mapping[str, float] | Sequence[float] | None) -> Prices:
    if given is not None and not isinstance(given, Mapping):
        if len(given) != 2:
            raise ConfigError(f"'prices' are two numbers, of a million tokens in and out, not {len(given)}.")
        given = dict(zip(("input", "output"), given))
    unknown = set(given or {}) - {"input", "output"}
    if unknown:
        raise ConfigError(f"'prices' has no key '{sorted(unknown)[0]}': give input and output, for a million tokens.")
    return Prices(**{name: float(value) for name, value in (given or {}).items()})


def _cache_path(cache: str | Path) -> Path:
    return cache_folder() / "replies.sqlite" if cache == "auto" else Path(cache).expanduser()


def _weigh(messages: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Bytes of the words: (those of ASCII letters, those of others)."""
    texts = []
    for message in messages:
        content = message["content"]
        texts += [content] if isinstance(content, str) else [p["text"] for p in content if p["type"] == "text"]
    whole = "".join(texts)
    plain = sum(letter.isascii() for letter in whole)
    return plain, len(whole.encode()) - plain


def _name(error: Exception) -> str:
    return type(error).__name__


def _may_pass(error: Exception, status: int | None) -> bool:
    """Whether a request that failed may succeed the next time."""
    if status is not None and not _is_malformed(error):
        return status in _PASSING or status >= 500
    return _is_malformed(error) or _name(error) in ("APITimeoutError", "APIConnectionError")


def _is_malformed(error: Exception) -> bool:
    """Whether the endpoint answered, but with no chat completion."""
    return isinstance(error, _Malformed | json.JSONDecodeError) or _name(error) == "APIResponseValidationError"


def _retry_after(error: Exception) -> float | None:
    """Seconds that the server asks to wait, from ``retry-after-ms`` or ``Retry-After`` (seconds or a date)."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    exact, said = headers.get("retry-after-ms"), headers.get("retry-after")
    try:
        if exact is not None:
            return max(0.0, float(exact) / 1000)
        if said is not None:
            return max(0.0, float(said))
    except ValueError:
        pass
    try:
        return None if said is None else max(0.0, email.utils.parsedate_to_datetime(said).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _short(error: Exception) -> str:
    """The first words of an error's message."""
    body = getattr(error, "body", None)
    told = body.get("message") if isinstance(body, dict) else None
    text = " ".join(str(told or error).split())
    return text if len(text) <= 200 else f"{text[:200]}..."
