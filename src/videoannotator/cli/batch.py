"""``videoannotator batch``: many videos at once, and ``videoannotator batches``: what becomes of them."""

import glob
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from videoannotator.cli.choices import ConfigOption, PipelinesOption, SetOption, configured, split
from videoannotator.cli.remote import EXIT_FAILED, EXIT_PARTLY, LOCAL, ServerOption, TokenOption, connect

if TYPE_CHECKING:
    from videoannotator.client import Client
    from videoannotator.client.records import Batch

INTERVAL_S = 0.5
app = typer.Typer(help="Look after the batches of a server.", no_args_is_help=True)
BatchArgument = Annotated[str, typer.Argument(help="The batch's id, or how it begins.", show_default=False)]


def batch(
    source: Annotated[
        str, typer.Argument(help="A folder, a pattern in quotes, a CSV table, or a place (root:folder).")
    ],
    pipelines: PipelinesOption = None,
    preset: Annotated[str | None, typer.Option("--preset", help="Id or name of a preset.")] = None,
    config: ConfigOption = None,
    overrides: SetOption = None,
    name: Annotated[str | None, typer.Option(help="What the batch is called.")] = None,
    output_directory: Annotated[str | None, typer.Option(help="Place for the results.")] = None,
    db_location: Annotated[str | None, typer.Option(help="Place for a SQLite database.")] = None,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Do not wait for the end.")] = False,
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """Annotate many videos; shows how it goes, and prints the id of the batch.

    Videos of this machine are sent; those at a place (root:folder, root:*.mp4) are used where they lie.

    Examples: [bold]videoannotator batch recordings --preset "Quick look"[/],
    [bold]videoannotator batch "study:**/*.mp4" -p scene_detection[/]
    """
    chosen = {
        "name": name,
        "preset": preset,
        "selected_pipelines": list(split(pipelines or [])) or None,
        "config": configured(config, overrides),
        "output_directory": output_directory,
        "db_location": db_location,
    }
    with connect(server, token) as client:
        made = _submit(client, source, {key: value for key, value in chosen.items() if value is not None})
        typer.echo(made.id)
        if not detach:
            _leave(_follow(client, made))


@app.command("list")
def list_batches(
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many.")] = 20,
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """List the newest batches."""
    from videoannotator.cli.listing import show

    with connect(server, token) as client:
        rows = [
            (one.id, one.status, f"{one.progress:.0f}", _counted(one), one.name)
            for one in client.batches.list(limit)
        ]
    show(("batch", "state", "%", "videos", "name"), rows)


@app.command("show")
def show_batch(batch_id: BatchArgument, server: ServerOption = LOCAL, token: TokenOption = None) -> None:
    """List the videos of a batch, each with its job or with the reason why it has none."""
    from videoannotator.cli.listing import show

    with connect(server, token) as client:
        found = list(client.batches.items(_find(client, batch_id)))
    show(
        ("job", "state", "%", "video", "reason"),
        [
            (one.job_id or "-", one.status, f"{one.progress:.0f}", one.video, one.error_message or "")
            for one in found
        ],
    )


@app.command("watch")
def watch(batch_id: BatchArgument, server: ServerOption = LOCAL, token: TokenOption = None) -> None:
    """Show how a batch goes until it has ended; the exit code says how."""
    with connect(server, token) as client:
        _leave(_follow(client, client.batches.get(_find(client, batch_id))))


@app.command("pause")
def pause(batch_id: BatchArgument, server: ServerOption = LOCAL, token: TokenOption = None) -> None:
    """Queue nothing more; jobs that are queued already still run."""
    with connect(server, token) as client:
        typer.echo(client.batches.pause(_find(client, batch_id)).status)


@app.command("resume")
def resume(batch_id: BatchArgument, server: ServerOption = LOCAL, token: TokenOption = None) -> None:
    """Go on with a paused batch."""
    with connect(server, token) as client:
        typer.echo(client.batches.resume(_find(client, batch_id)).status)


@app.command("cancel")
def cancel(batch_id: BatchArgument, server: ServerOption = LOCAL, token: TokenOption = None) -> None:
    """Stop everything that has not ended."""
    with connect(server, token) as client:
        typer.echo(client.batches.cancel(_find(client, batch_id)).status)


@app.command("retry")
def retry(batch_id: BatchArgument, server: ServerOption = LOCAL, token: TokenOption = None) -> None:
    """Run the failed videos again, and only those."""
    with connect(server, token) as client:
        typer.echo(client.batches.retry(_find(client, batch_id)).status)


@app.command("delete")
def delete(
    batch_id: BatchArgument,
    jobs: Annotated[bool, typer.Option("--jobs", help="Its jobs and their results too.")] = False,
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """Forget an ended batch."""
    with connect(server, token) as client:
        client.batches.delete(_find(client, batch_id), with_jobs=jobs)


@app.command("fetch")
def fetch(
    batch_id: BatchArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the file.")] = Path(),
    table: Annotated[str | None, typer.Option(help="One CSV over all videos, e.g. words.")] = None,
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """Download the results of a batch: a ZIP, or one table."""
    with connect(server, token) as client:
        found = _find(client, batch_id)
        if table is None:
            typer.echo(client.batches.fetch_zip(found, output / f"batch_{found}.zip"))
        else:
            path = output / f"batch_{found}_{table}.csv"
            typer.echo(client.batches.fetch_table(found, table, path))


def _submit(client: "Client", source: str, chosen: dict[str, Any]) -> "Batch":
    """Send what lies on this machine; name what lies below a root of the server."""
    path = Path(source)
    if path.suffix.lower() == ".csv" and path.is_file():
        return client.batches.submit(**chosen, csv=_table_of(path))
    if ":" in source and not path.exists():
        kind = "glob" if any(sign in source for sign in "*?") else "folder"
        return client.batches.submit(**chosen, **{kind: source})
    videos = _local(path)
    if not videos:
        raise typer.BadParameter(f"There is no video at {source}")
    texts = {key: _text(value) for key, value in chosen.items()}
    return client.batches.upload(videos, **texts)


def _table_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{path} is not UTF-8 text: save it as CSV UTF-8") from error


def _local(path: Path) -> list[Path]:
    from videoannotator.domain.names import VIDEO_SUFFIXES, as_people_count

    if path.is_dir():
        found = (one for one in path.rglob("*") if one.suffix.lower() in VIDEO_SUFFIXES)
    else:
        found = (Path(one) for one in glob.glob(str(path), recursive=True))  # noqa: PTH207 (absolute patterns)
    names = as_people_count(str(one) for one in found if one.is_file() and not one.name.startswith("."))
    return [Path(name) for name in names]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _follow(client: "Client", batch: "Batch") -> "Batch":
    """A live table until the batch has ended; lines where there is no terminal."""
    from rich.console import Console
    from rich.live import Live

    console = Console()
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while not batch.is_over:
            if console.is_terminal:
                live.update(_table(client, batch), refresh=True)
            time.sleep(INTERVAL_S)
            batch = client.batches.get(batch.id)
    console.print(f"{batch.status}: {_counted(batch)}")
    for item in client.batches.items(batch.id, status="failed"):
        console.print(
            f"  failed: {item.video}: {item.error_message}", highlight=False, markup=False, soft_wrap=True
        )
    return batch


def _table(client: "Client", batch: "Batch") -> Any:
    from rich.markup import escape
    from rich.table import Table

    left = f", about {batch.eta_s / 60:.0f} min left" if batch.eta_s else ""
    table = Table(title=f"{escape(batch.name)}: {batch.progress:.0f} %{left} ({_counted(batch)})", box=None)
    for column in ("video", "state", "%"):
        table.add_column(column)
    for item in client.batches.items(batch.id, status="running"):
        table.add_row(escape(item.video), item.status, f"{item.progress:.0f}")
    return table


def _counted(batch: "Batch") -> str:
    return ", ".join(f"{number} {status}" for status, number in batch.counts.items() if number)


def _find(client: "Client", beginning: str) -> str:
    """The id that begins so; what is unknown is left for the server to refuse."""
    if len(beginning) >= 36:
        return beginning
    found = [one.id for one in client.batches.list(100) if one.id.startswith(beginning)]
    return found[0] if len(found) == 1 else beginning


def _leave(batch: "Batch") -> None:
    """End the program with the code that fits."""
    n_failed = batch.n_items - batch.counts.get("completed", 0)
    if n_failed:
        raise typer.Exit(EXIT_FAILED if n_failed == batch.n_items else EXIT_PARTLY)
