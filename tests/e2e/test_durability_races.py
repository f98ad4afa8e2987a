"""Two who want a job to end differently, again and again: ``VIDEOANNOTATOR_TEST_RACES`` says how often."""

import contextlib
import os
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.synthetic.jobs import NOW, job, ready

from videoannotator.db import job_lists
from videoannotator.db import jobs as life
from videoannotator.db.database import Database, sqlite_url
from videoannotator.db.schema import counters, jobs
from videoannotator.domain.errors import JobAlreadyEnded
from videoannotator.domain.jobs import JobStatus

N_JOBS = int(os.environ.get("VIDEOANNOTATOR_TEST_RACES", "2000"))


@pytest.mark.timeout(900)
def test_cancelling_and_completing_at_once_never_end_a_job_twice(tmp_path: Path) -> None:
    database = ready(sqlite_url(tmp_path / "test.sqlite"))
    without_syncing(database)
    ids = running_jobs(database)
    race(database, ids)
    with database.read() as connection:
        told = connection.exec_driver_sql(
            "SELECT count(*), max(job_seq), count(DISTINCT job_seq),"
            " sum(type IN ('job.complete', 'job.error', 'job.cancelled')) FROM events GROUP BY job_id"
        ).all()
        counted = job_lists.count(connection)
        ended = dict(
            connection.execute(sa.select(jobs.c.status, sa.func.count()).group_by(jobs.c.status)).all()
        )
    assert len(told) == N_JOBS
    assert all(n == last == distinct for n, last, distinct, _ in told)  # no gap in any story
    assert {ends for *_, ends in told} == {1}
    assert set(ended) == {JobStatus.COMPLETED, JobStatus.CANCELLED}  # both have won at times
    assert {status: n for status, n in counted.items() if n} == ended


def without_syncing(database: Database) -> None:
    """Transactions are as separate as ever, but nobody waits for the disk."""
    database.close()
    sa.event.listen(database.engine, "connect", lambda one, _: one.execute("PRAGMA synchronous=OFF"))


def running_jobs(database: Database) -> list[str]:
    ids = [f"job-{number}" for number in range(N_JOBS)]
    row = job("any", status=JobStatus.RUNNING).model_dump(exclude={"components", "queue_position"})
    with database.write() as connection:
        rows = [{**row, "id": one, "execution": one, "n_events": 0} for one in ids]
        connection.execute(sa.insert(jobs), rows)
        connection.execute(sa.insert(counters).values(owner=row["owner"], status="running", n_jobs=N_JOBS))
    return ids


def race(database: Database, ids: list[str]) -> None:
    start = threading.Barrier(2)

    def run(act: Callable[[sa.Connection, str], object], seed: int) -> None:
        start.wait()
        for job_id in random.Random(seed).sample(ids, len(ids)):
            with database.write() as connection:
                act(connection, job_id)

    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(run, cancel, 1), pool.submit(run, complete, 2)]:
            done.result()


def cancel(connection: sa.Connection, job_id: str) -> None:
    with contextlib.suppress(JobAlreadyEnded):
        life.request_cancel(connection, job_id, None, NOW)
        life.end_cancelled(connection, job_id, NOW)


def complete(connection: sa.Connection, job_id: str) -> None:
    life.complete(connection, job_id, job_id, (), NOW)
