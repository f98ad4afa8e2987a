"""``videoannotator serve`` with real workers and real children, to be watched, killed and started again."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.e2e.bench import kill, processes

from videoannotator.client import CannotConnect, Client, Job, Refused

PATIENCE_S = 600


class Server:
    """``videoannotator serve`` in a process of its own, killed and started again."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.data_dir = data_dir
        self._environment = {**os.environ, **environment}
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "videoannotator.cli.main", "serve", "--workers", "2"]
        command += ["--data-dir", str(self.data_dir), "--port", str(self.port)]
        log = self.data_dir.with_suffix(".log").open("ab")
        self.process = subprocess.Popen(command, stdout=log, stderr=log, env=self._environment)
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

    def children(self) -> list[int]:
        """The processes at work for this server's jobs, wherever their parents are by now."""
        return processes(self.data_dir, "videoannotator.cli.child")

    def kill(self, what: str) -> None:
        """SIGKILL the workers, the process that answers, or both; the latter two come back by our hand."""
        victims = self.workers() if what in ("worker", "both") else []
        kill([*victims, *([self.process.pid] if what in ("api", "both") else [])])
        if what != "worker":
            self.process.wait()
            self.start()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


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
