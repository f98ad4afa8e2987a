"""Copies a data directory while its server works.

Stored bytes and finished files never change once they are there. They are copied, then the database is, then
what has come meanwhile: whatever the copy of the database speaks of has been copied before or after it. Jobs
that run are copied without their checkpoints and start anew where the copy is put to work.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from videoannotator.db import snapshot
from videoannotator.domain.errors import StorageError
from videoannotator.domain.media import Record
from videoannotator.files import atomic
from videoannotator.files.placed_results import MANIFESTS


class Copied(Record):
    """What a backup holds and what it lacks; ``missing`` is empty for a good one."""

    n_files: int
    size_bytes: int
    missing: tuple[str, ...]


def back_up(data_dir: Path, target: Path, database: Path | None, small_files: tuple[str, ...]) -> Copied:
    """Bring a backup up to date; only what is new is copied. ``database`` None leaves the database out.

    Raises StorageError for a target that cannot hold it, or a database that does not pass SQLite's check.
    """
    if target.resolve().is_relative_to(data_dir.resolve()):
        raise StorageError(f"{target} lies in the data directory", hint="Give a folder on another disk.")
    with atomic.storage_errors(target):
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        _copy_new(data_dir, target)
        if database is not None:
            _copy_database(database, target / database.name)
        for name in small_files:
            _copy(data_dir / name, target / name)
        _copy_new(data_dir, target)
        missing = _missing(data_dir, target, database) if database is not None else ()
        sizes = [path.stat().st_size for path in target.rglob("*") if path.is_file()]
    return Copied(n_files=len(sizes), size_bytes=sum(sizes), missing=missing)


def _copy_database(database: Path, target: Path) -> None:
    partial = target.with_name(f"{atomic.HIDDEN}{target.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        snapshot.copy(database, partial)
        found = snapshot.problems(partial)
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found:
        hint = "The last good backup is untouched: restore it."
        raise StorageError(f"The database {database} is damaged: {found[0]}", hint=hint)
    partial.replace(target)


def _copy_new(data_dir: Path, target: Path) -> None:
    for path in _finished(data_dir):
        copy = target / path.relative_to(data_dir)
        if _size(copy) != _size(path):
            _copy(path, copy)


def _finished(data_dir: Path) -> Iterator[Path]:
    """Stored bytes, results of jobs, and what tells where these were put; any of it may go meanwhile."""
    yield from atomic.files_below(data_dir / "blobs")
    jobs_dir = data_dir / "jobs"
    for folder in jobs_dir.iterdir() if jobs_dir.is_dir() else ():
        yield from atomic.files_below(folder / "out")
        yield from (folder / name for name in MANIFESTS)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _copy(source: Path, target: Path) -> None:
    """Copy whole or not at all; what was deleted meanwhile is passed over."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{atomic.HIDDEN}{target.name}.partial")
    try:
        shutil.copy2(source, partial)
    except FileNotFoundError:
        return
    descriptor = os.open(partial, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    partial.replace(target)


def _missing(data_dir: Path, target: Path, database: Path) -> tuple[str, ...]:
    copy = target / database.name
    # Videos that are used where they lie, below the operator's roots, are backed up with those.
    own = [path for text in snapshot.blobs(copy) if (path := Path(text)).is_relative_to(data_dir)]
    stored = [path.relative_to(data_dir) for path in own]
    results = [Path("jobs", job_id, "out", name) for job_id, name in snapshot.results(copy)]
    return tuple(str(path) for path in (*stored, *results) if not (target / path).is_file())
