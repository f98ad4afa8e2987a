"""What a running job has said so far, read from its checkpoints and joined as its files will be."""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from videoannotator.domain.annotations import Outcome, StageCounters
from videoannotator.domain.plan import Run
from videoannotator.domain.report import Stage
from videoannotator.domain.table import Column, Table, TableSchema, concat
from videoannotator.engine.ledger import Ledger
from videoannotator.exporters.columns import flat_names, is_wide, plain
from videoannotator.exporters.tidy import Tidy
from videoannotator.plugin.registry import Registry
from videoannotator.services.windows import TIME_COLUMNS, Columns, TableInfo, Window

# A tracker names a person a little later than the detector sees them: such rows lie in a later chunk.
MARGIN_S = 2.0
_MAX_RUNS = 16  # of which the chunks' times are remembered

Span = tuple[float, float]
_NOTHING: Span = (1.0, 0.0)


class ChunkTimes:
    """Of which time each committed chunk speaks. Chunks never change, so each is looked at once."""

    def __init__(self) -> None:
        self._runs: OrderedDict[str, dict[int, Span]] = OrderedDict()

    def of(self, run_key: str, ledger: Ledger) -> Mapping[int, Span]:
        """First and last second by index of the chunk; chunks that say nothing are left out."""
        known = self._runs.pop(run_key, {})
        self._runs[run_key] = known
        while len(self._runs) > _MAX_RUNS:
            self._runs.popitem(last=False)
        for index in ledger.chunks():
            if index not in known:
                known[index] = _span(ledger.chunk_tables(index, TIME_COLUMNS))
        return {index: span for index, span in known.items() if span[0] <= span[1]}


class LiveTables:
    """A ``windows.Source`` over the ledger of a job that has not been completed."""

    def __init__(self, run: Run, ledger: Ledger, registry: Registry, spans: Mapping[int, Span]) -> None:
        self._run, self._ledger, self._registry, self._spans = run, ledger, registry, spans
        self._visual_s = max((end for _, end in spans.values()), default=0.0)

    def tables(self) -> tuple[TableInfo, ...]:
        """Every table that has rows or will get them from a component that is at work."""
        tidy = Tidy(_Part(self._run, self._ledger, self._registry, ()))
        return tuple(
            TableInfo(
                name=name,
                description=table.schema.description,
                columns=tuple(flat for column in table.schema.columns for flat in _names(column)),
                covered_s=self.covered_s(name),
            )
            for name, table in tidy.tables.items()
        )

    def read(self, table: str, window: Window) -> Columns:
        """The rows of the chunks that touch the window, and all that was said of the whole video."""
        first, last = window.start_s - MARGIN_S, window.end_s + MARGIN_S
        chunks = [
            index for index, (start, end) in sorted(self._spans.items()) if start < last and end >= first
        ]
        wanted = window.columns or ()
        found = Tidy(_Part(self._run, self._ledger, self._registry, chunks, wanted)).tables[table]
        rows = found.rows()
        wide = {c.name: rows[c.name] for c in found.schema.columns if is_wide(c) and c.name in wanted}
        return {**{flat.name: flat.values for flat in plain(found.schema, rows)}, **wide}

    def covered_s(self, table: str) -> float:
        """Up to the last chunk; all of the video for what was heard, and once the pass is done."""
        visual = {step.component for step in self._run.plan.of_pass("visual")}
        produced = {s.name for name in visual for s in self._registry.component(name).produces}
        seen = table in produced or table in {"scenes", "face_mesh"}
        whole = not seen or self._ledger.end() is not None
        return self._run.video.duration_s if whole else self._visual_s


class _Part:
    """A ``domain.annotations.Annotations`` of some chunks, of every component that has said something.

    Of the wide columns only those ``wanted`` are read: meshes are most of a checkpoint.
    """

    def __init__(
        self,
        run: Run,
        ledger: Ledger,
        registry: Registry,
        chunks: Sequence[int],
        wanted: Collection[str] = (),
    ) -> None:
        self._run, self._ledger, self._registry = run, ledger, registry
        self._chunks, self._wanted = chunks, wanted

    @cached_property
    def schemas(self) -> Mapping[str, TableSchema]:
        """The tables of the visual pass once it has begun, those of an audio component once it is done."""
        begun = bool(self._ledger.chunks()) or self._ledger.end() is not None
        return {
            schema.name: schema
            for step in self._run.plan.steps
            if (begun if step.passes == "visual" else self._ledger.audio(step.component) is not None)
            for schema in self._registry.component(step.component).produces
        }

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Nothing has ended."""
        return ()

    @property
    def counters(self) -> Mapping[Stage, StageCounters]:
        """Nothing is counted."""
        return {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """Nothing is warned of."""
        return ()

    def table(self, name: str) -> Table:
        """All rows of a table in the chosen chunks."""
        return concat([self.schemas[name].empty(), *self.parts(name)])

    def parts(self, name: str) -> Iterator[Table]:
        """The same rows piece by piece."""
        columns = [c.name for c in self.schemas[name].columns if not is_wide(c) or c.name in self._wanted]
        return self._ledger.table(name, self._chunks, columns)


def _names(column: Column) -> tuple[str, ...]:
    return (column.name,) if is_wide(column) else flat_names(column)


def _span(tables: Mapping[str, Sequence[Table]]) -> Span:
    times = [
        table[name] for parts in tables.values() for table in parts for name in TIME_COLUMNS if name in table
    ]
    extremes = [(float(one.min()), float(one.max())) for one in times if len(one)]
    return (min(low for low, _ in extremes), max(high for _, high in extremes)) if extremes else _NOTHING
