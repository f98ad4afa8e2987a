"""Does one job's work in child processes and writes down how it goes. Knows no queue."""

import os
import shutil
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import sqlalchemy as sa

from videoannotator.db import job_lists, progress
from videoannotator.db import jobs as life
from videoannotator.db import videos as video_rows
from videoannotator.db.database import Database
from videoannotator.domain.clock import Clock, utc_now
from videoannotator.domain.errors import (
    ComponentCrashed,
    ServiceUnavailable,
    StorageError,
    VideoAnnotatorError,
)
from videoannotator.domain.jobs import Failure, Job, JobStatus, StoredVideo
from videoannotator.domain.plan import Run, RunRequest
from videoannotator.domain.report import Log, Report, Stage
from videoannotator.files import atomic
from videoannotator.files.placed_results import PlacedResults
from videoannotator.files.roots import Roots
from videoannotator.worker.outcome import StageOutcome, artifact, verdict
from videoannotator.worker.relay import Relay, stages
from videoannotator.worker.settings import WorkerSettings

TICK_S = 0.25  # how often a running job is written, and its row looked at for a wish to cancel
_RETRY_S = 0.5

Result = TypeVar("Result")


class Child(AbstractContextManager["Child"], Protocol):
    """A process that runs one stage; leaving its context makes an end of it."""

    def reports(self) -> Iterator[Report]:
        """What it reports, until it has ended; raises ComponentCrashed when it died instead."""

    def stop(self) -> None:
        """Make an end of it and of everything that it started, from any thread."""


# Starts a stage in the folder of a run; the calling thread lives as long as the child.
Start = Callable[[Path, Stage], Child]


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed job. Only the bearer of ``execution`` may write about it."""

    job: Job
    execution: str

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What is to be done, in order."""
        return stages(self.job)


