"""What came out of a job: one ZIP as the viewer wants it, or file by file."""

import io
import json
import zipfile
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet
from tests.api.running import Running, clip

FILES = {"clip_scenes.json": b'{"scenes":[]}', "clip_preview.png": b"png"}


@pytest.fixture
def done(server: Running, job: str) -> str:
    server.complete(job, FILES)
    return f"/api/v1/jobs/{job}"


def test_the_zip_holds_the_video_and_what_the_viewer_reads(server: Running, done: str, video: Path) -> None:
    with server.http() as http:
        answer = http.get(f"{done}/artifacts")
        assert answer.headers["content-type"] == "application/zip"
        assert int(answer.headers["content-length"]) == len(answer.content)
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        assert archive.namelist() == ["clip.mp4", "clip_scenes.json"]
        assert archive.read("clip.mp4") == video.read_bytes()
        assert archive.testzip() is None
        again = http.get(f"{done}/artifacts.zip")
        assert (again.content, again.headers["etag"]) == (answer.content, answer.headers["etag"])
        same = http.get(f"{done}/artifacts", headers={"If-None-Match": answer.headers["etag"]})
        assert same.status_code == 304
        head = http.head(f"{done}/artifacts")
        assert (head.content, head.headers["content-length"]) == (b"", answer.headers["content-length"])


@pytest.mark.parametrize(
    ("name", "shown"),
    [("über 1.mp4", "über 1.mp4"), ("../../etc/x.mp4", "x.mp4"), ("CLIP.MP4", "CLIP.mp4"),
     ("clip", "clip.mp4"), ("a\\b.mp4", "b.mp4"), ("\u202egnp.mp4", "gnp.mp4")],
)  # fmt: skip
def test_the_video_keeps_its_name_but_no_path(server: Running, tmp_path: Path, name: str, shown: str) -> None:
    content = clip(tmp_path, "v.mp4").read_bytes()
    with server.http() as http:
        made = http.post(
            "/api/v1/jobs", files={"video": (name, content)}, data={"selected_pipelines": "scene_detection"}
        )
        server.complete(made.json()["id"], FILES)
        answer = http.get(f"/api/v1/jobs/{made.json()['id']}/artifacts")
    assert zipfile.ZipFile(io.BytesIO(answer.content)).namelist()[0] == shown


def test_the_list_tells_every_file(server: Running, done: str) -> None:
    with server.http() as http:
        by_accept = http.get(f"{done}/artifacts", headers={"Accept": "application/json"})
        assert "Accept" in by_accept.headers["vary"]
        listing = by_accept.json()
        assert listing == http.get(f"{done}/artifacts?format=json").json()
        assert listing == http.get(f"{done}/artifacts/list").json()
        assert [one["name"] for one in listing["artifacts"]] == sorted(FILES)
        for one in listing["artifacts"]:
            file = http.get(one["download_url"])
            assert (file.content, len(file.content)) == (FILES[one["name"]], one["size_bytes"])
            assert one["name"] in file.headers["content-disposition"]


def test_files_are_served_in_parts_and_once(server: Running, done: str) -> None:
    address = f"{done}/artifacts/clip_scenes.json"
    with server.http() as http:
        whole = http.get(address)
        part = http.get(address, headers={"Range": "bytes=1-6"})
        assert (part.status_code, part.content) == (206, b'"scene')
        assert part.headers["content-range"] == f"bytes 1-6/{len(whole.content)}"
        assert http.get(address, headers={"Range": "bytes=99-"}).status_code == 416
        assert http.get(address, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
        assert http.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
        stale = http.get(address, headers={"Range": "bytes=1-6", "If-Range": '"other"'})
        assert (stale.status_code, stale.content) == (200, whole.content)


def test_results_of_each_pipeline(server: Running, done: str) -> None:
    with server.http() as http:
        result = http.get(f"{done}/results").json()["pipeline_results"]["scene_detection"]
        assert json.loads(http.get(result["download_url"]).content) == {"scenes": []}
        assert result["annotation_count"] is None  # there is no table


def test_results_count_what_was_found(server: Running, job: str) -> None:
    table = io.BytesIO()
    parquet.write_table(pyarrow.table({"scene": [1, 2, 3]}), table)
    server.complete(job, {**FILES, "clip_scenes.parquet": table.getvalue()})
    with server.http() as http:
        result = http.get(f"/api/v1/jobs/{job}/results").json()["pipeline_results"]["scene_detection"]
    assert (result["output_file"], result["annotation_count"]) == ("clip_scenes.json", 3)


def test_files_that_somebody_has_just_deleted_are_not_there(server: Running, job: str) -> None:
    names = ("clip_scenes.json", "clip_scenes.parquet", "clip_scenes.csv")
    server.complete(job, dict.fromkeys(names, b""))
    for name in names:
        (server.services.jobs.folder(job) / "out" / name).unlink()
    with server.http() as http:
        address = f"/api/v1/jobs/{job}"
        result = http.get(f"{address}/results").json()["pipeline_results"]["scene_detection"]
        assert result["annotation_count"] is None
        for path in ("annotations", "annotations/scenes", "artifacts.zip", f"artifacts/{names[0]}"):
            answer = http.get(f"{address}/{path}")
            assert (answer.status_code, answer.json()["error_code"]) == (404, "RESOURCE_NOT_FOUND"), path


def test_unfinished_jobs_have_no_results(server: Running, job: str) -> None:
    with server.http() as http:
        for path in ("artifacts", "artifacts.zip", "artifacts/list", "artifacts/x"):
            answer = http.get(f"/api/v1/jobs/{job}/{path}")
            assert (answer.status_code, answer.json()["error_code"]) == (409, "JOB_NOT_COMPLETED")
