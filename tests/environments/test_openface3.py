"""OpenFace 3.0's real loaders on random weights of the real architecture, in its own environment."""

import json
import subprocess
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from videoannotator.domain.errors import ComponentFailed
from videoannotator.domain.media import Frames, Video
from videoannotator.pipelines.face import OPENFACE3
from videoannotator.pipelines.face.openface3 import ENVIRONMENT
from videoannotator.pipelines.face.parameters import OpenFace3Parameters
from videoannotator.plugin.component import Chunk, Context

pytestmark = [
    pytest.mark.openface3,
    pytest.mark.skipif(
        not ENVIRONMENT.is_ready, reason="there is no environment: videoannotator env create openface3"
    ),
]
VIDEO = Video(id="0" * 64, path=Path("v.mp4"), name="v.mp4", size_bytes=1, duration_s=1)
REFERENCE = Path(__file__).with_name("openface3_reference.py")


def _in_environment(*arguments):
    subprocess.run([ENVIRONMENT.python, REFERENCE, *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("openface3") / "weights"
    _in_environment(folder)
    return folder


def _picture(seed):
    """Smooth noise: whatever a random detector likes in it."""
    noise = np.random.default_rng(seed).integers(0, 255, (24, 32, 3), dtype=np.uint8)
    return cv2.resize(noise, (320, 240), interpolation=cv2.INTER_CUBIC)


def _chunk(first, last):
    index = np.arange(first, last)
    frames = Frames(np.stack([_picture(i) for i in index]), index / 2.0, index)
    return Chunk(0, first / 2, last / 2, frames=frames)


@pytest.fixture
def start(weights):
    sessions = []

    def begin(saved=None, folder=weights, **parameters):
        chosen = OpenFace3Parameters(**({"confidence_threshold": 0.02, "max_faces": 3} | parameters))
        sessions.append(OPENFACE3.start(chosen, Context(VIDEO, lambda name: folder), saved))
        return sessions[-1]

    yield begin
    for session in sessions:
        session.close()


def _tables(annotations):
    return [annotation.rows for annotation in annotations]


def test_it_measures_what_the_package_itself_measures(start, weights, tmp_path):
    (rows,) = _tables(start().feed(_chunk(0, 1)))
    cv2.imwrite(str(tmp_path / "p.png"), _picture(0)[..., ::-1])
    _in_environment(weights, tmp_path / "p.png", tmp_path / "out.npz")
    expected = np.load(tmp_path / "out.npz")
    assert len(rows) == len(expected["scores"]) == 3
    assert rows["score"] == pytest.approx(expected["scores"], abs=1e-5)
    assert rows["box_xyxy"] == pytest.approx(expected["boxes"], abs=1)
    assert rows["landmarks"] == pytest.approx(expected["landmarks"], abs=0.05)
    assert rows["action_units"] == pytest.approx(expected["units"], abs=1e-3)
    assert rows["gaze"] == pytest.approx(expected["gaze"], abs=1e-3)
    powers = np.exp(expected["emotion"])
    assert rows["emotions"] == pytest.approx(powers / powers.sum(axis=1, keepdims=True), abs=1e-3)


def test_a_resumed_run_says_the_same(start):
    session = start()
    whole = _tables(session.feed(_chunk(0, 2))) + _tables(session.feed(_chunk(2, 3)))
    first = start()
    rows = _tables(first.feed(_chunk(0, 2)))
    second = start(json.dumps(json.loads(first.save())).encode())
    rows += _tables(second.feed(_chunk(2, 3)))
    assert [table.to_bytes() for table in rows] == [table.to_bytes() for table in whole]


def test_weights_of_another_model_are_refused_with_what_the_loader_says(start, weights, tmp_path):
    for file in weights.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "MTL_backbone.pth").unlink()
    (tmp_path / "MTL_backbone.pth").symlink_to(weights / "Alignment_RetinaFace.pth")
    with pytest.raises(ComponentFailed, match=r"Error\(s\) in loading state_dict for MTL"):
        start(folder=tmp_path)


def test_the_worker_ends_with_its_session(start):
    session = start()
    process = session._worker._process
    began_s = time.monotonic()
    session.close()
    assert process.poll() == 0
    assert time.monotonic() - began_s < 10


def test_a_worker_that_was_killed_fails_its_component_alone(start):
    session = start()
    session._worker._process.kill()
    with pytest.raises(ComponentFailed, match="The worker openface3"):
        list(session.feed(_chunk(0, 1)))
