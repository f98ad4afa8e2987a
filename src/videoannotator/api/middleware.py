"""Pure ASGI layers around the application: request ids, guards, slashes, HEAD, headers.

They are functions from one ASGI application to another; ``wrap`` puts them in order. CORS is the outermost
one, so that errors carry its headers too.
"""

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from videoannotator.api import problems
from videoannotator.api.problems import Where
from videoannotator.domain import audit

log = structlog.get_logger(__name__)
MAX_HEADERS, MAX_HEADER_BYTES, MAX_URL_BYTES = 100, 32 * 1024, 8 * 1024
UPLOADS = re.compile(r"/api/v1/(jobs|videos|batches|uploads/[^/]+)/?")
_TUS = "/api/v1/uploads/"  # where HEAD is an operation of its own
MAX_BODY_BYTES = 1 << 20
EXPOSED = (
    "X-Request-ID", "Content-Disposition", "ETag", "Link", "Retry-After", "Location", "Content-Range",
    "RateLimit", "RateLimit-Policy", "Idempotency-Replayed", "Upload-Offset", "Upload-Length",
    "Upload-Expires",
    "Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size",
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_INBOUND_ID = re.compile(rb"[A-Za-z0-9_-]{8,64}")
# They keep a browser from doing more with an answer than it should.
_SECURE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-frame-options", b"DENY"),
)
_PROBES = ("/health", "/api/v1/health", "/api/v1/system/health", "/metrics")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the layers must know: names this server answers to, and pages that may call it."""

    hosts: frozenset[str]  # lower case, without port; empty for any
    origins: tuple[str, ...]


def wrap(app: ASGIApp, surroundings: Surroundings) -> ASGIApp:
    """Put every layer around the application."""
    inner = bounded(implied_head(one_slash(app)))
    guarded = identified(logged(guard(inner, surroundings.hosts)))
    return CORSMiddleware(
        guarded,
        allow_origins=surroundings.origins,
        allow_methods=METHODS,
        allow_headers=["*"],
        allow_credentials=False,
        allow_private_network=True,  # without it Starlette refuses such a preflight with 400
        expose_headers=EXPOSED,
        max_age=600,
    )


def identified(app: ASGIApp) -> ASGIApp:
    """Give each request an id, the client's own where it is well-formed, and send it back, secured."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        inbound = Headers(scope=scope).get("x-request-id", "").encode("latin-1")
        if _INBOUND_ID.fullmatch(inbound):
            scope["request_id"] = inbound.decode()
        else:
            scope["request_id"] = f"req_{secrets.token_hex(10)}"
        client = scope.get("client")
        audit.act_as(audit.Who("nobody", None, client[0] if client else None, scope["request_id"]))
        request_id = (b"x-request-id", scope["request_id"].encode())
        await app(scope, receive, _with_headers(send, (request_id, *_SECURE)))

    return layer


def logged(app: ASGIApp) -> ASGIApp:
    """One line for each request: never its query, which may hold a key. Probes are not worth one."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_PROBES):
            await app(scope, receive, send)
            return
        started_s, status = time.monotonic(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await app(scope, receive, noting)
        finally:
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=round(1000 * (time.monotonic() - started_s), 1),
                request_id=scope["request_id"],
            )

    return layer


def guard(app: ASGIApp, hosts: frozenset[str]) -> ASGIApp:
    """Refuse what no honest client sends: two hosts, both framings, a foreign name, endless headers.

    The name check stops pages that rebind their own name to the loopback address.
    """

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        refusal = _refusal(scope, hosts) if scope["type"] == "http" else None
        if refusal is None:
            await app(scope, receive, send)
            return
        status, code, message, hint = refusal
        at = Where(scope.get("path", ""), scope.get("request_id", ""))
        body = problems.problem(status, code, message, hint, at=at)
        await problems.response(body, {"Connection": "close"})(scope, receive, send)

    return layer


def _refusal(scope: Scope, hosts: frozenset[str]) -> tuple[int, str, str, str] | None:
    headers = scope["headers"]
    names = [name.lower() for name, _ in headers]
    if len(headers) > MAX_HEADERS or sum(len(n) + len(v) for n, v in headers) > MAX_HEADER_BYTES:
        return 431, "HEADERS_TOO_LARGE", "The request has too many headers", "Send fewer."
    if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > MAX_URL_BYTES:
        return 414, "URL_TOO_LONG", "The address is too long", "Send the values in the body."
    if names.count(b"host") != 1 or (b"content-length" in names and b"transfer-encoding" in names):
        return 400, "BAD_REQUEST", "The request is framed in an ambiguous way", "Send exactly one Host."
    host = Headers(scope=scope)["host"].rsplit(":", 1)[0].strip("[]").lower()
    if hosts and host not in hosts:
        hint = "Add the name to allowed_hosts in the server's settings."
        return HTTPStatus.MISDIRECTED_REQUEST, "HOST_NOT_ALLOWED", f"This server is not {host!r}", hint
    return None


def bounded(app: ASGIApp) -> ASGIApp:
    """Refuse long bodies where no uploads are expected; those routes have limits of their own."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or UPLOADS.fullmatch(scope["path"]):
            await app(scope, receive, send)
            return
        length, n_bytes = Headers(scope=scope).get("content-length", ""), 0

        async def counting() -> Message:
            nonlocal n_bytes
            message = await receive()
            n_bytes += len(message.get("body", b""))
            if n_bytes > MAX_BODY_BYTES or (length.isdigit() and int(length) > MAX_BODY_BYTES):
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is longer than 1 MiB")
            return message

        await app(scope, counting, send)

    return layer


def one_slash(app: ASGIApp) -> ASGIApp:
    """Answer ``/jobs/`` as ``/jobs``: a redirect would cost clients their Authorization header."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if (
            scope["type"] == "http"
            and path.startswith(("/api/", "/health", "/metrics", "/docs"))
            and path.endswith("/")
        ):
            scope = {**scope, "path": path.rstrip("/")}
        await app(scope, receive, send)

    return layer


class _HeadAnswered(BaseException):
    """Ends the handler of a HEAD request as soon as its headers are out, be the body endless."""


def implied_head(app: ASGIApp) -> ASGIApp:
    """Answer HEAD wherever GET is answered: the same headers, no body."""

    async def layer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"].startswith(_TUS):
            await app(scope, receive, send)
            return

        async def headers_only(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                raise _HeadAnswered

        try:
            await app({**scope, "method": "GET"}, receive, headers_only)
        except* _HeadAnswered:  # streaming answers raise it inside a task group
            pass

    return layer


def _with_headers(send: Send, headers: Sequence[tuple[bytes, bytes]]) -> Send:
    """Add what the application has not said itself."""

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = message["headers"]
            said = {name for name, _ in own}
            message = {**message, "headers": [*own, *(one for one in headers if one[0] not in said)]}
        await send(message)

    return wrapped
