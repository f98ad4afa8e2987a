"""Jobs, and the lines of their logs."""

from typing import Any

from pydantic import create_model

from videoannotator.api.answers.record import Answer, without
from videoannotator.domain.event_data import JobLog
from videoannotator.domain.jobs import Job


class StepView(Answer):
    """One component with every parameter value that it runs with."""

    pipeline: str
    component: str
    parameters: dict[str, Any]
    requested: bool


class JobLinks(Answer):
    """Where the rest is."""

    self: str
    artifacts: str
    events: str
    logs: str


_JobBase: Any = create_model(
    "_JobBase", __base__=Answer, **without(Job, "owner", "plan", "places", "n_crashes")
)


class JobView(_JobBase):
    """A job: what was asked for, what runs, how far it is, how it ended."""

    video_path: str
    plan: tuple[StepView, ...]
    warnings: tuple[str, ...]
    links: JobLinks


class CancelledJob(JobView):
    """The job after it was asked to stop."""

    job_id: str
    message: str


class JobList(Answer):
    """One page of jobs; ``next_cursor`` is null on the last."""

    jobs: tuple[JobView, ...]
    total: int
    page: int
    per_page: int
    next_cursor: str | None


class LogLines(Answer):
    """Lines of a run's log."""

    job_id: str
    logs: tuple[JobLog, ...]
