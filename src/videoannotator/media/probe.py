"""What a file holds, found out by a guarded child process: a hostile file can break only that one."""

import hashlib
import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

from pydantic import ValidationError

from videoannotator.domain.errors import (
    EmptyFile,
    MediaError,
    NotARegularFile,
    ProbeTimeout,
    UnreadableFile,
    VideoNotFound,
)
from videoannotator.domain.media import Record, Video

_log = logging.getLogger(__name__)
_KINDS: list[type[MediaError]] = [MediaError, *MediaError.__subclasses__()]
_KIND_OF_CODE = {kind.code: kind for kind in _KINDS}
_OUT_OF_RESOURCES = (-9, -24)  # SIGKILL and SIGXCPU: what the kernel sends where a limit is hit


class ProbeLimits(Record):
    """What the examination may use, and how large a video may be.

    ``max_packets`` bounds the reading: of a longer file only the head and the tail are looked at.
    """

    wall_s: float = 60.0
    cpu_s: int = 60
    memory_bytes: int = 4 << 30
    max_packets: int = 1_000_000
    max_duration_s: float = 24 * 3600.0
    max_side_px: int = 16_384
    max_area_px: int = 8192 * 8192


class Refusal(Record):
    """How the child says why a file cannot be used."""

    code: str
    message: str


def probe(
    path: Path, limits: ProbeLimits | None = None, *, sha256: str | None = None, name: str | None = None
) -> Video:
    """Examine a file and hash it; a caller who knows its SHA-256 spares the hashing.

    ``name`` is what a person calls the file, for one that lies under another name.

    Raises a MediaError that says what is wrong: no such file, not a file, unreadable, empty, no format that
    is accepted, nothing that can be decoded, encrypted, too large, or not examined in time.
    """
    path = Path(path).absolute()
    name = path.name if name is None else name
    size_bytes = _check_file(path, name)
    video = _examine(path, name, limits or ProbeLimits())
    return video.model_copy(update={"id": sha256 or _sha256(path), "size_bytes": size_bytes})


def _check_file(path: Path, name: str) -> int:
    """Refuse what is no readable, non-empty regular file before anything opens it; its size in bytes."""
    try:
        str(path).encode()
        # Not blocking: opening a FIFO waits for a writer otherwise.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise VideoNotFound(f"no such file: {str(path)!r}") from error
    except UnicodeError as error:
        raise UnreadableFile(
            f"the name {path.name!a} is not valid Unicode", hint="Rename the file."
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnreadableFile(f"{name!r} cannot be opened: {reason}") from error
    try:
        status = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise NotARegularFile(f"{name!r} is {_kind(status.st_mode)}, not a regular file")
    if status.st_size == 0:
        raise EmptyFile(f"{name!r} is empty (0 bytes)")
    return status.st_size


def _kind(mode: int) -> str:
    names = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
    return names.get(stat.S_IFMT(mode), "a device")


def _examine(path: Path, name: str, limits: ProbeLimits) -> Video:
    # -P keeps the current directory out of the import path: nothing beside the video is run.
    command = [sys.executable, "-P", "-m", "videoannotator.media.guard", str(path), name]
    command.append(limits.model_dump_json())
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=limits.wall_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ProbeTimeout(f"{name!r} could not be examined within {limits.wall_s:g} s") from error
    if done.returncode in _OUT_OF_RESOURCES:
        raise ProbeTimeout(f"{name!r} needs more time or memory than an examination may take")
    try:
        if done.returncode == 0:
            return Video.model_validate_json(done.stdout)
        refusal = Refusal.model_validate_json(done.stdout)
    except ValidationError as error:
        _log.warning("the examination of %r ended with %d: %s", name, done.returncode, done.stderr[-2000:])
        raise MediaError(f"the decoder broke down while it looked at {name!r}") from error
    raise _KIND_OF_CODE[refusal.code](refusal.message)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
