"""Presets over HTTP. ``ETag`` is the version; a change names the one it changes in ``If-Match``."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from videoannotator.api.auth import JobsReader, PresetsWriter
from videoannotator.api.preconditions import IfMatch, etag, matcher
from videoannotator.api.schemas import Body
from videoannotator.api.state import Services, services
from videoannotator.domain.errors import InvalidConfigFile, PayloadTooLarge
from videoannotator.domain.json_values import MAX_BYTES
from videoannotator.domain.media import Record
from videoannotator.domain.presets import MAX_NAME_LENGTH, NAME_PATTERN, Preset, PresetDraft, PresetScope
from videoannotator.services import preset_files, preset_fit
from videoannotator.services.preset_fit import Fit

router = APIRouter(prefix="/api/v1/presets", tags=["presets"])
Given = Annotated[Services, Depends(services)]
TOML = "application/toml"


class PresetView(Preset, Fit):
    """A preset with whether it can be used here, and what it means otherwise than when it was saved."""


class PresetList(Record):
    """The presets that the caller may use: built-in ones, their own, shared ones."""

    presets: tuple[PresetView, ...]
    total: int


class PresetVersions(Record):
    """Every version of a preset, the newest first."""

    versions: tuple[Preset, ...]


class DuplicateBody(Body):
    """The name of the copy."""

    name: str | None = Field(None, min_length=1, max_length=MAX_NAME_LENGTH, pattern=NAME_PATTERN)


@router.get("")
def list_presets(
    caller: JobsReader,
    given: Given,
    scope: Annotated[PresetScope | None, Query(description="Only these.")] = None,
) -> PresetList:
    """The presets that can be named in a submission."""
    found = [one for one in given.presets.list(caller.whose) if scope in (None, one.scope)]
    return PresetList(presets=tuple(_view(one, given) for one in found), total=len(found))


@router.post("", status_code=201)
def create(draft: PresetDraft, caller: PresetsWriter, given: Given, response: Response) -> PresetView:
    """Save a preset; its choice is checked as a submission's is."""
    return _created(given.presets.create(caller.owner, draft), given, response)


@router.post(
    "/import",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {TOML: {"schema": {"type": "string", "examples": ['name = "Play session"\n']}}},
        }
    },
)
async def import_preset(
    request: Request, caller: PresetsWriter, given: Given, response: Response
) -> PresetView:
    """Save the preset of a TOML file."""
    draft = preset_files.from_toml(await _text(request))
    return _created(given.presets.create(caller.owner, draft), given, response)


@router.get("/{preset_id}")
def get(
    preset_id: str,
    caller: JobsReader,
    given: Given,
    response: Response,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="An older one.")] = None,
) -> PresetView:
    """One preset, and field by field what has changed since it was saved."""
    preset = given.presets.get(preset_id, caller.whose, version)
    response.headers["ETag"] = etag(preset.version)
    return _view(preset, given)


@router.get("/{preset_id}/versions")
def versions(preset_id: str, caller: JobsReader, given: Given) -> PresetVersions:
    """What the preset has been."""
    return PresetVersions(versions=given.presets.versions(preset_id, caller.whose))


@router.put("/{preset_id}")
def replace(
    preset_id: str,
    draft: PresetDraft,
    caller: PresetsWriter,
    given: Given,
    response: Response,
    if_match: IfMatch = None,
) -> PresetView:
    """Save a new version; jobs keep the version that they have used."""
    given.presets.get(preset_id, caller.whose)
    preset = given.presets.replace(preset_id, caller.whose, draft, matcher(if_match))
    response.headers["ETag"] = etag(preset.version)
    return _view(preset, given)


@router.delete("/{preset_id}", status_code=204)
def delete(preset_id: str, caller: PresetsWriter, given: Given, if_match: IfMatch = None) -> Response:
    """Remove a preset; jobs that used it keep their plans."""
    given.presets.delete(preset_id, caller.whose, matcher(if_match, required=False))
    return Response(status_code=204)


@router.post("/{preset_id}/duplicate", status_code=201)
def duplicate(
    preset_id: str,
    caller: PresetsWriter,
    given: Given,
    response: Response,
    body: DuplicateBody | None = None,
) -> PresetView:
    """A copy of one's own, for example of a built-in preset."""
    name = body.name if body else None
    return _created(given.presets.duplicate(preset_id, caller.owner, caller.whose, name), given, response)


@router.get(
    "/{preset_id}/export",
    response_class=Response,
    responses={200: {"content": {TOML: {"schema": {"type": "string"}}}}},
)
def export(preset_id: str, caller: JobsReader, given: Given) -> Response:
    """The preset as a TOML file for another server or for ``videoannotator annotate --preset FILE``."""
    preset = given.presets.get(preset_id, caller.whose)
    return Response(
        preset_files.to_toml(preset),
        media_type=TOML,
        headers={"Content-Disposition": f'attachment; filename="preset-{preset.id}.toml"'},
    )


def _view(preset: Preset, given: Services) -> PresetView:
    fit = preset_fit.check(preset, given.catalogue)
    return PresetView(**dict(preset), **dict(fit))


def _created(preset: Preset, given: Services, response: Response) -> PresetView:
    response.headers["ETag"] = etag(preset.version)
    response.headers["Location"] = f"/api/v1/presets/{preset.id}"
    return _view(preset, given)


async def _text(request: Request) -> str:
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_BYTES:
            raise PayloadTooLarge(f"A preset has at most {MAX_BYTES} bytes", hint="Send a preset's file.")
    try:
        return received.decode()
    except UnicodeDecodeError as error:
        raise InvalidConfigFile("The file is no UTF-8 text") from error
