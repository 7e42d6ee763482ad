"""From votes in a data base to the leaderboard, its page and its files."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from arena_helpers import stored
from typer.testing import CliRunner

from vistune.cli.main import app
from vistune.core.errors import ConfigError
from vistune.evaluation.arena.export import write_votes
from vistune.evaluation.arena.leaderboard import Leaderboard, as_battle, as_csv, leaderboard, pairs_csv
from vistune.evaluation.arena.page import board_html, board_page, interval_plot
from vistune.evaluation.arena.simulate import simulate_votes
from vistune.evaluation.arena.store import ArenaStore, StoredVote
from vistune.evaluation.arena.suspects import Voted
from vistune.evaluation.metrics.ratings import bradley_terry

TRUTH = {"oak": 1180.0, "elm": 1110.0, "ash": 1040.0, "fir": 960.0, "box": 890.0, "yew": 820.0}


def votes(*lines: str, flags: tuple[str, ...] = ()) -> list[Voted]:
    """``x y a``: x on side A against y, A won. Answers of x are long, of y short."""
    found = []
    for k, line in enumerate(lines):
        a, b, winner = line.split()
        said = {name: "word " * (9 if name == "x" else 2) for name in (a, b)}
        battle = stored(voter=f"v{k % 3}", a=a, b=b, answer_a=said[a], answer_b=said[b])
        found.append((battle, StoredVote(battle.id, 2000.0 + k, battle.voter, winner, flags)))
    return found


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("arena") / "votes.db"
    store = ArenaStore(path)
    assert simulate_votes(store, TRUTH, 10_000, ties=0.3, voters=80, seed=4) == 10_000
    store.close()
    return path


def read_all(path: Path) -> list[Voted]:
    store = ArenaStore(path, create=False)
    found = list(store.voted())
    store.close()
    return found


def rating_of(board: Leaderboard) -> dict[str, float]:
    return {row.name: row.rating[0] for row in board.rows if row.rating}


def test_ten_thousand_votes_through_the_data_base_recover_the_order(simulated: Path) -> None:
    board = leaderboard(read_all(simulated), resamples=200)
    assert [row.name for row in board.rows] == list(TRUTH) and board.counted == 10_000
    assert [row.rank for row in board.rows] == [1, 2, 3, 4, 5, 6], "all are told apart"
    held = [row.rating[1] <= TRUTH[row.name] <= row.rating[2] for row in board.rows if row.rating]
    assert sum(held) >= 5
    by_elo = sorted(board.rows, key=lambda row: -row.elo[0])
    assert [row.name for row in by_elo] == list(TRUTH)
    assert not board.suspects and not board.left_out and board.voters == 80
    assert sum(row.votes for row in board.rows) == 20_000 and sum(map(sum, board.played)) == 20_000
    assert all(row.wins + row.ties + row.losses == row.votes for row in board.rows)


def test_rows_by_hand() -> None:
    board = leaderboard(votes("x y a", "y x a", "x y tie", "x z a", "z x bad", "y z b", "z y b"), resamples=20)
    rows = {row.name: row for row in board.rows}
    assert [(rows[n].votes, rows[n].wins, rows[n].ties, rows[n].losses) for n in "xyz"] == [
        (5, 2, 2, 1),
        (5, 2, 1, 2),
        (4, 1, 1, 2),
    ]
    assert rows["x"].score == 0.6
    order = [row.name for row in board.rows]
    x, y = order.index("x"), order.index("y")
    assert board.wins[x][y] == 1.5 == board.wins[y][x] and board.played[x][y] == 3
    assert board.times == (2000.0, 2006.0) and board.sources == {"set": 7} and board.voters == 3
    assert {row.rank for row in board.rows} == {1}, "so few votes tell nobody apart"


def test_length_is_the_only_style_that_differs() -> None:
    board = leaderboard(votes(*["x y a"] * 6, *["y x b"] * 5, *["x y b"] * 3, *["y x tie"] * 2), resamples=20)
    assert list(board.style) == ["length"] and all(row.fair for row in board.rows)
    plain = leaderboard([(stored(a="x", b="y"), StoredVote("1", 1.0, "v", w)) for w in ("a", "b")], resamples=5)
    assert plain.style == {} and all(row.fair is None for row in plain.rows)


def test_flagged_votes_are_left_out_unless_asked_for() -> None:
    found = [
        *votes("x y a", "x y b", "x y a"),
        *votes("x y b", "x y b", flags=("fast",)),
        *votes("y x a", flags=("repeat", "fast")),
    ]
    board = leaderboard(found, resamples=5)
    assert board.counted == 3 and board.left_out == {"fast": 2, "repeat": 1}
    whole = leaderboard(found, resamples=5, all_votes=True)
    assert whole.counted == 6 and whole.left_out == {} and whole.rows[0].name == "y"


def test_votes_of_suspects_are_left_out(simulated: Path) -> None:
    honest, fraud = read_all(simulated)[:1200], []
    for k in range(150):  # one voter lifts the worst model
        rival = ["oak", "elm", "ash"][k % 3]
        battle = stored(voter="bot", a="yew" if k % 2 else rival, b=rival if k % 2 else "yew")
        fraud.append((battle, StoredVote(battle.id, 9e9, "bot", "a" if k % 2 else "b")))
    mended = leaderboard(honest + fraud, resamples=5)
    assert mended.left_out == {"suspect": 150} and [one.voter for one in mended.suspects] == ["bot"]
    fooled = leaderboard(honest + fraud, resamples=5, all_votes=True)
    assert rating_of(mended) == rating_of(leaderboard(honest, resamples=5))
    assert rating_of(fooled)["yew"] > rating_of(mended)["yew"] + 100


def test_models_without_a_rating_come_last_and_move_nobody() -> None:
    known = votes(*["x y a", "y x a", "x y tie"] * 4)
    board = leaderboard([*known, *votes("new x a")], resamples=20)
    assert (
        [row.name for row in board.rows][-1] == "new" and board.rows[-1].rating is None and board.rows[-1].rank is None
    )
    alone = leaderboard(known, resamples=20)
    assert {row.name: row.rating for row in board.rows[:2]} == {row.name: row.rating for row in alone.rows}
    assert "new: no rating yet" in board_html(board)


def test_anchor() -> None:
    found = votes("x y a", "y x a", "x y a")
    board = leaderboard(found, anchor=("y", 1114.0), resamples=5)
    assert {row.name: row.rating for row in board.rows}["y"] == (1114.0,) * 3 and "y is fixed at 1114" in board_html(
        board
    )
    with pytest.raises(ConfigError, match="'w' has no battle"):
        leaderboard(found, anchor=("w", 1.0))
    with pytest.raises(ConfigError, match="no vote yet"):
        leaderboard([], anchor=("w", 1.0))


class Checker(HTMLParser):
    """Counts tags, and finds what a page would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "img", "link", "line", "circle", "path", "rect"):
            self.open.append(tag)
        self.loads += [v for k, v in attrs if k in ("src", "href", "xlink:href", "action", "data") and v]

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("line", "circle", "path", "rect"):
            assert self.open.pop() == tag


