"""How the pictures of a stream are shown: in square pixels, turned upright."""

from dataclasses import dataclass

from av.video.frame import VideoFrame
from av.video.stream import VideoStream

# Beyond this a sample aspect ratio is taken for damage, not for a shape of pixels.
_MAX_ASPECT = 10.0


@dataclass(frozen=True, slots=True)
class Display:
    """How the pictures of a stream are shown: size in square pixels after a clockwise turn."""

    width_px: int
    height_px: int
    turn_deg: int

    @staticmethod
    def of(stream: VideoStream, first: VideoFrame) -> "Display":
        """What the stream's first frame asks for; the height of the stored picture is kept."""
        ratio = stream.sample_aspect_ratio
        aspect = float(ratio) if ratio else 1.0
        if not 1 / _MAX_ASPECT <= aspect <= _MAX_ASPECT:
            aspect = 1.0
        # PyAV counts counter-clockwise; turns other than by quarters are not shown by players either.
        turn_deg = round(-first.rotation / 90) % 4 * 90
        width, height = max(1, round(first.width * aspect)), first.height
        return Display(height, width, turn_deg) if turn_deg % 180 else Display(width, height, turn_deg)
