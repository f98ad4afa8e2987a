"""What each event carries: the one declaration from which the API's description and the event reference
are made, and which the tests hold every written event against.

``job_seq`` counts the events of one job from 1 without gaps; times are RFC 3339 in UTC.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from videoannotator.domain.batches import BatchStatus
from videoannotator.domain.jobs import EventType, JobStatus, LogLevel
from videoannotator.domain.media import Record
from videoannotator.domain.report import ComponentStatus, Stage


class EventData(Record):
    """Every event of a job."""

    job_id: str
    job_seq: int = Field(ge=1, description="1..n for each job, without gaps.")
    timestamp: datetime


class ComponentStanding(Record):
    """Where one component stands; only those that have changed are told."""

    pipeline: str
    component: str
    status: ComponentStatus
    progress: float = Field(ge=0, le=100)
    error_code: str | None = None
    error_message: str | None = None


class JobUpdate(EventData):
    """A job was queued, has started, goes on or is being cancelled; at most four a second for each job."""

    status: JobStatus
    progress: float = Field(ge=0, le=100)
    stage: Stage | None = None
    frames_per_s: float | None = None
    eta_s: float | None = Field(None, description="Seconds that are left.")
    components: tuple[ComponentStanding, ...] = ()
    resumed: bool = Field(False, description="Goes on where a worker has died.")


class JobLog(EventData):
    """A line of the run's log."""

    level: LogLevel
    message: str
    component: str | None = None


class ListedArtifact(Record):
    """A finished file, as the list of artifacts shows it."""

    id: str
    name: str
    kind: str
    format: str
    pipeline: str | None = None
    media_type: str
    size_bytes: int
    sha256: str
    created_at: datetime
    download_url: str


class JobComplete(EventData):
    """A job has ended well; with an ``error_message`` where some of its components failed."""

    status: JobStatus
    progress: float = Field(ge=0, le=100)
    artifacts: tuple[ListedArtifact, ...]
    completion_time: datetime
    error_message: str | None = None
    error_code: str | None = None


class JobError(EventData):
    """A job has failed."""

    status: JobStatus
    error_message: str
    error_code: str
    hint: str | None = None


class JobCancelled(EventData):
    """A job was cancelled and nothing of it runs any more."""

    status: JobStatus
    progress: float = Field(ge=0, le=100)
    reason: str | None = None


class JobDeleted(EventData):
    """A job and its results are gone; ``status`` is how it had ended."""

    status: JobStatus


class BatchUpdate(Record):
    """Items of a batch have ended or begun, at most twice a second; the last one tells its end."""

    batch_id: str
    batch_seq: int = Field(ge=1, description="1..n for each batch, without gaps.")
    timestamp: datetime
    status: BatchStatus
    progress: float = Field(ge=0, le=100)
    counts: dict[JobStatus, int] = Field(description="Items by state.")
    n_items: int
    eta_s: float | None = Field(None, description="Seconds that are left.")


class StreamNotice(Record):
    """Something about the stream itself: it starts anew with a snapshot, or the server is stopping."""

    reason: str


DATA: Mapping[EventType, type[Record]] = {
    EventType.UPDATE: JobUpdate,
    EventType.LOG: JobLog,
    EventType.COMPLETE: JobComplete,
    EventType.ERROR: JobError,
    EventType.CANCELLED: JobCancelled,
    EventType.DELETED: JobDeleted,
    EventType.BATCH_UPDATE: BatchUpdate,
}
# Told to one reader only and not kept: they have no id.
NOTICES: Mapping[str, type[Record]] = {"stream.reset": StreamNotice, "server.shutdown": StreamNotice}
KINDS: Mapping[str, type[Record]] = {**{kind.value: model for kind, model in DATA.items()}, **NOTICES}


def on_the_wire(name: str, model: type[Record]) -> dict[str, Any]:
    """JSON Schema of a frame's ``data``: the fields are flat and, for other readers, in ``data`` again."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schema.pop("$defs", None)
    schema.pop("additionalProperties", None)
    schema["properties"] = {
        "type": {"const": name},
        **schema["properties"],
        "data": {"$ref": f"#/components/schemas/{model.__name__}"},
    }
    schema["required"] = ["type", "data", *(n for n, f in model.model_fields.items() if f.is_required())]
    return {**schema, "title": name}


def definitions() -> dict[str, Any]:
    """JSON Schema of everything that events carry, by name of its model."""
    found: dict[str, Any] = {}
    for model in KINDS.values():
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs", {})
        found[model.__name__] = schema
    return found
