"""The folders that the operator has opened to clients, and everything that is found or made below them."""

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from videoannotator.domain.errors import (
    NotARegularFile,
    PlaceChanged,
    PlaceNotAllowed,
    VideoNotFound,
)
from videoannotator.domain.names import as_people_count
from videoannotator.domain.places import FileStamp, Place
from videoannotator.files import atomic, beneath, place_names

_LINK_OR_FILE = (errno.ELOOP, errno.ENOTDIR, errno.EXDEV)
_FILE = os.O_RDONLY | os.O_NONBLOCK  # opening a FIFO waits for a writer otherwise


@dataclass(frozen=True, slots=True)
class Spot:
    """A place by name: nothing says yet that it exists."""

    root: str
    parts: tuple[str, ...]
    field: str

    @property
    def path(self) -> str:
        """The path below the root."""
        return "/".join(self.parts)

    @property
    def text(self) -> str:
        """How clients write it."""
        return f"{self.root}:{self.path}"

    def below(self, *parts: str) -> "Spot":
        """Something that it holds."""
        return Spot(self.root, (*self.parts, *parts), self.field)

    @property
    def parent(self) -> "Spot":
        """The folder that holds it."""
        return Spot(self.root, self.parts[:-1], self.field)


class Roots:
    """Named folders. Whatever is opened through them lies below them, whoever swaps folders for links."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self.folders = dict(folders)

    def locate(self, text: str, field: str, *, new: bool) -> Spot:
        """The spot that a client means; raises InvalidPlace or PlaceNotAllowed without touching a disk.

        ``new`` is for places that may have to be made, whose names keep to stricter rules.
        """
        place_names.check_text(text, field)
        if text.startswith("/"):
            root, path = self._above(text, field)
        else:
            root, colon, path = text.partition(":")
            if not colon or root not in self.folders:
                raise self._unknown(field)
        return Spot(root, place_names.parts_of(path, new=new, field=field), field)

    def check(self, spot: Spot) -> None:
        """Raise unless the folder is there or could be made: PlaceNotAllowed, StorageError."""
        with self._errors(spot), self._open(spot.root) as folder:
            for depth in range(1, len(spot.parts) + 1):
                try:
                    os.close(beneath.open_beneath(folder, spot.parts[:depth], beneath.FOLDER))
                except FileNotFoundError:
                    return

    def make(self, spot: Spot, file: str | None = None) -> Place:
        """Make the folder where it is missing; raises PlaceNotAllowed, StorageError."""
        with self._errors(spot), self._open(spot.root) as root:
            folder = beneath.make_folders(root, spot.parts)
            try:
                found = os.fstat(folder)
            finally:
                os.close(folder)
        return Place(root=spot.root, path=spot.path, device=found.st_dev, inode=found.st_ino, file=file)

    @contextmanager
    def entered(self, place: Place) -> Iterator[int]:
        """A descriptor of an accepted folder; raises PlaceChanged when it is another one by now."""
        spot = Spot(place.root, tuple(PurePosixPath(place.path).parts), place.path)
        try:
            with self._open(place.root) as root:
                folder = beneath.open_beneath(root, spot.parts, beneath.FOLDER)
        except OSError as error:
            raise PlaceChanged(
                f"{place.root}:{place.path} cannot be entered any more ({error.strerror})"
            ) from error
        try:
            found = os.fstat(folder)
            if (found.st_dev, found.st_ino) != (place.device, place.inode):
                raise PlaceChanged(f"{place.root}:{place.path} is another folder than it was")
            yield folder
        finally:
            os.close(folder)

    def stamp(self, spot: Spot) -> FileStamp:
        """What identifies a file; raises VideoNotFound, NotARegularFile, PlaceNotAllowed, StorageError."""
        with self._errors(spot):
            descriptor = self._file(spot)
        try:
            return _stamp(spot, os.fstat(descriptor))
        finally:
            os.close(descriptor)

    def open_unchanged(self, stamp: FileStamp) -> int:
        """A descriptor of the file that was stamped; raises PlaceChanged for any other."""
        spot = Spot(stamp.root, tuple(stamp.path.split("/")), stamp.path)
        try:
            descriptor = self._file(spot)
        except (OSError, VideoNotFound, NotARegularFile) as error:
            raise PlaceChanged(f"{stamp.root}:{stamp.path} is no longer there ({error})") from error
        if _stamp(spot, os.fstat(descriptor)) != stamp:
            os.close(descriptor)
            raise PlaceChanged(f"{stamp.root}:{stamp.path} has changed since it was examined")
        return descriptor

    def files(self, spot: Spot, limit: int) -> Iterator[tuple[str, ...]]:
        """The paths below a folder as parts, folder by folder and 2 before 10, without hidden ones and links.

        Raises VideoNotFound where there is no such folder, PlaceNotAllowed or StorageError.
        """
        with self._folder(spot) as folder:
            for where, folders, names, inside in os.fwalk(".", dir_fd=folder, follow_symlinks=False):
                folders[:] = as_people_count(name for name in folders if not name.startswith("."))
                below = PurePosixPath(where).parts
                for name in as_people_count(names):
                    if not name.startswith(".") and _is_regular(inside, name):
                        yield (*below, name)
                        limit -= 1
                        if not limit:
                            return

    def entries(self, spot: Spot) -> tuple[list[str], dict[str, int]]:
        """The folders in a folder, and its files with their sizes in bytes; hidden ones and links are none.

        Raises like ``files``.
        """
        folders: list[str] = []
        sizes: dict[str, int] = {}
        with self._folder(spot) as folder, os.scandir(folder) as found:
            for one in found:
                if one.name.startswith("."):
                    continue
                if one.is_dir(follow_symlinks=False):
                    folders.append(one.name)
                elif one.is_file(follow_symlinks=False):
                    with suppress(FileNotFoundError):  # it has gone meanwhile
                        sizes[one.name] = one.stat(follow_symlinks=False).st_size
        return folders, sizes

    def path(self, root: str, path: str) -> Path:
        """Where something lies, for messages and for readers that take nothing but a path."""
        return self.folders[root] / path

    def _above(self, text: str, field: str) -> tuple[str, str]:
        """The innermost root above an absolute path, and the path below it."""
        found = [
            (name, text.removeprefix(str(folder)).removeprefix("/"))
            for name, folder in self.folders.items()
            if text == str(folder) or text.startswith(f"{folder}/")
        ]
        if not found:
            raise self._unknown(field)
        return min(found, key=lambda one: len(one[1]))

    def _unknown(self, field: str) -> PlaceNotAllowed:
        if not self.folders:
            return PlaceNotAllowed(f"{field}: no places are open to clients on this server", field=field)
        names = ", ".join(f"{name}:" for name in self.folders)
        return PlaceNotAllowed(
            f"{field} is not below a folder that is open to clients",
            hint=f"Begin it with one of the server's roots: {names}",
            field=field,
        )

    @contextmanager
    def _open(self, root: str) -> Iterator[int]:
        if root not in self.folders:
            raise PlaceChanged(f"The root {root!r} is no longer open to clients")
        # The operator may reach the root itself through links: only what lies below is in clients' hands.
        folder = os.open(self.folders[root], os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield folder
        finally:
            os.close(folder)

    @contextmanager
    def _folder(self, spot: Spot) -> Iterator[int]:
        with self._errors(spot), self._open(spot.root) as root:
            try:
                folder = beneath.open_beneath(root, spot.parts, beneath.FOLDER)
            except FileNotFoundError as error:
                raise VideoNotFound(f"There is no folder {spot.text}", field=spot.field) from error
            try:
                yield folder
            finally:
                os.close(folder)

    def _file(self, spot: Spot) -> int:
        try:
            with self._open(spot.root) as root:
                descriptor = beneath.open_beneath(root, spot.parts, _FILE)
        except FileNotFoundError as error:
            raise VideoNotFound(f"There is no file {spot.text}", field=spot.field) from error
        except OSError as error:
            if error.errno != errno.ENXIO:  # a socket
                raise
            raise self._irregular(spot) from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise self._irregular(spot)
        return descriptor

    def _irregular(self, spot: Spot) -> NotARegularFile:
        return NotARegularFile(f"{spot.text} is no regular file", field=spot.field)

    @contextmanager
    def _errors(self, spot: Spot) -> Iterator[None]:
        shown = spot.text
        with atomic.storage_errors(Path(shown)):
            try:
                yield
            except OSError as error:
                if error.errno not in _LINK_OR_FILE:
                    raise
                raise PlaceNotAllowed(
                    f"{spot.field}: {shown} leads through a symbolic link or a file",
                    hint="Name the real folder.",
                    field=spot.field,
                ) from error


def _is_regular(folder: int, name: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def _stamp(spot: Spot, found: os.stat_result) -> FileStamp:
    return FileStamp(
        root=spot.root,
        path=spot.path,
        device=found.st_dev,
        inode=found.st_ino,
        size_bytes=found.st_size,
        mtime_ns=found.st_mtime_ns,
    )
