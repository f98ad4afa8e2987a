"""The server's data directory: one server at a time, and the small secrets that live in it."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from videoannotator.domain.errors import CannotStart

TOKEN_FILE, SECRET_FILE, LOCK_FILE = "token", "secret", "server.lock"


@contextmanager
def claimed(data_dir: Path) -> Iterator[Path]:
    """Make the directory where it is missing and keep every other server out of it for the time being.

    Raises CannotStart for one that cannot be written or that another server uses.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / LOCK_FILE).open("w")
    except OSError as error:
        raise CannotStart(
            f"The data directory {data_dir} cannot be written ({error.strerror})",
            hint="Choose another with --data-dir, or mend its permissions.",
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(
                f"Another server uses the data directory {data_dir}",
                hint="Stop it, or choose another directory; workers on more machines: videoannotator work.",
            ) from error
        yield data_dir


def secret(data_dir: Path) -> bytes:
    """The key with which tickets and links are signed; made at the first start."""
    path = data_dir / SECRET_FILE
    if not path.exists():
        write_private(path, secrets.token_hex(32))
    return path.read_bytes()


def write_private(path: Path, text: str) -> None:
    """Write a small file that only its owner can read."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
