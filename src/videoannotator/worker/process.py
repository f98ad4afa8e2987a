"""A worker process: claims jobs, runs them, lives and dies with whoever started it."""

import fcntl
import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from dbos import DBOS

from videoannotator.db.database import Database
from videoannotator.domain.errors import ServiceUnavailable
from videoannotator.domain.plan import Run, RunRequest
from videoannotator.worker.lease import Lease, LeaseLost
from videoannotator.worker.prune import prune
from videoannotator.worker.queue import APPLICATION, APPLICATION_VERSION
from videoannotator.worker.reconcile import reconcile
from videoannotator.worker.runner import Runner, Start
from videoannotator.worker.settings import WorkerSettings
from videoannotator.worker.workflow import register

_POLL_S = 0.25
_TICKS_PER_LEASE = 5
_PRUNE_EVERY_S = 3600
_NAME_WAIT_S = 15.0
EXIT_NAME_TAKEN = 3
EXIT_LEASE_LOST = 75

_log = structlog.get_logger(__name__)


def serve(settings: WorkerSettings, start: Start, make_request: Callable[[Run], RunRequest]) -> None:
    """Work until SIGTERM, SIGINT or the parent's death; running jobs are left resumable.

    Ends the process itself: threads that wait for a child must not be waited for.
    """
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    with _own_name(settings):
        database = Database(settings.database_url)
        runner = Runner(settings, database, start, make_request)
        lease = Lease(database, settings)
        _launch(settings, runner, lease)
        threading.Thread(target=_keep, args=(database, lease, settings.lease_s), daemon=True).start()
        _log.info("worker.ready", executor=settings.executor, queues=settings.queues)
        while not over.wait(_POLL_S) and settings.parent_pid in (None, os.getppid()):
            pass
        runner.stop()
        _release(lease)
        os._exit(0)


def _launch(settings: WorkerSettings, runner: Runner, lease: Lease) -> None:
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": settings.database_url,
            "executor_id": settings.executor,
            "application_version": APPLICATION_VERSION,
            "log_level": "WARNING",
        }
    )
    register(runner)
    DBOS.listen_queues(list(settings.queues))
    lease.take()
    DBOS.launch()
    for queue in settings.queues:
        DBOS.register_queue(
            queue,
            worker_concurrency=settings.n_jobs,
            polling_interval_sec=_POLL_S,
            on_conflict="always_update",
        )


def _keep(database: Database, lease: Lease, lease_s: float) -> None:
    """Renew the lease and keep the house, for as long as the process lives."""
    tick_s = lease_s / _TICKS_PER_LEASE
    for number in itertools.count():
        try:
            if number % _TICKS_PER_LEASE == 0:
                for job_id in reconcile(database):
                    _log.warning("job.reconciled", job_id=job_id)
            if number % round(_PRUNE_EVERY_S / tick_s) == 0:
                prune()
            lease.tick()
        except LeaseLost:
            _log.error("worker.declared_dead")
            os._exit(EXIT_LEASE_LOST)
        except ServiceUnavailable:
            _log.warning("worker.database_away")
        time.sleep(tick_s)


def _release(lease: Lease) -> None:
    try:
        lease.release()
    except ServiceUnavailable:
        _log.warning("worker.lease_left", hint="the others take over when it runs out")


@contextmanager
def _own_name(settings: WorkerSettings) -> Iterator[None]:
    """Two living processes must never share an executor's name: each would recover the other's work.

    Waits for a predecessor that is still ending. Ends the process with ``EXIT_NAME_TAKEN`` when it stays.
    """
    path: Path = settings.data_dir / "locks" / f"{settings.executor}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        for _ in range(int(_NAME_WAIT_S / _POLL_S)):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_POLL_S)
        else:
            _log.error("worker.name_taken", executor=settings.executor)
            raise SystemExit(EXIT_NAME_TAKEN)
        yield
