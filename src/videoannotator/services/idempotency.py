"""Do a request once, however often it is sent under the same ``Idempotency-Key``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from videoannotator.db import idempotency as rows
from videoannotator.db.database import Database
from videoannotator.domain.clock import Clock, utc_now
from videoannotator.domain.errors import IdempotencyMismatch, RequestInProgress

KEPT = timedelta(hours=24)
ABANDONED = timedelta(minutes=10)  # a request that died with its server may be sent again after this


@dataclass(frozen=True, slots=True)
class Answer:
    """What was or is answered; ``replayed`` when it is a repetition."""

    status: int
    body: bytes
    replayed: bool = False


class Idempotency:
    """Remembers answers for a day."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def once(
        self, owner: str, key: str | None, request: str, fingerprint: str, work: Callable[[], Answer]
    ) -> Answer:
        """Do the work, or repeat its answer.

        Raises RequestInProgress while the first request is under way, and IdempotencyMismatch when the
        key was used for something else. Work that raises leaves the key free.
        """
        if key is None:
            return work()
        known = self._begin(owner, key, request, fingerprint)
        if known is not None:
            return known
        try:
            answer = work()
        except BaseException:
            with self._database.write() as connection:
                rows.forget(connection, owner, key, request)
            raise
        with self._database.write() as connection:
            rows.finish(connection, owner, key, request, answer.status, answer.body)
        return answer

    def _begin(self, owner: str, key: str, request: str, fingerprint: str) -> Answer | None:
        now = self._clock()
        with self._database.write() as connection:
            rows.prune(connection, now - KEPT)
            rows.prune_unanswered(connection, now - ABANDONED)
            known = rows.get(connection, owner, key, request)
            if known is None:
                rows.begin(connection, owner, key, request, fingerprint, now)
                return None
        if known.fingerprint != fingerprint:
            raise IdempotencyMismatch(f"The key {key!r} was used for another request")
        if known.status is None or known.body is None:
            raise RequestInProgress(f"The request with the key {key!r} is still under way")
        return Answer(known.status, known.body, replayed=True)
