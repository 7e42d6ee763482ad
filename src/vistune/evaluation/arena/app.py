"""The arena in a browser (Gradio): picture, question, two answers, four buttons, names after the vote; a leaderboard tab.

Nothing is asked of any other host: fonts are the system's, telemetry is off, and the page's policy forbids other origins. The page
never holds the models' names before the vote. All rules are kept by ``game.Arena`` on the server.
"""

from __future__ import annotations

import html
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse

from vistune.core.errors import VistuneError
from vistune.data.example import ImageSource
from vistune.evaluation.arena.game import Arena, Battle
from vistune.evaluation.arena.limits import voter_hash
from vistune.evaluation.arena.matches import typed_question
from vistune.evaluation.arena.page import board_html, board_page, css
from vistune.evaluation.arena.pieces import WAITING, head, notice, or_wait, question_html, safe_markdown, thanks

HERE = Path(__file__).parent
#: What the page may load: only from here.
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src 'self' blob:; connect-src 'self' blob: data:; "
    "font-src 'self' data:; frame-ancestors 'self'"
)
VOTES = {"a": "A is better", "b": "B is better", "tie": "Both are good", "bad": "Both are bad"}


class _Page:
    """The components of the battle tab, and what happens on a click."""

    def __init__(self, arena: Arena, salt: bytes) -> None:
        self.arena, self.salt = arena, salt
        self.battle = gr.State(None)
        self.question = gr.HTML(elem_id="question")
        with gr.Row(elem_id="answers", equal_height=True):
            self.heads, self.texts = [], []
            for side in "ab":
                with gr.Column(elem_id=f"answer-{side}", elem_classes="answer", min_width=280):
                    self.heads.append(gr.HTML(head(side)))
                    self.texts.append(
                        gr.Markdown(elem_classes="said", sanitize_html=True, line_breaks=True, latex_delimiters=[])
                    )
        with gr.Row(elem_id="votes"):
            self.buttons = [
                gr.Button(label, elem_id=f"vote-{winner}", elem_classes="vote", interactive=False, min_width=130)
                for winner, label in VOTES.items()
            ]
        with gr.Row(elem_id="after"):
            self.result = gr.HTML(elem_id="result")
            self.next = gr.Button("Skip", elem_id="next", variant="secondary", min_width=150, scale=0)
        self.typed = self._typed() if arena.takes_own_questions else None

    def _typed(self) -> tuple[Any, Any, Any]:
        with gr.Accordion("Ask a question of your own", open=self.arena.questions is None, elem_id="own"), gr.Row():
            picture = gr.Image(
                type="pil", label="Picture (optional)", elem_id="own-picture", sources=["upload", "clipboard"], height=200,
                scale=1, min_width=200, buttons=[],
            )  # fmt: skip
            with gr.Column(scale=2, min_width=260):
                text = gr.Textbox(label="Question", lines=3, max_lines=8, max_length=2000, elem_id="own-question")
                button = gr.Button("Ask two models", elem_id="ask", variant="secondary")
        return picture, text, button

    @property
    def outputs(self) -> list[Any]:
        """Everything that a click may change."""
        return [self.battle, self.question, *self.heads, *self.texts, *self.buttons, self.result, self.next]

    def view(
        self,
        battle: str | None,
        question: Any,
        heads: tuple[str, str],
        texts: tuple[Any, Any],
        *,
        open_to: str = "",
        chosen: str = "",
        result: str = "",
        waiting: bool = False,
    ) -> list[Any]:
        """Values of ``outputs``. ``open_to``: votes that may be cast; ``chosen``: the one that was. Going on before is skipping."""
        buttons = [
            gr.Button(interactive=w in open_to.split(), variant="primary" if w == chosen else "secondary")
            for w in VOTES
        ]
        name, variant = ("Next battle", "primary") if battle is None else ("Skip", "secondary")
        further = gr.Button(name, variant=variant, interactive=not waiting)
        return [battle, question, *heads, *texts, *buttons, result, further]

    def begin(self, request: gr.Request) -> Iterator[list[Any]]:
        """The next battle."""
        yield from self._play(lambda voter: self.arena.begin(voter), request)

    def ask(self, picture: Any, text: str, request: gr.Request) -> Iterator[list[Any]]:
        """A battle on a person's own question."""

        def start(voter: str) -> Battle:
            return self.arena.ask(
                voter, typed_question(text or "", None if picture is None else ImageSource(pil=picture))
            )

        yield from self._play(start, request)

    def _play(self, start: Any, request: gr.Request) -> Iterator[list[Any]]:
        """Show a battle while its answers come, piece by piece, and open the votes when both are there."""
        try:
            battle = start(self.voter(request))
        except VistuneError as error:
            yield self._trouble(str(error))
            return
        asked, heads = question_html(battle.question), (head("a"), head("b"))
        yield self.view(battle.id, asked, heads, (WAITING, WAITING), waiting=True)
        shown = ["", ""]
        while not battle.answering.done.wait(0.12):
            if battle.answering.texts != shown:
                shown = list(battle.answering.texts)
                yield self.view(battle.id, gr.skip(), heads, (or_wait(shown[0]), or_wait(shown[1])), waiting=True)
        if battle.answering.error:
            yield self._trouble(battle.answering.error)
            return
        left, right = (safe_markdown(text) for text in battle.answering.texts)
        same = battle.answering.same
        told = notice("Both models gave the same answer.") if same else ""
        yield self.view(
            battle.id, gr.skip(), heads, (left, right), open_to="tie bad" if same else "a b tie bad", result=told
        )

    def vote(self, winner: str, battle: str | None, request: gr.Request) -> list[Any]:
        """Cast a vote and tell the names, or say why it is not taken."""
        keep: list[Any] = [gr.skip()] * len(self.outputs)
        if battle is None:
            return keep
        try:
            outcome = self.arena.vote(battle, winner, self.voter(request))
        except VistuneError as error:
            keep[self.outputs.index(self.result)] = notice(str(error), warning=True)
            return keep
        heads = (head("a", outcome), head("b", outcome))
        skip = (gr.skip(), gr.skip())
        return self.view(None, gr.skip(), heads, skip, chosen=winner, result=thanks(outcome))

    def voter(self, request: gr.Request) -> str:
        """Hash of the login or the address that a request came with."""
        host = request.client.host if request is not None and request.client else "unknown"
        return voter_hash(getattr(request, "username", None) or host, self.salt)

    def _trouble(self, message: str) -> list[Any]:
        return self.view(None, "", (head("a"), head("b")), ("", ""), result=notice(message, warning=True))


