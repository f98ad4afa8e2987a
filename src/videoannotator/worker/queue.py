"""Jobs on their way to the workers: rows of the durable-execution engine in our own database."""

from typing import Any

from dbos import DBOS, DBOSClient

from videoannotator.db.database import Database
from videoannotator.domain.jobs import QueueName

APPLICATION = "videoannotator"
# Work that is under way is only taken over by workers of the same version: raise it when the steps of the
# workflow change, and drain the queue first.
APPLICATION_VERSION = "1"
WORKFLOW = "job"
_MOST_URGENT = 100


def prepare(url: str) -> None:
    """Create or upgrade the tables of the durable-execution engine."""
    DBOS.migrate(url)


class DurableQueue:
    """The ``JobQueue`` of the server. The engine's tables must be there (``prepare``)."""

    def __init__(self, database: Database) -> None:
        self._client = DBOSClient(system_database_engine=database.engine, application_name=APPLICATION)

    def enqueue(self, transaction: Any, job_id: str, *, priority: int, queue: QueueName) -> None:
        """Queue a job inside the open transaction that creates its row."""
        self._client.enqueue_in_transaction(
            transaction,
            {
                "workflow_name": WORKFLOW,
                "workflow_id": job_id,
                "queue_name": queue,
                # The engine serves lower numbers first and takes 0 as "not set".
                "priority": _MOST_URGENT + 1 - priority,
                "app_version": APPLICATION_VERSION,
            },
            job_id,
        )
