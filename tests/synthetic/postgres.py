"""A PostgreSQL server of the tests' own, from the system's binaries and as an ordinary user."""

import getpass
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
OPTIONS = "-c fsync=off -c unix_socket_directories= -c listen_addresses=127.0.0.1"


def binaries() -> Path | None:
    """The newest installation that can make a server, None where there is none."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [folder for place in PLACES for folder in Path("/").glob(place[1:])]
    return max((folder for folder in folders if (folder / "initdb").exists()), default=None)


@dataclass(frozen=True)
class Server:
    """A running server: its URL without a database's name, and the means to stop and start it."""

    url: str
    _control: Callable[..., None]

    def start(self) -> None:
        self._control("start")

    def stop(self, mode: str = "fast") -> None:
        """``fast`` cuts off every client, ``immediate`` is a crash."""
        self._control("stop", "-m", mode)


@contextmanager
def server(bin_dir: Path) -> Iterator[Server]:
    """A running server that goes away with everything in it."""
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        port = _free_port()
        _run(user, folder, bin_dir / "initdb", "-D", "data", "-U", "tests", "-A", "trust", "--no-sync")
        options = ("-D", "data", "-w", "-l", "log", "-o", f"{OPTIONS} -p {port}")
        control = partial(_run, user, folder, bin_dir / "pg_ctl", *options)
        running = Server(f"postgresql://tests@127.0.0.1:{port}", control)
        running.start()
        try:
            yield running
        finally:
            running.stop("immediate")
    finally:
        shutil.rmtree(folder)


def new_database(server_url: str) -> str:
    """The URL of an empty database."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server_url}/{name}"


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