def test_the_page_is_whole_and_loads_nothing() -> None:
    board = leaderboard(votes("<b>x y a", "y <b>x a", "<b>x y tie", "y <b>x a", "y <b>x a"), resamples=20)
    page = board_page(board, title="A & B <script>")
    checked = Checker(page)
    assert not checked.open and not checked.loads and "url(" not in page and "@import" not in page
    assert "&lt;b&gt;x" in page and "<b>x" not in page and "A &amp; B &lt;script&gt;" in page
    assert page.count('<tr><td class="rank">') == 2 and "prefers-color-scheme" in page
    assert "No votes yet" in board_page(leaderboard([]))


def test_equal_ratings_have_an_axis_too() -> None:
    board = leaderboard(votes("x y tie", "y x tie"), resamples=5)
    assert [row.rating for row in board.rows] == [(1000.0,) * 3] * 2
    assert ">995<" in board_html(board) and ">1005<" in board_html(board)


def test_interval_plot_places_ratings_on_its_axis() -> None:
    board = leaderboard(votes(*["x y a", "y x a", "x y a"] * 5), resamples=50)
    plot = interval_plot(board.rows)
    ticks = [(float(x), float(t)) for x, t in re.findall(r'x="([\d.]+)%"[^>]*>(-?\d+)<', plot["axis"])]
    (x0, t0), (x1, t1) = ticks[0], ticks[-1]
    for row, drawn in zip(board.rows, plot["rows"]):
        assert row.rating
        for pattern, value in (
            (r'class="dot" cx="([\d.]+)%', 0),
            (r'class="bar" x1="([\d.]+)%', 1),
            (r'x2="([\d.]+)%" y1="15"', 2),
        ):
            place = float(re.findall(pattern, drawn)[0])
            assert t0 + (place - x0) / (x1 - x0) * (t1 - t0) == pytest.approx(row.rating[value], abs=0.5)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def check_tables(board: Leaderboard, rows: list[dict[str, str]], pairs: list[dict[str, str]]) -> None:
    assert [row["model"] for row in rows] == [row.name for row in board.rows]
    assert [float(row["rating"]) for row in rows] == pytest.approx(
        [row.rating[0] for row in board.rows if row.rating], abs=0.01
    )
    assert sum(int(pair["votes"]) for pair in pairs) == board.counted


