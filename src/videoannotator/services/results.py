"""How each pipeline of a job ended, in one table."""

from typing import Any

from videoannotator.domain.jobs import Artifact, Job, JobComponent, JobStatus
from videoannotator.domain.report import ComponentStatus
from videoannotator.services.artifacts import main_file
from videoannotator.services.jobs import Jobs

# From which table the main files are made.
_TABLES = {
    "coco": "people",
    "faces": "faces",
    "openface3": "face_openface3",
    "scenes": "scenes",
    "webvtt": "utterances",
    "rttm": "turns",
}


class Results:
    """Summaries of jobs."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def of(self, job_id: str, owner: str | None) -> dict[str, Any]:
        """The job's pipelines with status, times and the address of their file; raises JobNotFound."""
        job = self._jobs.get(job_id, owner)
        files = self._jobs.artifacts(job_id, owner) if job.status is JobStatus.COMPLETED else ()
        names = dict.fromkeys(component.pipeline for component in job.components)
        shown = job.model_dump(mode="json", include={"status", "created_at", "completed_at", "error_message"})
        return {
            "job_id": job.id,
            **shown,
            "pipeline_results": {name: self._pipeline(job, name, files) for name in names},
        }

    def _pipeline(self, job: Job, name: str, files: tuple[Artifact, ...]) -> dict[str, Any]:
        file = main_file(files, name)
        return {
            **_ending(job, name),
            "annotation_count": self._n_rows(job, _TABLES.get(file.format), files) if file else None,
            "output_file": file.name if file else None,
            "download_url": f"/api/v1/jobs/{job.id}/results/files/{name}" if file else None,
        }

    def _n_rows(self, job: Job, table: str | None, files: tuple[Artifact, ...]) -> int | None:
        """Rows of the table that a file was made from; None where the job has no such table any more."""
        name = next((one.name for one in files if one.name.endswith(f"_{table}.parquet")), None)
        if name is None:
            return None
        from pyarrow import parquet  # heavy

        try:
            return int(parquet.read_metadata(self._jobs.folder(job.id) / "out" / name).num_rows)
        except FileNotFoundError:
            return None


def _ending(job: Job, name: str) -> dict[str, Any]:
    components = [component for component in job.components if component.pipeline == name]
    starts = [component.started_at for component in components if component.started_at]
    ends = [component.completed_at for component in components if component.completed_at]
    seconds = (max(ends) - min(starts)).total_seconds() if starts and ends else None
    failures = [f"{c.component}: {c.error_message}" for c in components if c.error_message]
    return {
        "pipeline_name": name,
        "status": _status(components),
        "start_time": min(starts).isoformat() if starts else None,
        "end_time": max(ends).isoformat() if ends else None,
        "processing_time": seconds,
        "error_message": "; ".join(failures) or None,
        "components": [
            component.model_dump(mode="json", exclude={"pipeline", "frames_per_s", "eta_s"})
            for component in components
        ],
    }


def _status(components: list[JobComponent]) -> str:
    """One word for several components: the worst that has happened, else how far they are."""
    states = {component.status for component in components}
    for worst in (ComponentStatus.FAILED, ComponentStatus.RUNNING, ComponentStatus.PENDING):
        if worst in states:
            return worst.value
    return ComponentStatus.SKIPPED.value if states == {ComponentStatus.SKIPPED} else "completed"
