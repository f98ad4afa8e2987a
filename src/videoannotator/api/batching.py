"""Reads the submission of a batch: a form with many videos in it, or JSON that names them."""

import asyncio
import hashlib
from typing import Any, NamedTuple

import orjson
from fastapi import Request
from pydantic import ValidationError

from videoannotator.api.schemas import FILE, BatchBody, SubmitBody, form_body
from videoannotator.api.state import Services
from videoannotator.api.submitting import FORM_FIELDS, invalid, small_body, wish_of_fields
from videoannotator.api.uploads import Received, receive_form
from videoannotator.domain.errors import InvalidRequest, MediaError
from videoannotator.domain.jobs import Failure
from videoannotator.domain.keys import Principal
from videoannotator.services import batch_sources
from videoannotator.services.batches import WantedItem
from videoannotator.services.submissions import Wish, parse_json

MAX_JSON_BYTES = 64 << 20  # 100,000 items with long names
MAX_FILES = 10_000
_SOURCES = ("folder", "glob", "csv", "items")
_VIDEO = {"video_id", "video_path"}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without references, for a place of the description that has no definitions beside it."""
    definitions = schema.pop("$defs", {})

    def resolved(part: Any) -> Any:
        if isinstance(part, list):
            return [resolved(one) for one in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return resolved(definitions[part["$ref"].rpartition("/")[2]])
        return {name: resolved(value) for name, value in part.items()}

    found: dict[str, Any] = resolved(schema)
    return found


OPENAPI = form_body(
    {
        "videos": {"type": "array", "items": FILE},
        **FORM_FIELDS,
        "folder": {"type": "string", "description": "All videos of a folder beneath a root, besides."},
        "glob": {"type": "string", "description": "All that match beneath a root, besides."},
        "csv": {"type": "string", "description": "A table of videos with settings of their own."},
        "items": {"type": "string", "description": "JSON: a list of submissions."},
    },
    json=_inlined(BatchBody.model_json_schema()),
)


class SentBatch(NamedTuple):
    """A batch as it was sent. Equal fingerprints mean the same request."""

    name: str | None
    options: Wish
    items: list[WantedItem]
    fingerprint: str


async def read_batch(request: Request, caller: Principal, given: Services) -> SentBatch:
    """Receive a batch; raises InvalidRequest, PayloadTooLarge, StorageFull and their like."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        form = await receive_form(request, given.blobs, "videos", MAX_FILES)
        return await asyncio.to_thread(_from_form, form.fields, form.files, caller, given)
    body = await small_body(request, MAX_JSON_BYTES)
    return await asyncio.to_thread(_from_json, body, caller, given)


def _from_form(
    fields: dict[str, str], files: list[Received], caller: Principal, given: Services
) -> SentBatch:
    sources = {name: fields.pop(name) for name in _SOURCES if name in fields}
    options = wish_of_fields(fields)
    # Wrong options are told before thousands of videos are looked at.
    given.submissions.check(caller.owner, options)
    items = [_uploaded(one, caller, given) for one in files]
    if "items" in sources:
        sources["items"] = parse_json(sources["items"], "items")
    items += _named(_validated(sources), given)
    marks = [one.sha256 for one in files]
    return SentBatch(options.name, _shared(options), items, _fingerprint([fields, sources, marks]))


def _from_json(body: bytes, caller: Principal, given: Services) -> SentBatch:
    try:
        sent = BatchBody.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise invalid(error, BatchBody) from error
    own = set(BatchBody.model_fields) - set(_SOURCES) - {"defaults"}
    shared = sent.defaults.model_dump(exclude_unset=True) if sent.defaults else {}
    options = Wish.model_validate({**shared, **sent.model_dump(include=own, exclude_unset=True)})
    given.submissions.check(caller.owner, options)
    return SentBatch(options.name, _shared(options), _named(sent, given), hashlib.sha256(body).hexdigest())


def _named(sent: BatchBody, given: Services) -> list[WantedItem]:
    """The items of every source that is given."""
    roots = given.submissions.places.roots
    items = [_listed(one) for one in sent.items]
    if sent.csv is not None:
        return items + batch_sources.in_table(sent.csv, sent.folder)
    if sent.folder is not None:
        items += batch_sources.in_folder(roots, sent.folder)
    if sent.glob is not None:
        items += batch_sources.matching(roots, sent.glob)
    return items


def _listed(body: SubmitBody) -> WantedItem:
    return WantedItem(
        video=body.video_path or body.video_id or "",
        video_id=body.video_id,
        video_path=body.video_path,
        wish=body.model_dump(exclude_unset=True, exclude=_VIDEO),
    )


def _uploaded(file: Received, caller: Principal, given: Services) -> WantedItem:
    """A video that came with the form; one that cannot be read is refused by itself."""
    try:
        video = given.videos.add_blob(caller.owner, file.filename, file.sha256)
    except MediaError as error:
        return WantedItem(video=file.filename, problem=Failure.of(error))
    return WantedItem(video=video.filename, video_id=video.id)


def _validated(sources: dict[str, Any]) -> BatchBody:
    try:
        return BatchBody.model_validate(sources)
    except ValidationError as error:
        raise invalid(error, BatchBody) from error


def _shared(options: Wish) -> Wish:
    """The batch's name is not that of its jobs."""
    if options.name is not None and len(options.name) > 255:
        raise InvalidRequest("name is longer than 255 characters", field="name")
    return options.model_copy(update={"name": None})


def _fingerprint(content: Any) -> str:
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
