"""Databases of results at a place of the client's choice: one per job, or one that several jobs share.

A database is never written in place: rows are added to a private copy, which then takes its name. Readers see
all of a job's rows or none, and no path of the client's is ever opened by its name.
"""

import fcntl
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from videoannotator.domain.errors import OutputExists, PlaceChanged, StorageError
from videoannotator.domain.media import Record
from videoannotator.domain.places import Place
from videoannotator.files import atomic, beneath
from videoannotator.files.publishing import (
    HIDDEN_PREFIX,
    PublishedFile,
    copy_into,
    described,
    remove_unchanged,
)
from videoannotator.files.roots import Roots

APPLICATION_ID = 0x76616E6E  # "vann" in a SQLite header: the file is ours
RUNS, COLUMNS = "videoannotator_runs", "videoannotator_columns"
SUFFIXES = (".sqlite", ".sqlite3", ".db")
_HINT = "Name another file, or a folder, where each job makes a file of its own."


class PublishedDatabase(Record):
    """The manifest: rows of a job in a shared file, or a file of its own."""

    place: Place
    job_id: str
    file: PublishedFile


def publish(roots: Roots, place: Place, job_id: str, source: Path, manifest: Path, lock: Path) -> None:
    """Put a job's database into a place, or its rows into the file that the place names.

    Doing it again changes nothing. Raises PlaceChanged, OutputExists, StorageError or StorageFull.
    """
    name = place.file or f"{job_id}.sqlite"
    with _alone(lock), roots.entered(place) as folder, atomic.storage_errors(Path(name)):
        if place.file is None:
            _check_own(folder, name, manifest)
        new = source if place.file is None else _joined(folder, name, source)
        written = _replace(folder, name, new, job_id)
        published = PublishedDatabase(place=place, job_id=job_id, file=written)
        atomic.write_text(manifest, published.model_dump_json())


def withdraw(roots: Roots, manifest: Path, lock: Path) -> None:
    """Remove a job's own database unless somebody changed it, or its rows from a shared one."""
    if not manifest.is_file():
        return
    published = PublishedDatabase.model_validate_json(manifest.read_bytes())
    with (
        suppress(PlaceChanged, StorageError, OSError),
        _alone(lock),
        roots.entered(published.place) as folder,
    ):
        name = published.place.file
        if name is None:
            remove_unchanged(folder, published.file)
            return
        copy = manifest.with_name("shared.sqlite")
        if _copy_out(folder, name, copy):
            with _changing(copy) as connection:
                _forget(connection, published.job_id)
            _replace(folder, name, copy, published.job_id)


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _check_own(folder: int, name: str, manifest: Path) -> None:
    if not beneath.exists(folder, name):
        return
    found = described(name, os.stat(name, dir_fd=folder, follow_symlinks=False))
    if manifest.is_file() and PublishedDatabase.model_validate_json(manifest.read_bytes()).file == found:
        return
    raise OutputExists(f"There is a file {name} already")


def _joined(folder: int, name: str, source: Path) -> Path:
    """A private copy of the shared database with the job's rows in it."""
    copy = source.with_name("shared.sqlite")
    if not _copy_out(folder, name, copy):
        return source
    with _changing(copy) as connection:
        connection.execute("ATTACH ? AS new", (str(source),))
        connection.execute("BEGIN IMMEDIATE")
        (job_id,) = connection.execute(f"SELECT job_id FROM new.{RUNS}").fetchone()  # noqa: S608
        _forget(connection, job_id)
        for (table,) in connection.execute(
            "SELECT name FROM new.sqlite_schema WHERE type = 'table'"
        ).fetchall():
            if table != COLUMNS:
                _append(connection, table)
        connection.execute(
            f"INSERT INTO main.{COLUMNS} SELECT * FROM new.{COLUMNS} EXCEPT SELECT * FROM main.{COLUMNS}"  # noqa: S608
        )
        connection.execute("COMMIT")
    return copy


def _append(connection: sqlite3.Connection, table: str) -> None:
    """Add the new rows of one table, and the table or columns that the shared file lacks."""
    new = connection.execute("SELECT name, type FROM pragma_table_info(?, 'new')", (table,)).fetchall()
    columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in new)
    connection.execute(f"CREATE TABLE IF NOT EXISTS main.{quoted(table)} ({columns})")
    known = {row[0] for row in connection.execute("SELECT name FROM pragma_table_info(?, 'main')", (table,))}
    for name, kind in new:
        if name not in known:
            connection.execute(f"ALTER TABLE main.{quoted(table)} ADD COLUMN {quoted(name)} {kind}")
    names = ", ".join(quoted(name) for name, _ in new)
    connection.execute(
        f"INSERT INTO main.{quoted(table)} ({names}) SELECT {names} FROM new.{quoted(table)}"  # noqa: S608
    )


def _forget(connection: sqlite3.Connection, job_id: str) -> None:
    """Remove a job's rows from the tables that jobs write; others somebody has added for themselves."""
    ours = f"SELECT ? UNION SELECT table_name FROM main.{COLUMNS}"  # noqa: S608
    tables = connection.execute(
        f"SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name IN ({ours})",  # noqa: S608
        (RUNS,),
    ).fetchall()
    for (table,) in tables:
        connection.execute(f"DELETE FROM main.{quoted(table)} WHERE job_id = ?", (job_id,))  # noqa: S608


@contextmanager
def _changing(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a private copy of one of our databases; raises StorageError for any other file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        try:
            (found,) = connection.execute("PRAGMA application_id").fetchone()
            if found != APPLICATION_ID:
                raise StorageError(
                    "The file that db_location names is no database of VideoAnnotator", hint=_HINT
                )
            yield connection
        except sqlite3.Error as error:
            raise StorageError(
                f"The database that db_location names cannot be changed: {error}", hint=_HINT
            ) from error


def _copy_out(folder: int, name: str, copy: Path) -> bool:
    """Copy a database into our own folder; False where there is none."""
    for trace in ("-journal", "-wal"):
        if beneath.exists(folder, name + trace):
            raise StorageError(
                f"Another program is writing to {name}", hint="Close that program and submit again."
            )
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except FileNotFoundError:
        return False
    with os.fdopen(descriptor, "rb") as source, copy.open("wb") as target:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise StorageError(f"{name} is no regular file")
        shutil.copyfileobj(source, target, 1 << 20)
    return True


def _replace(folder: int, name: str, source: Path, job_id: str) -> PublishedFile:
    """Let a copy of a file take a name in a folder; the name alone is replaced, be it a link."""
    hidden = f"{HIDDEN_PREFIX}{job_id}.sqlite.part"
    with suppress(FileNotFoundError):
        os.unlink(hidden, dir_fd=folder)
    written = copy_into(folder, source, hidden)
    os.rename(hidden, name, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)
    return written.model_copy(update={"name": name})


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One writer at a time among all of this server's workers."""
    atomic.make_dir(lock.parent)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
