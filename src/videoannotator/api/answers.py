"""What the routes answer, as the API's description shows it.

Most routes answer with the bytes they have; these records say what is in them, and the contract tests hold
the answers against them.
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from videoannotator.domain.batches import Batch, BatchItem, BatchStatus
from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.event_data import JobLog, ListedArtifact
from videoannotator.domain.jobs import EventType, Job, StoredVideo
from videoannotator.domain.keys import Key, Scope
from videoannotator.domain.media import Video
from videoannotator.services.windows import TableInfo


class Answer(BaseModel):
    """Base of answers: newer servers may add fields."""

    model_config = ConfigDict(extra="ignore")


def answers(model: Any, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """For a route's ``responses``."""
    return {status: {"model": model}}


ANY_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"*/*": {}}}, 206: {"content": {"*/*": {}}}}


def without(record: type[BaseModel], *hidden: str) -> dict[str, Any]:
    """The fields of a record but those that are not shown, for ``create_model``."""
    fields = record.model_fields
    return {name: (field.annotation, field) for name, field in fields.items() if name not in hidden}


class StepView(Answer):
    """One component with every parameter value that it runs with."""

    pipeline: str
    component: str
    parameters: dict[str, Any]
    requested: bool


class JobLinks(Answer):
    """Where the rest is."""

    self: str
    artifacts: str
    events: str
    logs: str


_JobBase: Any = create_model(
    "_JobBase", __base__=Answer, **without(Job, "owner", "plan", "places", "n_crashes")
)


class JobView(_JobBase):
    """A job: what was asked for, what runs, how far it is, how it ended."""

    video_path: str
    plan: tuple[StepView, ...]
    warnings: tuple[str, ...]
    links: JobLinks


class CancelledJob(JobView):
    """The job after it was asked to stop."""

    job_id: str
    message: str


class JobList(Answer):
    """One page of jobs; ``next_cursor`` is null on the last."""

    jobs: tuple[JobView, ...]
    total: int
    page: int
    per_page: int
    next_cursor: str | None


class UploadView(Answer):
    """A resumable upload; what became of it is known once it is complete."""

    id: str
    filename: str
    offset: int = Field(description="Bytes that have come.")
    size_bytes: int | None
    complete: bool
    video_id: str | None = None
    job_id: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    hint: str | None = None


class BatchLinks(Answer):
    """Where the rest is."""

    self: str
    jobs: str
    artifacts: str
    events: str


_BatchBase: Any = create_model("_BatchBase", __base__=Answer, **without(Batch, "owner"))
_ItemBase: Any = create_model("_ItemBase", __base__=Answer, **without(BatchItem))


class BatchView(_BatchBase):
    """A batch: how many of its items stand where; ``progress`` runs from 0 to 100."""

    status: BatchStatus
    eta_s: float | None
    links: BatchLinks


class BatchItemView(_ItemBase):
    """One video of a batch, with its job or with the reason why it has none."""


class Verdict(BatchItemView):
    """An item at the time of its submission."""

    accepted: bool


class SubmittedBatch(BatchView):
    """A new batch with the verdict on each of its items."""

    n_accepted: int
    n_refused: int
    items: tuple[Verdict, ...]


class BatchList(Answer):
    """Batches, newest first; ``next_cursor`` is null on the last page."""

    batches: tuple[BatchView, ...]
    total: int
    next_cursor: str | None


class BatchItems(Answer):
    """Items of a batch in their order; ``next_cursor`` is null on the last page."""

    batch_id: str
    items: tuple[BatchItemView, ...]
    next_cursor: int | None


class LogLines(Answer):
    """Lines of a run's log."""

    job_id: str
    logs: tuple[JobLog, ...]


class ArtifactList(Answer):
    """Every file of a finished job."""

    job_id: str
    artifacts: tuple[ListedArtifact, ...]
    total: int
    zip_url: str


class FileLink(Answer):
    """An address that works without a key for a while."""

    url: str
    expires_in_s: int


class PipelineResult(Answer):
    """How one pipeline of a job ended."""

    pipeline_name: str
    status: str
    start_time: datetime | None
    end_time: datetime | None
    processing_time: float | None = Field(description="Seconds.")
    output_file: str | None
    download_url: str | None
    error_message: str | None
    components: tuple[dict[str, Any], ...]


