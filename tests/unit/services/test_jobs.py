from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.synthetic.jobs import NOW, OWNER, Waiting, ready, step

from videoannotator.db import jobs as life
from videoannotator.db import progress
from videoannotator.db.database import Database
from videoannotator.domain.errors import (
    InvalidRequest,
    JobNotFinished,
    JobNotFound,
    JobRunning,
    NothingToRetry,
    VideoNotFound,
)
from videoannotator.domain.jobs import Job, JobFilter, JobStatus, Submission
from videoannotator.domain.plan import Plan, Step
from videoannotator.domain.report import ComponentStatus, Stage
from videoannotator.services.events import Events
from videoannotator.services.jobs import Jobs


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = ready(database_url)
    yield database
    database.close()


@pytest.fixture
def queue() -> Waiting:
    return Waiting()


@pytest.fixture
def jobs(database: Database, queue: Waiting, tmp_path: Path) -> Jobs:
    moments = (NOW + timedelta(seconds=number) for number in range(10_000))
    return Jobs(database, queue, tmp_path, clock=lambda: next(moments))


def submit(jobs: Jobs, *steps: Step, **more: object) -> Job:
    plan = Plan(steps=steps or (step("a"),))
    return jobs.submit(Submission(**{"owner": OWNER, "video_id": "video", "plan": plan, **more}))


def fail(database: Database, job: Job, *names: str) -> None:
    """Run a job of which the named components fail."""
    with database.write() as connection:
        claimed = life.claim(connection, job.id, "me", NOW, 3)
        assert claimed is not None
        components = tuple(
            one.model_copy(
                update={
                    "status": ComponentStatus.FAILED if one.component in names else ComponentStatus.COMPLETED
                }
            )
            for one in claimed.components
        )
        snapshot = progress.Snapshot(stage=Stage.VISUAL, progress=99.0, components=components)
        progress.save(connection, job.id, "me", snapshot, NOW)
        life.complete(connection, job.id, "me", (), NOW)


def test_a_submitted_job_tells_the_videos_facts_and_its_place(jobs: Jobs, queue: Waiting) -> None:
    submit(jobs, priority=5)
    job = submit(jobs, config={"p": {"a": {"x": 1}}}, selected_pipelines=("p",), tags=("one",))
    assert (job.status, job.queue_position, job.attempt) == (JobStatus.PENDING, 2, 1)
    assert (job.video_filename, job.video_size_bytes, job.video_duration_seconds) == ("v.mp4", 7, 2.0)
    assert (job.config, job.selected_pipelines) == ({"p": {"a": {"x": 1}}}, ("p",))
    assert [priority for _, priority, _ in queue.jobs] == [5, 0]


def test_a_job_without_its_video_leaves_nothing(jobs: Jobs, database: Database) -> None:
    with pytest.raises(VideoNotFound):
        submit(jobs, video_id="another")
    with pytest.raises(VideoNotFound):
        submit(jobs, owner="mallory")  # somebody else's video
    assert Events(database).head() == 0


def test_nobody_learns_of_somebody_elses_job(jobs: Jobs) -> None:
    job = submit(jobs)
    for act in (jobs.get, jobs.cancel, jobs.retry, jobs.delete, jobs.artifacts):
        with pytest.raises(JobNotFound):
            act(job.id, "mallory")
    assert jobs.list(JobFilter(owner="mallory")).total == 0
    assert jobs.get(job.id, None).id == job.id  # an administrator


