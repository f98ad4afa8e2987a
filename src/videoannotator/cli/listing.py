"""Tables whose first column is an id that people copy and scripts cut out."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

WIDE = 200  # columns where there is no terminal: a file's lines need not be short


def show(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print the rows; the first column is never shortened."""
    table = Table(box=None, padding=(0, 2))
    for column in columns:
        table.add_column(column, no_wrap=column == columns[0], min_width=36 if column == columns[0] else None)
    for row in rows:
        table.add_row(*map(escape, row))
    console = Console()
    if not console.is_terminal:
        console.width = WIDE
    console.print(table)
