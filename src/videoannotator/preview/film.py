"""A video written again as H.264 in MP4 with its own sound, each picture touched up on the way.

Every picture keeps its presentation time, also where the frame rate varies.
"""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videoannotator.domain.errors import NoMediaStream
from videoannotator.domain.media import Video
from videoannotator.files import atomic
from videoannotator.media.container import open_media
from videoannotator.media.frames import FrameReader
from videoannotator.media.pictures import scaled
from videoannotator.preview.canvas import Picture
from videoannotator.preview.sound import Sound

_CLOCK = Fraction(1, 90_000)  # fine enough for every frame rate in use
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

    Raises NoMediaStream for sound without pictures, StorageError where the file cannot be written.
    """
    if not video.has_video:
        raise NoMediaStream(f"{video.name!r} holds no picture")
    options = {"movflags": "+faststart"}  # browsers can show it before they have all of it
    with atomic.replacing(path) as partial, av.open(str(partial), "w", format="mp4", options=options) as out:
        _write(out, video, draw, on_progress)
    on_progress(1.0)


def _write(out: OutputContainer, video: Video, draw: Draw, on_progress: OnProgress) -> None:
    reader = FrameReader(video)
    pictures = _add_pictures(out, video)
    with open_media(video.path, video.name) as source:
        sound = Sound(source, out)
        for moment in reader.moments():
            picture = reader.renderer.rgb(moment.frame).copy()
            draw(picture, moment.time_s)
            sound.write_until(moment.time_s)
            out.mux(pictures.encode(_frame(picture, moment.time_s, pictures)))
            on_progress(min(1.0, moment.time_s / max(video.duration_s, 1e-3)))
        out.mux(pictures.encode(None))
        sound.write_until(float("inf"))


def _add_pictures(out: OutputContainer, video: Video) -> VideoStream:
    stream = out.add_stream("libx264", rate=round(video.frame_rate or 30), options=_QUALITY)
    stream.pix_fmt = "yuv420p"
    # Colour is stored for two by two pixels: sizes must be even.
    stream.width, stream.height = (size + size % 2 for size in (video.width_px, video.height_px))
    stream.codec_context.time_base = _CLOCK
    return stream


def _frame(picture: Picture, time_s: float, stream: VideoStream) -> VideoFrame:
    frame = VideoFrame.from_ndarray(scaled(picture, stream.width, stream.height), format="rgb24")
    frame.pts, frame.time_base = round(time_s / _CLOCK), _CLOCK
    return frame
