"""The audit log as operators read it."""

from videoannotator.db import audit as rows
from videoannotator.db.database import Database
from videoannotator.domain.audit import AuditEntry


class Audit:
    """What was done on one server, and by whom."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def after(self, seq: int, limit: int) -> tuple[AuditEntry, ...]:
        """Entries with greater numbers, oldest first."""
        with self._database.read() as connection:
            return rows.after(connection, seq, limit)

    def first_broken(self) -> AuditEntry | None:
        """The first entry that somebody has tampered with, None where the chain holds."""
        with self._database.read() as connection:
            return rows.first_broken(connection)
