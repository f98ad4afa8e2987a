"""Rows of measurements as named columns: the one shape in which annotations travel.

A ``Table`` holds equally long arrays; a ``TableSchema`` says what each column means. Components emit
tables chunk by chunk, the ledger keeps them, exporters write them. Rows are never mutated.

Missing is data: a float that was not measured is NaN, a text is ``""``, an integer id is ``NO_ID``.
Where the reason matters a table has a ``status`` column of ``Status`` words.
"""

import io
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

NO_ID = -1
TIME_COLUMNS = ("time_s", "start_s", "end_s")  # presentation times
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a ZIP can hold: equal rows give equal bytes


class Status(StrEnum):
    """Why a row has or lacks its values; "measured as zero" is ``MEASURED`` with the value 0."""

    MEASURED = "measured"
    NOT_MEASURED = "not_measured"  # nobody looked
    NOT_VISIBLE = "not_visible"  # looked, and there was nothing to see (or hear)
    FAILED = "failed"  # looked, and the measurement broke


@dataclass(frozen=True, slots=True)
class Column:
    """One measured quantity.

    ``shape`` is that of one row: ``()`` for a number, ``(17, 3)`` for keypoints. ``labels`` name the
    flattened elements of such a row in CSV and Parquet (``nose_x``); without them the elements are
    numbered, and a column of more than ``WIDE`` elements goes to Parquet only, as a nested list.
    """

    name: str
    kind: Literal["float", "int", "text", "bool"]
    description: str
    unit: str | None = None
    shape: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()

    WIDE = 64

    @property
    def dtype(self) -> np.dtype[Any]:
        """The numpy type that holds the column."""
        return np.dtype({"float": np.float64, "int": np.int64, "text": np.str_, "bool": np.bool_}[self.kind])


@dataclass(frozen=True, slots=True)
class TableSchema:
    """What a table holds. ``key`` is the column that identifies a row, when there is one."""

    name: str
    description: str
    columns: tuple[Column, ...]
    key: str | None = None

    def column(self, name: str) -> Column:
        """The column of this name; KeyError when there is none."""
        return next(column for column in self.columns if column.name == name)

    def empty(self) -> "Table":
        """A table of this schema without rows."""
        return Table({c.name: np.zeros((0, *c.shape), dtype=c.dtype) for c in self.columns})

    def table(self, **columns: Any) -> "Table":
        """Build a table of this schema; raises ValueError for a missing, unknown or misshapen column."""
        expected, given = {c.name for c in self.columns}, set(columns)
        if expected != given:
            raise ValueError(f"table {self.name}: missing {expected - given}, unknown {given - expected}")
        arrays = {}
        for column in self.columns:
            array = np.asarray(columns[column.name], dtype=column.dtype)
            if array.size == 0:
                array = array.reshape((0, *column.shape))
            if array.shape[1:] != column.shape:
                raise ValueError(f"{self.name}.{column.name}: expected {column.shape}, got {array.shape[1:]}")
            arrays[column.name] = array
        return Table(arrays)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Equally long read-only arrays by name; the first axis is the row."""

    columns: Mapping[str, NDArray[Any]]

    def __post_init__(self) -> None:
        lengths = {len(array) for array in self.columns.values()}
        if len(lengths) > 1:
            raise ValueError(f"columns differ in length: { {k: len(v) for k, v in self.columns.items()} }")
        for array in self.columns.values():
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each row as a dictionary; for small tables (words, shots), not for meshes."""
        for index in range(len(self)):
            yield {name: array[index] for name, array in self.columns.items()}

    def where(self, selection: NDArray[Any]) -> "Table":
        """The rows that a mask or an index array selects."""
        return Table({name: array[selection] for name, array in self.columns.items()})

    def with_columns(self, **columns: NDArray[Any]) -> "Table":
        """The same rows with columns added or replaced."""
        return Table({**self.columns, **columns})

    def to_bytes(self) -> bytes:
        """Serialise without pickles; equal tables give equal bytes."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, array in self.columns.items():
                member = io.BytesIO()
                np.save(member, np.ascontiguousarray(array), allow_pickle=False)
                info = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, member.getvalue())
        return buffer.getvalue()

    @staticmethod
    def from_bytes(data: bytes, columns: Collection[str] | None = None) -> "Table":
        """Inverse of ``to_bytes``; raises zipfile.BadZipFile or ValueError for anything else.

        Of ``columns`` (all for None) those are read that the table has.
        """
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return Table(
                {
                    info.filename.removesuffix(".npy"): np.load(
                        io.BytesIO(archive.read(info)), allow_pickle=False
                    )
                    for info in archive.infolist()
                    if columns is None or info.filename.removesuffix(".npy") in columns
                }
            )


def concat(tables: Sequence[Table]) -> Table:
    """Stack tables of the same columns; raises ValueError for an empty sequence."""
    if not tables:
        raise ValueError("nothing to concatenate: start from schema.empty()")
    return Table({name: np.concatenate([table[name] for table in tables]) for name in tables[0].columns})
