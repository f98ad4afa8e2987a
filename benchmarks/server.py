"""The server under load: health, an upload beside a plain write of the same bytes, streams, long lists.

The load clients run in this process, on the same processors as the server.
"""

import asyncio
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
from pathlib import Path

from tests.synthetic.clips import Clip, write

from benchmarks.load import answer, get, measure
from videoannotator.client import Client, Job

GIB, PIECE = 1 << 30, 1 << 20
N_JOBS, N_STREAMS, N_EVENTS, N_STARTS = 100_000, 1000, 20, 5
SECONDS = 5.0


def main() -> None:
    """Print figures; first those with a worker, then those without, whose jobs wait."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        with _served(folder, n_workers=1) as (port, pid):
            asyncio.run(_at_work(folder, port, pid))
        with _served(folder, n_workers=0) as (port, _):
            asyncio.run(_waiting(folder, port))
    finally:
        shutil.rmtree(folder)


@contextmanager
def _served(folder: Path, n_workers: int) -> Iterator[tuple[int, int]]:
    """A server on the folder's data that answers: its port and its process."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    options = ["--port", str(port), "--data-dir", str(folder / "data"), "--workers", str(n_workers)]
    command = [sys.executable, "-m", "videoannotator.cli.main", "serve", *options]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        asyncio.run(_answering(port))
        yield port, server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


async def _answering(port: int) -> None:
    while True:
        try:
            await measure(port, get("/health", ""), 1.0, 1)
            return
        except OSError:
            await asyncio.sleep(0.2)


async def _at_work(folder: Path, port: int, pid: int) -> None:
    key = (folder / "data/token").read_text()
    print("health           ", await measure(port, get("/health", ""), SECONDS))
    await _upload(folder, port, key, pid)
    with Client(f"http://127.0.0.1:{port}", key) as client:
        padded = next(iter(client.jobs())).id
        await asyncio.to_thread(_until_ended, client, padded)
        await _zip(folder, port, key, padded)
        clip = write(folder / "clip.mp4", Clip())
        await asyncio.to_thread(_start, client, clip)


async def _waiting(folder: Path, port: int) -> None:
    key = (folder / "data/token").read_text()
    with Client(f"http://127.0.0.1:{port}", key) as client:
        clip = folder / "clip.mp4"
        jobs = [client.submit(clip, pipelines=["scene_detection"]).id for _ in range(N_EVENTS)]
        await _streams(port, key, client, jobs)
    _multiply(folder / "data/videoannotator.sqlite")
    print(f"list, {N_JOBS} jobs ", await measure(port, get("/api/v1/jobs?per_page=20", key), SECONDS))
    print("health beside them", await measure(port, get("/health", ""), SECONDS))


def _start(client: Client, clip: Path) -> None:
    """How long a job waits that has a worker to itself."""
    waited_s = []
    for _ in range(N_STARTS):
        job = _until_ended(client, client.submit(clip, pipelines=["shot_detection"]).id)
        assert job.started_at is not None
        waited_s.append((job.started_at - job.created_at).total_seconds())
    print(f"submit to running: median {1000 * statistics.median(waited_s):.0f} ms of {N_STARTS}")


def _until_ended(client: Client, job_id: str) -> Job:
    for _ in client.watch(job_id):
        pass
    return client.job(job_id)


async def _zip(folder: Path, port: int, key: str, job_id: str) -> None:
    """The ZIP with the large video, against reading the same bytes."""
    video = max((folder / "data/blobs").glob("??/??/*"), key=lambda path: path.stat().st_size)
    started_s = time.monotonic()
    with video.open("rb") as file:
        while file.read(PIECE):
            pass
    plain_s = time.monotonic() - started_s
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    started_s = time.monotonic()
    writer.write(get(f"/api/v1/jobs/{job_id}/artifacts", key, accept="application/zip"))
    n_bytes = await answer(reader)  # fails without Content-Length
    seconds = time.monotonic() - started_s
    writer.close()
    ratio = seconds / plain_s
    print(f"ZIP of {n_bytes / GIB:.2f} GiB   {seconds:.2f} s, {ratio:.2f} of reading ({plain_s:.2f} s)")


async def _upload(folder: Path, port: int, key: str, pid: int) -> None:
    """1 GiB: a clip with padding behind it, which every reader passes over."""
    clip = write(folder / "padded.mp4", Clip()).read_bytes()
    padding = os.urandom(PIECE)
    plain_s = _plain(folder / "plain", clip, padding)
    head = b'--b\r\nContent-Disposition: form-data; name="video"; filename="v.mp4"\r\n\r\n'
    choice = b'--b\r\nContent-Disposition: form-data; name="selected_pipelines"\r\n\r\nshot_detection'
    tail = b"\r\n" + choice + b"\r\n--b--\r\n"
    length = len(head) + len(clip) + GIB + len(tail)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    before_kb = _memory_kb(pid)
    started_s = time.monotonic()
    writer.write(
        f"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n".encode()
        + head
        + clip
    )
    beside = asyncio.create_task(measure(port, get("/health", ""), 2.0, 1))
    for _ in range(GIB // PIECE):
        writer.write(padding)
        await writer.drain()
    writer.write(tail)
    await answer(reader)
    seconds = time.monotonic() - started_s
    writer.close()
    print(
        f"upload of 1 GiB   {seconds:.2f} s, "
        f"{seconds / plain_s:.2f} of write + fsync + SHA-256 ({plain_s:.2f} s)"
    )
    print(f"  health meanwhile {await beside}; memory {(_memory_kb(pid) - before_kb) / 1024:+.0f} MiB")


def _plain(path: Path, clip: bytes, padding: bytes) -> float:
    started_s, digest = time.monotonic(), hashlib.sha256()
    with path.open("wb") as file:
        for piece in (clip, *[padding] * (GIB // PIECE)):
            file.write(piece)
            digest.update(piece)
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    return time.monotonic() - started_s


async def _streams(port: int, key: str, client: Client, jobs: list[str]) -> None:
    """Many readers of everything; each cancelled job is one event that all of them hear."""
    delays_s: list[float] = []
    sent_s: dict[bytes, float] = {}
    ready = asyncio.Semaphore(0)

    async def listen() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(get("/api/v1/events/stream", key))
        await reader.readuntil(b"retry")
        ready.release()
        heard = 0
        while heard < N_EVENTS:
            line = await reader.readline()
            if line.startswith(b"event: job.cancelled"):
                data = await reader.readline()
                delays_s.append(time.monotonic() - sent_s[data.split(b'"job_id":"')[1][:36]])
                heard += 1
        writer.close()

    listeners = [asyncio.create_task(listen()) for _ in range(N_STREAMS)]
    for _ in listeners:
        await ready.acquire()
    started_s = time.monotonic()
    for job_id in jobs:
        sent_s[job_id.encode()] = time.monotonic()
        await asyncio.to_thread(client.cancel, job_id)
    await asyncio.gather(*listeners)
    centiles = statistics.quantiles(delays_s, n=100)
    rate = len(delays_s) / (time.monotonic() - started_s)
    print(
        f"events to {len(listeners)} streams: {rate:.0f}/s, from the request to the reader "
        f"median {1000 * centiles[49]:.0f} ms, p99 {1000 * centiles[98]:.0f} ms"
    )


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


def _memory_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


if __name__ == "__main__":
    main()
