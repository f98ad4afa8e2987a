"""What a worker tells while a job runs: how far it is, how its components stand, what it logs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from videoannotator.db import events
from videoannotator.db.schema import job_components, jobs
from videoannotator.domain.jobs import EventType, JobComponent, JobStatus
from videoannotator.domain.media import Record
from videoannotator.domain.report import Log, Stage


class Snapshot(Record):
    """Where a running job stands. ``components`` are those that have changed since the last snapshot."""

    stage: Stage
    progress: float
    frames_per_s: float | None = None
    eta_s: float | None = None
    components: tuple[JobComponent, ...] = ()
    logs: tuple[Log, ...] = ()


def status(connection: sa.Connection, job_id: str, execution: str) -> JobStatus | None:
    """Where the job stands, or None where it is no longer this execution's."""
    query = sa.select(jobs.c.status).where(jobs.c.id == job_id, jobs.c.execution == execution)
    found = connection.scalar(query)
    return None if found is None else JobStatus(found)


def save(
    connection: sa.Connection, job_id: str, execution: str, snapshot: Snapshot, now: datetime
) -> JobStatus | None:
    """Write a snapshot and its events; returns the job's status, None where it is not ours any more.

    Progress never goes back (a resumed run repeats a little), and real progress forgives past crashes.
    """
    standing = status(connection, job_id, execution)
    if standing is None:
        return None
    before = connection.scalar(sa.select(jobs.c.progress).where(jobs.c.id == job_id)) or 0.0
    progress = max(before, snapshot.progress)
    forgiven = {"n_crashes": 0} if progress > before else {}
    connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job_id)
        .values(
            **snapshot.model_dump(include={"stage", "frames_per_s", "eta_s"}),
            progress=progress,
            updated_at=now,
            version=jobs.c.version + 1,
            **forgiven,
        )
    )
    for component in snapshot.components:
        _save_component(connection, job_id, component)
    for line in snapshot.logs:
        events.append(connection, job_id, EventType.LOG, line.model_dump(exclude={"type"}), now)
    told = {"status": standing.value, "progress": progress, **_told(snapshot)}
    events.append(connection, job_id, EventType.UPDATE, told, now)
    return standing


def _save_component(connection: sa.Connection, job_id: str, component: JobComponent) -> None:
    here = (job_components.c.job_id == job_id) & (job_components.c.component == component.component)
    connection.execute(sa.update(job_components).where(here).values(component.model_dump()))


def _told(snapshot: Snapshot) -> dict[str, Any]:
    shown = snapshot.model_dump(mode="json", include={"stage", "frames_per_s", "eta_s"})
    return {**shown, "components": _shown(snapshot.components)}


def _shown(components: Sequence[JobComponent]) -> list[dict[str, Any]]:
    fields = {"pipeline", "component", "status", "progress", "error_code", "error_message"}
    return [component.model_dump(mode="json", include=fields) for component in components]
