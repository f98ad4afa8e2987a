"""A copy of a SQLite database as it is at one moment, while others write."""

import sqlite3
from contextlib import closing
from pathlib import Path


def copy(source: Path, target: Path) -> None:
    """Copy with SQLite's own backup, in one step: writers go on, the copy has none of their halves.

    The copy is one file: it keeps no write-ahead log beside it.
    """
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")


def problems(path: Path) -> list[str]:
    """What SQLite's own check finds wrong with a database file; empty for a sound one."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    return [] if found == ["ok"] else found


def blobs(path: Path) -> list[str]:
    """The paths of the stored bytes that a database file speaks of."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return [str(row[0]) for row in connection.execute("SELECT path FROM blobs")]


def results(path: Path) -> list[tuple[str, str]]:
    """The finished files that a database file speaks of: job id and name."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return [
            (str(row[0]), str(row[1])) for row in connection.execute("SELECT job_id, name FROM artifacts")
        ]
