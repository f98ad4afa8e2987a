"""How each pipeline of a job ended, in one table."""

from typing import Any

from videoannotator.domain.jobs import Artifact, Job, JobComponent, JobStatus
from videoannotator.domain.report import ComponentStatus
from videoannotator.services.artifacts import main_file
from videoannotator.services.jobs import Jobs


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
            "pipeline_results": {name: _pipeline(job, name, files) for name in names},
        }


def _pipeline(job: Job, name: str, files: tuple[Artifact, ...]) -> dict[str, Any]:
    components = [component for component in job.components if component.pipeline == name]
    starts = [component.started_at for component in components if component.started_at]
    ends = [component.completed_at for component in components if component.completed_at]
    seconds = (max(ends) - min(starts)).total_seconds() if starts and ends else None
    file = main_file(files, name)
    failures = [f"{c.component}: {c.error_message}" for c in components if c.error_message]
    return {
        "pipeline_name": name,
        "status": _status(components),
        "start_time": min(starts).isoformat() if starts else None,
        "end_time": max(ends).isoformat() if ends else None,
        "processing_time": seconds,
        "output_file": file.name if file else None,
        "download_url": f"/api/v1/jobs/{job.id}/results/files/{name}" if file else None,
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
