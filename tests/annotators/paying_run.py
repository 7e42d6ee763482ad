"""Asks 12 questions through a shared cache: paying_run.py URL CACHE. Told to die by the test; prints how many it paid for."""

from __future__ import annotations

import sys

from vistune.annotators.endpoint import Endpoint
from vistune.data.example import Example, user


def questions() -> list[Example]:
    return [Example(str(i), [user(f"question {i} [[slow 0.15]]")]) for i in range(12)]


if __name__ == "__main__":
    endpoint = Endpoint("m", base_url=sys.argv[1], cache=sys.argv[2], workers=2, backoff=0.01)
    replies = endpoint.ask(questions())
    assert all(reply.error is None for reply in replies), replies
    sys.stdout.write(f"{endpoint.usage.requests}\n")
