"""A batch of 10,000 paths: how long it takes to be accepted, and how the server answers meanwhile and later.

``python -m benchmarks.server_batches [N]`` starts a server with one worker and a folder of short clips. The
load clients are processes of their own on the same processors, each asking every 20 ms.
"""

import json
import os
import shutil
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple

from tests.synthetic.clips import Clip, write

from benchmarks.load import PIECE, apart, fetch, get, written_s
from benchmarks.server import Server, served

PAUSE_S = 0.02
SETTLE_S, BEFORE_S, EXAMINED_S = 5.0, 0.5, 15.0


class Asked(NamedTuple):
    """How long answers took, with the time of each; or how old events were when they were heard."""

    at_s: list[float]
    taken_ms: list[float]

    def between(self, first_s: float, last_s: float) -> str:
        """In words, for a stretch of time."""
        pairs = zip(self.at_s, self.taken_ms, strict=True)
        taken = [ms for at_s, ms in pairs if first_s <= at_s < last_s]
        if len(taken) < 2:
            return f"{len(taken)} of them"
        centiles = statistics.quantiles(taken, n=100, method="inclusive")
        figures = {"median": centiles[49], "p99": centiles[98], "worst": max(taken)}
        return ", ".join(f"{name} {ms:.0f} ms" for name, ms in figures.items()) + f" of {len(taken)}"


def main(n_items: int = 10_000) -> None:
    """Print the figures."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    os.environ["VIDEOANNOTATOR_ROOTS"] = json.dumps({"study": str(folder / "study")})
    try:
        paths = _clips(folder / "study", n_items)
        with served(folder, n_workers=1) as server:
            _measured(server, paths)
    finally:
        shutil.rmtree(folder)


def _clips(folder: Path, n_items: int) -> list[str]:
    folder.mkdir()
    clip = write(folder / "clip00000.mp4", Clip(n_frames=10))
    for number in range(1, n_items):
        os.link(clip, folder / f"clip{number:05}.mp4")
    return [f"study:clip{number:05}.mp4" for number in range(n_items)]


def _measured(server: Server, paths: list[str]) -> None:
    time.sleep(SETTLE_S)
    before_kib = server.memory_kib()
    lasts_s = BEFORE_S + 20 + EXAMINED_S
    beside: dict[str, Future[Asked]] = {
        "health": apart(_ask, server.port, get("/health", server.key), lasts_s),
        "jobs": apart(_ask, server.port, get("/api/v1/jobs?per_page=20", server.key), lasts_s),
        "batches": apart(_ask, server.port, get("/api/v1/batches", server.key), lasts_s),
        "events": apart(_hear, server.port, get("/api/v1/events/stream", server.key), lasts_s),
    }
    time.sleep(BEFORE_S)
    began_s = time.time()
    with server.client() as client:
        items = [{"video_path": path} for path in paths]
        batch = client.batches.submit(items=items, selected_pipelines=["shot_detection"])
        accepted_s = time.time()
        accepted_kib = server.memory_kib()
        asked = {name: one.result() for name, one in beside.items()}
        print(f"{len(paths)} paths accepted in {accepted_s - began_s:.2f} s")
        _print("meanwhile", asked, began_s, accepted_s)
        _print("later", asked, accepted_s, time.time())
        done = client.batches.get(batch.id).counts
        print(f"  {done['completed']} completed, {done['failed']} failed by then")
        memory = (before_kib, accepted_kib, server.memory_kib(), server.memory_kib("VmHWM"))
        print("memory before {} MiB, accepted {}, later {}, most {}".format(*(kib >> 10 for kib in memory)))
        client.batches.cancel(batch.id)


def _print(when: str, asked: dict[str, Asked], first_s: float, last_s: float) -> None:
    for name, one in asked.items():
        print(f"  {when:9} {name:8} {one.between(first_s, last_s)}")


def _ask(port: int, request: bytes, seconds: float) -> Asked:
    asked, ends_s = Asked([], []), time.time() + seconds
    while (now_s := time.time()) < ends_s:
        _, taken_s = fetch(port, request)
        asked.at_s.append(now_s)
        asked.taken_ms.append(1000 * taken_s)
        time.sleep(PAUSE_S)
    return asked


def _hear(port: int, request: bytes, seconds: float) -> Asked:
    heard, ends_s = Asked([], []), time.time() + seconds
    with socket.create_connection(("127.0.0.1", port), timeout=0.2) as connection:
        connection.sendall(request)
        for frame in _frames(connection, ends_s):
            if b"\nid: " in b"\n" + frame:  # what has happened since, not how things stood
                now_s = time.time()
                heard.at_s.append(now_s)
                heard.taken_ms.append(1000 * (now_s - written_s(frame)))
    return heard


def _frames(connection: socket.socket, ends_s: float) -> Iterable[bytes]:
    rest = b""
    while time.time() < ends_s:
        try:
            *frames, rest = (rest + connection.recv(PIECE)).split(b"\n\n")
        except TimeoutError:
            continue
        yield from (frame for frame in frames if b'"timestamp":"' in frame)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
