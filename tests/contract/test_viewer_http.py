"""What the existing viewer (0.6.3) sends and reads over HTTP, and what it does with it.

Each test states one fact of that client; the requests are made as it makes them.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.api.running import Running, clip, running
from tests.synthetic import patient

ORIGIN = "http://127.0.0.1:19011"
# Any of these in a 401's detail makes the client offer its token settings.
AUTH_WORDS = (
    "API key required",
    "AUTH_REQUIRED",
    "401",
    "404",
    "Not Found",
    "Unauthorized",
    "authentication",
)
# Words by which it takes an error for a lost connection or for an auth problem: not in others.
CONNECTION_WORDS = ("cors", "fetch", "network", "timeout")
PARAMETER_TYPES = {"boolean", "string", "integer", "number", "enum", "multiselect", "object"}
# The client takes exactly these for video files of a ZIP.
VIDEO = re.compile(r"\.(mp4|mov|avi|mkv|webm)$")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("server") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def http(server: Running) -> httpx2.Client:
    return server.http(Origin=ORIGIN)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("video"))


def wizard(http: httpx2.Client, video: Path, config: dict[str, Any] | None = None) -> dict[str, Any]:
    """Submit as the wizard does: file first, names with commas, config only where there is any."""
    fields = {"selected_pipelines": "scene_detection,person_tracking"}
    if config:
        fields["config"] = json.dumps(config)
    answer = http.post(
        "/api/v1/jobs", files={"video": (video.name, video.read_bytes(), "video/mp4")}, data=fields
    )
    assert 200 <= answer.status_code < 300
    assert isinstance(answer.json()["id"], str)
    return dict(answer.json())


@pytest.mark.parametrize("path", ["/api/v1/jobs", "/api/v1/pipelines"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_lists_answer_with_and_without_slash_and_never_redirect(
    http: httpx2.Client, path: str, slash: str
) -> None:
    answer = http.get(f"{path}{slash}?per_page=1", follow_redirects=False)
    assert answer.status_code == 200
    assert "application/json" in answer.headers["content-type"]  # else the client reads nothing
    assert answer.headers["access-control-allow-origin"] == ORIGIN


def test_the_job_list_has_what_the_client_reads(http: httpx2.Client, video: Path) -> None:
    made = wizard(http, video)["id"]
    body = http.get("/api/v1/jobs?page=1&per_page=10").json()
    assert isinstance(body["jobs"], list)
    assert isinstance(body["total"], int)
    assert body["jobs"][0]["id"] == made  # shown as sent: newest first
    for job in body["jobs"]:
        assert re.fullmatch(r"[A-Za-z0-9-]+", job["id"])  # becomes the name of a folder
        assert not job["id"].startswith("demo:")
        assert job["status"] in {"pending", "running", "cancelling", "completed", "failed", "cancelled"}


def test_a_job_carries_what_the_pages_show(http: httpx2.Client, video: Path) -> None:
    config = {"scene_detection": {"threshold": 20}}
    job = http.get(f"/api/v1/jobs/{wizard(http, video, config)['id']}").json()
    assert job["video_filename"] == video.name
    assert job["video_size_bytes"] == video.stat().st_size
    assert job["video_duration_seconds"] > 0
    assert job["config"] == config  # the wizard is filled in from it again
    assert job["selected_pipelines"] == ["scene_detection", "person_tracking"]
    assert not job["video_path"].startswith("/")
    assert job["created_at"].endswith("Z")


def test_a_refused_token_is_answered_so_that_settings_are_offered(server: Running) -> None:
    for token in ("", "va_" + "x" * 49, "dev-token"):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = patient.get(f"{server.url}/api/v1/jobs?per_page=1", headers={**headers, "Origin": ORIGIN})
        assert answer.status_code == 401
        assert any(word in answer.json()["detail"] for word in AUTH_WORDS)
        assert answer.headers["access-control-allow-origin"] == ORIGIN


def test_errors_are_read_from_detail_and_sound_like_no_other_problem(
    http: httpx2.Client, video: Path
) -> None:
    file = {"video": (video.name, video.read_bytes(), "video/mp4")}
    for answer in (
        http.get("/api/v1/jobs/none"),
        http.post("/api/v1/jobs", files=file, data={"selected_pipelines": "nothing"}),
        http.post("/api/v1/jobs", files={"video": ("a.mp4", b"text")}),
        http.get("/api/v1/jobs?per_page=0"),
        http.post("/api/v1/jobs/none/cancel"),
    ):
        detail = answer.json()["detail"]
        assert isinstance(detail, str)
        assert detail
        assert not any(word in detail.lower() for word in (*CONNECTION_WORDS, "authentication", "not found"))


def test_cancelling_as_the_button_does(http: httpx2.Client, video: Path) -> None:
    job_id = wizard(http, video)["id"]
    answer = http.post(f"/api/v1/jobs/{job_id}/cancel")  # neither body nor content type
    body = answer.json()
    assert body["status"] in {"cancelled", "cancelling"}
    assert (body["job_id"], body["id"]) == (job_id, job_id)
    assert body["message"]
    assert http.delete(f"/api/v1/jobs/{job_id}").status_code == 204


def test_pipelines_have_every_field_of_the_cards(http: httpx2.Client) -> None:
    body = http.get("/api/v1/pipelines").json()
    assert body["total"] == len(body["pipelines"]) > 0
    for one in body["pipelines"]:
        assert one["slug"] == one["name"] == one["id"]
        for key in ("display_name", "description", "pipeline_family", "category", "version"):
            assert isinstance(one[key], str)
            assert one[key]
        assert not one["version"].startswith("v")  # the card writes one before it
        assert isinstance(one["default_enabled"], bool)
        assert isinstance(one["enabled"], bool)
        assert all(isinstance(name, str) for name in one["output_formats"])
        assert all({"feature", "enabled"} <= set(capability) for capability in one["capabilities"])
        for component in one["components"]:
            assert {"name", "display_name", "description", "enabled"} <= set(component)
            assert all({"type", "default"} <= set(p) for p in component["parameters"].values())


def test_parameters_can_be_made_into_forms(http: httpx2.Client) -> None:
    for one in http.get("/api/v1/pipelines").json()["pipelines"]:
        name = one["name"]
        for path in (f"/api/v1/pipelines/{name}/schema", f"/api/v1/pipelines/schema/{name}"):
            schema = http.get(path).json()
            assert isinstance(schema["parameters"], list)
            assert schema["pipeline"]["name"] == name
        names = [parameter["name"] for parameter in one["parameters"]]
        assert len(set(names)) == len(names)
        for parameter in one["parameters"]:
            assert parameter["type"] in PARAMETER_TYPES
            assert all("value" in choice for choice in parameter.get("enum", ()))
            assert None not in (parameter.get("min", 0), parameter.get("max", 0))


def test_wrong_configurations_are_answered_with_200(http: httpx2.Client) -> None:
    for config, valid in (
        ({"scene_detection": {"threshold": 20}}, True),
        ({"scene_detection": {}}, True),
        ({"scene_detection": {"threshold": "loud"}}, False),
        ({"scene_detection": {"tresholt": 20}}, False),
        ({"nothing": {}}, False),
    ):
        answer = http.post("/api/v1/config/validate", json={"config": config})
        body = answer.json()
        assert (answer.status_code, body["valid"]) == (200, valid)
        assert bool(body["errors"]) is not valid
        for finding in (*body["errors"], *body["warnings"]):
            assert finding["severity"] in {"error", "warning", "info"}
            assert isinstance(finding["field"], str)
            assert finding["message"]
            assert finding.get("suggested_value", 0) is not None


@pytest.mark.parametrize("path", ["/api/v1/system/health", "/health"])
def test_health_is_public_and_leaves_out_what_is_unknown(server: Running, path: str) -> None:
    answer = patient.get(server.url + path, headers={"Authorization": "Bearer stale", "Origin": ORIGIN})
    body = answer.json()
    assert (answer.status_code, body["status"]) == (200, "healthy")
    assert isinstance(body["uptime_seconds"], int)
    assert body["version"] == body["videoannotator_version"]
    assert isinstance(body["gpu_status"]["available"], bool)
    assert body["worker_info"]["worker_status"] in {"idle", "busy", "overloaded"}
    assert all(isinstance(body["worker_info"][key], int) for key in ("active_jobs", "queued_jobs"))
    for name in ("database", "storage"):
        assert body["diagnostics"][name]["status"] in {"healthy", "degraded", "unhealthy"}
    assert body["diagnostics"]["ffmpeg"]["available"] is True
    assert not body["diagnostics"]["ffmpeg"]["version"].startswith("v")
    assert body["security"]["auth_required"] is True
    assert "null" not in answer.text  # the client prints "null% used"


def test_the_zip_is_what_the_results_page_opens(server: Running, http: httpx2.Client, video: Path) -> None:
    job_id = wizard(http, video)["id"]
    refused = http.get(f"/api/v1/jobs/{job_id}/artifacts")
    assert refused.status_code == 409
    server.complete(job_id, {"clip_scenes.json": b'{"scenes":[]}'})
    answer = http.get(f"/api/v1/jobs/{job_id}/artifacts", headers={"Accept": "*/*"})
    assert "content-encoding" not in answer.headers
    assert int(answer.headers["content-length"]) == len(answer.content)  # moves its progress bar
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert [name for name in names if VIDEO.search(name)] == [video.name]
    assert not any("/" in name for name in names)
    assert answer.headers["access-control-allow-origin"] == ORIGIN


def test_events_serve_both_readings(server: Running, http: httpx2.Client, video: Path) -> None:
    job_id = wizard(http, video)["id"]
    address = f"{server.url}/api/v1/events/stream?job_id={job_id}&token={server.key}"  # raw, as it is sent
    with patient.stream("GET", address, headers={"Origin": ORIGIN}) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["access-control-allow-origin"] == ORIGIN
        frame = next(one for one in httpx2.EventSource(stream) if one.data)
    body = json.loads(frame.data)
    assert (frame.event, body["type"]) == ("job.update", "job.update")
    for reading in (body, body["data"]):
        assert reading["job_id"] == job_id
        assert 0 <= reading["progress"] <= 100
        assert {"status", "timestamp"} <= set(reading)


def test_the_documentation_it_links_to_is_there(server: Running) -> None:
    answer = patient.get(f"{server.url}/docs")
    assert answer.status_code == 200
    assert "/api/v1/events/stream" in answer.text
    assert "src=" not in answer.text  # nothing from elsewhere
    assert patient.get(f"{server.url}/openapi.json").json()["openapi"] == "3.2.0"
