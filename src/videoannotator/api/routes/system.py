"""Is the server there, and how is it."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST

from videoannotator.api import metrics
from videoannotator.api.answers.record import answers
from videoannotator.api.answers.system import HealthView, Readiness, ServerInfo
from videoannotator.api.auth import JobsReader, SystemAdmin
from videoannotator.api.state import Services, services
from videoannotator.domain.audit import AuditEntry
from videoannotator.domain.media import Record

router = APIRouter(tags=["system"])
Given = Annotated[Services, Depends(services)]
_FEATURES = (
    "jobs", "events", "artifacts", "idempotency", "tokens",
    "presets", "preferences", "batches", "places", "uploads", "webhooks",
)  # fmt: skip


async def health(request: Request) -> Response:
    """Public and always 200; sampled every two seconds, so that asking is cheap."""
    given: Services = request.app.state.services
    return Response(orjson.dumps(given.health.sample), media_type="application/json")


class _Bare(APIRoute):
    """A route whose function takes the request alone: the framework need not look for more each time."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The function itself."""
        answer: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return answer


for _path in ("/api/v1/system/health", "/api/v1/health", "/health"):
    router.add_api_route(
        _path,
        health,
        responses=answers(HealthView),
        include_in_schema=_path != "/api/v1/health",
        route_class_override=_Bare,
    )


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Whether the server answers at all."""
    return {"status": "alive"}


@router.get("/health/ready", responses={**answers(Readiness), **answers(Readiness, 503)})
async def ready(given: Given, response: Response) -> dict[str, Any]:
    """Whether new work may be sent here; 503 with the reasons when not."""
    reasons = given.health.unready()
    response.status_code = 503 if reasons else 200
    return {"status": "not ready" if reasons else "ready", "reasons": reasons}


@router.get("/api/v1/system/info", responses=answers(ServerInfo))
async def info(given: Given, _: JobsReader) -> dict[str, Any]:
    """Version, features and limits of this server."""
    sample = given.health.sample
    return {
        "version": sample["version"],
        "api_version": sample["api_version"],
        "pipelines": sample["pipelines"]["names"],
        "roots": list(given.submissions.places.roots.folders),
        "limits": {"max_upload_bytes": given.blobs.max_bytes},
        "auth_required": given.auth_required,
        "open_streams": given.hub.n_streams,
        "features": list(_FEATURES),
    }


class AuditPage(Record):
    """Entries of the audit log, oldest first; ask again with ``after`` = the last ``seq``."""

    entries: tuple[AuditEntry, ...]


@router.get("/api/v1/system/audit")
def audit_log(
    given: Given,
    _: SystemAdmin,
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> AuditPage:
    """Who did what: keys, deletions, cancels, presets, webhooks, places. Only ever added to."""
    return AuditPage(entries=given.audit.after(after, limit))


@router.get("/metrics", response_class=PlainTextResponse)
async def prometheus(given: Given, _: SystemAdmin) -> Response:
    """Figures for Prometheus."""
    return Response(metrics.render(given), media_type=CONTENT_TYPE_LATEST)
