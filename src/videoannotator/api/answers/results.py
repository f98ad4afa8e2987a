"""What a job has found: files, how each pipeline ended, rows of its tables."""

from datetime import datetime
from typing import Any

from pydantic import Field

from videoannotator.api.answers.record import Answer
from videoannotator.domain.event_data import ListedArtifact
from videoannotator.services.windows import TableInfo


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
    annotation_count: int | None = Field(description="People, faces, scenes or utterances: rows.")
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
