"""The visual pass: the video is decoded once, chunk by chunk, and shown to every visual component."""

import time
from collections.abc import Iterator, Mapping
from functools import partial

from videoannotator.domain.annotations import Outcome
from videoannotator.domain.plan import Run
from videoannotator.domain.report import Stage
from videoannotator.domain.table import Table, concat
from videoannotator.engine import costs
from videoannotator.engine.guard import Guarded
from videoannotator.engine.ledger import Entry, State, pack_state, unpack_state
from videoannotator.engine.progress import meter_of
from videoannotator.engine.tools import Tools
from videoannotator.media.decode import DecodedChunk, Position, View, decode
from videoannotator.plugin.component import Annotation, Chunk, Needs

Said = dict[str, list[Annotation]]  # by component


def run_visual(run: Run, tools: Tools) -> None:
    """Do what is left of the visual pass; raises MediaError or StorageError, never a component's error."""
    if not run.plan.of_pass("visual"):
        return
    if (end := tools.ledger.end()) is None:
        _VisualPass(run, tools).work()
    else:
        for guarded in tools.team(run.plan.of_pass("visual")):
            guarded.restore(end.failures)


class _VisualPass:
    def __init__(self, run: Run, tools: Tools) -> None:
        self._run, self._tools, self._ledger = run, tools, tools.ledger
        self._team = tools.team(run.plan.of_pass("visual"))
        needs = {guarded.name: guarded.needs for guarded in self._team}
        self._views = {name: _view(name, needs) for name in needs}
        self._meter = meter_of(Stage.VISUAL, tuple(needs), run.video, tools.emit)
        self._warnings: list[str] = []

    def work(self) -> None:
        """Go on after the last committed chunk, up to the end."""
        index, state = self._committed()
        self._counters = costs.begin(self._ledger, Stage.VISUAL, index, state.counters if state else None)
        self._start(state)
        for chunk in self._decoded(Position.model_validate_json(state.position) if state else None):
            said = self._feed(chunk)
            self._commit(chunk, said)
            if not self._at_work:
                break
        self._finish()

    def _committed(self) -> tuple[int | None, State | None]:
        last = self._ledger.last_chunk()
        return (last[0], unpack_state(last[1])) if last else (None, None)

    def _start(self, state: State | None) -> None:
        """Load every model, in the state that it had after the last committed chunk."""
        self._warnings += state.warnings if state else ()
        failures = state.failures if state else ()
        for guarded in self._team:
            name = guarded.name
            if state:
                guarded.counters = state.counters.components[name]
                self._meter.resume(name, state.time_s)
            if name in {failure.component for failure in failures}:
                guarded.restore(failures)
            guarded.skip_after(self._team)
            if guarded.outcome is None:
                progress = partial(self._meter.advance, name)
                context = self._tools.context(self._run.video, name, self._warnings, progress)
                guarded.start(context, state.sessions[name] if state else None)

    @property
    def _at_work(self) -> bool:
        return any(guarded.outcome is None for guarded in self._team)

    def _decoded(self, resume: Position | None) -> Iterator[DecodedChunk]:
        if not self._at_work:
            return
        views = list(dict.fromkeys(view for view in self._views.values() if view))
        source = costs.Timed(decode(self._run.video, views, resume=resume))
        for chunk in source:
            self._counters = costs.plus(
                self._counters,
                decode_s=source.last_s,
                n_chunks=1,
                n_frames_decoded=chunk.n_decoded,
                n_decode_errors=chunk.n_errors,
            )
            yield chunk

    def _feed(self, decoded: DecodedChunk) -> Said:
        said: Said = {}
        for guarded in self._team:
            guarded.skip_after(self._team)
            if guarded.outcome is not None:
                continue
            self._meter.begin(guarded.name)
            chunk = self._chunk_of(guarded, decoded, said)
            said[guarded.name] = guarded.feed(chunk)
            self._meter.advance(guarded.name, decoded.end_s, len(chunk.frames) if chunk.frames else 0)
        return said

    def _chunk_of(self, guarded: Guarded, decoded: DecodedChunk, said: Said) -> Chunk:
        view = self._views[guarded.name]
        return Chunk(
            index=decoded.index,
            start_s=decoded.start_s,
            end_s=decoded.end_s,
            frames=decoded.frames[view] if view else None,
            annotations=_heard(guarded.needs.annotations, said),
        )

    def _commit(self, decoded: DecodedChunk, said: Said) -> None:
        sessions = {guarded.name: guarded.save() for guarded in self._team}
        state = State(
            failures=self._failures,
            warnings=tuple(self._warnings),
            position=decoded.position.model_dump_json(),
            time_s=decoded.end_s,
            sessions=sessions,
            counters=costs.with_components(self._counters, self._team),
        )
        started_s = time.perf_counter()
        self._ledger.commit_chunk(decoded.index, said, pack_state(state))
        self._counters = costs.plus(self._counters, checkpoint_s=time.perf_counter() - started_s)

    def _finish(self) -> None:
        said: Said = {}
        for guarded in self._team:
            guarded.skip_after(self._team)
            if guarded.outcome is None:
                said[guarded.name] = guarded.finish()
            self._meter.close(guarded.name)
        if n_errors := self._counters.n_decode_errors:
            self._warnings.append(f"{n_errors} frames or packets could not be decoded and were left out")
        counters = costs.with_components(self._counters, self._team)
        self._ledger.put_counters(Stage.VISUAL, counters.model_copy(update={"ended_at": costs.now()}))
        self._ledger.commit_end(said, Entry(failures=self._failures, warnings=tuple(self._warnings)))
        for guarded in self._team:
            guarded.close()
        self._meter.finish()

    @property
    def _failures(self) -> tuple[Outcome, ...]:
        return tuple(guarded.outcome for guarded in self._team if guarded.outcome and guarded.failed)


def _view(name: str, needs: Mapping[str, Needs]) -> View | None:
    """How a component sees the video; None for one that only reads annotations."""
    own = needs[name]
    if own.frames_of:
        return _view(own.frames_of, needs)
    return None if own.frames_per_s is None else View(own.frames_per_s, own.max_side_px)


def _heard(names: tuple[str, ...], said: Said) -> dict[str, Table]:
    """What these components said about the chunk, by table."""
    tables: dict[str, list[Table]] = {}
    for name in names:
        for annotation in said.get(name, ()):
            tables.setdefault(annotation.table, []).append(annotation.rows)
    return {table: concat(parts) for table, parts in tables.items()}
