"""Uploaded bytes under their SHA-256: the same video is stored once, and its name is never a path."""

import contextlib
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from videoannotator.domain.errors import PayloadTooLarge, StorageFull
from videoannotator.files import atomic

MOST_PARTS = 1024  # IOV_MAX of Linux and macOS


class BlobWriter:
    """Writes one blob to a hidden file while hashing it; not for use by two threads at once."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        self._hash = hashlib.sha256()
        self.n_bytes = 0

    def write(self, parts: Sequence[bytes]) -> None:
        """Append bytes; raises PayloadTooLarge, StorageFull or StorageError."""
        self.n_bytes += sum(len(part) for part in parts)
        if self.n_bytes > self._max_bytes:
            raise PayloadTooLarge(f"The upload is larger than {self._max_bytes / 1e9:.1f} GB")
        with atomic.storage_errors(self.path):
            for part in parts:
                self._hash.update(part)
            _write_all(self._file, parts)

    def finish(self) -> str:
        """Sync the bytes and return their SHA-256."""
        with atomic.storage_errors(self.path):
            os.fsync(self._file)
        return self._hash.hexdigest()

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _write_all(file: int, parts: Sequence[bytes]) -> None:
    """Write many parts with few calls: each one lets go of the interpreter and has to win it back."""
    left: list[bytes | memoryview] = list(parts)
    while left:
        n_bytes = os.writev(file, left[:MOST_PARTS])
        while left and n_bytes >= len(left[0]):
            n_bytes -= len(left.pop(0))
        if n_bytes:
            left[0] = memoryview(left[0])[n_bytes:]


class BlobStore:
    """Blobs at ``root/ab/cd/<sha256>``, written beside them under hidden names.

    ``reserve_bytes`` is kept free on the disk, so that the database and running jobs can go on.
    """

    def __init__(self, root: Path, *, max_bytes: int, reserve_bytes: int) -> None:
        self._root = root
        self.max_bytes = max_bytes
        self._reserve_bytes = reserve_bytes

    def path(self, sha256: str) -> Path:
        """Where the blob of this hash lies or would lie."""
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def expect(self, n_bytes: int | None) -> None:
        """Raise before the first byte where so many would not fit: PayloadTooLarge or StorageFull."""
        if n_bytes is not None and n_bytes > self.max_bytes:
            raise PayloadTooLarge(
                f"The upload has {n_bytes / 1e9:.2f} GB; this server accepts {self.max_bytes / 1e9:.2f} GB"
            )
        atomic.make_dir(self._root)
        free = shutil.disk_usage(self._root).free
        if free < (n_bytes or 0) + self._reserve_bytes:
            raise StorageFull(f"Only {free / 1e9:.2f} GB are free on the server's disk")

    @contextmanager
    def writing(self) -> Iterator[BlobWriter]:
        """A writer for one blob; what was not kept by ``keep`` is gone afterwards."""
        incoming = self._incoming()
        with atomic.storage_errors(incoming):
            atomic.make_dir(incoming)
        path = incoming / f"{atomic.PARTIAL_PREFIX}{uuid.uuid4().hex}"
        with atomic.storage_errors(path):
            writer = BlobWriter(path, self.max_bytes)
        try:
            yield writer
        finally:
            writer.close()
            path.unlink(missing_ok=True)

    def keep(self, writer: BlobWriter) -> tuple[str, Path]:
        """Give finished bytes their name; returns the SHA-256 and the path."""
        sha256 = writer.finish()
        target = self.path(sha256)
        with atomic.storage_errors(target):
            if target.exists():  # the same bytes have come before
                return sha256, target
            atomic.make_dir(target.parent)
            writer.path.replace(target)
            atomic.sync(target.parent)
        return sha256, target

    def adopt(self, path: Path) -> str:
        """Take in a complete file of the same disk; returns its SHA-256. The file stays where it is, too.

        Raises StorageError.
        """
        with atomic.storage_errors(path):
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            target = self.path(sha256)
            atomic.make_dir(target.parent)
            with contextlib.suppress(FileExistsError):
                os.link(path, target)
            atomic.sync(target.parent)
        return sha256

    def remove(self, sha256: str) -> None:
        """Delete a blob that nobody uses any more; a missing one is no error."""
        self.path(sha256).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """The SHA-256 of every blob."""
        return (path.name for path in self._root.glob("??/??/*"))

    def tidy(self) -> None:
        """Delete half-written blobs; call before the first upload."""
        if self._incoming().is_dir():
            atomic.remove_partials(self._incoming())

    def _incoming(self) -> Path:
        return self._root / "incoming"
