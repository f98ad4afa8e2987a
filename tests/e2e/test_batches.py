"""Batches against a real server with real workers: shots of short synthetic clips."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.synthetic.clips import Clip, write
from tests.synthetic.places import HOSTILE_NAMES, TRAVERSALS

API = "/api/v1"


class Lab:
    """A data directory, a root, and a server on them that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.study, self._folder = folder / "study", folder
        self.study.mkdir()
        self._process: subprocess.Popen[bytes] | None = None
        self.http = httpx2.Client(timeout=60)

    def start(self) -> None:
        listing = (self._folder / "server.txt").open("w+")
        command = [sys.executable, "-m", "videoannotator.cli.main", "serve", "--no-auth", "--port", "0"]
        command += ["--data-dir", str(self._folder / "data")]
        roots = {"VIDEOANNOTATOR_ROOTS": json.dumps({"study": str(self.study)})}
        self._process = subprocess.Popen(command, env={**os.environ, **roots}, stdout=listing)
        for _ in range(600):
            listing.seek(0)
            line = next((one for one in listing if "answers at" in one), None)
            if line:
                self.http.base_url = line.split()[-1]
                return
            assert self._process.poll() is None
            time.sleep(0.1)
        raise AssertionError("the server does not start")

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(30)
            self._process = None

    def post(self, address: str, body: Any = None, status: int = 201) -> Any:
        answer = self.http.post(API + address, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, address: str) -> Any:
        answer = self.http.get(API + address)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ended(self, batch_id: str, timeout_s: float = 280) -> dict[str, Any]:
        until = time.monotonic() + timeout_s
        while (batch := self.get(f"/batches/{batch_id}"))["status"] not in ("completed", "cancelled"):
            assert time.monotonic() < until, batch
            time.sleep(0.2)
        return batch


@contextmanager
def opened(folder: Path) -> Iterator[Lab]:
    lab = Lab(folder)
    lab.start()
    yield lab
    lab.stop()


@pytest.fixture
def lab(each_database: None, tmp_path: Path) -> Iterator[Lab]:
    with opened(tmp_path) as lab:
        yield lab


