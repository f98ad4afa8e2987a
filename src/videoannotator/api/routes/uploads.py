"""Resumable uploads (tus 1.0.0): an interrupted upload goes on where it was, also after a restart.

The protocol is spoken by the library tuspyserver; who may upload, how much, where the bytes lie and what
becomes of them is decided here. https://tus.io/protocols/resumable-upload
"""

import asyncio
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.exceptions import HTTPException
from tuspyserver import create_tus_router

from videoannotator.api.answers import UploadView, answers
from videoannotator.api.auth import JobsWriter
from videoannotator.api.state import Services, services
from videoannotator.api.tus_storage import UploadStorage
from videoannotator.domain.errors import NotHere
from videoannotator.services.uploads import check_owner, new_id

PREFIX = "/api/v1/uploads"
DAYS_KEPT = 5
VERSION, CONTENT_TYPE = "1.0.0", "application/offset+octet-stream"
# What the library can do here; it would name its concatenation too, which it refuses with other storage.
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,expiration,termination"
Given = Annotated[Services, Depends(services)]

Hook = Any  # the library declares its hooks as returning None, and awaits them

router = APIRouter(prefix=PREFIX, tags=["uploads"])


@router.options("", status_code=204, include_in_schema=False)
def options(given: Given) -> Response:
    """What the server can do; public."""
    headers = {"Tus-Resumable": VERSION, "Tus-Version": VERSION, "Tus-Extension": EXTENSIONS}
    return Response(status_code=204, headers={**headers, "Tus-Max-Size": str(given.blobs.max_bytes)})


@router.get("/{upload_id}", responses=answers(UploadView))
async def state(upload_id: str, caller: JobsWriter, given: Given) -> dict[str, Any]:
    """How far an upload is; once it is complete, its video, its job, or what was wrong with it."""
    check_owner(upload_id, caller.owner)
    storage = given.upload_storage
    info = await asyncio.to_thread(storage.info, upload_id)
    if info is None:
        raise NotHere(f"There is no upload {upload_id}", hint=f"Begin a new one with POST {PREFIX}.")
    await _take_if_complete(given, caller.owner, upload_id)
    result = await asyncio.to_thread(storage.result, upload_id) or {}
    return {
        "id": upload_id,
        "filename": info["metadata"]["filename"],
        "offset": info["offset"],
        "size_bytes": info["size"],
        "complete": info["offset"] == info["size"],
        **result,
    }


async def _take_if_complete(given: Services, owner: str, uid: str) -> None:
    """Catch up on an upload whose server died between its last byte and what was to become of it."""
    info = await asyncio.to_thread(given.upload_storage.info, uid)
    if info is not None and info["offset"] == info["size"]:
        await take(given, owner, uid, info["metadata"])


async def take(given: Services, owner: str, uid: str, metadata: dict[str, str]) -> None:
    """Make a video (and a job) of a complete upload, unless that has been done."""
    async with given.upload_storage.lock(uid):
        if await asyncio.to_thread(given.upload_storage.result, uid) is not None:
            return
        path = given.upload_storage.path(uid)
        result = await asyncio.to_thread(given.uploads.take, owner, uid, path, metadata)
        await asyncio.to_thread(given.upload_storage.put_result, uid, result)


async def _mine(request: Request, caller: JobsWriter, given: Given) -> None:
    """Let nobody touch somebody else's upload; runs before the library reads a byte."""
    if "uuid" in request.path_params:
        check_owner(request.path_params["uuid"], caller.owner)
        # The library would write first and look at these afterwards.
        if request.headers.get("tus-resumable") != VERSION:
            raise HTTPException(412, "Send the header Tus-Resumable: 1.0.0", {"Tus-Version": VERSION})
        if request.method == "PATCH" and request.headers.get("content-type") != CONTENT_TYPE:
            raise HTTPException(415, f"Send the bytes as {CONTENT_TYPE}")
        if request.method == "HEAD":
            await given.upload_storage.settled(request.path_params["uuid"])
            await _take_if_complete(given, caller.owner, request.path_params["uuid"])


def _before(caller: JobsWriter, given: Given) -> Hook:
    async def check(metadata: dict[str, str], upload: dict[str, Any]) -> None:
        if not upload["defer_length"] and (upload["size"] is None or upload["size"] < 0):
            raise HTTPException(400, "Upload-Length says how many bytes will come")
        await asyncio.to_thread(given.uploads.expect, upload["size"])
        await asyncio.to_thread(given.uploads.check, caller.owner, metadata)

    return check


def _after(caller: JobsWriter, given: Given) -> Hook:
    async def completed(path: str, metadata: dict[str, str]) -> None:
        await take(given, caller.owner, Path(path).name, metadata)

    return completed


def _named(caller: JobsWriter) -> Hook:
    return lambda _metadata: {"uid": new_id(caller.owner)}


def tus_router(storage: UploadStorage, max_bytes: int) -> APIRouter:
    """The routes of the protocol."""
    inner = create_tus_router(
        prefix=PREFIX,
        max_size=max_bytes,
        days_to_keep=DAYS_KEPT,
        pre_create_dep=_before,
        upload_complete_dep=_after,
        file_dep=_named,
        storage=storage,
    )
    outer = APIRouter(dependencies=[Depends(_mine)], include_in_schema=False)
    outer.include_router(inner)
    return outer
