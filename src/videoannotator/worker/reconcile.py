"""Heals jobs of which our row says "under way" while the durable-execution engine has ended."""

from collections.abc import Callable

import sqlalchemy as sa
from dbos import DBOS

from videoannotator.db import jobs as life
from videoannotator.db.database import Database
from videoannotator.db.schema import jobs
from videoannotator.domain.clock import Clock, utc_now
from videoannotator.domain.errors import VideoAnnotatorError
from videoannotator.domain.jobs import ACTIVE, Failure

_UNDER_WAY = {"PENDING", "ENQUEUED", "DELAYED"}

Standing = Callable[[list[str]], dict[str, str]]


def standing(job_ids: list[str]) -> dict[str, str]:
    """The engine's status of each workflow that it knows."""
    known = DBOS.list_workflows(workflow_ids=job_ids, load_input=False, load_output=False)
    return {workflow.workflow_id: workflow.status for workflow in known}


def reconcile(database: Database, look: Standing = standing, clock: Clock = utc_now) -> list[str]:
    """End the jobs that nobody works on any more; returns their ids.

    Our rows are read before the engine's: a job that ends in between is ended in our table too, and the
    rules of a job's life then refuse a second end.
    """
    with database.read() as connection:
        active = list(connection.scalars(sa.select(jobs.c.id).where(jobs.c.status.in_(ACTIVE))))
    if not active:
        return []
    known = look(active)
    lost = [job_id for job_id in active if known.get(job_id, "missing") not in _UNDER_WAY]
    return [job_id for job_id in lost if _end(database, job_id, known.get(job_id, "missing"), clock)]


def _end(database: Database, job_id: str, status: str, clock: Clock) -> bool:
    message = f"The work on this job has ended without a result ({status.lower()})"
    failure = Failure.of(
        VideoAnnotatorError(message, hint="Retry the job; see the server's log for the cause.")
    )
    with database.write() as connection:
        if life.end_cancelled(connection, job_id, clock()):
            return True
        return life.fail(connection, job_id, failure, clock(), None)
