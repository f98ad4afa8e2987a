"""Nothing reaches out: a server and a whole job where there is no network at all."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.synthetic.clips import Sound

ISOLATED = ("unshare", "--map-root-user", "--net")


def _can_isolate() -> bool:
    return shutil.which("unshare") is not None and (
        subprocess.run([*ISOLATED, "true"], capture_output=True, check=False).returncode == 0
    )


def _program(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "videoannotator.cli.main", *map(str, arguments)]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.weights
@pytest.mark.skipif(not _can_isolate(), reason="this system lets nobody make a network namespace")
def test_a_server_without_a_network_does_a_whole_job(library, make_clip, tmp_path):
    clip = make_clip("clip.mp4", n_frames=20, sound=Sound())
    script = Path(__file__).with_name("offline_job.py")
    ended = subprocess.run(
        [*ISOLATED, sys.executable, str(script), str(clip), str(tmp_path / "data")],
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-3000:]
    said = json.loads(ended.stdout)
    assert said["way_out"] is False
    assert said["job"] == {"status": "completed", "error_message": None}
    assert said["refused"]["error_code"] == "WEIGHTS_MISSING"
    assert "videoannotator weights pull" in said["refused"]["hint"]


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "hint"),
    [
        (("-p", "whisper", "--set", "whisper.model=small"), {"VIDEOANNOTATOR_OFFLINE": "true"},
         "WEIGHTS_MISSING", "videoannotator weights pull whisper-small --bundle FILE"),
        (("-p", "pyannote", "--set", "pyannote.backend=pyannote.audio"), {},
         "COMPONENT_UNAVAILABLE", "videoannotator env create pyannote"),
        (("-p", "openface3"), {}, "COMPONENT_UNAVAILABLE", "videoannotator env create openface3"),
        (("-p", "whisper", "--set", "whisper.model=some/model@main"), {},
         "LICENCE_NOT_ALLOWED", 'licence_mode = "custom"'),
    ],
)  # fmt: skip
def test_what_cannot_run_is_refused_with_its_reason_and_command(
    make_clip, tmp_path, arguments, environment, code, hint
):
    nowhere = {"VIDEOANNOTATOR_WEIGHTS_DIR": str(tmp_path / "none"), "XDG_DATA_HOME": str(tmp_path / "data")}
    clip = make_clip("clip.mp4")
    ended = _program("annotate", clip, *arguments, "-o", tmp_path / "out", **nowhere, **environment)
    assert ended.returncode in (1, 2)
    told = " ".join((ended.stdout + ended.stderr).split())
    assert f"[{code}]" in told
    assert hint in told
    assert not (tmp_path / "out").exists()


def test_a_file_with_another_hash_makes_its_model_failed(tmp_path):
    weights = {"VIDEOANNOTATOR_WEIGHTS_DIR": str(tmp_path)}
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "a.bin").write_bytes(b"no model at all")
    ended = _program("weights", "pull", "fer-mini-xception", "--from", folder, **weights)
    assert ended.returncode == 1
    assert "WEIGHTS" in ended.stderr
    listed = json.loads(_program("weights", "list", "--json", **weights).stdout)
    states = {model["name"]: model["state"] for model in listed}
    assert states["fer-mini-xception"] == "downloadable"
    assert states["pyannote-community-1"] == "gated"
    assert states["openface3"] == "not_allowed"
    gated = next(model for model in listed if model["name"] == "pyannote-community-1")
    assert "huggingface.co/pyannote" in gated["reason"]
    assert "VIDEOANNOTATOR_HUB_TOKEN" in gated["hint"]
