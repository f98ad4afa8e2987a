"""Tidy CSV: UTF-8, RFC 4180 (comma, CRLF, doubled quotes), one header line, an empty cell where missing.

Numbers carry at most six decimals; times are seconds. pandas, R and spreadsheets read it without options.
"""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.table import Table, TableSchema
from videoannotator.exporters.columns import Flat, flat_names, is_wide, plain

DECIMALS = 6
_ROWS_AT_ONCE = 4096


def write(path: Path, schema: TableSchema, parts: Iterable[Table]) -> None:
    """Write a table; columns of more than ``Column.WIDE`` unnamed numbers are left to Parquet."""
    header = [name for column in schema.columns if not is_wide(column) for name in flat_names(column)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for rows in parts:
            # As cells a number takes ten times its room: not all rows at once.
            for first in range(0, len(rows), _ROWS_AT_ONCE):
                some = rows.where(np.arange(first, min(first + _ROWS_AT_ONCE, len(rows))))
                writer.writerows(zip(*(_cells(flat) for flat in plain(schema, some)), strict=True))


def _cells(flat: Flat) -> NDArray[Any]:
    values = flat.values
    if flat.column.kind == "float":
        values = np.round(values, DECIMALS) + 0.0  # no "-0.0"
    cells = values.astype(object)
    cells[flat.missing] = ""
    return cells
