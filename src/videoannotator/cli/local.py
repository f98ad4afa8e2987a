"""Annotates videos one after another in child processes and says how it went."""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Literal

from rich.console import Console
from rich.markup import escape

from videoannotator import bootstrap
from videoannotator.cli import progress
from videoannotator.cli.pulling import pull_with_progress
from videoannotator.domain import report
from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.errors import (
    ComponentFailed,
    OutputBusy,
    OutputExists,
    StorageError,
    VideoAnnotatorError,
)
from videoannotator.domain.media import Video
from videoannotator.domain.plan import ExportOptions, Plan, Run, Selection
from videoannotator.domain.report import ComponentStatus, Stage
from videoannotator.engine.plan import check_selection, make_plan
from videoannotator.engine.process import OUT, REQUEST, StageProcess
from videoannotator.exporters import run_json
from videoannotator.exporters.names import safe_stem
from videoannotator.files import atomic
from videoannotator.files.lock import alone
from videoannotator.media.probe import probe

End = Literal["done", "partly", "failed"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person asked for."""

    selection: Selection
    output: Path
    resume: bool = False
    overwrite: bool = False
    preview: bool = False
    overlay: bool = False


@dataclass(slots=True)
class Told:
    """What the stages of one run have reported."""

    files: list[report.FileWritten] = field(default_factory=list)
    components: dict[str, report.ComponentChange] = field(default_factory=dict)

    def take(self, message: report.Report) -> None:
        """Remember what the summary needs; raise the error with which a stage ended."""
        if isinstance(message, report.FileWritten):
            self.files.append(message)
        elif isinstance(message, report.ComponentChange):
            self.components[message.component] = message
        elif isinstance(message, report.StageEnd) and message.error_code:
            error = ComponentFailed(message.error_message or message.error_code, hint=message.hint)
            error.code = message.error_code
            raise error

    def failed(self) -> list[report.ComponentChange]:
        """The components that did not do their work."""
        return [one for one in self.components.values() if one.status is ComponentStatus.FAILED]

    def end(self) -> End:
        """How the video ended; one of which no component was completed has failed, as a job has."""
        if not self.failed():
            return "done"
        completed = any(one.status is ComponentStatus.COMPLETED for one in self.components.values())
        return "partly" if completed else "failed"


class Annotator:
    """Runs the same wish on video after video; one that fails does not stop the others."""

    def __init__(self, wanted: Wanted, settings_file: Path | None = None) -> None:
        self._wanted = wanted
        self._settings = bootstrap.open_settings(settings_file)
        self._registry = bootstrap.open_registry()
        self._library = bootstrap.open_library(self._registry, self._settings)
        self._console = Console(soft_wrap=True)  # a message in a log is one line
        self._taken: dict[str, Path] = {}

    def annotate(self, paths: Sequence[Path]) -> list[End]:
        """How each video ended. Raises at once for a wish that can be met for no video."""
        check_selection(self._registry, self._wanted.selection, self._library)
        ends = [self._guarded(path) for path in paths]
        if len(paths) > 1:
            counts = ", ".join(
                f"{ends.count(end)} {end}" for end in ("done", "partly", "failed") if end in ends
            )
            self._console.print(f"{len(paths)} videos: {counts}")
        return ends

    def _guarded(self, path: Path) -> End:
        self._console.print(f"[bold]{escape(_shown(path))}[/]")
        try:
            return self._annotate(path)
        except VideoAnnotatorError as error:
            self._console.print(f"  [red]failed[/]: {escape(str(error))}", highlight=False)
            self._console.print(f"  {escape(error.hint)}  {escape(f'[{error.code}]')}", highlight=False)
            return "failed"

    def _annotate(self, path: Path) -> End:
        started = time.monotonic()
        target = self._target(path)
        video = probe(path)
        for warning in video.warnings:
            self._console.print(f"  [yellow]warning[/]: {escape(warning)}", highlight=False)
        plan = make_plan(video, self._registry, self._wanted.selection, self._library)
        for warning in plan.warnings:
            self._console.print(f"  [dim]note: {escape(warning)}[/]", highlight=False)
        run, run_dir = Run(video=video, plan=plan), target.with_name(f".{target.name}.run")
        self._make_output()
        with alone(target.with_name(f".{target.name}.lock")) as held:
            if not held:
                raise OutputBusy(f"Another command is at work on {target}")
            return self._into(target, run_dir, run, started)

    def _into(self, target: Path, run_dir: Path, run: Run, started: float) -> End:
        plan, video = run.plan, run.video
        if self._is_done(target, run):
            self._console.print(f"  done already: {target}", highlight=False, markup=False)
            shutil.rmtree(run_dir, ignore_errors=True)
            return "done"
        self._fetch_weights(plan)
        self._lay_out(run_dir, run)
        try:
            told = self._run_stages(run_dir, plan)
        except KeyboardInterrupt:
            self._console.print("  [dim]what is finished is kept: the same command with --resume goes on[/]")
            raise
        atomic.replace_dir(run_dir / OUT, target)
        shutil.rmtree(run_dir, ignore_errors=True)
        self._summarise(video, target, told, time.monotonic() - started)
        return told.end()

    def _target(self, path: Path) -> Path:
        """Where the results of a video go; two of the same name in one command are told apart."""
        stem = safe_stem(path.name)
        name, number = stem, 2
        while self._taken.setdefault(name, path) != path:
            name, number = f"{stem}-{number}", number + 1
        return self._wanted.output / name

    def _make_output(self) -> None:
        """Make the folder for the results; raises StorageError where nothing can be written into it."""
        output = self._wanted.output
        try:
            atomic.make_dir(output)
            TemporaryFile(dir=output).close()
        except OSError as error:
            problem = f"The folder for the results cannot be used: {str(output)!r}: {error.strerror}"
            raise StorageError(problem, hint="Name another folder with -o.") from error

    def _is_done(self, target: Path, run: Run) -> bool:
        """Whether an earlier command did all of this; raises OutputExists for other results in the way."""
        if self._wanted.overwrite or not target.exists():
            return False
        same = self._wanted.resume and run_json.is_of(target / "run.json", run)
        if same and self._has_looks(target, run):
            return True
        hint = "Use --overwrite, or another folder with -o."
        lack = ", without the picture or video that is asked for" if same else ""
        raise OutputExists(f"There are results already{lack}: {target}", hint=hint)

    def _has_looks(self, target: Path, run: Run) -> bool:
        """Whether the picture and the video that are asked for are there."""
        stem, wanted = safe_stem(run.video.name), self._wanted
        preview = not wanted.preview or (target / f"{stem}_preview.png").exists()
        overlay = not (wanted.overlay and run.video.has_video) or (target / f"{stem}_overlay.mp4").exists()
        return preview and overlay

    def _fetch_weights(self, plan: Plan) -> None:
        names = dict.fromkeys(name for step in plan.steps for name in step.weights)
        missing = [name for name in names if self._library.state(name) is not ModelState.READY]
        if missing:
            pull_with_progress(self._library, missing, self._console)

    def _lay_out(self, run_dir: Path, run: Run) -> None:
        """Make the folder of the run, or keep the one whose work goes on."""
        if run_dir.exists() and not self._wanted.resume:
            self._console.print(
                "  [dim]note: an interrupted run was there and starts anew (--resume goes on)[/]"
            )
            shutil.rmtree(run_dir)
        elif self._wanted.resume and not run_dir.exists():
            self._console.print("  [dim]note: nothing was interrupted; starting from the beginning[/]")
        options = ExportOptions(preview=self._wanted.preview, overlay=self._wanted.overlay)
        request = bootstrap.make_request(run, self._settings, options)
        atomic.write_text(run_dir / REQUEST, request.model_dump_json(indent=2))

    def _run_stages(self, run_dir: Path, plan: Plan) -> Told:
        told = Told()
        with progress.view(self._console) as view:
            for stage in stages(plan):
                with StageProcess(run_dir, stage) as process:
                    for message in process.reports():
                        view.show(message)
                        told.take(message)
        return told

    def _summarise(self, video: Video, target: Path, told: Told, seconds: float) -> None:
        console = self._console
        for one in told.failed():
            console.print(f"  [red]{one.component} failed[/]: {escape(one.error_message or '')}")
        length = f"{video.duration_s:.1f} s of video" if video.duration_s else "video"
        took = f"{length} in {progress.duration(seconds)}"
        console.print(f"  {took}; {len(told.files)} files in {escape(str(target))}")
        for file in told.files:
            if file.kind in ("preview", "video"):
                console.print(f"  {file.kind}: {escape(str(target / file.name))}")


def stages(plan: Plan) -> tuple[Stage, ...]:
    """What a plan has to go through, in order."""
    passes = [stage for stage in (Stage.VISUAL, Stage.AUDIO) if plan.of_pass(stage.value)]
    return (*passes, Stage.EXPORT)


def _shown(path: Path) -> str:
    """A path on one line, whatever its name holds."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in str(path))
