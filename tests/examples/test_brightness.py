"""The example plugin, installed as a user installs it: listed and run without touching the core."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.synthetic.clips import Clip, write

import videoannotator

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "brightness"


@pytest.fixture(scope="module")
def env(tmp_path_factory) -> dict[str, str]:
    """An environment with the example installed in a folder of its own."""
    site = tmp_path_factory.mktemp("site")
    install = ["install", "--quiet", "--no-deps", "--no-build-isolation", "--target", str(site), str(EXAMPLE)]
    subprocess.run([sys.executable, "-m", "pip", *install], check=True)
    path = os.pathsep.join((str(site), str(Path(videoannotator.__file__).parents[1])))
    return {**os.environ, "PYTHONPATH": path}


def annotator(env: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "videoannotator.cli.main", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def test_it_is_at_most_fifty_lines():
    assert sum(len(path.read_text().splitlines()) for path in EXAMPLE.rglob("*.py")) <= 50


def test_it_is_listed_with_its_parameter(env):
    catalogue = json.loads(annotator(env, "pipelines", "mean_brightness", "--json"))
    (component,) = catalogue[0]["components"]
    assert (catalogue[0]["name"], component["enabled"]) == ("brightness", True)
    assert [(p["name"], p["default"], p["max"]) for p in component["parameters"]] == [
        ("frames_per_s", 5.0, 60.0)
    ]


def test_it_runs_and_its_rows_come_out_as_a_table(env, tmp_path):
    clip = write(tmp_path / "clip.mp4", Clip(n_frames=60, frame_rate=30))
    annotator(env, "annotate", str(clip), "--pipelines", "brightness", "-o", str(tmp_path / "out"))
    with (tmp_path / "out" / "clip" / "clip_brightness.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    np.testing.assert_allclose([float(row["time_s"]) for row in rows], np.arange(10) / 5, atol=1e-3)
    assert all(0 < float(row["brightness"]) < 255 for row in rows)
    run = json.loads((tmp_path / "out" / "clip" / "run.json").read_text())
    assert [(c["component"], c["status"]) for c in run["components"]] == [("mean_brightness", "completed")]
