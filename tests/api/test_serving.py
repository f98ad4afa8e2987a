"""How the server stops: whoever was let in is answered."""

import asyncio
import socket

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from videoannotator.api.hub import Hub
from videoannotator.api.serving import KEEP_ALIVE_S, http_server


async def _answer(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("here")


def _server() -> uvicorn.Server:
    return http_server(Starlette(routes=[Route("/", _answer)]), Hub())


async def _ask_while_it_stops() -> bytes:
    server = _server()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        while not server.server_state.connections:
            await asyncio.sleep(0.01)
        stopping = asyncio.create_task(server.shutdown([listener]))
        await asyncio.sleep(0)  # it has begun to stop, in this very loop, when the request sets out
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        server.should_exit = True
        await asyncio.gather(stopping, running)
        writer.close()
    return answer


async def _ask_twice(pause_s: float) -> list[bytes]:
    server, heard = _server(), []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = asyncio.create_task(server.serve([listener]))
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        for wait_s in (0, pause_s):
            await asyncio.sleep(wait_s)
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            heard.append(await reader.readuntil(b"here"))
        server.should_exit = True
        await running
        writer.close()
    return heard


def test_a_connection_that_rests_for_a_while_is_kept() -> None:
    heard = asyncio.run(asyncio.wait_for(_ask_twice(pause_s=6), 60))
    assert [one[:15] for one in heard] == [b"HTTP/1.1 200 OK"] * 2
    assert KEEP_ALIVE_S > 60  # of nginx, for which nobody wants to wait here


def test_a_request_on_its_way_when_the_server_stops_is_answered() -> None:
    answer = asyncio.run(asyncio.wait_for(_ask_while_it_stops(), 20))
    assert answer.startswith(b"HTTP/1.1 200"), answer
    assert answer.endswith(b"here")
