import numpy as np
import pytest

from videoannotator.pipelines.audio.fbank import fbank

# Every tenth band of three frames of the sweep below, as kaldi-native-fbank 1.23.0 gives them with
# dither = 0, num_bins = 80 and otherwise its defaults, for samples scaled to 16-bit integers.
KALDI = {
    0: [12.2573, 21.5525, 16.4227, 7.1592, 3.516, 1.0345, -0.9225, -2.7447],
    3: [7.3158, 9.2732, 19.5834, 17.6595, 7.1895, 3.2918, 0.742, -1.477],
    7: [4.9477, 5.0346, 7.5295, 16.0129, 17.9633, 6.7125, 2.999, 0.3683],
}


def test_the_features_are_kaldis():
    n = np.arange(1600)
    sweep = (0.3 * np.sin(2 * np.pi * (200 + 0.5 * n) * n / 16_000)).astype(np.float32)
    features = fbank(sweep)
    assert features.shape == (8, 80)  # (1600 - 400) // 160 + 1
    for frame, bands in KALDI.items():
        assert features[frame, ::10] == pytest.approx(bands, abs=0.01)  # Kaldi's own sums are float32


def test_digital_silence_gives_the_floor():
    assert fbank(np.zeros(400, np.float32)) == pytest.approx(np.log(np.finfo(np.float32).eps))


@pytest.mark.parametrize(("n_samples", "n_frames"), [(0, 0), (399, 0), (400, 1), (559, 1), (560, 2)])
def test_only_whole_frames_count(n_samples, n_frames):
    assert fbank(np.zeros(n_samples, np.float32)).shape == (n_frames, 80)
