"""Guides of dialogues that hang on what the model says: a game that it plays, a bargain, a drawing that it changes.

What happened is worked out anew from all answers, so that a guide keeps nothing and equal answers meet equal turns. After the
tasks self-player, negotiator and genetic programmer of arXiv 2312.12383; rules, checks and figures are our own.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from vistune.data.example import ImageSource
from vistune.evaluation.benchmarks.dialogues import CELLS, Dialogue, Turn, board_picture, named, winner
from vistune.world.scene import Scene

#: Measure -> the two counts of a dialogue that it is the ratio of.
OUTCOMES = {
    "game": ("points", "best_points"), "agreement": ("agreed", "deals"), "surplus": ("surplus", "best_surplus"),
    "closeness": ("nearer", "most_nearer"),
}  # fmt: skip


class Guide(Protocol):
    """What is said next, and what came of it."""

    def turn(self, said: Sequence[str]) -> Turn | None:
        """The turn after the answers ``said``; None where the dialogue is over."""
        ...

    def outcome(self, said: Sequence[str]) -> dict[str, float]:
        """Counts of ``OUTCOMES`` after a whole dialogue."""
        ...


@dataclass(frozen=True)
class Script:
    """Turns that do not hang on the answers."""

    turns: Dialogue

    def turn(self, said: Sequence[str]) -> Turn | None:
        """The next one."""
        return self.turns[len(said)] if len(said) < len(self.turns) else None

    def outcome(self, said: Sequence[str]) -> dict[str, float]:
        """Nothing but right and wrong turns."""
        return {}


def turns_taken(guide: Guide, said: Sequence[str]) -> list[Turn]:
    """The turns that the answers were given to."""
    taken: list[Turn] = []
    while len(taken) < len(said) and (turn := guide.turn(said[: len(taken)])) is not None:
        taken.append(turn)
    return taken


def best_run(guide: Guide) -> Dialogue:
    """The turns of somebody who is always right."""
    taken: list[Turn] = []
    while (turn := guide.turn([t.best for t in taken])) is not None:
        taken.append(turn)
    return tuple(taken)


# -- noughts and crosses, played by the model ----------------------------------------------------------------------------

Board = tuple[str, ...]
_POINTS = {"x": 1.0, "": 0.5, "o": 0.0}


def _with(board: Board, cell: int, mark: str) -> Board:
    return (*board[:cell], mark, *board[cell + 1 :])


def _free(board: Board) -> list[int]:
    return [cell for cell in range(9) if not board[cell]]


def _over(board: Board) -> bool:
    return bool(winner(board)) or not _free(board)


@lru_cache(maxsize=1 << 16)
def nought_reply(board: Board, seed: int) -> Board:
    """Nought's move: wins, else keeps cross from winning, else any free cell by ``seed`` and board."""
    if _over(board):
        return board
    for mark in "ox":
        for cell in _free(board):
            if winner(_with(board, cell, mark)) == mark:
                return _with(board, cell, "o")
    return _with(board, random.Random(f"nought/{seed}/{board}").choice(_free(board)), "o")


@lru_cache(maxsize=1 << 16)
def attainable(board: Board, seed: int) -> float:
    """Most points that cross can still get against ``nought_reply``: 1 a win, one half a draw."""
    if _over(board):
        return _POINTS[winner(board)]
    return max(attainable(nought_reply(_with(board, cell, "x"), seed), seed) for cell in _free(board))


@dataclass(frozen=True)
class Play:
    """The model plays cross on a board that is drawn anew each turn, says who won, and how it began.

    A move counts as right where it names one cell, and that cell is free; for a wrong one the first free cell is taken. ``points``
    are 1 for a win and one half for a draw, 0 where any move was wrong, beside the most that could be had.
    """

    seed: int
    start: Board
    size: int

    def turn(self, said: Sequence[str]) -> Turn | None:
        """A move; after the end who won, then the first cell."""
        board, moves, refused = self._played(said)
        if not _over(board):
            return self._move(board, refused, first=not said)
        asked = len(said) - len(moves)
        if asked == 0:
            names = ("cross", "nought", "nobody")
            won = {"x": "cross", "o": "nought", "": "nobody"}[winner(board)]
            text = "the game is over. who won: cross, nought or nobody?"
            shown = (board_picture(board, self.size),)
            return Turn(text, (won,), pictures=shown, refused=tuple(name for name in names if name != won))
        if asked > 1:
            return None
        cells = tuple(name for k, name in enumerate(CELLS) if k != moves[0])
        return Turn("which cell did you take first?", (CELLS[moves[0]],), "recall", delta=len(said), refused=cells)

    def outcome(self, said: Sequence[str]) -> dict[str, float]:
        """Points had, and to be had."""
        board, moves, _ = self._played(said)
        legal = all(turn.right(answer) for turn, answer in zip(turns_taken(self, said), said[: len(moves)]))
        return {
            "points": _POINTS[winner(board)] if legal and _over(board) else 0.0,
            "best_points": attainable(self.start, self.seed),
        }

    def _move(self, board: Board, refused: bool, first: bool) -> Turn:
        best = sorted(
            _free(board), key=lambda c: (-attainable(nought_reply(_with(board, c, "x"), self.seed), self.seed), c)
        )
        opening = "noughts and crosses: you are cross. " if first else "nought has moved. "
        if refused:
            opening = "that was no free cell, so another one was taken for you. "
        return Turn(
            f"{opening}name the one free cell that you take, such as {CELLS[0]} or {CELLS[4]}.",
            tuple(CELLS[c] for c in best), pictures=(board_picture(board, self.size),),
            refused=tuple(CELLS[c] for c in range(9) if board[c]), one_of=True,
        )  # fmt: skip

    def _played(self, said: Sequence[str]) -> tuple[Board, list[int], bool]:
        """The board after the moves among the answers, cross's cells, and whether the last one was refused."""
        board, moves, refused = self.start, [], False
        for answer in said:
            if _over(board):
                break
            cells = [CELLS.index(name) for name in named(answer, CELLS)]
            refused = len(cells) != 1 or bool(board[cells[0]])
            moves.append(_free(board)[0] if refused else cells[0])
            board = nought_reply(_with(board, moves[-1], "x"), self.seed)
        return board, moves, refused


def play(scene: Scene, rng: random.Random, picture: ImageSource) -> Play | None:
    """A game from a board with one cross and one nought; None where no game can be had from it."""
    cross, nought = rng.sample(range(9), 2)
    start = _with(_with(("",) * 9, cross, "x"), nought, "o")
    return Play(scene.seed, start, picture.open().size[0]) if attainable(start, scene.seed) > 0 else None
