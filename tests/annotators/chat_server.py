"""A small OpenAI-compatible server, run as a process of its own: ``python chat_server.py LOG [REPLY]``. It prints its port.

What it does is said in the request's text: ``[[429 x2 after 0.05]]`` answers 429 twice with that Retry-After, ``[[500 x3]]``,
``[[hang x1]]``, ``[[html x1]]``, ``[[nochoices x1]]``, ``[[empty x1]]``, ``[[cut x1]]``, ``[[401]]``, ``[[400]]``, ``[[quota]]``,
``[[slow 0.3]]``, ``[[uncounted]]`` (no tokens are told). ``[[say ...]]`` is the reply, or REPLY where it is given; else it
tells what it got: the text, and each picture's digest and type.
LOG gets a line for each request that came in, before it is answered.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LOCK = threading.Lock()
SEEN: dict[str, int] = {}
LOG = Path(sys.argv[1]) if len(sys.argv) > 1 else None
REPLY = sys.argv[2] if len(sys.argv) > 2 else None


def content_of(messages: list[dict]) -> tuple[str, list[dict]]:
    texts, pictures = [], []
    for message in messages:
        parts = message["content"]
        for part in [{"type": "text", "text": parts}] if isinstance(parts, str) else parts:
            if part["type"] == "text":
                texts.append(part["text"])
            else:
                head, _, data = part["image_url"]["url"].partition(",")
                digest = hashlib.sha256(base64.b64decode(data)).hexdigest()
                pictures.append({"type": head, "sha256": digest})
    return "\n".join(texts), pictures


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def send(self, status: int, body: object, headers: dict[str, str] | None = None, raw: bytes | None = None) -> None:
        content = raw if raw is not None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if raw is None else "text/html")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text, pictures = content_of(body["messages"])
        with LOCK:
            times = SEEN[text] = SEEN.get(text, 0) + 1
            if LOG is not None:
                with LOG.open("a") as file:
                    line = {
                        "text": text,
                        "at": time.monotonic(),
                        "key": self.headers.get("Authorization"),
                        "body": body,
                    }
                    file.write(json.dumps(line) + "\n")
        slow = re.search(r"\[\[slow ([\d.]+)\]\]", text)
        if slow:
            time.sleep(float(slow[1]))
        if not self.trouble(text, times):
            said = re.search(r"\[\[say (.*?)\]\]", text, re.S)
            reply = (
                said[1]
                if said
                else json.dumps({"text": text, "pictures": pictures, "roles": [m["role"] for m in body["messages"]]})
            )
            self.complete(body, text, reply if REPLY is None else REPLY)

    def complete(self, body: dict, text: str, reply: str | None, finish: str = "stop") -> None:
        counted = "[[uncounted]]" not in text
        prompt = (len(text.encode()) // 4 + 8) * counted
        completion = 10 * counted
        self.send(
            200,
            {
                "id": "c", "object": "chat.completion", "created": 1, "model": body["model"] + "-2026",
                "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": reply}}],
                "usage": {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
            },
        )  # fmt: skip

    def trouble(self, text: str, times: int) -> bool:
        """Do what the text asks for, for as many times as it asks; False where it is to be answered now."""
        fault = {"error": {"message": "not now", "type": "x", "code": None}}
        for name, often, after in re.findall(r"\[\[(\w+)(?: x(\d+))?(?: after ([^\]]+))?\]\]", text):
            if often and times > int(often):
                continue
            headers = {"Retry-After": after} if after else {}
            if name.isdigit():
                self.send(int(name), fault, headers)
            elif name == "quota":
                self.send(429, {"error": {"message": "no money", "code": "insufficient_quota"}})
            elif name == "hang":
                time.sleep(1.0)
                self.close_connection = True
            elif name == "html":
                self.send(200, None, raw=b"<html>a proxy</html>")
            elif name == "nochoices":
                self.send(200, {"id": "c", "object": "chat.completion", "choices": [], "created": 1, "model": "m"})
            elif name == "broken":
                self.send(200, None, raw=b'{"id": "c", "choices": [')
            elif name == "empty":
                self.complete({"model": "m"}, text, None)
            elif name == "cut":
                self.complete({"model": "m"}, text, "half an ans", "length")
            else:
                return False
            return True
        return False


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
