"""Runs the application with uvicorn."""

import socket

import uvicorn
from starlette.types import ASGIApp

from videoannotator.api.hub import Hub

DRAIN_S = 3  # how long answers that are under way may take when the server stops


class _Server(uvicorn.Server):
    """Ends the event streams before it waits for open answers: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say goodbye to the streams, then stop."""
        self._hub.close()
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
    )
    return _Server(config, hub)
