"""All tables of a run in one SQLite file, which pandas, R and every SQL program open.

Every table carries ``job_id`` in front, so that the rows of several jobs can share a file. Two tables
describe the rest: ``videoannotator_runs`` (one row per job) and ``videoannotator_columns`` (meaning and unit
of each column). Missing values are NULL; columns of more than ``Column.WIDE`` unnamed numbers are left to
Parquet.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from videoannotator.domain.annotations import Annotations
from videoannotator.domain.plan import Run
from videoannotator.domain.table import Table
from videoannotator.exporters.columns import flat_names, is_wide, plain
from videoannotator.exporters.tidy import Tidy, TidyTable
from videoannotator.files.atomic import replacing
from videoannotator.files.result_database import APPLICATION_ID, COLUMNS, RUNS, quoted

_TYPES = {"float": "REAL", "int": "INTEGER", "text": "TEXT", "bool": "INTEGER"}
_ROWS_AT_ONCE = 4096


def write(path: Path, job_id: str, run: Run, annotations: Annotations) -> None:
    """Write the file anew; raises StorageError or StorageFull."""
    with replacing(path) as partial, closing(sqlite3.connect(partial, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA synchronous = OFF")  # the finished file is synced as a whole
        connection.execute("BEGIN")
        _describe_run(connection, job_id, run)
        connection.execute(
            f"CREATE TABLE {COLUMNS} (table_name TEXT, column_name TEXT, unit TEXT, description TEXT)"
        )
        for name, table in Tidy(annotations).tables.items():
            if "csv" in table.formats:
                _write_table(connection, job_id, name, table)
        connection.execute("COMMIT")


def _describe_run(connection: sqlite3.Connection, job_id: str, run: Run) -> None:
    connection.execute(
        f"CREATE TABLE {RUNS} (job_id TEXT PRIMARY KEY, video TEXT, video_sha256 TEXT, duration_s REAL, "
        "frame_rate REAL, width_px INTEGER, height_px INTEGER, components TEXT)"
    )
    video = run.video
    components = " ".join(f"{step.component}/{step.version}" for step in run.plan.steps)
    row = (job_id, video.name, video.id, video.duration_s, video.frame_rate, video.width_px, video.height_px)
    connection.execute(f"INSERT INTO {RUNS} VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, components))  # noqa: S608


def _write_table(connection: sqlite3.Connection, job_id: str, name: str, table: TidyTable) -> None:
    columns = [column for column in table.schema.columns if not is_wide(column)]
    names = [(flat, column) for column in columns for flat in flat_names(column)]
    described = [(name, flat, column.unit, column.description) for flat, column in names]
    connection.executemany(f"INSERT INTO {COLUMNS} VALUES (?, ?, ?, ?)", described)  # noqa: S608
    declared = ", ".join(f"{quoted(flat)} {_TYPES[column.kind]}" for flat, column in names)
    connection.execute(f"CREATE TABLE {quoted(name)} (job_id TEXT NOT NULL, {declared})")
    marks = ", ".join("?" * (len(names) + 1))
    insert = f"INSERT INTO {quoted(name)} VALUES ({marks})"  # noqa: S608
    for rows in table.parts():
        connection.executemany(insert, ((job_id, *cells) for cells in _cells(table, rows)))


def _cells(table: TidyTable, rows: Table) -> Iterator[tuple[Any, ...]]:
    """Rows of plain Python values, a slice at a time: as such they take ten times their room."""
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows.where(np.arange(first, min(first + _ROWS_AT_ONCE, len(rows))))
        columns = []
        for flat in plain(table.schema, some):
            values = flat.values.astype(object)
            values[flat.missing] = None
            columns.append(values)
        yield from zip(*columns, strict=True)
