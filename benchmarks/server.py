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
from pathlib import Path

from tests.synthetic.clips import Clip, write

from benchmarks.load import answer, get, measure
from videoannotator.client import Client

GIB, PIECE = 1 << 30, 1 << 20
N_JOBS, N_STREAMS, N_EVENTS = 100_000, 1000, 20
SECONDS = 5.0


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = [
        "-m",
        "videoannotator.cli.main",
        "serve",
        "--port",
        str(port),
        "--data-dir",
        str(folder / "data"),
    ]
    server = subprocess.Popen([sys.executable, *command, "--workers", "0"], stdout=subprocess.DEVNULL)
    try:
        asyncio.run(_run(folder, port, server.pid))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
        shutil.rmtree(folder)


async def _run(folder: Path, port: int, pid: int) -> None:
    while True:
        try:
            await measure(port, get("/health", ""), 1.0, 1)
            break
        except OSError:
            await asyncio.sleep(0.2)
    key = (folder / "data/token").read_text()
    print("health           ", await measure(port, get("/health", ""), SECONDS))
    await _upload(folder, port, key, pid)
    with Client(f"http://127.0.0.1:{port}", key) as client:
        clip = write(folder / "clip.mp4", Clip())
        jobs = [client.submit(clip, pipelines=["scene_detection"]).id for _ in range(N_EVENTS)]
        await _streams(port, key, client, jobs)
    _multiply(folder / "data/videoannotator.sqlite")
    print(f"list, {N_JOBS} jobs ", await measure(port, get("/api/v1/jobs?per_page=20", key), SECONDS))
    print("health beside them", await measure(port, get("/health", ""), SECONDS))


async def _upload(folder: Path, port: int, key: str, pid: int) -> None:
    """1 GiB: a clip with padding behind it, which every reader passes over."""
    clip = write(folder / "padded.mp4", Clip()).read_bytes()
    padding = os.urandom(PIECE)
    plain_s = _plain(folder / "plain", clip, padding)
    head = b'--b\r\nContent-Disposition: form-data; name="video"; filename="v.mp4"\r\n\r\n'
    tail = b"\r\n--b--\r\n"
    length = len(head) + len(clip) + GIB + len(tail)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    before_kb = _memory_kb(pid)
    started_s = time.monotonic()
    writer.write(
        f"POST /api/v1/videos HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
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
