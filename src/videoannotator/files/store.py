"""Checkpoints as files in one folder: a key is the relative path of its file."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from videoannotator.files import atomic


class FileStore:
    """A ``domain.store.Store`` of synced files below ``root``; nothing is made before the first ``put``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, data: bytes) -> None:
        """Write durably and atomically; raises StorageError or StorageFull."""
        atomic.write_bytes(self._path(key), data)

    def get(self, key: str) -> bytes | None:
        """The bytes, or None where the key was never written."""
        path = self._path(key)
        with atomic.storage_errors(path):
            try:
                return path.read_bytes()
            except FileNotFoundError:
                return None

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Every key that starts with the prefix, sorted; half-written files are none."""
        # Only the folder that the prefix names can hold such keys: the others are not walked.
        folder = self._root / prefix.rpartition("/")[0]
        names = (path.relative_to(self._root).as_posix() for path in atomic.files_below(folder))
        return iter(sorted(name for name in names if name.startswith(prefix)))

    def delete(self, prefix: str) -> None:
        """Remove every key that starts with the prefix; missing ones are no error."""
        for key in list(self.keys(prefix)):
            path = self._path(key)
            with atomic.storage_errors(path):
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        parts = PurePosixPath(key).parts
        # Hidden names are kept for half-written files, and ".." would leave the folder.
        if not parts or key.startswith("/") or any(part.startswith(".") for part in parts):
            raise ValueError(f"not a key: {key!r}")
        return self._root.joinpath(*parts)
