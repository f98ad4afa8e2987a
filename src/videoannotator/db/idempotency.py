"""Answers that were given under an ``Idempotency-Key``."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from videoannotator.db.schema import idempotency


@dataclass(frozen=True, slots=True)
class Remembered:
    """A request that was seen; ``status`` is None while it is under way."""

    fingerprint: str
    status: int | None
    body: bytes | None


def get(connection: sa.Connection, owner: str, key: str, request: str) -> Remembered | None:
    """What is known of a key, None where nothing is."""
    row = (
        connection.execute(sa.select(idempotency).where(*_same(owner, key, request))).mappings().one_or_none()
    )
    return None if row is None else Remembered(row["fingerprint"], row["status"], row["body"])


def begin(
    connection: sa.Connection, owner: str, key: str, request: str, fingerprint: str, now: datetime
) -> None:
    """Remember that a request is under way."""
    connection.execute(
        sa.insert(idempotency).values(
            owner=owner, key=key, request=request, fingerprint=fingerprint, created_at=now
        )
    )


def finish(connection: sa.Connection, owner: str, key: str, request: str, status: int, body: bytes) -> None:
    """Remember the answer."""
    connection.execute(
        sa.update(idempotency).where(*_same(owner, key, request)).values(status=status, body=body)
    )


def forget(connection: sa.Connection, owner: str, key: str, request: str) -> None:
    """Let a request that failed be tried again under the same key."""
    connection.execute(sa.delete(idempotency).where(*_same(owner, key, request)))


def prune(connection: sa.Connection, before: datetime) -> None:
    """Forget what is older."""
    connection.execute(sa.delete(idempotency).where(idempotency.c.created_at < before))


def prune_unanswered(connection: sa.Connection, before: datetime) -> None:
    """Forget older requests that were never answered: their server died."""
    connection.execute(
        sa.delete(idempotency).where(idempotency.c.status.is_(None), idempotency.c.created_at < before)
    )


def _same(owner: str, key: str, request: str) -> tuple[sa.ColumnElement[bool], ...]:
    columns = idempotency.c
    return columns.owner == owner, columns.key == key, columns.request == request
