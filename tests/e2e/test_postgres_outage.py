"""A PostgreSQL server that goes away in the middle of a job, for a moment or for longer."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from tests.e2e.test_batches import API, Lab
from tests.synthetic import postgres
from tests.synthetic.clips import Clip, Sound, write

from videoannotator.client.records import Event
from videoannotator.client.stream import Reader

pytestmark = pytest.mark.postgres
OUTAGE_S = 5
ENDINGS = ("job.complete", "job.error", "job.cancelled")


@dataclass
class Listener:
    """Reads the event stream, and opens it again where it ends, as a browser does."""

    lab: Lab
    reader: Reader = field(default_factory=Reader)
    heard: list[Event] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        while not self.over.is_set():
            with contextlib.suppress(httpx2.TransportError):
                self._read()
            self.over.wait(0.2)

    def _read(self) -> None:
        known = {"Last-Event-ID": str(self.reader.last_id)} if self.reader.last_id is not None else {}
        with self.lab.http.stream("GET", f"{API}/events/stream", headers=known, timeout=30) as answer:
            if answer.status_code == 200:
                self.heard.extend(self.reader.events(answer))

    def endings(self) -> list[tuple[str, str]]:
        return [(one.data["job_id"], one.type) for one in self.heard if one.type in ENDINGS]


@pytest.fixture
def server(postgres_binaries: Path) -> Iterator[postgres.Server]:
    """One of this test's own, as it is stopped."""
    with postgres.server(postgres_binaries) as server:
        yield server


@pytest.fixture
def lab(server: postgres.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.setenv("VIDEOANNOTATOR_DATABASE_URL", postgres.new_database(server.url))
    lab = Lab(tmp_path)
    lab.start()
    yield lab
    lab.stop()


@pytest.fixture
def listener(lab: Lab) -> Iterator[Listener]:
    listener = Listener(lab)
    thread = threading.Thread(target=listener.listen)
    thread.start()
    yield listener
    listener.over.set()
    lab.stop()  # ends the stream
    thread.join(30)


@pytest.mark.parametrize(("mode", "seconds"), [("fast", 0), ("immediate", OUTAGE_S)])
def test_a_job_outlives_the_database_server(
    lab: Lab, server: postgres.Server, listener: Listener, mode: str, seconds: float
) -> None:
    write(lab.study / "a.mp4", Clip(n_frames=600, sound=Sound()))
    wish = {"video_path": "study:a.mp4", "selected_pipelines": ["shot_detection", "voice_prosody"]}
    first = lab.post("/jobs", wish)["id"]
    wait(lambda: lab.get(f"/jobs/{first}")["status"] == "running")
    server.stop(mode)
    told_meanwhile(lab, wish, seconds)
    server.start()
    wait(lambda: lab.http.get(f"{API}/jobs").status_code == 200, 10)
    second = lab.post("/jobs", wish)["id"]
    wait(lambda: {job for job, _ in listener.endings()} == {first, second})
    assert sorted(listener.endings()) == sorted([(first, "job.complete"), (second, "job.complete")])
    for job_id in (first, second):
        assert lab.get(f"/jobs/{job_id}")["error_message"] is None
        story = lab.get(f"/events?job_id={job_id}&limit=1000")["events"]
        assert [one["job_seq"] for one in story] == list(range(1, len(story) + 1))
        heard = [one.id for one in listener.heard if one.data.get("job_id") == job_id and one.id]
        assert heard == [one["id"] for one in story]  # each once, in order, whatever lay in between


def told_meanwhile(lab: Lab, wish: dict[str, object], seconds: float) -> None:
    """What the server says for as long as its database is away."""
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        for refused in (lab.http.get(f"{API}/jobs"), lab.http.post(f"{API}/jobs", json=wish)):
            assert (refused.status_code, refused.json()["error_code"]) == (503, "SERVICE_UNAVAILABLE")
            assert refused.headers["Retry-After"] == "5"
        assert lab.http.get("/health").status_code == 200
        time.sleep(0.5)
    if seconds:
        assert lab.http.get("/health").json()["database"]["status"] == "unhealthy"
        assert lab.http.get("/health/ready").status_code == 503


def wait(condition: Callable[[], bool], timeout_s: float = 100) -> None:
    until_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until_s
        time.sleep(0.1)
