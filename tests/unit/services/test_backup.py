"""A backup holds what its database speaks of, whoever is writing meanwhile."""

import shutil
import threading
from pathlib import Path

import pytest
from tests.synthetic.jobs import NOW, VIDEO, job, ready

from videoannotator.db import jobs, snapshot, videos
from videoannotator.db.database import Database, sqlite_url
from videoannotator.domain.errors import StorageError
from videoannotator.domain.jobs import Artifact
from videoannotator.files.blobs import BlobStore
from videoannotator.files.roots import Roots
from videoannotator.services.backup import back_up
from videoannotator.services.videos import Videos


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def database(data_dir: Path) -> Database:
    return ready(sqlite_url(data_dir / "db.sqlite"))


def _finish(database: Database, data_dir: Path, job_id: str) -> None:
    file = data_dir / "jobs" / job_id / "out" / "a.csv"
    file.parent.mkdir(parents=True)
    file.write_text(job_id)
    known = {"kind": "table", "format": "csv", "media_type": "text/csv", "size_bytes": 1, "sha256": "00"}
    with database.write() as connection:
        jobs.create(connection, job(job_id))
        jobs.claim(connection, job_id, "x", NOW, 3)
        one = Artifact(id=job_id, job_id=job_id, name="a.csv", created_at=NOW, **known)
        jobs.complete(connection, job_id, "x", (one,), NOW)


def test_backups_while_jobs_end_are_whole(database: Database, data_dir: Path, tmp_path: Path) -> None:
    stop = threading.Event()

    def work() -> None:
        number = 0
        while not stop.is_set():
            _finish(database, data_dir, f"job{number}")
            number += 1

    worker = threading.Thread(target=work)
    worker.start()
    target = tmp_path / "backup"
    try:
        for _ in range(5):
            assert back_up(data_dir, target, data_dir / "db.sqlite", ()).missing == ()
            assert snapshot.problems(target / "db.sqlite") == []
    finally:
        stop.set()
        worker.join()
    n_jobs = len(snapshot.results(target / "db.sqlite"))
    assert n_jobs > 0
    assert len(list(target.glob("jobs/*/out/a.csv"))) >= n_jobs


def test_a_job_that_is_deleted_meanwhile_does_no_harm(
    database: Database, data_dir: Path, tmp_path: Path
) -> None:
    _finish(database, data_dir, "stays")
    stop = threading.Event()

    def come_and_go() -> None:
        while not stop.is_set():
            for name in ("out/person/tables", "out/.part-x/faces"):
                folder = data_dir / "jobs" / "goes" / name
                folder.mkdir(parents=True)
                (folder / "a.csv").touch()
            shutil.rmtree(data_dir / "jobs" / "goes")

    others = threading.Thread(target=come_and_go)
    others.start()
    try:
        for n in range(50):
            assert back_up(data_dir, tmp_path / f"backup{n}", data_dir / "db.sqlite", ()).missing == ()
    finally:
        stop.set()
        others.join()


def test_a_backup_has_no_other_files(database: Database, data_dir: Path, tmp_path: Path) -> None:
    _finish(database, data_dir, "a")
    target = tmp_path / "backup"
    back_up(data_dir, target, data_dir / "db.sqlite", ())
    files = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    assert files == {"db.sqlite", "jobs/a/out/a.csv"}


def test_a_result_that_is_gone_is_told(database: Database, data_dir: Path, tmp_path: Path) -> None:
    _finish(database, data_dir, "a")
    (data_dir / "jobs/a/out/a.csv").unlink()
    assert back_up(data_dir, tmp_path / "b", data_dir / "db.sqlite", ()).missing == ("jobs/a/out/a.csv",)


def test_a_damaged_database_does_not_replace_a_good_backup(
    database: Database, data_dir: Path, tmp_path: Path
) -> None:
    target = tmp_path / "b"
    _finish(database, data_dir, "a")
    back_up(data_dir, target, data_dir / "db.sqlite", ())
    database.close()
    path = data_dir / "db.sqlite"
    content = bytearray(path.read_bytes())
    content[8192:40_000] = b"\xff" * (40_000 - 8192)
    path.write_bytes(content)
    with pytest.raises(StorageError):
        back_up(data_dir, target, path, ())
    assert snapshot.problems(target / "db.sqlite") == []


def test_secrets_stay_private(database: Database, data_dir: Path, tmp_path: Path) -> None:
    (data_dir / "token").touch(mode=0o600)
    back_up(data_dir, tmp_path / "b", data_dir / "db.sqlite", ("token", "secret"))
    assert (tmp_path / "b/token").stat().st_mode & 0o777 == 0o600


def test_a_backup_does_not_lie_in_what_it_copies(database: Database, data_dir: Path) -> None:
    with pytest.raises(StorageError):
        back_up(data_dir, data_dir / "backup", None, ())


def test_videos_are_found_again_in_a_data_directory_that_has_moved(database_url: str, tmp_path: Path) -> None:
    database = ready(database_url)
    store = BlobStore(tmp_path / "old" / "blobs", max_bytes=9, reserve_bytes=0)
    with store.writing() as writer:
        writer.write([b"bytes"])
        sha256, path = store.keep(writer)
    elsewhere = tmp_path / "study" / "a.mp4"
    with database.write() as connection:
        for key, where in ((sha256, path), (f"{videos.IN_PLACE}1", elsewhere)):
            media = VIDEO.media.model_copy(update={"path": where})
            videos.add(connection, VIDEO.model_copy(update={"id": key, "blob_sha256": key, "media": media}))
    (tmp_path / "old").rename(tmp_path / "new")
    moved = BlobStore(tmp_path / "new" / "blobs", max_bytes=9, reserve_bytes=0)
    Videos(database, moved, None, Roots({})).tidy()
    with database.read() as connection:
        found = {one.id: one.media.path for one in videos.find(connection, None, offset=0, limit=9)}
    assert found[sha256].read_bytes() == b"bytes"
    assert found[f"{videos.IN_PLACE}1"] == elsewhere
    database.close()
