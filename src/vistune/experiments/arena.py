"""Arenas from the command line: who plays, on what, where the votes are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vistune.core.errors import ConfigError, DataError, MissingExtra
from vistune.core.files import write_json, write_text
from vistune.experiments.compare import short_names
from vistune.experiments.specs import parse_spec, run_title, ways_of_decoding

if TYPE_CHECKING:
    from vistune.data.example import Example
    from vistune.evaluation.arena.game import Arena
    from vistune.evaluation.arena.leaderboard import Leaderboard
    from vistune.evaluation.arena.players import Player

DATABASE = "runs/arena/votes.db"


@dataclass(slots=True)
class Setting:
    """What an arena is made of, as typed: models or files of answers, methods, and where questions come from."""

    models: list[str]
    methods: list[str] = field(default_factory=list)
    benchmark: str | None = None
    questions: Path | None = None
    own_only: bool = False
    max_new_tokens: int = 128
    pairing: str = "least"
    limits: list[str] = field(default_factory=list)
    seed: int | None = None


def make_arena(setting: Setting, database: str) -> Arena:
    """Load the players and open the votes. Raises ``ConfigError`` or ``DataError`` where something does not fit."""
    from vistune.evaluation.arena.game import Arena
    from vistune.evaluation.arena.limits import Limits
    from vistune.evaluation.arena.matches import SetQuestions, WorldQuestions
    from vistune.evaluation.arena.store import ArenaStore

    players, recorded = _players(setting)
    store = ArenaStore(database)
    questions: Any = None
    if not setting.own_only:
        examples = _examples(setting, recorded)
        questions = WorldQuestions() if examples is None else SetQuestions(examples)
    limits = Limits.from_values({}, setting.limits)
    return Arena(players, questions, store, limits=limits, pairing=setting.pairing, seed=setting.seed)  # type: ignore[arg-type]


def _players(setting: Setting) -> tuple[list[Player], list[Example]]:
    """A player for each model and way of decoding, and for each file of answers; and the questions that files bring."""
    from vistune.evaluation.arena.players import ModelPlayer, RecordedPlayer, read_answers
    from vistune.models.loading import load_model

    files = [name for name in setting.models if name.endswith(".jsonl")]
    models = [name for name in setting.models if not name.endswith(".jsonl")]
    players: list[Player] = []
    asked: dict[str, Example] = {}
    names = short_names(models) if models else {}
    for name, short in names.items():
        model = load_model(name)
        for way, decoding in ways_of_decoding(setting.methods, max_new_tokens=setting.max_new_tokens).items():
            players.append(ModelPlayer(run_title(short, way), model, decoding.settings, decoding.method))
    for path, short in _file_names(files).items():
        record = read_answers(Path(path))
        players.append(RecordedPlayer(short, record.answers))
        asked |= {example.id: example for example in record.questions}
    return players, list(asked.values())


def _file_names(files: Sequence[str]) -> dict[str, str]:
    """``runs/eval/a/pope.jsonl`` and ``runs/eval/b/pope.jsonl`` -> ``a`` and ``b``; else the names that tell them apart."""
    if not files:
        return {}
    folders = [Path(name).absolute().parent.name for name in files]
    if len(set(folders)) == len(files) > 1 and len({Path(name).name for name in files}) == 1:
        return dict(zip(files, folders))
    return {name: short.removesuffix(".jsonl") for name, short in short_names(list(files)).items()}


def _examples(setting: Setting, recorded: list[Example]) -> list[Example] | None:
    """The questions of a benchmark, a data set or the files of answers; None: new scenes without end."""
    from vistune.data.example import as_question

    if setting.benchmark is not None and setting.questions is not None:
        raise ConfigError("Questions come from --benchmark or from --questions, not from both.")
    if setting.benchmark is not None:
        from vistune.evaluation.benchmarks import BENCHMARKS

        return list(BENCHMARKS.build(parse_spec(setting.benchmark)).examples())
    if setting.questions is not None:
        from vistune.data.formats import read

        return [as_question(example) for example in read(setting.questions)]
    only_files = all(name.endswith(".jsonl") for name in setting.models)
    if recorded or only_files:
        if not recorded:
            raise DataError(
                "The files of answers do not tell their questions: give --benchmark or --questions, or add the key 'question'."
            )
        return recorded
    return None


def serve(setting: Setting, database: str, *, host: str, port: int, title: str, salt: Path | None, ready: Any) -> None:
    """Run an arena's page until interrupted. Raises ``MissingExtra`` without Gradio."""
    try:
        import gradio  # noqa: F401
    except ImportError as error:
        raise MissingExtra("gradio", "arena", "The arena's page") from error
    from vistune.evaluation.arena.app import run
    from vistune.evaluation.arena.limits import read_salt

    arena = make_arena(setting, database)
    beside = Path(DATABASE).parent if "://" in database else Path(database).absolute().parent
    run(arena, read_salt(salt or beside / "salt"), host=host, port=port, title=title, ready=ready)


