"""Jobs over HTTP: what comes back is what was sent, lists are stable, nothing is done twice."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.api.running import Running

JOBS = "/api/v1/jobs"
CONFIG = {"scene_detection": {"shot_detection": {"threshold": 30.0}}}


def test_a_submission_comes_back_as_it_was_sent(server: Running, video: Path) -> None:
    sent = server.submit(video, selected_pipelines="scene_detection", config=json.dumps(CONFIG), tags="a,b")
    with server.http() as http:
        job = http.get(f"{JOBS}/{sent['id']}").json()
    assert job["status"] == "pending"
    assert (job["selected_pipelines"], job["config"], job["tags"]) == (
        ["scene_detection"],
        CONFIG,
        ["a", "b"],
    )
    assert job["video_filename"] == video.name
    assert job["video_size_bytes"] == video.stat().st_size
    assert job["video_duration_seconds"] == pytest.approx(1 / 3)  # 10 pictures, 30 a second
    assert str(server.data_dir) not in json.dumps(job)
    assert [step["component"] for step in job["plan"]] == ["shot_detection"]
    assert job["plan"][0]["parameters"]["threshold"] == 30


def test_a_stored_video_is_submitted_by_its_id(server: Running, video: Path) -> None:
    with server.http() as http, video.open("rb") as file:
        stored = http.post("/api/v1/videos", files={"video": ("again.mp4", file)}).json()
        answer = http.post(JOBS, json={"video_id": stored["id"], "selected_pipelines": ["scene_detection"]})
        assert answer.status_code == 201
        assert answer.headers["location"] == f"{JOBS}/{answer.json()['id']}"
        assert http.delete(f"/api/v1/videos/{stored['id']}").status_code == 409
        content = http.get(f"/api/v1/videos/{stored['id']}/content", headers={"Range": "bytes=4-7"})
        assert (content.status_code, content.content) == (206, video.read_bytes()[4:8])


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"selected_pipelines": "scene_detektion"}, "PIPELINE_NOT_FOUND", "selected_pipelines"),
        ({"config": "{"}, "INVALID_REQUEST", "config"),
        ({"config": "[]"}, "INVALID_REQUEST", "config"),
        ({"config": '{"shot_detection": {"threshold": -1}}'}, "VALUE_OUT_OF_RANGE", "threshold"),
        ({"priority": "high"}, "INVALID_REQUEST", "priority"),
        ({"priority": "101"}, "INVALID_REQUEST", "priority"),
        ({"colour": "red"}, "INVALID_REQUEST", "colour"),
        ({"output_directory": "/etc"}, "PATH_NOT_ALLOWED", "output_directory"),
        ({"db_location": "postgresql://x"}, "PATH_INVALID", "db_location"),
    ],
)  # fmt: skip
def test_a_wrong_submission_names_the_field_and_leaves_nothing(
    server: Running, tmp_path: Path, fields: dict[str, str], code: str, field: str
) -> None:
    with server.http() as http:
        before = http.get(JOBS).json()["total"]
        answer = http.post(JOBS, files={"video": ("a.mp4", b"unseen " + field.encode())}, data=fields)
        assert answer.status_code in {403, 422}
        assert answer.json()["error_code"] == code
        assert field in answer.json()["errors"][0]["field"]
        assert http.get(JOBS).json()["total"] == before
    assert b"unseen " + field.encode() not in [
        path.read_bytes() for path in (server.data_dir / "blobs").rglob("*") if path.is_file()
    ]


@pytest.mark.parametrize(
    ("path", "body", "field", "meant"),
    [
        (JOBS, {"selected_pipelines": ["wisper"]}, "selected_pipelines", "whisper"),
        (JOBS, {"pipelines": ["whisper"]}, "pipelines", "selected_pipelines"),
        (JOBS, {"config": {"audio": {"components": ["wisper"]}}}, "config.audio_processing.components.0",
         "whisper"),
        (JOBS, {"config": {"whisper": {"modle": "base"}}}, "config.audio_processing.whisper.modle", "model"),
        ("/api/v1/batches", {"items": [], "selected_pipelines": ["wisper"]}, "selected_pipelines", "whisper"),
        ("/api/v1/batches", {"items": [{"selected_pipeline": []}]}, "items.0.selected_pipeline",
         "selected_pipelines"),
        ("/api/v1/presets", {"name": "p", "selected_pipelines": ["wisper"]}, "selected_pipelines", "whisper"),
        ("/api/v1/presets", {"name": "p", "config": {"wisper": {}}}, "config.wisper", "whisper"),
    ],
)  # fmt: skip
def test_a_wrong_name_is_told_with_its_field_and_what_may_have_been_meant(
    server: Running, path: str, body: dict[str, object], field: str, meant: str
) -> None:
    with server.http() as http:
        answer = http.post(path, json=body)
        assert answer.status_code == 422
        problem = answer.json()["errors"][0]
        assert (problem["field"], f"Did you mean {meant}?" in problem["hint"]) == (field, True)
        if "config" in body:
            validated = http.post("/api/v1/config/validate", json={"config": body["config"]}).json()
            assert validated["errors"][0]["field"] == field


def test_the_validating_routes_name_the_same_fields(server: Running) -> None:
    with server.http() as http:
        wrong = {"config": {}, "selected_pipelines": ["wisper"]}
        assert http.post("/api/v1/config/validate", json=wrong).json()["errors"][0]["field"] == (
            "selected_pipelines"
        )
        wrong = {"config": {"whisper": {"modle": "base"}}}
        assert http.post("/api/v1/pipelines/audio/validate", json=wrong).json()["errors"][0]["field"] == (
            "config.audio_processing.whisper.modle"
        )
        assert http.get("/api/v1/pipelines/wisper").status_code == 404
        assert "Did you mean whisper?" in http.get("/api/v1/pipelines/wisper/schema").json()["hint"]
        preferred = http.put("/api/v1/preferences", json={"pipelines": ["wisper"]})
        assert preferred.json()["errors"][0]["field"] == "pipelines"


def test_the_longest_stretch_that_a_refusal_offers_is_taken(
    server: Running, make_clip: Callable[..., Path]
) -> None:
    with server.http() as http, make_clip("clip.mp4", n_frames=302).open("rb") as file:  # 10.066667 s
        stored = http.post("/api/v1/videos", files={"video": ("clip.mp4", file)}).json()
        wish = {"video_id": stored["id"], "selected_pipelines": ["scene_detection"]}
        refused = http.post(JOBS, json={**wish, "end_s": 99})
        assert refused.status_code == 422
        offered = float(refused.json()["hint"].rpartition("<= ")[2].removesuffix("."))
        assert http.post(JOBS, json={**wish, "end_s": offered}).status_code == 201
        for wrong in (True, "1"):  # JSON has numbers of its own
            assert http.post(JOBS, json={**wish, "end_s": wrong}).status_code == 422
        assert http.post(JOBS, json={**wish, "end_s": 1}).status_code == 201


def test_a_file_that_is_no_video(server: Running) -> None:
    with server.http() as http:
        answer = http.post(JOBS, files={"video": ("my notes.mp4", b"text")})
        assert (answer.status_code, answer.json()["error_code"]) == (422, "UNSUPPORTED_MEDIA")
        assert "'my notes.mp4' is not a video" in answer.json()["detail"]
        empty = http.post(JOBS, files={"video": ("C:\\films\\a.mp4", b"")}).json()
        assert (empty["error_code"], empty["message"]) == ("EMPTY_FILE", "'a.mp4' is empty (0 bytes)")
        assert [one["field"] for one in empty["errors"]] == ["video"]
        nowhere = http.post(JOBS, json={"video_id": "nowhere"}).json()
        assert [one["field"] for one in nowhere["errors"]] == ["video_id"]
        answer = http.post(JOBS, data={"selected_pipelines": "scene_detection"}, files={"other": ("a", b"x")})
        assert answer.json()["error_code"] in {"VIDEO_MISSING", "INVALID_REQUEST"}
        assert http.post(JOBS, json={}).json()["error_code"] == "VIDEO_MISSING"


def test_a_request_sent_fifty_times_is_done_once(server: Running, video: Path) -> None:
    key = server.new_key("eager")

    def send(_: int) -> tuple[int, str]:
        with server.http(key, **{"Idempotency-Key": "one"}) as http, video.open("rb") as file:
            answer = http.post(JOBS, files={"video": ("v.mp4", file)}, data={"selected_pipelines": "scene"})
            return answer.status_code, answer.json().get("id", answer.json().get("error_code"))

    with ThreadPoolExecutor(16) as pool:
        answers = set(pool.map(send, range(50)))
    made = {told for status, told in answers if status == 201}
    assert len(made) == 1
    assert {told for status, told in answers if status != 201} <= {"REQUEST_IN_PROGRESS"}
    with server.http(key, **{"Idempotency-Key": "one"}) as http:
        assert [job["id"] for job in http.get(JOBS).json()["jobs"]] == list(made)
        with video.open("rb") as file:
            again = http.post(JOBS, files={"video": ("v.mp4", file)}, data={"selected_pipelines": "scene"})
        assert (again.json()["id"], again.headers["idempotency-replayed"]) == (made.pop(), "true")
        with video.open("rb") as file:
            other = http.post(JOBS, files={"video": ("v.mp4", file)}, data={"selected_pipelines": "person"})
        assert (other.status_code, other.json()["error_code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_lists_are_paged_newest_first(server: Running, video: Path) -> None:
    key = server.new_key("lister")
    made = [server.submit(video, key, name=f"job {number}")["id"] for number in range(5)]
    with server.http(key) as http:
        first = http.get(f"{JOBS}/", params={"per_page": 2}).json()  # the slash changes nothing
        assert [job["id"] for job in first["jobs"]] == made[:-3:-1]
        whole = http.get(f"{JOBS}/{made[-1]}").json()
        assert first["jobs"][0]["components"] == whole["components"] != []
        assert (first["total"], first["page"], first["per_page"]) == (5, 1, 2)
        assert [
            job["id"] for job in http.get(JOBS, params={"per_page": 2, "page": 3}).json()["jobs"]
        ] == made[:1]
        found, cursor = [], None
        while cursor is not None or not found:
            page = http.get(JOBS, params={"per_page": 2, **({"cursor": cursor} if cursor else {})})
            found += [job["id"] for job in page.json()["jobs"]]
            cursor = page.json()["next_cursor"]
            assert ("link" in page.headers) == (cursor is not None)
        assert found == made[::-1]
        assert http.get(JOBS, params={"status": "running"}).json()["jobs"] == []
        page = http.get(JOBS, params={"q": "JOB", "status": ["pending", "failed"], "page": 2, "per_page": 2})
        link = page.links["next"]["url"]
        assert "q=JOB&status=pending&status=failed" in link  # the next page of the same list
        assert [job["id"] for job in http.get(link).json()["jobs"]] == made[:1]
        assert [job["name"] for job in http.get(JOBS, params={"q": "JOB 3"}).json()["jobs"]] == ["job 3"]


def test_an_unchanged_job_is_not_sent_again(server: Running, job: str) -> None:
    with server.http() as http:
        first = http.get(f"{JOBS}/{job}")
        same = http.get(f"{JOBS}/{job}", headers={"If-None-Match": first.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
        http.post(f"{JOBS}/{job}/cancel")
        assert http.get(f"{JOBS}/{job}", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_cancel_delete_retry(server: Running, job: str) -> None:
    with server.http() as http:
        cancelled = http.post(f"{JOBS}/{job}/cancel").json()  # no body, no content type: as the viewer does
        assert (cancelled["job_id"], cancelled["status"]) == (job, "cancelled")
        assert cancelled["message"]
        assert http.post(f"{JOBS}/{job}/cancel", json={"reason": "twice"}).status_code == 200
        again = http.post(f"{JOBS}/{job}/retry")
        assert (again.status_code, again.json()["retry_of"], again.json()["attempt"]) == (201, job, 2)
        assert http.delete(f"{JOBS}/{again.json()['id']}").json()["error_code"] == "JOB_RUNNING"
        assert http.delete(f"{JOBS}/{job}").status_code == 204
        assert http.get(f"{JOBS}/{job}").status_code == 404


def test_ended_jobs_cannot_be_cancelled(server: Running, job: str) -> None:
    server.complete(job, {}, partly="Job completed with errors. Failed components: whisper (no)")
    with server.http() as http:
        answer = http.post(f"{JOBS}/{job}/cancel")
        assert (answer.status_code, answer.json()["error_code"]) == (409, "JOB_ALREADY_COMPLETED")
        told = http.get(f"{JOBS}/{job}").json()
        assert (told["status"], told["progress"]) == ("completed", 100)
        assert told["error_message"].startswith("Job completed with errors")
