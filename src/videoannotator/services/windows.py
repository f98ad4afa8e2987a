"""Rows of one stretch of time as plain columns, no more of them than somebody can look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.media import Record
from videoannotator.domain.table import TIME_COLUMNS

Columns = Mapping[str, NDArray[Any]]  # equally long; an absent value is NaN, "" or NO_ID


class Window(Record):
    """What part of a table is wanted: half-open ``[start_s, end_s)``, ``columns`` None for the plain ones."""

    start_s: float = 0.0
    end_s: float = float("inf")
    columns: tuple[str, ...] | None = None
    max_rows: int = 20_000


class TableInfo(Record):
    """A table that can be looked at. ``covered_s`` is how much of the video it speaks of so far."""

    name: str
    description: str
    columns: tuple[str, ...]
    covered_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Some rows of a table. ``every`` is 1 for all of them, 5 where four of five moments were left out."""

    columns: Columns
    every: int
    covered_s: float


class Source(Protocol):
    """Where the rows of one job are read."""

    def tables(self) -> tuple[TableInfo, ...]:
        """Every table that can be read now."""

    def read(self, table: str, window: Window) -> Columns:
        """The rows that may lie in the window (more are no error); KeyError for an unknown table."""

    def covered_s(self, table: str) -> float:
        """How much of the video the table speaks of so far."""


def select(columns: Columns, window: Window) -> tuple[Columns, int]:
    """The rows inside the window, thinned to its ``max_rows``, and which share of the moments was kept."""
    inside = {name: values[_inside(columns, window)] for name, values in columns.items()}
    every, kept = _thinned(inside, window.max_rows)
    wanted = inside if window.columns is None else {n: inside[n] for n in window.columns if n in inside}
    return {name: values[kept] for name, values in wanted.items()}, every


def _inside(columns: Columns, window: Window) -> NDArray[np.bool_] | slice:
    if "time_s" in columns:
        time_s = columns["time_s"]
        return np.asarray((time_s >= window.start_s) & (time_s < window.end_s))
    if "start_s" in columns:
        ends = columns["end_s"] if "end_s" in columns else columns["start_s"]
        touches = (columns["start_s"] < window.end_s) & (ends >= window.start_s)
        return np.asarray(touches)
    return slice(None)


def _thinned(columns: Columns, max_rows: int) -> tuple[int, NDArray[np.bool_] | slice]:
    """Leave out whole moments, so that everybody who is seen at one moment stays or goes together."""
    n_rows = len(next(iter(columns.values()), ()))
    if n_rows <= max_rows:
        return 1, slice(None)
    times = next((columns[name] for name in TIME_COLUMNS if name in columns), np.arange(n_rows))
    every = -(-n_rows // max_rows)
    _, moment = np.unique(times, return_inverse=True)
    return every, np.asarray(moment % every == 0)
