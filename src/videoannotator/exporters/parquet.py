"""Parquet tables: full precision, null where missing, meaning and unit of each column in its metadata.

Read with ``pandas.read_parquet``, R's ``arrow::read_parquet`` or DuckDB. Points without names (a face's
mesh) are nested lists of 32-bit floats. Rows are written piece by piece, so memory stays flat.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from videoannotator.domain.table import Column, Table, TableSchema
from videoannotator.exporters.columns import flat_names, flatten, is_wide

ROWS_PER_GROUP = 20_000  # so that a stretch of a long table is read without the rest
_TYPES = {"float": pa.float64(), "int": pa.int64(), "text": pa.string(), "bool": pa.bool_()}


def write(path: Path, schema: TableSchema, parts: Iterable[Table]) -> None:
    """Write a table with every column of its schema, wide ones included."""
    arrow_schema = pa.schema(
        [field for column in schema.columns for field in _fields(column)],
        metadata={"table": schema.name, "description": schema.description},
    )
    with pq.ParquetWriter(path, arrow_schema, compression="zstd") as writer:
        for rows in parts:
            arrays = [a for column in schema.columns for a in _arrays(column, rows[column.name])]
            writer.write_table(pa.Table.from_arrays(arrays, schema=arrow_schema), ROWS_PER_GROUP)


def _fields(column: Column) -> Iterator[pa.Field]:
    metadata = {"description": column.description, **({"unit": column.unit} if column.unit else {})}
    if is_wide(column):
        yield pa.field(column.name, _nested_type(column.shape), metadata=metadata)
        return
    for name in flat_names(column):
        yield pa.field(name, _TYPES[column.kind], metadata=metadata)


def _arrays(column: Column, values: NDArray[Any]) -> Iterator[pa.Array]:
    if is_wide(column):
        yield _nested(values.astype(np.float32))
        return
    for flat in flatten(column, values):
        yield pa.array(flat.values, type=_TYPES[column.kind], mask=flat.missing)


def _nested_type(shape: tuple[int, ...]) -> pa.DataType:
    return pa.list_(_nested_type(shape[1:])) if shape else pa.float32()


def _nested(values: NDArray[np.float32]) -> pa.Array:
    """Rows of points as lists of lists; a row without any measured number is null."""
    missing = np.isnan(values).all(axis=tuple(range(1, values.ndim)))
    array = pa.array(values.ravel())
    for axis in range(values.ndim - 1, 0, -1):  # from the innermost lists outwards
        n_lists = int(np.prod(values.shape[:axis]))
        offsets = np.arange(n_lists + 1, dtype=np.int32) * values.shape[axis]
        mask = pa.array(missing) if axis == 1 else None
        array = pa.ListArray.from_arrays(pa.array(offsets), array, mask=mask)
    return array
