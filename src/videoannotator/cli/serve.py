"""``videoannotator serve``: the server, until Ctrl-C or SIGTERM."""

import contextlib
import gc
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from videoannotator.cli.this_machine import SettingsOption

if TYPE_CHECKING:
    from videoannotator.bootstrap.server import Server
    from videoannotator.settings import Settings

EXIT_CANNOT_START = 2


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default="18011")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where everything is kept.")] = None,
    workers: Annotated[int | None, typer.Option(help="Jobs that run at once.", show_default="1")] = None,
    no_auth: Annotated[
        bool, typer.Option("--no-auth", help="Ask for no keys; only on a loopback address.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Reach out to nobody: use the weights that are here.")
    ] = False,
    viewer: Annotated[
        Path | None, typer.Option("--viewer", help="A built copy of the viewer, shown at /viewer.")
    ] = None,
    settings: SettingsOption = None,
) -> None:
    """Run the server: HTTP at the address that is printed, API documentation at /docs.

    Examples: [bold]videoannotator serve[/], [bold]videoannotator serve --data-dir /data/va --workers 2[/]
    """
    from videoannotator.domain.errors import VideoAnnotatorError

    flags = {
        "host": host,
        "port": port,
        "data_dir": data_dir.absolute() if data_dir else None,
        "workers": workers,
        "auth": False if no_auth else None,
        "offline": offline or None,
        "viewer_dir": viewer.absolute() if viewer else None,
    }
    signal.signal(signal.SIGTERM, _end)
    try:
        _serve(settings, {name: value for name, value in flags.items() if value is not None})
    except VideoAnnotatorError as error:
        typer.secho(f"Error: {error}. {error.hint}", fg="red", err=True)
        raise typer.Exit(EXIT_CANNOT_START) from error
    except KeyboardInterrupt:
        pass
    typer.echo("Stopped. Unfinished jobs go on at the next start.")


def _end(_number: int, _frame: Any) -> NoReturn:
    raise KeyboardInterrupt


def _serve(settings_file: Path | None, flags: dict[str, Any]) -> None:
    from videoannotator.bootstrap import data_dir, listening, open_settings

    settings = open_settings(settings_file, **flags)
    _check(settings)
    listening.allow_many_connections()
    listener = listening.bind(settings.host, settings.port)
    with listener, data_dir.claimed(settings.data_dir):
        from videoannotator.bootstrap import logs
        from videoannotator.bootstrap.server import open_server

        logs.configure(settings.data_dir / "logs" / "server.jsonl")
        server = open_server(settings)
        listening.listen(listener)
        _greet(settings, listening.url(listener), server)
        with _at_work(server):
            _answer(server, listener)


def _check(settings: "Settings") -> None:
    from videoannotator.bootstrap.listening import is_loopback
    from videoannotator.domain.errors import CannotStart

    if not settings.auth and not is_loopback(settings.host):
        raise CannotStart(
            f"Without keys anybody who reaches {settings.host} could use the server",
            hint="Leave out --no-auth, or listen on 127.0.0.1.",
        )
    if settings.viewer_dir is not None and not (settings.viewer_dir / "index.html").is_file():
        raise CannotStart(
            f"There is no index.html in {settings.viewer_dir}",
            hint="Give the folder that the viewer's build made (dist).",
        )


@contextlib.contextmanager
def _at_work(server: "Server") -> Iterator[None]:
    """Workers, for as long as the server answers."""
    server.supervisor.start()
    try:
        yield
    finally:
        server.supervisor.stop()


def _answer(server: "Server", listener: socket.socket) -> None:
    """Answer requests until a signal comes."""
    from videoannotator.api.serving import http_server

    threading.Thread(target=_warm, args=(server,), daemon=True).start()
    http_server(server.app, server.services.hub).run([listener])


def _warm(server: "Server") -> None:
    """Load what takes a while before somebody waits for it.

    All of that stays: a collection that looked at it again would keep every request waiting.
    """
    server.services.annotations.warm()
    gc.freeze()


def _greet(settings: "Settings", url: str, server: "Server") -> None:
    from videoannotator.bootstrap.data_dir import TOKEN_FILE

    typer.echo(f"VideoAnnotator answers at {url}")
    start = f"?start={server.start_ticket}" if server.start_ticket else ""
    typer.echo(f"  Open the page      {url}/{start}")
    typer.echo(f"  API documentation  {url}/docs")
    if settings.viewer_dir is not None:
        typer.echo(f"  Viewer             {url}/viewer/")
    typer.echo(f"  Data directory     {settings.data_dir}")
    if server.first_key is not None:
        typer.echo(f"  API key            {server.first_key}")
        typer.echo(f"    (told this once; it also stands in {settings.data_dir / TOKEN_FILE})")
    elif not settings.auth:
        typer.echo("  No keys are asked for: every program on this machine may use the server.")
    typer.echo("Ctrl-C ends it.")
