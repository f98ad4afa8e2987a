"""Who is calling: the key in the header, or what stands in for it where a header cannot be sent."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Protocol

from fastapi import Depends, Query, Request, Security
from fastapi.security import APIKeyQuery, HTTPBearer

from videoannotator.domain import audit
from videoannotator.domain.errors import NotAllowed, OriginNotAllowed, Unauthorized
from videoannotator.domain.keys import ADMIN_SCOPES, Principal, Scope
from videoannotator.services.sessions import Sessions
from videoannotator.services.tickets import Tickets

COOKIE = "va_session"
LOCAL_SEAT = "local"  # whose streams those are that were opened without a key
_CHANGES_NOTHING = ("GET", "HEAD", "OPTIONS")
LOCAL = Principal(owner="local", key_id=None, scopes=ADMIN_SCOPES)

bearer = HTTPBearer(auto_error=False, scheme_name="ApiKey", description="An API key: `va_...`.")
query_token = APIKeyQuery(
    name="token", auto_error=False, scheme_name="ApiKeyInQuery", description="Where no header can be sent."
)


class Keys(Protocol):
    """What authentication asks of the key service."""

    async def recognise(self, key: str) -> Principal:
        """Who holds a key; raises one of the Unauthorized errors."""

    def principal_of(self, key_id: str) -> Principal:
        """Who holds the key of this id; raises one of the Unauthorized errors."""


class Authenticator:
    """Finds out who is calling.

    ``required`` False lets everybody in as the local operator, but web pages from elsewhere only where they
    are among ``origins``: a browser sends their forms here without asking, and no key stands in the way.
    """

    def __init__(
        self, keys: Keys, tickets: Tickets, sessions: Sessions, *, required: bool, origins: tuple[str, ...]
    ) -> None:
        self._keys = keys
        self.tickets = tickets
        self._sessions = sessions
        self.required = required
        self._origins = origins

    async def __call__(self, request: Request, *, in_query: bool) -> Principal:
        """The caller, who is noted as the one who acts; raises Unauthorized and OriginNotAllowed."""
        caller = await self._caller(request, in_query=in_query)
        who = audit.acting()
        who.actor, who.key_id = caller.owner, caller.key_id
        return caller

    async def _caller(self, request: Request, *, in_query: bool) -> Principal:
        # A stale key is ignored where none is needed.
        if not self.required:
            if request.method not in _CHANGES_NOTHING and not self._is_allowed_page(request):
                raise OriginNotAllowed
            return LOCAL
        header = request.headers.get("authorization", "")
        scheme, _, given = header.partition(" ")
        if scheme.lower() == "bearer" and given.strip():
            return await self._keys.recognise(given.strip())
        if in_query and "ticket" in request.query_params:
            key_id = self.tickets.redeem(request.query_params["ticket"])
            return await self._named(key_id) if key_id else LOCAL
        if in_query and request.query_params.get("token"):
            return await self._keys.recognise(request.query_params["token"])
        if COOKIE in request.cookies and _same_origin(request):
            return await self._named(self._sessions.key_of(request.cookies[COOKIE]))
        raise Unauthorized

    def _is_allowed_page(self, request: Request) -> bool:
        allowed = request.headers.get("origin") in self._origins or "*" in self._origins
        return allowed or _same_origin(request)

    async def _named(self, key_id: str) -> Principal:
        return await asyncio.to_thread(self._keys.principal_of, key_id)


def _same_origin(request: Request) -> bool:
    """Whether the page that calls is ours: a cookie must not work for anybody else's."""
    origin = request.headers.get("origin")
    return origin is None or origin.split("://", 1)[-1] == request.headers.get("host")


def requires(scope: Scope, *, in_query: bool = False) -> Callable[..., Awaitable[Principal]]:
    """A dependency that lets callers with a scope in and tells the route who they are."""

    async def in_header_only(request: Request, _: Annotated[object, Security(bearer)]) -> Principal:
        return await _admitted(request, scope, in_query=False)

    async def in_header_or_query(
        request: Request,
        _: Annotated[object, Security(bearer)],
        __: Annotated[object, Security(query_token)],
    ) -> Principal:
        return await _admitted(request, scope, in_query=True)

    return in_header_or_query if in_query else in_header_only


async def _admitted(request: Request, scope: Scope, *, in_query: bool) -> Principal:
    authenticator: Authenticator = request.app.state.authenticator
    principal = await authenticator(request, in_query=in_query)
    if scope not in principal.scopes:
        raise NotAllowed(f"This API key lacks the scope {scope.value!r}")
    return principal


async def identified(request: Request, _: Annotated[object, Security(bearer)]) -> Principal:
    """A dependency that lets everybody with a good key in, whatever its scopes."""
    authenticator: Authenticator = request.app.state.authenticator
    return await authenticator(request, in_query=False)


async def link_or_key(
    request: Request,
    _: Annotated[object, Security(bearer)],
    __: Annotated[object, Security(query_token)],
    signature: Annotated[str | None, Query(description="From a signed link; stands in for a key.")] = None,
) -> Principal | None:
    """A dependency for one file: None for the holder of a signed link, else who is calling."""
    if signature is None:
        return await _admitted(request, Scope.ARTIFACTS_READ, in_query=True)
    authenticator: Authenticator = request.app.state.authenticator
    where = request.path_params
    authenticator.tickets.check(signature, where["job_id"], where["artifact_id"])
    return None


AnyCaller = Annotated[Principal, Depends(identified)]
JobsReader = Annotated[Principal, Depends(requires(Scope.JOBS_READ))]
JobsWriter = Annotated[Principal, Depends(requires(Scope.JOBS_WRITE))]
BatchesWriter = Annotated[Principal, Depends(requires(Scope.BATCHES_WRITE))]
ArtifactsReader = Annotated[Principal, Depends(requires(Scope.ARTIFACTS_READ, in_query=True))]
EventsReader = Annotated[Principal, Depends(requires(Scope.EVENTS_READ, in_query=True))]
PresetsWriter = Annotated[Principal, Depends(requires(Scope.PRESETS_WRITE))]
TokensAdmin = Annotated[Principal, Depends(requires(Scope.TOKENS_ADMIN))]
SystemAdmin = Annotated[Principal, Depends(requires(Scope.SYSTEM_ADMIN))]
