"""Load clients that cost little themselves: raw sockets and epoll, each in a process of its own."""

import itertools
import multiprocessing
import os
import selectors
import socket
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, ParamSpec, TypeVar

PIECE = 1 << 20
EVENT = b"event: job.cancelled\n"
_Given, _Result = ParamSpec("_Given"), TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Load:
    """What many requests took. ``rate`` is requests per second; times are in milliseconds."""

    rate: float
    median_ms: float
    p99_ms: float

    def __str__(self) -> str:
        return f"{self.rate:6.0f} requests/s, median {self.median_ms:.1f} ms, p99 {self.p99_ms:.1f} ms"


class Sent(NamedTuple):
    """When the last byte of a body was taken, and when the answer was there: seconds after the first one."""

    taken_s: float
    answered_s: float


@dataclass(frozen=True, slots=True)
class Heard:
    """Frames that many streams received; delays are from the time that is written in a frame."""

    n_frames: int
    seconds: float
    median_ms: float
    p99_ms: float

    def __str__(self) -> str:
        rate = f"{self.n_frames / self.seconds:7.0f} events/s"
        return (
            f"{rate}, from the event to the reader median {self.median_ms:.0f} ms, p99 {self.p99_ms:.0f} ms"
        )


def apart(work: Callable[_Given, _Result], *given: _Given.args, **more: _Given.kwargs) -> "Future[_Result]":
    """Begin the work in another process."""
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("fork"))
    try:
        return pool.submit(work, *given, **more)
    finally:
        pool.shutdown(wait=False)


def get(path: str, key: str = "", accept: str = "*/*") -> bytes:
    """A request for a path."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\nAuthorization: Bearer {key}\r\n\r\n"
    ).encode()


def measure(port: int, requests: Sequence[bytes], seconds: float, n_connections: int = 8) -> Load:
    """Send requests in turn on several connections for a while; every answer must be 200."""
    following = itertools.cycle(requests)
    taken_s: list[float] = []
    with selectors.DefaultSelector() as waiting:
        asked_s = {_connected(port, next(following)): time.perf_counter() for _ in range(n_connections)}
        for connection in asked_s:
            waiting.register(connection, selectors.EVENT_READ)
        ends_s = time.perf_counter() + seconds
        while (now_s := time.perf_counter()) < ends_s:
            for key, _ in waiting.select(timeout=1):
                connection = key.fileobj
                assert isinstance(connection, socket.socket)
                read_answer(connection)
                now_s = time.perf_counter()
                taken_s.append(now_s - asked_s[connection])
                connection.sendall(next(following))
                asked_s[connection] = now_s
        for connection in asked_s:
            connection.close()
    centiles = statistics.quantiles(taken_s, n=100)
    return Load(len(taken_s) / seconds, 1000 * centiles[49], 1000 * centiles[98])


def read_answer(connection: socket.socket) -> int:
    """Read one answer of known length; its size in bytes."""
    data = connection.recv(PIECE)
    while b"\r\n\r\n" not in data:
        data += connection.recv(PIECE)
    head, _, body = data.partition(b"\r\n\r\n")
    assert head[9:12] in (b"200", b"201"), data
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    left, room = length - len(body), bytearray(PIECE)
    while left:
        left -= connection.recv_into(room, min(left, PIECE))
    return length


def fetch(port: int, request: bytes) -> tuple[int, float]:
    """Ask once: the size of the answer and how long it took to come."""
    with _connected(port) as connection:
        started_s = time.perf_counter()
        connection.sendall(request)
        return read_answer(connection), time.perf_counter() - started_s


def send(port: int, parts: Sequence[bytes]) -> Sent:
    """Send a request piece by piece."""
    with _connected(port) as connection:
        started_s = time.perf_counter()
        for part in parts:
            connection.sendall(part)
        taken_s = time.perf_counter() - started_s
        read_answer(connection)
        return Sent(taken_s, time.perf_counter() - started_s)


def listen(port: int, request: bytes, n_streams: int, n_events: int, ready: int) -> Heard:
    """Hear so many events on each of many streams; a byte in the pipe ``ready`` says that all are open."""
    delays_s: list[float] = []
    sent_s: dict[bytes, float] = {}
    with selectors.DefaultSelector() as waiting:
        rest = {_connected(port, request): b"" for _ in range(n_streams)}
        for connection in rest:
            waiting.register(connection, selectors.EVENT_READ)
        n_open = 0
        while len(delays_s) < n_streams * n_events:
            for key, _ in waiting.select():
                connection = key.fileobj
                assert isinstance(connection, socket.socket)
                *frames, rest[connection] = (rest[connection] + connection.recv(PIECE)).split(b"\n\n")
                now_s = time.time()
                for frame in frames:
                    if (begin := frame.find(EVENT)) >= 0:  # the same bytes for everybody from here on
                        frame = frame[begin:]
                        if frame not in sent_s:
                            sent_s[frame] = written_s(frame)
                        delays_s.append(now_s - sent_s[frame])
                    elif b"retry: " in frame:
                        n_open += 1
                        if n_open == n_streams:
                            os.write(ready, b".")
    centiles = statistics.quantiles(delays_s, n=100)
    seconds = now_s - min(sent_s.values())
    return Heard(len(delays_s), seconds, 1000 * centiles[49], 1000 * centiles[98])


def written_s(frame: bytes) -> float:
    """The time that is written in a frame."""
    text = frame.split(b'"timestamp":"')[1].split(b'"')[0].decode()
    return datetime.fromisoformat(text).timestamp()


def _connected(port: int, request: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(request)
    return connection
