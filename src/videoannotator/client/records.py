"""What a server tells, as far as the client needs it; fields of newer servers are passed over."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from videoannotator.domain.jobs import TERMINAL, JobStatus


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Component(_Told):
    """One component of a job. ``progress`` is 0 to 100."""

    pipeline: str
    component: str
    status: str
    progress: float = 0.0
    frames_per_s: float | None = None
    eta_s: float | None = None
    error_message: str | None = None
    hint: str | None = None


class Job(_Told):
    """Where a job stands. A completed job with an ``error_message`` is a partial success."""

    id: str
    name: str = ""
    status: JobStatus
    progress: float = 0.0
    stage: str | None = None
    video_filename: str = ""
    video_duration_seconds: float | None = None
    selected_pipelines: tuple[str, ...] = ()
    config: dict[str, Any] = Field(default_factory=dict)
    preset_id: str | None = None
    preset_version: int | None = None
    created_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    error_code: str | None = None
    error_message: str | None = None
    hint: str | None = None
    eta_s: float | None = None
    attempt: int = 1
    components: tuple[Component, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether the job has reached its last state."""
        return self.status in TERMINAL


class Batch(_Told):
    """Where a batch stands: how many of its videos in which state."""

    id: str
    name: str = ""
    status: str
    progress: float = 0.0
    n_items: int
    counts: dict[str, int] = Field(default_factory=dict)
    eta_s: float | None = None
    created_at: datetime

    @property
    def is_over(self) -> bool:
        """Whether every video has ended."""
        return self.status in ("completed", "cancelled")


class BatchItem(_Told):
    """One video of a batch."""

    place: int
    video: str
    status: str
    progress: float = 0.0
    attempt: int = 1
    job_id: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    hint: str | None = None


class Entry(_Told):
    """A folder or video of the server, by the name that submissions use; ``problem`` says why none can."""

    name: str
    path: str
    size_bytes: int | None = None
    problem: str | None = None


class Listing(_Told):
    """What lies in a folder of the server. The counts hold what the lists have no room for, too."""

    folders: tuple[Entry, ...]
    videos: tuple[Entry, ...]
    n_folders: int
    n_videos: int


class Artifact(_Told):
    """A file of a finished job."""

    id: str
    name: str
    kind: str
    format: str
    pipeline: str | None = None
    media_type: str
    size_bytes: int
    sha256: str
    download_url: str


class Event(_Told):
    """Something that happened; ``id`` is None in a snapshot."""

    id: int | None
    type: str
    data: dict[str, Any]


class Preset(_Told):
    """A stored choice; ``problems`` keep it from being used, ``changes`` are other values than were saved."""

    id: str
    name: str
    description: str = ""
    scope: str
    version: int
    selected_pipelines: tuple[str, ...] = ()
    config: dict[str, Any] = Field(default_factory=dict)
    fits: bool = True
    problems: tuple[dict[str, Any], ...] = ()
    changes: tuple[dict[str, Any], ...] = ()


class Webhook(_Told):
    """An address that is told of events; ``secret`` stands only in the answer that made it."""

    id: str
    url: str
    events: tuple[str, ...] = ()
    description: str = ""
    active: bool = True
    secret: str | None = Field(None, repr=False)


class Delivery(_Told):
    """One thing that a webhook was or is to be told, and how the last attempt went."""

    id: int
    event_type: str
    status: str
    n_attempts: int
    next_at: datetime
    response_status: int | None = None
    error: str | None = None
