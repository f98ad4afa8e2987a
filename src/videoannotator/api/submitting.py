"""Reads a submission, however it was sent: a form with the video in it, or JSON that names one."""

import asyncio
import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError

from videoannotator.api.schemas import FILE, SubmitBody, form_body
from videoannotator.api.state import Services
from videoannotator.api.uploads import MAX_FIELD_BYTES, Form, drain, receive_form
from videoannotator.domain.errors import (
    InvalidRequest,
    PayloadTooLarge,
    VideoAnnotatorError,
    VideoMissing,
)
from videoannotator.domain.jobs import StoredVideo
from videoannotator.domain.keys import Principal
from videoannotator.domain.names import suggest
from videoannotator.services.submissions import Wish, parse_config, parse_names

FORM_FIELDS: dict[str, Any] = {
    "selected_pipelines": {
        "type": "string",
        "description": "Names of pipelines or components, with commas between.",
        "examples": ["person_tracking,audio_processing"],
    },
    "config": {
        "type": "string",
        "description": "JSON: config[pipeline][component][parameter].",
        "examples": ['{"audio_processing": {"whisper": {"language": "en"}}}'],
    },
    "preset": {
        "type": "string",
        "description": "Id or name of a preset, perhaps with @version.",
        "examples": ["Quick look"],
    },
    "name": {"type": "string"},
    "priority": {"type": "integer", "minimum": -100, "maximum": 100},
    "tags": {"type": "string"},
    "output_directory": {"type": "string"},
    "db_location": {"type": "string"},
    "start_s": {"type": "number", "minimum": 0},
    "end_s": {"type": "number", "exclusiveMinimum": 0},
}
OPENAPI = form_body({"video": FILE, **FORM_FIELDS}, json=SubmitBody.model_json_schema())


class Sent(NamedTuple):
    """A checked submission. ``video`` examines and remembers what was sent, or finds what is named.

    Equal fingerprints mean the same request.
    """

    video: Callable[[], StoredVideo]
    wish: Wish
    fingerprint: str


async def read_submission(request: Request, caller: Principal, given: Services) -> Sent:
    """Receive and check; raises InvalidRequest, MediaError, PayloadTooLarge, StorageFull and their like."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return await asyncio.to_thread(_from_json, await small_body(request, MAX_FIELD_BYTES), caller, given)
    form = await receive_form(request, given.blobs)
    return await asyncio.to_thread(_from_form, form, caller, given)


async def small_body(request: Request, max_bytes: int) -> bytes:
    """A body that is no video; raises PayloadTooLarge."""
    body, stream = bytearray(), request.stream()
    async for chunk in stream:
        body += chunk
        if len(body) > max_bytes:
            await drain(stream)
            raise PayloadTooLarge(f"The JSON is longer than {max_bytes >> 20} MiB", hint="Send less at once.")
    return bytes(body)


def _from_form(form: Form, caller: Principal, given: Services) -> Sent:
    if form.sha256 is None:
        raise VideoMissing("The form has no file named 'video'", field="video")
    try:
        wish = wish_of_fields(form.fields)
        given.submissions.check(caller.owner, wish)
    except VideoAnnotatorError:
        given.videos.drop(form.sha256)
        raise
    video = partial(given.videos.add_blob, caller.owner, form.filename, form.sha256)
    return Sent(partial(_blaming, "video", video), wish, _fingerprint(form.sha256, wish))


def _from_json(body: bytes, caller: Principal, given: Services) -> Sent:
    try:
        wanted = SubmitBody.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise invalid(error, SubmitBody) from error
    fields = wanted.model_dump(exclude={"video_id", "video_path"})
    wish = Wish.model_validate(fields)
    given.submissions.check(caller.owner, wish)
    if wanted.video_path is not None:
        if wanted.video_id is not None:
            raise InvalidRequest("video_id and video_path exclude each other", field="video_path")
        stamp = given.submissions.places.video(wanted.video_path)
        in_place = partial(given.videos.add_in_place, caller.owner, stamp)
        return Sent(
            partial(_blaming, "video_path", in_place), wish, _fingerprint(stamp.model_dump_json(), wish)
        )
    if wanted.video_id is None:
        raise VideoMissing("Neither video_id nor video_path is given", field="video_id")
    owner = None if caller.sees_all else caller.owner
    video = partial(given.videos.get, wanted.video_id, owner)
    return Sent(partial(_blaming, "video_id", video), wish, _fingerprint(wanted.video_id, wish))


def _blaming(field: str, video: Callable[[], StoredVideo]) -> StoredVideo:
    """The video; what is wrong with it is told of the field that brought it."""
    try:
        return video()
    except VideoAnnotatorError as error:
        error.field = error.field or field
        raise


def wish_of_fields(fields: dict[str, str]) -> Wish:
    """What a form asks for; raises InvalidRequest."""
    unknown = sorted(fields.keys() - FORM_FIELDS.keys())
    if unknown:
        hint = suggest(unknown[0], {"video", *FORM_FIELDS})
        raise InvalidRequest(f"There is no field {unknown[0]!r}", field=unknown[0], hint=hint)
    try:
        return Wish(
            selected_pipelines=parse_names(fields.get("selected_pipelines"), "selected_pipelines"),
            config=parse_config(fields.get("config")),
            preset=fields.get("preset") or None,
            name=fields.get("name") or None,
            priority=fields.get("priority") or 0,
            tags=parse_names(fields.get("tags"), "tags") or (),
            output_directory=fields.get("output_directory") or None,
            db_location=fields.get("db_location") or None,
            start_s=fields.get("start_s") or None,
            end_s=fields.get("end_s") or None,
        )
    except ValidationError as error:
        raise invalid(error, Wish) from error


def invalid(error: ValidationError, body: type[BaseModel]) -> InvalidRequest:
    """The first thing that is wrong with a body; for an unknown field, which one may have been meant."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        hint = suggest(str(first["loc"][-1]), body.model_fields)
        return InvalidRequest(f"There is no field {field!r}", field=field, hint=hint)
    if not field:
        return InvalidRequest(first["msg"], hint="Send a JSON object; the API description at /docs shows it.")
    return InvalidRequest(f"{field}: {first['msg']}", field=field)


def _fingerprint(video: str, wish: Wish) -> str:
    content = orjson.dumps([video, wish.model_dump(mode="json")], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()
