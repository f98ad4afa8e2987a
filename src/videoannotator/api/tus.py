"""The tus protocol, spoken by the kept library: what the routes of ``routes/uploads.py`` hand on to it.

Who may upload, how much, where the bytes lie and what becomes of them is decided here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send
from tuspyserver import create_tus_router

from videoannotator.api.auth import JobsWriter
from videoannotator.api.state import Services, services
from videoannotator.api.tus_storage import UploadStorage
from videoannotator.domain.errors import InvalidRequest, NotHere
from videoannotator.domain.keys import Principal
from videoannotator.services.uploads import check_owner

PREFIX = "/api/v1/uploads"
DAYS_KEPT = 5
VERSION = "1.0.0"
Given = Annotated[Services, Depends(services)]

Hook = Any  # the library declares its hooks as returning None, and awaits them


class HandedOn(Response):
    """An answer that the library gives; ``afterwards`` runs when it has been sent."""

    def __init__(self, speaker: ASGIApp, afterwards: Callable[[], Awaitable[None]] | None = None) -> None:
        super().__init__()
        self._speaker = speaker
        self._afterwards = afterwards

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the library read the request and answer it."""
        await self._speaker(scope, receive, send)
        if self._afterwards is not None:
            await self._afterwards()


def speaking(request: Request, caller: JobsWriter) -> Principal:
    """A dependency that lets nobody in who speaks another version of the protocol."""
    if request.headers.get("tus-resumable") != VERSION:
        raise HTTPException(412, f"Send the header Tus-Resumable: {VERSION}", {"Tus-Version": VERSION})
    return caller


async def find(given: Services, owner: str, upload_id: str) -> dict[str, Any]:
    """The sidecar of one's own upload; raises NotHere for any other, and for one whose time is over."""
    check_owner(upload_id, owner)
    info = await asyncio.to_thread(given.upload_storage.info, upload_id)
    if info is None:
        raise NotHere(f"There is no upload {upload_id}", hint=f"Begin a new one with POST {PREFIX}.")
    return info


async def take_if_complete(given: Services, owner: str, upload_id: str) -> None:
    """Make a video (and a job) of an upload once all its bytes are there, unless that has been done.

    It may be so since before the server was started: it can die between the last byte and this step.
    """
    info = await asyncio.to_thread(given.upload_storage.info, upload_id)
    if info is not None and info["offset"] == info["size"]:
        await _take(given, owner, upload_id, info["metadata"])


async def _take(given: Services, owner: str, upload_id: str, metadata: dict[str, str]) -> None:
    async with given.upload_storage.lock(upload_id):
        if await asyncio.to_thread(given.upload_storage.result, upload_id) is not None:
            return
        path = given.upload_storage.path(upload_id)
        result = await asyncio.to_thread(given.uploads.take, owner, upload_id, path, metadata)
        await asyncio.to_thread(given.upload_storage.put_result, upload_id, result)


def check_length(request: Request, size: int | None, offset: int = 0) -> None:
    """Raise where the bytes of a request, which begin at ``offset``, are more than were announced."""
    coming = request.headers.get("content-length", "")
    if size is not None and coming.isdecimal() and offset + int(coming) > size:
        raise HTTPException(400, f"The upload has {size} bytes; these would end at {offset + int(coming)}")


def _before(caller: JobsWriter, given: Given, request: Request) -> Hook:
    async def check(metadata: dict[str, str], upload: dict[str, Any]) -> None:
        pairs = request.headers.get("upload-metadata", "").split(",")
        told = {pair.split()[0] for pair in pairs if pair}
        if told - metadata.keys():  # the library passes over what it cannot read
            raise InvalidRequest("A value is not text in UTF-8 and base64", field="Upload-Metadata")
        await asyncio.to_thread(given.uploads.expect, upload["size"])
        await asyncio.to_thread(given.uploads.check, caller.owner, metadata)

    return check


def _after(caller: JobsWriter, given: Given) -> Hook:
    async def completed(path: str, metadata: dict[str, str]) -> None:
        await _take(given, caller.owner, Path(path).name, metadata)

    return completed


def _named(request: Request) -> Hook:
    return lambda _metadata: {"uid": getattr(request.state, "upload_id", None)}


def speaker(storage: UploadStorage, max_bytes: int) -> ASGIApp:
    """The library, ready to answer at ``PREFIX``."""
    router: ASGIApp = create_tus_router(
        prefix=PREFIX,
        max_size=max_bytes,
        days_to_keep=DAYS_KEPT,
        pre_create_dep=_before,
        upload_complete_dep=_after,
        file_dep=_named,
        storage=storage,
    )
    return router
