from collections.abc import Iterator

import pytest
from tests.synthetic.jobs import NOW, OWNER, job, ready

from videoannotator.db import batches as rows
from videoannotator.db import jobs as life
from videoannotator.db.database import Database
from videoannotator.domain.batches import Batch, BatchFilter, BatchItem, BatchStatus
from videoannotator.domain.jobs import JobStatus

PENDING, FAILED, CANCELLED = JobStatus.PENDING, JobStatus.FAILED, JobStatus.CANCELLED
RUNNING, COMPLETED = JobStatus.RUNNING, JobStatus.COMPLETED
HELD, STOPPED = {"paused": True}, {"cancelled_at": NOW}
STANDING = {
    "pending": ([PENDING, PENDING], {}),
    "running": ([PENDING, RUNNING], {}),
    "half": ([PENDING, FAILED], {}),
    "paused": ([PENDING, COMPLETED], HELD),
    "cancelling": ([RUNNING, CANCELLED], STOPPED),
    "completed": ([COMPLETED, FAILED], {}),
    "all failed": ([FAILED], HELD),
    "cancelled": ([CANCELLED, COMPLETED], STOPPED),
}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = ready(database_url)
    with database.write() as connection:
        for name, (statuses, more) in STANDING.items():
            items = [
                BatchItem(
                    place=place,
                    video=f"{name} {place}.mp4",
                    # a job tells of what runs or is done
                    status=PENDING if status in {RUNNING, COMPLETED} else status,
                    updated_at=NOW,
                )
                for place, status in enumerate(statuses)
            ]
            known = {"owner": OWNER, "n_items": len(items), "created_at": NOW, "updated_at": NOW}
            rows.create(connection, Batch(id=name, name=f"Batch {len(items)}", **known, **more), items)
            for place, status in enumerate(statuses):
                if status not in {RUNNING, COMPLETED}:
                    continue
                job_id = f"{name} {place}"
                life.create(connection, job(job_id))
                rows.attach(connection, name, place, job_id, NOW)
                life.claim(connection, job_id, "one", NOW, 3)
                if status == COMPLETED:
                    life.complete(connection, job_id, "one", (), NOW)
    yield database
    database.close()


def found(database: Database, limit: int = 100, offset: int = 0, **which: object) -> list[str]:
    with database.read() as connection:
        page = rows.find(connection, BatchFilter.model_validate(which), limit=limit, offset=offset)
    assert limit < 100 or page.total == len(page.items)
    return [one.id for one in page.items]


def test_a_list_by_state_agrees_with_what_each_batch_says_of_itself(database: Database) -> None:
    with database.read() as connection:
        said = {name: rows.get(connection, name, None).status for name in STANDING}
    assert set(said.values()) == set(BatchStatus)
    for status in BatchStatus:
        assert found(database, statuses=(status,)) == sorted(one for one in said if said[one] == status)
    both = (BatchStatus.PAUSED, BatchStatus.CANCELLING)
    assert found(database, statuses=both) == ["cancelling", "paused"]


def test_text_is_found_in_the_names_of_a_batch_and_of_its_videos(database: Database) -> None:
    assert found(database, text="bATCH 1") == ["all failed"]
    assert found(database, text="PENDING 1.mp4") == ["pending"]
    assert found(database, text="%") == found(database, text="batch", owner="somebody else") == []
    assert found(database, text="cancel", statuses=(BatchStatus.CANCELLED,)) == ["cancelled"]


def test_pages_follow_each_other(database: Database) -> None:
    pages = [found(database, limit=3, offset=offset) for offset in (0, 3, 6, 9)]
    assert [len(page) for page in pages] == [3, 3, 2, 0]
    assert [one for page in pages for one in page] == sorted(STANDING)
