"""``vistune``: the command line.

Exit codes: 0 done; 1 it ran and the answer is no (a claim that does not hold with ``--strict``); 2 wrong usage, recipe
or parameter; 3 data that cannot be used; 4 a model or checkpoint that does not fit; 5 a missing extra; 130 interrupted.
"""

from __future__ import annotations

import os
import sys

import typer

from vistune.cli import arena, backbones, chat, data, evaluate, judge, model, papers, robust, run, walks

app = typer.Typer(
    name="vistune",
    help="Vision-language instruction tuning: make data, tune, decode, measure.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

run.add_to(app)
evaluate.add_to(app)
chat.add_to(app)
model.add_to(app)
papers.add_to(app)
app.add_typer(data.app, name="data")
app.add_typer(arena.app, name="arena")
app.add_typer(backbones.app, name="backbones")
app.add_typer(robust.app, name="robust")
app.add_typer(judge.app, name="judge")
app.add_typer(walks.app, name="walks")


def exit_code(error: Exception) -> int:
    """The documented exit code of an error that a user can cause."""
    from vistune.core import errors

    codes = {errors.ConfigError: 2, errors.DataError: 3, errors.ModelError: 4, errors.MissingExtra: 5}
    return next((code for kind, code in codes.items() if isinstance(error, kind)), 2)


def main() -> None:
    """Entry point: one clear sentence for a user's mistake, a traceback only with ``--debug``."""
    debug = "--debug" in sys.argv
    if not debug:  # other libraries' progress bars and remarks
        os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    arguments = [a for a in sys.argv[1:] if a != "--debug"]
    from vistune.core.errors import VistuneError

    try:
        app(arguments, standalone_mode=True)
    except VistuneError as error:
        if debug:
            raise
        typer.secho(f"Error: {error}", fg="red", err=True)
        raise SystemExit(exit_code(error)) from None
    except KeyboardInterrupt:
        typer.secho("Stopped. Run the same command again to go on where it was.", err=True)
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
