"""What goes wrong around the server is told, leaves nothing half-done, and passes."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from tests.api.running import Running, running
from tests.synthetic import patient

BOUNDARY = "b0undary"
HEAD = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="video"; filename="clip.mp4"\r\n\r\n').encode()
TAIL = (
    f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="selected_pipelines"\r\n\r\n'
    f"scene_detection\r\n--{BOUNDARY}--\r\n"
).encode()


def files(server: Running) -> list[Path]:
    return [path for path in (server.data_dir / "blobs").rglob("*") if path.is_file()]


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_an_aborted_upload_leaves_nothing(server: Running, share: float) -> None:
    body = HEAD + bytes(4 << 20) + TAIL
    before = files(server)
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(
            f"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.key}\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
        )
        connection.sendall(body[: int(share * len(body))])
        until(lambda: len(files(server)) > len(before), "the upload has not begun")
    until(lambda: files(server) == before, "the aborted upload has left something")
    with server.http() as http:
        assert http.get("/health").status_code == 200


def test_a_full_disk_is_told_before_the_first_byte(tmp_path: Path, video: Path) -> None:
    reserve = shutil.disk_usage(tmp_path).total * 2
    with running(tmp_path / "data", reserve_bytes=reserve) as server, server.http() as http:
        answer = http.post("/api/v1/jobs", files={"video": ("v.mp4", video.read_bytes())})
        assert (answer.status_code, answer.json()["error_code"]) == (507, "STORAGE_FULL")
        assert not files(server)


@pytest.fixture
def small_disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A data directory of which one folder lies on a disk of 4 MiB: that of the videos, or the named one."""
    folder = tmp_path / "data" / getattr(request, "param", "blobs")
    folder.mkdir(parents=True)
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can make a small disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    yield tmp_path / "data"
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_up_in_mid_upload(small_disk: Path, video: Path) -> None:
    def body() -> Iterator[bytes]:  # of unknown length, so that nobody can tell beforehand
        yield HEAD
        for _ in range(16):
            yield bytes(1 << 20)
        yield TAIL

    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    with running(small_disk) as server, server.http() as http:
        answer = http.post("/api/v1/jobs", content=body(), headers=kind)
        assert (answer.status_code, answer.json()["error_code"]) == (507, "STORAGE_FULL")
        assert not files(server)
        assert http.get("/api/v1/jobs").json()["total"] == 0
        assert server.submit(video)["status"] == "pending"


@pytest.mark.parametrize("small_disk", ["uploads"], indirect=True)
def test_a_disk_that_fills_up_in_a_resumable_upload_is_told_and_no_byte_is_counted_that_is_not_there(
    small_disk: Path,
) -> None:
    known, kind = {"Tus-Resumable": "1.0.0"}, {"Content-Type": "application/offset+octet-stream"}
    with running(small_disk) as server, server.http() as http:
        begun = http.post("/api/v1/uploads", headers={**known, "Upload-Length": str(8 << 20)})
        where = urlsplit(begun.headers["Location"]).path

        def send(offset: int, n_bytes: int) -> httpx2.Response:
            at = {**known, **kind, "Upload-Offset": str(offset)}
            return http.patch(where, headers=at, content=bytes(n_bytes))

        assert send(0, 1 << 20).status_code == 204
        answer = send(1 << 20, 7 << 20)
        assert (answer.status_code, answer.json()["error_code"]) == (507, "STORAGE_FULL")
        assert http.head(where, headers=known).headers["Upload-Offset"] == str(1 << 20)
        assert send(1 << 20, 1 << 20).headers["Upload-Offset"] == str(2 << 20)


def test_a_locked_database_is_waited_for_and_then_told(server: Running, job: str) -> None:
    with server.http() as http:
        locker = sqlite3.connect(server.data_dir / "videoannotator.sqlite", isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        answers: list[httpx2.Response] = []
        waiting = threading.Thread(target=lambda: answers.append(http.post(f"/api/v1/jobs/{job}/cancel")))
        waiting.start()
        while waiting.is_alive():  # reading goes on
            assert patient.get(f"{server.url}/health").status_code == 200
            time.sleep(0.1)
        assert (answers[0].status_code, answers[0].json()["error_code"]) == (503, "SERVICE_UNAVAILABLE")
        assert int(answers[0].headers["retry-after"]) > 0
        assert http.get(f"/api/v1/jobs/{job}").json()["status"] == "pending"
        locker.execute("ROLLBACK")
        locker.close()
        assert http.post(f"/api/v1/jobs/{job}/cancel").json()["status"] == "cancelled"


def test_what_a_dead_server_left_is_gone_after_a_start(tmp_path: Path, video: Path) -> None:
    with running(tmp_path / "data") as server:
        server.submit(video)
        kept = files(server)
        (tmp_path / "data/blobs/incoming/.part-1").write_bytes(b"half")
        orphan = tmp_path / "data/blobs/ab/cd" / f"abcd{'0' * 60}"
        orphan.parent.mkdir(parents=True)
        orphan.write_bytes(b"never acknowledged")
    with running(tmp_path / "data") as server:
        assert files(server) == kept
        assert server.key is None  # keys are made once


def test_two_framings_are_refused(server: Running) -> None:
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
