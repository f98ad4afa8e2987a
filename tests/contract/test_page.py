"""The page's own routes: the session, the files, the annotations and the video of a job."""

import pytest
from tests.synthetic.clips import Clip, write

HERE = {"Origin": "http://localhost", "Authorization": ""}


@pytest.fixture(scope="module")
def job(api, tmp_path_factory):
    """A waiting job of the operator's."""
    clip = write(tmp_path_factory.mktemp("clip") / "clip.mp4", Clip(n_frames=10))
    with clip.open("rb") as file:
        made = api.admin.post(
            "/api/v1/jobs",
            files={"video": ("clip.mp4", file)},
            data={"selected_pipelines": "scene_detection"},
        )
    assert made.status_code == 201, made.text
    return made.json()["id"], clip


def test_a_key_is_changed_for_a_cookie_that_scripts_cannot_read(api):
    key = api.admin.headers["Authorization"].removeprefix("Bearer ")
    answer = api.admin.post("/api/v1/session", json={"token": key}, headers=HERE)
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert key not in cookie
    assert api.admin.get("/api/v1/tokens/me", headers=HERE).status_code == 200
    assert (
        api.admin.get("/api/v1/tokens/me", headers={**HERE, "Origin": "http://elsewhere"}).status_code == 401
    )
    api.admin.delete("/api/v1/session")
    assert api.admin.get("/api/v1/tokens/me", headers=HERE).status_code == 401


def test_a_wrong_key_and_a_forged_session_are_refused(api):
    assert (
        api.admin.post("/api/v1/session", json={"token": "va_wrong"}).json()["error_code"]
        == "TOKEN_MALFORMED"
    )
    forged = {**HERE, "Cookie": "va_session=forged"}
    assert api.admin.get("/api/v1/tokens/me", headers=forged).status_code == 401


def test_the_page_and_its_files_come_with_a_policy_that_allows_only_themselves(api):
    for path in ("/", "/page/js/main.js", "/page/css/base.css"):
        answer = api.admin.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert api.admin.get("/page/../bootstrap/server.py").status_code == 404


def test_a_bad_start_link_leads_to_the_sign_in_box(api):
    answer = api.admin.get("/?start=nonsense", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/#start-link-used")
    assert "set-cookie" not in answer.headers


def test_a_waiting_job_has_no_tables_yet_and_says_so(api, job):
    job_id, _ = job
    told = api.admin.get(f"/api/v1/jobs/{job_id}/annotations").json()
    assert (told["status"], told["final"], told["tables"]) == ("pending", False, [])
    answer = api.admin.get(f"/api/v1/jobs/{job_id}/annotations/people")
    assert (answer.status_code, answer.json()["hint"]) == (404, "Its tables: none yet.")


@pytest.mark.parametrize("query", ["start_s=-1", "start_s=2&end_s=1", "max_rows=0", "end_s=0"])
def test_a_senseless_window_is_refused(api, job, query):
    assert api.admin.get(f"/api/v1/jobs/{job[0]}/annotations/people?{query}").status_code == 422


def test_the_video_of_a_job_is_played_in_ranges(api, job):
    job_id, clip = job
    answer = api.admin.get(f"/api/v1/jobs/{job_id}/video", headers={"Range": "bytes=4-11"})
    assert (answer.status_code, answer.headers["content-type"]) == (206, "video/mp4")
    assert answer.content == clip.read_bytes()[4:12]


@pytest.mark.parametrize("path", ["annotations", "annotations/people", "video"])
def test_somebody_else_s_job_is_not_found(api, job, path):
    assert api.client("stranger").get(f"/api/v1/jobs/{job[0]}/{path}").status_code == 404
