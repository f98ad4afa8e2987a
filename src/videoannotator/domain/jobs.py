"""A job's life as everybody sees it: its states, what happened to it, and what it left behind.

Times are aware UTC datetimes, ``progress`` runs from 0 to 100. The rules of which state may follow which
live in ``db/jobs.py``; nothing else writes a state.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Literal, Protocol, TypeVar

from pydantic import Field

from videoannotator.domain.errors import VideoAnnotatorError
from videoannotator.domain.media import Record, Video
from videoannotator.domain.places import FileStamp, Places
from videoannotator.domain.plan import Plan
from videoannotator.domain.report import ComponentStatus, Stage


class JobStatus(StrEnum):
    """Where a job stands. The last three are final: a job reaches exactly one of them, once."""

    PENDING = "pending"
    RUNNING = "running"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = frozenset({JobStatus.PENDING, JobStatus.RUNNING, JobStatus.CANCELLING})
TERMINAL = frozenset(JobStatus) - ACTIVE


class EventType(StrEnum):
    """The names of the events that watchers are told."""

    UPDATE = "job.update"
    LOG = "job.log"
    COMPLETE = "job.complete"
    ERROR = "job.error"
    CANCELLED = "job.cancelled"
    DELETED = "job.deleted"
    BATCH_UPDATE = "batch.update"


ENDINGS = frozenset({EventType.COMPLETE, EventType.ERROR, EventType.CANCELLED})

LogLevel = Literal["debug", "info", "warning", "error"]
QueueName = Literal["cpu", "gpu"]


class Failure(Record):
    """Why something ended badly: the parts of an error that are kept and shown."""

    code: str
    message: str
    hint: str | None = None

    @classmethod
    def of(cls, error: VideoAnnotatorError) -> "Failure":
        """What is shown of an error."""
        return cls(code=error.code, message=str(error), hint=error.hint)


class JobComponent(Record):
    """One component of a job. ``progress`` is 0 to 100, ``eta_s`` the seconds that are left."""

    pipeline: str
    component: str
    stage: Stage
    status: ComponentStatus = ComponentStatus.PENDING
    progress: float = 0.0
    frames_per_s: float | None = None
    eta_s: float | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    error_code: str | None = None
    error_message: str | None = None
    hint: str | None = None


class Job(Record):
    """One plan on one stored video.

    ``selected_pipelines`` and ``config`` are what was sent, unchanged (the pipelines of the preset or the
    defaults where none were sent); ``plan`` is what runs.
    ``version`` counts the changes of the row (for ETags), ``attempt`` the retries from 1, ``retry_of``
    names the job that this one repeats. A completed job with an ``error_message`` is a partial success.
    """

    id: str
    owner: str
    name: str
    status: JobStatus
    progress: float = 0.0
    stage: Stage | None = None
    video_id: str
    video_filename: str
    video_size_bytes: int
    video_duration_seconds: float
    video_width: int = 0
    video_height: int = 0
    video_frame_rate: float | None = None
    selected_pipelines: tuple[str, ...] = ()
    config: dict[str, Any] = Field(default_factory=dict)
    plan: Plan
    priority: int = 0  # higher is sooner
    queue: QueueName = "cpu"
    tags: tuple[str, ...] = ()
    batch_id: str | None = None
    output_directory: str | None = None
    db_location: str | None = None
    preset_id: str | None = None
    preset_version: int | None = None
    places: Places = Places()  # what the two fields above were resolved to
    start_s: float | None = None
    end_s: float | None = None
    attempt: int = 1
    retry_of: str | None = None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    hint: str | None = None
    frames_per_s: float | None = None
    eta_s: float | None = None
    kept: bool = False  # never expires
    expires_at: datetime | None = None  # when an ended job and its results are removed
    n_crashes: int = 0  # deaths of the worker since the last progress
    version: int = 1
    components: tuple[JobComponent, ...] = ()  # empty in lists
    queue_position: int | None = None  # from 1, of a pending job; None in lists


class Event(Record):
    """Something that happened to a job. ``data`` is the flat JSON object that is shown.

    ``id`` increases over all jobs; ``job_seq`` counts 1..n for each job without gaps. Of ``batch.update`` the
    batch takes the place of the job.
    """

    id: int
    job_id: str
    job_seq: int
    owner: str
    type: EventType
    data: dict[str, Any]
    created_at: datetime


class Artifact(Record):
    """A finished file of a finished job, at ``jobs/<job_id>/out/<name>`` under the data directory."""

    id: str
    job_id: str
    name: str
    kind: str
    format: str
    pipeline: str | None = None
    media_type: str
    size_bytes: int
    sha256: str
    created_at: datetime

    def listing(self) -> dict[str, Any]:
        """The object shown in lists and in ``job.complete``, with the path of its download."""
        shown = self.model_dump(mode="json", exclude={"job_id"})
        return {**shown, "download_url": f"/api/v1/jobs/{self.job_id}/artifacts/{self.id}"}


class StoredVideo(Record):
    """A video as one owner sees it; the bytes are shared by everybody who sent the same (``blob_sha256``).

    ``media.path`` is where the bytes lie on the server and never shown. ``stamp`` is set for a file that is
    used where it lies; ``blob_sha256`` then names that file, and ``media.id`` its content.
    """

    id: str
    owner: str
    filename: str
    blob_sha256: str
    media: Video
    created_at: datetime
    stamp: FileStamp | None = None


Item = TypeVar("Item")


class Page(Record, Generic[Item]):
    """Part of a list. ``next_cursor`` is None on the last page; ``total`` counts every page."""

    items: tuple[Item, ...]
    total: int
    next_cursor: str | None = None


class JobFilter(Record):
    """Which jobs a list shows; ``owner`` None means everybody's. Unset fields do not restrict."""

    owner: str | None = None
    statuses: tuple[JobStatus, ...] = ()
    pipeline: str | None = None
    batch_id: str | None = None
    tag: str | None = None
    text: str | None = None  # found in the job's name or the file's name, case-insensitive
    created_after: datetime | None = None
    created_before: datetime | None = None


class Submission(Record):
    """What a person asked for, checked and planned."""

    id: str | None = None  # of the job to be, where submitting it again must not make a second one
    owner: str
    video_id: str
    plan: Plan
    selected_pipelines: tuple[str, ...] = ()
    config: dict[str, Any] = Field(default_factory=dict)
    name: str | None = None  # the video's file name when not given
    priority: int = Field(default=0, ge=-100, le=100)
    tags: tuple[str, ...] = ()
    batch_id: str | None = None
    batch_place: int | None = None  # the item of the batch that the job stands for
    output_directory: str | None = None
    db_location: str | None = None
    preset_id: str | None = None
    preset_version: int | None = None
    places: Places = Places()  # what the two fields above were resolved to
    start_s: float | None = None
    end_s: float | None = None
    attempt: int = 1
    retry_of: str | None = None


class JobQueue(Protocol):
    """Hands jobs to the workers."""

    def enqueue(self, transaction: Any, job_id: str, *, priority: int, queue: QueueName) -> None:
        """Queue a job inside the open database transaction that creates its row: both or neither."""
