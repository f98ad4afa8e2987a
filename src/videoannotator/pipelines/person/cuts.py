"""Where the film is cut, as far as following people needs to know: each picture compared with the one before.

The measure is that of PySceneDetect's content detector (Castellano, https://www.scenedetect.com): the mean
change of hue, saturation and brightness. Two cuts close together are two here: none may be followed across.
"""

import io

import cv2
import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.media import Frames


class Cuts:
    """Finds cuts in frame after frame. The state is the last picture, shape (height, width, 3), in HSV."""

    def __init__(self, threshold: float, saved: bytes = b"") -> None:
        self._threshold = threshold
        self._last: NDArray[np.uint8] | None = np.load(io.BytesIO(saved)) if saved else None

    def find(self, frames: Frames) -> NDArray[np.float64]:
        """Times, in s, of the frames with which a new shot begins; all of one size."""
        return frames.time_s[[self._is_new(rgb) for rgb in frames.rgb]]

    def _is_new(self, rgb: NDArray[np.uint8]) -> bool:
        picture = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV), dtype=np.uint8)
        last, self._last = self._last, picture
        return last is not None and float(cv2.absdiff(picture, last).mean()) >= self._threshold

    def save(self) -> bytes:
        """The state; empty before the first frame."""
        if self._last is None:
            return b""
        file = io.BytesIO()
        np.save(file, self._last)
        return file.getvalue()
