"""The program ``videoannotator``. Commands import what they work with when they run: help is quick."""

import sys
from http import HTTPStatus
from io import TextIOWrapper
from typing import Annotated, NoReturn

import typer

from videoannotator.cli import (
    annotate,
    audit,
    backup,
    batch,
    doctor,
    environments,
    pipelines,
    places,
    preferences,
    presets,
    remote,
    serve,
    token,
    webhooks,
    weights,
    work,
)
from videoannotator.domain.errors import InvalidRequest, VideoAnnotatorError

EPILOG = "Exit codes: 0 all done; 1 failed; 2 wrong use, nothing was done; 3 done in part; 130 interrupted."

# Of the statuses that a server refuses with: what was sent cannot be right.
_WRONG_USE = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
_INTERRUPTED = 130  # 128 and the number of SIGINT

app = typer.Typer(
    name="videoannotator",
    help="Annotate videos of human interaction on your own machine: people, faces, speech, speakers, cuts.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("annotate")(annotate.annotate)
app.command("pipelines")(pipelines.pipelines)
app.command("doctor")(doctor.doctor)
app.command("serve")(serve.serve)
app.command("work")(work.work)
app.command("backup")(backup.backup)
for command in (remote.submit, remote.jobs, remote.watch, remote.cancel, remote.fetch):
    app.command(command.__name__, rich_help_panel="Against a server")(command)
app.command("batch", rich_help_panel="Against a server")(batch.batch)
app.add_typer(batch.app, name="batches", rich_help_panel="Against a server")
app.command("places", rich_help_panel="Against a server")(places.places)
app.add_typer(presets.app, name="preset", rich_help_panel="Against a server")
app.add_typer(presets.app, name="presets", hidden=True)
app.add_typer(preferences.app, name="preferences", rich_help_panel="Against a server")
app.add_typer(webhooks.app, name="webhook", rich_help_panel="Against a server")
app.add_typer(audit.app, name="audit")
app.add_typer(token.app, name="token")
app.add_typer(weights.app, name="weights")
app.add_typer(environments.app, name="env")


@app.callback(invoke_without_command=True)
def options(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Options of the program itself."""
    if version:
        from videoannotator import __version__

        typer.echo(__version__)
        raise typer.Exit


def main() -> NoReturn:
    """Run the program; a person's mistake ends it with one clear message and no traceback."""
    if isinstance(sys.stdout, TextIOWrapper):  # a name that the terminal cannot write stops nothing
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except VideoAnnotatorError as error:
        _explain(error)
        sys.exit(2 if _is_wrong_use(error) else 1)
    except SystemExit as end:
        if end.code == _INTERRUPTED:  # Typer makes this of Ctrl-C, without a word
            typer.echo("Interrupted.", err=True)
        raise
    sys.exit(0)


def _is_wrong_use(error: VideoAnnotatorError) -> bool:
    """Whether it is the command that must be changed, be it this program or a server that says so."""
    return isinstance(error, InvalidRequest) or getattr(error, "status", None) in _WRONG_USE


def _explain(error: VideoAnnotatorError) -> None:
    typer.secho(f"Error: {error}", fg="red", err=True)
    typer.echo(f"  {error.hint}  [{error.code}]", err=True)


if __name__ == "__main__":
    main()
