"""What will run, fixed once: every component with every parameter value, in order."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from videoannotator.domain.media import Record, Video
from videoannotator.domain.places import FileStamp, Folders

PassName = Literal["visual", "audio"]


class Selection(Record):
    """What a person chose, as they wrote it.

    ``pipelines`` (names or aliases of pipelines or components) is None or empty for the defaults; naming
    ``components`` switches on exactly those. ``config`` is ``config[pipeline][component][parameter]``;
    ``base`` is a configuration that ``config`` wins over, value by value, e.g. that of a preset;
    ``overrides`` are texts such as ``whisper.model=base``, which win over ``config``.
    """

    pipelines: tuple[str, ...] | None = None
    components: tuple[str, ...] = ()
    config: dict[str, Any] = Field(default_factory=dict)
    base: dict[str, Any] = Field(default_factory=dict)
    overrides: tuple[str, ...] = ()


class Step(Record):
    """One component at work on one video. ``parameters`` holds every value, defaults included.

    ``requested`` is False for a component that another one needs. ``after`` names the components
    whose annotations it reads; ``weights`` the models it loads.
    """

    pipeline: str
    component: str
    version: str
    passes: PassName
    parameters: dict[str, Any]
    requested: bool = True
    after: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()


class Plan(Record):
    """The steps of one run in the order they are fed. Two equal plans on equal videos mean the same run."""

    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()

    def of_pass(self, name: str) -> tuple[Step, ...]:
        """The steps that share one reading of the file: those of ``visual`` or of ``audio``."""
        return tuple(step for step in self.steps if step.passes == name)


class Run(Record):
    """A plan applied to a video."""

    video: Video
    plan: Plan


class ExportOptions(Record):
    """Which files an export writes. ``formats`` is empty for all of them."""

    formats: tuple[str, ...] = ()
    preview: bool = False
    overlay: bool = False
    web_copy: bool = False  # a copy that browsers play, where they do not play the video itself
    viewer_frames_per_s: float = Field(
        1.0,
        gt=0,
        description="Densest rate of the person JSON, which the viewer smears over a second; the tables keep "
        "every sample.",
    )


class ModelRecord(Record):
    """Which weights made a result: SHA-256 by file name, and under which licence they came."""

    name: str
    files: dict[str, str]
    licence: str
    source: str


class RunRequest(Record):
    """Everything that a child process needs to know to run one stage; kept as ``request.json``.

    ``source`` is set for a video that is used where it lies, below one of ``roots``. ``database_for`` is the
    id under which the export also writes all tables into one SQLite file beside the outputs.
    """

    run: Run
    export: ExportOptions = ExportOptions()
    device: str = "cpu"
    n_threads: int = Field(2, ge=1)
    weights_dir: Path
    licence_mode: Literal["permissive", "research", "custom"] = "permissive"
    offline: bool = False
    source: FileStamp | None = None
    roots: Folders = Field(default_factory=dict)
    database_for: str | None = None
