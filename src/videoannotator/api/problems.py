"""One body for every error on every route (RFC 9457 with the fields that the viewer reads).

``detail`` is always a string and holds the hint: it is the only field that some clients show.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson
from starlette.responses import Response

from videoannotator.domain.media import Record

MEDIA_TYPE = "application/problem+json"


class FieldProblem(Record):
    """One offending input. ``field`` is dotted, e.g. ``config.audio_processing.whisper.model``."""

    field: str
    message: str
    error_code: str = "INVALID_REQUEST"
    hint: str = ""


class Problem(Record):
    """The body of an error."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    error: str
    message: str
    error_code: str
    hint: str
    request_id: str
    timestamp: str
    errors: tuple[FieldProblem, ...] = ()


class Where(NamedTuple):
    """Which request went wrong."""

    instance: str = ""
    request_id: str = ""


NOWHERE = Where()


def problem(
    status: int,
    code: str,
    message: str,
    hint: str = "",
    *,
    at: Where = NOWHERE,
    title: str | None = None,
    errors: Sequence[FieldProblem] = (),
) -> Problem:
    """Build the body; ``detail`` is the message followed by the hint."""
    sentence = message if message.endswith((".", "!", "?")) else f"{message}."
    return Problem(
        type=f"/docs/errors#{code.lower().replace('_', '-')}",
        title=title or HTTPStatus(status).phrase,
        status=status,
        detail=f"{sentence} {hint}".strip(),
        instance=at.instance,
        error=message,
        message=message,
        error_code=code,
        hint=hint,
        request_id=at.request_id,
        timestamp=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        errors=tuple(errors),
    )


def response(body: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The HTTP answer that carries a problem."""
    content: dict[str, Any] = body.model_dump(mode="json")
    return Response(orjson.dumps(content), body.status, dict(headers or {}), MEDIA_TYPE)
