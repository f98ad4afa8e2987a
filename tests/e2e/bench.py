"""A database, a data directory and server processes to be killed."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from videoannotator.db import videos
from videoannotator.db.database import Database
from videoannotator.db.migrate import prepare
from videoannotator.domain.jobs import ENDINGS, Job, JobStatus, StoredVideo, Submission
from videoannotator.domain.media import Video
from videoannotator.domain.plan import Plan, Step
from videoannotator.plugin.devices import may_use_gpu
from videoannotator.services.events import Events
from videoannotator.services.jobs import Jobs
from videoannotator.services.logs import Logs
from videoannotator.worker import queue
from videoannotator.worker.settings import WorkerSettings

OWNER = "alice"
HERE = Path(__file__).parent


class Bench:
    def __init__(self, url: str, data_dir: Path, **settings: Any) -> None:
        self.data_dir = data_dir
        self.database = Database(url)
        prepare(self.database)
        queue.prepare(url)
        self.jobs = Jobs(
            self.database, queue.DurableQueue(self.database), data_dir,
            queue_of=lambda plan: "gpu" if may_use_gpu(plan, "cpu") else "cpu",
        )  # fmt: skip
        self.events, self.logs = Events(self.database), Logs(self.database)
        self.settings = WorkerSettings(
            database_url=url,
            data_dir=data_dir,
            executor="test",
            **settings,
        )
        self._servers: list[subprocess.Popen[bytes]] = []
        media = Video(id="00", path=data_dir / "v", name="v.mp4", size_bytes=1, duration_s=1.0)
        media.path.touch()
        video = StoredVideo(
            id="video",
            owner=OWNER,
            filename="v.mp4",
            blob_sha256="00",
            media=media,
            created_at=datetime.now(UTC),
        )
        with self.database.write() as connection:
            videos.add(connection, video)

    def serve(self, n_workers: int = 1, **settings: Any) -> subprocess.Popen[bytes]:
        wanted = self.settings.model_copy(update=settings).model_dump_json()
        command = [sys.executable, str(HERE / "server.py"), str(n_workers), wanted]
        server = subprocess.Popen(command, start_new_session=True)
        self._servers.append(server)
        return server

    def submit(self, *steps: Step, **more: Any) -> Job:
        return self.jobs.submit(Submission(owner=OWNER, video_id="video", plan=Plan(steps=steps), **more))

    def status(self, job: Job) -> JobStatus:
        return self.jobs.get(job.id, OWNER).status

    def wait(self, job: Job, *statuses: JobStatus, timeout_s: float = 120) -> Job:
        until(lambda: self.status(job) in statuses, timeout_s, lambda: self.jobs.get(job.id, OWNER))
        return self.jobs.get(job.id, OWNER)

    def story(self, job: Job) -> list[Any]:
        return list(self.events.after(0, job_id=job.id, limit=10_000))

    def work(self, job: Job) -> list[str]:
        path = self.jobs.folder(job.id) / "work.log"
        return path.read_text().splitlines() if path.exists() else []

    def close(self) -> None:
        for server in self._servers:
            if server.poll() is None:
                server.terminate()
                try:
                    server.wait(12)
                except subprocess.TimeoutExpired:
                    server.kill()
        self.database.close()


def assert_ended_once(here: Bench, job: Job) -> None:
    story = here.story(job)
    assert [event.job_seq for event in story] == list(range(1, len(story) + 1))
    assert [event.type for event in story if event.type in ENDINGS] == [story[-1].type]


def step(component: str, passes: str = "visual", **parameters: Any) -> Step:
    return Step(pipeline="test", component=component, version="1", passes=passes, parameters=parameters)


def until(condition: Callable[[], bool], timeout_s: float, tell: Callable[[], Any] = str) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout_s} s in vain: {tell()}"
        time.sleep(0.02)


def processes(data_dir: Path, script: str) -> list[int]:
    """The processes that run a script or module for one data directory."""
    entries = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [int(entry.name) for entry in entries if _mentions(entry, script, data_dir)]


def _mentions(entry: Path, script: str, data_dir: Path) -> bool:
    try:
        command = (entry / "cmdline").read_text()
        if not any(word == script or word.endswith(f"/{script}") for word in command.split("\0")):
            return False
        return str(data_dir) in command + (entry / "environ").read_text()
    except OSError:
        return False


def kill_tree(server: subprocess.Popen[bytes]) -> None:
    """Kill a server and its workers at the same moment, as a power cut does."""
    children = Path(f"/proc/{server.pid}/task").glob("*/children")
    kill([server.pid, *(int(pid) for path in children for pid in path.read_text().split())])


def kill(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def bench(url: str, data_dir: Path, **settings: Any) -> Iterator[Bench]:
    made = Bench(url, data_dir, **settings)
    yield made
    made.close()
