"""``vistune arena``: anonymous battles in the browser, votes, leaderboard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vistune.cli.output import JSON_OPTION, print_json, print_table

app = typer.Typer(
    help="Two anonymous models answer, people vote: serve, leaderboard, export, simulate.", no_args_is_help=True
)

DATABASE = Annotated[str, typer.Option("--db", help="Where votes are: a SQLite file or any SQLAlchemy URL.")]
_VOTES = "runs/arena/votes.db"


@app.command()
def serve(
    models: Annotated[list[str], typer.Argument(help="Model folders, shipped names, or files of answers (.jsonl).")],
    compare: Annotated[
        list[str] | None, typer.Option("--compare", help="Each model also with this decoding method, e.g. ritual.")
    ] = None,
    benchmark: Annotated[
        str | None, typer.Option("--benchmark", "-b", help="Ask a benchmark's questions, e.g. world_qa:n=200.")
    ] = None,
    questions: Annotated[Path | None, typer.Option(help="Ask the questions of a data set (file or folder).")] = None,
    own_only: Annotated[bool, typer.Option("--own-only", help="Only questions that voters type themselves.")] = False,
    db: DATABASE = _VOTES,
    port: Annotated[int, typer.Option(help="Port of the page; 0 takes a free one.")] = 7860,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    title: Annotated[str, typer.Option(help="Heading of the page.")] = "Arena",
    max_new_tokens: Annotated[int, typer.Option(help="Longest answer.")] = 128,
    pairing: Annotated[str, typer.Option(help="Who meets next: least, uncertain or uniform.")] = "least",
    limit: Annotated[
        list[str] | None, typer.Option("--limit", help="A limit on votes, e.g. votes_per_minute=6 (see the docs).")
    ] = None,
    salt: Annotated[
        Path | None, typer.Option(help="File of the secret for voters' hashes (default: beside the votes).")
    ] = None,
) -> None:
    """Serve an arena: picture, question, two answers, a vote; names are told after it.

    Example: vistune arena serve nano-vlm --compare ritual --compare sample
    """
    from vistune.experiments.arena import Setting, serve

    setting = Setting(
        models, compare or [], benchmark, questions, own_only, max_new_tokens=max_new_tokens, pairing=pairing, limits=limit or []
    )  # fmt: skip
    serve(
        setting, db, host=host, port=port, title=title, salt=salt,
        ready=lambda url: typer.echo(f"Arena: {url}  (leaderboard: {url}/leaderboard; votes: {db})"),
    )  # fmt: skip


@app.command()
def leaderboard(
    db: DATABASE = _VOTES,
    out: Annotated[Path | None, typer.Option(help="Folder for leaderboard.html, .json, .csv and pairs.csv.")] = None,
    anchor: Annotated[str | None, typer.Option(help="A model whose rating is fixed, e.g. nano-vlm=1000.")] = None,
    resamples: Annotated[int, typer.Option(help="Bootstrap resamples for the intervals.")] = 200,
    all_votes: Annotated[bool, typer.Option("--all-votes", help="Count flagged and suspicious votes too.")] = False,
    title: Annotated[str, typer.Option(help="Heading of the page.")] = "Leaderboard",
    json: bool = JSON_OPTION,
) -> None:
    """Rate the models by the votes: Bradley-Terry with intervals, at equal style, Elo.

    Example: vistune arena leaderboard --out runs/arena/board
    """
    from vistune.experiments.arena import board_of, board_table, write_board

    board = board_of(db, anchor=anchor, resamples=resamples, all_votes=all_votes)
    files = write_board(board, out, title) if out is not None else []
    if json:
        print_json(board.values())
        return
    left = ", ".join(f"{count} {reason}" for reason, count in board.left_out.items())
    print_table(f"{board.counted} votes" + (f" (left out: {left})" if left else ""), *board_table(board))
    for path in files[:1]:
        typer.echo(f"Page: {path}")


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("runs/arena/votes.jsonl"),
    db: DATABASE = _VOTES,
    format: Annotated[str, typer.Option(help="jsonl, csv or fastchat.")] = "jsonl",
    counted: Annotated[bool, typer.Option("--counted", help="Only votes without a flag.")] = False,
) -> None:
    """Write all battles with their votes to one file.

    Example: vistune arena export --format csv --out votes.csv
    """
    from vistune.experiments.arena import export_votes

    count = export_votes(db, out, format, counted_only=counted)
    typer.echo(f"{count} votes: {out}")


@app.command()
def simulate(
    models: Annotated[list[str], typer.Argument(help="Models with their true ratings: NAME=RATING.")],
    db: DATABASE = "runs/arena/simulated.db",
    votes: Annotated[int, typer.Option(help="How many votes.")] = 10_000,
    ties: Annotated[float, typer.Option(help="Share of ties between equals.")] = 0.25,
    voters: Annotated[int, typer.Option(help="How many voters.")] = 50,
    seed: Annotated[int, typer.Option(help="Seed of the votes.")] = 0,
) -> None:
    """Write votes of made-up voters on models of known strength, to see what a leaderboard makes of them.

    Example: vistune arena simulate strong=1100 middle=1000 weak=900 --votes 2000
    """
    from vistune.experiments.arena import simulate

    count = simulate(db, models, votes, ties=ties, voters=voters, seed=seed)
    typer.echo(f"{count} votes: {db}")
