"""Annotations become files: every format that the run's tables fill, all of them or none."""

import hashlib
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from videoannotator.domain.annotations import Annotations
from videoannotator.domain.errors import InvalidRequest
from videoannotator.domain.plan import ExportOptions, ModelRecord, Run
from videoannotator.domain.report import FileWritten
from videoannotator.domain.table import Table, TableSchema
from videoannotator.exporters import (
    csv_table,
    elan,
    face_json,
    openface3_json,
    openface_csv,
    parquet,
    person_json,
    rttm,
    run_json,
    scenes_json,
    textgrid,
    timeline,
    webvtt,
)
from videoannotator.exporters.names import safe_stem, table_part
from videoannotator.exporters.tidy import Tidy
from videoannotator.files import atomic

RUN_JSON = "run.json"


@dataclass(frozen=True)
class Source:
    """What formats read: the run, its joined tables, and the stem of every file's name."""

    run: Run
    tidy: Tidy
    options: ExportOptions

    @cached_property
    def stem(self) -> str:
        """What every file of the video begins with."""
        return safe_stem(self.run.video.name)

    @cached_property
    def tiers(self) -> tuple[timeline.Tier, ...]:
        """The time line that ELAN and Praat share."""
        return timeline.tiers(self.tidy)

    def rows(self, name: str) -> Table:
        """All rows of a table that the run has."""
        return self.tidy.tables[name].rows()

    def holds(self, name: str) -> bool:
        """Whether that table has rows; for "", whether the time line has tiers."""
        return bool(len(self.rows(name)) if name else self.tiers)


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of annotation file: written when the run has the table ``of`` (any table for "")."""

    name: str
    suffix: str
    of: str
    pipeline: str | None
    write: Callable[[Path, Source], None]
    when_empty: bool = True


FORMATS = (
    Format("coco", "_person_tracking.json", "people", "person_tracking",
           lambda path, s: person_json.write(path, s.run.video, s.stem, s.rows("people"),
                                             s.options.viewer_frames_per_s)),
    Format("faces", "_face_analysis.json", "faces", "face_analysis",
           lambda path, s: face_json.write(path, s.stem, s.rows("faces"))),
    Format("openface3", "_openface3_analysis.json", "face_openface3", "face_analysis",
           lambda path, s: openface3_json.write(path, s.rows("face_openface3")), when_empty=False),
    Format("openface_csv", "_openface.csv", "face_openface3", "face_analysis",
           lambda path, s: openface_csv.write(path, s.rows("face_openface3"))),
    Format("scenes", "_scenes.json", "scenes", "scene_detection",
           lambda path, s: scenes_json.write(path, s.stem, s.rows("scenes"), s.tidy.rows("scene_labels"))),
    Format("webvtt", "_speech_recognition.vtt", "utterances", "audio_processing",
           lambda path, s: webvtt.write(path, s.rows("utterances"))),
    # The viewer warns of a file without any speaker; the tables say that there is none.
    Format("rttm", "_speaker_diarization.rttm", "turns", "audio_processing",
           lambda path, s: rttm.write(path, s.stem, s.rows("turns")), when_empty=False),
    Format("uem", ".uem", "turns", "audio_processing",
           lambda path, s: rttm.write_uem(path, s.stem, s.run.video.start_s, s.run.video.end_s)),
    Format("elan", ".eaf", "", None, lambda path, s: elan.write(path, s.run.video, s.tiers)),
    # Praat crashes on a grid without tiers.
    Format("textgrid", ".TextGrid", "", None,
           lambda path, s: textgrid.write(path, s.run.video.duration_s, s.tiers), when_empty=False),
)  # fmt: skip
_TABLE_WRITERS: dict[str, Callable[[Path, TableSchema, Iterable[Table]], None]] = {
    "csv": csv_table.write,
    "parquet": parquet.write,
}
FORMAT_NAMES = (*(format_.name for format_ in FORMATS), *_TABLE_WRITERS)


def export_all(
    run: Run,
    annotations: Annotations,
    out_dir: Path,
    options: ExportOptions | None = None,
    *,
    models: Sequence[ModelRecord] = (),
    on_file: Callable[[FileWritten], None] = lambda file: None,
) -> list[FileWritten]:
    """Write every chosen format and ``run.json`` into ``out_dir``, and say what was written.

    Equal runs give equal bytes, but for the one block of ``run.json``. The files appear under their names
    when all are complete, ``run.json`` last; other files of the folder are left alone.

    Raises:
        InvalidRequest: for a format that does not exist.
        StorageError, StorageFull: nothing is left but what was there.
    """
    options = options or ExportOptions()
    check_formats(options.formats)
    source = Source(run, Tidy(annotations), options)
    with _scratch(out_dir) as scratch:
        files = [described(*written) for written in _write_files(scratch, source)]
        record = scratch / RUN_JSON
        run_json.write(record, run, annotations, models, files)
        files.append(described(record, "run", "json", None))
        _publish(scratch, out_dir, files)
    for file in files:
        on_file(file)
    return files


def check_formats(formats: Sequence[str]) -> None:
    """Raise InvalidRequest for the name of a format that does not exist."""
    for name in formats:
        if name not in FORMAT_NAMES:
            known = ", ".join(FORMAT_NAMES)
            raise InvalidRequest(
                f"Unknown format {name!r}", hint=f"The formats are: {known}", field="formats"
            )


Written = tuple[Path, str, str, str | None]  # path, kind, format, pipeline


def _write_files(folder: Path, source: Source) -> Iterator[Written]:
    chosen = source.options.formats or FORMAT_NAMES
    tables = source.tidy.tables
    for format_ in FORMATS:
        has_table = not format_.of or format_.of in tables
        if format_.name not in chosen or not has_table:
            continue
        if format_.when_empty or source.holds(format_.of):
            path = folder / f"{source.stem}{format_.suffix}"
            format_.write(path, source)
            yield path, "annotations", format_.name, format_.pipeline
    for name, table in tables.items():
        for table_format in table.formats:
            if table_format in chosen:
                path = folder / f"{source.stem}_{table_part(name)}.{table_format}"
                _TABLE_WRITERS[table_format](path, table.schema, table.parts())
                yield path, "table", table_format, None


def described(path: Path, kind: str, format_name: str, pipeline: str | None) -> FileWritten:
    """The record of a file that is complete."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileWritten(
        name=path.name,
        kind=kind,
        format=format_name,
        pipeline=pipeline,
        size_bytes=path.stat().st_size,
        sha256=digest,
    )


@contextmanager
def _scratch(out_dir: Path) -> Iterator[Path]:
    """A hidden folder inside the output folder: on its file system, and removed whatever happens."""
    scratch = out_dir / f"{atomic.PARTIAL_PREFIX}{uuid.uuid4().hex}"
    with atomic.storage_errors(out_dir):
        atomic.make_dir(out_dir)
        scratch.mkdir()
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _publish(scratch: Path, out_dir: Path, files: Sequence[FileWritten]) -> None:
    """Move complete files to their places. Without ``run.json`` nothing counts as complete, so it is last."""
    for file in files:
        atomic.sync(scratch / file.name)
    (out_dir / RUN_JSON).unlink(missing_ok=True)
    for file in files:
        (scratch / file.name).replace(out_dir / file.name)
    atomic.sync(out_dir)
