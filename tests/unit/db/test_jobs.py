from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.synthetic.jobs import NOW, OWNER, job, ready

from videoannotator.db import artifacts, events, job_lists, progress
from videoannotator.db import jobs as life
from videoannotator.db.database import Database
from videoannotator.domain.errors import JobAlreadyEnded, JobRunning
from videoannotator.domain.jobs import ENDINGS, Artifact, EventType, Failure, Job, JobStatus
from videoannotator.domain.report import ComponentStatus, Log, Stage

BROKEN = Failure(code="BROKEN", message="it broke", hint="mend it")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = ready(database_url)
    yield database
    database.close()


def create(database: Database, job_id: str = "job") -> None:
    with database.write() as connection:
        life.create(connection, job(job_id))


def claim(
    database: Database, execution: str = "one", job_id: str = "job", max_crashes: int = 3
) -> Job | None:
    with database.write() as connection:
        return life.claim(connection, job_id, execution, NOW, max_crashes)


def complete(database: Database, execution: str = "one", job_id: str = "job") -> bool:
    with database.write() as connection:
        return life.complete(connection, job_id, execution, (), NOW)


def cancel(database: Database, job_id: str = "job") -> None:
    with database.write() as connection:
        life.request_cancel(connection, job_id, "enough", NOW)


def status(database: Database, job_id: str = "job") -> JobStatus:
    with database.read() as connection:
        return job_lists.get(connection, job_id, OWNER).status


def story(database: Database, job_id: str = "job") -> list[EventType]:
    with database.read() as connection:
        told = events.of_job(connection, job_id, limit=1000)
    assert [event.job_seq for event in told] == list(range(1, len(told) + 1))
    return [event.type for event in told]


def test_a_job_that_runs_well_is_pending_running_completed(database: Database) -> None:
    create(database)
    assert status(database) == JobStatus.PENDING
    assert claim(database) is not None
    assert status(database) == JobStatus.RUNNING
    assert complete(database)
    assert status(database) == JobStatus.COMPLETED
    assert story(database) == [EventType.UPDATE, EventType.UPDATE, EventType.COMPLETE]


def test_completion_and_artifacts_appear_together(database: Database) -> None:
    create(database)
    claim(database)
    file = Artifact(
        id="file", job_id="job", name="a.csv", kind="table", format="csv", media_type="text/csv",
        size_bytes=3, sha256="ab", created_at=NOW,
    )  # fmt: skip
    with database.write() as connection:
        life.complete(connection, "job", "one", (file,), NOW)
    with database.read() as connection:
        (told,) = events.of_job(connection, "job", types=[EventType.COMPLETE], limit=9)
        assert artifacts.of_job(connection, "job") == (file,)
    assert told.data["artifacts"] == [file.listing()]
    assert told.data["artifacts"][0]["download_url"] == "/api/v1/jobs/job/artifacts/file"


def test_a_waiting_job_is_cancelled_at_once(database: Database) -> None:
    create(database)
    cancel(database)
    assert status(database) == JobStatus.CANCELLED
    assert claim(database) is None
    assert story(database) == [EventType.UPDATE, EventType.CANCELLED]


def test_a_running_job_is_cancelled_when_its_work_has_stopped(database: Database) -> None:
    create(database)
    claim(database)
    cancel(database)
    cancel(database)  # again is no error and no event
    assert status(database) == JobStatus.CANCELLING
    assert not complete(database)
    with database.write() as connection:
        assert life.end_cancelled(connection, "job", NOW)
        assert not life.end_cancelled(connection, "job", NOW)
    assert story(database) == [EventType.UPDATE] * 3 + [EventType.CANCELLED]


@pytest.mark.parametrize("end", ["complete", "fail"])
def test_an_ended_job_cannot_be_cancelled(database: Database, end: str) -> None:
    create(database)
    claim(database)
    with database.write() as connection:
        if end == "complete":
            life.complete(connection, "job", "one", (), NOW)
        else:
            life.fail(connection, "job", BROKEN, NOW, "one")
    with pytest.raises(JobAlreadyEnded):
        cancel(database)


