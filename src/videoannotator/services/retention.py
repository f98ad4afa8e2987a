"""Removes ended jobs, their results and their videos when their time is over, and warns before."""

import contextlib
from datetime import datetime, timedelta

import structlog

from videoannotator.db import retention as rows
from videoannotator.db.database import Database
from videoannotator.domain import audit
from videoannotator.domain.clock import Clock, utc_now
from videoannotator.domain.errors import Conflict, NotHere, VideoNotFound
from videoannotator.services.jobs import Jobs
from videoannotator.services.videos import Videos

log = structlog.get_logger(__name__)
INTERVAL = timedelta(minutes=1)
WARNING_AHEAD = timedelta(days=1)


class Retention:
    """``kept_for`` counts from a job's end; None keeps everything."""

    def __init__(
        self,
        database: Database,
        jobs: Jobs,
        videos: Videos,
        kept_for: timedelta | None,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._videos = videos
        self._kept_for = kept_for
        self._clock = clock
        self._swept: datetime | None = None

    def sweep(self) -> None:
        """Date, warn of and remove what is due; asked more often than once a minute it does nothing."""
        now = self._clock()
        if self._swept is not None and now - self._swept < INTERVAL:
            return
        first, self._swept = self._swept is None, now
        if self._kept_for is None and not first:
            return
        with self._database.write() as connection:
            due = rows.expired(connection, now)
            rows.date(connection, self._kept_for)
            rows.warn(connection, now, min(WARNING_AHEAD, self._kept_for or WARNING_AHEAD))
        audit.act_as(audit.Who(actor="retention"))
        for job_id, video_id in due:
            self._remove(job_id, video_id)

    def _remove(self, job_id: str, video_id: str) -> None:
        with contextlib.suppress(NotHere, Conflict):  # somebody was quicker
            self._jobs.delete(job_id, None)
            log.info("expired", job_id=job_id)
        with contextlib.suppress(VideoNotFound, Conflict):  # other jobs refer to it
            self._videos.delete(video_id, None)
