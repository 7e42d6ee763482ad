"""Chat templates as layouts: which characters of a rendered conversation belong to which turn, and which are learned.

A Hugging Face chat template is a program; rendering it for each sample is slow, and its output says nothing about where
an answer starts. So a conversation's *structure* (roles, and where pictures and texts stand) is rendered once with
sentinels in place of the texts, the result is cut into literals and slots, probed against true renderings with awkward
texts, and kept. Samples are then assembled from the literals and their own texts. Where a template looks into a text
(strips it, searches it for a mark) and the layout cannot follow, the sample is rendered for real.

Where a turn begins and an answer starts is found by rendering prefixes of the conversation, with and without the
generation prompt; no ``{% generation %}`` tag is needed. A template that ends no answer gets the tokenizer's end token
after each, so that a model can learn to stop.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from jinja2 import TemplateError

from vistune.core.errors import DataError, ModelError

#: Unicode noncharacters, never part of a text: they bracket sentinels and stand-ins of control tokens.
SLOT, SLOT_END, CONTROL, CONTROL_END, SHIELD, SHIELD_END = "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5"
_NONCHARACTER = re.compile("[\ufdd0-\ufddf]")
_SENTINEL = re.compile(f"{SLOT}([ti])(\\d+){SLOT_END}")
_LIST_SHOWN = re.compile(r"""['"]type['"]\s*:""")

#: String constants that a template looks for in a text: ``'x' in content``, ``content.split('x')``.
_STRING = r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_SEARCHED = re.compile(rf"{_STRING}\s+(?:not\s+)?in\b|\.(?:r?split|startswith|endswith|r?find|replace)\(\s*{_STRING}")

#: Ways in which templates treat the ends of a text.
_MODES: dict[str, Callable[[str], str]] = {
    "as_is": lambda text: text,
    "strip": str.strip,
    "lstrip": str.lstrip,
    "rstrip": str.rstrip,
}
#: Texts whose ends tell these ways apart.
_AWKWARD = (" \n p  q \n ", "\n p  q\n", "\n\n p\n\n")
_RENDER_ERRORS = (TemplateError, TypeError, KeyError, IndexError, AttributeError, ValueError)

#: Content styles that templates take: lists of parts for all, for users only, or plain strings; pictures as parts or
#: written into the text. Tried in this order; the first that shows every text once, pictures in place, is taken.
STYLES = ("parts", "user_parts", "strings", "inline_parts")


@dataclass(slots=True)
class Turn:
    """One message, flattened: its pieces in order are texts (``str``) and pictures (``int``, index in the example)."""

    role: str
    pieces: list[str | int]
    learn: bool = True


@dataclass(slots=True)
class Rendered:
    """A conversation as pieces of text whose concatenation is tokenised.

    ``turn``, ``answer`` and ``slot`` (number of the text, -1 for the template's own words) are per piece.
    """

    pieces: list[str]
    turn: list[int]
    answer: list[bool]
    slot: list[int]


@dataclass(slots=True)
class Layout:
    """What a template makes of one structure. ``modes`` None: the sample must be rendered for real."""

    style: str
    rendered: Rendered
    modes: list[str] | None
    empty_ok: bool = False
    harmful: re.Pattern[str] | None = None
    places: list[int] = field(default_factory=list)

    def fits(self, texts: Sequence[str]) -> bool:
        """The layout is known to be true for these texts."""
        if self.modes is None:
            return False
        if not self.empty_ok and not all(text and not text.isspace() for text in texts):
            return False
        return self.harmful is None or not any(self.harmful.search(text) for text in texts)

    def fill(self, texts: Sequence[str]) -> Rendered:
        """The pieces with the texts in their slots."""
        pieces = self.rendered.pieces.copy()
        for place, text, mode in zip(self.places, texts, self.modes or ()):
            pieces[place] = text if mode == "as_is" else _MODES[mode](text)
        return Rendered(pieces, self.rendered.turn, self.rendered.answer, self.rendered.slot)


