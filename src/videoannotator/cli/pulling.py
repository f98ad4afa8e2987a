"""A progress bar for weights that are being fetched."""

from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from videoannotator.weights.library import Library


def pull_with_progress(library: Library, names: Sequence[str], console: Console) -> None:
    """Fetch models and show how far each is; one line per model where there is no terminal.

    Raises like ``Library.pull``.
    """
    total = sum(library.model(name).size_bytes for name in names) / 1e6
    console.print(f"Fetching {len(names)} models ({total:.0f} MB) ...")
    columns = (TextColumn("  {task.description:<22}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        tasks = {name: progress.add_task(name, total=library.model(name).size_bytes) for name in names}

        def show(name: str, n_bytes: int, total_bytes: int) -> None:
            progress.update(tasks[name], completed=n_bytes, total=total_bytes)

        library.pull(names, show)
