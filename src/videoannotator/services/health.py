"""How the server is: sampled in the background every few seconds, so that asking costs nothing."""

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from videoannotator.domain.errors import VideoAnnotatorError
from videoannotator.domain.jobs import JobStatus
from videoannotator.services.background import Round
from videoannotator.services.jobs import Jobs

INTERVAL_S = 2.0
FULL_PERCENT = 95


@dataclass(frozen=True, slots=True)
class Machine:
    """What does not change while the server runs."""

    version: str
    api_version: str
    auth_required: bool
    media_library: str | None  # version of the library that decodes, where clients expect ffmpeg's
    pipelines: tuple[str, ...]
    n_gpus: int = 0


@dataclass(frozen=True, slots=True)
class WorkerLoad:
    """How many jobs can run at once, on all machines, and how many of those workers are alive."""

    n_workers: int
    n_alive: int


class Health:
    """The last sample, and the thread that takes it."""

    def __init__(
        self,
        machine: Machine,
        jobs: Jobs,
        data_dir: Path,
        workers: Callable[[], WorkerLoad],  # may raise ServiceUnavailable
    ) -> None:
        self._machine = machine
        self._jobs = jobs
        self._data_dir = data_dir
        self._workers = workers
        self._load = WorkerLoad(0, 0)
        self._started = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="health", daemon=True)
        self.stopping = False
        self._sample = self._build("starting", {}, "not looked at yet", 0.0)

    def start(self) -> None:
        """Take the first sample and go on in the background."""
        self.refresh()
        self._thread.start()

    def stop(self) -> None:
        """Take no more samples; not ready from now on."""
        self.stopping = True
        self._stop.set()

    @property
    def sample(self) -> dict[str, Any]:
        """The last sample, in all the fields that clients read."""
        return self._sample

    def unready(self) -> list[str]:
        """Why new work should not be sent here; empty when it may."""
        reasons = [] if not self.stopping else ["The server is stopping."]
        diagnostics = self._sample["diagnostics"]
        reasons += [
            diagnostics[name].get("message", f"{name} is not healthy")
            for name in ("database", "storage")
            if diagnostics[name]["status"] != "healthy"
        ]
        if self._sample["workers"]["status"] == "stopped":
            reasons.append("No worker is running.")
        return reasons

    def refresh(self) -> None:
        """Take a sample now."""
        counts: dict[JobStatus, int] = {}
        trouble = ""
        try:
            counts = self._jobs.count(None)
            self._load = self._workers()
        except VideoAnnotatorError as error:
            trouble = str(error)
        used = self._disk_percent()
        status = "healthy" if not trouble and used < FULL_PERCENT else "degraded"
        self._sample = self._build(status, counts, trouble, used)

    def _run(self) -> None:
        while not self._stop.wait(INTERVAL_S):
            with Round("health"):
                self.refresh()

    def _disk_percent(self) -> float:
        try:
            usage = shutil.disk_usage(self._data_dir)
        except OSError:
            return 100.0
        return round(100 * (usage.total - usage.free) / usage.total, 1)

    def _build(
        self, status: str, counts: dict[JobStatus, int], trouble: str, used_percent: float
    ) -> dict[str, Any]:
        machine, load = self._machine, self._load
        active = counts.get(JobStatus.RUNNING, 0) + counts.get(JobStatus.CANCELLING, 0)
        queued = counts.get(JobStatus.PENDING, 0)
        database = {"status": "unhealthy", "message": trouble} if trouble else {"status": "healthy"}
        full = used_percent >= FULL_PERCENT
        storage = {
            "status": "degraded" if full else "healthy",
            "disk_usage_percent": used_percent,
            **({"message": "The disk is nearly full."} if full else {}),
        }
        media = machine.media_library
        return {
            "status": status,
            "version": machine.version,
            "api_version": machine.api_version,
            "videoannotator_version": machine.version,
            "message": trouble or "The server is running.",
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "uptime_seconds": int(time.monotonic() - self._started),
            "gpu_status": {"available": machine.n_gpus > 0},
            "gpu": {"available": machine.n_gpus > 0, "device_count": machine.n_gpus},
            "worker_info": {
                "worker_status": _word(active, queued, load),
                "active_jobs": active,
                "queued_jobs": queued,
                "max_concurrent_jobs": load.n_workers,
            },
            "workers": {
                "status": "running" if load.n_alive else "stopped",
                "active_jobs": active,
                "queued_jobs": queued,
                "max_concurrent_workers": load.n_workers,
            },
            "diagnostics": {
                "database": database,
                "storage": storage,
                "ffmpeg": {"available": media is not None, **({"version": media} if media else {})},
            },
            "database": {"message": "ok", **database},
            "pipelines": {"total": len(machine.pipelines), "names": list(machine.pipelines)},
            "services": {
                "database": database["status"],
                "job_queue": "healthy" if load.n_alive else "degraded",
                "pipelines": "healthy",
            },
            "security": {"auth_required": machine.auth_required},
        }


def _word(active: int, queued: int, load: WorkerLoad) -> str:
    if active == 0 and queued == 0:
        return "idle"
    return "overloaded" if queued > 10 * max(1, load.n_workers) else "busy"