class ChatLayout:
    """Renders conversations by ``render(messages, add_generation_prompt)`` and cuts them.

    ``controls`` are the tokens that only the template may use (end marks, role marks, the picture placeholder). In the
    pieces each stands as a marker (``marker``), so that the same characters in a user's text stay plain text.
    """

    def __init__(
        self,
        render: Callable[[list[dict[str, Any]], bool], str],
        template: str,
        controls: Sequence[str],
        image_token: str,
        end_token: str | None,
    ) -> None:
        self._render = render
        self._end_token = end_token
        self._image_token = image_token
        self._numbers = {token: number for number, token in enumerate(controls)}
        longest_first = sorted(controls, key=len, reverse=True)
        self._control = re.compile("|".join(map(re.escape, longest_first)))
        self._triggers = sorted({ast.literal_eval(a or b) for a, b in _SEARCHED.findall(template)} - {""})
        self._layouts: dict[tuple[bool, tuple[str, ...]], Layout] = {}

    def marker(self, token: str) -> str:
        """What stands for a control token in the pieces."""
        return f"{CONTROL}{self._numbers[token]}{CONTROL_END}"

    def render(self, turns: list[Turn], *, prompt: bool = False) -> Rendered:
        """The pieces of a conversation; ``prompt`` adds the words that open an answer. Raises ``DataError``."""
        key = (prompt, tuple([turn.role[0] + "".join(["ti"[type(p) is int] for p in turn.pieces]) for turn in turns]))
        texts = [piece for turn in turns for piece in turn.pieces if type(piece) is str]
        if any(_NONCHARACTER.search(text) for text in texts):
            raise DataError("a text holds Unicode noncharacters (U+FDD0..U+FDDF), which stand for no character.")
        layout = self._layouts.get(key)
        if layout is None:
            if len(self._layouts) >= 512:
                self._layouts.clear()
            layout = self._layouts[key] = self._build(turns, prompt)
        return layout.fill(texts) if layout.fits(texts) else self._render_truly(turns, prompt, layout.style)

    # -- building a layout ---------------------------------------------------------------------------------------------

    def _build(self, turns: list[Turn], prompt: bool) -> Layout:
        """Find the content style that the template takes, cut its rendering and probe it."""
        blank = _numbered(turns)
        wanted = _SENTINEL.findall("".join(_inline(turn.pieces) for turn in blank))
        problem = "it shows no text or loses pictures"
        for style in STYLES:
            try:
                full = self._render(self._messages(blank, style), prompt)
            except _RENDER_ERRORS as error:
                problem = str(error) or type(error).__name__
                continue
            full = self._name_images(full) if style.endswith("parts") and style != "inline_parts" else full
            if _SENTINEL.findall(full) == wanted and not _LIST_SHOWN.search(_SENTINEL.sub("", full)):
                rendered = self._cut(full, blank, prompt, style)
                return self._probe(Layout(style, rendered, None), turns, prompt)
        order = ", ".join(turn.role for turn in turns)
        raise DataError(f"the chat template does not take a conversation of {order}: {problem}.")

    def _name_images(self, text: str) -> str:
        """Number the picture placeholders that the template wrote."""
        parts = text.split(self._image_token)
        return parts[0] + "".join(f"{SLOT}i{number}{SLOT_END}{part}" for number, part in enumerate(parts[1:]))

    def _messages(self, turns: list[Turn], style: str) -> list[dict[str, Any]]:
        return [{"role": turn.role, "content": self._content(turn, style)} for turn in turns]

    def _content(self, turn: Turn, style: str) -> str | list[dict[str, str]]:
        if style == "strings" or (style == "user_parts" and turn.role != "user"):
            return _inline(turn.pieces)
        if style == "inline_parts":
            return [{"type": "text", "text": _inline(turn.pieces)}]
        return [{"type": "image"} if isinstance(p, int) else {"type": "text", "text": p} for p in turn.pieces]

    def _cut(self, full: str, turns: list[Turn], prompt: bool, style: str) -> Rendered:
        """Cut a rendering (with sentinels) at turns, answers and slots."""
        starts, answers = self._bounds(full, turns, style)
        if prompt:  # the words that open an answer belong to the turn that is to come
            starts.append(self._length(turns, style, False, full, _text_spans(full, turns)[-1][1]))
        limits = [*starts[1:], len(full)]
        cuts, spans, open_ends = {0, len(full), *starts}, [], []
        for number, answer in answers.items():
            stop, closed = self._answer_end(full, answer, limits[number])
            spans.append((answer, stop))
            open_ends += [] if closed else [stop]
            cuts |= {answer, stop}
        for sentinel in _SENTINEL.finditer(full):
            cuts |= set(sentinel.span())
        out, places = Rendered([], [], [], []), sorted(cuts)
        for start, stop in pairwise(places):
            turn = max(sum(place <= start for place in starts) - 1, 0)
            self._add(out, full[start:stop], turn, any(a <= start < b for a, b in spans))
            if stop in open_ends and self._end_token is not None:
                self._add(out, self._end_token, turn, True)
        return out

    def _add(self, out: Rendered, text: str, turn: int, answer: bool) -> None:
        sentinel = _SENTINEL.fullmatch(text)
        slot = int(sentinel[2]) if sentinel and sentinel[1] == "t" else -1
        if sentinel and sentinel[1] == "i":
            text = self.marker(self._image_token)
        elif sentinel is None:
            text = self._unshield(self._control.sub(lambda m: self.marker(m[0]), text))
        out.pieces.append(text)
        out.turn.append(turn)
        out.answer.append(answer)
        out.slot.append(slot)

    def _bounds(self, full: str, turns: list[Turn], style: str) -> tuple[list[int], dict[int, int]]:
        """First character of each turn, and of each assistant's answer (what a model must write itself)."""
        spans = _text_spans(full, turns)
        starts, answers = [0], {}
        for number, turn in enumerate(turns):
            first, _ = spans[number]
            if number:
                least = spans[number - 1][1]
                place = self._length(turns[:number], style, False, full, self._after_mark(full, least, first))
                starts.append(min(max(place, least), first))
            if turn.role == "assistant":
                place = self._length(turns[:number], style, True, full, first)
                answers[number] = min(max(place, starts[number]), first)
        return starts, answers

    def _length(self, turns: list[Turn], style: str, prompt: bool, full: str, otherwise: int) -> int:
        """Length of the rendering of ``turns`` where it is a prefix of ``full``, else ``otherwise``."""
        try:
            text = self._render(self._messages(turns, style), prompt)
        except _RENDER_ERRORS:
            return otherwise
        if style in ("parts", "user_parts"):
            text = self._name_images(text)
        return len(text) if text and full.startswith(text) else otherwise

    def _after_mark(self, full: str, start: int, stop: int) -> int:
        """Guess where a turn ends for a template without prefixes: after its first control token and white space."""
        found = self._control.search(full, start, stop)
        if found is None:
            return start
        tail = full[found.end() : stop]
        return found.end() + len(tail) - len(tail.lstrip())

    def _answer_end(self, full: str, start: int, limit: int) -> tuple[int, bool]:
        """End of an answer with its end mark, and whether there is one."""
        marks = list(self._control.finditer(full, start, limit))
        end, closed = start + len(full[start:limit].rstrip()), False
        while marks and full[marks[-1].end() : end].strip() == "" and marks[-1].start() > start:
            end, closed = marks.pop().start(), True
        if closed:
            found = self._control.search(full, end, limit)
            return (found.end() if found else end), True
        return max(end, _last_text_end(full, start, limit)), False

    def _probe(self, layout: Layout, turns: list[Turn], prompt: bool) -> Layout:
        """Compare the layout with true renderings of awkward texts; what it cannot follow is left to true rendering."""
        layout.places = [n for n, slot in enumerate(layout.rendered.slot) if slot >= 0]
        plain = [f"w{number}" for number in range(len(layout.places))]
        modes: list[str] = []
        for number in range(len(plain)):
            rest = ["as_is"] * (len(plain) - number - 1)
            awkward = [[*plain[:number], text, *plain[number + 1 :]] for text in _AWKWARD]
            for mode in _MODES:
                layout.modes = [*modes, mode, *rest]
                if all(self._same(layout, turns, texts, prompt) for texts in awkward):
                    modes.append(mode)
                    break
            else:
                layout.modes = None
                return layout
        layout.modes = modes

        def same(text: str) -> bool:
            return self._same(layout, turns, [text] * len(plain), prompt)

        layout.empty_ok = same("")
        harmful = [t for t in self._triggers if not (same(f"{t} y") and same(f"y {t}") and same(f"y{t}y"))]
        layout.harmful = re.compile("|".join(map(re.escape, harmful))) if harmful else None
        return layout

    def _same(self, layout: Layout, turns: list[Turn], texts: list[str], prompt: bool) -> bool:
        return self._shown(layout.fill(texts)) == self._truth(turns, texts, prompt, layout.style)

    def _shown(self, rendered: Rendered) -> str:
        """Pieces as the template would write them, without end marks that were added here."""
        tokens = list(self._numbers)
        text = re.sub(f"{CONTROL}(\\d+){CONTROL_END}", lambda m: tokens[int(m[1])], "".join(rendered.pieces))
        return text if self._end_token is None else text.replace(self._end_token, "")

    def _truth(self, turns: list[Turn], texts: list[str], prompt: bool, style: str) -> str | None:
        try:
            full = self._render(self._messages(_with_texts(turns, texts), style), prompt)
        except _RENDER_ERRORS:
            return None
        full = re.sub(f"{SLOT}i\\d+{SLOT_END}", lambda _: self._image_token, full)
        return full if self._end_token is None else full.replace(self._end_token, "")

    # -- rendering for real --------------------------------------------------------------------------------------------

    def _render_truly(self, turns: list[Turn], prompt: bool, style: str) -> Rendered:
        """Render this sample itself. Control tokens within texts are shielded, so that they stay text."""
        shielded = [
            Turn(t.role, [p if isinstance(p, int) else self._shield(p) for p in t.pieces], t.learn) for t in turns
        ]
        try:
            full = self._render(self._messages(shielded, style), prompt)
        except _RENDER_ERRORS as error:
            raise DataError(f"the chat template refuses the conversation: {error}.") from error
        if style in ("parts", "user_parts"):
            full = self._name_images(full)
        if len(_SENTINEL.findall(full)) != sum(isinstance(p, int) for t in turns for p in t.pieces):
            raise DataError("the chat template loses pictures of this conversation.")
        return self._cut(full, shielded, prompt, style)

    def _shield(self, text: str) -> str:
        return self._control.sub(lambda m: f"{SHIELD}{self._numbers[m[0]]}{SHIELD_END}", text)

    def _unshield(self, text: str) -> str:
        tokens = list(self._numbers)
        return re.sub(f"{SHIELD}(\\d+){SHIELD_END}", lambda m: tokens[int(m[1])], text)


