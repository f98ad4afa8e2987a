import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from videoannotator.pipelines.audio import features
from videoannotator.pipelines.audio.features import BlockwiseFeatureExtractor


@pytest.mark.parametrize("n_samples", [16_000, 100 * 160 - 1, 100 * 160, 160 * 200 + 37, 160 * 200 + 159])
@pytest.mark.parametrize("n_bands", [80, 128])
def test_blocks_give_the_spectrogram_of_faster_whisper(monkeypatch, n_samples, n_bands):
    monkeypatch.setattr(features, "BLOCK", 33)
    random = np.random.default_rng(0)
    track = (random.normal(0, 0.1, n_samples) * np.linspace(0, 1, n_samples)).astype(np.float32)
    ours = BlockwiseFeatureExtractor(feature_size=n_bands)(track)
    theirs = FeatureExtractor(feature_size=n_bands)(track)
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)  # float32 sums in another order


def test_tracks_of_less_than_a_block_are_left_to_faster_whisper():
    track = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    np.testing.assert_array_equal(BlockwiseFeatureExtractor()(track), FeatureExtractor()(track))
