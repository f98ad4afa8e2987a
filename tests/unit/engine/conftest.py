"""A clip, its plan and its ledger, for tests that run the engine."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.synthetic.clips import Clip, Sound, write
from tests.synthetic.plugins import REGISTRY

from videoannotator.domain.plan import Run, Selection
from videoannotator.domain.report import Report, Stage
from videoannotator.domain.store import Store
from videoannotator.engine.annotations import LedgerAnnotations
from videoannotator.engine.ledger import Ledger
from videoannotator.engine.plan import make_plan
from videoannotator.engine.run import run_pass
from videoannotator.engine.tools import Tools
from videoannotator.files.store import FileStore
from videoannotator.media.probe import probe
from videoannotator.weights.library import Library

MakeRun = Callable[..., Run]


@pytest.fixture(scope="session")
def clip(tmp_path_factory) -> Path:
    """1000 small pictures at 25 a second (several chunks), with sound."""
    path = tmp_path_factory.mktemp("media") / "clip.mp4"
    return write(path, Clip(n_frames=1000, frame_rate=25, sound=Sound(duration_s=40.0)))


@pytest.fixture(scope="session")
def make_run(clip, tmp_path_factory) -> MakeRun:
    video = probe(clip)
    library = Library((), tmp_path_factory.mktemp("weights"))

    def make(**selection: object) -> Run:
        plan = make_plan(video, REGISTRY, Selection.model_validate(selection), library)
        return Run(video=video, plan=plan)

    return make


@dataclass
class Bench:
    """Everything that running a plan in this process takes, and what it told."""

    run: Run
    store: Store
    scratch: Path
    reports: list[Report] = field(default_factory=list)

    def work(self, *stages: Stage) -> "Bench":
        for stage in stages or (Stage.VISUAL, Stage.AUDIO):
            run_pass(self.run, stage, self.tools)
        return self

    @property
    def tools(self) -> Tools:
        return Tools(REGISTRY, Ledger(self.store), _no_weights, self.reports.append, self.scratch)

    @property
    def said(self) -> LedgerAnnotations:
        return LedgerAnnotations(self.run, Ledger(self.store), REGISTRY)

    @property
    def rows(self) -> dict[str, bytes | None]:
        """Everything in the ledger but what things cost and the last state."""
        kept = filter(lambda key: not key.startswith(("counters/", "visual/state/")), self.store.keys())
        return {key: self.store.get(key) for key in kept}


@pytest.fixture
def bench(tmp_path):
    def make(run: Run, store: Store | None = None) -> Bench:
        return Bench(run, store or FileStore(tmp_path / "ledger"), tmp_path)

    return make


def _no_weights(name: str) -> Path:
    raise AssertionError(f"{name} was asked for")
