"""The server's database, for the server itself and for commands that work on its data directory."""

from videoannotator.db import migrate
from videoannotator.db.database import Database, sqlite_url
from videoannotator.settings import Settings

DATABASE_FILE = "videoannotator.sqlite"


def open_database(settings: Settings) -> Database:
    """The database at this version's schema; raises DatabaseNewer or DatabaseUnusable."""
    if settings.database_url is not None:
        database = Database(settings.database_url.get_secret_value())
    else:
        database = Database(sqlite_url(settings.data_dir / DATABASE_FILE))
    migrate.prepare(database)
    return database
