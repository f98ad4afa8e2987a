"""The tables of a completed job, read from its Parquet files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from videoannotator.domain.table import NO_ID, TIME_COLUMNS
from videoannotator.services.windows import Columns, TableInfo, Window


class FinishedTables:
    """A ``windows.Source`` over ``paths``, by the name of the table; everything is covered."""

    def __init__(self, paths: Mapping[str, Path], duration_s: float) -> None:
        self._paths, self._duration_s = paths, duration_s

    def tables(self) -> tuple[TableInfo, ...]:
        """Every table with its columns."""
        return tuple(self._info(name, pq.read_schema(path)) for name, path in self._paths.items())

    def read(self, table: str, window: Window) -> Columns:
        """The wanted columns and those of time; row groups outside the window are not read."""
        file = pq.ParquetFile(self._paths[table], memory_map=True)
        schema = file.schema_arrow
        wanted = window.columns or [field.name for field in schema if not pa.types.is_nested(field.type)]
        names = [name for name in schema.names if name in wanted or name in TIME_COLUMNS]
        groups = [number for number in range(file.num_row_groups) if _touches(file, number, window)]
        found = file.read_row_groups(groups, columns=names)
        return {name: _array(found.column(name)) for name in names}

    def covered_s(self, table: str) -> float:
        """All of the video."""
        return self._duration_s

    def _info(self, name: str, schema: pa.Schema) -> TableInfo:
        about = (schema.metadata or {}).get(b"description", b"").decode()
        return TableInfo(
            name=name, description=about, columns=tuple(schema.names), covered_s=self._duration_s
        )


def _touches(file: pq.ParquetFile, number: int, window: Window) -> bool:
    """Whether a row group may hold rows of the window, by the statistics that Parquet keeps."""
    group = file.metadata.row_group(number)
    for index in range(group.num_columns):
        column = group.column(index)
        known = column.statistics if column.path_in_schema == "time_s" else None
        if known is not None and known.has_min_max:
            return bool(known.min < window.end_s and known.max >= window.start_s)
    return True


def _array(column: pa.ChunkedArray) -> NDArray[Any]:
    """A column as numpy, with our words for what is missing; nested lists of one shape as one array."""
    if pa.types.is_nested(column.type):
        return _nested(column.to_pylist())
    if pa.types.is_string(column.type):
        return np.asarray([text or "" for text in column.to_pylist()], dtype=np.str_)
    if pa.types.is_integer(column.type):
        return _numbers(column, NO_ID)
    if pa.types.is_floating(column.type):
        return _numbers(column, np.nan)
    return np.asarray(column.to_pylist())


def _numbers(column: pa.ChunkedArray, missing: float) -> NDArray[Any]:
    """Numbers out of Arrow's own memory.

    pyarrow's conversions import pandas where it is installed: half a second, at the first opening of a page.
    """
    dtype = np.dtype(column.type.to_pandas_dtype())
    parts = [np.empty(0, dtype)]
    for chunk in column.chunks:
        present, values = chunk.buffers()
        here = slice(chunk.offset, chunk.offset + len(chunk))
        numbers = np.frombuffer(values or b"", dtype)[here]
        if present is not None:
            known = np.unpackbits(np.frombuffer(present, np.uint8), bitorder="little")[here]
            numbers = np.where(known, numbers, dtype.type(missing))
        parts.append(numbers)
    return np.concatenate(parts)


def _nested(rows: list[Any]) -> NDArray[np.float32]:
    """A null row becomes NaN of the shape of the others."""
    shape = next((np.shape(row) for row in rows if row is not None), (0,))
    missing = np.full(shape, np.nan, dtype=np.float32)
    return np.asarray([missing if row is None else row for row in rows], dtype=np.float32).reshape(-1, *shape)
