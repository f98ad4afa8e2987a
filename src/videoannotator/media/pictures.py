"""From a decoded frame to the picture that a player shows: RGB, square pixels, turned upright."""

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from videoannotator.media.display import Display


class Renderer:
    """Makes displayed pictures; frames of another size (the resolution changed) are scaled to the display."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._reformatter = VideoReformatter()  # one for all frames: it keeps its conversion tables

    def rgb(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """The picture, shape (height, width, 3) of the display."""
        plane = self._reformatter.reformat(frame, format="rgb24").planes[0]
        # A view of the decoder's memory, whose lines may be longer than the picture is wide.
        shape, strides = (frame.height, frame.width, 3), (plane.line_size, 3, 1)
        stored: NDArray[np.uint8] = np.ndarray(shape, np.uint8, buffer=memoryview(plane), strides=strides)
        turned = np.rot90(stored, -self._display.turn_deg // 90)
        return scaled(turned, self._display.width_px, self._display.height_px)


def scaled(rgb: NDArray[np.uint8], width_px: int, height_px: int) -> NDArray[np.uint8]:
    """The picture at that size (bilinear, as PySceneDetect shrinks); itself where it has it already."""
    if rgb.shape[:2] == (height_px, width_px):
        return rgb
    resized = cv2.resize(np.ascontiguousarray(rgb), (width_px, height_px), interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, dtype=np.uint8)


def shrunk_size(width_px: int, height_px: int, max_side_px: int | None) -> tuple[int, int]:
    """Width and height in proportion, the longer at most that long; pictures are never enlarged.

    Rounds as PySceneDetect does, so that its detector sees the same pictures.
    """
    longer_px = max(width_px, height_px)
    if max_side_px is None or longer_px <= max_side_px:
        return width_px, height_px
    factor = longer_px / max_side_px
    return max(1, round(width_px / factor)), max(1, round(height_px / factor))