class JobResults(Answer):
    """How each pipeline of a job ended."""

    job_id: str
    status: str
    created_at: datetime
    completed_at: datetime | None
    error_message: str | None
    pipeline_results: dict[str, PipelineResult]


class TableList(Answer):
    """The tables that can be looked at now."""

    job_id: str
    status: str
    final: bool
    duration_s: float
    tables: tuple[TableInfo, ...]


class TableRows(Answer):
    """Rows of one stretch of time, column by column."""

    job_id: str
    table: str
    covered_s: float
    every: int
    columns: dict[str, list[Any]]


_VideoBase: Any = create_model(
    "_VideoBase",
    __base__=Answer,
    **without(Video, "id", "path", "name"),
    **without(StoredVideo, "owner", "blob_sha256", "media"),
)


class VideoView(_VideoBase):
    """A stored video and what examining it has found."""

    sha256: str


class VideoList(Answer):
    """One page of stored videos."""

    videos: tuple[VideoView, ...]
    page: int
    per_page: int


class KeyView(Key):
    """What may be shown of a key."""


class KeyList(Answer):
    """Keys, without their texts."""

    keys_: tuple[KeyView, ...] = Field(alias="tokens")
    total: int


class NewKey(KeyView):
    """A key with its text, which is told this once."""

    token: str


class AboutKey(Answer):
    """A good key."""

    valid: bool
    name: str
    owner: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None
    auth_required: bool


class BadKey(Answer):
    """A key that is no good, and why."""

    valid: bool
    error_code: str
    message: str
    hint: str


class Session(Answer):
    """Who has signed in."""

    owner: str
    scopes: tuple[Scope, ...]


class Ticket(Answer):
    """A stand-in for a key in an address."""

    ticket: str
    expires_in_seconds: int


class ListedEvent(BaseModel):
    """An event as a list shows it: with the fields that its type carries."""

    model_config = ConfigDict(extra="allow")

    id: int
    type: EventType
    timestamp: datetime


class EventList(Answer):
    """Events, oldest first; ask again with ``after`` = ``next_after``."""

    events: tuple[ListedEvent, ...]
    next_after: int


class ParameterView(BaseModel):
    """What a parameter takes."""

    model_config = ConfigDict(extra="allow")

    type: str
    default: Any
    description: str = ""


class FormParameter(ParameterView):
    """The same for forms; ``name`` is ``component.parameter``."""

    name: str
    label: str
    group: str
    required: bool


class ComponentView(BaseModel):
    """One component; fields that say nothing are left out."""

    model_config = ConfigDict(extra="allow")

    name: str
    display_name: str
    description: str
    pipeline: str
    enabled: bool
    default_enabled: bool
    state: ModelState
    parameters: dict[str, ParameterView]


class PipelineView(BaseModel):
    """One pipeline with its components and, for forms, a flat array of all parameters."""

    model_config = ConfigDict(extra="allow")

    name: str
    display_name: str
    description: str
    enabled: bool
    default_enabled: bool
    components: tuple[ComponentView, ...]
    parameters: tuple[FormParameter, ...]


class PipelineList(Answer):
    """Everything that is installed."""

    pipelines: tuple[PipelineView, ...]
    total: int


class PipelineSchema(Answer):
    """A pipeline's parameters in three forms."""

    pipeline: PipelineView
    parameters: tuple[FormParameter, ...]
    json_schema: dict[str, Any]


class PipelineDefaults(Answer):
    """The configuration that runs when nothing is said."""

    pipeline: str
    config: dict[str, Any]


class PipelineComponents(Answer):
    """The components of a pipeline."""

    pipeline: str
    components: tuple[ComponentView, ...]


class HealthView(BaseModel):
    """How the server is."""

    model_config = ConfigDict(extra="allow")

    status: str
    version: str
    api_version: str
    message: str
    timestamp: datetime
    uptime_seconds: int


class Readiness(Answer):
    """Whether new work may be sent here, and why not."""

    status: str
    reasons: tuple[str, ...]


class ServerInfo(BaseModel):
    """Version, features and limits."""

    model_config = ConfigDict(extra="allow")

    version: str
    api_version: str
    pipelines: tuple[str, ...]
    limits: dict[str, Any]
    auth_required: bool
    open_streams: int
    features: tuple[str, ...]
