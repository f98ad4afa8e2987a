"""Requests that wait for a server on a machine with much else to do; the library gives up after 5 s."""

from functools import partial

import httpx2

LIMIT_S = 60.0

get, post, options, stream, request, Client = (
    partial(call, timeout=LIMIT_S)
    for call in (httpx2.get, httpx2.post, httpx2.options, httpx2.stream, httpx2.request, httpx2.Client)
)
