"""The least that a server can do, for comparison: fixed bytes, and a stream with a queue for each reader."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

FRAME = 'id: {number}\nevent: job.cancelled\ndata: {{"timestamp":"{now}Z","filling":"{filling}"}}\n\n'
FILLING = "x" * 500  # a frame is as long as the server's
_queues: set[asyncio.Queue[bytes]] = set()


async def fixed(request: Request) -> Response:
    """So many bytes."""
    return Response(b"x" * request.path_params["n_bytes"], media_type="application/json")


async def stream(_request: Request) -> Response:
    """Everything that is published, until the client leaves."""

    async def frames() -> AsyncIterator[bytes]:
        queue = asyncio.Queue[bytes]()
        _queues.add(queue)
        yield b"retry: 1000\n\n"
        while True:
            yield await queue.get()

    return StreamingResponse(frames(), media_type="text/event-stream")


async def publish(request: Request) -> Response:
    """So many events at once."""
    for number in range(request.path_params["n_events"]):
        now = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
        frame = FRAME.format(number=number, now=now, filling=FILLING).encode()
        for queue in _queues:
            queue.put_nowait(frame)
    return Response()


app = Starlette(
    routes=[
        Route("/bytes/{n_bytes:int}", fixed),
        Route("/stream", stream),
        Route("/publish/{n_events:int}", publish),
    ]
)
