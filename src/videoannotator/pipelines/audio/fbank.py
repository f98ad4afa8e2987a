"""Log mel filter banks as Kaldi computes them, which the voice print model was trained on.

Source: Povey et al., "The Kaldi Speech Recognition Toolkit", ASRU 2011; its ``feature-window`` and
``mel-computations`` with the defaults of ``compute-fbank-feats``, 80 bins and no dither.
"""

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
FRAME = 400  # samples: 25 ms
HOP = 160  # samples: 10 ms
N_BINS = 80
_N_FFT = 512
_LOWEST_HZ = 20.0
_PREEMPHASIS = 0.97
_FLOOR = np.finfo(np.float32).eps

Floats = NDArray[np.float64]


def fbank(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log energies in mel bands of every whole frame.

    Args:
        samples: Shape (n,) at ``RATE_HZ``, in [-1, 1].

    Returns:
        Shape (n_frames, N_BINS); frame i covers the ``FRAME`` samples from ``i * HOP``.
    """
    if len(samples) < FRAME:
        return np.zeros((0, N_BINS), dtype=np.float32)
    scaled = np.asarray(samples, dtype=np.float64) * 32768  # Kaldi reads 16-bit integers
    frames = np.lib.stride_tricks.sliding_window_view(scaled, FRAME)[::HOP]
    frames = frames - frames.mean(axis=1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    power = np.abs(np.fft.rfft((frames - _PREEMPHASIS * before) * _WINDOW, _N_FFT)) ** 2
    energy = power[:, : _N_FFT // 2] @ _BANDS.T  # Kaldi leaves the bin at Nyquist out
    return np.log(np.maximum(energy, _FLOOR)).astype(np.float32)


def _mel(frequency_hz: Floats) -> Floats:
    return 1127 * np.log(1 + frequency_hz / 700)


def _bands() -> Floats:
    """Triangles that are straight on the mel scale, shape (N_BINS, _N_FFT / 2)."""
    lowest, highest = _mel(np.array([_LOWEST_HZ, RATE_HZ / 2]))
    corners = np.linspace(lowest, highest, N_BINS + 2)
    left, centre, right = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    mel = _mel(np.arange(_N_FFT // 2) * RATE_HZ / _N_FFT)[None]
    rising, falling = (mel - left) / (centre - left), (right - mel) / (right - centre)
    return np.asarray(np.clip(np.minimum(rising, falling), 0, None), dtype=np.float64)


_BANDS = _bands()
_WINDOW = np.hanning(FRAME) ** 0.85  # Povey's window
