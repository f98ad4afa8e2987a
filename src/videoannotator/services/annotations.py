"""What a job says about its video, by table and stretch of time, while it runs and afterwards."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from videoannotator.domain.errors import NotHere
from videoannotator.domain.jobs import Job, JobStatus
from videoannotator.domain.plan import Run
from videoannotator.engine.ledger import Ledger
from videoannotator.exporters.names import safe_stem
from videoannotator.files.store import FileStore
from videoannotator.plugin.registry import Registry
from videoannotator.services.commits import Commits
from videoannotator.services.jobs import Jobs
from videoannotator.services.live_tables import LiveTables
from videoannotator.services.videos import Videos
from videoannotator.services.windows import Rows, Source, TableInfo, Window, select

_FINISHED = "videoannotator.services.finished_tables"


@contextmanager
def _still_there(job_id: str) -> Iterator[None]:
    """Somebody may delete a job while its files are read; raises NotHere."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotHere(
            f"The files of job {job_id} are no longer on the server", hint="Run the job again."
        ) from error


class JobAnnotations:
    """The annotations of every job of this server."""

    def __init__(self, jobs: Jobs, videos: Videos, registry: Registry) -> None:
        self._jobs, self._videos, self._registry = jobs, videos, registry
        self._commits = Commits()

    def warm(self) -> None:
        """Load what reading files needs (a second's work), so that nobody waits for it."""
        importlib.import_module(_FINISHED)

    def tables(self, job_id: str, owner: str | None) -> tuple[Job, tuple[TableInfo, ...]]:
        """What can be looked at now; raises JobNotFound."""
        job = self._jobs.get(job_id, owner)
        with _still_there(job_id):
            return job, self._source(job).tables()

    def rows(self, job_id: str, owner: str | None, table: str, window: Window) -> Rows:
        """Some rows of a table; raises JobNotFound, and NotHere for a table that says nothing (yet)."""
        source = self._source(self._jobs.get(job_id, owner))
        with _still_there(job_id):
            try:
                columns, every = select(source.read(table, window), window)
            except KeyError as error:
                known = ", ".join(info.name for info in source.tables()) or "none yet"
                raise NotHere(f"Job {job_id} has no table {table!r}", hint=f"Its tables: {known}.") from error
            return Rows(columns, every, source.covered_s(table))

    def _source(self, job: Job) -> Source:
        if job.status is JobStatus.COMPLETED:
            # Here, because the server starts without pyarrow.
            from videoannotator.services.finished_tables import FinishedTables

            return FinishedTables(self._parquet_files(job), job.video_duration_seconds)
        run = Run(video=self._videos.get(job.video_id, None).media, plan=job.plan)
        ledger = Ledger(FileStore(self._jobs.folder(job.id) / "ledger"))
        return LiveTables(job.id, run, ledger, self._registry, self._commits)

    def _parquet_files(self, job: Job) -> dict[str, Path]:
        prefix, folder = f"{safe_stem(job.video_filename)}_", self._jobs.folder(job.id) / "out"
        return {
            Path(one.name).stem.removeprefix(prefix): folder / one.name
            for one in self._jobs.artifacts(job.id, None)
            if one.format == "parquet"
        }
