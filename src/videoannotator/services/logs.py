"""The lines that a job's run has logged."""

from videoannotator.db import events as rows
from videoannotator.db import job_lists
from videoannotator.db.database import Database
from videoannotator.domain.jobs import Event, EventType, LogLevel

_LEVELS: tuple[LogLevel, ...] = ("debug", "info", "warning", "error")


class Logs:
    """Reads logs, which are kept as ``job.log`` events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(
        self, job_id: str, owner: str | None, *, level: LogLevel = "debug", after: int = 0, limit: int = 1000
    ) -> tuple[Event, ...]:
        """The lines of at least this level whose ``job_seq`` is greater than ``after``, oldest first.

        Raises JobNotFound.
        """
        wanted = _LEVELS[_LEVELS.index(level) :]
        with self._database.read() as connection:
            job_lists.get(connection, job_id, owner)
            return rows.of_job(
                connection, job_id, after=after, types=(EventType.LOG,), limit=limit, levels=wanted
            )
