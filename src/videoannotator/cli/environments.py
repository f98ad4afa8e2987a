"""``videoannotator env``: environments for libraries that cannot live in ours."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from videoannotator.plugin.environments import Environment

app = typer.Typer(help="Environments for libraries that cannot live in ours.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Which one: videoannotator env list.")]


def _environments() -> "dict[str, Environment]":
    from videoannotator import bootstrap

    registry = bootstrap.open_registry()
    components = [registry.component(name) for name in registry.component_names]
    return {one.environment.name: one.environment for one in components if one.environment}


def _find(name: str) -> "Environment":
    from videoannotator.domain.errors import UnknownName
    from videoannotator.domain.names import suggest

    known = _environments()
    if name not in known:
        raise UnknownName(f"There is no environment {name!r}", hint=suggest(name, known), field="name")
    return known[name]


@app.command("list")
def list_environments() -> None:
    """List the environments, whether they are there, and what pip would install.

    Example: [bold]videoannotator env list[/]
    """
    for name, environment in _environments().items():
        state = "ready" if environment.is_ready else "not made"
        typer.echo(f"{name} ({state}): {environment.description}")
        for arguments in environment.installs:
            typer.echo(f"  pip install {' '.join(arguments)}")


@app.command("create")
def create(name: Name) -> None:
    """Make an environment, or make it anew; takes minutes and a few GB.

    Example: [bold]videoannotator env create openface3[/]
    """
    environment = _find(name)
    typer.echo(f"Making {environment.folder} ...")
    environment.create(typer.echo)
    typer.echo("Done.")


@app.command("remove")
def remove(name: Name) -> None:
    """Delete an environment.

    Example: [bold]videoannotator env remove openface3[/]
    """
    _find(name).remove()
