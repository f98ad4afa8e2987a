"""``videoannotator weights``: fetch, check and list the models' weights."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from videoannotator.weights.library import Library

app = typer.Typer(help="Fetch, check and list model weights.", no_args_is_help=True)


def _library() -> "Library":
    from videoannotator import bootstrap

    return bootstrap.open_library(bootstrap.open_registry())


@app.command("list")
def list_weights() -> None:
    """List every model with its state, size and licence.

    Example: [bold]videoannotator weights list[/]
    """
    from rich.console import Console
    from rich.table import Table

    library = _library()
    table = Table("model", "state", "MB", "licence", "source", box=None, padding=(0, 2))
    for model in library.models:
        state = library.state(model.name)
        table.add_row(model.name, state.value, f"{model.size_bytes / 1e6:.1f}", model.licence, model.source)
    Console().print(table)


@app.command("pull")
def pull(
    names: Annotated[
        list[str] | None, typer.Argument(help="Models to fetch; all the downloadable ones when left out.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only speak when something is fetched.")] = False,
) -> None:
    """Fetch weights, checked by their hash; goes on where it was interrupted and works offline afterwards.

    Example: [bold]videoannotator weights pull whisper-base[/]
    """
    from rich.console import Console

    from videoannotator.cli.pulling import pull_with_progress
    from videoannotator.domain.catalogue import ModelState

    library = _library()
    wanted = (ModelState.READY, ModelState.DOWNLOADABLE, ModelState.FAILED)
    chosen = names or [m.name for m in library.models if library.state(m.name) in wanted]
    missing = [name for name in chosen if library.state(name) is not ModelState.READY]
    if missing:
        pull_with_progress(library, missing, Console(stderr=True))
    if not quiet:
        Console().print(f"{len(missing)} fetched, {len(chosen) - len(missing)} were there already.")


@app.command("verify")
def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Models to check; all when left out.")] = None,
) -> None:
    """Hash the weights on this machine again; a damaged file is set aside and the exit code is 1.

    Example: [bold]videoannotator weights verify[/]
    """
    library = _library()
    checks = library.verify(names or [model.name for model in library.models])
    damaged = sorted({check.model for check in checks if check.result == "corrupt"})
    for name in damaged:
        typer.echo(f"damaged, fetch it again: videoannotator weights pull {name}")
    if damaged:
        raise typer.Exit(1)
    typer.echo("All weights on this machine match their hashes.")