class Runner:
    """Runs the stages of jobs. One runner serves every job of a worker process."""

    def __init__(
        self,
        settings: WorkerSettings,
        database: Database,
        start: Start,
        make_request: Callable[[Run], RunRequest],
        clock: Clock = utc_now,
    ) -> None:
        self._settings = settings
        self._database = database
        self._start = start
        self._make_request = make_request
        self._clock = clock
        self._roots = Roots(settings.roots)
        self._placed = PlacedResults(self._roots, settings.data_dir)
        self._lock = threading.Lock()
        self._children: set[Child] = set()
        self._executions: set[str] = set()
        self._stopping = False

    def begin(self, job_id: str) -> Work | None:
        """Claim a job and lay out its folder; None where there is nothing to do any more."""
        execution = uuid.uuid4().hex
        self._executions.add(execution)
        limit = self._settings.max_crashes
        job = self._persist(lambda c: life.claim(c, job_id, execution, self._clock(), limit))
        if job is None:
            self._forget(execution)
            if self._persist(lambda c: life.standing(c, job_id)) in {JobStatus.CANCELLED, JobStatus.FAILED}:
                self._remove_results(job_id)  # of a worker that died before it could
            return None
        try:
            video = self._persist(lambda c: video_rows.get(c, job.video_id, job.owner))
            request = self._request(job, video)
            atomic.write_text(self._folder(job_id) / "request.json", request.model_dump_json())
        except VideoAnnotatorError as error:
            failure = Failure.of(error)
            self._persist(lambda c: life.fail(c, job_id, failure, self._clock(), execution))
            return None
        return Work(job, execution)

    def _request(self, job: Job, video: StoredVideo) -> RunRequest:
        """What the stages are told.

        Raises PlaceChanged where a place is no longer what was accepted, and StorageError where this machine
        does not have the server's videos.
        """
        self._placed.check(job.places)
        if not video.media.path.is_file():
            raise StorageError(
                f"The video is not at {video.media.path} on {socket.gethostname()}",
                hint="Workers need the server's data directory and roots at the paths that they have there.",
            )
        if video.stamp is not None:
            os.close(self._roots.open_unchanged(video.stamp))
        clip = {"clip_start_s": job.start_s, "clip_end_s": job.end_s}
        request = self._make_request(Run(video=video.media.model_copy(update=clip), plan=job.plan))
        places = {
            "source": video.stamp,
            "roots": self._settings.roots,
            "database_for": job.id if job.places.db_location else None,
        }
        return request.model_copy(update=places)

    def run(self, work: Work, stage: Stage) -> StageOutcome:
        """Run a stage to its end, again from its last checkpoint where its process dies."""
        relay = Relay(work.job, stage, self._clock)
        n_crashes = 0
        while self._standing(work, relay) == JobStatus.RUNNING:
            reached = relay.fraction
            crash = self._attempt(work, stage, relay)
            if self._standing(work, relay) != JobStatus.RUNNING:
                break
            if crash is None:
                return self._ended(work, relay, stage)
            n_crashes = 1 if relay.fraction > reached else n_crashes + 1
            if n_crashes >= self._settings.max_child_crashes:
                message = f"The {stage} stage crashed {n_crashes} times. {crash}"
                return self._given_up(work, relay, stage, Failure.of(ComponentCrashed(message)))
            relay.take(Log(level="warning", message=f"{crash}\nIt goes on from its last checkpoint."))
        return StageOutcome(stage=stage, stopped=True)

    def end(self, work: Work, outcomes: Sequence[StageOutcome]) -> None:
        """Bring the job to its final state, unless somebody else has it or has brought it there."""
        self._persist(lambda c: self._end(c, work, outcomes))
        self._forget(work.execution)

    def stop(self) -> None:
        """Leave every running job to whoever comes next; nothing returns to the caller of ``run``."""
        with self._lock:
            self._stopping = True
            children = tuple(self._children)
        for child in children:
            child.stop()
        try:
            with self._database.write() as connection:
                for execution in tuple(self._executions):
                    life.release(connection, execution)
        except ServiceUnavailable:
            pass  # the next worker then counts a crash, which does no harm

    def _attempt(self, work: Work, stage: Stage, relay: Relay) -> ComponentCrashed | None:
        """Let one process run the stage to its end; returns how it died where it did."""
        with self._lock:
            self._park_when_stopping()
            child = self._start(self._folder(work.job.id), stage)
            self._children.add(child)
        over = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(work, relay, child, over), daemon=True)
        watcher.start()
        try:
            with child:
                for report in child.reports():
                    relay.take(report)
        except ComponentCrashed as crash:
            return crash
        finally:
            over.set()
            watcher.join()
            self._children.discard(child)
        return None

    def _watch(self, work: Work, relay: Relay, child: Child, over: threading.Event) -> None:
        while not over.wait(TICK_S):
            try:
                standing = self._write(work, relay)
            except ServiceUnavailable:
                continue  # the database will come back: keep computing
            if standing != JobStatus.RUNNING:
                child.stop()
                return

    def _write(self, work: Work, relay: Relay) -> JobStatus | None:
        snapshot = relay.snapshot()
        if snapshot is None:
            with self._database.read() as connection:
                return progress.status(connection, work.job.id, work.execution)
        try:
            with self._database.write() as connection:
                return progress.save(connection, work.job.id, work.execution, snapshot, self._clock())
        except ServiceUnavailable:
            relay.put_back(snapshot)
            raise

    def _standing(self, work: Work, relay: Relay) -> JobStatus | None:
        """Write what is to be written, however long the database is away; where the job stands."""
        while True:
            try:
                standing = self._write(work, relay)
                break
            except ServiceUnavailable:
                self._pause()
        self._park_when_stopping()
        return standing

    def _ended(self, work: Work, relay: Relay, stage: Stage) -> StageOutcome:
        end = relay.end
        assert end is not None, "a child that says nothing at its end has crashed"
        if end.error_code is not None:
            failure = Failure(code=end.error_code, message=end.error_message or "", hint=end.hint)
            return self._given_up(work, relay, stage, failure)
        if stage is Stage.EXPORT:
            try:
                self._placed.publish(work.job.id, work.job.places, relay.files)
            except VideoAnnotatorError as error:
                return self._given_up(work, relay, stage, Failure.of(error))
        return StageOutcome(stage=stage, files=tuple(relay.files.values()))

    def _given_up(self, work: Work, relay: Relay, stage: Stage, failure: Failure) -> StageOutcome:
        relay.give_up(failure)
        relay.take(Log(level="error", message=failure.message))
        self._standing(work, relay)
        return StageOutcome(stage=stage, failure=failure)

    def _end(self, connection: sa.Connection, work: Work, outcomes: Sequence[StageOutcome]) -> None:
        now, job_id = self._clock(), work.job.id
        standing = progress.status(connection, job_id, work.execution)
        if standing == JobStatus.CANCELLING:
            self._remove_results(job_id)
            life.end_cancelled(connection, job_id, now)
        if standing != JobStatus.RUNNING:
            return
        failure, nothing_to_keep = verdict(job_lists.get(connection, job_id, None), outcomes)
        if failure is not None and nothing_to_keep:
            self._remove_results(job_id)
            life.fail(connection, job_id, failure, now, work.execution)
            return
        files = tuple(artifact(job_id, file, now) for outcome in outcomes for file in outcome.files)
        life.complete(connection, job_id, work.execution, files, now, failure)

    def _persist(self, action: Callable[[sa.Connection], Result]) -> Result:
        """Do something in a transaction, however long the database is away."""
        while True:
            try:
                with self._database.write() as connection:
                    return action(connection)
            except ServiceUnavailable:
                self._pause()

    def _pause(self) -> None:
        self._park_when_stopping()
        time.sleep(_RETRY_S)

    def _park_when_stopping(self) -> None:
        """Never return to the durable-execution engine while stopping: it would take that for an end."""
        if self._stopping:
            threading.Event().wait()

    def _remove_results(self, job_id: str) -> None:
        self._placed.withdraw(job_id)
        shutil.rmtree(self._folder(job_id), ignore_errors=True)

    def _folder(self, job_id: str) -> Path:
        return self._settings.data_dir / "jobs" / job_id

    def _forget(self, execution: str) -> None:
        self._executions.discard(execution)
