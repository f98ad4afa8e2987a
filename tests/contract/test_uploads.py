"""What the tus protocol (1.0.0) asks of a server, and what is refused before the first byte."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.synthetic.server import Api

from videoannotator.api.tus_storage import UploadStorage

UPLOADS = "/api/v1/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def alice(api: Api, request: pytest.FixtureRequest) -> TestClient:
    return api.client(f"alice {request.node.name}")


def _text(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def _begun(client: TestClient, **headers: str) -> str:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.post(UPLOADS, headers={**TUS, **told})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


def test_bytes_that_come_with_the_beginning_count_and_a_whole_video_becomes_a_job(
    alice: TestClient, make_clip: Callable[..., Path]
) -> None:
    clip = make_clip("a.mp4", n_frames=10).read_bytes()
    asked = {
        "Upload-Length": str(len(clip)),
        "Upload-Metadata": f"filename {_text('ä.mp4')}, job {_text('{}')}",
    }
    answer = alice.post(UPLOADS, headers={**BYTES, **asked}, content=clip)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(clip)))
    [job] = alice.get("/api/v1/jobs").json()["jobs"]  # nobody has asked for the upload
    upload = alice.get(answer.headers["Location"]).json()
    assert (upload["filename"], upload["job_id"], upload["complete"]) == ("ä.mp4", job["id"], True)


def test_the_length_may_be_told_later_and_is_then_final(alice: TestClient) -> None:
    where = _begun(alice, Upload_Defer_Length="1")
    assert alice.head(where, headers=TUS).headers["Upload-Defer-Length"] == "1"
    first = alice.patch(where, headers={**BYTES, "Upload-Offset": "0"}, content=b"abc")
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "3")
    at_3 = {**BYTES, "Upload-Offset": "3"}
    assert alice.patch(where, headers={**at_3, "Upload-Length": "4"}, content=b"de").status_code == 400
    assert alice.patch(where, headers={**at_3, "Upload-Length": "9"}, content=b"de").status_code == 204
    at_5 = {**BYTES, "Upload-Offset": "5"}
    assert alice.patch(where, headers={**at_5, "Upload-Length": "8"}, content=b"fgh").status_code == 422
    found = alice.head(where, headers=TUS).headers
    assert (found["Upload-Offset"], found["Upload-Length"]) == ("5", "9")


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({}, b"", 422),
        ({"Upload-Length": "3", "Upload-Defer-Length": "1"}, b"", 422),
        ({"Upload-Length": "3"}, b"abcd", 400),
        ({"Upload-Length": "3", "Upload-Concat": "partial"}, b"", 422),
        ({"Upload-Length": "-1"}, b"", 422),
        ({"Upload-Length": "three"}, b"", 422),
        ({"Upload-Length": "3", "Upload-Metadata": "filename a:b"}, b"", 422),
        ({"Upload-Length": "3", "Upload-Metadata": "job /w=="}, b"", 422),  # no UTF-8
        ({"Upload-Length": "3", "Upload-Metadata": f"job {_text('{')}"}, b"", 422),
        ({"Upload-Length": str(2**50)}, b"", 413),
        ({"Upload-Length": "3", "Tus-Resumable": "0.2.2"}, b"", 412),
    ],
)
def test_what_cannot_begin_leaves_nothing(
    api: Api, alice: TestClient, headers: dict[str, str], content: bytes, status: int
) -> None:
    before = set((api.settings.data_dir / "uploads").glob("*"))
    answer = alice.post(UPLOADS, headers={**BYTES, **headers}, content=content)
    assert answer.status_code == status, answer.text
    assert set((api.settings.data_dir / "uploads").glob("*")) == before


@pytest.mark.parametrize("verb", ["HEAD", "PATCH", "DELETE"])
def test_another_version_is_refused_with_the_right_one(alice: TestClient, verb: str) -> None:
    where = _begun(alice, Upload_Length="3")
    answer = alice.request(verb, where, headers={"Tus-Resumable": "2.0.0"})
    assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")


def test_a_client_without_these_methods_names_them_in_a_header(alice: TestClient) -> None:
    where = _begun(alice, Upload_Length="3")
    assert alice.post(where, headers={**TUS, "X-HTTP-Method-Override": "DELETE"}).status_code == 204
    assert alice.head(where, headers=TUS).status_code == 404


def test_an_abandoned_upload_goes_when_its_time_is_over(api: Api, alice: TestClient) -> None:
    folder = api.settings.data_dir / "uploads"
    abandoned, young = (_begun(alice, Upload_Length="10") for _ in range(2))
    name = abandoned.rpartition("/")[2]
    info = json.loads((folder / f"{name}.info").read_bytes())
    moment = format_datetime(datetime.now(UTC) - timedelta(seconds=1), usegmt=True)
    (folder / f"{name}.info").write_text(json.dumps({**info, "expires": moment}))
    UploadStorage(folder).remove_expired()
    assert list(folder.glob(f"{name}*")) == []
    assert [alice.head(one, headers=TUS).status_code for one in (abandoned, young)] == [404, 200]
