"""Rows of preferences: one per owner and key."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from videoannotator.db.schema import preferences


def get(connection: sa.Connection, owner: str) -> dict[str, Any]:
    """Everything that an owner prefers."""
    query = sa.select(preferences.c.key, preferences.c.value).where(preferences.c.owner == owner)
    return {row.key: row.value for row in connection.execute(query.order_by(preferences.c.key))}


def replace(connection: sa.Connection, owner: str, values: dict[str, Any], now: datetime) -> None:
    """Put other preferences in the place of an owner's."""
    connection.execute(sa.delete(preferences).where(preferences.c.owner == owner))
    if values:
        rows = [
            {"owner": owner, "key": key, "value": value, "updated_at": now} for key, value in values.items()
        ]
        connection.execute(sa.insert(preferences), rows)
