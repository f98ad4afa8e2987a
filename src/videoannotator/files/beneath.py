"""Open, make and rename below an open folder, with no way out of it.

On Linux the kernel itself refuses to leave the folder or to follow a symbolic link (``openat2``). Elsewhere,
and where a sandbox forbids that call, each part of a path is opened by itself without following links, so
that a folder that somebody swaps for a link in between ends the walk. Paths have no ``..`` parts.
"""

import ctypes
import errno
import functools
import os
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
DIR_MODE, FILE_MODE = 0o750, 0o640
_SYS_OPENAT2 = 437  # the same on every architecture; include/uapi/asm-generic/unistd.h
_NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x02, 0x04, 0x08  # include/uapi/linux/openat2.h
_RENAME_NOREPLACE = 1
_UNAVAILABLE = (errno.ENOSYS, errno.EPERM, errno.EINVAL)


def open_beneath(folder: int, parts: Sequence[str], flags: int) -> int:
    """A descriptor of what lies at ``parts`` below an open folder; raises OSError, ELOOP for a link."""
    if not parts:
        return os.open(".", FOLDER, dir_fd=folder)
    if _has_openat2():
        return _openat2(folder, "/".join(parts), flags)
    return _walk(folder, parts, flags)


def make_folders(folder: int, parts: Sequence[str]) -> int:
    """Make what is missing of a path of folders, one level at a time; returns the last one's descriptor."""
    current = os.dup(folder)
    for part in parts:
        try:
            below = _made(current, part)
        finally:
            os.close(current)
        current = below
    return current


def rename_new(folder: int, source: str, target: str) -> None:
    """Give an entry of a folder a new name; raises FileExistsError where that name is taken."""
    library = _libc()
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        done = library.renameat2(folder, os.fsencode(source), folder, os.fsencode(target), _RENAME_NOREPLACE)
        if done == 0:
            return
        code = ctypes.get_errno()
        if code not in _UNAVAILABLE:
            raise OSError(code, os.strerror(code), target)
    if exists(folder, target):  # file systems without that call: the name of a job is unique anyway
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
    os.rename(source, target, src_dir_fd=folder, dst_dir_fd=folder)


def exists(folder: int, name: str) -> bool:
    """Whether the folder has an entry of this name, be it a broken link."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _made(folder: int, name: str) -> int:
    try:
        return os.open(name, FOLDER, dir_fd=folder)
    except FileNotFoundError:
        with suppress(FileExistsError):  # somebody was quicker; whether it is a folder shows now
            os.mkdir(name, DIR_MODE, dir_fd=folder)
        return os.open(name, FOLDER, dir_fd=folder)


def _walk(folder: int, parts: Sequence[str], flags: int) -> int:
    *folders, last = parts
    current = os.dup(folder)
    try:
        for part in folders:
            below = os.open(part, FOLDER, dir_fd=current)
            os.close(current)
            current = below
        return os.open(last, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=current)
    finally:
        os.close(current)


def _openat2(folder: int, path: str, flags: int) -> int:
    rules = _BENEATH | _NO_SYMLINKS | _NO_MAGICLINKS
    how = struct.pack("QQQ", flags | os.O_CLOEXEC, 0, rules)
    while True:
        found: int = _libc().syscall(_SYS_OPENAT2, folder, os.fsencode(path), how, len(how))
        if found >= 0:
            return found
        code = ctypes.get_errno()
        if code != errno.EAGAIN:  # the kernel could not make sure while somebody moved folders about
            raise OSError(code, os.strerror(code), path)


@functools.cache
def _has_openat2() -> bool:
    if sys.platform != "linux":
        return False
    try:
        folder = os.open("/", FOLDER)
        try:
            os.close(_openat2(folder, ".", FOLDER))
        finally:
            os.close(folder)
    except OSError:
        return False
    return True


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
