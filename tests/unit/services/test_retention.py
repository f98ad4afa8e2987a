"""Ended jobs are warned of, then removed with what only they used; kept ones stay."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.synthetic.jobs import NOW, VIDEO, Waiting, job, ready

from videoannotator.db import events, job_lists, jobs, videos
from videoannotator.db.database import sqlite_url
from videoannotator.domain.errors import JobNotFound, VideoNotFound
from videoannotator.domain.jobs import EventType, Job
from videoannotator.files.blobs import BlobStore
from videoannotator.files.placed_results import PlacedResults
from videoannotator.files.roots import Roots
from videoannotator.services.jobs import Jobs
from videoannotator.services.retention import Retention
from videoannotator.services.videos import Videos

DAY = timedelta(days=1)


class Server:
    """The parts that take part, at a time that is put on by hand."""

    def __init__(self, folder: Path, kept_for: timedelta | None) -> None:
        self.now = NOW
        self.database = ready(sqlite_url(folder / "db"))
        roots = Roots({})
        self.jobs = Jobs(self.database, Waiting(), folder, PlacedResults(roots, folder), self.clock)
        store = BlobStore(folder / "blobs", max_bytes=1, reserve_bytes=0)
        stored = Videos(self.database, store, None, roots, self.clock)
        self.retention = Retention(self.database, self.jobs, stored, kept_for, self.clock)

    def clock(self) -> datetime:
        return self.now

    def end(self, job_id: str) -> None:
        with self.database.write() as connection:
            jobs.create(connection, job(job_id))
            jobs.request_cancel(connection, job_id, None, self.now)

    def after(self, wait: timedelta) -> None:
        self.now += wait
        self.retention.sweep()

    def job(self, job_id: str) -> Job:
        with self.database.read() as connection:
            return job_lists.get(connection, job_id, None)

    def warnings(self) -> list[str]:
        with self.database.read() as connection:
            told = events.after(connection, 0, owner=None, job_id=None, types=(EventType.LOG,), limit=9)
        return [event.job_id for event in told]


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path, 10 * DAY)


def test_a_job_gets_a_date_is_warned_of_once_and_goes_with_its_video(server: Server) -> None:
    server.end("a")
    server.after(timedelta())
    assert server.job("a").expires_at == NOW + 10 * DAY
    server.after(8 * DAY)
    assert server.warnings() == []
    server.after(DAY)
    server.after(DAY / 2)
    assert server.warnings() == ["a"]
    server.after(DAY / 2)
    with pytest.raises(JobNotFound):
        server.job("a")
    with pytest.raises(VideoNotFound), server.database.read() as connection:
        videos.get(connection, VIDEO.id, None)


def test_a_kept_job_stays_and_so_does_its_video(server: Server) -> None:
    server.end("kept")
    server.end("a")
    server.jobs.keep("kept", None, kept=True)
    for _ in range(4):
        server.after(6 * DAY)
    assert server.job("kept").expires_at is None
    with server.database.read() as connection:
        assert videos.get(connection, VIDEO.id, None) == VIDEO
    with pytest.raises(JobNotFound):
        server.job("a")


def test_a_job_that_expired_while_the_server_was_away_is_warned_of_before_it_goes(server: Server) -> None:
    server.end("a")
    server.after(30 * DAY)
    assert server.warnings() == ["a"]
    assert server.job("a").expires_at == server.now + DAY
    server.after(DAY)
    with pytest.raises(JobNotFound):
        server.job("a")


def test_nothing_goes_before_it_has_ended(server: Server) -> None:
    with server.database.write() as connection:
        jobs.create(connection, job("waiting"))
    for _ in range(3):
        server.after(30 * DAY)
    assert server.job("waiting").expires_at is None


def test_without_a_setting_everything_stays_and_old_dates_are_forgotten(tmp_path: Path) -> None:
    before = Server(tmp_path, 10 * DAY)
    before.end("a")
    before.after(timedelta())
    now = Retention(before.database, before.jobs, None, None, before.clock)
    now.sweep()
    assert before.job("a").expires_at is None
