"""Every event that the database writes carries what its declaration says."""

from pathlib import Path

import orjson
import pytest
from tests.synthetic.jobs import NOW, job, ready

from videoannotator.db import events, jobs, progress
from videoannotator.db.database import Database, sqlite_url
from videoannotator.domain.event_data import DATA
from videoannotator.domain.jobs import Artifact, EventType, Failure, JobComponent
from videoannotator.domain.report import ComponentStatus, Log, Stage

FILE = Artifact(
    id="a",
    job_id="done",
    name="a.csv",
    kind="table",
    format="csv",
    media_type="text/csv",
    size_bytes=1,
    sha256="00",
    created_at=NOW,
)
FAILURE = Failure(code="COMPONENT_FAILED", message="m", hint="h")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return ready(sqlite_url(tmp_path / "db"))


def test_every_event_type_is_declared() -> None:
    assert DATA.keys() == set(EventType)


def test_what_a_job_tells_in_every_way_to_end_is_as_declared(database: Database) -> None:
    component = JobComponent(
        pipeline="p", component="a", stage=Stage.VISUAL, status=ComponentStatus.RUNNING, progress=5
    )
    snapshot = progress.Snapshot(
        stage=Stage.VISUAL,
        progress=7,
        frames_per_s=3,
        eta_s=1,
        components=(component,),
        logs=(Log(message="hello", component="a"),),
    )
    with database.write() as connection:
        for name in ("done", "partly", "failed", "waiting", "stopped"):
            jobs.create(connection, job(name))
            if name != "waiting":
                jobs.claim(connection, name, name, NOW, 3)
                progress.save(connection, name, name, snapshot, NOW)
        jobs.complete(connection, "done", "done", (FILE,), NOW)
        jobs.complete(connection, "partly", "partly", (), NOW, FAILURE)
        jobs.fail(connection, "failed", FAILURE, NOW, "failed")
        jobs.request_cancel(connection, "waiting", "why", NOW)
        jobs.request_cancel(connection, "stopped", None, NOW)
        jobs.end_cancelled(connection, "stopped", NOW)
        jobs.delete(connection, job("failed"), NOW)
        told = events.after(connection, 0, owner=None, job_id=None, types=(), limit=1000)
    for event in told:
        DATA[event.type].model_validate_json(orjson.dumps(event.data))
    assert {event.type for event in told} == {kind for kind in EventType if kind.startswith("job.")}
