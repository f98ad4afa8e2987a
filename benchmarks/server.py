"""The server under load: health, an upload beside a plain write of the same bytes, streams, long lists.

The load clients (``load.py``) are processes of their own on the same processors as the server. What they
measure of a bare Starlette application (``plain.py``) in the same run tells what is the server's share.
"""

import hashlib
import os
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tests.synthetic.clips import Clip, write

from benchmarks.load import PIECE, apart, fetch, get, listen, measure, send
from videoannotator.client import Client, Job
from videoannotator.db import jobs as life
from videoannotator.db.database import Database, sqlite_url

GIB = 1 << 30
BOUNDARY = b"------------------------d74496d66958873e"  # as curl makes them
N_JOBS, N_STREAMS, N_BURST, N_PACED, N_STARTS = 100_000, 1000, 50, 20, 5
PACE_S = 0.2
SECONDS = 5.0


class Server(NamedTuple):
    """A server that answers."""

    port: int
    pid: int
    folder: Path
    plain_port: int  # of the bare application

    @property
    def key(self) -> str:
        """The operator's API key."""
        return (self.folder / "data/token").read_text()

    @property
    def database(self) -> Path:
        """Its SQLite file."""
        return self.folder / "data/videoannotator.sqlite"

    def client(self) -> Client:
        """A client of its API."""
        return Client(f"http://127.0.0.1:{self.port}", self.key)

    def memory_kib(self, kind: str = "VmRSS") -> int:
        """What it holds in memory; ``VmHWM`` for the most that it ever held."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split(f"{kind}:")[1].split()[0])


def main() -> None:
    """Print figures; first those with a worker, then those without, whose jobs wait."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    print(f"load clients: Python, epoll, one process each, on the same {os.cpu_count()} processors")
    try:
        with _plain() as plain_port:
            with served(folder, 1, plain_port) as server:
                time.sleep(SECONDS)  # it goes on loading for a while when it answers already
                _requests("health", server, "/health")
                _upload(server)
                with server.client() as client:
                    _zip(server, _until_ended(client, next(iter(client.jobs())).id))
                    _start(client, write(folder / "clip.mp4", Clip()))
            with served(folder, 0, plain_port) as server:
                _streams(server)
                _multiply(server.database)
                _requests(f"list, {N_JOBS} jobs", server, "/api/v1/jobs?per_page=20")
                pages = [f"/api/v1/jobs?per_page=20&cursor={20 * page}" for page in range(2, N_JOBS // 20)]
                _requests("  each page once", server, *pages)
    finally:
        shutil.rmtree(folder)


@contextmanager
def _plain() -> Iterator[int]:
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.plain:app", "--log-level", "error"]
    with _running([*command, "--port", str(port)], port, "/bytes/1"):
        yield port


@contextmanager
def served(folder: Path, n_workers: int, plain_port: int = 0) -> Iterator[Server]:
    """A server on the folder's data."""
    port = _free_port()
    options = ["--port", str(port), "--data-dir", str(folder / "data"), "--workers", str(n_workers)]
    command = [sys.executable, "-m", "videoannotator.cli.main", "serve", *options]
    with _running(command, port, "/health") as pid:
        yield Server(port, pid, folder, plain_port)


@contextmanager
def _running(command: list[str], port: int, path: str) -> Iterator[int]:
    """A process whose port answers."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while True:
            try:
                fetch(port, get(path))
                break
            except OSError:
                time.sleep(0.2)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _requests(name: str, server: Server, *paths: str) -> None:
    """Requests in turn, and as many bytes from the bare application."""
    requests = [get(path, server.key) for path in paths]
    n_bytes, _ = fetch(server.port, requests[0])
    print(f"{name:18}", apart(measure, server.port, requests, SECONDS).result())
    plain = [get(f"/bytes/{n_bytes}")]
    print("  plain           ", apart(measure, server.plain_port, plain, SECONDS).result())


def _upload(server: Server) -> None:
    """1 GiB: a clip with padding behind it, which every reader passes over."""
    clip = write(server.folder / "padded.mp4", Clip()).read_bytes()
    padding = [os.urandom(PIECE)] * (GIB // PIECE)
    plain_s = _written_s(server.folder / "plain", [clip, *padding])
    part = b"--" + BOUNDARY + b"\r\nContent-Disposition: form-data; name="
    head = part + b'"video"; filename="v.mp4"\r\n\r\n'
    choice = b"\r\n" + part + b'"selected_pipelines"\r\n\r\nshot_detection'
    body = [head, clip, *padding, choice, b"\r\n--" + BOUNDARY + b"--\r\n"]
    request = (
        f"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.key}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY.decode()}\r\n"
        f"Content-Length: {sum(map(len, body))}\r\n\r\n"
    )
    before_kib = server.memory_kib()
    beside = apart(measure, server.port, [get("/health")], 2.0, 1)
    sent = apart(send, server.port, [request.encode(), *body]).result()
    print(
        f"upload of 1 GiB    {sent.answered_s:.2f} s, {sent.answered_s / plain_s:.2f} of write + fsync + "
        f"SHA-256 ({plain_s:.2f} s); the last byte was taken after {sent.taken_s:.2f} s"
    )
    print(
        f"  health meanwhile {beside.result()}; memory {(server.memory_kib() - before_kib) / 1024:+.0f} MiB"
    )


def _written_s(path: Path, pieces: list[bytes]) -> float:
    started_s, digest = time.perf_counter(), hashlib.sha256()
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    return time.perf_counter() - started_s


def _zip(server: Server, job: Job) -> None:
    """The ZIP with the large video, against reading the same bytes."""
    video = max((server.folder / "data/blobs").glob("??/??/*"), key=lambda path: path.stat().st_size)
    started_s = time.perf_counter()
    with video.open("rb") as file:
        while file.read(PIECE):
            pass
    plain_s = time.perf_counter() - started_s
    request = get(f"/api/v1/jobs/{job.id}/artifacts", server.key, accept="application/zip")
    n_bytes, seconds = apart(fetch, server.port, request).result()  # fails without Content-Length
    ratio = seconds / plain_s
    print(f"ZIP of {n_bytes / GIB:.2f} GiB    {seconds:.2f} s, {ratio:.2f} of reading ({plain_s:.2f} s)")


def _start(client: Client, clip: Path) -> None:
    """How long a job waits that has a worker to itself."""
    waited_s = []
    for _ in range(N_STARTS):
        job = _until_ended(client, client.submit(clip, pipelines=["shot_detection"]).id)
        assert job.started_at is not None
        waited_s.append((job.started_at - job.created_at).total_seconds())
    print(f"submit to running  median {1000 * statistics.median(waited_s):.0f} ms of {N_STARTS}")


def _until_ended(client: Client, job_id: str) -> Job:
    for _ in client.watch(job_id):
        pass
    return client.job(job_id)


def _streams(server: Server) -> None:
    """Many readers of everything; each cancelled job is one event that all of them hear."""
    database = Database(sqlite_url(server.database))
    stream = get("/api/v1/events/stream", server.key)
    with server.client() as client:
        clip, chosen = server.folder / "clip.mp4", ["scene_detection"]
        jobs = [client.submit(clip, pipelines=chosen).id for _ in range(N_BURST + N_PACED)]
        before_kib = server.memory_kib()
        with _listening(server.port, stream, N_PACED, f"{N_STREAMS} streams, {1 / PACE_S:.0f} Hz"):
            print(f"  memory of a stream {(server.memory_kib() - before_kib) / N_STREAMS:.0f} KiB")
            for job_id in jobs[:N_PACED]:
                client.cancel(job_id)
                time.sleep(PACE_S)
    with _listening(server.port, stream, N_BURST, f"  {N_BURST} at once"), database.write() as connection:
        for job_id in jobs[N_PACED:]:
            life.request_cancel(connection, job_id, None, datetime.now(UTC))
    with _listening(server.plain_port, get("/stream"), N_BURST, "  plain"):
        fetch(server.plain_port, get(f"/publish/{N_BURST}"))


@contextmanager
def _listening(port: int, request: bytes, n_events: int, name: str) -> Iterator[None]:
    """Streams that are open in the body, and afterwards what they have heard."""
    ready, begun = os.pipe()
    heard = apart(listen, port, request, N_STREAMS, n_events, begun)
    os.read(ready, 1)
    yield
    print(f"{name:18}", heard.result())
    os.close(ready)
    os.close(begun)


def _multiply(database: Path) -> None:
    """Many jobs like the one that is there, without the time that their submission takes."""
    with sqlite3.connect(database) as connection:
        columns = [
            row[1] for row in connection.execute("PRAGMA table_info(jobs)") if row[1] not in ("id", "seq")
        ]
        names = ", ".join(columns)
        connection.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {N_JOBS}) "
            f"INSERT INTO jobs (id, {names}) SELECT 'copy-' || i, {names} "
            "FROM n, (SELECT * FROM jobs LIMIT 1)"
        )
        connection.execute("UPDATE counters SET n_jobs = n_jobs + ? WHERE status = 'cancelled'", (N_JOBS,))
    connection.close()


if __name__ == "__main__":
    main()
