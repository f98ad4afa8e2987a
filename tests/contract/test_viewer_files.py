"""What the existing viewer makes of an export: every file is taken for what it is, and nothing else."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from tests.contract import viewer
from tests.synthetic.annotations import annotations, run, said, video

from videoannotator.domain.table import Column, Table, TableSchema
from videoannotator.exporters.export import export_all

INTENDED = {
    "_person_tracking.json": "person_tracking",
    "_face_analysis.json": "face_analysis",
    "_scenes.json": "scene_detection",
    "_speech_recognition.vtt": "speech_recognition",
    "_speaker_diarization.rttm": "speaker_diarization",
}
TOO_BIG_FOR_A_SAMPLE = 15_000
VIDEO_NAMES = (
    "clip.mp4", "Still-Face 01.mp4", "x_speech_recognition.mp4", "speaker_diarization.mov",
    "openface3_analysis.mp4", "scene_tracking_pose.mp4", "complete_results.webm",
)  # fmt: skip


def exported(
    folder: Path, *, name: str = "clip.mp4", rows: dict[str, Table] | None = None
) -> dict[str, bytes]:
    export_all(run(video(name)), annotations(rows), folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def intended(name: str) -> str:
    return next((kind for suffix, kind in INTENDED.items() if name.endswith(suffix)), "unknown")


def few() -> dict[str, Table]:
    """So few rows that every JSON file is read whole."""
    return {name: rows.where(np.arange(min(len(rows), 2))) for name, rows in said().items()}


@pytest.mark.parametrize("name", VIDEO_NAMES)
@pytest.mark.parametrize("rows", [said, few, dict])
def test_every_file_is_taken_for_what_it_is(tmp_path: Path, name: str, rows: type) -> None:
    files = exported(tmp_path, name=name, rows=rows())
    seen = {file: viewer.detect(file, data) for file, data in files.items()}
    assert seen == {file: intended(file) for file in files}
    kinds = [kind for kind in seen.values() if kind != "unknown"]
    assert len(kinds) == len(set(kinds))  # of several, the viewer keeps one by chance


def test_the_samples_are_of_both_sizes(tmp_path: Path) -> None:
    large, small = exported(tmp_path / "a"), exported(tmp_path / "b", rows=few())
    assert len(large["clip_face_analysis.json"]) > TOO_BIG_FOR_A_SAMPLE
    kinds = ("person_tracking", "face_analysis", "scenes")
    assert all(len(small[f"clip_{kind}.json"]) < 8000 for kind in kinds)


def test_every_person_passes_the_schema(tmp_path: Path) -> None:
    people = json.loads(exported(tmp_path)["clip_person_tracking.json"])["annotations"]
    assert people
    assert [viewer.person_problems(item) for item in people] == [[]] * len(people)


def test_visibility_is_two_or_zero_as_an_integer(tmp_path: Path) -> None:
    person = json.loads(exported(tmp_path)["clip_person_tracking.json"])["annotations"][0]
    visibilities = person["keypoints"][2::3]
    assert visibilities == [2] * 16 + [0]
    assert all(type(value) is int for value in visibilities)
    assert person["keypoints"][-3:] == [0, 0, 0]
    assert person["num_keypoints"] == 16


def test_people_without_tracks_pass_the_schema_too(tmp_path: Path) -> None:
    export_all(run(), annotations(only=("people",)), tmp_path)
    people = json.loads((tmp_path / "clip_person_tracking.json").read_text())["annotations"]
    assert all(not viewer.person_problems(item) and "track_id" not in item for item in people)


def test_scenes_are_an_object_without_nulls(tmp_path: Path) -> None:
    text = exported(tmp_path)["clip_scenes.json"].decode()
    scenes = json.loads(text)["scenes"]
    assert [(scene["start_time"], scene["end_time"]) for scene in scenes] == [(0, 4), (4, 10)]
    assert [viewer.scene_problems(scene) for scene in scenes] == [[], []]
    assert "null" not in text


def test_faces_have_what_the_viewer_draws(tmp_path: Path) -> None:
    faces = json.loads(exported(tmp_path)["clip_face_analysis.json"])["annotations"]
    face = faces[0]
    assert face["attributes"]["emotions"]["happiness"] == {"score": 0.6, "rank": 1, "raw_score": 0.6}
    assert sorted(e["rank"] for e in face["attributes"]["emotions"].values()) == [1, 2, 3, 4, 5, 6, 7]
    assert (face["face_id"], face["timestamp"], face["bbox"]) == (0, 0, [50, 40, 120, 70])
    assert "keypoints" not in face  # the upload page would take the file for people


def test_the_transcript_is_plain_cues(tmp_path: Path) -> None:
    text = exported(tmp_path)["clip_speech_recognition.vtt"].decode()
    header, *cues = text.split("\n\n")
    assert header == "WEBVTT"
    for cue in cues:
        assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}\n[^\n]+\n?", cue)


@pytest.mark.parametrize("table", ["speech_recognition", "speaker_diarization", "person tracking"])
def test_other_components_tables_do_not_look_like_results(tmp_path: Path, table: str) -> None:
    schema = TableSchema(table, "A third party's.", (Column("time_s", "float", "When.", "s"),))
    said_by_others = annotations({table: schema.table(time_s=[1.0])})
    export_all(run(), type(said_by_others)(said_by_others.rows, {table: schema}), tmp_path)
    for path in tmp_path.iterdir():
        assert viewer.detect(path.name, path.read_bytes()) == "unknown"
