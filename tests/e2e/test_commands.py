"""Presets, preferences, batches and places as people use them on the command line, against a real server."""

import csv
import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.commands import Run, command_lines
from tests.synthetic.clips import Clip, write

N_CLIPS = int(os.environ.get("VIDEOANNOTATOR_TEST_CLIPS", "8"))
BROKEN = {"clip02.mp4": b"no video", "clip05.mp4": b"", "clip07.mp4": bytes(3000)}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root that the operator has opened."""
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, study: Path) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("commands")
    settings = folder / "videoannotator.toml"
    settings.write_text(f"roots = {{ study = {json.dumps(str(study))} }}\n")
    with command_lines(folder, "--workers", "2", "--settings", str(settings)) as run:
        yield run


def said(run: Run, *words: str | Path) -> str:
    """What a command prints that does what it should."""
    done = run(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def refused(run: Run, *words: str | Path) -> str:
    """What a command says that cannot be right."""
    done = run(*words)
    assert done.returncode == 2, done.stdout + done.stderr
    return done.stderr


def test_presets_are_made_copied_exchanged_and_removed(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "faces.toml"
    config.write_text("[face_analysis.face_detection]\nframes_per_s = 2\n")
    made = said(run, "presets", "create", "Faces only", "-p", "face_analysis", "--config", config)
    assert "parent-child-play" in said(run, "presets", "list")
    shown = tomllib.loads(said(run, "presets", "show", "faces only"))
    assert shown["config"]["face_analysis"]["face_detection"] == {"frames_per_s": 2}
    copy = said(run, "presets", "duplicate", made, "--name", "Copy")
    said(run, "presets", "export", copy, "--output", tmp_path / "copy.toml")
    said(run, "presets", "delete", copy)
    assert "PRESET_NAME_TAKEN" in run("presets", "create", "Faces only").stderr
    assert said(run, "presets", "import", tmp_path / "copy.toml") in said(run, "presets", "list")
    assert "There are: " in refused(run, "presets", "show", "Nobody's")
    config.write_text("[face_analysis.face_detection]\nframes_per_second = 2\n")
    told = refused(run, "presets", "create", "Wrong", "-p", "face_analysis", "--config", config)
    assert "frames_per_s" in told


def test_preferences_hold_for_new_jobs_and_are_checked(run: Run, tmp_path: Path) -> None:
    said(run, "preferences", "set", "preset", "quick-look")
    said(run, "preferences", "set", "notification.on_error", "true")
    assert said(run, "preferences", "get", "preset") == "quick-look"
    assert json.loads(said(run, "preferences", "get"))["notification"] == {"on_error": True}
    clip = write(tmp_path / "clip.mp4", Clip(n_frames=10))
    job = said(run, "submit", clip)
    assert job in said(run, "jobs")
    assert "PRESET_UNKNOWN" in refused(run, "preferences", "set", "preset", "no-such-look")
    told = refused(run, "preferences", "set", "places.output_directory", str(tmp_path))
    assert "PATH_NOT_ALLOWED" in told
    assert "does not exist" in refused(run, "submit", tmp_path / "nowhere.mp4")
    said(run, "preferences", "unset", "preset")
    assert run("preferences", "get", "preset").returncode == 1


def test_videos_of_the_server_are_found_and_submitted_where_they_lie(run: Run, study: Path) -> None:
    (study / "family 1").mkdir()
    clip = write(study / "family 1" / "first.mp4", Clip(n_frames=10))
    assert "study:" in said(run, "places").splitlines()
    assert "study:family 1/" in said(run, "places", "study:").splitlines()
    (line,) = said(run, "places", "study:family 1").splitlines()
    path, size, unit = line.rsplit(maxsplit=2)
    assert (path, size, unit) == ("study:family 1/first.mp4", f"{clip.stat().st_size / 1e6:.1f}", "MB")
    wish = ("-p", "shot_detection", "--db-location", "study:all.sqlite", "--watch")
    told = said(run, "submit", path, clip, *wish).splitlines()
    assert (told.count("first.mp4"), told.count("  completed, 7 files")) == (2, 2)
    assert (study / "all.sqlite").is_file()
    assert "is a folder" in refused(run, "submit", clip.parent)
    assert "There is no folder study:family 2" in run("places", "study:family 2").stderr
    assert "PATH_INVALID" in refused(run, "places", "study:../etc")


@pytest.mark.timeout(900)
def test_three_broken_videos_of_many_fail_with_a_reason_and_only_they_are_tried_again(
    run: Run, study: Path, tmp_path: Path
) -> None:
    folder = study / "session"
    folder.mkdir()
    whole = write(folder / "clip00.mp4", Clip(n_frames=10)).read_bytes()
    for number in range(1, N_CLIPS):
        name = f"clip{number:02}.mp4"
        (folder / name).write_bytes(BROKEN.get(name, whole))
    done = run("batch", "study:session", "-p", "shot_detection", "--name", "pilot", timeout_s=800)
    assert (done.returncode, f"{N_CLIPS - 3} completed, 3 failed" in done.stdout) == (3, True), (
        done.stdout + done.stderr
    )
    batch = done.stdout.split()[0]
    reasons = [line for line in done.stdout.splitlines() if "failed: clip" in line]
    assert [next(name for name in BROKEN if name in line) for line in reasons] == sorted(BROKEN)
    assert all(line.partition(".mp4: ")[2] for line in reasons)
    before = _jobs(run, batch)
    (folder / "clip05.mp4").write_bytes(whole)
    said(run, "batches", "retry", batch[:8])
    done = run("batches", "watch", batch[:8])
    assert (done.returncode, f"{N_CLIPS - 2} completed, 2 failed" in done.stdout) == (3, True), done.stdout
    after = _jobs(run, batch)
    assert {video for video, job in after.items() if job != before[video]} == {"clip05.mp4"}
    table = Path(said(run, "batches", "fetch", batch, "--table", "scenes", "--output", tmp_path))
    videos = [row["video"] for row in csv.DictReader(table.read_text().splitlines())]
    assert videos == sorted(
        {f"clip{number:02}.mp4" for number in range(N_CLIPS)} - {"clip02.mp4", "clip07.mp4"}
    )


def test_a_table_in_another_encoding_is_refused(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "settings.csv"
    table.write_bytes("video,name\nstudy:a.mp4,Jürgen\n".encode("latin-1"))
    assert "UTF-8" in refused(run, "batch", table, "-p", "scene_detection")


def _jobs(run: Run, batch: str) -> dict[str, str]:
    """The job of each video, as the list of the batch shows it."""
    lines = [line.split() for line in said(run, "batches", "show", batch).splitlines() if ".mp4" in line]
    return {next(word for word in line if word.endswith(".mp4")): line[0] for line in lines}


@pytest.mark.timeout(300)
def test_results_go_to_an_open_root_and_nowhere_else(run: Run, study: Path, tmp_path: Path) -> None:
    clip = write(tmp_path / "clip.mp4", Clip(n_frames=10))
    here = ("--output-directory", "study:out", "--db-location", "study:out/all.sqlite")
    done = run("submit", clip, "-p", "shot_detection", "--watch", *here)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (study / "out" / done.stdout.split()[0] / "run.json").exists()
    assert (study / "out" / "all.sqlite").exists()
    said(run, "preferences", "set", "places.output_directory", "study:preferred")
    preferred = said(run, "submit", clip, "-p", "shot_detection", "--watch").split()[0]
    assert (study / "preferred" / preferred / "run.json").exists()
    said(run, "preferences", "unset", "places")
    before = sorted(study.rglob("*")), sorted(tmp_path.iterdir())
    for option in ("--output-directory", "--db-location"):
        for place in (str(tmp_path / "elsewhere"), "study:../elsewhere", "unknown:x"):
            told = run("submit", clip, "-p", "shot_detection", option, place)
            assert told.returncode != 0
            assert "[PATH_NOT_ALLOWED]" in told.stderr or "[PATH_INVALID]" in told.stderr, told.stderr
    assert (sorted(study.rglob("*")), sorted(tmp_path.iterdir())) == before
