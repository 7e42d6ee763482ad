"""An arena without its page: begin a battle, answer, vote. The web page, tests and other front ends call this."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from vistune.core.errors import ConfigError, DataError
from vistune.data.example import Example
from vistune.evaluation.arena.leaderboard import Leaderboard, leaderboard
from vistune.evaluation.arena.limits import DAY, MINUTE, Limits
from vistune.evaluation.arena.matches import Pairing, Question, Questions, draw_match, pair_weights
from vistune.evaluation.arena.players import Answering, AnsweringDesk, Player
from vistune.evaluation.arena.store import ArenaStore, StoredBattle, StoredVote, VoteRefusedError, new_id

WINNERS = ("a", "b", "tie", "bad")


@dataclass(frozen=True, slots=True)
class Battle:
    """What a person sees before voting: no names."""

    id: str
    question: Question
    answering: Answering


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a person sees after voting."""

    a: str
    b: str
    winner: str
    flags: tuple[str, ...]


class Arena:
    """Players, questions, limits and a store.

    Raises ``ConfigError`` for fewer than two players, equal names, or an unknown pairing.
    """

    def __init__(
        self,
        players: Sequence[Player],
        questions: Questions | None,
        store: ArenaStore,
        *,
        limits: Limits | None = None,
        pairing: Pairing = "least",
        seed: int | None = None,
    ) -> None:
        names = [player.name for player in players]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ConfigError(f"Two players are called '{twice[0]}': their votes would mix.")
        if len(names) < 2:
            raise ConfigError(
                "A battle needs two players: name another model, a file of answers, or a method with --compare."
            )
        pair_weights(names, {}, pairing)  # an unknown way is told now
        self.players = {player.name: player for player in players}
        self.questions, self.store, self.limits = questions, store, limits or Limits()
        self.pairing: Pairing = pairing
        self._rng, self._desk = random.Random(seed), AnsweringDesk()
        self._lock = threading.Lock()
        self._board: tuple[tuple[int, float], Leaderboard | None] = ((-1, 0.0), None)

    @property
    def takes_own_questions(self) -> bool:
        """May a person type a question? Only where at least two players answer live."""
        return len(self._live()) >= 2

    def begin(self, voter: str, now: float | None = None) -> Battle:
        """The next battle of ``voter`` on a question of the arena.

        Raises ``VoteRefusedError`` where the voter must wait, or has voted on every question.
        """
        moment = self._may_begin(voter, now)
        if self.questions is None:
            raise VoteRefusedError("This arena has no questions of its own: ask one.")
        claimed = self.store.claims(voter)

        def free(key: str, a: str, b: str) -> bool:
            return self.limits.claim(voter, key, a, b, "") not in claimed

        def knows(name: str, example: Example) -> bool:
            return self.players[name].knows(example)

        counts = self.store.pair_counts()
        with self._lock:
            match = draw_match(
                list(self.players), self.questions, counts, self._rng, pairing=self.pairing, free=free, knows=knows
            )
        if match is None:
            raise VoteRefusedError("You have voted on every question there is. Thank you!")
        return self._start(voter, *match, moment)

    def ask(self, voter: str, question: Question, now: float | None = None) -> Battle:
        """A battle on a person's own question, between two players that answer live."""
        if not self.takes_own_questions:
            raise VoteRefusedError("This arena shows answers on record: it cannot be asked.")
        moment = self._may_begin(voter, now)
        counts = self.store.pair_counts()
        with self._lock:
            match = draw_match(self._live(), _One(question), counts, self._rng, pairing=self.pairing)
        assert match is not None  # live players know every example
        return self._start(voter, *match, moment)

    def vote(self, battle: str, winner: str, voter: str, now: float | None = None) -> Outcome:
        """Vote ``a``, ``b``, ``tie`` or ``bad``, and learn who they were.

        Raises ``DataError`` for another word, and ``VoteRefusedError`` where the vote is not taken (see ``Limits``).
        """
        if winner not in WINNERS:
            raise DataError(f"A vote is one of {', '.join(WINNERS)}, not '{winner}'.")
        moment = time.time() if now is None else now
        found = self.store.battle(battle)
        if found.voter != voter:
            raise VoteRefusedError("This battle was shown to somebody else. Begin the next one.")
        if self.store.vote_of(battle) is not None:
            raise VoteRefusedError("You have voted on this battle. Begin the next one.")
        self.limits.check_rate(self.store.votes_since(voter, moment - DAY), moment)
        flags = self.limits.flags(found, winner, moment)
        claim = self.limits.claim(voter, found.question_key, found.a, found.b, battle)
        kept = self.store.add_vote(StoredVote(battle, moment, voter, winner, flags), claim)
        return Outcome(found.a, found.b, winner, kept.flags)

    def leaderboard(self) -> Leaderboard:
        """The ratings of now; made anew only where there are new votes."""
        stamp = self.store.stamp()
        known, board = self._board
        if board is None or known != stamp:
            board = leaderboard(list(self.store.voted()))
            self._board = (stamp, board)
        return board

    def close(self) -> None:
        """Stop answering and close the store."""
        self._desk.close()
        self.store.close()

    def _live(self) -> list[str]:
        return [name for name, player in self.players.items() if player.live]

    def _may_begin(self, voter: str, now: float | None) -> float:
        moment = time.time() if now is None else now
        self.limits.check_battles(self.store.battles_since(voter, moment - MINUTE), moment)
        return moment

    def _start(self, voter: str, a: str, b: str, question: Question, moment: float) -> Battle:
        identity = new_id()
        self.store.add_battle(
            StoredBattle(
                identity, moment, None, voter, question.source, question.example.id[:200], question.key, question.text,
                a, b, "", "", False,
            )
        )  # fmt: skip

        def keep(answering: Answering) -> None:
            self.store.answered(identity, *answering.texts, same=answering.same)

        answering = self._desk.submit(question.example, self.players[a], self.players[b], keep)
        return Battle(identity, question, answering)


class _One:
    """A single question as a source."""

    def __init__(self, question: Question) -> None:
        self.question = question

    def draw(self, rng: random.Random, fits: object) -> Question:
        """That question."""
        return self.question
