"""A plain HTTP client that costs little itself: raw sockets, one request after another on each connection."""

import asyncio
import statistics
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """What many requests took. ``rate`` is requests per second; times are in milliseconds."""

    rate: float
    median_ms: float
    p99_ms: float

    def __str__(self) -> str:
        return f"{self.rate:7.0f} requests/s, median {self.median_ms:.1f} ms, p99 {self.p99_ms:.1f} ms"


async def measure(port: int, request: bytes, seconds: float, n_connections: int = 8) -> Load:
    """Ask for the same thing on several connections for a while; every answer must be 200."""
    taken_s: list[float] = []
    ends_s = time.monotonic() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < ends_s:
            started_s = time.monotonic()
            writer.write(request)
            await answer(reader)
            taken_s.append(time.monotonic() - started_s)
        writer.close()

    await asyncio.gather(*(client() for _ in range(n_connections)))
    centiles = statistics.quantiles(taken_s, n=100)
    return Load(len(taken_s) / seconds, 1000 * centiles[49], 1000 * centiles[98])


async def answer(reader: asyncio.StreamReader) -> int:
    """Read one answer of known length; its size in bytes."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert head.startswith((b"http/1.1 200", b"http/1.1 201")), head
    left = length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
    while left:
        left -= len(await reader.read(min(left, 1 << 20)))
    return length


def get(path: str, key: str, accept: str = "*/*") -> bytes:
    """A request for a path."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\nAuthorization: Bearer {key}\r\n\r\n"
    ).encode()
