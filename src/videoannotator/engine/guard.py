"""One component at work: what it breaks is its own failure, and what it costs is counted."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from videoannotator.domain.annotations import ComponentCounters, Outcome
from videoannotator.domain.errors import ComponentFailed, VideoAnnotatorError
from videoannotator.domain.plan import Step
from videoannotator.domain.report import ComponentChange, ComponentStatus, Log, Stage
from videoannotator.engine.progress import Emit
from videoannotator.plugin.component import Annotation, Chunk, Component, Context, Session

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Guarded:
    """A component that may fail alone: after a failure it says nothing more, and the others go on."""

    def __init__(self, step: Step, component: Component, emit: Emit) -> None:
        self.step = step
        self.outcome: Outcome | None = None  # how it ended, as soon as it has
        self.counters = ComponentCounters()
        self.parameters = component.parameters.model_validate(step.parameters)
        self.needs = component.needs(self.parameters)
        self._component, self._emit = component, emit
        self._stage = Stage(step.passes)
        self._session: Session | None = None

    @property
    def name(self) -> str:
        """The component's name."""
        return self.step.component

    @property
    def failed(self) -> bool:
        """Whether it has failed or was skipped."""
        return self.outcome is not None and self.outcome.status is not ComponentStatus.COMPLETED

    def start(self, context: Context, saved: bytes | None) -> None:
        """Load the model; ``saved`` is the state to go on from."""
        self._change(ComponentStatus.RUNNING)
        with self._timed("load_s"):
            told = replace(context, uses=self._uses)
            self._session = self._guard(lambda: self._component.start(self.parameters, told, saved), None)
        if self._session is not None:
            self._emit(Log(message=f"ready after {self.counters.load_s:.1f} s", component=self.name))

    def feed(self, chunk: Chunk) -> list[Annotation]:
        """What the component says of a chunk; nothing once it has failed."""
        n_frames = len(chunk.frames) if chunk.frames else 0
        self.counters = _plus(self.counters, n_frames=n_frames if self._session else 0)
        return self._listen(lambda session: session.feed(chunk))

    def finish(self) -> list[Annotation]:
        """What the component says at the end; it is then completed unless it has failed."""
        said = self._listen(lambda session: session.finish())
        if self.outcome is None:
            self.end(ComponentStatus.COMPLETED)
        return said

    def save(self) -> bytes:
        """The session's state; nothing once it has failed."""
        session = self._session
        return self._guard(session.save, b"") if session else b""

    def close(self) -> None:
        """Free the model."""
        session, self._session = self._session, None
        if session is not None:
            self._guard(session.close, None)

    def end(self, status: ComponentStatus, error: VideoAnnotatorError | None = None) -> None:
        """Record how the component ended, and tell it."""
        self.outcome = Outcome(
            pipeline=self.step.pipeline,
            component=self.name,
            stage=self._stage,
            status=status,
            error_code=error.code if error else None,
            error_message=str(error) if error else None,
            hint=error.hint if error else None,
        )
        self._change(status)

    def restore(self, failures: Iterable[Outcome]) -> None:
        """Take over how the component ended before the run was interrupted: as one of these, or well."""
        self.outcome = next((one for one in failures if one.component == self.name), None)
        if self.outcome:
            self._change(self.outcome.status)
        else:
            self.end(ComponentStatus.COMPLETED)

    def skip_after(self, others: Iterable["Guarded"]) -> None:
        """Skip the component if one that it needs has failed or was skipped."""
        lost = {other.name for other in others if other.failed}
        cause = next((name for name in self.step.after if name in lost), None)
        if cause and self.outcome is None:
            self.end(ComponentStatus.SKIPPED, ComponentFailed(f"It needs {cause}, which failed"))
            self.close()

    def _uses(self, device: str) -> None:
        self.counters = self.counters.model_copy(update={"device": device})

    def _listen(self, ask: Callable[[Session], Iterable[Annotation]]) -> list[Annotation]:
        session = self._session
        if session is None:
            return []
        with self._timed("inference_s"):
            return self._guard(lambda: [self._declared(one) for one in ask(session)], [])

    def _declared(self, said: Annotation) -> Annotation:
        """The annotation itself, if it fits what the component declares; ValueError where it does not."""
        schema = next((one for one in self._component.produces if one.name == said.table), None)
        if said.kept and (schema is None or set(said.rows.columns) != {c.name for c in schema.columns}):
            raise ValueError(
                f"it said {said.table!r} with {sorted(said.rows.columns)}, which it does not declare"
            )
        return said

    def _guard(self, act: Callable[[], T], otherwise: T) -> T:
        """The edge at which somebody else's code may break in any way."""
        try:
            return act()
        except Exception as error:  # noqa: BLE001  (the component guard)
            _log.exception("%s failed", self.name)
            if self.outcome is None:  # a session that breaks when it is freed has done its work
                self.end(ComponentStatus.FAILED, _explained(error))
            self.close()
            return otherwise

    @contextmanager
    def _timed(self, counter: str) -> Iterator[None]:
        started_s = time.perf_counter()
        try:
            yield
        finally:
            self.counters = _plus(self.counters, **{counter: time.perf_counter() - started_s})

    def _change(self, status: ComponentStatus) -> None:
        outcome = self.outcome
        _log.info("%s: %s", self.name, status)
        self._emit(
            ComponentChange(
                stage=self._stage,
                component=self.name,
                status=status,
                error_code=outcome.error_code if outcome else None,
                error_message=outcome.error_message if outcome else None,
                hint=outcome.hint if outcome else None,
            )
        )


def _explained(error: Exception) -> VideoAnnotatorError:
    if isinstance(error, VideoAnnotatorError):
        return error
    return ComponentFailed(f"{type(error).__name__}: {error}")


def _plus(counters: ComponentCounters, **more: float) -> ComponentCounters:
    return counters.model_copy(update={name: getattr(counters, name) + value for name, value in more.items()})
