"""Weights on this machine: files named by the SHA-256 of their content, complete and right or not there.

Layout of the folder::

    blobs/<sha256>            content
    verified/<sha256>         size and modification time at the moment the content was hashed
    partial/<sha256>          a download that goes on where it was
    corrupt/<sha256>          content that did not match, set aside
    derived/<sha256>.<key>    which blob a converter made of the blob <sha256>
    pins/<model>.json         which files a model turned out to have whose manifest names no hashes
    models/<model>/<file>     links to the blobs, under the names that libraries expect
    wheels/                   packages from which more files are to be taken
"""

import fcntl
import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path

from videoannotator.domain.errors import WeightsCorrupt, WeightsError
from videoannotator.files import atomic

_BLOCK_BYTES = 1 << 20


class Presence(Enum):
    """What is known of a blob."""

    INTACT = "intact"
    ABSENT = "absent"
    CORRUPT = "corrupt"


class Cache:
    """Blobs below ``root``. Nothing is written before the first ``write``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def blob(self, sha256: str) -> Path:
        """Where the content is, if it is there."""
        return self.root / "blobs" / sha256

    @property
    def wheels(self) -> Path:
        """Where packages are kept while they are needed."""
        return self.root / "wheels"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let one process at a time change the cache; the others wait. The lock dies with its holder."""
        with atomic.storage_errors(self.root):
            atomic.make_dir(self.root)
            with (self.root / "lock").open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield

    def presence(self, sha256: str, *, rehash: bool = False) -> Presence:
        """Whether the content is there and right; wrong content is set aside at once.

        A blob is hashed when its size or modification time is not the one noted when it was last hashed,
        and whenever ``rehash`` asks for it.
        """
        path = self.blob(sha256)
        with atomic.storage_errors(path):
            if not path.is_file():
                return Presence.CORRUPT if self._aside(sha256).exists() else Presence.ABSENT
            if not rehash and self._noted(sha256) == _stamp(path):
                return Presence.INTACT
            if _hash(path) != sha256:
                self._set_aside(path, sha256)
                return Presence.CORRUPT
        self._note(sha256)
        return Presence.INTACT

    def write(
        self, sha256: str, size_bytes: int, read_from: Callable[[int], Iterable[bytes]], label: str
    ) -> None:
        """Fetch a blob: ``read_from(offset)`` gives its bytes from there on.

        What an interrupted call wrote is kept and gone on from. Raises WeightsError when bytes are missing,
        and WeightsCorrupt, keeping nothing, when they are not those that ``sha256`` names. However much is
        sent, hardly more than ``size_bytes`` is written.
        """
        partial = self.root / "partial" / sha256
        atomic.make_dir(partial.parent)
        digest, n_bytes = _hash_so_far(partial, size_bytes)
        with partial.open("ab") as file:
            file.truncate(n_bytes)
            for block in read_from(n_bytes):
                digest.update(block)
                file.write(block)
                n_bytes += len(block)
                if n_bytes > size_bytes:
                    break
        if n_bytes < size_bytes:
            raise WeightsError(f"{label}: only {n_bytes} of {size_bytes} bytes came")
        if digest.hexdigest() != sha256:
            partial.unlink()
            raise WeightsCorrupt(f"{label}: what was fetched has SHA-256 {digest.hexdigest()}, not {sha256}")
        self._keep(partial, sha256)

    def add(self, data: bytes) -> str:
        """Keep content that was made here; returns its SHA-256."""
        sha256 = hashlib.sha256(data).hexdigest()
        self.write(sha256, len(data), lambda offset: [data[offset:]], "converted file")
        return sha256

    def derived(self, sha256: str, key: str) -> str | None:
        """SHA-256 of what the converter ``key`` made of a blob; None where it has not been made."""
        try:
            return self._derived(sha256, key).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None

    def note_derived(self, sha256: str, key: str, made: str) -> None:
        """Remember what a converter made of a blob."""
        atomic.write_text(self._derived(sha256, key), f"{made}\n")

    def folder(self, model: str) -> Path:
        """Where a model's files are shown under their names."""
        return self.root / "models" / model

    def link(self, model: str, name: str, sha256: str) -> Path:
        """Show a blob under a name; returns that path."""
        path = self.folder(model) / name
        up = [".."] * (len(Path(name).parts) + 1)  # a file may lie in a folder of its model
        target = Path(*up, "blobs", sha256)
        with atomic.storage_errors(path):
            if not (path.is_symlink() and path.readlink() == target):
                atomic.make_dir(path.parent)
                fresh = path.with_name(f"{atomic.PARTIAL_PREFIX}{uuid.uuid4().hex}")
                fresh.symlink_to(target)
                fresh.replace(path)
        return path

    def _keep(self, partial: Path, sha256: str) -> None:
        atomic.sync(partial)
        blob = self.blob(sha256)
        atomic.make_dir(blob.parent)
        partial.replace(blob)
        atomic.sync(blob.parent)
        self._aside(sha256).unlink(missing_ok=True)
        self._note(sha256)

    def _set_aside(self, path: Path, sha256: str) -> None:
        aside = self._aside(sha256)
        atomic.make_dir(aside.parent)
        # Another process may have met the same damage first.
        with suppress(FileNotFoundError):
            path.replace(aside)

    def _aside(self, sha256: str) -> Path:
        return self.root / "corrupt" / sha256

    def _derived(self, sha256: str, key: str) -> Path:
        return self.root / "derived" / f"{sha256}.{key}"

    def _noted(self, sha256: str) -> list[int] | None:
        try:
            noted = json.loads((self.root / "verified" / sha256).read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None
        return noted if isinstance(noted, list) else None

    def _note(self, sha256: str) -> None:
        atomic.write_text(self.root / "verified" / sha256, json.dumps(_stamp(self.blob(sha256))))


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash_so_far(partial: Path, size_bytes: int) -> "tuple[hashlib._Hash, int]":
    """Hash what an earlier call left; more than the whole is nobody's beginning and is dropped."""
    digest, n_bytes = hashlib.sha256(), 0
    if partial.is_file() and partial.stat().st_size <= size_bytes:
        with partial.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
                n_bytes += len(block)
    return digest, n_bytes
