import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from tests.synthetic.jobs import job

from videoannotator.db import job_lists
from videoannotator.db import jobs as life
from videoannotator.db.database import Database, sqlite_url
from videoannotator.db.migrate import configuration, prepare
from videoannotator.db.schema import METADATA
from videoannotator.domain.errors import DatabaseNewer, DatabaseUnusable


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def test_there_is_one_newest_revision() -> None:
    assert len(ScriptDirectory.from_config(configuration()).get_heads()) == 1


def test_the_migrations_make_the_tables_of_the_schema(database: Database) -> None:
    prepare(database)
    with database.read() as connection:
        options = {"include_object": lambda _, name, kind, *__: kind != "table" or name in METADATA.tables}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []


def test_preparing_again_changes_nothing(database: Database) -> None:
    prepare(database)
    assert prepare(database) is None


def test_down_and_up_again(database: Database) -> None:
    prepare(database)
    config = configuration()
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    prepare(database)
    with database.write() as connection:
        life.create(connection, job("job"))
        assert job_lists.get(connection, "job", None).name == "job"


def test_what_every_older_version_has_written_is_still_there(database: Database) -> None:
    script = ScriptDirectory.from_config(configuration())
    written: dict[str, dict[str, Any]] = {}
    for revision in reversed(list(script.walk_revisions())):
        with database.write() as connection:
            config = configuration()
            config.attributes["connection"] = connection
            command.upgrade(config, revision.revision)
            for table in tables(connection):
                if table.name not in written:
                    written[table.name] = a_row(table)
                    connection.execute(sa.insert(table).values(written[table.name]))
    assert prepare(database) is None
    with database.read() as connection:
        now = {table.name: table for table in tables(connection)}
        for name, row in written.items():
            common = [now[name].c[column] for column in row if column in now[name].c]
            (found,) = connection.execute(sa.select(*common)).mappings()
            assert dict(found) == {column.name: row[column.name] for column in common}, name
        assert written.keys() == METADATA.tables.keys()


def tables(connection: sa.Connection) -> list[sa.Table]:
    """Our tables as the database has them, parents first."""
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name in METADATA.tables]


def a_row(table: sa.Table) -> dict[str, Any]:
    """A value in every column; texts are all the same, so that every reference leads somewhere."""
    values = {
        sa.Text: "x",
        sa.JSON: {"of": table.name},
        sa.Float: 1.5,
        sa.Boolean: True,
        sa.LargeBinary: b"x",
    }
    return {
        column.name: next((value for kind, value in values.items() if isinstance(column.type, kind)), 1)
        for column in table.columns
    }


def test_a_newer_schema_is_refused(database: Database) -> None:
    prepare(database)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseNewer, match="9999"):
        prepare(database)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "test.sqlite"
    path.write_bytes(b"something else " * 1000)
    with pytest.raises(DatabaseUnusable, match="not a database"):
        prepare(Database(sqlite_url(path)))


def test_a_database_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="unable to open"):
        prepare(Database(sqlite_url(tmp_path / "missing" / "test.sqlite")))


def test_an_older_schema_is_backed_up_before_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "test.sqlite"
    with sqlite3.connect(path) as older:
        older.execute("CREATE TABLE precious (fact TEXT)")
        older.execute("INSERT INTO precious VALUES ('kept')")
    older.close()
    prepare(Database(sqlite_url(path)))
    backups = list(tmp_path.glob("*.backup"))
    assert len(backups) == 1
    copy = sqlite3.connect(backups[0])
    assert copy.execute("SELECT fact FROM precious").fetchall() == [("kept",)]
    copy.close()
