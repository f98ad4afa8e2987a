"""``videoannotator preferences``: what holds for new jobs that do not say otherwise, kept on a server."""

import json
from typing import Annotated, Any

import typer

from videoannotator.cli.remote import LOCAL, ServerOption, TokenOption, connect

app = typer.Typer(
    help="Show and change what new jobs shall use: preset, pipelines, places.", no_args_is_help=True
)
KeyArgument = Annotated[
    str, typer.Argument(help="preset, pipelines, places.output_directory, ...", show_default=False)
]


@app.command("get")
def get(
    key: Annotated[str | None, typer.Argument(help="Only this one.", show_default="all of them")] = None,
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """Print the preferences as JSON, or one of them.

    Example: [bold]videoannotator preferences get preset[/]
    """
    with connect(server, token) as client:
        found: Any = client.preferences.get()
    for part in key.split(".") if key else ():
        found = found.get(part) if isinstance(found, dict) else None
    if key and found is None:
        typer.echo(f"{key} is not set", err=True)
        raise typer.Exit(1)
    typer.echo(found if isinstance(found, str) else json.dumps(found, indent=2, ensure_ascii=False))


@app.command("set")
def set_value(
    key: KeyArgument,
    value: Annotated[str, typer.Argument(help="A text, or JSON.", show_default=False)],
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """Set one preference; the server checks the names in it.

    Examples: [bold]videoannotator preferences set preset "Quick look"[/],
    [bold]videoannotator preferences set places.output_directory study:results[/]
    """
    try:
        wanted = json.loads(value)
    except ValueError:
        wanted = value
    _change(key, wanted, server, token)


@app.command("unset")
def unset(key: KeyArgument, server: ServerOption = LOCAL, token: TokenOption = None) -> None:
    """Forget one preference."""
    _change(key, None, server, token)


def _change(key: str, value: Any, server: str, token: str | None) -> None:
    """Send a dotted key as the object that it stands for."""
    first, *below = key.split(".")
    for part in reversed(below):
        value = {part: value}
    with connect(server, token) as client:
        client.preferences.change(**{first: value})
