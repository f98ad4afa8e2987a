"""The audio pass: one track for every component that listens; each one's work is a checkpoint."""

import time
from functools import partial

from videoannotator.domain.media import Audio
from videoannotator.domain.plan import Run
from videoannotator.domain.report import Log, Stage
from videoannotator.domain.table import Table, concat
from videoannotator.engine import costs
from videoannotator.engine.guard import Guarded
from videoannotator.engine.ledger import Entry
from videoannotator.engine.progress import meter_of
from videoannotator.engine.tools import Tools
from videoannotator.media.audio import load_audio
from videoannotator.plugin.component import Annotation, Chunk, Needs


def run_audio(run: Run, tools: Tools) -> None:
    """Do what is left of the audio pass; raises MediaError or StorageError, never a component's error."""
    if run.plan.of_pass("audio"):
        _AudioPass(run, tools).work()


class _AudioPass:
    def __init__(self, run: Run, tools: Tools) -> None:
        self._run, self._tools, self._ledger = run, tools, tools.ledger
        self._team = tools.team(run.plan.of_pass("audio"))
        names = tuple(guarded.name for guarded in self._team)
        self._meter = meter_of(Stage.AUDIO, names, run.video, tools.emit)
        self._tracks: dict[int, Audio] = {}

    def work(self) -> None:
        """One component after the other, those that are done already left out."""
        done = [self._restored(guarded) for guarded in self._team]
        if all(done):
            return
        self._counters = costs.begin(self._ledger, Stage.AUDIO, sum(done) or None, None)
        for guarded, is_done in zip(self._team, done, strict=True):
            if is_done:
                continue
            self._listen(guarded)
            self._counters = costs.with_components(self._counters, [guarded])
            self._ledger.put_counters(Stage.AUDIO, self._counters)
        ended = self._counters.model_copy(update={"ended_at": costs.now()})
        self._ledger.put_counters(Stage.AUDIO, ended)
        self._meter.finish()

    def _restored(self, guarded: Guarded) -> bool:
        entry = self._ledger.audio(guarded.name)
        if entry is not None:
            guarded.restore(entry.failures)
            self._meter.resume(guarded.name, self._run.video.end_s)
        return entry is not None

    def _listen(self, guarded: Guarded) -> None:
        """Let one component work on the whole track, and commit what it says."""
        warnings: list[str] = []
        said: list[Annotation] = []
        guarded.skip_after(self._team)
        if guarded.outcome is None:
            chunk = self._chunk(guarded.needs)
            progress = partial(self._meter.advance, guarded.name)
            self._meter.begin(guarded.name)
            guarded.start(self._tools.context(self._run.video, guarded.name, warnings, progress), None)
            said = guarded.feed(chunk)
            said += guarded.finish()
        failures = (guarded.outcome,) if guarded.outcome and guarded.failed else ()
        entry = Entry(failures=failures, warnings=tuple(warnings))
        self._ledger.commit_audio(guarded.name, said, entry)
        guarded.close()
        self._meter.close(guarded.name)

    def _track(self, rate_hz: int) -> Audio:
        """The track at this rate, decoded when first asked for and spooled to disk."""
        if rate_hz not in self._tracks:
            self._tools.emit(Log(message=f"decoding the sound at {rate_hz} Hz"))
            started_s = time.perf_counter()
            spool = self._tools.scratch_dir / f"audio-{rate_hz}.f32"
            self._tracks[rate_hz] = load_audio(self._run.video, rate_hz, spool)
            self._counters = costs.plus(self._counters, decode_s=time.perf_counter() - started_s)
        return self._tracks[rate_hz]

    def _chunk(self, needs: Needs) -> Chunk:
        return Chunk(
            index=0,
            start_s=self._run.video.start_s,
            end_s=self._run.video.end_s,
            audio=None if needs.audio_rate_hz is None else self._track(needs.audio_rate_hz),
            annotations={n: rows for other in needs.annotations for n, rows in self._heard(other).items()},
        )

    def _heard(self, component: str) -> dict[str, Table]:
        """What a component has committed, by table: the same whether it spoke in this process or before."""
        schemas = self._tools.registry.component(component).produces
        parts = {schema: list(self._ledger.rows(component, schema.name)) for schema in schemas}
        return {schema.name: concat(rows) if rows else schema.empty() for schema, rows in parts.items()}
