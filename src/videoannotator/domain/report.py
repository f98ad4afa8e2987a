"""What a running plan tells whoever watches it: one line of JSON each on the child's standard output."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from videoannotator.domain.media import Record


class Stage(StrEnum):
    """The three units that are run, checkpointed and retried apart."""

    VISUAL = "visual"
    AUDIO = "audio"
    EXPORT = "export"


class ComponentStatus(StrEnum):
    """Where one component of a run stands."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"  # a component that it needs has failed, or the video lacks what it reads


class Progress(Record):
    """How far a stage (or one component of it) is. ``rate`` is seconds of video per second of work."""

    type: Literal["progress"] = "progress"
    stage: Stage
    component: str | None = None
    fraction: float = Field(ge=0, le=1)
    time_s: float = 0.0
    frames_per_s: float | None = None
    rate: float | None = None
    eta_s: float | None = None


class ComponentChange(Record):
    """A component has started, ended, failed or been skipped."""

    type: Literal["component"] = "component"
    stage: Stage
    component: str
    status: ComponentStatus
    error_code: str | None = None
    error_message: str | None = None
    hint: str | None = None


class Log(Record):
    """A line for the person who watches."""

    type: Literal["log"] = "log"
    level: Literal["debug", "info", "warning", "error"] = "info"
    message: str
    component: str | None = None


class FileWritten(Record):
    """An output file that is complete. ``name`` is relative to the output folder."""

    type: Literal["file"] = "file"
    name: str
    kind: str  # "annotations", "table", "run", "preview", "video"
    format: str  # "coco", "webvtt", "rttm", "csv", ...
    pipeline: str | None = None
    size_bytes: int
    sha256: str


class StageEnd(Record):
    """The stage is over; without ``error_code`` it succeeded (single components may still have failed)."""

    type: Literal["end"] = "end"
    stage: Stage
    error_code: str | None = None
    error_message: str | None = None
    hint: str | None = None


Report = Annotated[Progress | ComponentChange | Log | FileWritten | StageEnd, Field(discriminator="type")]
REPORT: TypeAdapter[Progress | ComponentChange | Log | FileWritten | StageEnd] = TypeAdapter(Report)
