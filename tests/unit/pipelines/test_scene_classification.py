"""A tiny CLIP of the real architecture, loaded by transformers: its opinions are random."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.synthetic import checkpoints

from videoannotator.domain.media import Frames, Video
from videoannotator.domain.table import concat
from videoannotator.domain.tables import SHOTS
from videoannotator.pipelines.scene import SCENE_CLASSIFICATION, SceneClassificationParameters
from videoannotator.plugin.component import Chunk, Context

pytestmark = pytest.mark.torch
VIDEO = Video(id="0" * 64, path=Path("v.mp4"), name="v.mp4", size_bytes=1, duration_s=8)
LABELS = ("a red room", "a green room", "a blue room")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return checkpoints.clip(tmp_path_factory.mktemp("clip"))


@pytest.fixture
def start(folder):
    def begin(saved=None, **parameters):
        context = Context(VIDEO, lambda name: folder, device="cpu")
        chosen = SceneClassificationParameters(labels=LABELS, **parameters)
        return SCENE_CLASSIFICATION.start(chosen, context, saved)

    return begin


def _frames(first, last):
    """Frames of a film at 2 frames/s; each has its own noise, each shot its colour."""
    pictures = []
    for index in range(first, last):
        picture = np.random.default_rng(index).integers(0, 60, (48, 64, 3), dtype=np.uint8)
        picture[..., index // 6] += 180
        pictures.append(picture)
    index = np.arange(first, last)
    return Frames(np.stack(pictures), index / 2.0, index)


def _shot(shot_id, start_s, end_s):
    return SHOTS.table(
        shot_id=[shot_id], start_s=[start_s], end_s=[end_s], start_frame=[0], end_frame=[1], score=[30.0]
    )


def _chunk(index, first, last, *shots):
    annotations = {"shots": concat(shots)} if shots else {}
    return Chunk(index, first / 2, last / 2, frames=_frames(first, last), annotations=annotations)


CHUNKS = (_chunk(0, 0, 5), _chunk(1, 5, 10, _shot(0, 0.0, 3.0)), _chunk(2, 10, 16, _shot(1, 3.0, 6.0)))


def _rows(annotations):
    return [row for annotation in annotations for row in annotation.rows.rows()]


def _expected(folder, first, last):
    """The shot's mean as transformers itself computes it, frame by frame."""
    import torch
    from transformers import AutoImageProcessor, AutoTokenizer, CLIPModel

    model = CLIPModel.from_pretrained(folder).eval()
    sentences = [f"a photo of a {label}" for label in LABELS]
    texts = AutoTokenizer.from_pretrained(folder)(sentences, padding=True, return_tensors="pt")
    processor = AutoImageProcessor.from_pretrained(folder)
    with torch.inference_mode():
        frames = [
            model(**texts, **processor(images=picture, return_tensors="pt")).logits_per_image.softmax(dim=1)[
                0
            ]
            for picture in _frames(first, last).rgb
        ]
    return torch.stack(frames).mean(dim=0).numpy()


def test_each_shot_gets_the_mean_of_its_frames(start, folder):
    session = start()
    rows = [row for chunk in CHUNKS for row in _rows(session.feed(chunk))] + _rows(session.finish())
    assert [(r["shot_id"], r["label"]) for r in rows] == [(i, label) for i in range(3) for label in LABELS]
    assert [r["n_frames"] for r in rows[::3]] == [6, 6, 4]  # cuts at 3 and 6 s of 8, at 2 frames/s
    scores = np.array([r["score"] for r in rows]).reshape(3, 3)
    assert scores.sum(axis=1) == pytest.approx(1)
    assert scores[1] == pytest.approx(_expected(folder, 6, 12), abs=1e-5)


def test_a_resumed_run_says_the_same(start):
    session = start()
    whole = [row for chunk in CHUNKS for row in _rows(session.feed(chunk))] + _rows(session.finish())
    first = start()
    rows = [row for chunk in CHUNKS[:2] for row in _rows(first.feed(chunk))]
    second = start(json.dumps(json.loads(first.save())).encode())
    rows += _rows(second.feed(CHUNKS[2])) + _rows(second.finish())
    assert rows == whole


def test_batches_do_not_change_what_is_said(start):
    scores = []
    for batch_size in (1, 16):
        session = start(batch_size=batch_size)
        scores.append([r["score"] for r in _rows(session.feed(CHUNKS[0])) + _rows(session.finish())])
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)


def test_a_shot_without_a_frame_has_no_rows(start):
    session = start()
    assert _rows(session.feed(_chunk(0, 4, 6, _shot(0, 0.0, 1.0), _shot(1, 1.0, 2.5)))) != []
    assert {r["shot_id"] for r in _rows(session.finish())} == {2}
