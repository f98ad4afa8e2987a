"""The server's database and the folders that are open to clients."""

import re
from pathlib import Path

from videoannotator.bootstrap import open_settings
from videoannotator.db import migrate
from videoannotator.db.database import Database, sqlite_url
from videoannotator.domain.errors import CannotStart
from videoannotator.files.roots import Roots
from videoannotator.settings import Settings

DATABASE_FILE = "videoannotator.sqlite"
_POSTGRES = ("postgresql://", "postgresql+", "postgres://")
_URL_HINT = "Write postgresql://user@host/name, or leave it out: SQLite needs none."
_ROOT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_SYSTEM = tuple(Path(one) for one in ("/proc", "/sys", "/dev"))


def open_database(settings: Settings) -> Database:
    """The database at this version's schema; raises CannotStart, DatabaseNewer or DatabaseUnusable."""
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        if not url.startswith(_POSTGRES):  # the address may hold a password, so it is not told
            raise CannotStart("The setting database_url is no PostgreSQL URL", hint=_URL_HINT)
        database = Database(url)
    else:
        database = Database(sqlite_url(settings.data_dir / DATABASE_FILE))
    migrate.prepare(database)
    return database


def open_existing(data_dir: Path | None = None, settings_file: Path | None = None) -> Database:
    """The database of a server on this machine; raises CannotStart where there never was one."""
    settings = open_settings(settings_file, **({"data_dir": data_dir.absolute()} if data_dir else {}))
    if not settings.data_dir.is_dir():
        raise CannotStart(
            f"There is no data directory {settings.data_dir}",
            hint="Start the server once, or name its directory with --data-dir.",
        )
    return open_database(settings)


def open_roots(settings: Settings) -> Roots:
    """The folders that clients may name.

    Raises CannotStart for one that is missing, or through which clients could reach the server's own files.
    """
    for name, folder in settings.roots.items():
        problem = _problem(name, folder, settings.data_dir)
        if problem:
            raise CannotStart(f"The root {name!r}: {problem}", hint="Mend the setting roots.")
    return Roots(settings.roots)


def _problem(name: str, folder: Path, data_dir: Path) -> str | None:
    if not _ROOT_NAME.fullmatch(name):
        return "names have 1 to 32 small letters, digits, - and _"
    if not folder.is_absolute():
        return f"{folder} is no absolute path"
    if not folder.is_dir():
        return f"there is no folder {folder}"
    real, own = folder.resolve(), data_dir.resolve()
    if real == Path("/") or any(real.is_relative_to(one) for one in _SYSTEM):
        return f"{folder} belongs to the system"
    if real.is_relative_to(own) or own.is_relative_to(real):
        return f"{folder} and the data directory {data_dir} lie in each other"
    return None
