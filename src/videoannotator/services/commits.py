"""What running jobs have said, in memory: a commit never changes, so each is read once."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from threading import Lock

from videoannotator.domain.table import Table, TableSchema, concat
from videoannotator.engine.ledger import Ledger, Span
from videoannotator.exporters.columns import is_wide

MAX_BYTES = 256 << 20  # an hour with two people at ten pictures a second takes about 30 MB
_MAX_SPANS = 100_000

At = tuple[str, str]  # which run, and the commit's key


class Commits:
    """The tables of commits without their wide columns: the latest used ones, of every job, up to a size."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._n_bytes = 0
        self._tables: OrderedDict[At, Mapping[str, Table]] = OrderedDict()
        self._spans: dict[At, Span | None] = {}
        self._lock = Lock()

    def of(self, run_key: str, ledger: Ledger, schemas: Mapping[str, TableSchema]) -> "Said":
        """What a run has said until now; ``run_key`` tells it from every other run."""
        return Said(self, run_key, ledger, schemas)

    def span(self, at: At, read: Callable[[], Span | None]) -> Span | None:
        """Of which time a commit speaks; None for all of it, or nothing."""
        with self._lock:
            if at in self._spans:
                return self._spans[at]
        span = read()
        with self._lock:
            if len(self._spans) >= _MAX_SPANS:
                self._spans.clear()
            self._spans[at] = span
        return span

    def tables(self, at: At, read: Callable[[], Mapping[str, Table]]) -> Mapping[str, Table]:
        """The tables of a commit."""
        with self._lock:
            if at in self._tables:
                self._tables.move_to_end(at)
                return self._tables[at]
        tables = read()
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
        """Of which time a commit speaks; None for all of it, or nothing."""
        return self._commits.span((self._run_key, key), partial(self._ledger.span, key))

    def tables(self, key: str) -> Mapping[str, Table]:
        """The tables of a commit, without their wide columns."""
        return self._commits.tables((self._run_key, key), partial(self._read, key))

    def _read(self, key: str) -> Mapping[str, Table]:
        return {name: concat(parts) for name, parts in self._ledger.tables(key, self._narrow).items()}


def _n_bytes(tables: Mapping[str, Table]) -> int:
    return sum(array.nbytes for table in tables.values() for array in table.columns.values())
