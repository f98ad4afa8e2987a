"""Jobs in real worker processes that nobody disturbs: how they end, fail and are cancelled."""

import contextlib
import random
import time
from collections.abc import Iterator

import pytest
from tests.e2e.bench import OWNER, Bench, assert_ended_once, bench, processes, step, until

from videoannotator.domain.errors import JobAlreadyEnded
from videoannotator.domain.jobs import TERMINAL, EventType, JobStatus
from videoannotator.domain.report import ComponentStatus


@pytest.fixture(scope="module")
def at_work(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A server at work, for jobs that leave it alone."""
    for one in bench(module_database_url, tmp_path_factory.mktemp("bench")):
        one.serve()
        yield one


def test_a_job_runs_to_completion_and_its_story_is_told(at_work: Bench) -> None:
    job = at_work.submit(step("a", chunks=3), step("b", "audio", chunks=2))
    done = at_work.wait(job, JobStatus.COMPLETED)
    assert (done.progress, done.error_message) == (100.0, None)
    assert {one.status for one in done.components} == {ComponentStatus.COMPLETED}
    assert [file.name for file in at_work.jobs.artifacts(job.id, OWNER)] == ["result.json"]
    assert at_work.story(job)[-1].type == EventType.COMPLETE
    assert "loaded a" in [event.data["message"] for event in at_work.logs.of(job.id, OWNER)]
    assert_ended_once(at_work, job)


def test_a_failed_component_leaves_the_others_results(at_work: Bench) -> None:
    job = at_work.submit(step("good"), step("bad", fail_at=0))
    done = at_work.wait(job, *TERMINAL)
    assert (done.status, done.error_code) == (JobStatus.COMPLETED, "PARTIAL_SUCCESS")
    assert "bad (it broke)" in str(done.error_message)
    retried = at_work.jobs.retry(job.id, OWNER, only_failed=True)
    assert [one.component for one in retried.components] == ["bad"]
    at_work.wait(retried, *TERMINAL)  # the next test must not meet its process


def test_a_job_of_which_every_component_fails_has_failed(at_work: Bench) -> None:
    failed = at_work.wait(at_work.submit(step("bad", fail_at=0)), *TERMINAL)
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, "COMPONENT_FAILED")
    assert not (at_work.jobs.folder(failed.id)).exists()


def test_a_stage_that_always_dies_is_given_up_and_the_other_stage_kept(at_work: Bench) -> None:
    job = at_work.submit(step("deadly", chunks=3, kill_self_at=1), step("calm", "audio"))
    done = at_work.wait(job, *TERMINAL)
    assert done.status == JobStatus.COMPLETED
    assert [one.error_code for one in done.components] == ["COMPONENT_CRASHED", None]
    assert "crashed 3 times" in str(done.error_message)


@pytest.mark.parametrize(
    "where", [{"load_s": 60}, {"chunks": 1000, "chunk_s": 0.05}, {"chunk_s": 60}, {"export_s": 60}]
)
def test_cancel_stops_a_job_wherever_it_is(at_work: Bench, where: dict[str, float]) -> None:
    job = at_work.submit(step("a", **where))
    until(lambda: bool(processes(at_work.data_dir, "child.py")), 120)
    if "export_s" in where:
        until(lambda: at_work.jobs.get(job.id, OWNER).stage == "export", 120)
    at_work.jobs.cancel(job.id, OWNER, "enough")
    at_work.wait(job, JobStatus.CANCELLED)
    assert not processes(at_work.data_dir, "child.py")
    assert not at_work.jobs.folder(job.id).exists()
    assert_ended_once(at_work, job)


def test_cancelling_a_job_that_is_about_to_end_ends_it_once(at_work: Bench) -> None:
    at_work.wait(at_work.submit(step("a")), JobStatus.COMPLETED)
    chance = random.Random(5)
    for _ in range(25):  # on each of two kinds of database
        job = at_work.submit(step("a"))
        time.sleep(chance.uniform(0.2, 0.9))
        with contextlib.suppress(JobAlreadyEnded):
            at_work.jobs.cancel(job.id, OWNER)
        ended = at_work.wait(job, JobStatus.COMPLETED, JobStatus.CANCELLED)
        assert_ended_once(at_work, job)
        assert at_work.jobs.folder(job.id).exists() == (ended.status == JobStatus.COMPLETED)
