"""Forgets the engine's notes on work that has long ended, so that the database does not grow for ever."""

from datetime import timedelta

from dbos import DBOS

from videoannotator.domain.clock import Clock, timestamp, utc_now

_WORK_KEPT_FOR = timedelta(days=1)
_AT_ONCE = 1000


def prune(clock: Clock = utc_now) -> None:
    """Drop what the engine knows of workflows that ended a day ago."""
    old = timestamp(clock() - _WORK_KEPT_FOR)
    ended = DBOS.list_workflows(completed_before=old, limit=_AT_ONCE, load_input=False, load_output=False)
    if ended:
        DBOS.delete_workflows([workflow.workflow_id for workflow in ended])
