"""The event stream: everybody hears everything once, whatever breaks in between."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.api.running import Running

from videoannotator.api import hub
from videoannotator.client import Client

STREAM = "/api/v1/events/stream"


@contextmanager
def frames(server: Running, query: str = "", key: str | None = None, **headers: str) -> Iterator[Any]:
    with server.http(key, **headers) as http, http.stream("GET", STREAM + query) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield iter(httpx2.EventSource(answer))


def told(source: Any) -> tuple[str, dict[str, Any], int | None]:
    """The next frame that says something."""
    frame = next(one for one in source if one.data)
    return frame.event, json.loads(frame.data), int(frame.id) if frame.id else None


def test_a_new_reader_is_told_where_active_jobs_stand(server: Running, video: Path) -> None:
    key = server.new_key("reader")
    job = server.submit(video, key)["id"]
    with frames(server, key=key) as source:
        name, data, _ = told(source)
        assert (name, data["type"], data["job_id"]) == ("job.update", "job.update", job)
        assert data["data"] == {
            key: data[key] for key in ("job_id", "status", "progress", "stage", "timestamp")
        }
        server.complete(job, {"a.json": b"{}"})
        while name != "job.complete":
            name, data, number = told(source)
        assert [one["name"] for one in data["artifacts"]] == ["a.json"]
        assert data["completion_time"]
        assert number is not None


def test_the_reader_of_one_job_hears_of_no_other(server: Running, video: Path) -> None:
    first, second = (server.submit(video)["id"] for _ in range(2))
    with frames(server, f"?job_id={first}") as source:
        assert told(source)[1]["job_id"] == first
        server.fail(second, "no")
        server.fail(first, "it broke")
        name, data, _ = told(source)
        while name != "job.error":
            assert data["job_id"] == first
            name, data, _ = told(source)
        assert (data["job_id"], data["error_message"], data["error_code"]) == (
            first,
            "it broke",
            "COMPONENT_FAILED",
        )
    with frames(server, f"?job_id={first}") as source:  # one who comes late is told of the end
        assert [told(source)[0] for _ in range(2)] == ["job.update", "job.error"]


def test_every_event_can_be_the_last_that_was_seen(server: Running, video: Path) -> None:
    job = server.submit(video)["id"]
    server.complete(job, {})
    story = server.services.events.after(0, job_id=job)
    assert [event.job_seq for event in story] == list(range(1, len(story) + 1))
    for seen, event in enumerate(story[:-1]):
        for query, headers in ((f"&last_event_id={event.id}", {}), ("", {"Last-Event-ID": str(event.id)})):
            with frames(server, f"?job_id={job}{query}", **headers) as source:
                assert [told(source)[2] for _ in story[seen + 1 :]] == [one.id for one in story[seen + 1 :]]


@pytest.mark.parametrize("unknown", ["9999999", "0x1", "-1", "", "\u0663"])
def test_an_id_that_was_never_given_starts_anew(server: Running, job: str, unknown: str) -> None:
    with frames(server, f"?job_id={job}&last_event_id={unknown}") as source:
        name, data, _ = told(source)
        if name == "stream.reset":
            name, data, _ = told(source)
        assert (name, data["job_id"]) == ("job.update", job)


def test_nobody_hears_of_somebody_elses_jobs(server: Running, video: Path) -> None:
    own = server.new_key("own")
    with frames(server, key=own) as source:
        server.submit(video)
        mine = server.submit(video, own)["id"]
        assert told(source)[1]["job_id"] == mine


def test_the_envelope_has_no_names(server: Running, job: str) -> None:
    with frames(server, f"?job_id={job}&format=envelope") as source:
        name, data, _ = told(source)
        assert (name, set(data)) == ("message", {"type", "data"})


def test_a_revoked_key_ends_its_streams(server: Running) -> None:
    for by_another_process in (False, True):
        key = server.new_key("short")
        key_id = server.services.tokens.authenticate(key).key_id or ""
        with frames(server, key=key) as source:
            next(source)
            if by_another_process:
                server.services.tokens.revoke(key_id, None)
            else:
                with server.http() as http:
                    http.delete(f"/api/v1/tokens/{key_id}")
            assert [frame.event for frame in source if frame.data] == ["server.shutdown"]


def test_too_many_streams_of_a_key_end_the_oldest() -> None:
    async def closed() -> list[bool]:
        small = hub.Hub(streams_per_key=2)
        seats = [small.seat(key, asyncio.timeout(None)) for key in ("a", "b", "a", "a")]
        return [seat.closed for seat in seats]

    assert asyncio.run(closed()) == [True, False, False, False]


def test_a_storm_of_connections_is_survived(server: Running) -> None:
    for _ in range(100):
        with frames(server) as source:
            next(source)
    deadline = time.monotonic() + 60
    while server.services.hub.n_streams:
        assert time.monotonic() < deadline, "streams of clients that left are still open"
        time.sleep(0.05)


def test_history_as_a_list(server: Running, job: str) -> None:
    with server.http() as http:
        events = http.get("/api/v1/events", params={"job_id": job}).json()
        assert [event["type"] for event in events["events"]] == ["job.update"]
        assert events["next_after"] == events["events"][-1]["id"]
        assert (
            http.get("/api/v1/events", params={"after": events["next_after"], "job_id": job}).json()["events"]
            == []
        )


def test_head_of_a_stream_ends(server: Running) -> None:
    with server.http() as http:
        answer = http.head(STREAM)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache, no-store")


def test_the_client_watches_until_the_end(server: Running, job: str) -> None:
    def end() -> None:
        time.sleep(0.3)
        server.complete(job, {})

    threading.Thread(target=end).start()
    with Client(server.url, server.key) as client:
        assert [event.type for event in client.watch(job)][-1] == "job.complete"
        assert client.job(job).is_over
