"""Reading jobs: one, or a page of many."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from videoannotator.db.schema import counters, job_components, jobs
from videoannotator.domain.errors import InvalidRequest, JobNotFound
from videoannotator.domain.jobs import Job, JobComponent, JobFilter, JobStatus, Page
from videoannotator.domain.plan import Plan

# Plans stay text until ``_plan`` has looked whether it knows them.
_SHOWN = [one for one in jobs.c if one.name in {"seq", *Job.model_fields} - {"plan"}]
_ALL = sa.select(*_SHOWN, sa.cast(jobs.c.plan, sa.Text).label("plan"))


def get(connection: sa.Connection, job_id: str, owner: str | None) -> Job:
    """One job with its components; ``owner`` None stands for everybody.

    Raises JobNotFound, also for somebody else's job.
    """
    query = _ALL.where(jobs.c.id == job_id)
    if owner is not None:
        query = query.where(jobs.c.owner == owner)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise JobNotFound(f"No job has the id {job_id}")
    components = _components(connection, [job_id])[job_id]
    return _job(row, components=components, queue_position=_position(connection, row))


def exists(connection: sa.Connection, job_id: str) -> bool:
    """Whether there is such a job."""
    return bool(connection.scalar(sa.select(sa.exists().where(jobs.c.id == job_id))))


def find(
    connection: sa.Connection,
    which: JobFilter,
    *,
    limit: int,
    offset: int = 0,
    cursor: str | None = None,
) -> Page[Job]:
    """The newest jobs that pass the filter, from an offset or from where the last page ended.

    Raises InvalidRequest for a cursor that no page has given.
    """
    conditions = _conditions(which)
    keys = sa.select(jobs.c.seq).where(*conditions).order_by(jobs.c.seq.desc()).limit(limit + 1)
    if cursor is not None:
        keys = keys.where(jobs.c.seq < _seq(cursor))
    # Skipping rows in the index alone keeps late pages cheap.
    page = keys.offset(offset).subquery()
    query = _ALL.join(page, jobs.c.seq == page.c.seq).order_by(jobs.c.seq.desc())
    rows = connection.execute(query).mappings().all()
    components = _components(connection, [row["id"] for row in rows[:limit]])
    return Page(
        items=tuple(_job(row, components=components[row["id"]]) for row in rows[:limit]),
        total=_total(connection, which, conditions),
        next_cursor=str(rows[limit - 1]["seq"]) if len(rows) > limit else None,
    )


def active(connection: sa.Connection, owner: str | None, limit: int) -> tuple[Job, ...]:
    """The jobs at work and, of those that wait, the newest ``limit``; without their components."""
    found: list[Job] = []
    for statuses in ((JobStatus.RUNNING, JobStatus.CANCELLING), (JobStatus.PENDING,)):
        conditions = _conditions(JobFilter(owner=owner, statuses=statuses))
        query = _ALL.where(*conditions).order_by(jobs.c.seq.desc()).limit(limit)
        found += (_job(row) for row in connection.execute(query).mappings())
    return tuple(found)


def count(connection: sa.Connection, owner: str | None = None) -> dict[JobStatus, int]:
    """How many jobs stand in each state."""
    query = sa.select(counters.c.status, sa.func.sum(counters.c.n_jobs)).group_by(counters.c.status)
    if owner is not None:
        query = query.where(counters.c.owner == owner)
    found = {status: int(number) for status, number in connection.execute(query)}
    return {status: found.get(status.value, 0) for status in JobStatus}


def mentions(column: sa.Column[Any], text: str) -> sa.ColumnElement[bool]:
    """Whether a column holds the text somewhere, in capitals or not."""
    return sa.func.lower(column).contains(text.lower(), autoescape=True)


def _total(connection: sa.Connection, which: JobFilter, conditions: list[sa.ColumnElement[bool]]) -> int:
    if not which.model_dump(exclude={"owner", "statuses"}, exclude_defaults=True):
        counted = count(connection, which.owner)
        return sum(counted[status] for status in which.statuses or JobStatus)
    return connection.scalar(sa.select(sa.func.count()).select_from(jobs).where(*conditions)) or 0


def _conditions(which: JobFilter) -> list[sa.ColumnElement[bool]]:
    tests: dict[str, Callable[[Any], sa.ColumnElement[bool]]] = {
        "owner": lambda owner: jobs.c.owner == owner,
        "statuses": lambda statuses: jobs.c.status.in_([str(status) for status in statuses]),
        "pipeline": lambda name: _holds(jobs.c.selected_pipelines, name),
        "batch_id": lambda batch_id: jobs.c.batch_id == batch_id,
        "tag": lambda tag: _holds(jobs.c.tags, tag),
        "text": lambda text: mentions(jobs.c.name, text) | mentions(jobs.c.video_filename, text),
        "created_after": lambda moment: jobs.c.created_at >= moment,
        "created_before": lambda moment: jobs.c.created_at < moment,
    }
    return [test(value) for name, test in tests.items() if (value := getattr(which, name)) not in (None, ())]


def _holds(column: sa.Column[Any], item: str) -> sa.ColumnElement[bool]:
    """Whether a JSON array of plain strings holds the item; the quotes make it match whole items only."""
    return sa.cast(column, sa.Text).contains(f'"{item}"', autoescape=True)


def _seq(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise InvalidRequest("The cursor was not given by a page", field="cursor")
    return int(cursor)


def _components(connection: sa.Connection, job_ids: Sequence[str]) -> dict[str, tuple[JobComponent, ...]]:
    found: dict[str, tuple[JobComponent, ...]] = dict.fromkeys(job_ids, ())
    query = sa.select(job_components).where(job_components.c.job_id.in_(job_ids))
    for row in connection.execute(query.order_by(job_components.c.place)).mappings():
        component = JobComponent(**{k: v for k, v in row.items() if k not in {"job_id", "place"}})
        found[row["job_id"]] += (component,)
    return found


def _position(connection: sa.Connection, row: Any) -> int | None:
    if row["status"] != JobStatus.PENDING:
        return None
    ahead = (jobs.c.priority > row["priority"]) | (
        (jobs.c.priority == row["priority"]) & (jobs.c.seq < row["seq"])
    )
    query = sa.select(sa.func.count()).select_from(jobs)
    waiting = query.where(jobs.c.status == JobStatus.PENDING, jobs.c.queue == row["queue"], ahead)
    return (connection.scalar(waiting) or 0) + 1


def _job(row: Any, **more: Any) -> Job:
    values = {name: value for name, value in row.items() if name != "seq"}
    return Job.model_validate({**values, "plan": _plan(row["plan"]), **more})


@lru_cache(maxsize=256)
def _plan(text: str) -> Plan:
    """The jobs of a list mostly have the same few plans, and reading those takes longer than all the rest."""
    return Plan.model_validate_json(text)
