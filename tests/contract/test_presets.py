"""Presets and preferences as people use them over HTTP."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.synthetic.server import Api

from videoannotator.db.schema import presets as table

MINE = {"name": "Mine", "config": {"audio_processing": {"whisper": {"beam_size": 3}}}}


@pytest.fixture
def alice(api: Api, request: pytest.FixtureRequest) -> TestClient:
    return api.client(f"alice {request.node.name}")


def _made(client: TestClient, **more: object) -> dict[str, object]:
    answer = client.post("/api/v1/presets", json={**MINE, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_every_built_in_preset_fits_what_is_installed(alice: TestClient) -> None:
    found = alice.get("/api/v1/presets", params={"scope": "builtin"}).json()["presets"]
    assert [one["id"] for one in found] == ["parent-child-play", "interview", "group", "quick-look"]
    assert [one["problems"] for one in found] == [[], [], [], []]


def test_a_wrong_value_is_told_with_its_field_and_nothing_is_saved(alice: TestClient) -> None:
    wrong = {"name": "Wrong", "config": {"whisper": {"beam_size": 300, "beams": 1}}}
    answer = alice.post("/api/v1/presets", json=wrong)
    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["errors"]} == {
        "config.audio_processing.whisper.beam_size",
        "config.audio_processing.whisper.beams",
    }
    assert alice.get("/api/v1/presets", params={"scope": "user"}).json()["total"] == 0


def test_a_change_names_the_version_that_it_changes(alice: TestClient) -> None:
    path = f"/api/v1/presets/{_made(alice)['id']}"
    assert alice.get(path).headers["etag"] == '"v1"'
    assert alice.put(path, json=MINE).status_code == 428
    changed = alice.put(path, json={**MINE, "description": "x"}, headers={"If-Match": '"v1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"v2"')
    late = alice.put(path, json=MINE, headers={"If-Match": '"v1"'})
    assert (late.status_code, late.json()["error_code"]) == (412, "PRECONDITION_FAILED")


def test_old_versions_stay_readable(alice: TestClient) -> None:
    path = f"/api/v1/presets/{_made(alice)['id']}"
    alice.put(path, json={**MINE, "description": "x"}, headers={"If-Match": "*"})
    assert alice.get(path, params={"version": 1}).json()["description"] == ""
    assert [one["version"] for one in alice.get(f"{path}/versions").json()["versions"]] == [2, 1]
    assert alice.get(path, params={"version": 3}).status_code == 404


def test_somebody_else_sees_shared_presets_only_and_changes_none(api: Api, alice: TestClient) -> None:
    bob = api.client("bob")
    private, shared = _made(alice), _made(alice, name="Shared", scope="shared")
    assert bob.get(f"/api/v1/presets/{private['id']}").status_code == 404
    seen = bob.get(f"/api/v1/presets/{shared['id']}")
    assert seen.status_code == 200
    refused = bob.put(f"/api/v1/presets/{shared['id']}", json=MINE, headers={"If-Match": '"v1"'})
    assert (refused.status_code, refused.json()["error_code"]) == (403, "PRESET_READ_ONLY")
    assert bob.post(f"/api/v1/presets/{shared['id']}/duplicate").json()["name"] == "Shared (copy)"


def test_two_presets_of_one_owner_differ_in_name(alice: TestClient) -> None:
    _made(alice)
    answer = alice.post("/api/v1/presets", json=MINE)
    assert (answer.status_code, answer.json()["error_code"]) == (409, "PRESET_NAME_TAKEN")


def test_a_file_of_a_preset_makes_the_same_preset(api: Api, alice: TestClient) -> None:
    made = _made(alice, selected_pipelines=["whisper"], description='äß "x"\n')
    exported = alice.get(f"/api/v1/presets/{made['id']}/export")
    assert tomllib.loads(exported.text)["config"] == MINE["config"]
    imported = api.client("carol").post("/api/v1/presets/import", content=exported.text).json()
    same = ("name", "description", "selected_pipelines", "config", "resolved")
    assert [imported[key] for key in same] == [made[key] for key in same]


@pytest.mark.parametrize("text", [b"", b"\xff", b"name = 1", b'name = "x"\nother = 1', b"[" * 50_000])
def test_what_is_no_preset_file_is_refused(alice: TestClient, text: bytes) -> None:
    answer = alice.post("/api/v1/presets/import", content=text)
    assert (answer.status_code, answer.json()["error_code"]) == (422, "INVALID_CONFIG_FILE")


class TestJobs:
    @pytest.fixture
    def video(self, alice: TestClient, make_clip: Callable[..., Path]) -> str:
        clip = make_clip("a.mp4", n_frames=10)
        answer = alice.post("/api/v1/videos", files={"video": ("a.mp4", clip.read_bytes())})
        return str(answer.json()["id"])

    def test_a_job_records_the_preset_and_its_version(self, alice: TestClient, video: str) -> None:
        preset = _made(
            alice,
            name="Faces",
            selected_pipelines=["face_detection"],
            config={"face_detection": {"frames_per_s": 4}},
        )
        job = alice.post("/api/v1/jobs", json={"video_id": video, "preset": "faces@1"}).json()
        assert (job["preset_id"], job["preset_version"]) == (preset["id"], 1)
        assert _value(job, "face_detection", "frames_per_s") == 4
        assert alice.get(f"/api/v1/jobs/{job['id']}").json()["preset_version"] == 1

    def test_the_request_wins_over_the_preset_value_by_value(self, alice: TestClient, video: str) -> None:
        wish = {"video_id": video, "preset": "quick-look", "config": {"face_detection": {"tiles": True}}}
        job = alice.post("/api/v1/jobs", json=wish).json()
        assert _value(job, "face_detection", "tiles") is True
        assert _value(job, "face_detection", "frames_per_s") == 2.0  # the preset's

    def test_an_unknown_preset_is_told_with_the_nearest_name(self, alice: TestClient, video: str) -> None:
        answer = alice.post("/api/v1/jobs", json={"video_id": video, "preset": "quik look"})
        assert (answer.status_code, answer.json()["error_code"]) == (422, "PRESET_UNKNOWN")
        assert "Quick look" in answer.json()["hint"]

    def test_preferences_count_for_a_request_that_chooses_nothing(
        self, alice: TestClient, video: str
    ) -> None:
        alice.put("/api/v1/preferences/preset", json="quick-look")
        plain = alice.post("/api/v1/jobs", json={"video_id": video}).json()
        chosen = alice.post(
            "/api/v1/jobs", json={"video_id": video, "selected_pipelines": ["shot_detection"]}
        ).json()
        assert (plain["preset_id"], chosen["preset_id"]) == ("quick-look", None)

    def test_a_form_takes_a_preset(self, alice: TestClient, make_clip: Callable[..., Path]) -> None:
        files = {"video": ("b.mp4", make_clip("b.mp4", n_frames=10).read_bytes())}
        job = alice.post("/api/v1/jobs", data={"preset": "Quick look"}, files=files).json()
        assert job["preset_id"] == "quick-look"


def test_a_preset_that_no_longer_fits_says_what_changed(alice: TestClient, api: Api) -> None:
    preset = _made(alice)
    old = {**preset["resolved"]["audio_processing"], "whisper": {"beam_size": 2, "best_of": 5}}
    _rewrite(api, preset["id"], resolved={"audio_processing": old})
    shown = alice.get(f"/api/v1/presets/{preset['id']}").json()
    changes = {one["field"]: (one["kind"], one["saved"], one["now"]) for one in shown["changes"]}
    assert shown["fits"]
    assert changes["audio_processing.whisper.beam_size"] == ("changed", 2, 3)
    assert changes["audio_processing.whisper.best_of"] == ("removed", 5, None)
    assert changes["audio_processing.whisper.task"] == ("added", None, "transcribe")


def test_a_preset_whose_parameter_is_gone_is_refused_with_the_field(
    alice: TestClient, api: Api, make_clip: Callable[..., Path]
) -> None:
    preset = _made(alice)
    _rewrite(api, preset["id"], config={"audio_processing": {"whisper": {"best_of": 5}}})
    field = "config.audio_processing.whisper.best_of"
    shown = alice.get(f"/api/v1/presets/{preset['id']}").json()
    assert (shown["fits"], shown["problems"][0]["field"]) == (False, field)
    files = {"video": ("b.mp4", make_clip("b.mp4", n_frames=10).read_bytes())}
    answer = alice.post("/api/v1/jobs", data={"preset": "Mine"}, files=files)
    assert (answer.status_code, answer.json()["error_code"]) == (422, "PRESET_OUTDATED")
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def _rewrite(api: Api, preset_id: str, **values: object) -> None:
    """Change a row as a release with other parameters would find it."""
    with api.database() as database, database.write() as connection:
        connection.execute(table.update().where(table.c.id == preset_id).values(**values))


def test_preferences_are_small_and_well_named(alice: TestClient) -> None:
    assert alice.put("/api/v1/preferences", json={"x": "y" * 70_000}).status_code == 422
    assert alice.put("/api/v1/preferences", json={"a b": 1}).status_code == 422
    assert (
        alice.put("/api/v1/preferences", json={"preset": "nothing"}).json()["error_code"] == "PRESET_UNKNOWN"
    )
    assert alice.get("/api/v1/preferences").json() == {}


def _value(job: dict[str, object], component: str, parameter: str) -> object:
    step = next(one for one in job["plan"] if one["component"] == component)
    return step["parameters"][parameter]


JSON = {"Content-Type": "application/json"}
VALUES = ("0", "-1", "1.5", "1e300", "9007199254740991", "true", "[]", '"1e5"', '[1, {"a": null}]', '""')


@pytest.mark.parametrize("value", VALUES)
def test_a_preference_comes_back_as_it_was_set(alice: TestClient, value: str) -> None:
    path = "/api/v1/preferences/a"
    assert alice.put(path, content=value, headers=JSON).json() == json.loads(value)
    assert alice.get(path).json() == json.loads(value)
    assert alice.get("/api/v1/preferences").json() == {"a": json.loads(value)}


@pytest.mark.parametrize("value", ["1e999", "9007199254740993", "NaN", '"\\ud800"', "{", ""])
def test_what_cannot_be_kept_is_refused(alice: TestClient, value: str) -> None:
    answer = alice.put("/api/v1/preferences/a", content=value, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["hint"]
    assert alice.get("/api/v1/preferences").json() == {}


@pytest.mark.parametrize("name", ["a@b", "a/b", "\x1bx", " ", "a "])
def test_a_copy_is_named_by_the_rules_of_every_preset(api: Api, name: str) -> None:
    answer = api.admin.post("/api/v1/presets/quick-look/duplicate", json={"name": name})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")
