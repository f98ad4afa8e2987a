"""``videoannotator work``: this machine's help for a server on another one."""

import signal
import threading
from typing import Annotated

import typer

from videoannotator.cli.serve import EXIT_CANNOT_START
from videoannotator.cli.this_machine import DataDirOption, SettingsOption


def work(
    workers: Annotated[int, typer.Option(min=1, help="Jobs that run at once.")] = 1,
    data_dir: DataDirOption = None,
    settings: SettingsOption = None,
) -> None:
    """Do jobs of a server on another machine, which shares its database and its data directory with this one.

    Example: [bold]videoannotator work --workers 2 --settings /etc/videoannotator.toml[/]
    """
    from videoannotator.bootstrap import open_settings
    from videoannotator.bootstrap.workers import open_workers
    from videoannotator.domain.errors import VideoAnnotatorError

    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    flags = {"data_dir": data_dir.absolute()} if data_dir else {}
    try:
        supervisor = open_workers(open_settings(settings, workers=workers, **flags))
    except VideoAnnotatorError as error:
        typer.secho(f"Error: {error}. {error.hint}", fg="red", err=True)
        raise typer.Exit(EXIT_CANNOT_START) from error
    supervisor.start()
    typer.echo(f"{workers} jobs at once. Ctrl-C ends it.")
    over.wait()
    supervisor.stop()
    typer.echo("Stopped. Unfinished jobs go on with other workers.")
