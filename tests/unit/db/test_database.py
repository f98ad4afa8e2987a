import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.synthetic.jobs import job, ready

from videoannotator.db import events, job_lists
from videoannotator.db import jobs as life
from videoannotator.db.database import Database, sqlite_url
from videoannotator.domain.errors import ServiceUnavailable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "test.sqlite"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    database = ready(sqlite_url(path))
    yield database
    database.close()


def test_acknowledged_writes_are_synced_and_readers_do_not_wait(database: Database) -> None:
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_a_locked_database_lets_readers_in_and_turns_writers_away_for_a_while(
    database: Database, path: Path
) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with database.read() as connection:
        assert events.head(connection) == 0
    with pytest.raises(ServiceUnavailable, match="locked"), database.write():
        pass
    other.execute("COMMIT")
    other.close()
    with database.write() as connection:
        life.create(connection, job("job"))


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    with contextlib.suppress(KeyError), database.write() as connection:
        life.create(connection, job("job"))
        raise KeyError
    with database.read() as connection:
        assert events.head(connection) == 0
        assert sum(job_lists.count(connection).values()) == 0


def test_a_server_that_is_not_there_is_unavailable() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(ServiceUnavailable, match="refused"), database.write():
        pass
    database.close()


def test_event_ids_commit_in_their_order_and_stories_have_no_gaps(database_url: str) -> None:
    """A reader that asks for "after the newest id I have seen" must miss nothing, whoever writes."""
    database, n_writers, n_jobs = ready(database_url), 4, 10
    seen: list[int] = []
    over = threading.Event()

    def write(writer: int) -> None:
        own = Database(database_url)
        for number in range(n_jobs):
            new = job(f"{writer}-{number}")
            patiently(own, lambda connection, new=new: life.create(connection, new))
            patiently(own, lambda c, new=new: life.request_cancel(c, new.id, None, new.created_at))
        own.close()

    def patiently(own: Database, change: Callable[[sa.Connection], None]) -> None:
        """On a busy machine one of many who write a SQLite file may be turned away: it comes back."""
        while True:
            with contextlib.suppress(ServiceUnavailable), own.write() as connection:
                change(connection)
                return

    def read() -> None:
        while True:
            last_look = over.is_set()
            with database.read() as connection:
                after = seen[-1] if seen else 0
                new = events.after(connection, after, owner=None, job_id=None, types=(), limit=1000)
            seen.extend(event.id for event in new)
            if last_look:
                return

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(number,)) for number in range(n_writers)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    reader.join()
    database.close()
    assert len(seen) == len(set(seen)) == 2 * n_writers * n_jobs
