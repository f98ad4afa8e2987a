"""What running jobs have said, in memory: a commit never changes, so each is read once."""

from collections import OrderedDict
from threading import Lock

from videoannotator.domain.table import Table, TableSchema, concat
from videoannotator.engine.ledger import Ledger, Span
from videoannotator.exporters.columns import is_wide

MAX_BYTES = 256 << 20  # an hour with two people at ten pictures a second takes about 30 MB
_MAX_SPANS = 100_000
_OVERHEAD = 1000  # bytes, of anything that is kept

At = tuple[str, ...]  # which run, the commit's key, the table


class Commits:
    """The tables of commits without their wide columns: the latest used ones, of every job, up to a size.

    Any thread may ask. One reads at a time: several that want the same would only get in each other's way.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._n_bytes = 0
        self._tables: OrderedDict[At, Table | None] = OrderedDict()
        self._spans: dict[At, Span | None] = {}
        self._lock = Lock()

    def span(self, run_key: str, ledger: Ledger, commit: str) -> Span | None:
        """Of which time a commit speaks; None for all of it, or nothing."""
        at = (run_key, commit)
        with self._lock:
            if at not in self._spans:
                if len(self._spans) >= _MAX_SPANS:
                    self._spans.clear()
                self._spans[at] = ledger.span(commit)
            return self._spans[at]

    def table(self, run_key: str, ledger: Ledger, commit: str, schema: TableSchema) -> Table | None:
        """The rows of one table in a commit; None where it has none."""
        at = (run_key, commit, schema.name)
        with self._lock:
            if at in self._tables:
                self._tables.move_to_end(at)
                return self._tables[at]
            table = _read(ledger, commit, schema)
            self._tables[at] = table
            self._n_bytes += _n_bytes(table)
            while self._n_bytes > self._max_bytes:
                self._n_bytes -= _n_bytes(self._tables.popitem(last=False)[1])
            return table


def _read(ledger: Ledger, commit: str, schema: TableSchema) -> Table | None:
    narrow = [column.name for column in schema.columns if not is_wide(column)]
    parts = ledger.tables(commit, {schema.name: narrow}).get(schema.name)
    return concat(parts) if parts else None


def _n_bytes(table: Table | None) -> int:
    return _OVERHEAD + (sum(array.nbytes for array in table.columns.values()) if table else 0)
