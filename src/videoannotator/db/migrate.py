"""Brings the database to the schema of this version, after a backup; refuses one that is newer."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import exc

from videoannotator.db import snapshot
from videoannotator.db.database import Database
from videoannotator.domain.errors import DatabaseNewer, DatabaseUnusable, ServiceUnavailable


def prepare(database: Database) -> Path | None:
    """Create or upgrade our tables; returns the backup that was made before, if any.

    The change is one transaction, so processes that start together do it once, and a crash leaves the old
    schema. Raises DatabaseNewer, DatabaseUnusable.
    """
    try:
        return _prepare(database)
    except exc.DatabaseError as error:  # e.g. the file is not a database, or the role may not create tables
        raise DatabaseUnusable(f"The database cannot be used: {error.orig}") from error
    except ServiceUnavailable as error:  # at a start, nobody is there to try again
        raise DatabaseUnusable(str(error)) from error


def _prepare(database: Database) -> Path | None:
    config = configuration()
    script = ScriptDirectory.from_config(config)
    with database.write() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current == script.get_current_head():
            return None
        if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
            raise DatabaseNewer(f"The database has the unknown schema revision {current}")
        is_new = current is None and not sa.inspect(connection).get_table_names()
        backup = None if is_new else _back_up(database, current or "first")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return backup


def configuration() -> Config:
    """Alembic's configuration; the connection goes into ``attributes["connection"]``."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _back_up(database: Database, revision: str) -> Path | None:
    """Copy a SQLite file beside itself (servers are backed up by their own means)."""
    path = sa.make_url(database.url).database
    if not database.is_sqlite or not path:
        return None
    copy = Path(f"{path}.before-{revision}.backup")
    snapshot.copy(Path(path), copy)
    return copy
