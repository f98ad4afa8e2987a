"""What a pipeline author implements: a cheap declaration, and a session made when work starts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ConfigDict

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.media import Audio, Frames, Video
from videoannotator.domain.table import Table, TableSchema

if TYPE_CHECKING:
    from videoannotator.plugin.environments import Environment


class Parameters(BaseModel):
    """Base of every component's parameters: declared once as pydantic fields with bounds and description.

    A unit is given as ``json_schema_extra={"unit": "px"}``.
    """

    # Infinities and NaN have no JSON: a plan could not keep them.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a component reads; a function of its parameters.

    ``frames_per_s`` samples the pictures (``EVERY_FRAME`` for all of them, None for none), shrunk until
    their longer side is at most ``max_side_px`` where given; ``frames_of`` asks instead for the very
    frames that another component sees. ``audio_rate_hz`` asks for the whole mono track. ``annotations``
    names the components that must speak first. A component reads pictures or sound, not both.
    """

    frames_per_s: float | None = None
    max_side_px: int | None = None
    frames_of: str | None = None
    audio_rate_hz: int | None = None
    annotations: tuple[str, ...] = ()

    @property
    def components(self) -> tuple[str, ...]:
        """Every other component that has to be at work as well."""
        return tuple(dict.fromkeys((*self.annotations, *((self.frames_of,) if self.frames_of else ()))))


EVERY_FRAME = float("inf")


@dataclass(frozen=True, slots=True)
class Annotation:
    """Rows of one table. ``kept=False`` marks rows that only later components of the same chunk may read."""

    table: str
    rows: Table
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of video as one component sees it: its own frames or the whole track, and what was said.

    ``annotations`` maps table names to the rows that earlier components said about this chunk; for the
    audio pass about the whole track.
    """

    index: int
    start_s: float
    end_s: float
    frames: Frames | None = None
    audio: Audio | None = None
    annotations: Mapping[str, Table] = field(default_factory=dict)


class Session(Protocol):
    """A component at work on one video. Its state after a chunk is all in ``save``."""

    def feed(self, chunk: Chunk) -> Iterable[Annotation]:
        """Look at a chunk and say what is there. A lazy iterable lets progress show while it runs."""

    def finish(self) -> Iterable[Annotation]:
        """Say what could only be said at the end."""

    def save(self) -> bytes:
        """State after the last chunk; a resumed run starts from it. ``b""`` where there is none."""

    def close(self) -> None:
        """Free the model."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a session may use of its surroundings."""

    video: Video
    weights: Callable[[str], Path]  # name in weights.toml -> verified file (or folder) on this machine
    device: str = "cpu"
    n_threads: int = 2
    warn: Callable[[str], None] = lambda message: None  # ends up in run.json and in the summary
    progress: Callable[[float], None] = lambda time_s: None  # how far into the video, for lazy work
    uses: Callable[[str], None] = lambda device: None  # where the model runs; ends up in run.json


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why a component cannot run here, and the command or step that mends it."""

    state: ModelState
    reason: str
    hint: str


class Start(Protocol):
    """Load the model and return a session; ``saved`` is what ``Session.save`` returned before a resume."""

    def __call__(self, parameters: Any, context: Context, saved: bytes | None) -> Session: ...


@dataclass(frozen=True, slots=True)
class Component:
    """The declaration of one component. Importing it must import no heavy library."""

    name: str
    display_name: str
    description: str
    parameters: type[Parameters]
    needs: Callable[[Any], Needs]
    produces: tuple[TableSchema, ...]
    start: Start
    weights: Callable[[Any], tuple[str, ...]] = lambda parameters: ()
    unavailable: Callable[[Any], Unavailable | None] = lambda parameters: None
    default_enabled: bool = True
    version: str = "1.0.0"
    model_name: str | None = None
    caveat: str | None = None
    aliases: tuple[str, ...] = ()
    environment: "Environment | None" = None  # where its libraries live, if not in ours


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Components that people choose together, in the order in which they are fed."""

    name: str
    display_name: str
    description: str
    components: tuple[Component, ...]
    family: str = "other"
    default_enabled: bool = True
    output_formats: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    weights_manifest: Path | None = None  # the weights.toml beside the pipeline
