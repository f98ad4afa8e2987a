"""Resumable uploads, interrupted again and again, over real connections to a server that is killed."""

import base64
import hashlib
import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from tests.conftest import ONE_DATABASE
from tests.e2e.bench import until
from tests.e2e.test_batches import Lab, opened
from tests.synthetic.clips import Clip, write

TUS = {"Tus-Resumable": "1.0.0"}
UPLOADS = "/api/v1/uploads"


@pytest.fixture
def lab(each_database: None, tmp_path: Path) -> Iterator[Lab]:
    with opened(tmp_path) as lab:
        yield lab


@pytest.fixture(scope="module")
def quiet_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One server for all those tests that leave it alone."""
    with opened(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def metadata(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def begin(lab: Lab, size: int, **values: str) -> str:
    known = {"Upload-Length": str(size), "Upload-Metadata": metadata(**values)}
    answer = lab.http.post(UPLOADS, headers=TUS | known)
    assert answer.status_code == 201, answer.text
    return urlsplit(answer.headers["Location"]).path


def offset(lab: Lab, path: str) -> int:
    answer = lab.http.head(path, headers=TUS)
    assert answer.status_code == 200, answer.headers
    return int(answer.headers["Upload-Offset"])


def break_off(lab: Lab, path: str, data: bytes, at: int, n_sent: int) -> None:
    """Promise all of the rest, send a part of it, and hang up."""
    where = urlsplit(str(lab.http.base_url))
    head = f"PATCH {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: {at}\r\n"
    head += f"Content-Type: application/offset+octet-stream\r\nContent-Length: {len(data) - at}\r\n\r\n"
    with socket.create_connection((where.hostname or "", where.port or 0)) as connection:
        connection.sendall(head.encode() + data[at : at + n_sent])


@pytest.mark.timeout(300)
def test_an_upload_that_is_interrupted_20_times_and_outlives_the_server_arrives_whole(
    lab: Lab, tmp_path: Path
) -> None:
    clip = write(tmp_path / "clip.mp4", Clip(n_frames=20)).read_bytes()
    data = clip + b"\0" * (3 << 20)  # players pass over what follows the last box
    path = begin(lab, len(data), filename="clip.mp4", job='{"selected_pipelines": ["scene_detection"]}')
    for number in range(20):
        at = offset(lab, path)
        break_off(lab, path, data, at, 100_000)
        if number in (7, 14):
            lab.stop(signal.SIGKILL)
            lab.start()
    assert 0 < offset(lab, path) < len(data)
    for _ in range(5):  # what was sent last may be counted only now: then clients ask again
        at = offset(lab, path)
        sent = {"Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
        answer = lab.http.patch(path, headers=TUS | sent, content=data[at:])
        if answer.status_code != 409:
            break
    assert answer.status_code == 204, answer.text
    assert offset(lab, path) == len(data)
    lab.stop(signal.SIGKILL)
    lab.start()
    upload = lab.get(path.removeprefix("/api/v1"))
    assert (upload["complete"], upload.get("error_code")) == (True, None)
    assert lab.get(f"/videos/{upload['video_id']}")["sha256"] == hashlib.sha256(data).hexdigest()
    assert [job["id"] for job in lab.get("/jobs")["jobs"]] == [upload["job_id"]]


@ONE_DATABASE
@pytest.mark.parametrize("after_s", [0.0, 0.4])
def test_an_upload_whose_server_dies_after_the_last_byte_becomes_one_video_and_one_job(
    lab: Lab, tmp_path: Path, after_s: float
) -> None:
    data = write(tmp_path / "clip.mp4", Clip(n_frames=20)).read_bytes() + b"\0" * (32 << 20)
    path = begin(lab, len(data), filename="clip.mp4", job='{"selected_pipelines": ["scene_detection"]}')
    uploads = tmp_path / "data" / "uploads"
    sidecar = uploads / f"{path.rpartition('/')[2]}.info"
    sender = threading.Thread(target=break_off, args=(lab, path, data, 0, len(data)))
    sender.start()
    until(lambda: json.loads(sidecar.read_bytes())["offset"] == len(data), 60)
    time.sleep(after_s)
    lab.stop(signal.SIGKILL)
    sender.join()
    lab.start()
    assert offset(lab, path) == len(data)
    upload = lab.get(path.removeprefix("/api/v1"))
    assert (upload["complete"], upload.get("error_code")) == (True, None)
    assert [one["id"] for one in lab.get("/jobs")["jobs"]] == [upload["job_id"]]
    assert [one["id"] for one in lab.get("/videos")["videos"]] == [upload["video_id"]]
    assert {one.suffix for one in uploads.iterdir()} == {".info", ".result"}  # the bytes lie in one place


def test_what_the_protocol_asks_for(quiet_lab: Lab) -> None:
    http, patch = quiet_lab.http, TUS | {"Content-Type": "application/offset+octet-stream"}
    answer = http.options(UPLOADS)
    assert (answer.status_code, answer.headers["Tus-Version"]) == (204, "1.0.0")
    path = begin(quiet_lab, 10, filename="a.mp4")
    assert http.patch(path, headers=patch | {"Upload-Offset": "3"}, content=b"abc").status_code == 409
    assert http.patch(path, headers={"Upload-Offset": "0"}, content=b"abc").status_code in (412, 415)
    assert http.patch(path, headers=patch | {"Upload-Offset": "0"}, content=b"x" * 11).status_code == 400
    assert offset(quiet_lab, path) == 0
    assert http.delete(path, headers=TUS).status_code == 204
    assert http.head(path, headers=TUS).status_code == 404


def test_what_is_no_video_is_told_when_it_has_come(quiet_lab: Lab) -> None:
    path = begin(quiet_lab, 8, filename="a.mp4")
    sent = TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert quiet_lab.http.patch(path, headers=sent, content=b"no video").status_code == 204
    upload = quiet_lab.get(path.removeprefix("/api/v1"))
    assert (upload["video_id"], upload["error_code"]) == (None, "UNSUPPORTED_MEDIA")


@pytest.mark.parametrize("uid", ["../token", "..%2ftoken", "x" * 48, "0" * 48, "a.info"])
def test_no_id_leads_anywhere_else(quiet_lab: Lab, uid: str) -> None:
    for verb in ("GET", "HEAD", "DELETE", "PATCH"):
        with_offset = TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        answer = quiet_lab.http.request(
            verb, httpx2.URL(f"{quiet_lab.http.base_url}{UPLOADS}/{uid}"), headers=with_offset
        )
        assert answer.status_code in (404, 405), (verb, answer.status_code)


def test_a_wrong_job_is_refused_before_the_first_byte(quiet_lab: Lab) -> None:
    known = {
        "Upload-Length": "10",
        "Upload-Metadata": metadata(filename="a.mp4", job='{"output_directory": "/etc"}'),
    }
    answer = quiet_lab.http.post(UPLOADS, headers=TUS | known)
    assert (answer.status_code, answer.json()["error_code"]) == (403, "PATH_NOT_ALLOWED")
