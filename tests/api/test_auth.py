"""Who gets in, and what those hear who do not."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from tests.api.running import Running, running
from tests.synthetic import patient

from videoannotator.domain import keys
from videoannotator.domain.keys import Scope

JOBS = "/api/v1/jobs"


def expired(server: Running) -> str:
    return server.new_key("late", lifetime=timedelta(microseconds=1))


def revoked(server: Running) -> str:
    key = server.new_key("fired")
    server.services.tokens.revoke(server.services.tokens.authenticate(key).key_id or "", None)
    return key


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda server: "", "TOKEN_MISSING"),
        (lambda server: "dev-token", "TOKEN_MALFORMED"),
        (lambda server: "va_" + "x" * 49, "TOKEN_MALFORMED"),
        (lambda server: (server.key or "")[:-1] + "!", "TOKEN_MALFORMED"),
        (lambda server: keys.generate(), "TOKEN_INVALID"),
        (expired, "TOKEN_EXPIRED"),
        (revoked, "TOKEN_REVOKED"),
    ],
)
def test_a_worthless_key_is_told_why(server: Running, make: Callable[[Running], str], code: str) -> None:
    key = make(server)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = patient.get(server.url + JOBS, headers=headers)
    assert (answer.status_code, answer.json()["error_code"]) == (401, code)
    assert "Unauthorized" in answer.json()["detail"]  # the word by which the viewer offers its settings
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert not key or key not in answer.text
    checked = patient.post(f"{server.url}/api/v1/auth/validate", json={"token": key}).json()
    assert checked["valid"] is False


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", JOBS, Scope.JOBS_READ),
        ("GET", "/api/v1/pipelines", Scope.JOBS_READ),
        ("POST", f"{JOBS}/1/cancel", Scope.JOBS_WRITE),
        ("DELETE", f"{JOBS}/1", Scope.JOBS_WRITE),
        ("GET", f"{JOBS}/1/artifacts", Scope.ARTIFACTS_READ),
        ("GET", "/api/v1/events", Scope.EVENTS_READ),
        ("GET", "/api/v1/tokens", Scope.TOKENS_ADMIN),
        ("GET", "/metrics", Scope.SYSTEM_ADMIN),
    ],
)
def test_every_route_asks_for_its_scope(server: Running, method: str, path: str, scope: Scope) -> None:
    others = frozenset(Scope) - {scope}
    with server.http(server.new_key("narrow", others)) as http:
        answer = http.request(method, path)
        assert (answer.status_code, answer.json()["error_code"]) == (403, "FORBIDDEN")
        assert scope.value in answer.json()["detail"]
    with server.http(server.new_key("fitting", {scope})) as http:
        assert http.request(method, path).status_code in {200, 404}


def test_somebody_elses_job_is_not_there(server: Running, video: Path) -> None:
    theirs = server.submit(video, server.new_key("alice"))["id"]
    with server.http(server.new_key("bob")) as http:
        for method, path in [
            ("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("POST", "/retry"), ("GET", "/logs"),
            ("GET", "/artifacts"), ("GET", "/artifacts/x"), ("GET", "/results"),
        ]:  # fmt: skip
            assert http.request(method, f"{JOBS}/{theirs}{path}").status_code == 404
        assert http.get(JOBS).json()["jobs"] == []
        assert http.get("/api/v1/events").json()["events"] == []
    with server.http() as operator:
        assert operator.get(f"{JOBS}/{theirs}").status_code == 200


def test_the_query_opens_streams_and_files_only(server: Running, job: str) -> None:
    server.complete(job, {"a.json": b"{}"})
    query = f"?token={server.key}"
    assert patient.get(f"{server.url}{JOBS}{query}").status_code == 401
    assert patient.get(f"{server.url}{JOBS}/{job}{query}").status_code == 401
    assert patient.get(f"{server.url}{JOBS}/{job}/artifacts{query}").status_code == 200
    assert patient.get(f"{server.url}{JOBS}/{job}/artifacts/a.json{query}").status_code == 200
    with patient.stream("GET", f"{server.url}/api/v1/events/stream{query}") as stream:
        assert stream.status_code == 200


def test_a_ticket_opens_one_stream(server: Running) -> None:
    with server.http() as http:
        ticket = http.post("/api/v1/events/tickets").json()["ticket"]
    address = f"{server.url}/api/v1/events/stream?ticket={ticket}"
    with patient.stream("GET", address) as stream:
        assert stream.status_code == 200
    answer = patient.get(address)
    assert (answer.status_code, answer.json()["error_code"]) == (401, "TOKEN_EXPIRED")
    assert patient.get(address[:-1] + "!").json()["error_code"] == "TOKEN_INVALID"


def test_a_signed_link_opens_one_file(server: Running, job: str) -> None:
    server.complete(job, {"a.json": b"{}", "b.json": b"[]"})
    with server.http() as http:
        listed = http.get(f"{JOBS}/{job}/artifacts", headers={"Accept": "application/json"}).json()[
            "artifacts"
        ]
        link = http.post(f"{JOBS}/{job}/artifacts/links", json={"artifact_id": listed[0]["id"]}).json()["url"]
    assert patient.get(server.url + link).content == b"{}"
    other = link.replace(listed[0]["id"], listed[1]["id"])
    assert patient.get(server.url + other).status_code == 401
    assert patient.get(server.url + link + "x").status_code == 401


def test_keys_are_made_rotated_and_ended_over_http(server: Running) -> None:
    with server.http() as http:
        made = http.post("/api/v1/tokens", json={"name": "lab", "owner": "lab"}).json()
        assert keys.well_formed(made["token"])
        with server.http(made["token"]) as lab:
            about = lab.get("/api/v1/tokens/me").json()
            assert (about["valid"], about["owner"]) == (True, "lab")
            assert Scope.TOKENS_ADMIN not in about["scopes"]
        rotated = http.post(f"/api/v1/tokens/{made['id']}/rotate", json={"overlap_seconds": 0}).json()
        with server.http(made["token"]) as old:
            assert old.get("/api/v1/tokens/me").json()["error_code"] == "TOKEN_EXPIRED"
        assert http.delete(f"/api/v1/tokens/{rotated['id']}").status_code == 204
        with server.http(rotated["token"]) as new:
            assert new.get("/api/v1/tokens/me").json()["error_code"] == "TOKEN_REVOKED"
        assert "token" not in http.get("/api/v1/tokens").json()["tokens"][0]


def test_who_goes_on_with_worthless_keys_has_to_wait_and_good_keys_do_not(tmp_path: Path) -> None:
    with running(tmp_path / "data", worthless_keys_per_minute=3) as server:

        def with_key(key: str) -> httpx2.Response:
            return patient.get(server.url + JOBS, headers={"Authorization": f"Bearer {key}"})

        assert {with_key("mistyped").status_code for _ in range(9)} == {401}
        assert [with_key(keys.generate()).status_code for _ in range(5)] == [401, 401, 401, 429, 429]
        told = patient.post(f"{server.url}/api/v1/auth/validate", json={"token": keys.generate()})
        assert (told.status_code, told.json()["error_code"]) == (429, "RATE_LIMIT")
        assert 1 <= int(told.headers["retry-after"]) <= 60
        assert with_key(server.key or "").status_code == 200
        assert patient.get(server.url + JOBS).status_code == 401


def test_without_auth_any_key_is_ignored(tmp_path: Path) -> None:
    with running(tmp_path / "data", auth=False) as server:
        for header in ({}, {"Authorization": "Bearer dev-token"}, {"Authorization": "nonsense"}):
            assert patient.get(server.url + JOBS, headers=header).status_code == 200
        assert patient.get(f"{server.url}/health").json()["security"]["auth_required"] is False


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 201),
        ("own", 201),
        ("http://localhost:19011", 201),
        ("https://evil.example", 403),
        ("null", 403),
    ],
)
def test_without_auth_no_page_from_elsewhere_submits(
    tmp_path: Path, video: Path, origin: str | None, status: int
) -> None:
    with running(tmp_path / "data", auth=False) as server:
        page = server.url if origin == "own" else origin
        with video.open("rb") as file:  # what a browser sends without a preflight
            answer = patient.post(
                server.url + JOBS,
                files={"video": ("clip.mp4", file, "video/mp4")},
                data={"selected_pipelines": "scene_detection"},
                headers={"Origin": page} if page else {},
            )
        assert answer.status_code == status, answer.text
        if status == 403:
            assert answer.json()["error_code"] == "ORIGIN_NOT_ALLOWED"
            assert patient.get(server.url + JOBS).json()["total"] == 0
            assert not list((tmp_path / "data" / "blobs").rglob("*.mp4"))


def test_no_key_is_kept_or_logged(server: Running, video: Path) -> None:
    patient.get(f"{server.url}{JOBS}?token={server.key}")
    with server.http() as http:
        http.get("/api/v1/nowhere", params={"token": server.key or ""})
    files = [path for path in server.data_dir.rglob("*") if path.is_file() and path.name != "token"]
    assert files
    assert not [path for path in files if (server.key or "x").encode() in path.read_bytes()]