def build(arena: Arena, salt: bytes, title: str = "Arena") -> Any:
    """The page as Gradio ``Blocks``."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    # Uploaded pictures: every ten minutes those older than an hour are deleted.
    with gr.Blocks(title=title, analytics_enabled=False, delete_cache=(600, 3600)) as blocks:
        gr.HTML(
            f'<header id="head"><h1>{html.escape(title)}</h1><p>Two models, no names. Which answer is better?</p></header>'
        )
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Battle", id="battle"):
                page = _Page(arena, salt)
            with gr.Tab("Leaderboard", id="board") as tab:
                board = gr.HTML(elem_id="board")  # filled when it is looked at
                refresh = gr.Button("Refresh", elem_id="refresh", size="sm")
        _wire(blocks, page, tab, board, refresh)
    return blocks


def _wire(blocks: gr.Blocks, page: _Page, tab: gr.Tab, board: gr.HTML, refresh: gr.Button) -> None:
    """Which click does what."""
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
    if page.arena.questions is not None:
        gr.on([blocks.load, page.next.click], page.begin, None, page.outputs, **quiet)
    if page.typed is not None:
        picture, text, button = page.typed
        button.click(page.ask, [picture, text], page.outputs, **quiet)
    for winner, button in zip(VOTES, page.buttons):
        button.click(_caster(page, winner), page.battle, page.outputs, **quiet)

    def standing() -> str:
        return board_html(page.arena.leaderboard())

    gr.on([tab.select, refresh.click], standing, None, board, **quiet)


def _caster(page: _Page, winner: str) -> Any:
    def cast(battle: str | None, request: gr.Request) -> list[Any]:
        return page.vote(winner, battle, request)

    return cast


def serve_app(arena: Arena, salt: bytes, title: str = "Arena") -> Any:
    """The whole web application (FastAPI): the arena at ``/``, ``/leaderboard`` as a page and ``/leaderboard.json``."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.middleware("http")
    async def only_from_here(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        return response

    @app.get("/leaderboard", response_class=HTMLResponse)
    def page() -> str:
        return board_page(arena.leaderboard(), title)

    @app.get("/leaderboard.json")
    def values() -> Any:
        return JSONResponse(arena.leaderboard().values())

    script, style = ((HERE / name).read_text(encoding="utf-8") for name in ("arena.js", "arena.css"))
    system = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
    theme = gr.themes.Base(
        primary_hue="blue",
        neutral_hue="slate",
        font=system,
        font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
    )
    return gr.mount_gradio_app(
        app, build(arena, salt, title), "/", footer_links=[], ssr_mode=False, max_file_size="12mb", show_error=False,
        theme=theme, css=css() + style, head=f"<script>{script}</script>",
    )  # fmt: skip


def run(
    arena: Arena, salt: bytes, *, host: str = "127.0.0.1", port: int = 7860, title: str = "Arena", ready: Any = None
) -> None:
    """Serve until interrupted. ``ready(url)`` is called once the port is bound."""

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if ready is not None and self.started:
                ready(f"http://{host}:{self.servers[0].sockets[0].getsockname()[1]}")

    config = uvicorn.Config(
        serve_app(arena, salt, title), host=host, port=port, log_level="warning", timeout_graceful_shutdown=2
    )
    try:
        Server(config).run()
    finally:
        arena.close()
