"""Forgets what nobody asks for any more, so that the database does not grow for ever."""

from datetime import timedelta

from dbos import DBOS

from videoannotator.db import events
from videoannotator.db.database import Database
from videoannotator.domain.clock import Clock, timestamp, utc_now

EVENTS_KEPT_FOR = timedelta(days=7)
EVENTS_KEPT = 1_000_000
_WORK_KEPT_FOR = timedelta(days=1)
_AT_ONCE = 1000


def prune(database: Database, clock: Clock = utc_now) -> int:
    """Drop old events and the engine's notes on work that has long ended; returns how many events went."""
    now = clock()
    old = timestamp(now - _WORK_KEPT_FOR)
    ended = DBOS.list_workflows(completed_before=old, limit=_AT_ONCE, load_input=False, load_output=False)
    if ended:
        DBOS.delete_workflows([workflow.workflow_id for workflow in ended])
    with database.write() as connection:
        return events.prune(connection, now - EVENTS_KEPT_FOR, EVENTS_KEPT)
