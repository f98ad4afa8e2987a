"""Everything that a finished run writes: the formats, and the pictures and videos to look at."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from videoannotator.domain.annotations import Annotations
from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.plan import ModelRecord, RunRequest
from videoannotator.domain.report import Stage
from videoannotator.engine.progress import Emit, ProgressMeter
from videoannotator.exporters.export import described, export_all
from videoannotator.exporters.names import safe_stem
from videoannotator.files import atomic
from videoannotator.files.placed_results import DATABASE
from videoannotator.preview.web_copy import is_web_playable
from videoannotator.weights.library import Library

OVERLAY, WEB_COPY = "overlay", "web_copy"  # the parts of an export that take long enough to watch


def export(
    request: RunRequest, annotations: Annotations, library: Library, out_dir: Path, emit: Emit
) -> None:
    """Write the outputs into ``out_dir``; each is told when it is complete.

    Raises InvalidRequest for an unknown format, and StorageError.
    """
    atomic.remove_partials(out_dir)  # of an export that was killed
    run, options = request.run, request.export
    models = _models(request, library)
    export_all(run, annotations, out_dir, options, models=models, on_file=emit)
    if request.database_for is not None:
        from videoannotator.exporters import sqlite_file

        sqlite_file.write(out_dir.with_name(DATABASE), request.database_for, run, annotations)
    stem = safe_stem(run.video.name)
    if options.preview:
        from videoannotator.preview.contact_sheet import contact_sheet

        sheet = out_dir / f"{stem}_preview.png"
        contact_sheet(run, annotations, sheet)
        emit(described(sheet, "preview", "png", None))
    if options.web_copy and not is_web_playable(run.video):
        from videoannotator.preview.film import write_film

        copy = out_dir / f"{stem}.mp4"
        write_film(run.video, copy, on_progress=_progress(WEB_COPY, emit))
        emit(described(copy, WEB_COPY, "mp4", None))
    if options.overlay and run.video.has_video:
        from videoannotator.preview.overlay import overlay_video

        video = out_dir / f"{stem}_overlay.mp4"
        overlay_video(run, annotations, video, _progress(OVERLAY, emit))
        emit(described(video, "video", "mp4", None))


def _progress(name: str, emit: Emit) -> Callable[[float], None]:
    return partial(ProgressMeter(Stage.EXPORT, (name,), 1.0, emit).advance, name)


def _models(request: RunRequest, library: Library) -> list[ModelRecord]:
    """The weights that made the results; a component whose weights could not be had made none."""
    names = dict.fromkeys(name for step in request.run.plan.steps for name in step.weights)
    return [library.record(name) for name in names if library.state(name) is ModelState.READY]
