"""A video written again as H.264 in MP4 with its own sound, each picture touched up on the way.

Every picture keeps its presentation time, also where the frame rate varies. Sound without pictures gets black
ones, so that what plays videos plays it.
"""

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videoannotator.domain.media import Video
from videoannotator.files import atomic
from videoannotator.media.container import open_media
from videoannotator.media.frames import FrameReader
from videoannotator.media.pictures import scaled
from videoannotator.preview.canvas import Picture, blank
from videoannotator.preview.sound import Sound

_CLOCK = Fraction(1, 90_000)  # fine enough for every frame rate in use
_BLACK_PX = (640, 360)  # width and height where there are only sounds
_QUALITY = {"crf": "21", "preset": "veryfast"}

Draw = Callable[[Picture, float], None]  # changes a picture in place; is told when it is shown
OnProgress = Callable[[float], None]


def write_film(
    video: Video,
    path: Path,
    draw: Draw = lambda picture, time_s: None,
    on_progress: OnProgress = lambda fraction: None,
) -> None:
    """Write the film; ``on_progress`` is told how much of it is done, from 0 to 1.

    Raises StorageError where the file cannot be written.
    """
    options = {"movflags": "+faststart"}  # browsers can show it before they have all of it
    with atomic.replacing(path) as partial, av.open(str(partial), "w", format="mp4", options=options) as out:
        _write(out, video, draw, on_progress)
    on_progress(1.0)


def _write(out: OutputContainer, video: Video, draw: Draw, on_progress: OnProgress) -> None:
    pictures = _add_pictures(out, video)
    with open_media(video.path, video.name) as source:
        sound = Sound(source, out)
        for time_s, picture in _pictures(video):
            draw(picture, time_s)
            sound.write_until(time_s)
            out.mux(pictures.encode(_frame(picture, time_s, pictures)))
            on_progress(min(1.0, time_s / max(video.duration_s, 1e-3)))
        out.mux(pictures.encode(None))
        sound.write_until(float("inf"))


def _pictures(video: Video) -> Iterator[tuple[float, Picture]]:
    """Every picture with its time, free to be drawn on; of sound alone a black one each second."""
    if not video.has_video:
        for second in range(math.ceil(video.duration_s)):
            yield float(second), blank(*_BLACK_PX, colour=(0, 0, 0))
        return
    reader = FrameReader(video)
    for moment in reader.moments():
        yield moment.time_s, reader.renderer.rgb(moment.frame).copy()


def _add_pictures(out: OutputContainer, video: Video) -> VideoStream:
    stream = out.add_stream("libx264", rate=round(video.frame_rate or 30), options=_QUALITY)
    stream.pix_fmt = "yuv420p"
    # Colour is stored for two by two pixels: sizes must be even.
    shown_px = (video.width_px, video.height_px) if video.has_video else _BLACK_PX
    stream.width, stream.height = (size + size % 2 for size in shown_px)
    stream.codec_context.time_base = _CLOCK
    return stream


def _frame(picture: Picture, time_s: float, stream: VideoStream) -> VideoFrame:
    frame = VideoFrame.from_ndarray(scaled(picture, stream.width, stream.height), format="rgb24")
    frame.pts, frame.time_base = round(time_s / _CLOCK), _CLOCK
    return frame
