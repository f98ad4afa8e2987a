"""Databases with stored videos and jobs, without workers."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from videoannotator.db import videos
from videoannotator.db.database import Database
from videoannotator.db.migrate import prepare
from videoannotator.domain.jobs import Job, JobComponent, JobStatus, StoredVideo
from videoannotator.domain.media import Video
from videoannotator.domain.plan import Plan, Step
from videoannotator.domain.report import Stage

OWNER = "alice"
NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
VIDEO = StoredVideo(
    id="video",
    owner=OWNER,
    filename="v.mp4",
    blob_sha256="00",
    media=Video(
        id="00", path=Path("v.mp4"), name="v.mp4", size_bytes=7, duration_s=2.0, width_px=320, height_px=240
    ),
    created_at=NOW,
)


class Waiting:
    """A queue in which jobs stay."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, int, str]] = []

    def enqueue(self, transaction: Any, job_id: str, *, priority: int, queue: str) -> None:
        self.jobs.append((job_id, priority, queue))


def ready(url: str) -> Database:
    """A database of today's schema that holds ``VIDEO``."""
    database = Database(url)
    prepare(database)
    with database.write() as connection:
        videos.add(connection, VIDEO)
    return database


def step(component: str, passes: str = "visual", **more: Any) -> Step:
    return Step(pipeline="p", component=component, version="1", passes=passes, **{"parameters": {}, **more})


def job(job_id: str, *steps: Step, **more: Any) -> Job:
    steps = steps or (step("a"),)
    return Job(
        **{
            "id": job_id,
            "owner": OWNER,
            "name": job_id,
            "status": JobStatus.PENDING,
            "video_id": VIDEO.id,
            "video_filename": VIDEO.filename,
            "video_size_bytes": 7,
            "video_duration_seconds": 2.0,
            "plan": Plan(steps=steps),
            "components": tuple(
                JobComponent(pipeline=one.pipeline, component=one.component, stage=Stage(one.passes))
                for one in steps
            ),
            "created_at": NOW,
            "updated_at": NOW,
            **more,
        }
    )
