"""``videoannotator token``: API keys of the server on this machine, made directly in its data directory."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from videoannotator.cli.this_machine import DataDirOption, SettingsOption

if TYPE_CHECKING:
    from videoannotator.domain.keys import Key
    from videoannotator.services.tokens import Tokens

app = typer.Typer(help="Make, list and revoke API keys of a server on this machine.", no_args_is_help=True)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Who or what will use it.")],
    owner: Annotated[str | None, typer.Option(help="Whose jobs it sees.", show_default="the name")] = None,
    scopes: Annotated[
        list[str] | None,
        typer.Option("--scope", help="What it may do.", show_default="all but administration"),
    ] = None,
    days: Annotated[float | None, typer.Option(help="How long it works.", show_default="for ever")] = None,
    data_dir: DataDirOption = None,
    settings: SettingsOption = None,
) -> None:
    """Make a key and print it: it is told this once.

    Example: [bold]videoannotator token create "lab notebook" --days 90[/]
    """
    from videoannotator.domain.errors import InvalidParameter
    from videoannotator.domain.keys import USER_SCOPES, Scope

    try:
        wanted = frozenset(Scope(scope) for scope in scopes) if scopes else USER_SCOPES
    except ValueError as error:
        known = ", ".join(scope.value for scope in Scope)
        raise InvalidParameter(str(error), hint=f"The scopes are: {known}.", field="scope") from error
    lifetime = timedelta(days=days) if days is not None else None
    _, text = _tokens(data_dir, settings).create(name, owner=owner or name, scopes=wanted, lifetime=lifetime)
    typer.echo(text)


@app.command("list")
def list_tokens(data_dir: DataDirOption = None, settings: SettingsOption = None) -> None:
    """List the keys, without their texts."""
    from videoannotator.cli.listing import show

    columns = ("id", "name", "owner", "begins", "state", "last used", "scopes")
    show(columns, [_row(key) for key in _tokens(data_dir, settings).list(None)])


def _row(key: "Key") -> tuple[str, ...]:
    ends = f"until {key.expires_at:%Y-%m-%d}" if key.expires_at else "good"
    used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"
    return (
        key.id,
        key.name,
        key.owner,
        key.prefix,
        "revoked" if key.revoked_at else ends,
        used,
        " ".join(key.scopes),
    )


@app.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id.")],
    data_dir: DataDirOption = None,
    settings: SettingsOption = None,
) -> None:
    """End a key; its open event streams end within seconds."""
    _tokens(data_dir, settings).revoke(key_id, None)
    typer.echo("revoked")


def _tokens(data_dir: Path | None, settings: Path | None) -> "Tokens":
    from videoannotator.bootstrap.storage import open_existing
    from videoannotator.services.tokens import Tokens

    return Tokens(open_existing(data_dir, settings))