def board_of(database: str, *, anchor: str | None = None, resamples: int = 200, all_votes: bool = False) -> Leaderboard:
    """The leaderboard of the votes in ``database``. ``anchor``: ``NAME=RATING``."""
    from vistune.evaluation.arena.leaderboard import leaderboard
    from vistune.evaluation.arena.store import ArenaStore

    fixed = None
    if anchor is not None:
        name, equals, rating = anchor.rpartition("=")
        try:
            fixed = (name, float(rating))
        except ValueError:
            equals = ""
        if not equals:
            raise ConfigError(f"--anchor is NAME=RATING, such as nano-vlm=1000, not '{anchor}'.")
    store = ArenaStore(database, create=False)
    try:
        return leaderboard(list(store.voted()), anchor=fixed, resamples=resamples, all_votes=all_votes)
    finally:
        store.close()


def board_table(board: Leaderboard) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Columns and rows for the terminal."""

    def told(span: Any) -> str:
        return "-" if span is None else f"{span[0]:.0f} [{span[1]:.0f}, {span[2]:.0f}]"

    rows = [
        (r.rank or "-", r.name, told(r.rating), told(r.fair), told(r.elo), r.votes, r.wins, r.ties, r.losses)
        for r in board.rows
    ]
    return ("rank", "model", "rating [95%]", "at equal style", "Elo", "votes", "won", "tied", "lost"), rows


def write_board(board: Leaderboard, folder: Path, title: str) -> list[Path]:
    """Write ``leaderboard.html``, ``.json`` and ``.csv`` and ``pairs.csv``. -> the files."""
    from vistune.evaluation.arena.leaderboard import as_csv, pairs_csv
    from vistune.evaluation.arena.page import board_page

    page, values, table, pairs = (
        folder / name for name in ("leaderboard.html", "leaderboard.json", "leaderboard.csv", "pairs.csv")
    )
    write_text(page, board_page(board, title))
    write_json(values, board.values())
    write_text(table, as_csv(board))
    write_text(pairs, pairs_csv(board))
    return [page, values, table, pairs]


def export_votes(database: str, out: Path, format: str, *, counted_only: bool = False) -> int:
    """Write all battles that have a vote, in the order of the votes. -> how many."""
    from vistune.evaluation.arena.export import write_votes
    from vistune.evaluation.arena.store import ArenaStore

    store = ArenaStore(database, create=False)
    try:
        return write_votes(store.voted(), out, format, counted_only=counted_only)
    finally:
        store.close()


def simulate(database: str, strengths: list[str], votes: int, *, ties: float, voters: int, seed: int) -> int:
    """Write simulated votes between models given as ``NAME=RATING``. -> how many."""
    from vistune.evaluation.arena.simulate import simulate_votes
    from vistune.evaluation.arena.store import ArenaStore

    known: dict[str, float] = {}
    for text in strengths:
        name, equals, rating = text.rpartition("=")
        try:
            known[name] = float(rating)
        except ValueError:
            equals = ""
        if not equals or not name:
            raise ConfigError(f"A simulated model is NAME=RATING, such as strong=1100, not '{text}'.")
    store = ArenaStore(database)
    try:
        return simulate_votes(store, known, votes, ties=ties, voters=voters, seed=seed)
    finally:
        store.close()
