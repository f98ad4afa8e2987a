"""One decode for all, against the same models run one after another, each decoding for itself."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import clips
from videoannotator import bootstrap
from videoannotator.domain.plan import Plan, Run, Selection
from videoannotator.domain.report import Report, Stage
from videoannotator.domain.table import Table, concat
from videoannotator.engine.ledger import Ledger, Rows
from videoannotator.engine.plan import make_plan
from videoannotator.engine.run import run_pass
from videoannotator.engine.tools import Tools
from videoannotator.files.store import FileStore
from videoannotator.media.decode import View, decode
from videoannotator.media.probe import probe
from videoannotator.plugin.component import Chunk, Context, Needs
from videoannotator.plugin.registry import Registry
from videoannotator.weights.library import Library

VISUAL = ("person_tracking", "face_analysis", "scene_detection")
N_THREADS = 2
HEARD = ("people", "tracks", "faces", "face_meshes")  # the tables that other components read


def main() -> None:
    """Print both ratios for the 1080p and the 480p clip."""
    registry = bootstrap.open_registry()
    library = bootstrap.open_library(registry)
    for path in (clips.full_hd(), clips.standard()):
        Clip(path, registry, library).measure()


class Recording(Ledger):
    """A ledger that also keeps in memory what was said, the rows that are not kept included."""

    def __init__(self, store: FileStore) -> None:
        super().__init__(store)
        self.tables: dict[str, list[Table]] = {}

    def commit_chunk(self, index: int, rows: Rows, state: bytes) -> None:
        """Remember the rows, then do as every ledger does."""
        for annotations in rows.values():
            for one in annotations:
                self.tables.setdefault(one.table, []).append(one.rows)
        super().commit_chunk(index, rows, state)


@dataclass(slots=True)
class Apart:
    """What the models cost when each decodes for itself."""

    total_s: float = 0.0
    inference_s: float = 0.0


class Clip:
    """One video and the visual plan for it."""

    def __init__(self, path: Path, registry: Registry, library: Library) -> None:
        self._video = probe(path)
        self._registry, self._library = registry, library
        self._plan: Plan = make_plan(self._video, registry, Selection(pipelines=VISUAL), library)
        self._steps = {step.component: step for step in self._plan.of_pass("visual")}

    def measure(self) -> None:
        """Time the whole pass, the models apart and a decode alone, and print the ratios."""
        whole_s, said = self._whole()
        apart = Apart()
        for name in self._steps:
            self._alone(name, said, apart)
        views = list(dict.fromkeys(view for name in self._steps if (view := self._view(name))))
        decode_s = _seconds(lambda: sum(1 for _ in decode(self._video, views)))
        name = f"{self._video.name} ({self._video.duration_s:.0f} s)"
        print(f"{name}: whole {whole_s:.1f} s, models apart {apart.total_s:.1f} s, ", end="")
        print(f"inference {apart.inference_s:.1f} s, one decode {decode_s:.1f} s")
        print(f"  whole / models one after another: {whole_s / apart.total_s:.2f}  (goal <= 0.70)")
        ideal_s = apart.inference_s + decode_s
        print(f"  whole / (inference + one decode): {whole_s / ideal_s:.2f}  (goal <= 1.10)")

    def _whole(self) -> tuple[float, dict[str, Table]]:
        with tempfile.TemporaryDirectory() as folder:
            ledger = Recording(FileStore(Path(folder)))
            tools = Tools(
                self._registry, ledger, self._library.path, _unwatched, Path(folder), "cpu", N_THREADS
            )
            run = Run(video=self._video, plan=self._plan)
            seconds = _seconds(lambda: run_pass(run, Stage.VISUAL, tools))
        return seconds, {name: concat(parts) for name, parts in ledger.tables.items()}

    def _alone(self, name: str, said: dict[str, Table], apart: Apart) -> None:
        """Run one model over the video by itself, told what the others had said."""
        component, step = self._registry.component(name), self._steps[name]
        parameters = component.parameters.model_validate(step.parameters)
        started = time.perf_counter()
        context = Context(self._video, self._library.path, "cpu", N_THREADS)
        session = component.start(parameters, context, None)
        for chunk in self._chunks(self._view(name), said):
            began = time.perf_counter()
            list(session.feed(chunk))
            apart.inference_s += time.perf_counter() - began
        list(session.finish())
        session.close()
        apart.total_s += time.perf_counter() - started

    def _chunks(self, view: View | None, said: dict[str, Table]) -> Iterator[Chunk]:
        if view is None:
            yield Chunk(0, 0.0, self._video.duration_s, annotations=said)
            return
        for one in decode(self._video, [view]):
            heard = {name: _within(name, said, one.start_s, one.end_s) for name in HEARD if name in said}
            yield Chunk(one.index, one.start_s, one.end_s, one.frames[view], annotations=heard)

    def _view(self, name: str) -> View | None:
        needs = self._needs(name)
        if needs.frames_of:
            return self._view(needs.frames_of)
        return None if needs.frames_per_s is None else View(needs.frames_per_s, needs.max_side_px)

    def _needs(self, name: str) -> Needs:
        component = self._registry.component(name)
        return component.needs(component.parameters.model_validate(self._steps[name].parameters))


def _within(name: str, said: dict[str, Table], start_s: float, end_s: float) -> Table:
    """The rows of a stretch; meshes have no time of their own and stand in the order of their faces."""
    time_s = said["faces" if name == "face_meshes" else name]["time_s"]
    return said[name].where(np.flatnonzero((time_s >= start_s) & (time_s < end_s)))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _unwatched(report: Report) -> None:
    """Nobody looks at the progress."""


if __name__ == "__main__":
    main()
