"""Which HTTP status each error has, and the handlers that turn errors into problems.

The tree of errors in ``domain/errors.py`` is the catalogue: its codes, titles and hints are what the
documentation page and the OpenAPI description show.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from videoannotator.api import problems
from videoannotator.api.problems import FieldProblem, Where
from videoannotator.domain import errors

log = structlog.get_logger(__name__)

# The nearest ancestor counts; what is not listed is our own fault.
STATUS: dict[type[errors.VideoAnnotatorError], int] = {
    errors.VideoAnnotatorError: 500,
    errors.InvalidRequest: 422,
    errors.UnknownName: 422,
    errors.ComponentUnavailable: 422,
    errors.MediaError: 422,
    errors.VideoNotFound: 404,
    errors.WeightsError: 503,
    errors.LicenceNotAllowed: 403,
    errors.WeightsGated: 403,
    errors.StorageError: 500,
    errors.StorageFull: 507,
    errors.OutputExists: 409,
    errors.NotAllowed: 403,
    errors.Unauthorized: 401,
    errors.NotHere: 404,
    errors.Conflict: 409,
    errors.PayloadTooLarge: 413,
    errors.UploadStalled: 408,
    errors.RateLimited: 429,
    errors.HistoryGone: 410,
    errors.ServiceUnavailable: 503,
    errors.PreconditionFailed: 412,
    errors.PreconditionRequired: 428,
}

# The rest of a body that is refused would be read as the next request.
_BODY_REFUSED = frozenset({408, 413, 507})

# Errors that the framework itself raises.
FRAMEWORK = {
    400: ("BAD_REQUEST", "Check the request against the API description at /docs."),
    404: ("ROUTE_NOT_FOUND", "The routes are listed at /docs."),
    405: ("METHOD_NOT_ALLOWED", "The header Allow names the methods of this route."),
    406: ("NOT_ACCEPTABLE", "Ask for application/json or application/zip."),
    413: ("PAYLOAD_TOO_LARGE", "Send less at once."),
    415: ("UNSUPPORTED_CONTENT_TYPE", "Send JSON or a multipart form, as the API description says."),
    414: ("URL_TOO_LONG", "Send the values in the body."),
    421: ("HOST_NOT_ALLOWED", "Add the name to allowed_hosts in the server's settings."),
    422: ("REQUIRED_FIELD_MISSING", "The API description at /docs shows what this route takes."),
    431: ("HEADERS_TOO_LARGE", "Send fewer headers."),
    416: ("RANGE_NOT_SATISFIABLE", "Ask for bytes within the size that Content-Range names."),
    500: ("INTERNAL_ERROR", "Try again; if it stays, report the request_id with the server's log."),
}


class CatalogueEntry(NamedTuple):
    """One kind of error, as the documentation lists it."""

    code: str
    status: int
    title: str
    hint: str


def catalogue() -> tuple[CatalogueEntry, ...]:
    """Every code that the API may answer with, sorted."""
    own = {kind.code: CatalogueEntry(kind.code, status_of(kind), kind.title, kind.hint) for kind in _kinds()}
    framework = {
        code: CatalogueEntry(code, status, HTTPStatus(status).phrase, hint)
        for status, (code, hint) in FRAMEWORK.items()
    }
    return tuple(entry for _, entry in sorted({**framework, **own}.items()))


def status_of(kind: type[errors.VideoAnnotatorError]) -> int:
    """The HTTP status of an error class."""
    return next(STATUS[ancestor] for ancestor in kind.__mro__ if ancestor in STATUS)


def _kinds(
    root: type[errors.VideoAnnotatorError] = errors.VideoAnnotatorError,
) -> Iterator[type[errors.VideoAnnotatorError]]:
    yield root
    for kind in root.__subclasses__():
        yield from _kinds(kind)


def install(app: FastAPI) -> None:
    """Answer every error of the application with the one body."""
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(errors.VideoAnnotatorError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(Exception, _unexpected)


def answer(request: Request, error: errors.VideoAnnotatorError) -> Response:
    """The response for one of our errors."""
    status = status_of(type(error))
    fields = tuple(
        FieldProblem(field=part.field or "", message=str(part), error_code=part.code, hint=part.hint)
        for part in getattr(error, "problems", (error,) if error.field else ())
    )
    headers = {}
    if status == HTTPStatus.UNAUTHORIZED:
        known = "" if type(error) is errors.Unauthorized else ', error="invalid_token"'
        headers["WWW-Authenticate"] = f'Bearer realm="videoannotator"{known}'
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        headers["Retry-After"] = str(getattr(error, "retry_after_s", 5))
    if status in _BODY_REFUSED:
        headers["Connection"] = "close"
    body = problems.problem(
        status, error.code, str(error), error.hint, title=error.title, errors=fields, at=_where(request)
    )
    return problems.response(body, headers)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.VideoAnnotatorError)
    response = answer(request, error)
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request failed", error_code=error.code, error=str(error), path=request.url.path)
    return response


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = tuple(_field_problem(one) for one in error.errors())
    said = "; ".join(f"{one.field}: {one.message}" if one.field else one.message for one in fields[:3])
    code = fields[0].error_code if len(fields) == 1 else errors.InvalidRequest.code
    hint = "The API description at /docs shows what this route takes."
    body = problems.problem(
        422, code, said, hint, title=errors.InvalidRequest.title, errors=fields, at=_where(request)
    )
    return problems.response(body)


def _field_problem(one: Mapping[str, Any]) -> FieldProblem:
    # Where JSON breaks off is a place in the text and no field.
    broken = one["type"] == "json_invalid"
    message = one["msg"].removeprefix("Value error, ")
    if broken:
        message = f"The body is no JSON: {one['ctx']['error']} at character {one['loc'][-1]}"
    elif one["type"] == "extra_forbidden":
        message = "There is no such field"
    return FieldProblem(
        field="" if broken else ".".join(str(p) for p in one["loc"] if p not in ("body", "query", "path")),
        message=message,
        error_code="REQUIRED_FIELD_MISSING" if one["type"] == "missing" else "INVALID_REQUEST",
    )


async def _framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, hint = FRAMEWORK.get(error.status_code, (HTTPStatus(error.status_code).name, ""))
    message = str(error.detail)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.NOT_FOUND:
        message = f"There is no route {request.url.path}"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        message = f"{request.method} is not possible here"
        headers["Allow"] = _allowed(request)
    body = problems.problem(error.status_code, code, message, hint, at=_where(request))
    return problems.response(body, headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("unexpected error", path=request.url.path, exc_info=error)
    code, hint = FRAMEWORK[500]
    return problems.response(
        problems.problem(500, code, "The server made a mistake", hint, at=_where(request))
    )


async def _gone(_request: Request, _error: Exception) -> Response:
    """Nobody is there any more to read an answer."""
    return Response(status_code=400)


def _allowed(request: Request) -> str:
    """The methods of a path, over all its routes: the framework names those of the first one only.

    A route that spells the path out hides those that would take its last part for an id.
    """
    path = request.scope["path"]
    fitting = [(regex, some) for regex, some in request.app.state.methods if regex.match(path)]
    fewest = min((regex.groups for regex, _ in fitting), default=0)
    methods = {method for regex, some in fitting if regex.groups == fewest for method in some}
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


def _where(request: Request) -> Where:
    return Where(request.url.path, request.scope.get("request_id", ""))
