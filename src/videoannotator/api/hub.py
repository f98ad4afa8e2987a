"""Hands events to many readers: one encoded copy in a ring, and a cursor for each reader.

A thousand readers cost no copies and one timer: a sweep over all of them pings who has heard nothing for
long and cuts off who does not read. A reader that falls out of the ring is caught up from the database by
the stream. Only the event loop's thread may touch a hub.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from videoannotator.api import frames
from videoannotator.api.frames import Format
from videoannotator.domain.jobs import Event

CAPACITY = 10_000
STREAMS_PER_KEY = 2_000
STREAMS = 10_000
SEND_TIMEOUT_S, GOODBYE_TIMEOUT_S, PING_INTERVAL_S = 20.0, 1.0, 15.0
_SWEEPS = 20  # while a reader that does not read is waited for
_CACHED_RANGES = 256


@dataclass(frozen=True, slots=True)
class Audience:
    """Which events a reader gets: ``owner`` None for everybody's, ``job_id`` None for all jobs."""

    owner: str | None
    job_id: str | None = None
    form: Format = "named"

    def hears(self, event: Event) -> bool:
        """Whether the reader may and wants to have the event."""
        return self.owner in (None, event.owner) and self.job_id in (None, event.job_id)


@dataclass(eq=False, slots=True)
class Seat:
    """One open stream, which waits for news or sends them; ``closed`` when it has to end."""

    key: str
    limit: asyncio.Timeout  # around all that the stream does
    closed: bool = False
    waiter: asyncio.Future[bytes] | None = None
    since_s: float = 0.0  # when it began to wait or to send, by the loop's clock

    def sends(self) -> None:
        """Note that it begins to send."""
        self.since_s = asyncio.get_running_loop().time()

    def wake(self, data: bytes = b"") -> None:
        """Let it go on if it waits; ``data`` is what to say."""
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(data)

    def close(self) -> None:
        """Let it say goodbye and end."""
        self.closed = True
        self.wake()

    def cut(self) -> None:
        """End it whatever it is doing."""
        if self.limit.when() is None:
            self.limit.reschedule(0)


class Hub:
    """The last events, and everybody who listens."""

    def __init__(
        self,
        capacity: int = CAPACITY,
        streams_per_key: int = STREAMS_PER_KEY,
        send_timeout_s: float = SEND_TIMEOUT_S,
    ) -> None:
        self._streams_per_key = streams_per_key
        self._send_timeout_s = send_timeout_s
        self._ring: deque[Event] = deque(maxlen=capacity)
        self._cache: OrderedDict[tuple[Audience, int], bytes] = OrderedDict()
        self._seats: OrderedDict[Seat, None] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None
        self.head = 0

    @property
    def n_streams(self) -> int:
        """How many streams are open."""
        return len(self._seats)

    def start_at(self, head: int) -> None:
        """Begin after an event that the database already holds."""
        self.head = head

    def publish(self, events: Sequence[Event]) -> None:
        """Add events, in the order of their ids, and wake every reader once."""
        if not events:
            return
        self._ring.extend(events)
        self.head = events[-1].id
        self._cache.clear()
        for seat in self._seats:
            seat.wake()

    def since(self, cursor: int, audience: Audience) -> bytes | None:
        """The frames after a cursor; None when the ring no longer reaches that far back."""
        if cursor >= self.head:
            return b""
        if not self._ring or cursor < self._ring[0].id - 1:
            return None
        key = (audience, cursor)
        cached = self._cache.get(key)
        if cached is None:
            cached = b"".join(
                frames.encode(event, audience.form) for event in self._after(cursor) if audience.hears(event)
            )
            self._cache[key] = cached
            if len(self._cache) > _CACHED_RANGES:
                self._cache.popitem(last=False)
        return cached

    async def wait(self, seat: Seat) -> bytes:
        """Return when there may be news or the stream has to end; with a ping after a long silence."""
        if seat.closed:
            return b""
        loop = asyncio.get_running_loop()
        seat.waiter, seat.since_s = loop.create_future(), loop.time()
        try:
            return await seat.waiter
        finally:
            seat.waiter = None

    def seat(self, key: str, limit: asyncio.Timeout) -> Seat:
        """Open a stream; the oldest one of the same key (or of all) ends when there are too many.

        Refusing the new one instead would make a browser's EventSource give up for good.
        """
        if len(self._seats) >= self._streams_per_key:  # else nobody can have too many
            own = [one for one in self._seats if one.key == key and not one.closed]
            if len(own) >= self._streams_per_key:
                own[0].close()
            elif len(self._seats) >= STREAMS:
                next(iter(self._seats)).close()
        seat = Seat(key, limit)
        seat.sends()
        self._seats[seat] = None
        if self._timer is None:
            self._sweep()
        return seat

    def leave(self, seat: Seat) -> None:
        """Forget a stream that has ended."""
        self._seats.pop(seat, None)

    def keys(self) -> frozenset[str]:
        """Whose streams are open."""
        return frozenset(seat.key for seat in self._seats)

    def close(self, key: str | None = None) -> None:
        """End the streams of a key (it was revoked), or all of them (the server stops)."""
        for seat in self._seats:
            if key in (None, seat.key):
                seat.close()

    def _after(self, cursor: int) -> list[Event]:
        """Events after a cursor, read from the newest end: readers are rarely far behind."""
        found: list[Event] = []
        for event in reversed(self._ring):
            if event.id <= cursor:
                break
            found.append(event)
        return found[::-1]

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        for seat in self._seats:
            taken_s = loop.time() - seat.since_s
            if seat.waiter is not None:
                if taken_s >= PING_INTERVAL_S:
                    seat.wake(frames.PING)
            elif taken_s >= (GOODBYE_TIMEOUT_S if seat.closed else self._send_timeout_s):
                seat.cut()
        again_s = self._send_timeout_s / _SWEEPS
        self._timer = loop.call_later(again_s, self._sweep) if self._seats else None
