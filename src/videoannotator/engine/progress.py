"""How far a stage is, told often enough to watch and seldom enough to store: four reports a second."""

import time
from collections.abc import Callable

from videoannotator.domain.media import Video
from videoannotator.domain.report import Progress, Report, Stage

INTERVAL_S = 0.25

Emit = Callable[[Report], None]


class ProgressMeter:
    """Turns places in the video into reports with rate and time left.

    Every ``INTERVAL_S`` one report goes out: by turns the stage's own and that of the component which
    has waited longest, so that no component hides another.
    """

    def __init__(
        self,
        stage: Stage,
        components: tuple[str, ...],
        duration_s: float,
        emit: Emit,
        clock: Callable[[], float] = time.monotonic,
        *,
        start_s: float = 0.0,
    ) -> None:
        self._stage, self._emit, self._clock = stage, emit, clock
        self._start_s = start_s  # where the stretch begins that is worked on, ``duration_s`` long
        self._duration_s = max(duration_s, 1e-9)
        self._at_s = dict.fromkeys(components, 0.0)
        self._begun_s = dict[str, tuple[float, float]]()  # clock and place where this process began
        self._n_frames = dict.fromkeys(components, 0)
        self._waiting: dict[str, None] = {}
        self._last_report_s = -INTERVAL_S
        self._stage_is_next = True
        self._started_s, self._started_fraction = clock(), 0.0

    def resume(self, component: str, time_s: float) -> None:
        """Say where a component goes on, so that earlier work does not count as speed."""
        self._at_s[component] = min(max(time_s - self._start_s, 0.0), self._duration_s)
        self._started_fraction = self._fraction

    def begin(self, component: str) -> None:
        """Start the component's clock: it is at work from now on."""
        self._begun_s.setdefault(component, (self._clock(), self._at_s[component]))

    def advance(self, component: str, time_s: float, n_frames: int = 0) -> None:
        """Say that the component has seen the video up to ``time_s``, and so many frames more."""
        self._at_s[component] = max(self._at_s[component], min(time_s - self._start_s, self._duration_s))
        self._n_frames[component] += n_frames
        self._waiting.setdefault(component)
        self._report()

    def close(self, component: str) -> None:
        """Count the component as done, however it ended; told at once, as much may depend on it."""
        self._at_s[component] = self._duration_s
        self._waiting.pop(component, None)
        self._last_report_s = self._clock()
        self._emit(self._of_component(component, self._last_report_s))
        self._emit(self._of_stage(self._last_report_s))

    def finish(self) -> None:
        """Say that the whole stage is done."""
        self._emit(Progress(stage=self._stage, fraction=1.0, time_s=self._duration_s))

    @property
    def _fraction(self) -> float:
        places = self._at_s.values()
        # Seven times a whole, added up, may come to a hair more than seven wholes.
        return min(sum(places) / (self._duration_s * len(places)), 1.0) if places else 1.0

    def _report(self) -> None:
        now_s = self._clock()
        if now_s - self._last_report_s < INTERVAL_S:
            return
        self._last_report_s = now_s
        if self._stage_is_next:
            self._emit(self._of_stage(now_s))
        else:
            component = next(iter(self._waiting))
            del self._waiting[component]
            self._emit(self._of_component(component, now_s))
        self._stage_is_next = not self._stage_is_next or not self._waiting

    def _of_stage(self, now_s: float) -> Progress:
        done, worked_s = self._fraction - self._started_fraction, now_s - self._started_s
        rate = done * self._duration_s / worked_s if done > 0 and worked_s > 0 else None
        return Progress(
            stage=self._stage,
            fraction=self._fraction,
            time_s=min(self._at_s.values()),
            rate=rate,
            eta_s=(1 - self._fraction) * self._duration_s / rate if rate else None,
        )

    def _of_component(self, name: str, now_s: float) -> Progress:
        at_s = self._at_s[name]
        begun_s, from_s = self._begun_s.get(name, (now_s, at_s))
        worked_s, n_frames = now_s - begun_s, self._n_frames[name]
        rate = (at_s - from_s) / worked_s if at_s > from_s and worked_s > 0 else None
        return Progress(
            stage=self._stage,
            component=name,
            fraction=at_s / self._duration_s,
            time_s=at_s,
            frames_per_s=n_frames / worked_s if n_frames and worked_s > 0 else None,
            rate=rate,
            eta_s=(self._duration_s - at_s) / rate if rate else None,
        )


def meter_of(stage: Stage, components: tuple[str, ...], video: Video, emit: Emit) -> ProgressMeter:
    """A meter for a pass over a video, or over the stretch of it that is wanted."""
    return ProgressMeter(stage, components, video.end_s - video.start_s, emit, start_s=video.start_s)