def _numbered(turns: list[Turn]) -> list[Turn]:
    """The structure with sentinels as texts, and pictures numbered in order."""
    texts, images, out = 0, 0, []
    for turn in turns:
        pieces: list[str | int] = []
        for piece in turn.pieces:
            if isinstance(piece, int):
                pieces.append(images)
                images += 1
            else:
                pieces.append(f"{SLOT}t{texts}{SLOT_END}")
                texts += 1
        out.append(Turn(turn.role, pieces, turn.learn))
    return out


def _with_texts(turns: list[Turn], texts: list[str]) -> list[Turn]:
    rest = iter(texts)
    return [Turn(t.role, [p if isinstance(p, int) else next(rest) for p in t.pieces], t.learn) for t in turns]


def _inline(pieces: Sequence[str | int]) -> str:
    """Pictures written into the text; a picture before a text that begins a line stands on a line of its own."""
    out = ""
    for place, piece in enumerate(pieces):
        if isinstance(piece, str):
            out += piece
            continue
        leading = all(isinstance(before, int) for before in pieces[:place])
        out += f"{SLOT}i{piece}{SLOT_END}" + ("\n" if leading and place + 1 < len(pieces) else "")
    return out


def _text_spans(full: str, turns: list[Turn]) -> list[tuple[int, int]]:
    """First and last character of each turn's own pieces in a rendering. Raises ``DataError`` if not found."""
    spans, cursor = [], 0
    for turn in turns:
        first: int | None = None
        for piece in turn.pieces:
            found = _SENTINEL.search(full, cursor) if isinstance(piece, int) else None
            text = found[0] if found else "" if isinstance(piece, int) else piece.strip()
            place = full.find(text, cursor)
            if place < 0:
                raise DataError("the chat template alters a text in a way that labels cannot follow.")
            first, cursor = place if first is None else first, place + len(text)
        spans.append((cursor if first is None else first, cursor))
    return spans


def _last_text_end(full: str, start: int, limit: int) -> int:
    """End of the last sentinel in ``full[start:limit]``: an answer is not cut within its own white space."""
    return max((m.end() for m in _SENTINEL.finditer(full, start, limit)), default=start)


def check_fast(tokenizer: Any) -> None:
    """Raises ``ModelError`` for a tokenizer without a Rust backend, whose tokens have no character spans."""
    if getattr(tokenizer, "backend_tokenizer", None) is None:
        raise ModelError(
            f"{type(tokenizer).__name__} is a slow tokenizer; labels need character spans. Convert it to a fast one: "
            "AutoTokenizer.from_pretrained(folder, use_fast=True).save_pretrained(folder)."
        )
