"""A PostgreSQL server of the tests' own, from the system's binaries and as an ordinary user."""

import getpass
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
OPTIONS = "-c fsync=off -c unix_socket_directories= -c listen_addresses=127.0.0.1"


def binaries() -> Path | None:
    """The newest installation that can make a server, None where there is none."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [folder for place in PLACES for folder in Path("/").glob(place[1:])]
    return max((folder for folder in folders if (folder / "initdb").exists()), default=None)


@contextmanager
def server(bin_dir: Path) -> Iterator[str]:
    """A running server that goes away with everything in it; yields its URL without a database's name."""
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        port = _free_port()
        _run(user, folder, bin_dir / "initdb", "-D", "data", "-U", "tests", "-A", "trust", "--no-sync")
        control = (bin_dir / "pg_ctl", "-D", "data", "-w", "-l", "log")
        _run(user, folder, *control, "-o", f"{OPTIONS} -p {port}", "start")
        try:
            yield f"postgresql://tests@127.0.0.1:{port}"
        finally:
            _run(user, folder, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _user() -> str:
    """The server refuses to run for root."""
    if os.geteuid() != 0:
        return getpass.getuser()
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _run(user: str, folder: Path, *command: str | Path) -> None:
    as_user = {"user": user} if os.geteuid() == 0 else {}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # a pipe would stay open for as long as the server lives
        stderr=subprocess.STDOUT,
        check=False,
        **as_user,
    )
    if done.returncode:
        log = folder / "log"
        raise RuntimeError(f"{command} failed: {log.read_text() if log.exists() else done.returncode}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
