"""A worker process whose stages run in ``child.py``; a stand-in for the product's own entry."""

import ctypes
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from videoannotator.domain.plan import RunRequest
from videoannotator.domain.report import REPORT, Report, Stage
from videoannotator.worker.process import serve
from videoannotator.worker.settings import WorkerSettings


class Process:
    def __init__(self, run_dir: Path, stage: Stage, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [*command, str(run_dir), "--stage", stage],
            stdout=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL),
        )

    @property
    def exit_code(self) -> int | None:
        return self._process.returncode

    def reports(self) -> Iterator[Report]:
        for line in self._process.stdout:
            yield REPORT.validate_json(line)
        self._process.wait()

    def stop(self) -> None:
        try:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(0.3)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


if __name__ == "__main__":
    serve(WorkerSettings.from_environment(), Process, lambda run: RunRequest(run=run, weights_dir=Path()))
