"""``videoannotator places``: the folders that a server has opened to clients, and the videos in them."""

from typing import Annotated

import typer

from videoannotator.cli.remote import LOCAL, ServerOption, TokenOption, connect


def places(
    path: Annotated[
        str | None, typer.Argument(help="A folder, e.g. study:session1.", show_default="the roots")
    ] = None,
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """List the videos of the server that can be submitted where they lie.

    Examples: [bold]videoannotator places[/], [bold]videoannotator places study:session1[/]
    """
    with connect(server, token) as client:
        found = client.places(path)
    for one in found.folders:
        typer.echo(f"{one.path}{'' if path is None else '/'}{_note(one.problem)}")
    for one in found.videos:
        typer.echo(f"{one.path}  {(one.size_bytes or 0) / 1e6:.1f} MB{_note(one.problem)}")
    left = found.n_folders + found.n_videos - len(found.folders) - len(found.videos)
    if left:
        typer.echo(f"... and {left} more", err=True)
    if path is None and not found.folders:
        typer.echo("No folders are open to clients. The operator opens them: see docs/places.md.", err=True)


def _note(problem: str | None) -> str:
    return f"  cannot be submitted: {problem}" if problem else ""
