"""How fast and how much an endpoint may be asked: a window of a minute, and a purse that is never overdrawn."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from vistune.core.errors import ConfigError

WINDOW = 60.0
#: Tokens that a chat's frame takes beside its words.
_FRAME = 16


@dataclass(slots=True)
class _Sent:
    at: float
    tokens: int


class RateLimit:
    """At most so many requests and tokens in any minute, whatever the number of threads; and pauses that a server asks for.

    ``clock`` and ``sleep`` are replaced in tests.
    """

    def __init__(
        self,
        requests: int | None = None,
        tokens: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        for name, value in (("requests_per_minute", requests), ("tokens_per_minute", tokens)):
            if value is not None and value < 1:
                raise ConfigError(f"'{name}' must be at least 1, not {value}; leave it out for no limit.")
        self.requests, self.tokens = requests, tokens
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._sent: deque[_Sent] = deque()
        self._paused_until = 0.0

    def wait(self, tokens: int) -> _Sent:
        """Return when a request of about ``tokens`` may go out. One that is larger than the limit goes when nothing else does."""
        while True:
            with self._lock:
                now = self._clock()
                pause = self._needed(now, tokens)
                if pause <= 0:
                    sent = _Sent(now, tokens)
                    self._sent.append(sent)
                    return sent
            self._sleep(pause)

    def settle(self, sent: _Sent, tokens: int) -> None:
        """The request took ``tokens`` in truth."""
        sent.tokens = tokens

    def pause(self, seconds: float) -> None:
        """Nothing goes out for so long: the server said so."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    def _needed(self, now: float, tokens: int) -> float:
        """Seconds to wait, by what is known now."""
        while self._sent and self._sent[0].at <= now - WINDOW:
            self._sent.popleft()
        pause = self._paused_until - now
        if self._sent:
            oldest = self._sent[0].at + WINDOW - now
            full = self.requests is not None and len(self._sent) >= self.requests
            heavy = self.tokens is not None and sum(s.tokens for s in self._sent) + tokens > self.tokens
            if full or heavy:
                pause = max(pause, oldest)
        return pause


@dataclass(frozen=True, slots=True)
class Prices:
    """For a million tokens, in any currency."""

    input: float = 0.0
    output: float = 0.0

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """What a request costs."""
        return (prompt_tokens * self.input + completion_tokens * self.output) / 1e6


@dataclass(slots=True)
class Ticket:
    """What a request may take at most."""

    tokens: int
    cost: float


class Budget:
    """A request goes out only if the most that it may take still fits beside all that is spent and on its way.

    How many tokens a prompt has is known only afterwards: at first a token is taken for one byte (it is never less), then
    for what the requests so far had at most, with a tenth more.
    """

    def __init__(self, money: float | None, tokens: int | None, prices: Prices) -> None:
        if money is not None and prices == Prices():
            raise ConfigError(
                "A 'budget' in money needs 'prices', such as {input: 0.15, output: 0.6} for a million tokens."
            )
        self.money, self.tokens, self.prices = money, tokens, prices
        self.spent_money, self.spent_tokens = 0.0, 0
        self._open = Ticket(0, 0.0)
        self._rate: float | None = None
        self._lock = threading.Lock()

    def estimate(self, prompt_bytes: int) -> int:
        """Tokens that a prompt of so many ASCII bytes has at most, as far as is known."""
        return int(prompt_bytes * (1.0 if self._rate is None else min(1.0, 1.1 * self._rate))) + _FRAME

    def reserve(self, prompt_bytes: int, other_tokens: int, completion_tokens: int) -> Ticket | str:
        """A ticket, or the sentence that says why not. ``other_tokens``: of pictures, and of letters beyond ASCII."""
        with self._lock:
            prompt = self.estimate(prompt_bytes) + other_tokens
            ticket = Ticket(prompt + completion_tokens, self.prices.cost(prompt, completion_tokens))
            if self.money is not None and self.spent_money + self._open.cost + ticket.cost > self.money:
                return (
                    f"The budget of {self.money:g} would be exceeded ({self.spent_money:.4g} is spent): the request was not "
                    "sent. Raise 'budget' and run again; what was paid for is kept."
                )
            if self.tokens is not None and self.spent_tokens + self._open.tokens + ticket.tokens > self.tokens:
                return (
                    f"The budget of {self.tokens} tokens would be exceeded ({self.spent_tokens} are spent): the request was "
                    "not sent. Raise 'token_budget' and run again; what was paid for is kept."
                )
            self._open.tokens += ticket.tokens
            self._open.cost += ticket.cost
            return ticket

    def settle(self, ticket: Ticket, tokens: int, cost: float) -> None:
        """The request of ``ticket`` took so much: nothing where it failed."""
        with self._lock:
            self._open.tokens -= ticket.tokens
            self._open.cost -= ticket.cost
            self.spent_tokens += tokens
            self.spent_money += cost

    def learn(self, prompt_bytes: int, prompt_tokens: int) -> None:
        """A prompt without pictures of so many bytes had so many tokens."""
        if prompt_bytes and prompt_tokens:
            with self._lock:
                self._rate = max(self._rate or 0.0, prompt_tokens / prompt_bytes)