def test_a_cancelled_job_may_be_cancelled_again(database: Database) -> None:
    create(database)
    cancel(database)
    cancel(database)
    assert story(database).count(EventType.CANCELLED) == 1


def test_a_worker_that_lost_its_job_cannot_write_about_it(database: Database) -> None:
    create(database)
    claim(database, "one")
    claim(database, "two")
    snapshot = progress.Snapshot(stage=Stage.VISUAL, progress=50.0)
    with database.write() as connection:
        assert progress.save(connection, "job", "one", snapshot, NOW) is None
        assert not life.complete(connection, "job", "one", (), NOW)
        assert not life.fail(connection, "job", BROKEN, NOW, "one")
        assert progress.save(connection, "job", "two", snapshot, NOW) == JobStatus.RUNNING


def test_a_job_that_kills_its_workers_fails_with_the_number(database: Database) -> None:
    create(database)
    claims = [claim(database, f"{n}", max_crashes=3) for n in range(5)]
    assert [claimed is not None for claimed in claims] == [True, True, True, True, False]
    with database.read() as connection:
        failed = job_lists.get(connection, "job", OWNER)
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, "JOB_CRASHED")
    assert failed.error_message == "The job crashed the worker 4 times"


def test_progress_forgives_crashes_but_repeated_work_does_not(database: Database) -> None:
    create(database)
    for number, reached in enumerate([10.0, 20.0, 20.0, 15.0]):
        claim(database, f"{number}")
        with database.write() as connection:
            snapshot = progress.Snapshot(stage=Stage.VISUAL, progress=reached)
            progress.save(connection, "job", f"{number}", snapshot, NOW)
    with database.read() as connection:
        running = job_lists.get(connection, "job", OWNER)
    assert (running.n_crashes, running.progress) == (2, 20.0)  # the two that got no further than 20


def test_an_orderly_stop_is_no_crash(database: Database) -> None:
    create(database)
    for number in range(10):
        assert claim(database, f"{number}", max_crashes=1) is not None
        with database.write() as connection:
            life.release(connection, f"{number}")


def test_snapshots_tell_components_and_logs(database: Database) -> None:
    create(database)
    claimed = claim(database)
    assert claimed is not None
    failed = claimed.components[0].model_copy(
        update={"status": ComponentStatus.FAILED, "error_code": "BROKEN", "progress": 40.0}
    )
    snapshot = progress.Snapshot(
        stage=Stage.VISUAL, progress=30.0, eta_s=4.0, components=(failed,), logs=(Log(message="hello"),)
    )
    with database.write() as connection:
        progress.save(connection, "job", "one", snapshot, NOW)
    with database.read() as connection:
        assert job_lists.get(connection, "job", OWNER).components == (failed,)
        *_, log, update = events.of_job(connection, "job", limit=9)
    assert (log.type, log.data["message"], log.data["level"]) == (EventType.LOG, "hello", "info")
    assert (update.data["progress"], update.data["stage"], update.data["eta_s"]) == (30.0, "visual", 4.0)
    assert update.data["components"][0]["error_code"] == "BROKEN"


def test_only_ended_jobs_are_deleted_and_their_story_stays(database: Database) -> None:
    create(database)
    with database.read() as connection:
        submitted = job_lists.get(connection, "job", OWNER)
    with database.write() as connection, pytest.raises(JobRunning):
        life.delete(connection, submitted, NOW)
    cancel(database)
    with database.write() as connection:
        life.delete(connection, submitted, NOW + timedelta(seconds=1))
    assert story(database) == [EventType.UPDATE, EventType.CANCELLED, EventType.DELETED]
    with database.read() as connection:
        assert sum(job_lists.count(connection).values()) == 0


def test_old_events_are_forgotten_but_the_newest_stay(database: Database) -> None:
    for number in range(4):
        create(database, f"{number}")
    with database.write() as connection:
        assert events.prune(connection, NOW, keep=1) == 0  # none is older
        assert events.prune(connection, NOW + timedelta(days=1), keep=1) == 3
        assert (events.oldest(connection), events.head(connection)) == (4, 4)


def test_the_names_of_endings_are_those_that_the_index_guards() -> None:
    assert {one.value for one in ENDINGS} == {"job.complete", "job.error", "job.cancelled"}
