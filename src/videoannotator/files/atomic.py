"""Files that appear whole or not at all: write beside the target, sync, rename.

Half-written files carry hidden names (``.part-...``), so that a process killed at any moment leaves nothing
that looks complete. ``OSError`` becomes ``StorageError``, a full disk ``StorageFull``.
"""

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from videoannotator.domain.errors import StorageError, StorageFull

HIDDEN = "."  # what is being written has a name that begins so
PARTIAL_PREFIX = f"{HIDDEN}part-"
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn an ``OSError`` of the body into the error that a person can act on."""
    try:
        yield
    except OSError as error:
        kind = StorageFull if error.errno in _FULL else StorageError
        raise kind(f"{path.name!r}: {error.strerror or error}") from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path to write to; it takes the place of ``path`` when the body ends without an error.

    The temporary file keeps the suffix, for libraries that choose a format by it, and lies in the same
    folder (made where missing), so that the rename is atomic.
    """
    partial = path.with_name(f"{PARTIAL_PREFIX}{uuid.uuid4().hex}{path.suffix}")
    with storage_errors(path):
        make_dir(path.parent)
        try:
            yield partial
            sync(partial)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        sync(path.parent)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file durably: readers see the old bytes or all of the new ones."""
    with replacing(path) as partial:
        partial.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text durably, with the line ends that the text has."""
    write_bytes(path, text.encode())


def replace_dir(source: Path, target: Path) -> None:
    """Put a finished folder in the place of ``target``, both on one file system.

    An old ``target`` is set aside by a rename, so it is never mixed with the new one; a crash between the
    two renames leaves no ``target`` rather than half of one.
    """
    with storage_errors(target):
        for path in source.rglob("*"):
            sync(path)
        sync(source)
        make_dir(target.parent)
        aside = target.with_name(f"{PARTIAL_PREFIX}{uuid.uuid4().hex}")
        if target.exists():
            target.rename(aside)
        source.rename(target)
        sync(target.parent)
        shutil.rmtree(aside, ignore_errors=True)


def remove_partials(folder: Path) -> None:
    """Delete what killed writers left anywhere in a folder that nobody is writing to."""
    with storage_errors(folder):
        for path in list(folder.rglob(f"{PARTIAL_PREFIX}*")):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def files_below(folder: Path) -> Iterator[Path]:
    """Every finished file below a folder that others may be changing; none without a folder.

    What goes while it is looked at is passed over; other errors of the file system are raised.
    """

    def told(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    for parent, folders, names in os.walk(folder, onerror=told):
        folders[:] = (name for name in folders if not name.startswith(HIDDEN))
        yield from (Path(parent, name) for name in names if not name.startswith(HIDDEN))


def make_dir(folder: Path) -> None:
    """Make a folder and its parents durably; one that is there is no error."""
    if folder.is_dir():
        return
    make_dir(folder.parent)
    folder.mkdir(exist_ok=True)
    sync(folder.parent)


def sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
