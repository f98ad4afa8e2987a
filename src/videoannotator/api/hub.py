"""Hands events to many readers: one encoded copy in a ring, and a cursor for each reader.

A thousand readers cost a thousand small tasks and no copies; a reader that falls out of the ring is caught
up from the database by the stream. Only the event loop's thread may touch a hub.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from videoannotator.api import frames
from videoannotator.api.frames import Format
from videoannotator.domain.jobs import Event

CAPACITY = 10_000
STREAMS_PER_KEY = 2_000
STREAMS = 10_000
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
    """One open stream; ``closed`` is set when it has to end."""

    key: str
    closed: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """The last events, and everybody who listens."""

    def __init__(self, capacity: int = CAPACITY, streams_per_key: int = STREAMS_PER_KEY) -> None:
        self._streams_per_key = streams_per_key
        self._ring: deque[Event] = deque(maxlen=capacity)
        self._cache: OrderedDict[tuple[Audience, int], bytes] = OrderedDict()
        self._news = asyncio.Event()
        self._seats: OrderedDict[Seat, None] = OrderedDict()
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
        self._wake()

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

    async def wait(self, cursor: int) -> None:
        """Return as soon as there is something after the cursor."""
        while cursor >= self.head:
            await self._news.wait()

    def seat(self, key: str) -> Seat:
        """Open a stream; the oldest one of the same key (or of all) ends when there are too many.

        Refusing the new one instead would make a browser's EventSource give up for good.
        """
        own = [one for one in self._seats if one.key == key and not one.closed.is_set()]
        if len(own) >= self._streams_per_key:
            own[0].closed.set()
        elif len(self._seats) >= STREAMS:
            next(iter(self._seats)).closed.set()
        seat = Seat(key)
        self._seats[seat] = None
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
                seat.closed.set()

    def _after(self, cursor: int) -> list[Event]:
        """Events after a cursor, read from the newest end: readers are rarely far behind."""
        found: list[Event] = []
        for event in reversed(self._ring):
            if event.id <= cursor:
                break
            found.append(event)
        return found[::-1]

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
