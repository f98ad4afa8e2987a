"""A real server in a process of its own, with the moving-box component installed."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from tests.synthetic import patient

import videoannotator

PLUGIN = Path(__file__).with_name("plugin")
START_LIMIT_S = 60


@dataclass
class Server:
    """``url`` and ``start_link`` are what the server printed; ``key`` opens everything."""

    data_dir: Path
    port: int = 0
    plugin: Path = PLUGIN
    environment: dict[str, str] = field(default_factory=dict)
    url: str = ""
    start_link: str = ""

    def start(self) -> "Server":
        """Start, or start again on the same data and port."""
        path = os.pathsep.join((str(self.plugin), str(Path(videoannotator.__file__).parents[1])))
        self._log = self.data_dir.with_suffix(".log")
        command = [sys.executable, "-m", "videoannotator.cli.main", "serve", "--data-dir", str(self.data_dir)]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **self.environment},
            )
        self.start_link = self._printed(r"Open the page\s+(\S+)")
        self.url = self.start_link.partition("/?")[0]
        self.port = int(self.url.rpartition(":")[2])
        self._wait_until_alive()
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the server; its workers follow."""
        self._process.send_signal(how)
        self._process.wait(20)

    @property
    def key(self) -> str:
        return (self.data_dir / "token").read_text().strip()

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Ask the API as a program does; the JSON of the answer."""
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = httpx2.request(
            method, f"{self.url}/api/v1{path}", headers=headers, timeout=30, **options
        ).raise_for_status()
        return answer.json() if answer.content else None

    def submit(self, video: Path, pipeline: str = "box_finder", **config: Any) -> str:
        """Submit a video to the box finder, or to another pipeline; the id of the job."""
        chosen = {"moving_box": {"box_finder": config}} if config else {}
        fields = {"selected_pipelines": pipeline, "config": json.dumps(chosen)}
        with video.open("rb") as file:
            return str(self.call("POST", "/jobs", data=fields, files={"video": (video.name, file)})["id"])

    def wait(self, job_id: str, *states: str, limit_s: float = 120) -> dict[str, Any]:
        """The job once it is in one of the states."""
        until = time.monotonic() + limit_s
        while (job := self.call("GET", f"/jobs/{job_id}"))["status"] not in states:
            assert time.monotonic() < until, f"the job is still {job['status']}"
            time.sleep(0.1)
        return job

    def _printed(self, pattern: str) -> str:
        until = time.monotonic() + START_LIMIT_S
        while time.monotonic() < until and self._process.poll() is None:
            if found := re.search(pattern, self._log.read_text()):
                return found[1]
            time.sleep(0.1)
        raise AssertionError(f"the server did not start: {self._log.read_text()}")

    def _wait_until_alive(self) -> None:
        until = time.monotonic() + START_LIMIT_S
        while time.monotonic() < until:
            try:
                patient.get(f"{self.url}/health/live")
            except httpx2.TransportError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the server does not answer")
