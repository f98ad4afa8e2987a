from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from dbos import DBOS
from tests.synthetic.jobs import ready

from videoannotator.db.database import Database
from videoannotator.db.schema import workers
from videoannotator.worker.lease import Lease, LeaseLost
from videoannotator.worker.settings import WorkerSettings


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = ready(database_url)
    yield database
    database.close()


def lease(database: Database, executor: str) -> Lease:
    settings = WorkerSettings(database_url=database.url, data_dir=Path(), executor=executor)
    return Lease(database, settings, lambda: 0.0)  # no time passes: nobody is reaped


def test_a_worker_that_was_declared_dead_notices(database: Database) -> None:
    one, two = lease(database, "one"), lease(database, "two")
    one.take()
    two.take()
    one.tick()
    with database.write() as connection:
        connection.execute(sa.delete(workers).where(workers.c.executor_id == "one"))
    two.tick()
    with pytest.raises(LeaseLost):
        one.tick()


def test_a_worker_that_cannot_reach_the_database_keeps_its_work(tmp_path: Path) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    lease(away, "one").tick()
    away.close()


def test_the_clock_of_the_database_counts_seconds_since_1970(database: Database) -> None:
    lease(database, "one").take()
    with database.read() as connection:
        beat_s = connection.scalar(sa.select(workers.c.beat_s))
    assert 1.7e9 < beat_s < 1e10


def test_the_engine_still_offers_the_private_call_that_recovery_needs() -> None:
    assert callable(DBOS._recover_pending_workflows)