@pytest.fixture(scope="module")
def quiet_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One server for all those tests that leave nothing behind."""
    with opened(tmp_path_factory.mktemp("lab")) as lab:
        write(lab.study / "a.mp4", Clip(n_frames=20))
        yield lab


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.timeout(600)
def test_broken_videos_fail_alone_and_only_they_are_retried_across_a_killed_server(lab: Lab) -> None:
    for number in range(4):
        write(lab.study / f"good{number}.mp4", Clip(n_frames=20))
    (lab.study / "bad0.mp4").write_bytes(b"no video")
    (lab.study / "bad1.mp4").write_bytes(b"")
    wish = {"folder": "study:", "selected_pipelines": ["scene_detection"], "output_directory": "study:out"}
    made = lab.post("/batches", {**wish, "db_location": "study:out/all.sqlite", "name": "six"})
    assert (made["n_items"], made["n_accepted"], made["name"]) == (6, 6, "six")
    lab.stop(signal.SIGKILL)
    lab.start()
    batch = lab.ended(made["id"])
    assert (batch["counts"]["completed"], batch["counts"]["failed"], batch["progress"]) == (4, 2, 100.0)
    failed = lab.get(f"/batches/{batch['id']}/jobs?status=failed")["items"]
    assert [(one["video"], one["error_code"]) for one in failed] == [
        ("bad0.mp4", "UNSUPPORTED_MEDIA"),
        ("bad1.mp4", "EMPTY_FILE"),
    ]
    before = {one["video"]: one["job_id"] for one in lab.get(f"/batches/{batch['id']}/jobs")["items"]}
    write(lab.study / "bad0.mp4", Clip(n_frames=20))
    lab.post(f"/batches/{batch['id']}/retry", status=200)
    assert lab.ended(batch["id"])["counts"]["completed"] == 5
    after = {one["video"]: one["job_id"] for one in lab.get(f"/batches/{batch['id']}/jobs")["items"]}
    assert {video for video in after if after[video] != before[video]} == {"bad0.mp4"}
    assert len(list((lab.study / "out").glob("*/run.json"))) == 5
    rows = list(csv.DictReader(io.StringIO(_artifacts(lab, batch["id"], "?table=scenes").text)))
    assert [row["video"] for row in rows] == ["bad0.mp4", *(f"good{number}.mp4" for number in range(4))]
    names = zipfile.ZipFile(io.BytesIO(_artifacts(lab, batch["id"]).content)).namelist()
    assert len([name for name in names if name.endswith("/run.json")]) == 5
    lab.http.delete(f"{API}/batches/{batch['id']}?jobs=delete").raise_for_status()
    assert lab.get("/jobs")["total"] == 0
    assert everything(lab.study / "out") == ["all.sqlite"]


def _artifacts(lab: Lab, batch_id: str, more: str = "") -> httpx2.Response:
    return lab.http.get(f"{API}/batches/{batch_id}/artifacts{more}").raise_for_status()


@pytest.mark.timeout(600)
def test_a_batch_is_paused_resumed_and_cancelled(lab: Lab) -> None:
    write(lab.study / "a.mp4", Clip(n_frames=20))
    items = [{"video_path": "study:a.mp4", "name": str(number)} for number in range(100)]
    batch = lab.post("/batches", {"items": items, "selected_pipelines": ["scene_detection"]})
    assert lab.post(f"/batches/{batch['id']}/pause", status=200)["status"] == "paused"
    listed = lab.get("/batches?status=paused&status=running&q=A.MP4&page=1&per_page=1")
    assert ([one["id"] for one in listed["batches"]], listed["total"]) == ([batch["id"]], 1)
    assert (
        lab.get("/batches?status=running&limit=5")["batches"] == lab.get("/batches?page=2")["batches"] == []
    )
    n_queued = lab.get(f"/jobs?batch_id={batch['id']}")["total"]
    time.sleep(2)
    assert lab.get(f"/jobs?batch_id={batch['id']}")["total"] <= n_queued + 1  # which was being made
    assert lab.post(f"/batches/{batch['id']}/resume", status=200)["status"] in ("running", "pending")
    answer = lab.http.delete(f"{API}/batches/{batch['id']}")
    assert (answer.status_code, answer.json()["error_code"]) == (409, "BATCH_RUNNING")
    lab.post(f"/batches/{batch['id']}/cancel", status=200)
    ended = lab.ended(batch["id"])
    assert (ended["status"], ended["counts"]["pending"]) == ("cancelled", 0)
    assert ended["counts"]["cancelled"] >= 50
    answer = lab.http.post(f"{API}/batches/{batch['id']}/retry")
    assert (answer.status_code, answer.json()["error_code"]) == (422, "NOTHING_TO_RETRY")
    for _ in range(300):
        told = lab.get(f"/events?job_id={batch['id']}&limit=1000")["events"]
        if told[-1]["status"] == "cancelled":
            break
        time.sleep(0.1)
    assert [one["batch_seq"] for one in told] == list(range(1, len(told) + 1))
    assert (told[-1]["type"], told[-1]["status"]) == ("batch.update", "cancelled")


@pytest.mark.timeout(600)
def test_a_table_sets_each_video_apart_and_a_form_carries_many(lab: Lab) -> None:
    (lab.study / "in").mkdir()
    for name in ("a & b.mp4", "c.mp4"):
        write(lab.study / "in" / name, Clip(n_frames=20))
    table = "video,name,shot_detection.threshold\na & b.mp4,first,30\nc.mp4,second,\n"
    wish = {"csv": table, "folder": "study:in", "selected_pipelines": ["scene_detection"]}
    made = lab.post("/batches", wish)
    assert [one["wish"].get("name") for one in made["items"]] == ["first", "second"]
    lab.ended(made["id"])
    jobs = {job["name"]: job for job in lab.get(f"/jobs?batch_id={made['id']}")["jobs"]}
    assert jobs["first"]["config"] == {"shot_detection": {"threshold": 30}}
    assert jobs["second"]["config"] == {}
    files = [("videos", (name, (lab.study / "in" / name).read_bytes())) for name in ("a & b.mp4", "c.mp4")]
    files.append(("videos", ("bad.mp4", b"no video")))
    answer = lab.http.post(f"{API}/batches", data={"selected_pipelines": "scene_detection"}, files=files)
    assert [one["accepted"] for one in answer.json()["items"]] == [True, True, False]
    assert lab.ended(answer.json()["id"])["counts"]["completed"] == 2
    answer = lab.http.post(f"{API}/batches/{answer.json()['id']}/retry")  # the bad file was not kept
    assert (answer.status_code, answer.json()["error_code"]) == (422, "NOTHING_TO_RETRY")


@pytest.mark.parametrize("field", ["output_directory", "db_location", "video_path"])
def test_every_route_refuses_every_way_out_and_makes_nothing(quiet_lab: Lab, field: str) -> None:
    writable = [one for one in HOSTILE_NAMES if "\ud800" not in one]
    names = [*TRAVERSALS]
    if field != "video_path":  # a file that is there may be called what it likes
        names += [f"study:{name}" for name in writable]
    wishes = [
        {"video_path": "study:a.mp4", "selected_pipelines": ["scene_detection"], field: text}
        for text in names
    ]
    for wish in wishes:
        for address, body in (("/jobs", wish), ("/batches", {"items": [wish]})):
            answer = quiet_lab.http.post(API + address, json=body)
            assert answer.status_code in (403, 404, 422), (wish, answer.text)
            if field != "video_path":
                assert answer.json()["error_code"] in ("PATH_INVALID", "PATH_NOT_ALLOWED"), wish
    assert everything(quiet_lab.study) == ["a.mp4"]
    assert quiet_lab.get("/jobs")["total"] == 0
