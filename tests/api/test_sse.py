"""A stream whose client has stopped reading."""

import asyncio

from starlette.types import Message

from videoannotator.api.hub import Audience, Hub
from videoannotator.api.sse import EventStream


async def forever() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def nothing(_after: int, _limit: int) -> list[object]:
    return []


async def nobody() -> bytes:
    return b""


async def never_read(message: Message) -> None:
    """As a server does whose socket takes no more."""
    if message["type"] == "http.response.body":
        await forever()


def test_a_reader_that_does_not_read_is_dropped() -> None:
    hub = Hub(send_timeout_s=0.05)
    stream = EventStream(hub, "key", Audience(None), None, nothing, nobody)

    async def follow() -> None:
        async with asyncio.timeout(10):
            await stream({"type": "http"}, forever, never_read)

    asyncio.run(follow())
    assert hub.n_streams == 0
