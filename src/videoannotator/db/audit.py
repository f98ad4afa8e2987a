"""The audit log: appended in the transaction of what it tells of."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from videoannotator.db.schema import audit
from videoannotator.domain.audit import START, AuditEntry, acting, seal
from videoannotator.domain.clock import timestamp

PRUNED = "audit.prune"  # its target is the hash of the newest entry that was removed


def append(connection: sa.Connection, action: str, target: str, now: datetime, **details: Any) -> None:
    """Add an entry in the name of whoever is acting. Writers take turns, so the chain has no forks."""
    newest = sa.select(audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    content = {
        **asdict(acting()),
        "at": timestamp(now),
        "action": action,
        "target": target,
        "details": details,
        "previous": connection.scalar(newest) or START,
    }
    connection.execute(sa.insert(audit).values(**content, hash=seal(content)))


def after(connection: sa.Connection, seq: int, limit: int) -> tuple[AuditEntry, ...]:
    """Entries with greater numbers, oldest first."""
    query = sa.select(audit).where(audit.c.seq > seq).order_by(audit.c.seq).limit(limit)
    return tuple(AuditEntry.model_validate(dict(row)) for row in connection.execute(query).mappings())


def prune(connection: sa.Connection, before: datetime, now: datetime) -> int:
    """Remove older entries, which an entry of its own tells; returns how many went."""
    old = sa.select(audit.c.seq, audit.c.hash).where(audit.c.at < timestamp(before))
    newest = connection.execute(old.order_by(audit.c.seq.desc()).limit(1)).one_or_none()
    if newest is None:
        return 0
    append(connection, PRUNED, newest.hash, now, up_to=newest.seq)  # while there is something to follow
    return connection.execute(sa.delete(audit).where(audit.c.seq <= newest.seq)).rowcount


def first_broken(connection: sa.Connection) -> AuditEntry | None:
    """The first entry that is not what was written, or does not follow the one before; None for none.

    The oldest one follows the start, or what the newest removal of old entries has named.
    """
    removal = sa.select(audit.c.target).where(audit.c.action == PRUNED).order_by(audit.c.seq.desc()).limit(1)
    previous = connection.scalar(removal) or START
    for entry in _all(connection):
        if entry.previous != previous or seal(entry.model_dump()) != entry.hash:
            return entry
        previous = entry.hash
    return None


def _all(connection: sa.Connection) -> Iterator[AuditEntry]:
    last = 0
    while page := after(connection, last, 1000):
        yield from page
        last = page[-1].seq
