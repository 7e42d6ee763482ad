"""The endpoint through the official client, against a real server process on this machine."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import paying_run
import pytest
from chat import Chat, asked, running
from PIL import Image

from vistune.annotators import ANNOTATORS, Asking
from vistune.annotators.endpoint import Endpoint
from vistune.core.errors import ConfigError
from vistune.data.example import Example, ImageSource, Message, Part, Region, assistant, user

pytest.importorskip("openai")
RUN = Path(__file__).with_name("paying_run.py")


@pytest.fixture(scope="module")
def chat(tmp_path_factory):
    with running(tmp_path_factory.mktemp("chat")) as server:
        yield server


def test_replies_in_order_with_tokens_and_cost(chat: Chat):
    endpoint = chat.endpoint(prices={"input": 2.0, "output": 10.0})
    replies = endpoint.ask([asked(f"[[say {i}]]") for i in range(20)])
    assert [r.text for r in replies] == [str(i) for i in range(20)]
    first = replies[0]
    assert (first.model, first.prompt_tokens, first.completion_tokens) == ("m-2026", len("[[say 0]]") // 4 + 8, 10)
    assert first.cost == pytest.approx((first.prompt_tokens * 2 + 10 * 10) / 1e6)
    usage = endpoint.usage
    assert (usage.requests, usage.cached, usage.errors, usage.retries) == (20, 0, 0, 0)
    assert usage.cost == pytest.approx(sum(r.cost for r in replies))


def test_meta_is_never_sent(chat: Chat):
    chat.endpoint().ask([asked("where is it?", facts="the secret truth")])
    assert "secret" not in json.dumps(chat.seen()[-1])


def test_conversation_and_settings(chat: Chat):
    example = Example("a", [Message("system", [Part(text="be short")]), user("one"), assistant("two"), user("three")])
    endpoint = chat.endpoint(temperature=0.5, seed=7, extra={"top_k": 3})
    endpoint.ask([example], Asking(temperature=0.0, max_tokens=5, stop=("\n",), sample=2))
    body = chat.seen()[-1]["body"]
    assert [m["role"] for m in body["messages"]] == ["system", "user", "assistant", "user"]
    assert body["temperature"] == 0.5  # the user's own setting goes before the rubric's
    assert (body["max_tokens"], body["stop"], body["seed"], body["top_k"]) == (5, ["\n"], 9, 3)
    chat.endpoint(tokens_field="max_completion_tokens", seed=None).ask([asked("x")])
    assert "max_tokens" not in chat.seen()[-1]["body"] and "seed" not in chat.seen()[-1]["body"]


def encoded(image: Image.Image, kind: str, **settings: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def test_pictures_arrive_intact(chat: Chat, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    png, jpeg = encoded(Image.fromarray(pixels), "PNG"), encoded(Image.fromarray(pixels), "JPEG")
    (tmp_path / "a.jpg").write_bytes(jpeg)
    sources = [ImageSource(data=png), ImageSource(path=tmp_path / "a.jpg"), ImageSource(array=pixels)]
    reply = chat.endpoint().ask([asked("look", *sources)])[0]
    got = json.loads(reply.text)["pictures"]
    assert [p["sha256"] for p in got[:2]] == [hashlib.sha256(b).hexdigest() for b in (png, jpeg)]
    assert [p["type"] for p in got] == ["data:image/png;base64", "data:image/jpeg;base64", "data:image/png;base64"]
    sent = [
        p["image_url"]["url"] for p in chat.seen()[-1]["body"]["messages"][0]["content"] if p["type"] == "image_url"
    ]
    last = Image.open(io.BytesIO(base64.b64decode(sent[2].partition(",")[2])))
    assert np.array_equal(np.asarray(last), pixels)


def test_pictures_are_capped_turned_upright_and_made_readable(chat: Chat):
    from vistune.annotators.messages import PictureCap, data_url

    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (300, 500, 3), dtype=np.uint8))

    def sent(source: ImageSource, cap: PictureCap) -> tuple[str, Image.Image, int]:
        head, _, data = data_url(source, cap).partition(",")
        content = base64.b64decode(data)
        return head, Image.open(io.BytesIO(content)), len(content)

    head, image, _ = sent(ImageSource(pil=noise), PictureCap(100, 10**6))
    assert (head, image.size, noise.size) == ("data:image/png;base64", (100, 60), (500, 300))
    head, image, size = sent(ImageSource(pil=noise), PictureCap(500, 20_000))
    assert head == "data:image/jpeg;base64" and size <= 20_000
    exif = Image.Exif()
    exif[274] = 6
    turned = encoded(noise, "JPEG", exif=exif)
    assert sent(ImageSource(data=turned), PictureCap())[1].size == (300, 500)
    assert sent(ImageSource(data=encoded(noise, "WEBP")), PictureCap())[0] == "data:image/png;base64"


def test_a_region_is_told_in_pixels(chat: Chat):
    picture = ImageSource(pil=Image.new("RGB", (20, 10)))
    message = Message("user", [Part(image=0), Part(text="what is in "), Part(region=0), Part(text="?")])
    example = Example("r", [message], [picture], [Region(0, box=(1.2, 2.0, 8.9, 9.0))])
    assert json.loads(chat.endpoint().ask([example])[0].text)["text"] == "what is in [1, 2, 9, 9]?"


def test_retry_after_is_kept(chat: Chat):
    endpoint = chat.endpoint(backoff=30.0)  # its own wait would be far too long
    start = time.monotonic()
    reply = endpoint.ask([asked("a [[429 x2 after 0.2]]")])[0]
    assert reply.error is None and 0.4 <= time.monotonic() - start < 8
    assert endpoint.usage.retries == 2


def test_retry_after_holds_all_workers(chat: Chat):
    endpoint = chat.endpoint(workers=2)
    endpoint.ask([asked("first [[429 x1 after 0.5]]")])
    seen = [r for r in chat.seen() if r["text"].startswith("first")]
    assert seen[1]["at"] - seen[0]["at"] >= 0.45


@pytest.mark.parametrize("trouble", ["500 x2", "503 x1", "408 x1", "html x1", "nochoices x2", "broken x1", "empty x1"])
def test_passing_trouble_is_tried_again(chat: Chat, trouble: str):
    endpoint = chat.endpoint()
    reply = endpoint.ask([asked(f"please [[{trouble}]] [[say done]]")])[0]
    assert (reply.error, reply.text) == (None, "done")
    assert endpoint.usage.retries == int(trouble[-1])


def test_a_request_that_hangs_is_asked_again(chat: Chat):
    endpoint = chat.endpoint(timeout=0.3)
    reply = endpoint.ask([asked("[[hang x1]] [[say here]]")])[0]
    assert (reply.text, endpoint.usage.retries) == ("here", 1)


def test_what_stays_broken_is_one_sentence_and_costs_no_other(chat: Chat):
    endpoint = chat.endpoint(retries=1)
    texts = ["[[say a]]", "[[500]] 1", "[[400]] 2", "[[html]] 3", "[[429 after 9999]] 4", "[[say b]]"]
    replies = endpoint.ask([asked(t) for t in texts])
    assert [r.text for r in replies if r.error is None] == ["a", "b"]
    said = [r.error or "" for r in replies[1:5]]
    assert "answers 500, after 2 tries" in said[0]
    assert "refused the request (400: not now)" in said[1]
    assert "sends no chat completion" in said[2]
    assert "asks to wait for 9999 seconds" in said[3]
    assert endpoint.usage.errors == 4 and endpoint.usage.requests == 2


def test_thoughts_before_the_answer_are_left_out(chat: Chat):
    reply = chat.endpoint().ask([asked("[[say <think>is it 3?\nno</think>\n\n8 6]]")])[0]
    assert reply.text == "8 6"


def test_a_reply_cut_by_the_limit_says_so(chat: Chat):
    reply = chat.endpoint().ask([asked("[[cut]]")])[0]
    assert (reply.text, reply.finish_reason) == ("half an ans", "length")


@pytest.mark.parametrize(
    ("trouble", "words"), [("401", "key is not accepted"), ("404", "no such model"), ("quota", "quota")]
)
def test_lasting_trouble_stops_all_further_requests(chat: Chat, trouble: str, words: str):
    before = len(chat.seen())
    replies = chat.endpoint(workers=1).ask([asked(f"[[{trouble}]] {i}") for i in range(5)])
    assert all(words in (r.error or "") for r in replies)
    assert len(chat.seen()) - before == 1


def test_what_was_mended_is_asked_again(chat: Chat):
    endpoint = chat.endpoint(workers=1)
    assert endpoint.ask([asked("[[401 x1]] [[say fine]]")])[0].error is not None
    assert endpoint.ask([asked("[[401 x1]] [[say fine]]")])[0].text == "fine"


def test_ctrl_c_keeps_what_was_answered_and_tries_nothing_again(chat: Chat, tmp_path, monkeypatch):
    cache = tmp_path / "stop.sqlite"
    endpoint = chat.endpoint(cache, workers=2, backoff=30.0)

    def stop_after_two(futures, _title):
        for number, future in enumerate(futures):
            if number == 2:
                raise KeyboardInterrupt
            yield future

    monkeypatch.setattr("vistune.annotators.endpoint.track", stop_after_two)
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        endpoint.ask([asked(f"stop {i} [[500 x{i // 2}]] [[say {i}]]") for i in range(6)])
    assert time.monotonic() - start < 10  # not the half minute of the next try
    monkeypatch.undo()
    again = chat.endpoint(cache)
    assert [r.text for r in again.ask([asked(f"stop {i} [[500 x0]] [[say {i}]]") for i in range(2)])] == ["0", "1"]
    assert again.usage.requests == 0


def test_nobody_there():
    endpoint = Endpoint("m", base_url="http://127.0.0.1:9/v1", cache=None, retries=1, backoff=0.01, workers=1)
    replies = endpoint.ask([asked("a"), asked("b")])
    assert all("cannot be reached, after 2 tries" in (r.error or "") for r in replies)


def test_a_second_run_asks_nothing(chat: Chat, tmp_path):
    questions = [asked(f"cached {i}", ImageSource(pil=Image.new("RGB", (8, 8), (i, 0, 0)))) for i in range(5)]
    first = chat.endpoint(tmp_path / "c.sqlite", prices={"input": 1.0, "output": 1.0})
    told = first.ask(questions)
    before = len(chat.seen())
    again = chat.endpoint(tmp_path / "c.sqlite", prices={"input": 1.0, "output": 1.0})
    replies = again.ask(questions)
    assert len(chat.seen()) == before
    assert [r.text for r in replies] == [r.text for r in told]
    assert all(r.cached and r.cost == 0 for r in replies)
    assert (again.usage.requests, again.usage.cached, again.usage.cost) == (0, 5, 0)


def test_what_makes_a_request_another_one(chat: Chat, tmp_path):
    cache = tmp_path / "k.sqlite"
    picture = ImageSource(pil=Image.new("RGB", (8, 8)))
    before = len(chat.seen())
    chat.endpoint(cache).ask([asked("same", picture)] * 3)
    assert len(chat.seen()) - before == 1  # equal requests are sent once
    other = ImageSource(pil=Image.new("RGB", (8, 8), (1, 0, 0)))
    chat.endpoint(cache).ask([asked("same", other)])
    chat.endpoint(cache).ask([asked("same", picture)], Asking(sample=1))
    chat.endpoint(cache, temperature=1.0).ask([asked("same", picture)])
    chat.endpoint(cache, model="n").ask([asked("same", picture)])
    assert len(chat.seen()) - before == 5
    chat.endpoint(cache, workers=2, timeout=9.0).ask([asked("same", picture)])
    assert len(chat.seen()) - before == 5


def test_failures_are_not_kept(chat: Chat, tmp_path):
    cache = tmp_path / "f.sqlite"
    question = asked("[[500 x1]] [[say now]]")
    assert chat.endpoint(cache, retries=0).ask([question])[0].error is not None
    assert chat.endpoint(cache, retries=0).ask([question])[0].text == "now"


def test_a_broken_picture_is_one_error(chat: Chat):
    replies = chat.endpoint().ask([asked("[[say fine]]"), asked("b", ImageSource(data=b"no picture at all"))])
    assert replies[0].text == "fine" and "not a picture" in (replies[1].error or "")


def test_the_budget_is_never_exceeded(chat: Chat, tmp_path):
    prices = {"input": 1000.0, "output": 1000.0}
    questions = [asked(f"question number {i} about money") for i in range(30)]
    endpoint = chat.endpoint(tmp_path / "b.sqlite", prices=prices, budget=0.5, max_tokens=10, workers=4)
    replies = endpoint.ask(questions)
    paid = [r for r in replies if r.error is None]
    assert 0 < len(paid) < 30 and endpoint.usage.cost <= 0.5
    assert endpoint.usage.cost + 2 * max(r.cost for r in paid) > 0.4  # not far below it either
    assert all("budget of 0.5 would be exceeded" in r.error for r in replies if r.error)
    more = chat.endpoint(tmp_path / "b.sqlite", prices=prices, budget=0.5, max_tokens=10, workers=4)
    more.ask(questions)
    assert more.usage.cached == len(paid) and more.usage.requests > 0


def test_the_budget_of_tokens(chat: Chat):
    endpoint = chat.endpoint(token_budget=200, max_tokens=10, workers=3)
    replies = endpoint.ask([asked(f"some question {i}") for i in range(30)])
    assert 0 < endpoint.usage.requests < 30
    assert endpoint.usage.prompt_tokens + endpoint.usage.completion_tokens <= 200
    assert any("200 tokens would be exceeded" in (r.error or "") for r in replies)


def test_a_server_that_counts_nothing_is_charged_what_it_may_have_been(chat: Chat):
    endpoint = chat.endpoint(prices=[1000.0, 1000.0], budget=0.4, max_tokens=10, workers=1)
    replies = endpoint.ask([asked(f"some question {i} [[uncounted]]") for i in range(30)])
    assert 0 < sum(r.error is None for r in replies) < 30


def test_clear_words_for_wrong_settings(monkeypatch):
    with pytest.raises(ConfigError, match="needs 'prices'"):
        Endpoint("m", budget=1.0, cache=None)
    with pytest.raises(ConfigError, match="no key 'in'"):
        Endpoint("m", prices={"in": 1.0}, cache=None)
    with pytest.raises(ConfigError, match="two numbers"):
        Endpoint("m", prices=[1.0], cache=None)
    assert (
        Endpoint("m", prices=[1.0, 2.0], cache=None).prices
        == Endpoint("m", prices={"input": 1, "output": 2}, cache=None).prices
    )
    with pytest.raises(ConfigError, match="at least 1"):
        Endpoint("m", requests_per_minute=0, cache=None)
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(ConfigError, match="NO_SUCH_KEY"):
        Endpoint("m", api_key_env="NO_SUCH_KEY", cache=None).ask([asked("a")])


def test_the_key_goes_out_and_is_told_nowhere(chat: Chat, monkeypatch):
    monkeypatch.setenv("MY_KEY", "hush-hush")
    endpoint = chat.endpoint(api_key_env="MY_KEY")
    endpoint.ask([asked("keyed")])
    assert chat.seen()[-1]["key"] == "Bearer hush-hush"
    assert "hush" not in json.dumps(endpoint.identity())


def start(url: str, cache: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, str(RUN), url, str(cache)], stdout=subprocess.PIPE, text=True)


def await_requests(chat: Chat, number: int, process: subprocess.Popen[str]) -> None:
    while len(chat.seen()) < number:
        assert process.poll() is None
        time.sleep(0.02)


def test_two_processes_at_once_pay_once(tmp_path):
    with running(tmp_path) as chat:
        other = start(chat.url, tmp_path / "two.sqlite")
        await_requests(chat, 1, other)
        here = chat.endpoint(tmp_path / "two.sqlite", workers=2)
        replies = here.ask(paying_run.questions()[::-1])  # from the other end, so that they meet
        paid = int(other.communicate(timeout=60)[0])
        assert all(r.error is None for r in replies)
        assert paid + here.usage.requests == 12 == len(chat.seen()) and here.usage.cached == paid


def test_kill_9_costs_nothing_twice(tmp_path):
    """What was answered is not asked again; only what was out when the process died is."""
    with running(tmp_path) as chat:
        cache = tmp_path / "kill.sqlite"
        victim = start(chat.url, cache)
        await_requests(chat, 6, victim)
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()
        again = chat.endpoint(cache, workers=2)
        kept = len(again.cache or ())
        assert kept >= 2
        again.ask(paying_run.questions())
        assert (again.usage.cached, again.usage.requests) == (kept, 12 - kept)
        texts = [r["text"] for r in chat.seen()]
        assert len(set(texts)) == 12 and len(texts) <= 12 + 2  # two were out when it died


def test_registry():
    assert set(ANNOTATORS.names()) >= {"oracle", "openai", "model"}
    assert ANNOTATORS.build({"kind": "openai", "model": "m", "cache": None}).name == "m"
