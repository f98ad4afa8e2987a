"""A worker process whose stages run in ``child.py``; a stand-in for the product's own entry."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from videoannotator.domain.errors import ComponentCrashed
from videoannotator.domain.plan import RunRequest
from videoannotator.domain.report import REPORT, Report, Stage, StageEnd
from videoannotator.worker.process import serve
from videoannotator.worker.settings import WorkerSettings

CHILD = Path(__file__).with_name("child.py")


class Child(contextlib.AbstractContextManager["Child"]):
    def __init__(self, run_dir: Path, stage: Stage) -> None:
        self._stopped = False
        self._process = subprocess.Popen(
            [sys.executable, str(CHILD), str(run_dir), "--stage", stage],
            stdout=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL),
        )

    def reports(self) -> Iterator[Report]:
        report = None
        for line in self._process.stdout:
            report = REPORT.validate_json(line)
            yield report
        code = self._process.wait()
        if not self._stopped and not isinstance(report, StageEnd):
            raise ComponentCrashed(f"The process died with {code}")

    def stop(self) -> None:
        self._stopped = True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def __exit__(self, *_: object) -> None:
        self._process.wait()
        self._process.stdout.close()


if __name__ == "__main__":
    serve(WorkerSettings.from_environment(), Child, lambda run: RunRequest(run=run, weights_dir=Path()))
