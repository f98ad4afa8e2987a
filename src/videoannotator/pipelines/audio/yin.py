"""Pitch of short stretches of sound by YIN, for many stretches at once.

Source: de Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for speech and music",
JASA 111(4), 2002; the equation numbers below are theirs.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

Floats = NDArray[np.float64]


def yin(frames: Floats, min_lag: int, max_lag: int, threshold: float) -> tuple[Floats, Floats]:
    """Find the period of each frame.

    Args:
        frames: Shape (n, window + max_lag): the window, and what lies up to ``max_lag`` samples after it.
        min_lag: Shortest period that is looked for, in samples.
        max_lag: Longest period, in samples.
        threshold: The first dip of the difference function below this is the period; where there is
            none, its lowest point is.

    Returns:
        Periods in samples, and the aperiodicity there (0: perfectly periodic, about 1: not at all; NaN
        where the frame is constant); both of shape (n,).
    """
    difference = _normalised(_difference(frames, max_lag))
    inside = difference[:, min_lag : max_lag + 1]
    below = inside < threshold
    rising = np.ones_like(below)  # the last lag ends every descent
    rising[:, :-1] = inside[:, 1:] >= inside[:, :-1]
    entered = np.maximum.accumulate(below, axis=1)
    dip = np.where(below.any(axis=1), (entered & rising).argmax(axis=1), inside.argmin(axis=1))
    lag = dip + min_lag
    aperiodicity = difference[np.arange(len(frames)), lag]
    constant = ~frames.any(axis=1)
    return lag + _vertex(difference, lag), np.where(constant, np.nan, aperiodicity)


def _difference(frames: Floats, max_lag: int) -> Floats:
    """Squared difference between the window and itself ``lag`` samples later, lag = 0..max_lag (eq. 6)."""
    window = frames.shape[1] - max_lag
    size = next_fast_len(frames.shape[1], real=True)  # long enough that no lag in question wraps around
    spectrum = np.conj(rfft(frames[:, :window], size)) * rfft(frames, size)
    product = irfft(spectrum, size)[:, : max_lag + 1]
    energy = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    power = energy[:, window:] - energy[:, : max_lag + 1]
    difference: Floats = power[:, :1] + power - 2 * product
    return difference.clip(min=0)  # rounding may fall below


def _normalised(difference: Floats) -> Floats:
    """The difference over its mean at all shorter lags, so that lag 0 is no dip (eq. 8)."""
    total = np.cumsum(difference[:, 1:], axis=1)
    result = np.ones_like(difference)
    lags = np.arange(1, difference.shape[1])
    np.divide(difference[:, 1:] * lags, total, out=result[:, 1:], where=total > 0)
    return result


def _vertex(difference: Floats, lag: NDArray[np.int64]) -> Floats:
    """Where the parabola through a dip and its neighbours is lowest, relative to the dip (step 5)."""
    row = np.arange(len(lag))
    left = difference[row, np.maximum(lag - 1, 0)]
    middle = difference[row, lag]
    right = difference[row, np.minimum(lag + 1, difference.shape[1] - 1)]
    bend = left - 2 * middle + right
    shift = np.divide(left - right, 2 * bend, out=np.zeros_like(bend), where=bend > 0)
    return np.asarray(np.clip(shift, -0.5, 0.5), dtype=np.float64)
