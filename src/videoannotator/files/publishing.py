"""Results at a place of the client's choice: put there whole, and taken away without touching anything else.

A manifest, kept with the job, says what was put where; nothing is removed that it does not name, or that
somebody has changed since.
"""

import os
import shutil
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from videoannotator.domain.errors import OutputExists, PlaceChanged, StorageError
from videoannotator.domain.media import Record
from videoannotator.domain.places import Place
from videoannotator.files import atomic, beneath
from videoannotator.files.roots import Roots

HIDDEN_PREFIX = ".va-"


class PublishedFile(Record):
    """A file as it was written."""

    name: str
    inode: int
    size_bytes: int
    mtime_ns: int


class PublishedFolder(Record):
    """The manifest: one folder that a job has made in a place, and its files."""

    place: Place
    name: str
    inode: int
    files: tuple[PublishedFile, ...]


def publish(roots: Roots, place: Place, name: str, sources: Sequence[Path], manifest: Path) -> None:
    """Copy files into the new folder ``name`` of a place, which appears when it is complete.

    Doing it again does nothing. Raises PlaceChanged, OutputExists, StorageError or StorageFull.
    """
    with roots.entered(place) as folder, atomic.storage_errors(Path(f"{place.root}:{place.path}")):
        if beneath.exists(folder, name):
            if not _is_published(folder, name, manifest):
                raise OutputExists(f"{place.root}:{place.path} has an entry {name} already")
            return
        hidden = f"{HIDDEN_PREFIX}{name}.part"
        _remove_hidden(folder, hidden)
        os.mkdir(hidden, beneath.DIR_MODE, dir_fd=folder)
        inside = os.open(hidden, beneath.FOLDER, dir_fd=folder)
        try:
            files = tuple(copy_into(inside, source, source.name) for source in sources)
            os.fsync(inside)
            inode = os.fstat(inside).st_ino
        finally:
            os.close(inside)
        written = PublishedFolder(place=place, name=name, inode=inode, files=files)
        atomic.write_text(manifest, written.model_dump_json())
        beneath.rename_new(folder, hidden, name)
        os.fsync(folder)
        if not _is_folder(folder, name, inode):
            raise PlaceChanged(f"Somebody has changed {place.root}:{place.path} meanwhile")


def withdraw(roots: Roots, manifest: Path) -> None:
    """Remove what a manifest names and nobody has changed; a place that is gone is no error."""
    if not manifest.is_file():
        return
    written = PublishedFolder.model_validate_json(manifest.read_bytes())
    with suppress(PlaceChanged, OSError), roots.entered(written.place) as folder:
        if not _is_folder(folder, written.name, written.inode):
            return
        inside = os.open(written.name, beneath.FOLDER, dir_fd=folder)
        try:
            for file in written.files:
                remove_unchanged(inside, file)
        finally:
            os.close(inside)
        os.rmdir(written.name, dir_fd=folder)  # fails where somebody has put something into it


def copy_into(folder: int, source: Path, name: str) -> PublishedFile:
    """Copy a file to a new name in an open folder, durably."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(name, flags, beneath.FILE_MODE, dir_fd=folder)
    with os.fdopen(descriptor, "wb") as target, source.open("rb") as bytes_:
        shutil.copyfileobj(bytes_, target, 1 << 20)
        target.flush()
        os.fsync(descriptor)
        return described(name, os.fstat(descriptor))


def described(name: str, found: os.stat_result) -> PublishedFile:
    """What identifies a file that was written."""
    return PublishedFile(name=name, inode=found.st_ino, size_bytes=found.st_size, mtime_ns=found.st_mtime_ns)


def remove_unchanged(folder: int, file: PublishedFile) -> None:
    """Remove a file unless it is gone or another one by now."""
    with suppress(FileNotFoundError):
        if described(file.name, os.stat(file.name, dir_fd=folder, follow_symlinks=False)) == file:
            os.unlink(file.name, dir_fd=folder)


def outputs(folder: Path, names: Iterable[str]) -> list[Path]:
    """The files of a job by name; raises StorageError where one is missing."""
    found = [folder / name for name in names]
    for path in found:
        if not path.is_file():
            raise StorageError(f"{path.name} is missing from the job's results")
    return found


def _is_published(folder: int, name: str, manifest: Path) -> bool:
    """Whether an earlier attempt of the same job has got as far as the name."""
    if not manifest.is_file():
        return False
    written = PublishedFolder.model_validate_json(manifest.read_bytes())
    return _is_folder(folder, name, written.inode)


def _is_folder(folder: int, name: str, inode: int) -> bool:
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_ino == inode


def _remove_hidden(folder: int, hidden: str) -> None:
    """Remove what a killed worker left half done: plain files in one folder."""
    if not beneath.exists(folder, hidden):
        return
    inside = os.open(hidden, beneath.FOLDER, dir_fd=folder)
    try:
        for name in os.listdir(inside):  # noqa: PTH208 (a descriptor has no Path)
            os.unlink(name, dir_fd=inside)
    finally:
        os.close(inside)
    os.rmdir(hidden, dir_fd=folder)
