"""What came out of a batch: every file of every completed item, and one table over all videos."""

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from videoannotator.domain.batches import BatchItem
from videoannotator.domain.errors import JobNotFinished, NotHere, VideoAnnotatorError
from videoannotator.domain.jobs import Artifact, JobStatus
from videoannotator.exporters.names import safe_stem
from videoannotator.services.artifacts import ZIPPED_KINDS, Entry
from videoannotator.services.batches import Batches
from videoannotator.services.jobs import Jobs

_PAGE = 500
_CHUNK_BYTES = 1 << 18


class Finished(NamedTuple):
    """A completed item with its files."""

    item: BatchItem
    job_id: str
    files: tuple[Artifact, ...]
    folder: Path
    stem: str

    def table(self, name: str) -> Path | None:
        """Its CSV file of a table, None where it has none."""
        wanted = f"{self.stem}_{name}.csv"
        return next((self.folder / one.name for one in self.files if one.name == wanted), None)

    @property
    def tables(self) -> list[str]:
        """The names of its tables."""
        return [
            one.name.removeprefix(f"{self.stem}_").removesuffix(".csv")
            for one in self.files
            if one.kind == "table" and one.format == "csv"
        ]


class BatchResults:
    """Reads the results of batches piece by piece, so that memory does not grow with their size."""

    def __init__(self, batches: Batches, jobs: Jobs) -> None:
        self._batches = batches
        self._jobs = jobs

    def completed(self, batch_id: str, owner: str | None) -> Iterator[Finished]:
        """The completed items in their order; raises BatchNotFound."""
        after = -1
        while True:
            page = self._batches.items(
                batch_id, owner, statuses=(JobStatus.COMPLETED,), after=after, limit=_PAGE
            )
            for item in page:
                yield from self._finished(item)
            if len(page) < _PAGE:
                return
            after = page[-1].place

    def entries(self, batch_id: str, owner: str | None) -> Iterator[Entry]:
        """What goes into the ZIP: a folder per video, without the videos; raises JobNotFinished."""
        self._check(batch_id, owner)
        return (
            Entry(f"{one.item.place + 1:05d}_{one.stem}/{file.name}", one.folder / file.name, 0, file.sha256)
            for one in self.completed(batch_id, owner)
            for file in one.files
            if file.kind in ZIPPED_KINDS
        )

    def tables(self, batch_id: str, owner: str | None) -> list[str]:
        """The names of all tables."""
        found = (name for one in self.completed(batch_id, owner) for name in one.tables)
        return list(dict.fromkeys(found))

    def table(self, batch_id: str, owner: str | None, name: str) -> Iterator[str]:
        """One CSV over all videos, in pieces: the columns video and job_id, then those of the table.

        Raises JobNotFinished where nothing is complete, NotHere where no video has the table.
        """
        self._check(batch_id, owner)
        columns: dict[str, None] = {}
        for one in self.completed(batch_id, owner):
            if path := one.table(name):
                with suppress(FileNotFoundError), path.open(encoding="utf-8", newline="") as file:
                    columns |= dict.fromkeys(next(csv.reader(file), ()))
        if not columns:
            known = ", ".join(self.tables(batch_id, owner))
            raise NotHere(f"No video of the batch has a table {name!r}", hint=f"There are: {known}.")
        return self._rows(batch_id, owner, name, list(columns))

    def _rows(self, batch_id: str, owner: str | None, name: str, columns: list[str]) -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, ["video", "job_id", *columns], restval="", extrasaction="ignore")
        writer.writeheader()
        for one in self.completed(batch_id, owner):
            path = one.table(name)
            if path is None:
                continue
            # The job may have been deleted since.
            with suppress(FileNotFoundError), path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    writer.writerow({**row, "video": one.item.video, "job_id": one.job_id})
                    if buffer.tell() > _CHUNK_BYTES:
                        yield buffer.getvalue()
                        buffer.seek(0)
                        buffer.truncate()
        yield buffer.getvalue()

    def _finished(self, item: BatchItem) -> Iterator[Finished]:
        if item.job_id is None:
            return
        try:
            job = self._jobs.get(item.job_id, None)
            files = self._jobs.artifacts(item.job_id, None)
        except VideoAnnotatorError:
            return  # somebody has just deleted the job
        folder = self._jobs.folder(job.id) / "out"
        yield Finished(item, job.id, files, folder, safe_stem(job.video_filename))

    def _check(self, batch_id: str, owner: str | None) -> None:
        batch = self._batches.get(batch_id, owner)
        if not batch.counts[JobStatus.COMPLETED]:
            raise JobNotFinished(f"The batch is {batch.status}, and none of its items is completed")
