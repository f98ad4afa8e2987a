"""Removes what has been kept long enough: ended jobs with all that is theirs, after a warning, and logs."""

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from videoannotator.db import audit as audit_rows
from videoannotator.db import events, webhooks
from videoannotator.db import retention as rows
from videoannotator.db.database import Database
from videoannotator.domain import audit
from videoannotator.domain.clock import Clock, utc_now
from videoannotator.domain.errors import Conflict, NotHere, VideoNotFound
from videoannotator.services.jobs import Jobs
from videoannotator.services.videos import Videos

log = structlog.get_logger(__name__)
INTERVAL = timedelta(minutes=1)
LOGS_INTERVAL = timedelta(hours=1)
WARNING_AHEAD = timedelta(days=1)
EVENTS_KEPT_FOR, EVENTS_KEPT = timedelta(days=7), 1_000_000  # where the operator says nothing


@dataclass(frozen=True, slots=True)
class Kept:
    """How long things are kept, jobs counting from their end; None stands for ever.

    Events without a time of their own go when they are a week old and a million newer ones are there.
    """

    jobs: timedelta | None = None
    events: timedelta | None = None
    deliveries: timedelta | None = None
    audit: timedelta | None = None


class Retention:
    """Asked again and again; every job and every log goes in its time."""

    def __init__(
        self, database: Database, jobs: Jobs, videos: Videos, kept: Kept, clock: Clock = utc_now
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._videos = videos
        self._kept = kept
        self._clock = clock
        self._swept: datetime | None = None
        self._pruned: datetime | None = None

    def sweep(self) -> None:
        """Date, warn of and remove what is due; asked more often than once a minute it does nothing."""
        now = self._clock()
        if self._swept is not None and now - self._swept < INTERVAL:
            return
        first, self._swept = self._swept is None, now
        audit.act_as(audit.Who(actor="retention"))
        if self._kept.jobs is not None or first:
            self._sweep_jobs(now, first=first)
        if self._pruned is None or now - self._pruned >= LOGS_INTERVAL:
            self._prune_logs(now)
            self._pruned = now

    def _sweep_jobs(self, now: datetime, *, first: bool) -> None:
        with self._database.write() as connection:
            if first and self._kept.jobs is not None:
                rows.redate(connection, self._kept.jobs)
            due = rows.expired(connection, now)
            rows.date(connection, self._kept.jobs)
            rows.warn(connection, now, min(WARNING_AHEAD, self._kept.jobs or WARNING_AHEAD))
        for job_id, video_id in due:
            self._remove(job_id, video_id)

    def _prune_logs(self, now: datetime) -> None:
        kept = self._kept
        with self._database.write() as connection:
            n_newest = EVENTS_KEPT if kept.events is None else 0
            events.prune(connection, now - (kept.events or EVENTS_KEPT_FOR), n_newest)
            if kept.deliveries is not None:
                webhooks.prune(connection, now - kept.deliveries)
            if kept.audit is not None:
                audit_rows.prune(connection, now - kept.audit, now)

    def _remove(self, job_id: str, video_id: str) -> None:
        with contextlib.suppress(NotHere, Conflict):  # somebody was quicker
            self._jobs.delete(job_id, None)
            log.info("expired", job_id=job_id)
        with contextlib.suppress(VideoNotFound, Conflict):  # other jobs refer to it
            self._videos.delete(video_id, None)
