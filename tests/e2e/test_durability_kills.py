"""Jobs on servers of their own, whose workers are killed and which others take over.

``VIDEOANNOTATOR_TEST_KILLS`` is how often the workers of one test are killed at random moments.
"""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.bench import OWNER, Bench, assert_ended_once, bench, kill, kill_tree, processes, step, until

from videoannotator.domain.jobs import TERMINAL, Job, JobStatus

N_KILLS = int(os.environ.get("VIDEOANNOTATOR_TEST_KILLS", "5"))


@pytest.fixture
def here(database_url: str, tmp_path: Path) -> Iterator[Bench]:
    yield from bench(database_url, tmp_path)


def results(here: Bench, job: Job) -> str:
    return (here.jobs.folder(job.id) / "out" / "result.json").read_text()


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


def test_a_cancelled_jobs_files_go_although_its_worker_died(here: Bench) -> None:
    server = here.serve()
    job = here.submit(step("a", chunks=1000, chunk_s=0.05))
    until(lambda: len(here.work(job)) > 3, 120)
    kill_tree(server)
    here.jobs.cancel(job.id, OWNER)
    here.serve()
    here.wait(job, JobStatus.CANCELLED)
    until(lambda: not here.jobs.folder(job.id).exists(), 30)
    assert_ended_once(here, job)


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
    until(lambda: not processes(here.data_dir, "worker.py"), 30)
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
        until(lambda: not processes(here.data_dir, "child.py"), 30)
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
    jobs = [here.submit(*plan) for _ in range(3)]
    chance = random.Random(3)
    for _ in range(N_KILLS):
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
