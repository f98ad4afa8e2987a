"""Two people with keys of their own see and touch only their own things.

The routes come from the API's description, so that a new one cannot be forgotten: whoever adds a parameter
that names somebody's thing says here how such a thing is made.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.synthetic.clips import Clip, write
from tests.synthetic.server import Api, running

VERBS = ("get", "put", "post", "delete", "patch", "head", "options")
# Path parameters that name nobody's thing.
PUBLIC = {"name", "pipeline", "key", "table"}
# Lists of what everybody has; an operator's routes are closed to users.
COMMON = {
    "/api/v1/pipelines",
    "/api/v1/places",
    "/api/v1/system/info",
    "/api/v1/system/health",
    "/api/v1/tokens/me",
    "/health",
    "/health/live",
    "/health/ready",
}


@pytest.fixture(scope="module")
def api(each_database_of_module: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A server of these tests' own, on every kind of database."""
    with running(tmp_path_factory.mktemp("server")) as api:
        yield api


@pytest.fixture(scope="module")
def description(api: Api) -> dict[str, Any]:
    return api.admin.get("/openapi.json").json()


@pytest.fixture(scope="module")
def things(api: Api, tmp_path_factory: pytest.TempPathFactory) -> tuple[TestClient, dict[str, str]]:
    """Alice, and one thing of hers for each parameter that names one."""
    alice = api.client("alice")
    clip = write(tmp_path_factory.mktemp("clips") / "secret.mp4", Clip(n_frames=10)).read_bytes()
    video = alice.post("/api/v1/videos", files={"video": ("secret.mp4", clip)}).json()
    job = alice.post("/api/v1/jobs", json={"video_id": video["id"], "preset": "quick-look"}).json()
    wish = {"items": [{"video_id": video["id"]}], "preset": "quick-look", "name": "secret"}
    batch = alice.post("/api/v1/batches", json=wish).json()
    wanted = {"Tus-Resumable": "1.0.0", "Upload-Length": "10"}
    upload = alice.post("/api/v1/uploads", headers=wanted).headers["Location"].rpartition("/")[2]
    preset = alice.post("/api/v1/presets", json={"name": "secret"}).json()
    alice.put("/api/v1/preferences/secret", json="secret")
    webhook = alice.post("/api/v1/webhooks", json={"url": "https://secret.example/"}).json()
    keys = api.admin.get("/api/v1/tokens").json()["tokens"]
    made = {
        "video_id": video["id"],
        "job_id": job["id"],
        "artifact_id": "secret",
        "preset_id": preset["id"],
        "batch_id": batch["id"],
        "webhook_id": webhook["id"],
        "upload_id": upload,
        "key_id": next(key["id"] for key in keys if key["owner"] == "alice"),
    }
    return alice, made


def test_every_thing_of_somebody_else_is_not_found(
    api: Api, description: dict[str, Any], things: tuple[TestClient, dict[str, str]]
) -> None:
    _, made = things
    # A stranger who may do everything with what is theirs, keys included, but is no operator.
    scopes = [
        scope for scope in description["components"]["schemas"]["Scope"]["enum"] if scope != "system:admin"
    ]
    wanted = {"name": "mallory", "owner": "mallory", "scopes": scopes}
    key = api.admin.post("/api/v1/tokens", json=wanted).json()["token"]
    mallory = TestClient(api.app, base_url="http://localhost", headers={"Authorization": f"Bearer {key}"})
    wrong = {}
    for path, verb, operation in _operations(description):
        ids = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"]
        if not set(ids) - PUBLIC:
            continue
        unknown = set(ids) - PUBLIC - set(made)
        assert not unknown, f"{verb} {path}: say in this test how {unknown} is made"
        address = path.format(**{**dict.fromkeys(PUBLIC, "audio_processing"), **made})
        headers = {"If-Match": "*", **_headers(operation)}
        answer = mallory.request(verb, address, json=_body(operation, description), headers=headers)
        if answer.status_code != 404:
            wrong[f"{verb} {path}"] = (answer.status_code, answer.text[:200])
    assert wrong == {}


def test_every_list_shows_only_ones_own_things(
    api: Api, description: dict[str, Any], things: tuple[TestClient, dict[str, str]]
) -> None:
    _, made = things
    bob = api.client("bob")
    seen = []
    for path, verb, _ in _operations(description):
        if verb != "get" or "{" in path or path in COMMON or path.endswith("/stream"):
            continue
        answer = bob.get(path)
        assert answer.status_code in (200, 403), f"{path}: {answer.text}"
        if any(secret in answer.text for secret in ("secret", *made.values())):
            seen.append(path)
    assert seen == []


def test_queries_for_somebody_elses_job_find_nothing(
    api: Api, things: tuple[TestClient, dict[str, str]]
) -> None:
    alice, made = things
    bob = api.client("bob")
    known = {"job_id": made["job_id"]}
    assert alice.get("/api/v1/events", params=known).json()["events"]
    assert bob.get("/api/v1/events", params=known).json()["events"] == []
    assert bob.get("/api/v1/events/stream", params=known).status_code == 404
    wish = {"video_id": made["video_id"], "preset": made["preset_id"]}
    assert bob.post("/api/v1/jobs", json={"video_id": made["video_id"]}).status_code == 404
    assert bob.post("/api/v1/jobs", json=wish).json()["error_code"] == "PRESET_UNKNOWN"


def test_every_operation_but_the_public_ones_asks_for_a_key(description: dict[str, Any]) -> None:
    open_to_all = {
        f"{verb} {path}"
        for path, verb, operation in _operations(description)
        if not operation.get("security")
    }
    assert open_to_all == {
        "options /api/v1/uploads",
        "get /health",
        "get /health/live",
        "get /health/ready",
        "get /api/v1/system/health",
        "post /api/v1/auth/validate",
        "post /api/v1/session",
        "delete /api/v1/session",
    }


def _operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in description["paths"].items():
        for verb in VERBS:
            if verb in operations:
                yield path, verb, operations[verb]


def _headers(operation: dict[str, Any]) -> dict[str, str]:
    """The headers that it asks for, and the type of a body that is no JSON."""
    needed = [one for one in operation.get("parameters", ()) if one["in"] == "header" and one["required"]]
    headers = {one["name"]: one["schema"].get("const", "0") for one in needed}
    types = [one for one in operation.get("requestBody", {}).get("content", ()) if "json" not in one]
    return headers | ({"Content-Type": types[0]} if types else {})


def _body(operation: dict[str, Any], description: dict[str, Any]) -> Any:
    """A body that passes the shape, so that it is the id that is refused."""
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    name = next((part["$ref"] for part in (schema, *schema.get("anyOf", ())) if "$ref" in part), None)
    if name is None:
        return None
    fields = description["components"]["schemas"][name.rpartition("/")[2]]
    return {name: fields["properties"][name].get("examples", ["x"])[0] for name in fields.get("required", ())}
