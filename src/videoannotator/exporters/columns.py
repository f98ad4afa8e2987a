"""Tables as plain columns of numbers and words: what CSV and Parquet have in common."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.table import NO_ID, Column, Table, TableSchema


@dataclass(frozen=True, slots=True)
class Flat:
    """One plain column: its values, shape (n,), and where they are missing. A measured 0 is not missing."""

    name: str
    column: Column
    values: NDArray[Any]
    missing: NDArray[np.bool_]


def is_wide(column: Column) -> bool:
    """Too many unnamed numbers per row for columns of their own: for Parquet's nested lists only."""
    return not column.labels and prod(column.shape) > Column.WIDE


def flat_names(column: Column) -> tuple[str, ...]:
    """The names of the plain columns that one column becomes."""
    if not column.shape:
        return (column.name,)
    return column.labels or tuple(f"{column.name}_{index}" for index in range(prod(column.shape)))


def flatten(column: Column, values: NDArray[Any]) -> Iterator[Flat]:
    """The plain columns of one column; ``values`` has shape (n, *column.shape)."""
    elements = values.reshape(len(values), prod(column.shape)).T if column.shape else (values,)
    for name, element in zip(flat_names(column), elements, strict=True):
        yield Flat(name, column, element, _is_missing(column, element))


def plain(schema: TableSchema, rows: Table) -> list[Flat]:
    """All plain columns of a table, in the schema's order; wide ones are left out."""
    return [
        flat
        for column in schema.columns
        if not is_wide(column)
        for flat in flatten(column, rows[column.name])
    ]


def _is_missing(column: Column, values: NDArray[Any]) -> NDArray[np.bool_]:
    if column.kind == "float":
        return np.asarray(~np.isfinite(values))
    if column.kind == "text":
        return np.asarray(values == "")
    if column.kind == "int" and column.name.endswith("_id"):
        return np.asarray(values == NO_ID)
    return np.zeros(len(values), dtype=np.bool_)
