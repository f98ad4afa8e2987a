"""What running jobs have said, in memory: a commit never changes, so each is read once."""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import NamedTuple

from videoannotator.domain.table import Table, TableSchema, concat
from videoannotator.engine.ledger import Ledger
from videoannotator.exporters.columns import is_wide
from videoannotator.services.windows import TIME_COLUMNS

MAX_BYTES = 256 << 20  # an hour with two people at ten pictures a second takes about 30 MB
_MAX_SPANS = 100_000


class Span(NamedTuple):
    """From the first to the last second that a commit speaks of."""

    start_s: float
    end_s: float


class Commits:
    """The tables of commits without their wide columns: the latest used ones, of every job, up to a size."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._n_bytes = 0
        self._tables: OrderedDict[tuple[str, str], Mapping[str, Table]] = OrderedDict()
        self._spans: dict[tuple[str, str], Span | None] = {}
        self._lock = Lock()

    def of(self, run_key: str, ledger: Ledger, schemas: Mapping[str, TableSchema]) -> "Said":
        """What a run has said until now; ``run_key`` tells it from every other run."""
        return Said(self, run_key, ledger, schemas)

    def span(self, at: tuple[str, str], said: "Said") -> Span | None:
        """Of which time a commit speaks; None where it has no rows with a time."""
        if at not in self._spans:
            span = _span(self.tables(at, said))
            if len(self._spans) >= _MAX_SPANS:
                self._spans.clear()
            self._spans[at] = span
            return span
        return self._spans[at]

    def tables(self, at: tuple[str, str], said: "Said") -> Mapping[str, Table]:
        """The tables of a commit."""
        with self._lock:
            if at in self._tables:
                self._tables.move_to_end(at)
                return self._tables[at]
        tables = said.read(at[1])
        with self._lock:
            if at not in self._tables:
                self._tables[at] = tables
                self._n_bytes += _n_bytes(tables)
            while self._n_bytes > self._max_bytes:
                self._n_bytes -= _n_bytes(self._tables.popitem(last=False)[1])
        return tables


class Said:
    """What one run had said at a moment: its commits, in order."""

    def __init__(
        self, commits: Commits, run_key: str, ledger: Ledger, schemas: Mapping[str, TableSchema]
    ) -> None:
        self._commits, self._run_key, self._ledger = commits, run_key, ledger
        self._narrow = {
            name: [column.name for column in schema.columns if not is_wide(column)]
            for name, schema in schemas.items()
        }
        self.keys = ledger.commits()

    def span(self, key: str) -> Span | None:
        """Of which time a commit speaks; None where it has no rows with a time."""
        return self._commits.span((self._run_key, key), self)

    def tables(self, key: str) -> Mapping[str, Table]:
        """The tables of a commit, without their wide columns."""
        return self._commits.tables((self._run_key, key), self)

    def read(self, key: str) -> Mapping[str, Table]:
        """The same from the ledger."""
        return {name: concat(parts) for name, parts in self._ledger.tables(key, self._narrow).items()}


def _n_bytes(tables: Mapping[str, Table]) -> int:
    return sum(array.nbytes for table in tables.values() for array in table.columns.values())


def _span(tables: Mapping[str, Table]) -> Span | None:
    times = [table[name] for table in tables.values() for name in TIME_COLUMNS if name in table]
    ends = [(float(one.min()), float(one.max())) for one in times if len(one)]
    return Span(min(low for low, _ in ends), max(high for _, high in ends)) if ends else None
