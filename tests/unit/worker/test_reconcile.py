from collections.abc import Iterator

import pytest
from tests.synthetic.jobs import NOW, job, ready

from videoannotator.db import job_lists
from videoannotator.db import jobs as life
from videoannotator.db.database import Database
from videoannotator.domain.jobs import JobStatus
from videoannotator.worker.reconcile import reconcile


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = ready(database_url)
    with database.write() as connection:
        for name in ("waiting", "running", "cancelling", "completed"):
            life.create(connection, job(name))
        for name in ("running", "cancelling", "completed"):
            life.claim(connection, name, name, NOW, 3)
        life.request_cancel(connection, "cancelling", None, NOW)
        life.complete(connection, "completed", "completed", (), NOW)
    yield database
    database.close()


def statuses(database: Database) -> dict[str, JobStatus]:
    with database.read() as connection:
        return {
            name: job_lists.get(connection, name, None).status
            for name in ("waiting", "running", "cancelling", "completed")
        }


def test_work_that_goes_on_is_left_alone(database: Database) -> None:
    before = statuses(database)
    assert reconcile(database, lambda ids: dict.fromkeys(ids, "PENDING")) == []
    assert statuses(database) == before


def test_jobs_whose_work_has_ended_or_is_lost_are_ended(database: Database) -> None:
    known = {"running": "ERROR", "cancelling": "SUCCESS"}
    assert set(reconcile(database, lambda ids: known)) == {"waiting", "running", "cancelling"}
    assert statuses(database) == {
        "waiting": JobStatus.FAILED,
        "running": JobStatus.FAILED,
        "cancelling": JobStatus.CANCELLED,
        "completed": JobStatus.COMPLETED,
    }


def test_a_job_that_ends_while_we_look_is_ended_once(database: Database) -> None:
    def look(ids: list[str]) -> dict[str, str]:
        with database.write() as connection:
            life.complete(connection, "running", "running", (), NOW)
        return dict.fromkeys(ids, "PENDING") | {"running": "SUCCESS"}

    assert reconcile(database, look) == []
    assert statuses(database)["running"] == JobStatus.COMPLETED
