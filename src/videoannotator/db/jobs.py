"""The rules of a job's life: which state may follow which. Nothing else writes a job's state.

    pending -> running -> completed | failed
    pending -> cancelled
    running -> cancelling -> cancelled

Every change and the event that tells of it belong to one transaction (``Database.write``), and every change
names the states that it may start from, so a job ends exactly once whoever else is at it. Workers prove
with their ``execution`` that the job has not been given to somebody else meanwhile.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from videoannotator.db import artifacts as artifact_rows
from videoannotator.db import events, job_lists
from videoannotator.db.schema import artifacts, counters, job_components, jobs
from videoannotator.domain.clock import timestamp
from videoannotator.domain.errors import JobAlreadyEnded, JobCrashed, JobRunning
from videoannotator.domain.jobs import ACTIVE, TERMINAL, Artifact, EventType, Failure, Job, JobStatus


def create(connection: sa.Connection, job: Job) -> None:
    """Add a pending job with its components and first event."""
    row = job.model_dump(exclude={"components", "queue_position"})
    connection.execute(sa.insert(jobs).values(**row, n_events=0))
    if job.components:
        connection.execute(
            sa.insert(job_components),
            [
                {"job_id": job.id, "place": place, **component.model_dump()}
                for place, component in enumerate(job.components)
            ],
        )
    _count(connection, job.owner, job.status, +1)
    events.append(connection, job.id, EventType.UPDATE, _update(job.status, job.progress), job.created_at)


def claim(
    connection: sa.Connection, job_id: str, execution: str, now: datetime, max_crashes: int
) -> Job | None:
    """Give a job to a worker: from now on only this execution may write about it.

    A job that is running already was left by a worker that died; after ``max_crashes`` such deaths
    without progress in between it fails. Returns None where there is nothing to do (any more).
    """
    row = _row(connection, job_id)
    if row is None or row["status"] in TERMINAL:
        return None
    if row["status"] == JobStatus.CANCELLING:
        end_cancelled(connection, job_id, now)
        return None
    n_crashes = row["n_crashes"] + (row["status"] == JobStatus.RUNNING)
    if n_crashes > max_crashes:
        error = Failure.of(JobCrashed(f"The job crashed the worker {n_crashes} times"))
        _change(connection, row, JobStatus.FAILED, now, EventType.ERROR, _failure(error), _ended(error, now))
        return None
    values = {"execution": execution, "n_crashes": n_crashes, "started_at": row["started_at"] or now}
    told = _update(JobStatus.RUNNING, row["progress"], resumed=row["started_at"] is not None)
    _change(connection, row, JobStatus.RUNNING, now, EventType.UPDATE, told, values)
    return job_lists.get(connection, job_id, None)


def standing(connection: sa.Connection, job_id: str) -> JobStatus | None:
    """Where a job stands; None where there is no such job (any more)."""
    found = connection.scalar(sa.select(jobs.c.status).where(jobs.c.id == job_id))
    return None if found is None else JobStatus(found)


def release(connection: sa.Connection, execution: str) -> None:
    """A worker that stops in good order leaves its job for the next one: no crash is counted."""
    ours = sa.update(jobs).where(jobs.c.execution == execution, jobs.c.status == JobStatus.RUNNING)
    connection.execute(ours.values(n_crashes=jobs.c.n_crashes - 1, execution=None))


def complete(
    connection: sa.Connection,
    job_id: str,
    execution: str,
    files: tuple[Artifact, ...],
    now: datetime,
    partial: Failure | None = None,
) -> bool:
    """End a running job well, with ``partial`` where some components failed; False where it was not ours
    to end (cancelled or taken over meanwhile)."""
    row = _row(connection, job_id)
    if row is None or row["status"] != JobStatus.RUNNING or row["execution"] != execution:
        return False
    artifact_rows.add(connection, files)
    told = {
        "status": JobStatus.COMPLETED.value,
        "progress": 100.0,
        "artifacts": [file.listing() for file in files],
        "completion_time": timestamp(now),
        **({"error_message": partial.message, "error_code": partial.code} if partial else {}),
    }
    values = {**_ended(partial, now), "progress": 100.0}
    _change(connection, row, JobStatus.COMPLETED, now, EventType.COMPLETE, told, values)
    return True


def fail(
    connection: sa.Connection, job_id: str, error: Failure, now: datetime, execution: str | None
) -> bool:
    """End a running job badly; ``execution`` None stands for the reconciler. False where not ours to end."""
    row = _row(connection, job_id)
    if row is None or row["status"] not in {JobStatus.PENDING, JobStatus.RUNNING}:
        return False
    if execution is not None and row["execution"] != execution:
        return False
    _change(connection, row, JobStatus.FAILED, now, EventType.ERROR, _failure(error), _ended(error, now))
    return True


def request_cancel(connection: sa.Connection, job_id: str, reason: str | None, now: datetime) -> None:
    """Cancel a waiting job at once and ask the worker of a running one to stop; idempotent.

    Raises JobAlreadyEnded for a completed or failed job.
    """
    row = _row(connection, job_id)
    if row is None or row["status"] in {JobStatus.CANCELLING, JobStatus.CANCELLED}:
        return
    if row["status"] in TERMINAL:
        raise JobAlreadyEnded(f"The job is {row['status']} already")
    if row["status"] == JobStatus.PENDING:
        _cancelled(connection, row, reason, now)
        return
    told = _update(JobStatus.CANCELLING, row["progress"])
    _change(connection, row, JobStatus.CANCELLING, now, EventType.UPDATE, told, {"cancel_reason": reason})


def end_cancelled(connection: sa.Connection, job_id: str, now: datetime) -> bool:
    """The work of a job that was to be cancelled has stopped; False where it was not cancelling."""
    row = _row(connection, job_id)
    if row is None or row["status"] != JobStatus.CANCELLING:
        return False
    _cancelled(connection, row, row["cancel_reason"], now)
    return True


def delete(connection: sa.Connection, job: Job, now: datetime) -> None:
    """Remove an ended job; its events stay. Raises JobRunning for any other."""
    row = _row(connection, job.id)
    if row is None:
        return
    if row["status"] in ACTIVE:
        raise JobRunning(f"The job is {row['status']}")
    events.append(connection, job.id, EventType.DELETED, {"status": row["status"]}, now)
    for table in (artifacts, job_components):
        connection.execute(sa.delete(table).where(table.c.job_id == job.id))
    connection.execute(sa.delete(jobs).where(jobs.c.id == job.id))
    _count(connection, row["owner"], row["status"], -1)


def _row(connection: sa.Connection, job_id: str) -> sa.RowMapping | None:
    return connection.execute(sa.select(jobs).where(jobs.c.id == job_id)).mappings().one_or_none()


def _change(
    connection: sa.Connection,
    row: sa.RowMapping,
    to: JobStatus,
    now: datetime,
    kind: EventType,
    told: Mapping[str, Any],
    values: Mapping[str, Any],
) -> None:
    connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == row["id"], jobs.c.status == row["status"])
        .values(status=to.value, updated_at=now, version=jobs.c.version + 1, **values)
    )
    _count(connection, row["owner"], row["status"], -1)
    _count(connection, row["owner"], to, +1)
    events.append(connection, row["id"], kind, told, now)


def _cancelled(connection: sa.Connection, row: sa.RowMapping, reason: str | None, now: datetime) -> None:
    told = {"status": JobStatus.CANCELLED.value, "progress": row["progress"], "reason": reason}
    values = {
        "cancelled_at": now,
        "completed_at": now,
        "cancel_reason": reason,
        "eta_s": None,
        "execution": None,
    }
    _change(connection, row, JobStatus.CANCELLED, now, EventType.CANCELLED, told, values)


def _update(status: JobStatus, progress: float, **more: Any) -> dict[str, Any]:
    return {"status": status.value, "progress": progress, **more}


def _failure(error: Failure) -> dict[str, Any]:
    return {
        "status": JobStatus.FAILED.value,
        "error_message": error.message,
        "error_code": error.code,
        "hint": error.hint,
    }


def _ended(error: Failure | None, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"completed_at": now, "eta_s": None, "stage": None, "execution": None}
    if error is None:
        return values
    return {**values, "error_code": error.code, "error_message": error.message, "hint": error.hint}


def _count(connection: sa.Connection, owner: str, status: str, change: int) -> None:
    here = (counters.c.owner == owner) & (counters.c.status == str(status))
    changed = connection.execute(
        sa.update(counters).where(here).values(n_jobs=counters.c.n_jobs + change)
    ).rowcount
    if not changed:
        connection.execute(sa.insert(counters).values(owner=owner, status=str(status), n_jobs=change))
