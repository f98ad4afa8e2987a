"""What people do with jobs: submit, look, list, cancel, retry, delete, fetch what came out.

``owner`` None stands for somebody who may see everybody's jobs; somebody else's job is "not found".
"""

import shutil
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from videoannotator.db import artifacts as artifact_rows
from videoannotator.db import audit, job_lists, retention
from videoannotator.db import batches as batch_rows
from videoannotator.db import jobs as life
from videoannotator.db import videos as video_rows
from videoannotator.db.database import Database
from videoannotator.domain.clock import Clock, utc_now
from videoannotator.domain.errors import Conflict, JobNotFinished, JobRunning, NothingToRetry
from videoannotator.domain.jobs import (
    ACTIVE,
    Artifact,
    Job,
    JobComponent,
    JobFilter,
    JobQueue,
    JobStatus,
    Page,
    QueueName,
    Submission,
)
from videoannotator.domain.plan import Plan
from videoannotator.domain.report import ComponentStatus, Stage
from videoannotator.files.placed_results import PlacedResults
from videoannotator.files.roots import Roots


class Jobs:
    """The jobs of one server. ``data_dir`` holds each job's folder at ``jobs/<id>``.

    ``queue_of`` tells which workers run a plan.
    """

    def __init__(
        self,
        database: Database,
        queue: JobQueue,
        data_dir: Path,
        placed: PlacedResults | None = None,
        clock: Clock = utc_now,
        queue_of: Callable[[Plan], QueueName] = lambda plan: "cpu",
    ) -> None:
        self._database = database
        self._queue = queue
        self._queue_of = queue_of
        self._data_dir = data_dir
        self._placed = placed or PlacedResults(Roots({}), data_dir)
        self._clock = clock

    def submit(self, wanted: Submission) -> Job:
        """Create and queue a job: row, first event and place in the queue in one transaction.

        Raises VideoNotFound for a video that the owner does not have.
        """
        now = self._clock()
        with self._database.write() as connection:
            if wanted.id is not None and job_lists.exists(connection, wanted.id):
                return job_lists.get(connection, wanted.id, None)
            video = video_rows.get(connection, wanted.video_id, wanted.owner)
            job = Job(
                **wanted.model_dump(exclude={"id", "name", "plan", "batch_place"}),
                plan=wanted.plan,
                queue=self._queue_of(wanted.plan),
                id=wanted.id or str(uuid.uuid4()),
                name=wanted.name or video.filename,
                status=JobStatus.PENDING,
                video_filename=video.filename,
                video_size_bytes=video.media.size_bytes,
                video_duration_seconds=video.media.duration_s,
                video_width=video.media.width_px,
                video_height=video.media.height_px,
                video_frame_rate=video.media.frame_rate,
                created_at=now,
                updated_at=now,
                components=_components(wanted.plan),
            )
            life.create(connection, job)
            if job.output_directory or job.db_location:
                used = {"output_directory": job.output_directory, "db_location": job.db_location}
                audit.append(connection, "place.use", job.id, now, **used)
            self._stand_for_item(connection, job, wanted.batch_place, now)
            self._queue.enqueue(connection, job.id, priority=job.priority, queue=job.queue)
            return job_lists.get(connection, job.id, None)

    @staticmethod
    def _stand_for_item(connection: Connection, job: Job, place: int | None, now: datetime) -> None:
        if job.batch_id is None or place is None:
            return
        if not batch_rows.attach(connection, job.batch_id, place, job.id, now):
            raise Conflict("The item of the batch was cancelled or submitted meanwhile")

    def get(self, job_id: str, owner: str | None) -> Job:
        """One job with its components; raises JobNotFound."""
        with self._database.read() as connection:
            return job_lists.get(connection, job_id, owner)

    def list(
        self, which: JobFilter, *, page: int = 1, per_page: int = 20, cursor: str | None = None
    ) -> Page[Job]:
        """Newest first, by page number (from 1) or by the ``next_cursor`` of the last page."""
        offset = 0 if cursor is not None else (page - 1) * per_page
        with self._database.read() as connection:
            return job_lists.find(connection, which, limit=per_page, offset=offset, cursor=cursor)

    def count(self, owner: str | None = None) -> dict[JobStatus, int]:
        """How many jobs stand in each state."""
        with self._database.read() as connection:
            return job_lists.count(connection, owner)

    def cancel(self, job_id: str, owner: str | None, reason: str | None = None) -> Job:
        """Stop a job: a waiting one is cancelled at once, a running one within two seconds.

        Cancelling twice is no error. Raises JobNotFound, JobAlreadyEnded (completed or failed).
        """
        with self._database.write() as connection:
            job_lists.get(connection, job_id, owner)
            life.request_cancel(connection, job_id, reason, self._clock())
            audit.append(connection, "job.cancel", job_id, self._clock(), reason=reason)
            return job_lists.get(connection, job_id, owner)

    def retry(self, job_id: str, owner: str | None, *, only_failed: bool = False) -> Job:
        """Run an ended job's plan again on the same stored video, as a new job (``retry_of``, ``attempt``).

        ``only_failed`` runs the components that failed or were skipped, and what they need.
        Raises JobNotFound, JobRunning, NothingToRetry, VideoNotFound.
        """
        job = self.get(job_id, owner)
        if job.status in ACTIVE:
            raise JobRunning(f"The job is {job.status}")
        kept = Submission.model_fields.keys() & Job.model_fields.keys() - {"id"}
        wanted = Submission(
            **{
                **{name: getattr(job, name) for name in kept},
                "plan": _failed_only(job) if only_failed else job.plan,
                "attempt": job.attempt + 1,
                "retry_of": job.id,
            }
        )
        return self.submit(wanted)

    def delete(self, job_id: str, owner: str | None) -> None:
        """Remove an ended job, its results wherever they are, and its checkpoints.

        Raises JobNotFound, JobRunning.
        """
        with self._database.write() as connection:
            job = job_lists.get(connection, job_id, owner)
            life.delete(connection, job, self._clock())
            audit.append(connection, "job.delete", job_id, self._clock(), owner=job.owner, name=job.name)
        self._placed.withdraw(job_id)
        shutil.rmtree(self.folder(job_id), ignore_errors=True)

    def keep(self, job_id: str, owner: str | None, *, kept: bool) -> Job:
        """Never remove a job by itself, or let it expire again; raises JobNotFound."""
        with self._database.write() as connection:
            job_lists.get(connection, job_id, owner)
            retention.keep(connection, job_id, kept)
            return job_lists.get(connection, job_id, owner)

    def artifacts(self, job_id: str, owner: str | None) -> tuple[Artifact, ...]:
        """The finished files of a completed job; raises JobNotFound, JobNotFinished."""
        with self._database.read() as connection:
            job = job_lists.get(connection, job_id, owner)
            if job.status != JobStatus.COMPLETED:
                raise JobNotFinished(f"The job is {job.status}")
            return artifact_rows.of_job(connection, job_id)

    def folder(self, job_id: str) -> Path:
        """Where a job works: ``ledger/`` and, once it is completed, its artifacts in ``out/``."""
        return self._data_dir / "jobs" / job_id


def _components(plan: Plan) -> tuple[JobComponent, ...]:
    return tuple(
        JobComponent(pipeline=step.pipeline, component=step.component, stage=Stage(step.passes))
        for step in plan.steps
    )


def _failed_only(job: Job) -> Plan:
    failed = {
        component.component
        for component in job.components
        if component.status in {ComponentStatus.FAILED, ComponentStatus.SKIPPED}
    }
    if not failed:
        raise NothingToRetry(f"No component of job {job.id} has failed")
    kept = set(failed)
    for step in reversed(job.plan.steps):  # a step comes after everything it reads
        if step.component in kept:
            kept |= set(step.after)
    steps = tuple(step for step in job.plan.steps if step.component in kept)
    return Plan(
        steps=tuple(step.model_copy(update={"requested": step.component in failed}) for step in steps),
        warnings=job.plan.warnings,
    )
