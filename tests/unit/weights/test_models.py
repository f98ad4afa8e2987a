"""The models that the built-in pipelines use, as they are fetched: needs the package index or the cache."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import soundfile

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.errors import WeightsError
from videoannotator.weights import convert
from videoannotator.weights.library import Library, default_cache_dir
from videoannotator.weights.wheels import fetch_wheel_member

pytestmark = pytest.mark.weights


def _pyannote_sample(name: str, sha256: str, size_bytes: int) -> Path:
    return fetch_wheel_member(
        "pyannote-audio",
        "4.0.7",
        f"pyannote/audio/sample/{name}",
        sha256,
        size_bytes=size_bytes,
        cache_dir=default_cache_dir(),
    )


def _sample():
    """30 s of two people talking, mono at 16 kHz."""
    digest = "c319b4abca767b124e41432d364fd7df006cb26bb79d09326c487d606a134e6e"
    samples, rate_hz = soundfile.read(_pyannote_sample("sample.wav", digest, 960_104), dtype="float32")
    assert rate_hz == 16_000
    return samples


def _turns():
    """Start and duration of each turn, as people labelled them."""
    digest = "d78fe62c69d8e6dcbb42c26adfce83faccb374c5a1e6d987fe37f85f1c173c87"
    rows = _pyannote_sample("sample.rttm", digest, 596).read_text().splitlines()
    return [(float(row.split()[3]), float(row.split()[4])) for row in rows]


def _run(path, **inputs):
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, inputs)[0]


def test_every_built_in_model_is_there_and_right(library: Library):
    names = [model.name for model in library.models if model.snapshot is None]
    assert {library.state(name) for name in names} == {ModelState.READY}
    assert {check.result for check in library.verify(names)} == {"ok"}


def test_segmentation_gives_probabilities_of_seven_classes_per_frame(library: Library):
    sound = np.random.default_rng(0).standard_normal((2, 1, 160_000)).astype(np.float32) * 0.1
    log_p = _run(library.path("segmentation-3.0"), x=sound)
    # (160000 - 251) // 10 + 1 samples after the filters, then pooled by 3 with kernels of 5 between: 589.
    assert log_p.shape == (2, 589, 7)
    assert np.exp(log_p).sum(axis=-1) == pytest.approx(1, abs=1e-5)


def test_segmentation_finds_the_speech_of_a_labelled_recording(library: Library):
    spoken, wrong = 0, 0
    for start_s in (0, 10, 20):
        sound = _sample()[None, None, start_s * 16_000 : (start_s + 10) * 16_000]
        heard = _run(library.path("segmentation-3.0"), x=sound)[0].argmax(axis=-1) > 0
        # A frame sees 991 samples and the next one starts 270 later: kernels and strides multiplied out.
        middle_s = start_s + (np.arange(len(heard)) * 270 + 991 / 2) / 16_000
        truth = np.zeros(len(heard), bool)
        for turn_start_s, turn_s in _turns():
            truth |= (middle_s >= turn_start_s) & (middle_s < turn_start_s + turn_s)
        spoken, wrong = spoken + truth.sum(), wrong + (truth != heard).sum()
    assert wrong / spoken < 0.05


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


@pytest.mark.parametrize("name", ["segmentation-3.0", "campplus"])
def test_converting_again_gives_the_same_bytes(library: Library, name: str):
    file = library.model(name).files[0]
    checkpoint = default_cache_dir() / "blobs" / file.sha256
    assert convert.run(file.convert, checkpoint) == library.path(name).read_bytes()


def test_another_checkpoint_is_not_converted(library: Library):
    checkpoint = default_cache_dir() / "blobs" / library.model("campplus").files[0].sha256
    with pytest.raises(WeightsError, match=r"is not segmentation-3\.0"):
        convert.run("segmentation_onnx", checkpoint)


def test_whisper_has_the_files_that_its_loader_asks_for(library: Library):
    folder = library.path("whisper-base")
    assert {path.name for path in folder.iterdir()} == {
        "model.bin",
        "config.json",
        "tokenizer.json",
        "vocabulary.txt",
    }
