"""The event stream: catch up, then follow, and drop who does not read."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from videoannotator.api import frames
from videoannotator.api.hub import Audience, Hub, Seat
from videoannotator.domain.jobs import Event, Job

SEND_TIMEOUT_S = 20.0
PING_INTERVAL_S = 15.0
CATCH_UP_PAGE = 500
HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # proxies must pass each event on at once
)

FetchEvents = Callable[[int, int], Awaitable[Sequence[Event] | None]]  # (after id, limit); None: too old
# The jobs that a new reader is told of, and how those of them ended that have ended.
FetchPresent = Callable[[], Awaitable[tuple[Sequence[Job], Sequence[Event]]]]


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
        send_timeout_s: float = SEND_TIMEOUT_S,
    ) -> None:
        super().__init__()
        self._hub = hub
        self._seat_key = seat_key
        self._audience = audience
        self._cursor = last_event_id
        self._events_after = events_after
        self._present = present
        self._send_timeout_s = send_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(HEADERS)})
        seat = self._hub.seat(self._seat_key)
        work = asyncio.create_task(self._write(seat, send))
        leaving = asyncio.create_task(_disconnect(receive))
        ending = asyncio.create_task(seat.closed.wait())
        try:
            await asyncio.wait((work, leaving, ending), return_when=asyncio.FIRST_COMPLETED)
            if ending.done() and not leaving.done():
                await self._say_goodbye(work, send)
        finally:
            self._hub.leave(seat)
            for task in (work, leaving, ending):
                task.cancel()
            await asyncio.gather(work, leaving, ending, return_exceptions=True)

    async def _write(self, seat: Seat, send: Send) -> None:
        async for data in self._data():
            async with asyncio.timeout(self._send_timeout_s):
                await send({"type": "http.response.body", "body": data, "more_body": True})

    async def _data(self) -> AsyncIterator[bytes]:
        yield frames.hello(1000 + random.randrange(1000))  # noqa: S311 (spreads reconnects, no secret)
        if self._cursor is None:
            yield await self._snapshot()
        elif self._cursor > self._hub.head and not await self._exists(self._cursor):
            yield await self._reset("unknown event id")
        while True:
            cursor = self._cursor or 0
            ready = self._hub.since(cursor, self._audience)
            if ready is None:
                async for part in self._catch_up(cursor):
                    yield part
                continue
            self._cursor = max(cursor, self._hub.head)
            if ready:
                yield ready
            try:
                async with asyncio.timeout(PING_INTERVAL_S):
                    await self._hub.wait(self._cursor)
            except TimeoutError:
                yield frames.PING

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
        jobs, endings = await self._present()
        return frames.snapshot(jobs, endings, head, self._audience.form)

    async def _catch_up(self, cursor: int) -> AsyncIterator[bytes]:
        """From the database, a page at a time, until the ring reaches back far enough."""
        page = await self._events_after(cursor, CATCH_UP_PAGE)
        if page is None:
            yield await self._reset("history too old")
            return
        if page:
            heard = [event for event in page if self._audience.hears(event)]
            self._cursor = page[-1].id
            yield b"".join(frames.encode(event, self._audience.form) for event in heard) or b":\n\n"
        else:
            self._cursor = self._hub.head

    async def _say_goodbye(self, work: "asyncio.Task[None]", send: Send) -> None:
        """End the answer in good order, so that the client comes back by itself."""
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        farewell = frames.frame("server.shutdown", {"reason": "stream closed"}, None, self._audience.form)
        async with asyncio.timeout(1):
            await send(
                {"type": "http.response.body", "body": b"retry: 2000\n" + farewell, "more_body": False}
            )


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
