"""Jobs in real worker processes, which are killed, cancelled and taken over."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.bench import OWNER, Bench, bench, kill, kill_tree, processes, step, until

from videoannotator.domain.errors import JobAlreadyEnded
from videoannotator.domain.jobs import ENDINGS, TERMINAL, EventType, Job, JobStatus
from videoannotator.domain.report import ComponentStatus


@pytest.fixture
def here(database_url: str, tmp_path: Path) -> Iterator[Bench]:
    yield from bench(database_url, tmp_path)


def results(here: Bench, job: Job) -> str:
    return (here.jobs.folder(job.id) / "out" / "result.json").read_text()


def assert_ended_once(here: Bench, job: Job) -> None:
    story = here.story(job)
    assert [event.job_seq for event in story] == list(range(1, len(story) + 1))
    assert [event.type for event in story if event.type in ENDINGS] == [story[-1].type]


def test_a_job_runs_to_completion_and_its_story_is_told(here: Bench) -> None:
    here.serve()
    job = here.submit(step("a", chunks=3), step("b", "audio", chunks=2))
    done = here.wait(job, JobStatus.COMPLETED)
    assert (done.progress, done.error_message) == (100.0, None)
    assert {one.status for one in done.components} == {ComponentStatus.COMPLETED}
    assert [file.name for file in here.jobs.artifacts(job.id, OWNER)] == ["result.json"]
    assert here.story(job)[-1].type == EventType.COMPLETE
    assert "loaded a" in [event.data["message"] for event in here.logs.of(job.id, OWNER)]
    assert_ended_once(here, job)


def test_a_failed_component_leaves_the_others_results(here: Bench) -> None:
    here.serve()
    job = here.submit(step("good"), step("bad", fail_at=0))
    done = here.wait(job, *TERMINAL)
    assert (done.status, done.error_code) == (JobStatus.COMPLETED, "PARTIAL_SUCCESS")
    assert "bad (it broke)" in str(done.error_message)
    retried = here.jobs.retry(job.id, OWNER, only_failed=True)
    assert [one.component for one in retried.components] == ["bad"]


def test_a_job_of_which_every_component_fails_has_failed(here: Bench) -> None:
    here.serve()
    failed = here.wait(here.submit(step("bad", fail_at=0)), *TERMINAL)
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, "COMPONENT_FAILED")
    assert not (here.jobs.folder(failed.id)).exists()


def test_a_stage_that_always_dies_is_given_up_and_the_other_stage_kept(here: Bench) -> None:
    here.serve()
    job = here.submit(step("deadly", chunks=3, kill_self_at=1), step("calm", "audio"))
    done = here.wait(job, *TERMINAL)
    assert done.status == JobStatus.COMPLETED
    assert [one.error_code for one in done.components] == ["COMPONENT_CRASHED", None]
    assert "crashed 3 times" in str(done.error_message)


def test_jobs_of_higher_priority_go_first(here: Bench) -> None:
    jobs = [here.submit(step("a"), priority=priority) for priority in (0, -5, 7)]
    here.serve()
    ended = [here.wait(job, JobStatus.COMPLETED).completed_at for job in jobs]
    assert sorted(range(3), key=lambda number: str(ended[number])) == [2, 0, 1]


def test_jobs_for_a_gpu_wait_for_a_worker_that_has_one(here: Bench) -> None:
    here.serve(executor="processor")
    jobs = [here.submit(step("a", device=device)) for device in ("cuda:0", "cpu")]
    here.wait(jobs[1], JobStatus.COMPLETED)
    assert here.status(jobs[0]) == JobStatus.PENDING
    here.serve(executor="gpu", queues=("gpu",))
    here.wait(jobs[0], JobStatus.COMPLETED)


@pytest.mark.parametrize(
    "where", [{"load_s": 60}, {"chunks": 1000, "chunk_s": 0.05}, {"chunk_s": 60}, {"export_s": 60}]
)
def test_cancel_stops_a_job_wherever_it_is(here: Bench, where: dict[str, float]) -> None:
    here.serve()
    job = here.submit(step("a", **where))
    until(lambda: bool(processes(here.data_dir, "child.py")), 120)
    if "export_s" in where:
        until(lambda: here.jobs.get(job.id, OWNER).stage == "export", 120)
    here.jobs.cancel(job.id, OWNER, "enough")
    here.wait(job, JobStatus.CANCELLED)
    assert not processes(here.data_dir, "child.py")
    assert not here.jobs.folder(job.id).exists()
    assert_ended_once(here, job)


def test_a_cancelled_jobs_files_go_although_its_worker_died(here: Bench) -> None:
    server = here.serve()
    job = here.submit(step("a", chunks=1000, chunk_s=0.05))
    until(lambda: len(here.work(job)) > 3, 120)
    kill_tree(server)
    here.jobs.cancel(job.id, OWNER)
    here.serve()
    here.wait(job, JobStatus.CANCELLED)
    until(lambda: not here.jobs.folder(job.id).exists(), 5)
    assert_ended_once(here, job)


def test_cancelling_a_job_that_is_about_to_end_ends_it_once(here: Bench) -> None:
    here.serve()
    here.wait(here.submit(step("a")), JobStatus.COMPLETED)
    chance = random.Random(5)
    for _ in range(50):
        job = here.submit(step("a"))
        time.sleep(chance.uniform(0.2, 0.9))
        with contextlib.suppress(JobAlreadyEnded):
            here.jobs.cancel(job.id, OWNER)
        ended = here.wait(job, JobStatus.COMPLETED, JobStatus.CANCELLED)
        assert_ended_once(here, job)
        assert here.jobs.folder(job.id).exists() == (ended.status == JobStatus.COMPLETED)


def test_a_killed_worker_goes_on_from_the_last_checkpoint(here: Bench) -> None:
    here.serve()
    job = here.submit(step("a", chunks=30, chunk_s=0.05), step("b", "audio", chunks=30, chunk_s=0.05))
    until(lambda: len(here.work(job)) > 40, 120)
    kill(processes(here.data_dir, "worker.py"))
    here.wait(job, JobStatus.COMPLETED)
    work = here.work(job)
    assert work[:30] == [f"a {number}" for number in range(30)]  # the first stage was not done again
    assert len(work) - len(set(work)) <= 1  # at most the chunk that was under way
    assert_ended_once(here, job)


def test_workers_end_with_their_supervisor_and_the_next_one_goes_on(here: Bench) -> None:
    server = here.serve()
    job = here.submit(step("a", chunks=100, chunk_s=0.05))
    until(lambda: len(here.work(job)) > 5, 120)
    os.kill(server.pid, signal.SIGKILL)
    until(lambda: not processes(here.data_dir, "worker.py"), 5)
    assert not processes(here.data_dir, "child.py")
    assert here.status(job) == JobStatus.RUNNING
    here.serve()
    here.wait(job, JobStatus.COMPLETED)
    work = here.work(job)
    assert len(work) - len(set(work)) <= 1


def test_a_worker_ends_although_its_supervisor_died_before_it_was_ready(here: Bench) -> None:
    server = here.serve()
    until(lambda: bool(processes(here.data_dir, "worker.py")), 120)
    os.kill(server.pid, signal.SIGKILL)
    until(lambda: not processes(here.data_dir, "worker.py"), 20)


def test_a_stopped_server_leaves_its_jobs_resumable_and_counts_no_crash(here: Bench) -> None:
    server = here.serve()
    job = here.submit(step("a", chunks=60, chunk_s=0.05))
    until(lambda: len(here.work(job)) > 5, 120)
    server.terminate()
    server.wait(12)
    assert not processes(here.data_dir, "child.py")
    assert here.status(job) == JobStatus.RUNNING
    here.serve()
    assert here.wait(job, JobStatus.COMPLETED).n_crashes == 0


def test_a_job_that_kills_the_worker_itself_is_given_up(here: Bench) -> None:
    here.serve(max_crashes=2)
    job = here.submit(step("a", load_s=600))
    for _ in range(3):
        until(lambda: bool(processes(here.data_dir, "child.py")), 120)
        kill(processes(here.data_dir, "worker.py"))
        until(lambda: not processes(here.data_dir, "child.py"), 10)
    failed = here.wait(job, *TERMINAL)
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, "JOB_CRASHED")
    assert "crashed the worker 3 times" in str(failed.error_message)


def test_another_hosts_worker_takes_over_from_the_last_checkpoint(here: Bench) -> None:
    first = here.serve(executor="one", lease_s=2.0)
    job = here.submit(step("a", chunks=100, chunk_s=0.05))
    until(lambda: len(here.work(job)) > 5, 120)
    here.serve(executor="two", lease_s=2.0)
    kill_tree(first)
    here.wait(job, JobStatus.COMPLETED)
    work = here.work(job)
    assert len(work) - len(set(work)) <= 1
    assert_ended_once(here, job)


@pytest.mark.timeout(600)
def test_killing_at_random_moments_changes_no_result(here: Bench) -> None:
    plan = (step("a", chunks=12, chunk_s=0.05), step("b", "audio", chunks=12, chunk_s=0.05))
    server = here.serve(2)
    undisturbed = here.submit(*plan)
    here.wait(undisturbed, JobStatus.COMPLETED)
    jobs = [here.submit(*plan) for _ in range(5)]
    chance = random.Random(3)
    for _ in range(8):
        time.sleep(chance.uniform(0.1, 2.5))
        if chance.random() < 0.4:
            kill([server.pid])
            server = here.serve(2)
        else:
            kill(processes(here.data_dir, "worker.py")[:1])
    for job in jobs:
        here.wait(job, JobStatus.COMPLETED, timeout_s=120)
        assert results(here, job) == results(here, undisturbed)
        assert_ended_once(here, job)
