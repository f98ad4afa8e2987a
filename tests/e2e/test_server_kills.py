"""The whole server, killed at random moments while jobs run: nothing is lost, done twice or changed.

``VIDEOANNOTATOR_TEST_KILLS`` sets how often; ``VIDEOANNOTATOR_TEST_VIDEO`` names a video that is annotated
with every default component, instead of a synthetic clip with the light ones.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from videoannotator.client import CannotConnect, Client, Job, Refused

N_KILLS = int(os.environ.get("VIDEOANNOTATOR_TEST_KILLS", "4"))
VIDEO = os.environ.get("VIDEOANNOTATOR_TEST_VIDEO")
N_JOBS = 5
LIGHT = ["shot_detection", "voice_prosody"]
PATIENCE_S = 600
ENDINGS = {"job.complete", "job.error", "job.cancelled"}


class Server:
    """``videoannotator serve`` in a process of its own, killed and started again."""

    def __init__(self, data_dir: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.data_dir = data_dir
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "videoannotator.cli.main", "serve", "--workers", "2"]
        command += ["--data-dir", str(self.data_dir), "--port", str(self.port)]
        log = self.data_dir.with_suffix(".log").open("ab")
        self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE_S
        while not self.answers():
            assert self.process.poll() is None, self.data_dir.with_suffix(".log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def answers(self) -> bool:
        try:
            with Client(f"http://127.0.0.1:{self.port}") as client:
                client.health()
        except CannotConnect:
            return False
        return True

    def client(self) -> Client:
        token = (self.data_dir / "token").read_text().strip()
        return Client(f"http://127.0.0.1:{self.port}", token, timeout_s=60)

    def workers(self) -> list[int]:
        found = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in found.stdout.split()]

    def kill(self, what: str) -> None:
        """SIGKILL the workers, the process that answers, or both; the latter two come back by our hand."""
        victims = self.workers() if what in ("worker", "both") else []
        victims += [self.process.pid] if what in ("api", "both") else []
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if what != "worker":
            self.process.wait()
            self.start()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture
def server(each_database: None, tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data")
    yield server
    server.stop()


@pytest.mark.timeout(3600)
def test_killing_at_random_moments_loses_and_changes_nothing(
    server: Server, make_clip: Callable[..., Path]
) -> None:
    video = Path(VIDEO) if VIDEO else make_clip("clip.mp4", n_frames=600)
    pipelines = [] if VIDEO else LIGHT
    with server.client() as client:
        undisturbed = ended(client, client.submit(video, pipelines=pipelines).id)
        expected = results(client, undisturbed)
        jobs = [client.submit(video, pipelines=pipelines).id for _ in range(N_JOBS)]
    dice = random.Random(5)
    for _ in range(N_KILLS):
        time.sleep(dice.uniform(0.2, 3.0))
        server.kill(dice.choice(["worker", "api", "both"]))
    with server.client() as client:
        for job_id in jobs:
            assert ended(client, job_id).status == "completed"
            assert results(client, client.job(job_id)) == expected
            story = events(client, job_id)
            assert [one["job_seq"] for one in story] == list(range(1, len(story) + 1))
            assert sum(one["type"] in ENDINGS for one in story) == 1


def ended(client: Client, job_id: str) -> Job:
    deadline = time.monotonic() + PATIENCE_S
    while not (job := patiently(client, job_id)).is_over:
        assert time.monotonic() < deadline, f"still {job.status} at {job.progress} %"
        time.sleep(0.3)
    return job


def patiently(client: Client, job_id: str) -> Job:
    """A job, asked for again while the server is busy coming up."""
    for _ in range(20):
        try:
            return client.job(job_id)
        except (CannotConnect, Refused):
            time.sleep(0.5)
    return client.job(job_id)


def results(client: Client, job: Job) -> dict[str, str]:
    """Hashes of everything that came out, the record of times aside."""
    return {one.name: one.sha256 for one in client.artifacts(job.id) if one.name != "run.json"}


def events(client: Client, job_id: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    after = 0
    while True:
        page = client._json("GET", "/events", params={"job_id": job_id, "after": after, "limit": 1000})
        if not page["events"]:
            return found
        found += page["events"]
        after = page["next_after"]
