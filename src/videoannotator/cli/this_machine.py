"""Options of the commands that work on the data of a server on this machine."""

from pathlib import Path
from typing import Annotated

import typer

DataDirOption = Annotated[Path | None, typer.Option("--data-dir", help="The server's data directory.")]
SettingsOption = Annotated[Path | None, typer.Option("--settings", help="The installation's settings file.")]
