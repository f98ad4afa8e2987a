"""What clients send, and what they get that no domain record says."""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from videoannotator.domain.batches import Batch, BatchItem
from videoannotator.domain.clock import utc_now
from videoannotator.domain.jobs import Job
from videoannotator.domain.json_values import SmallObject
from videoannotator.domain.keys import Scope


def _rfc3339(text: object) -> object:
    """Refuse the bare numbers that would be read as seconds since 1970."""
    if isinstance(text, str) and len(text) < len("2026-01-31T12:00Z"):
        raise ValueError("is no moment such as 2026-01-31T12:00:00Z")
    return text


Moment = Annotated[AwareDatetime, BeforeValidator(_rfc3339)]


class Body(BaseModel):
    """Base of request bodies: unknown fields are refused, so that nothing is silently ignored."""

    model_config = ConfigDict(extra="forbid")


class ValidateBody(Body):
    """A configuration to check. Without ``selected_pipelines`` its keys say what is meant."""

    config: SmallObject = Field(default_factory=dict, examples=[{"audio_processing": {"whisper": {}}}])
    selected_pipelines: list[str] | None = None
    output_directory: str | None = Field(None, examples=["study:results"])
    db_location: str | None = Field(None, examples=["study:results/all.sqlite"])


class WishBody(Body):
    """What shall run, and where its results go."""

    preset: str | None = Field(
        None, max_length=200, description="Id or name, perhaps with @version.", examples=["Quick look"]
    )
    selected_pipelines: list[str] | None = Field(None, examples=[["person_tracking", "whisper"]])
    config: SmallObject = Field(default_factory=dict)
    name: str | None = Field(None, max_length=255)
    priority: int = Field(0, strict=True, ge=-100, le=100)
    tags: list[str] = Field(default_factory=list, max_length=32)
    output_directory: str | None = Field(None, examples=["study:results"])
    db_location: str | None = Field(None, examples=["study:results/all.sqlite"])
    start_s: float | None = Field(
        None, strict=True, ge=0, description="Annotate from here on; times stay the video's."
    )
    end_s: float | None = Field(None, strict=True, gt=0, description="Annotate up to here.")


class SubmitBody(WishBody):
    """A job on a stored video (``video_id``) or on a file of the server (``video_path``)."""

    video_id: str | None = None
    video_path: str | None = Field(None, examples=["study:session1/clip.mp4"])


class BatchBody(WishBody):
    """Many videos: a list, a folder, a pattern or a table (CSV text); other fields hold for all of them."""

    items: list[SubmitBody] = Field(default_factory=list, max_length=100_000)
    folder: str | None = Field(None, examples=["study:session1"])
    glob: str | None = Field(None, examples=["study:**/*.mp4"])
    csv: str | None = Field(None, examples=["video,whisper.language\nclip.mp4,en\n"])
    defaults: WishBody | None = Field(None, description="The shared fields, for those who prefer them apart.")


class CancelBody(Body):
    """Why a job is cancelled."""

    reason: str | None = Field(None, max_length=1000)


class LinkBody(Body):
    """A link to one file that works without a key for a while."""

    artifact_id: str
    expires_in_s: int = Field(3600, strict=True, ge=1, le=7 * 24 * 3600)


class TokenBody(Body):
    """A new API key."""

    name: str = Field(min_length=1, max_length=100)
    owner: str | None = Field(None, min_length=1, max_length=100)
    scopes: list[Scope] | None = None
    expires_in_days: float | None = Field(None, strict=True, gt=0, le=3650)


class RotateBody(Body):
    """How long the old key goes on beside the new one."""

    overlap_seconds: int = Field(0, strict=True, ge=0, le=30 * 24 * 3600)


class CheckTokenBody(Body):
    """A key to check."""

    token: str = Field(max_length=200)


def iso(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def batch_view(batch: Batch) -> dict[str, Any]:
    """A batch as clients see it."""
    shown = batch.model_dump(mode="json", exclude={"owner"})
    moments = ("created_at", "updated_at", "cancelled_at", "completed_at")
    address = f"/api/v1/batches/{batch.id}"
    return {
        **shown,
        **{name: iso(getattr(batch, name)) for name in moments},
        "status": batch.status.value,
        "progress": round(batch.progress, 1),
        "eta_s": batch.eta_s(utc_now()),
        "links": {
            "self": address,
            "jobs": f"{address}/jobs",
            "artifacts": f"{address}/artifacts",
            "events": f"/api/v1/events/stream?batch_id={batch.id}",
        },
    }


def item_view(item: BatchItem) -> dict[str, Any]:
    """An item of a batch as clients see it."""
    shown = item.model_dump(mode="json")
    return {**shown, "updated_at": iso(item.updated_at)}


_SHOWN_OF_JOBS = [name for name in Job.model_fields if name not in {"owner", "plan", "places", "n_crashes"}]
_MOMENTS_OF_JOBS = (
    "created_at",
    "updated_at",
    "started_at",
    "completed_at",
    "cancelled_at",
    "expires_at",
)


def job_view(job: Job) -> dict[str, Any]:
    """A job as clients see it: paths of the server are not shown."""
    return {
        **{name: getattr(job, name) for name in _SHOWN_OF_JOBS},
        **{name: iso(getattr(job, name)) for name in _MOMENTS_OF_JOBS},
        "components": [component.model_dump(mode="json") for component in job.components],
        "video_path": job.video_filename,
        "plan": [
            {
                "pipeline": step.pipeline,
                "component": step.component,
                "parameters": step.parameters,
                "requested": step.requested,
            }
            for step in job.plan.steps
        ],
        "warnings": list(job.plan.warnings),
        "links": {
            "self": f"/api/v1/jobs/{job.id}",
            "artifacts": f"/api/v1/jobs/{job.id}/artifacts",
            "events": f"/api/v1/events/stream?job_id={job.id}",
            "logs": f"/api/v1/jobs/{job.id}/logs",
        },
    }


FILE: Final = {"type": "string", "contentMediaType": "application/octet-stream"}


def form_body(fields: dict[str, Any], *, json: dict[str, Any] | None = None) -> dict[str, Any]:
    """The description of a form that is read as it comes, and of JSON that may come instead.

    The first field is required.
    """
    form = {"type": "object", "required": [next(iter(fields))], "properties": fields}
    content = {"multipart/form-data": {"schema": form}}
    if json is not None:
        content["application/json"] = {"schema": json}
    return {"requestBody": {"required": True, "content": content}}
