"""The log of events: appended in the transaction of the change that they tell of, never altered."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from videoannotator.db.schema import events, jobs
from videoannotator.domain.clock import timestamp
from videoannotator.domain.jobs import Event, EventType, LogLevel


def append(
    connection: sa.Connection, job_id: str, kind: EventType, data: Mapping[str, Any], now: datetime
) -> None:
    """Add an event to a job's story; ``data`` is completed with the job's id and the time.

    The sequence number comes out of the job's own row, so numbers have no gaps whoever writes.
    """
    number, owner = connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job_id)
        .values(n_events=jobs.c.n_events + 1)
        .returning(jobs.c.n_events, jobs.c.owner)
    ).one()
    shown = {"job_id": job_id, **data, "job_seq": number, "timestamp": timestamp(now)}
    connection.execute(
        sa.insert(events).values(
            job_id=job_id, job_seq=number, owner=owner, type=kind.value, data=shown, created_at=now
        )
    )


def append_of_batch(
    connection: sa.Connection, batch_id: str, owner: str, number: int, data: Mapping[str, Any], now: datetime
) -> None:
    """Add an event to a batch's story, whose own row has counted it."""
    shown = {"batch_id": batch_id, **data, "batch_seq": number, "timestamp": timestamp(now)}
    connection.execute(
        sa.insert(events).values(
            job_id=batch_id,  # the one whose story it is
            job_seq=number,
            owner=owner,
            type=EventType.BATCH_UPDATE.value,
            data=shown,
            created_at=now,
        )
    )


def head(connection: sa.Connection) -> int:
    """The greatest id, 0 without events."""
    return connection.scalar(sa.select(sa.func.max(events.c.id))) or 0


def oldest(connection: sa.Connection) -> int:
    """The smallest id that is kept, 0 without events."""
    return connection.scalar(sa.select(sa.func.min(events.c.id))) or 0


def after(
    connection: sa.Connection,
    event_id: int,
    *,
    owner: str | None,
    job_id: str | None,
    types: Collection[EventType],
    limit: int,
) -> tuple[Event, ...]:
    """Events with greater ids, oldest first."""
    query = sa.select(events).where(events.c.id > event_id).order_by(events.c.id).limit(limit)
    if owner is not None:
        query = query.where(events.c.owner == owner)
    if job_id is not None:
        query = query.where(events.c.job_id == job_id)
    if types:
        query = query.where(events.c.type.in_([kind.value for kind in types]))
    return _read(connection, query)


def of_job(
    connection: sa.Connection,
    job_id: str,
    *,
    after: int = 0,
    types: Collection[EventType] = (),
    levels: Collection[LogLevel] = (),
    limit: int,
) -> tuple[Event, ...]:
    """One job's events with a ``job_seq`` greater than ``after``; ``levels`` restricts log lines."""
    query = sa.select(events).where(events.c.job_id == job_id, events.c.job_seq > after)
    if types:
        query = query.where(events.c.type.in_([kind.value for kind in types]))
    if levels:
        query = query.where(events.c.data["level"].as_string().in_(levels))
    return _read(connection, query.order_by(events.c.job_seq).limit(limit))


def prune(connection: sa.Connection, before: datetime, keep: int) -> int:
    """Forget events older than ``before``, but keep the newest ``keep``; returns how many went."""
    newest = head(connection)
    return connection.execute(
        sa.delete(events).where(events.c.created_at < before, events.c.id <= newest - keep)
    ).rowcount


def _read(connection: sa.Connection, query: sa.Select[Any]) -> tuple[Event, ...]:
    return tuple(Event.model_validate(dict(row)) for row in connection.execute(query).mappings())