def test_pages_and_cursors_show_every_job_once_newest_first(jobs: Jobs) -> None:
    ids = [submit(jobs).id for _ in range(7)][::-1]
    which = JobFilter(owner=OWNER)
    pages = [jobs.list(which, page=number, per_page=3) for number in (1, 2, 3)]
    assert [job.id for page in pages for job in page.items] == ids
    assert {page.total for page in pages} == {7}
    shown, cursor = [], None
    while True:
        page = jobs.list(which, per_page=3, cursor=cursor)
        shown += [job.id for job in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert shown == ids


def test_a_made_up_cursor_is_refused(jobs: Jobs) -> None:
    with pytest.raises(InvalidRequest):
        jobs.list(JobFilter(), cursor="1; DROP TABLE jobs")


@pytest.mark.parametrize(
    ("which", "found"),
    [
        ({"statuses": (JobStatus.CANCELLED,)}, ["b"]),
        ({"statuses": (JobStatus.CANCELLED, JobStatus.PENDING)}, ["c", "b", "a"]),
        ({"pipeline": "face"}, ["b"]),
        ({"pipeline": "fac"}, []),
        ({"tag": "50%"}, ["c"]),
        ({"text": "A"}, ["a"]),
        ({"text": "V.MP4"}, ["c", "b", "a"]),
        ({"text": "%"}, []),
        ({"batch_id": "batch"}, ["c"]),
        ({"created_after": NOW + timedelta(seconds=1)}, ["c", "b"]),
        ({"created_before": NOW + timedelta(seconds=1)}, ["a"]),
    ],
)
def test_filters(jobs: Jobs, which: dict[str, object], found: list[str]) -> None:
    submit(jobs, name="a", selected_pipelines=("person",))
    cancelled = submit(jobs, name="b", selected_pipelines=("person", "face"))
    submit(jobs, name="c", tags=("50%",), batch_id="batch")
    jobs.cancel(cancelled.id, OWNER)
    page = jobs.list(JobFilter.model_validate({"owner": OWNER, **which}))
    assert [job.name for job in page.items] == found
    assert page.total == len(found)


def test_retrying_runs_the_same_plan_as_a_new_job(jobs: Jobs, database: Database) -> None:
    job = submit(jobs, step("a", parameters={"x": 1}), tags=("one",), config={"p": {}}, priority=3)
    with pytest.raises(JobRunning):
        jobs.retry(job.id, OWNER)
    fail(database, job)
    again = jobs.retry(job.id, OWNER)
    assert (again.plan, again.tags, again.config, again.priority) == (job.plan, ("one",), {"p": {}}, 3)
    assert (again.retry_of, again.attempt, again.status) == (job.id, 2, JobStatus.PENDING)


def test_retrying_what_failed_takes_what_it_needs_along(jobs: Jobs, database: Database) -> None:
    steps = (step("base"), step("needy", after=("base",)), step("fine"))
    job = submit(jobs, *steps)
    fail(database, job, "needy")
    again = jobs.retry(job.id, OWNER, only_failed=True)
    assert [(one.component, one.requested) for one in again.plan.steps] == [("base", False), ("needy", True)]


def test_there_is_nothing_to_retry_in_a_success(jobs: Jobs, database: Database) -> None:
    job = submit(jobs)
    fail(database, job)
    with pytest.raises(NothingToRetry):
        jobs.retry(job.id, OWNER, only_failed=True)


def test_deleting_removes_the_folder(jobs: Jobs, database: Database) -> None:
    job = submit(jobs)
    (jobs.folder(job.id) / "out").mkdir(parents=True)
    with pytest.raises(JobRunning):
        jobs.delete(job.id, OWNER)
    fail(database, job)
    jobs.delete(job.id, OWNER)
    assert not jobs.folder(job.id).exists()
    with pytest.raises(JobNotFound):
        jobs.get(job.id, OWNER)


def test_an_unfinished_job_has_no_artifacts(jobs: Jobs) -> None:
    with pytest.raises(JobNotFinished):
        jobs.artifacts(submit(jobs).id, OWNER)


def test_a_snapshot_is_of_one_instant(jobs: Jobs, database: Database) -> None:
    ended, waiting = submit(jobs), submit(jobs)
    jobs.cancel(ended.id, OWNER)
    head, active = Events(database).snapshot(OWNER)
    assert head == Events(database).head()
    assert [job.id for job in active] == [waiting.id]


def test_a_snapshot_tells_what_runs_however_much_waits(jobs: Jobs, database: Database) -> None:
    running, *_, newest = [submit(jobs) for _ in range(4)]
    with database.write() as connection:
        life.claim(connection, running.id, "me", NOW, 3)
    assert [job.id for job in Events(database).snapshot(OWNER, limit=1)[1]] == [running.id, newest.id]
