"""Preferences over HTTP: a small JSON document per owner of keys."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Response

from videoannotator.api.auth import AnyCaller, PresetsWriter
from videoannotator.api.state import Services, services
from videoannotator.domain.json_values import SmallObject, SmallValue
from videoannotator.domain.presets import Preferences
from videoannotator.services.preferences import KEY

router = APIRouter(prefix="/api/v1/preferences", tags=["presets"])
Given = Annotated[Services, Depends(services)]
Key = Annotated[str, Path(pattern=f"^{KEY.pattern}$", examples=["preset"])]
Document = Annotated[SmallObject, Body(examples=[{"preset": "Quick look"}])]
SHAPE: dict[int | str, dict[str, Any]] = {200: {"model": Preferences}}


@router.get("", responses=SHAPE)
def get(caller: AnyCaller, given: Given) -> Any:
    """Everything that the owner of the key prefers."""
    return given.preferences.document(caller.owner)


@router.put("", responses=SHAPE)
def replace(document: Document, caller: PresetsWriter, given: Given) -> Any:
    """Put other preferences in their place: at most 64 KiB in all."""
    return given.preferences.replace(caller.owner, document)


@router.patch("", responses=SHAPE)
def merge(patch: Document, caller: PresetsWriter, given: Given) -> Any:
    """Change some of them (JSON merge patch, RFC 7396: null removes)."""
    return given.preferences.merge(caller.owner, patch)


@router.get("/{key}")
def get_one(key: Key, caller: AnyCaller, given: Given) -> Any:
    """One preference."""
    return given.preferences.one(caller.owner, key)


@router.put("/{key}")
def set_one(
    key: Key, value: Annotated[SmallValue, Body(examples=["Quick look"])], caller: PresetsWriter, given: Given
) -> Any:
    """Set one preference to any JSON value but null."""
    return given.preferences.set(caller.owner, key, value)


@router.delete("/{key}", status_code=204)
def remove(key: Key, caller: PresetsWriter, given: Given) -> Response:
    """Forget one preference."""
    given.preferences.remove(caller.owner, key)
    return Response(status_code=204)
