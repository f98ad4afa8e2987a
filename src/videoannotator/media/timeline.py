"""When a frame is shown, and which frames a sampling picks."""

import math

from av.video.frame import VideoFrame

# A stamp further back than this is a clock that was set back (recordings joined without care), not jitter.
SET_BACK_S = 1.0
# Time stamps are rationals that became floats: a frame this close before a tick counts as on it.
_ROUNDING_S = 1e-6


class Timeline:
    """Presentation times from the container's start, strictly increasing.

    A frame without a time stamp, or whose stamp does not come after the frame before it, is taken to follow
    that one by the nominal period; after a clock that was set back all that follows goes on from there. From
    the first such frame on ``trusted`` is False.
    """

    def __init__(self, start_s: float, period_s: float, last_s: float = -math.inf) -> None:
        self._start_s = start_s
        self._period_s = period_s
        self.last_s = last_s
        self.trusted = True

    def time_s(self, frame: VideoFrame) -> float:
        """The time of the next frame; each frame is asked once, in order."""
        stamp_s = frame.time - self._start_s if frame.pts is not None else -math.inf
        if stamp_s <= self.last_s:
            self.trusted = False
            follows_s = self.last_s + self._period_s
            if frame.pts is not None and stamp_s < self.last_s - SET_BACK_S:
                self._start_s -= follows_s - stamp_s
            stamp_s = follows_s
        self.last_s = max(0.0, stamp_s)
        return self.last_s


def is_due(time_s: float, previous_s: float, frames_per_s: float) -> bool:
    """Whether a frame is the first at or after a tick k / frames_per_s, given the frame before it.

    ``previous_s`` is minus infinity for the first frame, ``frames_per_s`` infinity for every frame.
    """
    if math.isinf(previous_s) or math.isinf(frames_per_s):
        return True
    return _tick(time_s, frames_per_s) > _tick(previous_s, frames_per_s)


def _tick(time_s: float, frames_per_s: float) -> int:
    return math.floor((time_s + _ROUNDING_S) * frames_per_s)
