"""One process at a time at something, told by a file that is gone when nobody is at it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from videoannotator.files import atomic


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Whether nobody else is inside at this path; the lock dies with its holder. Raises StorageError."""
    with atomic.storage_errors(path):
        file = path.open("w")
    with file:
        held = _taken(file, path)
        try:
            yield held
        finally:
            if held:
                path.unlink(missing_ok=True)


def _taken(file: IO[str], path: Path) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The last holder may have removed it since it was opened: then another file is the lock by now.
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False
