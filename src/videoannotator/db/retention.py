"""Which ended jobs are to be removed, and when."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from videoannotator.db import events
from videoannotator.db.schema import jobs
from videoannotator.domain.jobs import EventType

_PAGE = 500


def date(connection: sa.Connection, kept_for: timedelta | None) -> None:
    """Give ended jobs the date at which they expire; with None take every date away."""
    if kept_for is None:
        dated = sa.update(jobs).where(jobs.c.expires_at.is_not(None))
        connection.execute(dated.values(expires_at=None, expiry_warned_at=None))
        return
    ended = sa.select(jobs.c.id, jobs.c.completed_at).where(
        jobs.c.completed_at.is_not(None), jobs.c.expires_at.is_(None), sa.not_(jobs.c.kept)
    )
    for job_id, completed_at in connection.execute(ended.limit(_PAGE)).all():
        change = sa.update(jobs).where(jobs.c.id == job_id)
        connection.execute(change.values(expires_at=completed_at + kept_for))


def redate(connection: sa.Connection, kept_for: timedelta) -> None:
    """Move the dates that another setting gave; what was warned of goes when it was said, or later."""
    dated = sa.select(jobs.c.id, jobs.c.completed_at, jobs.c.expires_at, jobs.c.expiry_warned_at).where(
        jobs.c.expires_at.is_not(None)
    )
    for job_id, completed_at, expires_at, warned_at in connection.execute(dated).all():
        meant = completed_at + kept_for
        if meant > expires_at or (meant < expires_at and warned_at is None):
            change = sa.update(jobs).where(jobs.c.id == job_id)
            connection.execute(change.values(expires_at=meant, expiry_warned_at=None))


def warn(connection: sa.Connection, now: datetime, ahead: timedelta) -> None:
    """Tell of each job once that it will expire soon, and leave it at least that long from now on."""
    soon = sa.select(jobs.c.id, jobs.c.expires_at).where(
        jobs.c.expires_at <= now + ahead, jobs.c.expiry_warned_at.is_(None)
    )
    for job_id, expires_at in connection.execute(soon.limit(_PAGE)).all():
        goes_at = max(expires_at, now + ahead)
        message = f"The job and its results will be removed on {goes_at:%Y-%m-%d at %H:%M} UTC"
        told = {"level": "warning", "message": message, "component": None}
        events.append(connection, job_id, EventType.LOG, told, now)
        change = sa.update(jobs).where(jobs.c.id == job_id)
        connection.execute(change.values(expires_at=goes_at, expiry_warned_at=now))


def expired(connection: sa.Connection, now: datetime) -> tuple[tuple[str, str], ...]:
    """Ids and video ids of the jobs whose time is over; each was warned of."""
    over = sa.select(jobs.c.id, jobs.c.video_id).where(
        jobs.c.expires_at <= now, jobs.c.expiry_warned_at.is_not(None)
    )
    return tuple((row.id, row.video_id) for row in connection.execute(over.limit(_PAGE)))


def keep(connection: sa.Connection, job_id: str, kept: bool) -> None:
    """Take a job's date away for good, or let it get one again."""
    values = {"kept": kept, "expires_at": None, "expiry_warned_at": None, "version": jobs.c.version + 1}
    connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(**values))
