"""What a finished run said, as file formats and previews read it."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from pydantic import Field

from videoannotator.domain.media import Record
from videoannotator.domain.report import ComponentStatus, Stage
from videoannotator.domain.table import Table, TableSchema


class Outcome(Record):
    """How one component of the plan ended. ``skipped`` names the reason in ``error_message``."""

    pipeline: str
    component: str
    stage: Stage
    status: ComponentStatus
    error_code: str | None = None
    error_message: str | None = None
    hint: str | None = None


class ComponentCounters(Record):
    """What one component cost. ``inference_s`` is time inside its session alone, loading excluded.

    ``device`` is where its model ran; ``auto`` where a worker in another environment chose for itself.
    """

    load_s: float = 0.0
    inference_s: float = 0.0
    n_frames: int = 0
    device: str = "cpu"


class StageCounters(Record):
    """What one pass cost, over all the processes that worked on it.

    ``n_frames_decoded`` counts each frame of the stream once however often the pass was interrupted;
    ``n_starts`` is 1 plus the number of times it went on, and ``resumed_from`` the chunks where it did.
    ``decode_s`` is time spent waiting for pictures or sound (decoding goes on beside the models), and
    ``n_decode_errors`` counts what could not be decoded. Times are ISO 8601 in UTC.
    """

    started_at: str
    ended_at: str | None = None
    n_starts: int = 1
    resumed_from: tuple[int, ...] = ()
    n_chunks: int = 0
    n_frames_decoded: int = 0
    decode_s: float = 0.0
    n_decode_errors: int = 0
    checkpoint_s: float = 0.0
    components: dict[str, ComponentCounters] = Field(default_factory=dict)


class Annotations(Protocol):
    """Read access to everything a run said. Rows of failed or skipped components are not shown."""

    @property
    def schemas(self) -> Mapping[str, TableSchema]:
        """Every table that a completed component fills, by name, in the plan's order.

        A table of a component that failed or was skipped is none: an empty one would say that nothing was
        there.
        """

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """One per step of the plan, in its order."""

    @property
    def counters(self) -> Mapping[Stage, StageCounters]:
        """What the passes cost; a pass that the plan does not have is absent."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the plan and the components warned of, each once."""

    def table(self, name: str) -> Table:
        """All rows of a table; without rows where nothing was said; KeyError for one not in ``schemas``."""

    def parts(self, name: str) -> Iterator[Table]:
        """The same rows piece by piece, in order, for tables that need not fit in memory."""
