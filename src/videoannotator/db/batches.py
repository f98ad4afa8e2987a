"""Rows of batches and of their items. An item that has a job stands where the job stands."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from videoannotator.db import events, job_lists
from videoannotator.db.schema import batch_items, batches, jobs
from videoannotator.domain.batches import Batch, BatchFilter, BatchItem, BatchStatus, ItemState
from videoannotator.domain.errors import BatchNotFound, InvalidRequest
from videoannotator.domain.jobs import ACTIVE, Failure, JobStatus, Page

_SHOWN = [column for column in batches.c if column.name not in {"n_events", "told"}]
_WITH_JOBS = batch_items.outerjoin(jobs, batch_items.c.job_id == jobs.c.id)
# A job that somebody has deleted leaves an item that nobody works on.
_STATUS = sa.case(
    (
        batch_items.c.status == ItemState.SUBMITTED,
        sa.func.coalesce(jobs.c.status, JobStatus.CANCELLED.value),
    ),
    else_=batch_items.c.status,
)
_PROGRESS = sa.case(
    (_STATUS.in_([JobStatus.COMPLETED.value, JobStatus.FAILED.value, JobStatus.CANCELLED.value]), 100.0),
    (batch_items.c.status == ItemState.SUBMITTED, sa.func.coalesce(jobs.c.progress, 0.0)),
    else_=0.0,
)


_REASONS = ("error_code", "error_message", "hint")


def create(connection: sa.Connection, batch: Batch, items: Iterable[BatchItem]) -> None:
    """Add a batch with its items; items that have failed already keep their reason."""
    row = batch.model_dump(exclude={"counts", "progress"})
    connection.execute(sa.insert(batches).values(**row))
    rows = [{**item.model_dump(exclude={"progress"}), "batch_id": batch.id} for item in items]
    connection.execute(sa.insert(batch_items), rows)


def get(connection: sa.Connection, batch_id: str, owner: str | None) -> Batch:
    """One batch; raises BatchNotFound, also for somebody else's."""
    query = sa.select(*_SHOWN).where(batches.c.id == batch_id)
    if owner is not None:
        query = query.where(batches.c.owner == owner)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise BatchNotFound(f"No batch has the id {batch_id}")
    return _batch(connection, row)


def find(
    connection: sa.Connection,
    which: BatchFilter,
    *,
    limit: int,
    offset: int = 0,
    cursor: str | None = None,
) -> Page[Batch]:
    """The newest batches that pass the filter, from an offset or from where the last page ended.

    Raises InvalidRequest for a cursor that no page has given.
    """
    conditions = _conditions(which)
    total = connection.scalar(sa.select(sa.func.count()).select_from(batches).where(*conditions)) or 0
    query = sa.select(*_SHOWN).where(*conditions).order_by(batches.c.created_at.desc(), batches.c.id)
    if cursor is not None:
        last = connection.execute(sa.select(batches.c.created_at).where(batches.c.id == cursor)).scalar()
        if last is None:
            raise InvalidRequest("The cursor was not given by a page", field="cursor")
        later = (batches.c.created_at < last) | ((batches.c.created_at == last) & (batches.c.id > cursor))
        query = query.where(later)
    rows = connection.execute(query.limit(limit + 1).offset(offset)).mappings().all()
    return Page(
        items=tuple(_batch(connection, row) for row in rows[:limit]),
        total=total,
        next_cursor=rows[limit - 1]["id"] if len(rows) > limit else None,
    )


def items(
    connection: sa.Connection,
    batch_id: str,
    *,
    statuses: Collection[JobStatus] = (),
    after: int = -1,
    limit: int,
) -> tuple[BatchItem, ...]:
    """Items in their order, from behind a place on."""
    query = _items().where(batch_items.c.batch_id == batch_id, batch_items.c.place > after)
    if statuses:
        query = query.where(_STATUS.in_([status.value for status in statuses]))
    rows = connection.execute(query.order_by(batch_items.c.place).limit(limit)).mappings()
    return tuple(BatchItem.model_validate(dict(row)) for row in rows)


