"""Starts the small chat server as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vistune.annotators.endpoint import Endpoint
from vistune.data.example import Example, ImageSource, user

SERVER = Path(__file__).with_name("chat_server.py")


class Chat:
    """A running server: its address and what it was asked."""

    def __init__(self, port: str, log: Path) -> None:
        self.url, self.log = f"http://127.0.0.1:{port}/v1", log

    def seen(self) -> list[dict[str, Any]]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [json.loads(line) for line in lines]

    def endpoint(self, cache: Path | None = None, **settings: Any) -> Endpoint:
        quick = {"model": "m", "backoff": 0.01, "timeout": 10.0, "retries": 3}
        return Endpoint(base_url=self.url, cache=None if cache is None else str(cache), **{**quick, **settings})


@contextmanager
def running(folder: Path, *reply: str) -> Iterator[Chat]:
    log = folder / "requests.jsonl"
    process = subprocess.Popen([sys.executable, str(SERVER), str(log), *reply], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Chat(process.stdout.readline().strip(), log)
    finally:
        process.kill()
        process.wait()


def asked(text: str, *pictures: ImageSource, facts: Any = None) -> Example:
    message = user(text, images=tuple(range(len(pictures))))
    return Example(text[:20], [message], list(pictures), meta={"facts": facts})
