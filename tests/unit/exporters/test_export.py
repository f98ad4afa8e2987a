import hashlib
import json
from pathlib import Path

import pytest
from tests.synthetic.annotations import annotations, run, video

from videoannotator.domain.errors import InvalidRequest, StorageError
from videoannotator.domain.plan import ExportOptions, ModelRecord
from videoannotator.exporters.export import export_all

NAMES = {
    "clip_person_tracking.json", "clip_face_analysis.json", "clip_scenes.json",
    "clip_speech_recognition.vtt", "clip_speaker_diarization.rttm", "clip.uem", "clip.eaf", "clip.TextGrid",
    "clip_face_mesh.parquet", "clip_openface.csv", "run.json",
    *(f"clip_{table}.{suffix}" for suffix in ("csv", "parquet")
      for table in ("people", "faces", "face_laion", "face_openface3", "scenes", "scene_labels",
                    "utterances", "words", "turns", "prosody", "voice_emotions")),
}  # fmt: skip


def test_every_format_of_a_full_run_is_written_and_described(tmp_path: Path) -> None:
    files = export_all(run(), annotations(), tmp_path / "out")
    assert {file.name for file in files} == NAMES == {path.name for path in (tmp_path / "out").iterdir()}
    assert files[-1].name == "run.json"
    for file in files:
        data = (tmp_path / "out" / file.name).read_bytes()
        assert (file.size_bytes, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_equal_runs_give_equal_bytes(tmp_path: Path) -> None:
    first = export_all(run(), annotations(), tmp_path / "a")
    second = export_all(run(), annotations(), tmp_path / "b")
    assert first == second


def test_only_what_the_run_has_is_written(tmp_path: Path) -> None:
    export_all(run(), annotations(only=("shots",)), tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        "clip_scenes.json", "clip_scenes.csv", "clip_scenes.parquet", "clip.eaf", "clip.TextGrid", "run.json",
    }  # fmt: skip


def test_a_run_in_which_nobody_speaks_has_no_rttm_but_empty_tables(tmp_path: Path) -> None:
    export_all(run(), annotations(rows={}), tmp_path)
    assert not (tmp_path / "clip_speaker_diarization.rttm").exists()
    assert not (tmp_path / "clip.TextGrid").exists()  # Praat ends at one without tiers
    assert (tmp_path / "clip_turns.csv").read_bytes() == b"turn_id,start_s,end_s,speaker\r\n"
    assert (tmp_path / "clip_speech_recognition.vtt").read_text() == "WEBVTT\n"


def test_chosen_formats_only_and_always_the_record(tmp_path: Path) -> None:
    export_all(run(), annotations(), tmp_path, ExportOptions(formats=("rttm", "webvtt")))
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"clip_speaker_diarization.rttm", "clip_speech_recognition.vtt", "run.json"}


def test_an_unknown_format_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest) as caught:
        export_all(run(), annotations(), tmp_path / "out", ExportOptions(formats=("avi",)))
    assert "rttm" in caught.value.hint
    assert not (tmp_path / "out").exists()


def test_a_failed_export_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "clip.uem").mkdir()  # a folder stands where a file should go
    (tmp_path / "clip.uem" / "x").touch()
    with pytest.raises(StorageError):
        export_all(run(), annotations(), tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert not (tmp_path / "run.json").exists()
    assert not list(tmp_path.glob(".part-*"))


def test_the_record_names_video_plan_models_and_files(tmp_path: Path) -> None:
    model = ModelRecord(name="whisper-base", files={"model.bin": "00" * 32}, licence="MIT", source="pypi:x")
    files = export_all(run(), annotations(), tmp_path, models=[model])
    record = json.loads((tmp_path / "run.json").read_text())
    assert record["video"]["sha256"] == "ab" * 32
    assert "path" not in record["video"]
    # The viewer takes files with this word for scenes: it is escaped in the text, not in the value.
    assert record["plan"]["steps"][0]["parameters"] == {"frames_per_s": 10.0, "start_time": 0.5}
    assert '"start_time"' not in (tmp_path / "run.json").read_text()
    assert record["models"] == [model.model_dump()]
    assert record["components"][0]["status"] == "completed"
    assert record["warnings"] == ["a warning"]
    assert [file["name"] for file in record["files"]] == [file.name for file in files[:-1]]
    assert record["software"]["videoannotator"]
    block = record["times_and_counters"]
    assert (block["started_at"], block["n_frames_decoded"]) == ("2026-01-02T03:04:05Z", 300)


@pytest.mark.parametrize(
    "name",
    [
        "a\nb.mp4",
        "-rf.mp4",
        "📹 été.mp4",
        "x" * 251 + ".mp4",
        "你" * 84 + ".mp4",
        "a/../b.mp4",
        ".mp4",
        "con.mp4",
        "bad\udcff.mp4",
    ],
)
def test_hostile_video_names_give_plain_files(tmp_path: Path, name: str) -> None:
    files = export_all(run(video(name)), annotations(), tmp_path)
    for file in files:
        assert (tmp_path / file.name).is_file()
        assert len(file.name.encode()) <= 255
        assert file.name.isprintable()
        assert not file.name.startswith(("-", "."))
