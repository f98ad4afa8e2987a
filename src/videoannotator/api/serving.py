"""Runs the application with uvicorn."""

import asyncio
import socket

import uvicorn
from starlette.types import ASGIApp

from videoannotator.api.hub import Hub

DRAIN_S = 3  # how long answers that are under way may take when the server stops
# How long a connection may rest between two requests: longer than proxies (nginx: 60 s) and clients keep
# theirs, so that none sends a request on a connection that is being closed here.
KEEP_ALIVE_S = 75
ARRIVE_S = 0.2  # how long a connection that was accepted has for its request to arrive


class _Server(uvicorn.Server):
    """Ends the event streams before it waits for open answers: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say goodbye to the streams, accept nobody new, answer whoever was let in, then stop.

        uvicorn alone hangs up on a connection whose request has not been read yet, although it is on its way.
        """
        self._hub.close()
        for listening in self.servers:
            listening.close()
        await asyncio.sleep(ARRIVE_S)
        await super().shutdown(sockets)


def http_server(app: ASGIApp, hub: Hub) -> uvicorn.Server:
    """A server whose ``run([listener])`` answers until SIGINT or SIGTERM, which then take their course."""
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,  # uvicorn's would write addresses with keys in them
        server_header=False,
        timeout_graceful_shutdown=DRAIN_S,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    return _Server(config, hub)
