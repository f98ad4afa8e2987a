"""Everything that a run has said, read from its ledger."""

from collections.abc import Iterator, Mapping
from typing import Any

from videoannotator.domain.annotations import Outcome, StageCounters
from videoannotator.domain.errors import ComponentCrashed
from videoannotator.domain.plan import Run, Step
from videoannotator.domain.report import ComponentStatus, Stage
from videoannotator.domain.table import Table, TableSchema, concat
from videoannotator.engine.ledger import Entry, Ledger
from videoannotator.plugin.registry import Registry

_DONE: dict[str, Any] = {"status": ComponentStatus.COMPLETED}
_BROKEN_OFF: dict[str, Any] = {
    "status": ComponentStatus.FAILED,
    "error_code": ComponentCrashed.code,
    "error_message": ComponentCrashed.title,
    "hint": ComponentCrashed.hint,
}


class LedgerAnnotations:
    """A ``domain.annotations.Annotations``; what is not finished yet counts as not said."""

    def __init__(self, run: Run, ledger: Ledger, registry: Registry) -> None:
        self._run, self._ledger = run, ledger
        produced = [(s.component, registry.component(s.component).produces) for s in run.plan.steps]
        self._schemas = {schema.name: schema for _, schemas in produced for schema in schemas}
        self._speakers = {
            table: [name for name, schemas in produced if table in {schema.name for schema in schemas}]
            for table in self._schemas
        }
        self._entries = {step.component: self._entry(step) for step in run.plan.steps}

    @property
    def schemas(self) -> Mapping[str, TableSchema]:
        """Every table that a completed component fills, by name, in the plan's order."""
        completed = self._completed()
        return {
            name: schema for name, schema in self._schemas.items() if completed & set(self._speakers[name])
        }

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """One per step of the plan, in its order; failed where the pass has not come to its end."""
        return tuple(self._outcome(step) for step in self._run.plan.steps)

    @property
    def counters(self) -> Mapping[Stage, StageCounters]:
        """What the passes cost; a pass that was never begun is absent."""
        found = {stage: self._ledger.counters(stage) for stage in (Stage.VISUAL, Stage.AUDIO)}
        return {stage: counters for stage, counters in found.items() if counters}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the plan and the components warned of, each once."""
        said = [text for entry in self._entries.values() if entry for text in entry.warnings]
        return tuple(dict.fromkeys((*self._run.video.warnings, *self._run.plan.warnings, *said)))

    def table(self, name: str) -> Table:
        """All rows of a table; KeyError for one not in ``schemas``."""
        return concat([self._schemas[name].empty(), *self.parts(name)])

    def parts(self, name: str) -> Iterator[Table]:
        """The same rows piece by piece, in order."""
        completed = self._completed()
        for component in self._speakers[name]:
            if component in completed:
                yield from self._ledger.rows(component, name)

    def _completed(self) -> set[str]:
        return {o.component for o in self.outcomes if o.status is ComponentStatus.COMPLETED}

    def _entry(self, step: Step) -> Entry | None:
        return self._ledger.end() if step.passes == "visual" else self._ledger.audio(step.component)

    def _outcome(self, step: Step) -> Outcome:
        entry = self._entries[step.component]
        failures = entry.failures if entry else ()
        failure = next((one for one in failures if one.component == step.component), None)
        return failure or Outcome(
            pipeline=step.pipeline,
            component=step.component,
            stage=Stage(step.passes),
            **(_DONE if entry else _BROKEN_OFF),
        )
