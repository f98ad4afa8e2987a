"""Shot detection at work: PySceneDetect's content detector on the frames of the shared decode.

The detector sees what PySceneDetect's own scene manager would show it, so the cuts are the same; times are
the frames' presentation times. Source: Castellano, PySceneDetect, https://www.scenedetect.com.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scenedetect import ContentDetector, FrameTimecode
from scenedetect.common import Timecode

from videoannotator.domain.media import Video
from videoannotator.domain.tables import SHOTS
from videoannotator.pipelines.scene import ShotDetectionParameters
from videoannotator.plugin.component import Annotation, Chunk, Context

_MIN_SHOT_FRAMES = 15  # PySceneDetect's default
_TICKS_PER_S = 1_000_000  # as PySceneDetect reads OpenCV's clock
_UNKNOWN_RATE = 25.0  # only turns _MIN_SHOT_FRAMES into a time where the file says nothing


@dataclass(frozen=True, slots=True)
class _Moment:
    """One frame: its time, its place, and the change since the frame before it."""

    time_s: float
    frame_index: int
    score: float


class ShotSession:
    """Shots of one video, each told when it ends.

    The state is the last picture, with which the next one is compared, and what the detector remembers.
    """

    def __init__(self, parameters: ShotDetectionParameters, context: Context, saved: bytes | None) -> None:
        length = parameters.min_shot_s
        self._detector = ContentDetector(
            threshold=parameters.threshold,
            min_scene_len=_MIN_SHOT_FRAMES if length is None else length,
            luma_only=parameters.luma_only,
        )
        self._threshold = parameters.threshold
        self._frame_rate = _mean_frame_rate(context.video)
        self._n_shots = 0
        self._opening: _Moment | None = None  # first frame of the shot that is going on
        self._above: _Moment | None = None  # last frame that changed enough to open one
        self._last: _Moment | None = None
        self._bgr: NDArray[np.uint8] = np.empty((0, 0, 3), dtype=np.uint8)
        if saved:
            self._restore(saved)

    def feed(self, chunk: Chunk) -> Iterator[Annotation]:
        if chunk.frames is None:
            return
        frames = chunk.frames
        for rgb, time_s, frame_index in zip(frames.rgb, frames.time_s, frames.frame_index, strict=True):
            cut = self._look(rgb, float(time_s), int(frame_index))
            if cut is not None:
                yield self._close(cut.time_s, cut.frame_index)
                self._opening = cut

    def finish(self) -> Iterator[Annotation]:
        if self._last is not None:
            yield self._close(self._last.time_s + 1 / self._frame_rate, self._last.frame_index + 1)

    def _look(self, rgb: NDArray[np.uint8], time_s: float, frame_index: int) -> _Moment | None:
        """Show a frame to the detector; the first frame of a new shot where it is sure of one."""
        self._bgr = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), dtype=np.uint8)
        cuts = self._detector.process_frame(self._timecode(_ticks(time_s)), self._bgr)
        self._last = _Moment(time_s, frame_index, float(self._detector._frame_score))
        if self._opening is None:
            self._opening = _Moment(time_s, frame_index, float("nan"))
        if self._last.score >= self._threshold:
            self._above = self._last
        # Flashes are merged: the cut may lie back, but never before the last frame above the threshold.
        return self._above if cuts else None

    def _close(self, end_s: float, end_frame: int) -> Annotation:
        """The shot that is going on, ended."""
        assert self._opening is not None, "a shot ends after its first frame"
        rows = SHOTS.table(
            shot_id=[self._n_shots],
            start_s=[self._opening.time_s],
            end_s=[end_s],
            start_frame=[self._opening.frame_index],
            end_frame=[end_frame],
            score=[self._opening.score],
        )
        self._n_shots += 1
        return Annotation(SHOTS.name, rows)

    def _timecode(self, ticks: int) -> FrameTimecode:
        return FrameTimecode(Timecode(ticks, Fraction(1, _TICKS_PER_S)), fps=self._frame_rate)

    def save(self) -> bytes:
        """One line of JSON, then the bytes of the last picture."""
        memory = self._detector._flash_filter
        state = {
            "shape": self._bgr.shape,
            "n_shots": self._n_shots,
            "moments": [moment and asdict(moment) for moment in (self._opening, self._above, self._last)],
            "last_above": memory._last_above and memory._last_above.pts,
            "merge_start": memory._merge_start and memory._merge_start.pts,
            "merge_enabled": memory._merge_enabled,
            "merge_triggered": memory._merge_triggered,
        }
        return json.dumps(state).encode() + b"\n" + self._bgr.tobytes()

    def _restore(self, saved: bytes) -> None:
        header, _, pixels = saved.partition(b"\n")
        state: dict[str, Any] = json.loads(header)
        self._n_shots = state["n_shots"]
        self._opening, self._above, self._last = (m and _Moment(**m) for m in state["moments"])
        if self._last is None:
            return
        self._bgr = np.frombuffer(pixels, dtype=np.uint8).reshape(state["shape"])
        # A fresh detector remembers a picture by being shown it; its memory of earlier cuts has no public
        # door, which is why the package is pinned to one minor version.
        self._detector.process_frame(self._timecode(_ticks(self._last.time_s)), self._bgr)
        memory = self._detector._flash_filter
        memory._last_above = self._timecode_or_none(state["last_above"])
        memory._merge_start = self._timecode_or_none(state["merge_start"])
        memory._merge_enabled = state["merge_enabled"]
        memory._merge_triggered = state["merge_triggered"]

    def _timecode_or_none(self, ticks: int | None) -> FrameTimecode | None:
        return None if ticks is None else self._timecode(ticks)

    def close(self) -> None:
        """Nothing to free."""


def _ticks(time_s: float) -> int:
    return round(time_s * _TICKS_PER_S)


def _mean_frame_rate(video: Video) -> float:
    if video.frame_rate:
        return video.frame_rate
    if video.n_frames and video.duration_s > 0:
        return video.n_frames / video.duration_s
    return _UNKNOWN_RATE
