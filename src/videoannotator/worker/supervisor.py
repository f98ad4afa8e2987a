"""Starts the worker processes of a server and starts them again when they die."""

import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import structlog

from videoannotator.worker.settings import WorkerSettings

_POLL_S = 0.1
_FIRST_DELAY_S = 0.2
_LONGEST_DELAY_S = 2.0
_STEADY_S = 5.0  # a worker that lived this long starts again without delay
_GRACE_S = 5.0

_log = structlog.get_logger(__name__)


class Supervisor:
    """Keeps one process per settings alive. The processes notice by themselves when this one dies.

    ``command`` starts a worker, which finds its settings in the environment, together with ``variables``.
    """

    def __init__(
        self,
        command: Sequence[str],
        workers: Sequence[WorkerSettings],
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._workers = [
            _Worker(command, {**one.environment(), **variables}, one.executor) for one in workers
        ]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="supervisor", daemon=True)

    @property
    def n_workers(self) -> int:
        """How many processes there should be."""
        return len(self._workers)

    def start(self) -> None:
        """Start the workers; returns at once."""
        self._thread.start()

    def pids(self) -> dict[str, int]:
        """The process of each worker that is alive, by executor."""
        return {one.executor: one.process.pid for one in self._workers if one.process and one.is_alive()}

    def stop(self) -> None:
        """Ask the workers to leave their jobs resumable and end; kill what has not ended in five seconds."""
        self._over.set()
        self._thread.join()
        for worker in self._workers:
            worker.terminate()
        deadline = time.monotonic() + _GRACE_S
        for worker in self._workers:
            worker.wait(deadline - time.monotonic())

    def _keep(self) -> None:
        while not self._over.is_set():
            for worker in self._workers:
                worker.tend(time.monotonic())
            self._over.wait(_POLL_S)


class _Worker:
    """One worker's process and the delay before its next start."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], executor: str) -> None:
        self.executor = executor
        self.process: subprocess.Popen[bytes] | None = None
        self._command = command
        self._environment = environment
        self._started_s = 0.0
        self._due_s: float | None = 0.0  # None while it runs
        self._delay_s = _FIRST_DELAY_S

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def tend(self, now_s: float) -> None:
        """Start the process when it is due; note when it has died."""
        if self._due_s is not None:
            if now_s >= self._due_s:
                self._start(now_s)
        elif not self.is_alive():
            code = self.process.returncode if self.process else None
            self._put_off(now_s, steady=now_s - self._started_s >= _STEADY_S)
            _log.warning("worker.died", executor=self.executor, exit_code=code, delay_s=self._delay_s)

    def _start(self, now_s: float) -> None:
        try:
            self.process = subprocess.Popen(self._command, env=self._environment, stdin=subprocess.DEVNULL)
        except OSError as error:  # the machine has no memory or no process left for it
            self._put_off(now_s, steady=False)
            _log.error("worker.not_started", executor=self.executor, error=str(error), delay_s=self._delay_s)
        else:
            self._started_s, self._due_s = now_s, None

    def _put_off(self, now_s: float, *, steady: bool) -> None:
        self._delay_s = _FIRST_DELAY_S if steady else min(2 * self._delay_s, _LONGEST_DELAY_S)
        self._due_s = now_s + self._delay_s

    def terminate(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.is_alive():
            self.process.terminate()

    def wait(self, timeout_s: float) -> None:
        """Wait for its end, and make one when it does not come."""
        if self.process is None:
            return
        try:
            self.process.wait(max(timeout_s, 0))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
