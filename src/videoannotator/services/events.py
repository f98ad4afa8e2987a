"""What happened to whom: the events that streams replay and histories list."""

from collections.abc import Collection

from videoannotator.db import events as rows
from videoannotator.db import job_lists
from videoannotator.db.database import Database
from videoannotator.domain.jobs import Event, EventType, Job
from videoannotator.services.memo import Memo


class Events:
    """Read access to the log of events. ``owner`` None stands for somebody who may see everything."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._head = Memo[int](database)

    def head(self) -> int:
        """The id of the newest event, 0 where there is none. Cheap: poll it to learn of new ones."""
        return self._head.get("head", self._newest)

    def _newest(self) -> int:
        with self._database.read() as connection:
            return rows.head(connection)

    def oldest(self) -> int:
        """The id of the oldest event that is kept, 0 where there is none; older ones cannot be replayed."""
        with self._database.read() as connection:
            return rows.oldest(connection)

    def after(
        self,
        event_id: int,
        *,
        owner: str | None = None,
        job_id: str | None = None,
        types: Collection[EventType] = (),
        limit: int = 500,
    ) -> tuple[Event, ...]:
        """The events with greater ids, oldest first."""
        with self._database.read() as connection:
            return rows.after(connection, event_id, owner=owner, job_id=job_id, types=types, limit=limit)

    def snapshot(self, owner: str | None, limit: int = 200) -> tuple[int, tuple[Job, ...]]:
        """The head, the jobs at work and the newest ones that wait, all of the same instant."""
        with self._database.read() as connection:
            return rows.head(connection), job_lists.active(connection, owner, limit)