def unfinished(connection: sa.Connection) -> tuple[Batch, ...]:
    """The batches of which some item has not ended, or whose end has not been told, oldest first."""
    query = sa.select(*_SHOWN).where(batches.c.completed_at.is_(None)).order_by(batches.c.created_at)
    return tuple(_batch(connection, row) for row in connection.execute(query).mappings())


def exists(connection: sa.Connection, batch_id: str) -> bool:
    """Whether nobody has deleted the batch."""
    return bool(connection.scalar(sa.select(sa.exists().where(batches.c.id == batch_id))))


def n_queued(connection: sa.Connection, batch_id: str) -> int:
    """How many jobs of the batch have not ended."""
    active = (jobs.c.batch_id == batch_id) & jobs.c.status.in_(ACTIVE)
    return connection.scalar(sa.select(sa.func.count()).select_from(jobs).where(active)) or 0


def next_waiting(connection: sa.Connection, batch_id: str) -> BatchItem | None:
    """The first item that waits for its turn."""
    query = _items().where(
        batch_items.c.batch_id == batch_id, batch_items.c.status == ItemState.PENDING.value
    )
    row = connection.execute(query.order_by(batch_items.c.place).limit(1)).mappings().one_or_none()
    return None if row is None else BatchItem.model_validate(dict(row))


def attach(connection: sa.Connection, batch_id: str, place: int, job_id: str, now: datetime) -> bool:
    """Let a new job stand for a waiting item; False where it does not wait any more."""
    return _change(connection, batch_id, place, now, status=ItemState.SUBMITTED.value, job_id=job_id)


def fail(connection: sa.Connection, batch_id: str, place: int, why: Failure, now: datetime) -> bool:
    """A waiting item cannot become a job."""
    reason = {"error_code": why.code, "error_message": why.message, "hint": why.hint}
    return _change(connection, batch_id, place, now, status=ItemState.FAILED.value, **reason)


def cancel(connection: sa.Connection, batch_id: str, now: datetime) -> tuple[str, ...]:
    """Let no further item have its turn; returns the jobs that have not ended."""
    connection.execute(
        sa.update(batch_items)
        .where(batch_items.c.batch_id == batch_id, batch_items.c.status == ItemState.PENDING.value)
        .values(status=ItemState.CANCELLED.value, updated_at=now)
    )
    _set(connection, batch_id, now, cancelled_at=now, paused=False)
    active = sa.select(jobs.c.id).where(jobs.c.batch_id == batch_id, jobs.c.status.in_(ACTIVE))
    return tuple(connection.scalars(active))


def pause(connection: sa.Connection, batch_id: str, paused: bool, now: datetime) -> None:
    """Hold the waiting items back, or let them go on."""
    _set(connection, batch_id, now, paused=paused)


def retry_failed(connection: sa.Connection, batch_id: str, now: datetime) -> int:
    """Let the failed items wait for another turn; returns how many there are.

    A video that came with the request and could not be read has not been kept: there is nothing to try again.
    """
    failed = (
        sa.select(batch_items.c.place)
        .select_from(_WITH_JOBS)
        .where(
            batch_items.c.batch_id == batch_id,
            _STATUS.in_([JobStatus.FAILED.value]),
            batch_items.c.video_id.is_not(None) | batch_items.c.video_path.is_not(None),
        )
    )
    number = connection.execute(
        sa.update(batch_items)
        .where(batch_items.c.batch_id == batch_id, batch_items.c.place.in_(failed))
        .values(
            status=ItemState.PENDING.value,
            attempt=batch_items.c.attempt + 1,
            error_code=None,
            error_message=None,
            hint=None,
            updated_at=now,
        )
    ).rowcount
    if number:
        _set(connection, batch_id, now, cancelled_at=None, completed_at=None, told=None)
    return number


