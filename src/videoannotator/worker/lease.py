"""Which workers are alive, and who takes over the work of those that are not.

Every worker renews a row by the database's clock. A worker that finds its row gone was declared dead: others
have its work, so it must end at once. A worker that merely cannot reach the database keeps computing and
decides when it is back; after such an outage everybody gets a full lease of grace, or the first to return
would bury the others.
"""

import socket
import time
from collections.abc import Callable

import sqlalchemy as sa
from dbos import DBOS

from videoannotator.db.database import Database
from videoannotator.db.schema import workers
from videoannotator.domain.errors import ServiceUnavailable
from videoannotator.worker.settings import WorkerSettings


class LeaseLost(Exception):
    """The others believe this worker dead and have taken its work."""


class Lease:
    """This worker's row. Take it before the engine is launched: work without a lease is robbed at once."""

    def __init__(
        self, database: Database, settings: WorkerSettings, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._settings = settings
        self._elapsed = elapsed
        self._healthy_since = elapsed()
        self._now = _now(database)
        self._ours = workers.c.executor_id == settings.executor

    def take(self) -> None:
        """Announce this worker."""
        with self._database.write() as connection:
            connection.execute(sa.delete(workers).where(self._ours))
            connection.execute(
                sa.insert(workers).values(
                    executor_id=self._settings.executor,
                    host=socket.gethostname(),
                    queues=list(self._settings.queues),
                    beat_s=self._now,
                )
            )
        self._healthy_since = self._elapsed()

    def release(self) -> None:
        """This worker ends in good order: the others may take its work at once."""
        with self._database.write() as connection:
            connection.execute(sa.delete(workers).where(self._ours))

    def tick(self) -> None:
        """Renew the lease and take over what dead workers have left; call it a few times per lease.

        Raises LeaseLost.
        """
        try:
            with self._database.write() as connection:
                renewed = connection.execute(sa.update(workers).where(self._ours).values(beat_s=self._now))
        except ServiceUnavailable:
            self._healthy_since = self._elapsed()
            return
        if not renewed.rowcount:
            raise LeaseLost(self._settings.executor)
        if self._elapsed() - self._healthy_since >= self._settings.lease_s:
            self._reap()

    def _reap(self) -> None:
        # Bury first, then recover whatever has an owner without a lease: should this worker die in between,
        # the next one finds the same orphans; should two do it at once, the engine lets one of them succeed.
        with self._database.write() as connection:
            stale = workers.c.beat_s < self._now - self._settings.lease_s
            connection.execute(sa.delete(workers).where(stale))
            living = set(connection.scalars(sa.select(workers.c.executor_id)))
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        for executor in {workflow.executor_id for workflow in pending if workflow.executor_id} - living:
            recover(executor)


def workers_elsewhere(database: Database, silent_s: float = 10.0) -> int:
    """How many workers of other machines are alive; raises ServiceUnavailable."""
    alive = sa.select(sa.func.count()).where(
        workers.c.host != socket.gethostname(), workers.c.beat_s > _now(database) - silent_s
    )
    with database.read() as connection:
        return int(connection.scalar(alive) or 0)


def _now(database: Database) -> sa.ColumnElement[float]:
    """The database's own clock, in seconds since 1970."""
    seconds = (
        "((julianday('now') - 2440587.5) * 86400.0)"
        if database.is_sqlite
        else "extract(epoch from clock_timestamp())::float8"
    )
    return sa.literal_column(seconds, sa.Float)


def recover(executor: str) -> None:
    """Queue again what an executor had under way.

    The engine offers this only as a private call; its public ``resume_workflow`` forgets how often the work
    was tried. The dependency is pinned to the minor version, and a test says when the call goes away.
    """
    DBOS._recover_pending_workflows([executor])
