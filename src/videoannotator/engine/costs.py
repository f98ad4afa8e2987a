"""What a pass costs, counted over every process that worked on it."""

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

from videoannotator.domain.annotations import StageCounters
from videoannotator.domain.report import Stage
from videoannotator.engine.guard import Guarded
from videoannotator.engine.ledger import Ledger

T = TypeVar("T")


def now() -> str:
    """The time of day in UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def begin(
    ledger: Ledger, stage: Stage, resumed_at: int | None, so_far: StageCounters | None
) -> StageCounters:
    """Counters at the start of a process: another start, on top of what was committed so far."""
    known = ledger.counters(stage)
    if known is None:
        counters = StageCounters(started_at=now())
    else:
        resumed_from = known.resumed_from if resumed_at is None else (*known.resumed_from, resumed_at)
        update = {
            "started_at": known.started_at,
            "n_starts": known.n_starts + 1,
            "resumed_from": resumed_from,
        }
        counters = (so_far or known).model_copy(update=update)
    ledger.put_counters(stage, counters)
    return counters


def with_components(counters: StageCounters, team: Iterable[Guarded]) -> StageCounters:
    """The counters with those of every component."""
    costs = {guarded.name: guarded.counters for guarded in team}
    return counters.model_copy(update={"components": {**counters.components, **costs}})


def plus(counters: StageCounters, **more: float) -> StageCounters:
    """The counters with so much more of some."""
    return counters.model_copy(update={name: getattr(counters, name) + value for name, value in more.items()})


class Timed(Iterator[T]):
    """An iterator that knows how long its last item took to come (``last_s``)."""

    def __init__(self, source: Iterator[T]) -> None:
        self._source = source
        self.last_s = 0.0

    def __next__(self) -> T:
        started_s = time.perf_counter()
        try:
            return next(self._source)
        finally:
            self.last_s = time.perf_counter() - started_s