def tell(connection: sa.Connection, batch: Batch, eta_s: float | None, now: datetime) -> bool:
    """Append ``batch.update`` when something has changed since the last one; False where nothing has."""
    told = batch.told()
    if connection.scalar(sa.select(batches.c.told).where(batches.c.id == batch.id)) == told:
        return False
    number = connection.execute(
        sa.update(batches)
        .where(batches.c.id == batch.id)
        .values(
            n_events=batches.c.n_events + 1,
            told=told,
            updated_at=now,
            completed_at=None if batch.n_active else now,
        )
        .returning(batches.c.n_events)
    ).scalar_one()
    events.append_of_batch(connection, batch.id, batch.owner, number, {**told, "eta_s": eta_s}, now)
    return True


def delete(connection: sa.Connection, batch_id: str) -> None:
    """Forget a batch and its items; its jobs and events stay."""
    connection.execute(sa.delete(batch_items).where(batch_items.c.batch_id == batch_id))
    connection.execute(sa.delete(batches).where(batches.c.id == batch_id))


def _conditions(which: BatchFilter) -> list[sa.ColumnElement[bool]]:
    found = []
    if which.owner is not None:
        found.append(batches.c.owner == which.owner)
    if which.statuses:
        found.append(_standing().in_([status.value for status in which.statuses]))
    if which.text:
        named = job_lists.mentions(batches.c.name, which.text)
        found.append(named | _has_item(job_lists.mentions(batch_items.c.video, which.text)))
    return found


def _standing() -> sa.Case[str]:
    """``Batch.status`` in the words of the database."""
    cancelled = batches.c.cancelled_at.is_not(None)
    return sa.case(
        (~_has_item(_STATUS.in_(ACTIVE)) & cancelled, BatchStatus.CANCELLED.value),
        (~_has_item(_STATUS.in_(ACTIVE)), BatchStatus.COMPLETED.value),
        (cancelled, BatchStatus.CANCELLING.value),
        (batches.c.paused, BatchStatus.PAUSED.value),
        (~_has_item(_STATUS.not_in([JobStatus.PENDING.value])), BatchStatus.PENDING.value),
        else_=BatchStatus.RUNNING.value,
    )


def _has_item(test: sa.ColumnElement[bool]) -> sa.Exists:
    of_batch = (
        sa.select(batch_items.c.place).select_from(_WITH_JOBS).where(batch_items.c.batch_id == batches.c.id)
    )
    return of_batch.where(test).correlate(batches).exists()


def _items() -> sa.Select[Any]:
    kept = [c for c in batch_items.c if c.name not in _REASONS and c.name not in {"batch_id", "status"}]
    is_job = batch_items.c.status == ItemState.SUBMITTED.value
    reasons = [sa.case((is_job, jobs.c[name]), else_=batch_items.c[name]).label(name) for name in _REASONS]
    status, progress = _STATUS.label("status"), _PROGRESS.label("progress")
    return sa.select(*kept, *reasons, status, progress).select_from(_WITH_JOBS)


def _batch(connection: sa.Connection, row: Mapping[Any, Any]) -> Batch:
    grouped = (
        sa.select(_STATUS, sa.func.count(), sa.func.sum(_PROGRESS))
        .select_from(_WITH_JOBS)
        .where(batch_items.c.batch_id == row["id"])
        .group_by(_STATUS)
    )
    found = {status: (number, progress) for status, number, progress in connection.execute(grouped)}
    total = sum(number for number, _ in found.values())
    return Batch.model_validate(
        {
            **row,
            "counts": {status: found.get(status.value, (0, 0))[0] for status in JobStatus},
            "progress": sum(progress for _, progress in found.values()) / max(total, 1),
        }
    )


def _change(connection: sa.Connection, batch_id: str, place: int, now: datetime, **values: Any) -> bool:
    here = (batch_items.c.batch_id == batch_id) & (batch_items.c.place == place)
    waiting = batch_items.c.status == ItemState.PENDING.value
    changed = connection.execute(sa.update(batch_items).where(here, waiting).values(updated_at=now, **values))
    return changed.rowcount == 1


def _set(connection: sa.Connection, batch_id: str, now: datetime, **values: Any) -> None:
    connection.execute(sa.update(batches).where(batches.c.id == batch_id).values(updated_at=now, **values))
