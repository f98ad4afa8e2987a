"""``videoannotator backup``: a copy of the server's data, made while it works."""

from pathlib import Path
from typing import Annotated

import typer

from videoannotator.cli.this_machine import DataDirOption, SettingsOption

EXIT_INCOMPLETE = 1


def backup(
    folder: Annotated[
        Path, typer.Argument(help="Where the backup lies; an older one is brought up to date.")
    ],
    data_dir: DataDirOption = None,
    settings: SettingsOption = None,
) -> None:
    """Copy the database, the videos and the results of a server on this machine, which may go on working.

    Example: [bold]videoannotator backup /backup/videoannotator[/]
    """
    from videoannotator.bootstrap import open_settings
    from videoannotator.bootstrap.data_dir import SECRET_FILE, TOKEN_FILE
    from videoannotator.bootstrap.storage import DATABASE_FILE
    from videoannotator.services.backup import back_up

    flags = {"data_dir": data_dir.absolute()} if data_dir else {}
    chosen = open_settings(settings, **flags)
    own = chosen.data_dir / DATABASE_FILE if chosen.database_url is None else None
    copied = back_up(chosen.data_dir, folder.absolute(), own, (SECRET_FILE, TOKEN_FILE))
    typer.echo(f"{copied.n_files} files, {copied.size_bytes / 1e9:.2f} GB in {folder}")
    if own is None:
        typer.echo("The database is on a server of its own: back it up with pg_dump, then run this again.")
    for path in copied.missing:
        typer.secho(f"missing: {path}", fg="red", err=True)
    if copied.missing:
        raise typer.Exit(EXIT_INCOMPLETE)
