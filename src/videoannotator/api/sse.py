"""The event stream: catch up, then follow, and drop who does not read."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from videoannotator.api import frames
from videoannotator.api.hub import Audience, Hub, Seat
from videoannotator.domain.jobs import Event

CATCH_UP_PAGE = 500
HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-store"),
    (b"x-accel-buffering", b"no"),  # proxies must pass each event on at once
)

FetchEvents = Callable[[int, int], Awaitable[Sequence[Event] | None]]  # (after id, limit); None: too old
FetchPresent = Callable[[], Awaitable[bytes]]  # the frames that a new reader is told first


class EventStream(Response):
    """An answer that goes on until the client leaves, is too slow, or the server stops."""

    media_type = "text/event-stream"

    def __init__(
        self,
        hub: Hub,
        seat_key: str,
        audience: Audience,
        last_event_id: int | None,
        events_after: FetchEvents,
        present: FetchPresent,
    ) -> None:
        super().__init__()
        self._hub = hub
        self._seat_key = seat_key
        self._audience = audience
        self._cursor = last_event_id
        self._events_after = events_after
        self._present = present

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(HEADERS)})
        try:
            async with asyncio.timeout(None) as limit:  # the seat is cut off by bringing the limit forward
                seat = self._hub.seat(self._seat_key, limit)
                leaving = asyncio.create_task(_cut_on_leaving(seat, receive))
                try:
                    await self._follow(seat, send)
                finally:
                    leaving.cancel()
                    self._hub.leave(seat)
        except TimeoutError:
            return

    async def _follow(self, seat: Seat, send: Send) -> None:
        data = frames.hello(1000 + random.randrange(1000))  # noqa: S311 (spreads reconnects, no secret)
        data += await self._first()
        while not seat.closed:
            if data:
                seat.sends()
                await send({"type": "http.response.body", "body": data, "more_body": True})
            data = await self._news() or await self._hub.wait(seat)
        seat.sends()
        farewell = frames.frame("server.shutdown", {"reason": "stream closed"}, None, self._audience.form)
        # In good order, so that the client comes back by itself.
        await send({"type": "http.response.body", "body": b"retry: 2000\n" + farewell, "more_body": False})

    async def _first(self) -> bytes:
        """What a reader is told before it follows."""
        if self._cursor is None:
            return await self._snapshot()
        if self._cursor > self._hub.head and not await self._exists(self._cursor):
            return await self._reset("unknown event id")
        return b""

    async def _news(self) -> bytes:
        """The frames after the cursor, which moves on; empty when there is nothing to be told."""
        cursor = self._cursor or 0
        ready = self._hub.since(cursor, self._audience)
        if ready is None:
            return await self._catch_up(cursor)
        self._cursor = max(cursor, self._hub.head)
        return ready

    async def _catch_up(self, cursor: int) -> bytes:
        """From the database, a page at a time, until the ring reaches back far enough."""
        page = await self._events_after(cursor, CATCH_UP_PAGE)
        if page is None:
            return await self._reset("history too old")
        if not page:
            self._cursor = self._hub.head
            return b""
        self._cursor = page[-1].id
        heard = [event for event in page if self._audience.hears(event)]
        return b"".join(frames.encode(event, self._audience.form) for event in heard) or b":\n\n"

    async def _exists(self, event_id: int) -> bool:
        """Whether the database has an event that the hub has not heard of yet."""
        page = await self._events_after(event_id - 1, 1)
        return page is not None and [event.id for event in page] == [event_id]

    async def _reset(self, reason: str) -> bytes:
        """Tell that events were missed for good, and where everything stands."""
        told = frames.frame("stream.reset", {"reason": reason}, None, self._audience.form)
        return told + await self._snapshot()

    async def _snapshot(self) -> bytes:
        """Where things stand; the head is read first, so that nothing is lost in between."""
        head = self._cursor = self._hub.head
        return await self._present() + frames.position(head)


async def _cut_on_leaving(seat: Seat, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    seat.cut()
