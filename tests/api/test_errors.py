"""Every error has the one body, whatever the route, the status and the layer that found it."""

import re
from pathlib import Path

import httpx2
import pytest
from tests.api.running import Running, running
from tests.synthetic import patient

FIELDS = {
    "type", "title", "status", "detail", "instance", "error", "message", "error_code", "hint", "request_id",
    "timestamp", "errors",
}  # fmt: skip
ORIGIN = "http://localhost:19011"


def problem(answer: httpx2.Response, status: int, code: str) -> dict[str, object]:
    body = answer.json()
    assert (answer.status_code, body["status"], body["error_code"]) == (status, status, code)
    assert set(body) == FIELDS
    assert answer.headers["content-type"] == "application/problem+json"
    assert isinstance(body["detail"], str)
    assert str(body["hint"]) in body["detail"]
    assert re.fullmatch(r"req_[A-Za-z0-9]+", body["request_id"])
    assert answer.headers["x-request-id"] == body["request_id"]
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    return body


@pytest.fixture(scope="module")
def http(server: Running) -> httpx2.Client:
    return server.http(Origin=ORIGIN)


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nowhere", "/api/v1/jobs/1/2/3", "/viewer"])
def test_an_unknown_route(http: httpx2.Client, path: str) -> None:
    problem(http.get(path), 404, "ROUTE_NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/jobs", "GET, HEAD, POST"),
        ("POST", "/health", "GET, HEAD"),
        ("GET", "/api/v1/config/validate", "POST"),
        ("PATCH", "/api/v1/jobs/1", "DELETE, GET, HEAD"),
    ],
)
def test_a_method_that_is_not_there_names_those_that_are(
    http: httpx2.Client, method: str, path: str, allowed: str
) -> None:
    answer = http.request(method, path)
    problem(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "path",
    ["/api/v1/jobs/{}", "/api/v1/jobs/{}/artifacts", "/api/v1/jobs/{}/logs", "/api/v1/jobs/{}/results",
     "/api/v1/jobs/{}/artifacts.zip", "/api/v1/jobs/{}/artifacts/x", "/api/v1/events/stream?job_id={}"],
)  # fmt: skip
def test_a_job_that_is_not_there(http: httpx2.Client, path: str) -> None:
    problem(http.get(path.format("no-such-job")), 404, "JOB_NOT_FOUND")


@pytest.mark.parametrize(
    ("query", "field"),
    [("per_page=0", "per_page"), ("per_page=101", "per_page"), ("page=0", "page"), ("status=odd", "status.0"),
     ("created_after=yesterday", "created_after"), ("cursor=!", "cursor")],
)  # fmt: skip
def test_a_wrong_query_names_the_field(http: httpx2.Client, query: str, field: str) -> None:
    answer = http.get(f"/api/v1/jobs?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_json_that_is_none(http: httpx2.Client) -> None:
    answer = http.post("/api/v1/config/validate", content=b"{", headers={"Content-Type": "application/json"})
    problem(answer, 422, "INVALID_REQUEST")
    assert "The body is no JSON" in answer.json()["detail"]
    assert [one["field"] for one in answer.json()["errors"]] == [""]


def test_a_range_that_is_not_in_the_file(server: Running, http: httpx2.Client, job: str) -> None:
    server.complete(job, {"a.json": b"{}"})
    for path in ("artifacts/a.json", "results/files/scene_detection"):
        answer = http.get(f"/api/v1/jobs/{job}/{path}", headers={"Range": "bytes=99-"})
        problem(answer, 416, "RANGE_NOT_SATISFIABLE")
        assert answer.headers["content-range"] == "bytes */2"
        answer = http.get(f"/api/v1/jobs/{job}/{path}", headers={"Range": "bytes"})
        problem(answer, 400, "BAD_REQUEST")


def test_json_that_is_too_long(http: httpx2.Client) -> None:
    for path in ("/api/v1/config/validate", "/api/v1/jobs"):
        answer = http.post(
            path, content=b'"' + b"x" * (2 << 20) + b'"', headers={"Content-Type": "application/json"}
        )
        problem(answer, 413, "PAYLOAD_TOO_LARGE")
        assert "video" not in answer.json()["hint"]  # it has none that could be cut


def test_a_body_of_an_unknown_kind(http: httpx2.Client) -> None:
    answer = http.post("/api/v1/jobs", content=b"x", headers={"Content-Type": "text/plain"})
    problem(answer, 422, "INVALID_REQUEST")


def test_an_upload_that_is_too_large(tmp_path: Path) -> None:
    with running(tmp_path / "data", max_upload_bytes=1000) as server, server.http(Origin=ORIGIN) as http:
        answer = http.post("/api/v1/jobs", files={"video": ("a.mp4", b"x" * 5000)})
        problem(answer, 413, "PAYLOAD_TOO_LARGE")
        assert answer.headers["connection"] == "close"
        head = b'--b\r\nContent-Disposition: form-data; name="video"; filename="a.mp4"\r\n\r\n'
        parts = (head, *[b"x" * 1000] * 5, b"\r\n--b--\r\n")
        answer = http.post(
            "/api/v1/jobs",
            content=(part for part in parts),  # without a Content-Length
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
        problem(answer, 413, "PAYLOAD_TOO_LARGE")
        assert not [path for path in (tmp_path / "data" / "blobs").rglob("*") if path.is_file()]


def test_a_mistake_of_ours(server: Running, http: httpx2.Client, job: str) -> None:
    folder = server.services.jobs.folder(job)
    server.complete(job, {"a.json": b"{}"})
    (folder / "out" / "a.json").unlink()
    (folder / "out" / "a.json").mkdir()
    answer = http.get(f"/api/v1/jobs/{job}/artifacts.zip")
    assert answer.status_code == 404
    assert answer.json()["error_code"] == "RESOURCE_NOT_FOUND"


def test_a_foreign_name_is_refused(server: Running) -> None:
    answer = patient.get(f"{server.url}/health", headers={"Host": "evil.example", "Origin": ORIGIN})
    problem(answer, 421, "HOST_NOT_ALLOWED")


def test_preflight_needs_no_key(server: Running) -> None:
    headers = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "authorization,content-type",
        "Access-Control-Request-Private-Network": "true",
    }
    answer = patient.options(f"{server.url}/api/v1/jobs/1", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "DELETE" in answer.headers["access-control-allow-methods"]
    assert (
        patient.get(f"{server.url}/health", headers={"Origin": "http://evil.example"}).headers.get(
            "access-control-allow-origin"
        )
        is None
    )
