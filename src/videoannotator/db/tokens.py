"""Rows of API keys. Only digests are kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from videoannotator.db.schema import tokens
from videoannotator.domain.keys import Key


def add(connection: sa.Connection, key: Key, digest: str) -> None:
    """Remember a new key."""
    connection.execute(sa.insert(tokens).values(**key.model_dump(mode="python"), hash=digest))


def by_digest(connection: sa.Connection, digest: str) -> Key | None:
    """The key with this digest, None where there is none."""
    return _one(connection, tokens.c.hash == digest)


def by_id(connection: sa.Connection, key_id: str) -> Key | None:
    """The key with this id, None where there is none."""
    return _one(connection, tokens.c.id == key_id)


def find(connection: sa.Connection, owner: str | None) -> tuple[Key, ...]:
    """An owner's keys (everybody's for None), newest first."""
    query = sa.select(tokens).order_by(tokens.c.created_at.desc(), tokens.c.id)
    if owner is not None:
        query = query.where(tokens.c.owner == owner)
    return tuple(_key(row) for row in connection.execute(query).mappings())


def change(connection: sa.Connection, key_id: str, **values: Any) -> None:
    """Set columns of a key."""
    connection.execute(sa.update(tokens).where(tokens.c.id == key_id).values(**values))


def touch(connection: sa.Connection, used: Mapping[str, datetime]) -> None:
    """Remember when keys were last used."""
    for key_id, moment in used.items():
        change(connection, key_id, last_used_at=moment)


def _one(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> Key | None:
    row = connection.execute(sa.select(tokens).where(condition)).mappings().one_or_none()
    return None if row is None else _key(row)


def _key(row: Mapping[Any, Any]) -> Key:
    return Key.model_validate({name: row[name] for name in Key.model_fields})
