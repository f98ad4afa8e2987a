"""The whole server, killed at random moments while jobs run: nothing is lost, done twice or changed.

``VIDEOANNOTATOR_TEST_KILLS`` sets how often; ``VIDEOANNOTATOR_TEST_VIDEO`` names a video that is annotated
with every default component, instead of a synthetic clip with the light ones.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.e2e.served import Server, ended

from videoannotator.client import Client, Job

N_KILLS = int(os.environ.get("VIDEOANNOTATOR_TEST_KILLS", "4"))
VIDEO = os.environ.get("VIDEOANNOTATOR_TEST_VIDEO")
N_JOBS = 5
LIGHT = ["shot_detection", "voice_prosody"]
ENDINGS = {"job.complete", "job.error", "job.cancelled"}


@pytest.fixture
def server(each_database: None, tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data")
    yield server
    server.stop()


@pytest.mark.timeout(3600)
def test_killing_at_random_moments_loses_and_changes_nothing(
    server: Server, make_clip: Callable[..., Path]
) -> None:
    video = Path(VIDEO) if VIDEO else make_clip("clip.mp4", n_frames=600)
    pipelines = [] if VIDEO else LIGHT
    with server.client() as client:
        undisturbed = ended(client, client.submit(video, pipelines=pipelines).id)
        expected = results(client, undisturbed)
        jobs = [client.submit(video, pipelines=pipelines).id for _ in range(N_JOBS)]
    dice = random.Random(5)
    for _ in range(N_KILLS):
        time.sleep(dice.uniform(0.2, 3.0))
        server.kill(dice.choice(["worker", "api", "both"]))
    with server.client() as client:
        for job_id in jobs:
            assert ended(client, job_id).status == "completed"
            assert results(client, client.job(job_id)) == expected
            story = events(client, job_id)
            assert [one["job_seq"] for one in story] == list(range(1, len(story) + 1))
            assert sum(one["type"] in ENDINGS for one in story) == 1


def results(client: Client, job: Job) -> dict[str, str]:
    """Hashes of everything that came out, the record of times aside."""
    return {one.name: one.sha256 for one in client.artifacts(job.id) if one.name != "run.json"}


def events(client: Client, job_id: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    after = 0
    while True:
        page = client._json("GET", "/events", params={"job_id": job_id, "after": after, "limit": 1000})
        if not page["events"]:
            return found
        found += page["events"]
        after = page["next_after"]
