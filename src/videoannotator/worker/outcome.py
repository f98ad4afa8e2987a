"""What becomes of a job once its stages are over."""

import mimetypes
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePosixPath

from videoannotator.domain.jobs import Artifact, Failure, Job, JobComponent
from videoannotator.domain.media import Record
from videoannotator.domain.report import ComponentStatus, FileWritten, Stage

_MEDIA_TYPES = {
    ".vtt": "text/vtt",
    ".srt": "application/x-subrip",
    ".rttm": "text/plain",
    ".textgrid": "text/plain",
    ".eaf": "application/xml",
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
}


class StageOutcome(Record):
    """How one stage ended; kept by the durable-execution engine, so that it is not done again.

    ``stopped`` is True where the job was cancelled or given to another worker meanwhile.
    """

    stage: Stage
    stopped: bool = False
    failure: Failure | None = None
    files: tuple[FileWritten, ...] = ()


def verdict(job: Job, outcomes: Iterable[StageOutcome]) -> tuple[Failure | None, bool]:
    """What went wrong, and whether that leaves nothing to keep.

    A job of which some components failed is a partial success; it fails when none of its components was
    completed, or when the files could not be written.
    """
    for outcome in outcomes:
        if outcome.stage == Stage.EXPORT and outcome.failure is not None:
            return outcome.failure, True
    failed = [one for one in job.components if one.status == ComponentStatus.FAILED]
    if not failed:
        return None, False
    reasons = _reasons(failed)
    if any(one.status == ComponentStatus.COMPLETED for one in job.components):
        message = f"Job completed with errors. Failed components: {reasons}"
        return Failure(code="PARTIAL_SUCCESS", message=message, hint=failed[0].hint), False
    first = failed[0]
    message = (
        f"Every component failed: {reasons}"
        if len(failed) > 1
        else f"{first.component}: {first.error_message}"
    )
    return Failure(code=first.error_code or "COMPONENT_FAILED", message=message, hint=first.hint), True


def _reasons(failed: Iterable[JobComponent]) -> str:
    """Who failed and why; those that failed together share one reason."""
    names: dict[str, list[str]] = {}
    for one in failed:
        names.setdefault(one.error_message or one.error_code or "", []).append(one.component)
    return "; ".join(f"{', '.join(together)} ({reason})" for reason, together in names.items())


def artifact(job_id: str, file: FileWritten, now: datetime) -> Artifact:
    """The row of a file that an export has written."""
    suffix = PurePosixPath(file.name).suffix.lower()
    guessed = _MEDIA_TYPES.get(suffix) or mimetypes.guess_type(file.name)[0]
    return Artifact(
        **file.model_dump(exclude={"type"}),
        id=str(uuid.uuid4()),
        job_id=job_id,
        media_type=guessed or "application/octet-stream",
        created_at=now,
    )
