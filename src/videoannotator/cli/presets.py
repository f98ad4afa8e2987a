"""``videoannotator preset``: a choice of pipelines and parameters, kept on a server under a name."""

from pathlib import Path
from typing import Annotated

import typer

from videoannotator.cli.choices import ConfigOption, PipelinesOption, SetOption, configured, split
from videoannotator.cli.remote import LOCAL, ServerOption, TokenOption, connect

app = typer.Typer(help="List, make and exchange presets of a server.", no_args_is_help=True)
PresetArgument = Annotated[str, typer.Argument(help="The preset's id or name.", show_default=False)]


@app.command("list")
def list_presets(server: ServerOption = LOCAL, token: TokenOption = None) -> None:
    """List the presets that may be used: built-in ones, one's own, shared ones."""
    from videoannotator.cli.listing import show

    with connect(server, token) as client:
        rows = [
            (one.id, one.name, one.scope, str(one.version), "fits" if one.fits else "no longer fits")
            for one in client.presets.list()
        ]
    show(("id", "name", "scope", "version", "state"), rows)


@app.command("show")
def show_preset(preset: PresetArgument, server: ServerOption = LOCAL, token: TokenOption = None) -> None:
    """Print a preset as TOML, and what has changed since it was saved."""
    with connect(server, token) as client:
        found = client.presets.get(preset)
        typer.echo(client.presets.export_toml(found.id), nl=False)
    for problem in found.problems:
        typer.secho(f"problem: {problem['message']}. {problem['hint']}", fg="red", err=True)
    for change in found.changes:
        typer.secho(f"changed: {change['message']}", fg="yellow", err=True)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What it is called.", show_default=False)],
    pipelines: PipelinesOption = None,
    config: ConfigOption = None,
    overrides: SetOption = None,
    description: Annotated[str, typer.Option(help="What it is good for.")] = "",
    shared: Annotated[bool, typer.Option("--shared", help="Let everybody with a key use it.")] = False,
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """Save a preset; prints its id.

    Example: [bold]videoannotator preset create "Faces only" -p face_analysis[/]
    """
    with connect(server, token) as client:
        made = client.presets.create(
            name,
            pipelines=split(pipelines or []),
            config=configured(config, overrides),
            description=description,
            shared=shared,
        )
    typer.echo(made.id)


@app.command("duplicate")
def duplicate(
    preset: PresetArgument,
    name: Annotated[str | None, typer.Option(help="What the copy is called.")] = None,
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """Make a copy of one's own; prints its id."""
    with connect(server, token) as client:
        typer.echo(client.presets.duplicate(client.presets.get(preset).id, name).id)


@app.command("export")
def export(
    preset: PresetArgument,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file.", show_default="standard output")
    ] = None,
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """Write a preset as a TOML file, which other servers, and annotate --preset, read."""
    from videoannotator.files import atomic

    with connect(server, token) as client:
        text = client.presets.export_toml(client.presets.get(preset).id)
    if output is None:
        typer.echo(text, nl=False)
    else:
        atomic.write_text(output, text)


@app.command("import")
def import_preset(
    file: Annotated[Path, typer.Argument(help="A preset's TOML file.", exists=True, dir_okay=False)],
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """Save the preset of a TOML file; prints its id."""
    with connect(server, token) as client:
        typer.echo(client.presets.import_toml(file.read_text(encoding="utf-8")).id)


@app.command("delete")
def delete(preset: PresetArgument, server: ServerOption = LOCAL, token: TokenOption = None) -> None:
    """Remove a preset; jobs that used it keep their plans."""
    with connect(server, token) as client:
        client.presets.delete(client.presets.get(preset).id)
