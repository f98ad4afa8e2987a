"""The description for readers: its examples run as they stand, its pages show all of it, no link is dead."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.synthetic.clips import Clip, Sound, write
from tests.synthetic.server import Api, running

from videoannotator.api.app import description

DESCRIPTION = description("1")
NOTHING = object()


def _example(schema: dict[str, Any]) -> Any:
    """What a reader puts together from the examples of a schema; NOTHING where it has none."""
    if "$ref" in schema:
        return _example(DESCRIPTION["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "examples" in schema:
        return schema["examples"][0]
    if "anyOf" in schema:
        return _example(schema["anyOf"][0])
    if schema.get("type") == "array":
        one = _example(schema.get("items", {}))
        return NOTHING if one is NOTHING else [one]
    fields = {name: _example(one) for name, one in schema.get("properties", {}).items()}
    found = {name: one for name, one in fields.items() if one is not NOTHING}
    return found or NOTHING


def _shown() -> Iterator[tuple[str, str, str, Any]]:
    """Every operation whose body has an example and whose address needs no id."""
    for path, operations in DESCRIPTION["paths"].items():
        for verb, operation in operations.items():
            named = {one["name"]: _example(one["schema"]) for one in operation.get("parameters", ())}
            address = re.sub(r"{(\w+)}", lambda match, named=named: str(named[match[1]]), path)
            for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
                if (example := _example(body["schema"])) is not NOTHING and "object" not in address:
                    yield verb, address, media_type, example


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A server with the folder that the examples speak of."""
    study = tmp_path_factory.mktemp("study")
    (study / "session1").mkdir()
    write(study / "session1/clip.mp4", Clip(n_frames=10, sound=Sound()))
    with running(tmp_path_factory.mktemp("data"), roots={"study": study}) as api:
        yield api


@pytest.mark.parametrize(
    ("verb", "address", "media_type", "example"),
    [pytest.param(*one, id=" ".join(one[:3])) for one in _shown()],
)
def test_every_example_of_a_body_is_taken_as_it_stands(
    lab: Api, make_clip: Callable[..., Path], verb: str, address: str, media_type: str, example: Any
) -> None:
    somebody = lab.client(f"{verb} {address} {media_type}")
    if media_type == "multipart/form-data":
        clip = make_clip("clip.mp4", n_frames=10)
        name = "videos" if address.endswith("batches") else "video"
        answer = somebody.request(verb, address, data=example, files={name: ("clip.mp4", clip.read_bytes())})
    else:
        content = example if media_type == "application/toml" else json.dumps(example)
        answer = somebody.request(verb, address, content=content, headers={"Content-Type": media_type})
    assert answer.is_success, answer.text


@pytest.mark.parametrize(
    ("verb", "address", "body", "status"),
    [
        ("post", "/batches", {"folder": "study:nowhere"}, 404),
        ("post", "/batches", {"glob": "study:*.mkv"}, 404),
        ("post", "/batches", {"items": [{"video_path": "study:session1/clip.mp4"}], "preset": "P@9"}, 404),
        ("put", "/preferences", {"preset": "P@9"}, 404),
        ("patch", "/preferences", {"preset": "P@9"}, 404),
        ("put", "/preferences/{key}", "P@9", 404),
    ],
)
def test_what_names_something_that_is_not_there_is_answered_as_described(
    lab: Api, verb: str, address: str, body: Any, status: int
) -> None:
    somebody = lab.client(f"{verb} {address} {body}")
    somebody.post("/api/v1/presets", json={"name": "P", "selected_pipelines": ["scene_detection"]})
    answer = somebody.request(verb, f"/api/v1{address.replace('{key}', 'preset')}", json=body)
    assert answer.status_code == status, answer.text
    assert str(status) in DESCRIPTION["paths"][f"/api/v1{address}"][verb]["responses"]


def test_an_upload_that_wishes_an_old_preset_is_answered_as_described(lab: Api) -> None:
    job = base64.b64encode(b'{"preset": "Quick look@9"}').decode()
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "1", "Upload-Metadata": f"job {job}"}
    answer = lab.admin.post("/api/v1/uploads", headers=headers)
    assert answer.status_code == 404, answer.text
    assert "404" in DESCRIPTION["paths"]["/api/v1/uploads"]["post"]["responses"]


def test_a_batch_without_results_is_answered_as_described(lab: Api) -> None:
    wish = {"items": [{"video_path": "study:nowhere.mp4"}], "selected_pipelines": ["scene_detection"]}
    batch = lab.admin.post("/api/v1/batches", json=wish).json()
    answer = lab.admin.get(f"/api/v1/batches/{batch['id']}/artifacts")
    assert answer.status_code == 409, answer.text
    assert "409" in DESCRIPTION["paths"]["/api/v1/batches/{batch_id}/artifacts"]["get"]["responses"]


@pytest.mark.parametrize("path", ["/api/v1/jobs/{job_id}", "/api/v1/jobs/{job_id}/video"])
def test_what_is_known_already_is_answered_as_described(lab: Api, path: str) -> None:
    wish = {"video_path": "study:session1/clip.mp4", "selected_pipelines": ["scene_detection"]}
    address = path.format(job_id=lab.admin.post("/api/v1/jobs", json=wish).json()["id"])
    etag = lab.admin.get(address).headers["etag"]
    assert lab.admin.get(address, headers={"If-None-Match": etag}).status_code == 304
    assert "304" in DESCRIPTION["paths"][path]["get"]["responses"]


@pytest.mark.parametrize("page", ["/docs", "/docs/errors", "/docs/events"])
def test_no_link_of_a_page_is_dead(lab: Api, page: str) -> None:
    text = lab.admin.get(page).text
    inside = set(re.findall(r'href="#([^"]+)"', text)) - set(re.findall(r'id="([^"]+)"', text))
    outside = [one for one in re.findall(r'href="(/[^"]+)"', text) if lab.admin.get(one).status_code != 200]
    assert (inside, outside) == (set(), [])


def test_the_page_shows_every_operation_with_every_parameter(lab: Api) -> None:
    parts = re.split(r"<h[23] ", lab.admin.get("/docs").text)
    told = {match[1]: part for part in parts if (match := re.match(r'id="([^"]+)"', part))}
    for operations in DESCRIPTION["paths"].values():
        for operation in operations.values():
            shown = told[operation["operationId"]]
            missing = [one["name"] for one in operation.get("parameters", ()) if one["name"] not in shown]
            assert missing == []


def test_the_page_shows_every_event(lab: Api) -> None:
    text = lab.admin.get("/docs/events").text
    assert all(
        f'id="{name}"' in text for name in lab.admin.get("/asyncapi.json").json()["components"]["messages"]
    )


@pytest.mark.parametrize("path", ["/health", "/api/v1/system/info", "/api/v1/pipelines/{name}"])
def test_no_field_of_an_answer_is_kept_quiet(lab: Api, path: str) -> None:
    content = DESCRIPTION["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    schemas = DESCRIPTION["components"]["schemas"]
    answer = lab.admin.get(path.format(name="face_analysis")).json()
    described = schemas[content["schema"]["$ref"].rpartition("/")[2]]["properties"]
    assert set(answer) <= set(described)
    for component in answer.get("components", ()):
        assert set(component) <= set(schemas["ComponentView"]["properties"])
        for parameter in component["parameters"].values():
            assert set(parameter) <= set(schemas["ParameterView"]["properties"])
