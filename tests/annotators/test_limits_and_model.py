"""The window of a minute, the purse, the cache's file, and a local model as an annotator."""

from __future__ import annotations

import sqlite3
import threading

import pytest
from chat import asked
from PIL import Image

from vistune.annotators import Asking, Reply, build_annotator
from vistune.annotators.cache import ReplyCache
from vistune.annotators.limits import Budget, Prices, RateLimit
from vistune.core.errors import ConfigError, DataError
from vistune.data.example import ImageSource


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def sent_at(limit: RateLimit, clock: Clock, tokens: list[int]) -> list[float]:
    times = []
    for count in tokens:
        limit.wait(count)
        times.append(clock.now)
    return times


def test_requests_in_any_minute():
    clock = Clock()
    limit = RateLimit(requests=3, clock=clock, sleep=clock.sleep)
    times = sent_at(limit, clock, [1] * 10)
    assert times == [0, 0, 0, 60, 60, 60, 120, 120, 120, 180]


def test_tokens_in_any_minute_and_one_that_is_too_large():
    clock = Clock()
    limit = RateLimit(tokens=100, clock=clock, sleep=clock.sleep)
    assert sent_at(limit, clock, [60, 40, 1, 500, 10]) == [0, 0, 60, 120, 180]
    sent = limit.wait(80)
    limit.settle(sent, 5)  # it took less than thought
    assert sent_at(limit, clock, [80]) == [180]


def test_a_pause_that_the_server_asks_for():
    clock = Clock()
    limit = RateLimit(clock=clock, sleep=clock.sleep)
    limit.pause(7)
    assert sent_at(limit, clock, [1, 1]) == [7, 7]


def test_the_purse_counts_what_is_on_its_way():
    purse = Budget(1.0, None, Prices(input=0.0, output=100_000.0))
    first = purse.reserve(10, 0, 4)
    assert not isinstance(first, str) and first.cost == pytest.approx(0.4)
    second = purse.reserve(10, 0, 4)
    assert not isinstance(second, str)
    assert isinstance(purse.reserve(10, 0, 4), str)
    purse.settle(second, 11, 0.1)
    assert not isinstance(purse.reserve(10, 0, 4), str)


def test_the_purse_learns_what_a_prompt_takes():
    purse = Budget(None, 10_000, Prices())
    assert purse.estimate(4000) > 4000
    purse.learn(1000, 250)
    assert 1000 < purse.estimate(4000) < 1300
    purse.learn(1000, 500)
    assert purse.estimate(4000) > 2000


def test_the_cache_is_one_file(tmp_path):
    cache = ReplyCache(tmp_path / "deep" / "c.sqlite")
    assert cache.claim("k", 5) is None
    cache.put("k", Reply("text", "m", 3, 4, 0.5, False, 1.0))
    found = ReplyCache(tmp_path / "deep" / "c.sqlite").get("k")
    assert found is not None and found.cached and found.cost == 0.0 and (found.text, found.prompt_tokens) == ("text", 3)
    assert cache.claim("k", 5) == found and len(cache) == 1


def test_a_claim_is_given_up_or_runs_out(tmp_path):
    cache = ReplyCache(tmp_path / "c.sqlite")
    assert cache.claim("a", 60) is None
    cache.release("a")
    assert cache.claim("a", 0.05) is None
    assert cache.claim("a", 60) is None  # waited until the first one ran out


def test_waiting_for_another_claim_can_be_stopped(tmp_path):
    cache, stopped = ReplyCache(tmp_path / "c.sqlite"), threading.Event()
    assert cache.claim("a", 60) is None
    stopped.set()
    waited = cache.claim("a", 60, stopped)
    assert waited is not None and "stopped" in (waited.error or "")


def test_a_claim_of_a_dead_process_is_taken_over(tmp_path):
    import socket

    cache = ReplyCache(tmp_path / "c.sqlite")
    cache.get("x")
    with sqlite3.connect(tmp_path / "c.sqlite") as connection:
        connection.execute("INSERT INTO asked VALUES ('x', ?, 1e12)", (f"{socket.gethostname()}:{2**22 - 1}",))
    assert cache.claim("x", 60) is None


def test_another_file_is_no_cache(tmp_path):
    (tmp_path / "c.sqlite").write_text("this is a letter to my aunt, and no data base at all" * 50)
    with pytest.raises(DataError, match="no cache of replies"):
        ReplyCache(tmp_path / "c.sqlite").get("k")


def test_a_local_model_answers_in_order_and_says_what_failed():
    model = build_annotator({"kind": "model", "model": "nano-vlm", "batch_size": 2, "max_tokens": 4})
    picture = ImageSource(pil=Image.new("RGB", (64, 64), (200, 30, 30)))
    requests = [
        asked("is there a dog?", picture),
        asked("what", ImageSource(data=b"x" * 9)),
        asked("what colour is it?", picture),
    ]
    replies = model.ask(requests, Asking(temperature=0.0))
    assert replies[1].error is not None and "picture" in replies[1].error
    assert replies[0].error is None and replies[2].error is None
    assert 0 < replies[0].completion_tokens <= 4 and replies[0].prompt_tokens > 0 and replies[0].model == "nano-vlm"
    alone = model.ask(requests[2:], Asking(temperature=0.0))[0]
    assert alone.text == replies[2].text  # whatever the batch
    assert model.usage.requests == 3 and model.usage.errors == 1


def test_a_local_model_needs_one_model():
    with pytest.raises(ConfigError, match="needs either"):
        build_annotator("model")
    with pytest.raises(ConfigError, match="no annotator 'oracel'"):
        build_annotator("oracel")
