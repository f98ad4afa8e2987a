"""Turns the reports of a stage at work into what is shown of its job: seldom enough, and losing no end."""

import threading
import time
from collections.abc import Callable
from typing import Any

from videoannotator.db.progress import Snapshot
from videoannotator.domain.clock import Clock, utc_now
from videoannotator.domain.jobs import Failure, Job
from videoannotator.domain.report import (
    ComponentChange,
    ComponentStatus,
    FileWritten,
    Log,
    Progress,
    Stage,
    StageEnd,
)

# Rough shares of a job's time, for one percentage over stages that cannot know each other's length.
_SHARES = {Stage.VISUAL: 60, Stage.AUDIO: 35, Stage.EXPORT: 5}
_LINES_PER_SNAPSHOT = 12  # four snapshots a second: about 50 lines of log
_OVER = {ComponentStatus.COMPLETED, ComponentStatus.FAILED, ComponentStatus.SKIPPED}


def stages(job: Job) -> tuple[Stage, ...]:
    """The stages of a job in the order in which they run."""
    present = {component.stage for component in job.components}
    return (*(stage for stage in (Stage.VISUAL, Stage.AUDIO) if stage in present), Stage.EXPORT)


class Relay:
    """Collects the reports of one stage; ``snapshot`` hands out what has changed since the last one."""

    def __init__(
        self, job: Job, stage: Stage, clock: Clock = utc_now, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self.end: StageEnd | None = None
        self.files: dict[str, FileWritten] = {}
        self.fraction = 0.0
        self._stage = stage
        self._clock = clock
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._components = {one.component: one for one in job.components if one.stage == stage}
        self._changed: set[str] = set()
        self._logs: list[Log] = []
        self._n_dropped = 0
        self._dirty = True  # the stage itself is news
        self._frames_per_s: float | None = None
        order = stages(job)
        total = sum(_SHARES[one] for one in order)
        self._base = sum(_SHARES[one] for one in order[: order.index(stage)]) / total
        self._share = _SHARES[stage] / total
        self._first: tuple[float, float] | None = None  # progress and time of the first report

    def take(self, report: Any) -> None:
        """Note a report."""
        with self._lock:
            self._dirty = True
            match report:
                case Progress():
                    self._progress(report)
                case ComponentChange():
                    self._component(report)
                case Log():
                    self._log(report)
                case FileWritten():
                    self.files[report.name] = report
                case StageEnd():
                    self.end = report

    def give_up(self, failure: Failure) -> None:
        """The stage has failed: so have its components, but those whose results are kept already.

        What the visual pass says counts when the whole pass has ended.
        """
        kept = _OVER - {ComponentStatus.COMPLETED} if self._stage is Stage.VISUAL else _OVER
        with self._lock:
            self._dirty = True
            for one in list(self._components.values()):
                if one.status not in kept:
                    self._set(
                        one.component,
                        status=ComponentStatus.FAILED,
                        completed_at=self._clock(),
                        error_code=failure.code,
                        error_message=failure.message,
                        hint=failure.hint,
                    )

    def snapshot(self) -> Snapshot | None:
        """What has changed since the last call, None when nothing has."""
        with self._lock:
            if not self._dirty:
                return None
            progress = 100 * (self._base + self._share * self.fraction)
            taken = Snapshot(
                stage=self._stage,
                progress=round(progress, 2),
                frames_per_s=self._frames_per_s,
                eta_s=self._eta(progress),
                components=tuple(self._components[name] for name in sorted(self._changed)),
                logs=(*self._logs, *self._dropped()),
            )
            self._changed.clear()
            self._logs.clear()
            self._n_dropped = 0
            self._dirty = False
            return taken

    def put_back(self, snapshot: Snapshot) -> None:
        """A snapshot could not be written: what it told is news again."""
        with self._lock:
            self._dirty = True
            self._changed.update(one.component for one in snapshot.components)
            self._logs[:0] = snapshot.logs

    def _progress(self, report: Progress) -> None:
        self._frames_per_s = report.frames_per_s or self._frames_per_s
        if report.component is None:
            self.fraction = max(self.fraction, report.fraction)
            return
        told = {"frames_per_s": report.frames_per_s, "eta_s": report.eta_s}
        self._set(report.component, progress=round(100 * report.fraction, 2), **told)

    def _component(self, report: ComponentChange) -> None:
        values: dict[str, Any] = report.model_dump(include={"status", "error_code", "error_message", "hint"})
        before = self._components.get(report.component)
        if before is None or before.status == report.status:
            return  # a resumed run repeats how its components stand
        if report.status == ComponentStatus.RUNNING:
            values["started_at"] = before.started_at or self._clock()
        elif report.status in _OVER:
            values |= {"completed_at": self._clock(), "eta_s": None}
        if report.status == ComponentStatus.COMPLETED:
            values["progress"] = 100.0
        self._set(report.component, **values)
        level = "error" if report.status == ComponentStatus.FAILED else "info"
        reason = f": {report.error_message}" if report.error_message else ""
        self._log(Log(level=level, message=f"{report.status}{reason}", component=report.component))

    def _set(self, name: str, **values: Any) -> None:
        if name in self._components:
            self._components[name] = self._components[name].model_copy(update=values)
            self._changed.add(name)

    def _log(self, line: Log) -> None:
        if len(self._logs) < _LINES_PER_SNAPSHOT:
            self._logs.append(line)
        else:
            self._n_dropped += 1

    def _dropped(self) -> tuple[Log, ...]:
        if not self._n_dropped:
            return ()
        return (Log(level="warning", message=f"{self._n_dropped} lines of log were dropped"),)

    def _eta(self, progress: float) -> float | None:
        """Seconds left at the pace of this stage so far; None before there is one."""
        now = self._elapsed()
        self._first = self._first or (progress, now)
        gained, took = progress - self._first[0], now - self._first[1]
        return round(took * (100 - progress) / gained, 1) if gained >= 1 else None
