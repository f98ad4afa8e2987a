from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.bench import OWNER, Bench, bench, step

from videoannotator.db.database import sqlite_url
from videoannotator.domain.jobs import EventType, JobStatus


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Bench]:
    yield from bench(sqlite_url(tmp_path / "test.sqlite"), tmp_path)


def test_a_job_runs_to_completion_and_its_story_is_told(here: Bench) -> None:
    here.serve()
    job = here.submit(step("a", chunks=3), step("b", "audio", chunks=2))
    done = here.wait(job, JobStatus.COMPLETED)
    assert (done.progress, done.error_message) == (100.0, None)
    assert [file.name for file in here.jobs.artifacts(job.id, OWNER)] == ["result.json"]
    story = here.story(job)
    assert [event.job_seq for event in story] == list(range(1, len(story) + 1))
    assert story[-1].type == EventType.COMPLETE
    assert "loaded a" in [event.data["message"] for event in here.logs.of(job.id, OWNER)]