def test_tables() -> None:
    board = leaderboard(votes("x y a", "y x a", "x z tie", "z y a", "y z a"), resamples=10)
    check_tables(board, read(as_csv(board)), read(pairs_csv(board)))
    lone = leaderboard(votes("x y a"), resamples=5)
    assert read(as_csv(lone))[0]["rating"] == "" and read(as_csv(lone))[0]["rank"] == ""


def test_exports_hold_what_was_voted(tmp_path: Path) -> None:
    pairs = [*votes("x y a", "y x bad"), *votes("x y b", flags=("fast", "identical"))]
    assert write_votes(pairs, tmp_path / "v.jsonl", "jsonl") == 3
    lines = [json.loads(line) for line in (tmp_path / "v.jsonl").read_text().splitlines()]
    assert [(line["a"], line["b"], line["winner"], line["flags"]) for line in lines] == [
        ("x", "y", "a", []), ("y", "x", "bad", []), ("x", "y", "b", ["fast", "identical"]),
    ]  # fmt: skip
    assert lines[0]["voted"] == 2000.0 and lines[0]["question"] == "what?"
    assert write_votes(pairs, tmp_path / "v.csv", "csv", counted_only=True) == 2
    assert [row["winner"] for row in read((tmp_path / "v.csv").read_text())] == ["a", "bad"]
    write_votes(pairs, tmp_path / "v.json", "fastchat")
    told = json.loads((tmp_path / "v.json").read_text())
    assert [one["winner"] for one in told] == ["model_a", "tie (bothbad)", "model_b"]
    assert (
        told[0]["conv_metadata"]["sum_assistant_a_tokens"] == 9 and told[0]["conversation_b"][1]["role"] == "assistant"
    )
    with pytest.raises(ConfigError, match="'jsonlines'. Did you mean 'jsonl'"):
        write_votes(pairs, tmp_path / "v", "jsonlines")


def test_commands(tmp_path: Path) -> None:
    votes, run = str(tmp_path / "votes.db"), CliRunner().invoke
    made = run(app, ["arena", "simulate", "up=1100", "mid=1000", "down=900", "--votes", "400", "--db", votes])
    assert made.exit_code == 0 and "400 votes" in made.stdout
    asked = ["arena", "leaderboard", "--db", votes, "--resamples", "20", "--anchor", "mid=1040"]
    board = json.loads(run(app, [*asked, "--json", "--out", str(tmp_path)]).stdout)
    assert [row["name"] for row in board["rows"]] == ["up", "mid", "down"] and board["anchor"] == ["mid", 1040.0]
    assert json.loads((tmp_path / "leaderboard.json").read_text()) == board
    check = leaderboard(read_all(tmp_path / "votes.db"), resamples=20, anchor=("mid", 1040.0))
    check_tables(check, read((tmp_path / "leaderboard.csv").read_text()), read((tmp_path / "pairs.csv").read_text()))
    assert "down" in (tmp_path / "leaderboard.html").read_text()
    table = run(app, ["arena", "leaderboard", "--db", votes, "--resamples", "20"])
    assert table.stdout.index("up") < table.stdout.index("down") and "400 votes" in table.stdout
    written = run(app, ["arena", "export", "--db", votes, "--out", str(tmp_path / "v.jsonl")])
    assert written.exit_code == 0 and len((tmp_path / "v.jsonl").read_text().splitlines()) == 400
    for arguments, told in (
        (["leaderboard", "--db", str(tmp_path / "none.db")], "no such data base"),
        (["leaderboard", "--db", votes, "--anchor", "mid"], "NAME=RATING"),
        (["simulate", "up", "--db", str(tmp_path / "t.db")], "NAME=RATING"),
    ):
        failed = run(app, ["arena", *arguments])
        assert failed.exit_code != 0 and told in str(failed.exception)


def test_ratings_are_those_of_the_metric(simulated: Path) -> None:
    pairs = read_all(simulated)[:500]
    assert rating_of(leaderboard(pairs, resamples=5)) == pytest.approx(
        bradley_terry([as_battle(*pair) for pair in pairs])
    )
