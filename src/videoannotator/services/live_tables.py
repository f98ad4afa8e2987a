"""What a running job has said so far, read from its checkpoints and joined as its files will be."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from videoannotator.domain.annotations import Outcome, StageCounters
from videoannotator.domain.plan import Run
from videoannotator.domain.report import Stage
from videoannotator.domain.table import Column, Table, TableSchema, concat
from videoannotator.engine.ledger import Ledger, Span, is_chunk, is_visual
from videoannotator.exporters.columns import flat_names, is_wide, plain
from videoannotator.exporters.tidy import Tidy
from videoannotator.plugin.registry import Registry
from videoannotator.services.commits import Commits
from videoannotator.services.windows import Columns, TableInfo, Window

# A tracker names a person a little later than the detector sees them: such rows lie in a later chunk.
MARGIN_S = 2.0


class LiveTables:
    """A ``windows.Source`` over the ledger of a job that has not been completed."""

    def __init__(self, run_key: str, run: Run, ledger: Ledger, registry: Registry, commits: Commits) -> None:
        self._run_key, self._run, self._ledger, self._registry = run_key, run, ledger, registry
        self._memory, self._commits = commits, ledger.commits()
        steps = run.plan.of_pass("visual")
        self._seen = {s.name for step in steps for s in registry.component(step.component).produces}

    def tables(self) -> tuple[TableInfo, ...]:
        """Every table that has rows or will get them from a component that is at work."""
        return tuple(
            TableInfo(
                name=name,
                description=table.schema.description,
                columns=tuple(flat for column in table.schema.columns for flat in _names(column)),
                covered_s=self.covered_s(name),
            )
            for name, table in self._tidy(()).tables.items()
        )

    def read(self, table: str, window: Window) -> Columns:
        """The rows of the chunks that touch the window, and all that was said of the whole video."""
        first, last = window.start_s - MARGIN_S, window.end_s + MARGIN_S
        spans = {key: self._span(key) for key in self._commits}
        near = [key for key, span in spans.items() if span is None or (span[0] < last and span[1] >= first)]
        wanted = window.columns or ()
        found = self._tidy(near, wanted).tables[table]
        rows = found.rows()
        wide = {c.name: rows[c.name] for c in found.schema.columns if is_wide(c) and c.name in wanted}
        return {**{flat.name: flat.values for flat in plain(found.schema, rows)}, **wide}

    def covered_s(self, table: str) -> float:
        """Up to the last chunk; all of the video for what was heard, and once the pass is done."""
        seen = table in self._seen or table in {"scenes", "face_mesh"}
        whole = not seen or self._ledger.end() is not None
        return self._run.video.duration_s if whole else self._visual_s

    @cached_property
    def _visual_s(self) -> float:
        spans = (self._span(key) for key in reversed(self._commits) if is_chunk(key))
        return next((span[1] for span in spans if span), 0.0)

    def _span(self, commit: str) -> Span | None:
        return self._memory.span(self._run_key, self._ledger, commit)

    def _tidy(self, commits: Sequence[str], wanted: Collection[str] = ()) -> Tidy:
        return Tidy(_Part(self, commits, wanted))

    @cached_property
    def schemas(self) -> Mapping[str, TableSchema]:
        """The tables of the visual pass once it has begun, those of an audio component once it is done."""
        begun = any(is_chunk(key) for key in self._commits) or self._ledger.end() is not None
        return {
            schema.name: schema
            for step in self._run.plan.steps
            if (begun if step.passes == "visual" else self._ledger.audio(step.component) is not None)
            for schema in self._registry.component(step.component).produces
        }

    def parts(self, table: str, commits: Sequence[str], wanted: Collection[str]) -> Iterator[Table]:
        """The rows of a table, commit by commit; of the wide columns only those ``wanted`` are read: meshes
        are most of a checkpoint."""
        schema = self.schemas[table]
        names = [c.name for c in schema.columns if not is_wide(c) or c.name in wanted]
        with_wide = any(is_wide(c) and c.name in wanted for c in schema.columns)
        for commit in commits:
            if is_visual(commit) != (table in self._seen):
                continue
            if with_wide:
                yield from self._ledger.tables(commit, {table: names}).get(table, ())
            elif found := self._memory.table(self._run_key, self._ledger, commit, schema):
                yield found


class _Part:
    """A ``domain.annotations.Annotations`` of some commits, of every component that has said something."""

    outcomes: tuple[Outcome, ...] = ()  # nothing has ended, nothing is counted, nothing is warned of
    counters: Mapping[Stage, StageCounters] = {}
    warnings: tuple[str, ...] = ()

    def __init__(self, live: LiveTables, commits: Sequence[str], wanted: Collection[str]) -> None:
        self._live, self._commits, self._wanted = live, commits, wanted

    @property
    def schemas(self) -> Mapping[str, TableSchema]:
        """The tables that there are."""
        return self._live.schemas

    def table(self, name: str) -> Table:
        """All rows of a table in the chosen commits."""
        return concat([self.schemas[name].empty(), *self.parts(name)])

    def parts(self, name: str) -> Iterator[Table]:
        """The same rows piece by piece."""
        return self._live.parts(name, self._commits, self._wanted)


def _names(column: Column) -> tuple[str, ...]:
    return (column.name,) if is_wide(column) else flat_names(column)
