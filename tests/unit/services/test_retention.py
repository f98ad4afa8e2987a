"""Ended jobs are warned of, then removed with what only they used; kept ones stay."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.synthetic.jobs import NOW, VIDEO, Waiting, job, ready

from videoannotator.db import audit, events, job_lists, jobs, videos, webhooks
from videoannotator.db.database import sqlite_url
from videoannotator.domain.errors import JobNotFound, VideoNotFound
from videoannotator.domain.jobs import EventType, Job
from videoannotator.domain.webhooks import DeliveryStatus, WebhookDraft
from videoannotator.files.blobs import BlobStore
from videoannotator.files.placed_results import PlacedResults
from videoannotator.files.roots import Roots
from videoannotator.services.jobs import Jobs
from videoannotator.services.retention import Kept, Retention
from videoannotator.services.videos import Videos
from videoannotator.services.webhooks import Webhooks

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
        self.retention = Retention(self.database, self.jobs, stored, Kept(jobs=kept_for), self.clock)

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
    now = Retention(before.database, before.jobs, None, Kept(), before.clock)
    now.sweep()
    assert before.job("a").expires_at is None


@pytest.mark.parametrize(("kept_for", "meant"), [(30 * DAY, 30 * DAY), (4 * DAY, 4 * DAY), (DAY, 2 * DAY)])
def test_another_setting_counts_for_jobs_that_have_a_date(
    server: Server, kept_for: timedelta, meant: timedelta
) -> None:
    server.end("a")
    server.after(DAY)
    server.retention = Retention(server.database, server.jobs, None, Kept(jobs=kept_for), server.clock)
    server.after(timedelta())
    assert server.job("a").expires_at == NOW + meant


@pytest.mark.parametrize(("kept_for", "meant"), [(30 * DAY, 30 * DAY), (5 * DAY, 10 * DAY)])
def test_a_job_that_was_warned_of_goes_when_it_was_said_or_later(
    server: Server, kept_for: timedelta, meant: timedelta
) -> None:
    server.end("a")
    for wait in (9 * DAY, DAY / 2):
        server.after(wait)
    assert server.warnings() == ["a"]
    server.retention = Retention(server.database, server.jobs, None, Kept(jobs=kept_for), server.clock)
    server.after(timedelta())
    assert server.job("a").expires_at == NOW + meant


def test_logs_go_when_their_time_is_over(tmp_path: Path) -> None:
    server = Server(tmp_path, None)
    kept = Kept(events=2 * DAY, deliveries=5 * DAY, audit=8 * DAY)
    server.retention = Retention(server.database, server.jobs, None, kept, server.clock)
    hooks = Webhooks(server.database, private=True, clock=server.clock)
    hook = hooks.create("alice", WebhookDraft(url="http://127.0.0.1:1/"))
    for number in range(3):
        hooks.ping(hook.id, None)
        server.end(f"{number}")
    with server.database.write() as connection:
        webhooks.note(connection, 1, status=DeliveryStatus.DELIVERED.value, next_at=NOW)
        webhooks.note(connection, 2, status=DeliveryStatus.FAILED.value, next_at=NOW + DAY)
        first = audit.after(connection, 0, 10)
    left = []
    for _ in range(9):
        server.after(DAY)
        with server.database.read() as connection:
            n_events = len(events.after(connection, 0, owner=None, job_id=None, types=(), limit=99))
            n_audited = len([one for one in audit.after(connection, 0, 99) if one in first])
            assert audit.first_broken(connection) is None
        left.append((n_events > 0, len(hooks.deliveries(hook.id, None, 9)), n_audited))
    before, after = (True, 3, 1), (False, 3, 1)
    assert left == [
        before,
        before,
        after,
        after,
        after,
        (False, 2, 1),
        (False, 1, 1),
        (False, 1, 1),
        (False, 1, 0),
    ]


def test_a_removed_part_of_the_audit_log_shows_unless_the_log_tells_of_it(tmp_path: Path) -> None:
    server = Server(tmp_path, None)
    with server.database.write() as connection:
        for number in range(6):
            audit.append(connection, "act", f"{number}", NOW + number * DAY)
        assert audit.prune(connection, NOW + 2 * DAY, NOW + 9 * DAY) == 2
        assert audit.prune(connection, NOW + 4 * DAY, NOW + 9 * DAY) == 2
        assert [one.target for one in audit.after(connection, 0, 9)][:2] == ["4", "5"]
        assert audit.first_broken(connection) is None
        connection.exec_driver_sql("DELETE FROM audit WHERE seq = 5")
        broken = audit.first_broken(connection)
    assert broken is not None
    assert broken.target == "5"
