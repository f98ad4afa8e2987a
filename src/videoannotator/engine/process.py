"""A stage at work in a process of its own: started, listened to, stopped, and explained when it dies."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType

from videoannotator.domain.errors import ComponentCrashed
from videoannotator.domain.report import REPORT, Report, Stage, StageEnd
from videoannotator.files import atomic

REQUEST, OUT = "request.json", "out"  # in the folder of a run
GRACE_S = 0.3  # between TERM and KILL: everything on disk is written whole, so there is little to tidy
_TAIL_LINES = 5


class StageProcess:
    """``python -m videoannotator.cli.child RUN_DIR --stage STAGE``, as a context manager.

    The child ends with this process and, on Linux, with the *thread* that started it: start it from the
    thread that reads its reports. Its own words (and those of native libraries) go to
    ``RUN_DIR/log/STAGE.log``.
    """

    def __init__(self, run_dir: Path, stage: Stage, env: Mapping[str, str] | None = None) -> None:
        self._stage = stage
        self._stopped = False
        self.log = run_dir / "log" / f"{stage}.log"
        atomic.make_dir(self.log.parent)
        command = [sys.executable, "-m", "videoannotator.cli.child"]
        command += ["--stage", stage, "--parent", str(os.getpid()), "--", str(run_dir)]
        with self.log.open("ab") as log:
            self._log_begins = log.tell()
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # a group of its own, which is signalled as one
                env=None if env is None else {**os.environ, **env},
            )

    @property
    def pid(self) -> int:
        """The child's process id, which is its group's as well."""
        return self._process.pid

    def reports(self) -> Iterator[Report]:
        """Everything the stage tells, until it has ended; after ``stop`` it just ends.

        Raises ComponentCrashed when the process died before it could say how the stage ended.
        """
        ended = False
        assert self._process.stdout is not None
        for line in self._process.stdout:
            report = REPORT.validate_json(line)
            ended = ended or isinstance(report, StageEnd)
            yield report
        code = self._process.wait()
        if not ended and not self._stopped:
            message = f"The process of the {self._stage} stage died: {_cause(code)}\n{self._last_words()}"
            raise ComponentCrashed(message.strip(), hint=f"Its log is {self.log}.")

    def stop(self) -> None:
        """TERM to the whole group, KILL after ``GRACE_S``; safe to call at any time, from any thread."""
        self._stopped = True
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait()

    def __enter__(self) -> "StageProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _signal(self, number: int) -> None:
        # A child that was waited for has given its number back: another process may have it by now.
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _last_words(self) -> str:
        """The end of what this process logged, up to Python's word for the signal where it had one."""
        with self.log.open("rb") as log:
            log.seek(self._log_begins)
            lines = log.read().decode(errors="replace").splitlines()
        fatal = (place for place, line in enumerate(lines) if line.startswith("Fatal Python error"))
        end = next(fatal, len(lines)) + 1
        return "\n".join(lines[max(0, end - 1 - _TAIL_LINES) : end])


def _cause(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name
    return f"{name}, perhaps for lack of memory" if -code == signal.SIGKILL else name
