"""Resumable uploads (tus 1.0.0): an interrupted upload goes on where it was, also after a restart.

The routes say what is taken and answered; ``api/tus.py`` lets a library do it.
https://tus.io/protocols/resumable-upload
"""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from tuspyserver.router import TusAPIRoute

from videoannotator.api import tus
from videoannotator.api.answers.record import answers
from videoannotator.api.answers.videos import UploadView
from videoannotator.api.auth import JobsWriter
from videoannotator.api.state import Services, services
from videoannotator.api.tus import PREFIX, VERSION, HandedOn
from videoannotator.domain.errors import InvalidRequest
from videoannotator.domain.keys import Principal
from videoannotator.services.uploads import new_id

CONTENT_TYPE = "application/offset+octet-stream"
# What the library can do here; it would name its concatenation too, which it refuses with other storage.
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,expiration,termination"
# Pairs of a key and its value in base64; https://tus.io/protocols/resumable-upload#upload-metadata
_PAIR = r"[!-+\-./0-~]+( [A-Za-z0-9+/]*={0,2})?"
METADATA = rf"^({_PAIR}(, ?{_PAIR})*)?$"
MOST = 2**53 - 1  # what every client can count to

Given = Annotated[Services, Depends(services)]
Speaking = Annotated[Principal, Depends(tus.speaking)]
Length = Annotated[
    Annotated[int, Field(ge=0, le=MOST)] | SkipJsonSchema[None],
    Header(alias="Upload-Length", description="How many bytes the whole upload has."),
]
Offset = Annotated[
    int, Header(alias="Upload-Offset", ge=0, le=MOST, description="Where these bytes begin, as HEAD says.")
]
Metadata = Annotated[
    Annotated[str, Field(pattern=METADATA)] | SkipJsonSchema[None],
    Header(
        alias="Upload-Metadata",
        description="Pairs `key base64`, with commas between them: `filename`; `job` (JSON with the fields "
        "of a submission, `{}` for the defaults) submits a job on the video.",
    ),
]
Deferred = Annotated[
    Annotated[int, Field(ge=1, le=1)] | SkipJsonSchema[None],
    Header(alias="Upload-Defer-Length", description="1: the length is told later."),
]

_SPEAKS = {
    "parameters": [
        {
            "name": "Tus-Resumable",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "const": VERSION},
            "description": f"The version of the protocol: {VERSION}.",
        }
    ]
}


def _bytes(*, required: bool) -> dict[str, Any]:
    """The description of a request that brings bytes."""
    # Raw bytes have no type: https://spec.openapis.org/oas/v3.2.0.html#working-with-binary-data
    schema = {"contentMediaType": CONTENT_TYPE}
    return {**_SPEAKS, "requestBody": {"required": required, "content": {CONTENT_TYPE: {"schema": schema}}}}


def _headers(status: int, told: str, **headers: dict[str, str]) -> dict[int | str, dict[str, Any]]:
    """The description of an answer that consists of headers; ``_`` in a name stands for ``-``."""
    named = {
        name.replace("_", "-"): {"schema": schema, "required": True}
        for name, schema in {"Tus_Resumable": {"const": VERSION}, **headers}.items()
    }
    return {status: {"description": told, "headers": named}}


_TEXT, _COUNT = {"type": "string"}, {"type": "string", "pattern": "^[0-9]+$"}

router = APIRouter(prefix=PREFIX, tags=["uploads"], route_class=TusAPIRoute, default_response_class=Response)


@router.options(
    "",
    status_code=204,
    responses=_headers(204, "What there is", Tus_Version=_TEXT, Tus_Extension=_TEXT, Tus_Max_Size=_COUNT),
)
def options(given: Given) -> Response:
    """What the server can do; public."""
    headers = {"Tus-Resumable": VERSION, "Tus-Version": VERSION, "Tus-Extension": EXTENSIONS}
    return Response(status_code=204, headers={**headers, "Tus-Max-Size": str(given.blobs.max_bytes)})


@router.post(
    "",
    status_code=201,
    openapi_extra=_bytes(required=False),
    responses=_headers(201, "Begun", Location=_TEXT, Upload_Expires=_TEXT),
)
async def begin(
    request: Request,
    caller: Speaking,
    given: Given,
    length: Length = None,
    deferred: Deferred = None,
    metadata: Metadata = None,
) -> Response:
    """Begin an upload, whose address the header Location tells; its first bytes may come along.

    Either Upload-Length or Upload-Defer-Length is needed.
    """
    if (length is None) == (deferred is None):
        raise InvalidRequest("Send either Upload-Length or Upload-Defer-Length", field="Upload-Length")
    if "upload-concat" in request.headers:
        raise InvalidRequest("Uploads are not put together here", field="Upload-Concat")
    tus.check_length(request, length)
    request.state.upload_id = upload_id = new_id(caller.owner)
    return HandedOn(request.app.state.tus, lambda: tus.take_if_complete(given, caller.owner, upload_id))


@router.head(
    "/{upload_id}",
    openapi_extra=_SPEAKS,
    responses=_headers(200, "How far it is", Upload_Offset=_COUNT, Upload_Metadata=_TEXT),
)
async def offset(upload_id: str, request: Request, caller: Speaking, given: Given) -> Response:
    """How many bytes have come, in the header Upload-Offset: go on there."""
    await tus.find(given, caller.owner, upload_id)
    await given.upload_storage.settled(upload_id)
    await tus.take_if_complete(given, caller.owner, upload_id)
    return HandedOn(request.app.state.tus)


@router.patch(
    "/{upload_id}",
    status_code=204,
    openapi_extra=_bytes(required=True),
    responses=_headers(204, "They have come", Upload_Offset=_COUNT, Upload_Expires=_TEXT),
)
async def go_on(
    upload_id: str,
    request: Request,
    caller: Speaking,
    given: Given,
    begins_at: Offset,
    length: Length = None,
) -> Response:
    """Send the next bytes, or all that are left.

    Upload-Length is for uploads that were begun without it.
    """
    info = await tus.find(given, caller.owner, upload_id)
    if request.headers.get("content-type") != CONTENT_TYPE:
        raise HTTPException(415, f"Send the bytes as {CONTENT_TYPE}")
    if length is not None and info["size"] not in (None, length):
        raise InvalidRequest(f"The upload was begun with {info['size']} bytes", field="Upload-Length")
    size = info["size"] if length is None else length
    given.uploads.expect(size)
    if begins_at == info["offset"]:  # otherwise the library says so
        tus.check_length(request, size, begins_at)
    return HandedOn(request.app.state.tus)


@router.delete("/{upload_id}", status_code=204, openapi_extra=_SPEAKS, responses=_headers(204, "It is gone"))
async def end(upload_id: str, request: Request, caller: Speaking, given: Given) -> Response:
    """Give an upload up; a video that it has become stays."""
    await tus.find(given, caller.owner, upload_id)
    return HandedOn(request.app.state.tus)


@router.get("/{upload_id}", response_class=JSONResponse, responses=answers(UploadView))
async def state(upload_id: str, caller: JobsWriter, given: Given) -> dict[str, Any]:
    """How far an upload is; once it is complete, its video, its job, or what was wrong with it."""
    info = await tus.find(given, caller.owner, upload_id)
    await tus.take_if_complete(given, caller.owner, upload_id)
    result = await asyncio.to_thread(given.upload_storage.result, upload_id) or {}
    return {
        "id": upload_id,
        "filename": info["metadata"]["filename"],
        "offset": info["offset"],
        "size_bytes": info["size"],
        "complete": info["offset"] == info["size"],
        **result,
    }
