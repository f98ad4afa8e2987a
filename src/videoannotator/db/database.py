"""One door to the database, whether a SQLite file or a PostgreSQL server; only the URL differs.

There is one writer at a time on both: SQLite allows no more, and on PostgreSQL an advisory lock makes
event ids commit in their order, so that a reader who asks for "after id n" misses nothing.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import event, exc

from videoannotator.domain.errors import ServiceUnavailable

BUSY_S = 5
_WRITER_LOCK = 0x7669_6465  # any number, the same in every process of ours
_POSTGRES_WAITS = f"-c lock_timeout={BUSY_S}s -c statement_timeout={6 * BUSY_S}s"


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{path}"


class Database:
    """Hands out transactions.

    Raises ServiceUnavailable where the database is locked for longer than ``BUSY_S`` or away.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)
        self._turn = threading.Lock()
        self._watching = threading.Lock()
        self._watcher: Any = None

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A durable transaction of the only writer; commits at the end, rolls back on an exception."""
        with _translated(), self._one_at_a_time(), self.engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_WRITER_LOCK)))
                yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the database and changes nothing."""
        with _translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    def version(self) -> int | None:
        """A number that another commit changes, whoever commits; None where there is no cheap one."""
        if not self.is_sqlite:
            return None
        with _translated(), self._watching:
            if self._watcher is None:  # one connection for good, as each counts for itself
                self._watcher = self.engine.raw_connection()
                self._watcher.detach()
            return int(self._watcher.execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        # SQLite's waiters poll, and one of many can starve; threads that wait for each other here do not.
        if not self._turn.acquire(timeout=BUSY_S):
            raise ServiceUnavailable("The database does not answer: too many are writing")
        try:
            yield
        finally:
            self._turn.release()

    def close(self) -> None:
        """Close every connection."""
        with self._watching:
            if self._watcher is not None:
                self._watcher.close()
                self._watcher = None
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (exc.OperationalError, exc.TimeoutError) as error:
        raise ServiceUnavailable(f"The database does not answer: {_reason(error)}") from error


def _reason(error: exc.SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    return (str(cause).splitlines() or [type(cause).__name__])[0]


def _parsed(text: Any) -> Any:
    """A JSON value. SQLite keeps one that is a lone number as a number, and gives it back so."""
    return orjson.loads(text) if isinstance(text, str) else text


def _sqlite_engine(url: str) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_S}, json_deserializer=_parsed)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions; "begin" below does
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A transaction that reads first and writes later can fail at once with "database is locked":
        # writers therefore take the lock when they begin.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(url: str) -> sa.Engine:
    return sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_timeout=BUSY_S,
        connect_args={"connect_timeout": BUSY_S, "options": _POSTGRES_WAITS},
    )
