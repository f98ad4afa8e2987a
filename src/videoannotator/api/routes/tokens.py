"""API keys over HTTP, and the answer to "is my key good?"."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from videoannotator.api.answers.keys import AboutKey, BadKey, KeyList, KeyView, NewKey
from videoannotator.api.answers.record import answers
from videoannotator.api.auth import AnyCaller, TokensAdmin
from videoannotator.api.schemas import CheckTokenBody, RotateBody, TokenBody, iso
from videoannotator.api.state import Services, services
from videoannotator.domain.errors import Unauthorized
from videoannotator.domain.keys import USER_SCOPES, Key, Principal

router = APIRouter(prefix="/api/v1", tags=["keys"])
Given = Annotated[Services, Depends(services)]


@router.get("/tokens/me", responses=answers(AboutKey))
def me(caller: AnyCaller, given: Given) -> dict[str, Any]:
    """Whether the key that was sent is good, whose it is and what it allows."""
    return _about(caller, given)


@router.post("/auth/validate", responses=answers(AboutKey | BadKey))
def validate(body: CheckTokenBody, given: Given) -> dict[str, Any]:
    """Check a pasted key; 200 also when it is no good."""
    try:
        return _about(given.tokens.authenticate(body.token), given)
    except Unauthorized as error:
        return {"valid": False, "error_code": error.code, "message": str(error), "hint": error.hint}


@router.get("/debug/token-info", include_in_schema=False)
def token_info(caller: AnyCaller, given: Given) -> dict[str, Any]:
    """The same in the shape that the viewer's console helper reads."""
    about = _about(caller, given)
    return {"token": {"valid": True, "user_id": about["owner"], "permissions": about["scopes"]}}


@router.post("/tokens", status_code=201, responses=answers(NewKey, 201))
def create(body: TokenBody, caller: TokensAdmin, given: Given) -> dict[str, Any]:
    """Make a key; its text is told this once."""
    lifetime = timedelta(days=body.expires_in_days) if body.expires_in_days else None
    scopes = frozenset(body.scopes) if body.scopes is not None else USER_SCOPES
    key, text = given.tokens.create(
        body.name, owner=body.owner or caller.owner, scopes=scopes, lifetime=lifetime
    )
    return {**_view(key), "token": text}


@router.get("/tokens", responses=answers(KeyList))
def list_tokens(caller: TokensAdmin, given: Given) -> dict[str, Any]:
    """The keys, without their texts."""
    found = given.tokens.list(None if caller.sees_all else caller.owner)
    return {"tokens": [_view(key) for key in found], "total": len(found)}


@router.get("/tokens/{key_id}", responses=answers(KeyView))
def get(key_id: str, caller: TokensAdmin, given: Given) -> dict[str, Any]:
    """One key."""
    return _view(given.tokens.get(key_id, None if caller.sees_all else caller.owner))


@router.post("/tokens/{key_id}/rotate", status_code=201, responses=answers(NewKey, 201))
def rotate(key_id: str, body: RotateBody, caller: TokensAdmin, given: Given) -> dict[str, Any]:
    """Replace a key; the old one works for a while longer."""
    owner = None if caller.sees_all else caller.owner
    key, text = given.tokens.rotate(key_id, owner, timedelta(seconds=body.overlap_seconds))
    return {**_view(key), "token": text}


@router.delete("/tokens/{key_id}", status_code=204)
async def revoke(key_id: str, caller: TokensAdmin, given: Given) -> Response:
    """End a key and its open streams at once."""
    owner = None if caller.sees_all else caller.owner
    await asyncio.to_thread(given.tokens.revoke, key_id, owner)
    given.hub.close(key_id)
    return Response(status_code=204)


def _about(caller: Principal, given: Services) -> dict[str, Any]:
    key = given.tokens.get(caller.key_id, None) if caller.key_id else None
    return {
        "valid": True,
        "name": key.name if key else "authentication is off",
        "owner": caller.owner,
        "scopes": sorted(caller.scopes),
        "expires_at": iso(key.expires_at) if key else None,
        "auth_required": given.auth_required,
    }


def _view(key: Key) -> dict[str, Any]:
    moments = ("created_at", "expires_at", "revoked_at", "last_used_at")
    shown = key.model_dump(mode="json")
    return {**shown, **{name: iso(getattr(key, name)) for name in moments}}
