"""Where a box will be: a Kalman filter on its centre and size that counts in seconds, not in frames.

Constant velocity disturbed by random acceleration; Bar-Shalom, Li & Kirubarajan, "Estimation with
Applications to Tracking and Navigation", 2001, section 6.2.2. Times of frames may be spaced unevenly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.geometry import Boxes

# Relative to the size of the box, as in Wojke et al., "SORT with a deep association metric", ICIP 2017,
# whose noise per frame at 30 frames per second is here a noise per second.
_MEASUREMENT_SD = 0.05
_ACCELERATION_SD = 0.5
_INITIAL_VELOCITY_SD = 1.0
_MAX_TRAVEL_S = 0.5  # people stop or turn: whoever is unseen for longer is not expected further along


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """What is known of one box at one time.

    ``mean`` (2, 4) holds centre x, y, width, height in px and their change in px/s. All four share the
    covariance (2, 2) of value and change, because their noise is taken to be equal.
    """

    time_s: float
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]

    @property
    def box_xyxy(self) -> Boxes:
        """The box as corners, shape (4,); its size is never negative."""
        centre, half = self.mean[0, :2], np.maximum(self.mean[0, 2:], 0.0) / 2
        return np.concatenate([centre - half, centre + half])


def begin(time_s: float, box_xyxy: Boxes) -> Motion:
    """A box (4,) seen for the first time, at rest as far as anyone knows."""
    value = _centre_and_size(box_xyxy)
    variance = _size(value) ** 2 * np.array([_MEASUREMENT_SD**2, _INITIAL_VELOCITY_SD**2])
    return Motion(time_s, np.stack([value, np.zeros(4)]), np.diag(variance))


def predict(motion: Motion, time_s: float) -> Motion:
    """A box as last seen, expected at a later time."""
    dt = time_s - motion.time_s
    step = np.array([[1.0, min(dt, _MAX_TRAVEL_S)], [0.0, 1.0]])
    noise = np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    noise *= (_ACCELERATION_SD * _size(motion.mean[0])) ** 2
    return Motion(time_s, step @ motion.mean, step @ motion.covariance @ step.T + noise)


def correct(motion: Motion, box_xyxy: Boxes) -> Motion:
    """The prediction for a time, corrected by the box (4,) seen then."""
    value = _centre_and_size(box_xyxy)
    variance = motion.covariance[0, 0] + (_MEASUREMENT_SD * _size(value)) ** 2
    gain = motion.covariance[:, 0] / variance
    mean = motion.mean + np.outer(gain, value - motion.mean[0])
    return Motion(motion.time_s, mean, motion.covariance - np.outer(gain, motion.covariance[0]))


def _centre_and_size(box_xyxy: Boxes) -> NDArray[np.float64]:
    size = box_xyxy[2:] - box_xyxy[:2]
    return np.concatenate([box_xyxy[:2] + size / 2, size])


def _size(value: NDArray[np.float64]) -> float:
    """Longer side in px; 1 at least, so that a degenerate box keeps some uncertainty."""
    return max(float(np.max(value[2:])), 1.0)
