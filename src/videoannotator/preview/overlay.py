"""The video with everything drawn on it and its own sound, as H.264 in MP4.

Every picture keeps its presentation time, also where the frame rate varies.
"""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videoannotator.domain.annotations import Annotations
from videoannotator.domain.errors import NoMediaStream
from videoannotator.domain.media import Video
from videoannotator.domain.plan import Run
from videoannotator.exporters.tidy import Tidy
from videoannotator.exporters.timeline import tiers
from videoannotator.files import atomic
from videoannotator.media.container import open_media
from videoannotator.media.frames import FrameReader
from videoannotator.media.pictures import scaled
from videoannotator.preview import canvas, marks
from videoannotator.preview.canvas import Picture
from videoannotator.preview.moments import Moments
from videoannotator.preview.sound import Sound

_CLOCK = Fraction(1, 90_000)  # fine enough for every frame rate in use
_QUALITY = {"crf": "21", "preset": "veryfast"}


def overlay_video(
    run: Run,
    annotations: Annotations,
    path: Path,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> None:
    """Write the drawn video; ``on_progress`` is told how much of it is done, from 0 to 1.

    Raises NoMediaStream for sound without pictures, StorageError where the file cannot be written.
    """
    video = run.video
    if not video.has_video:
        raise NoMediaStream(f"{video.name!r} holds no picture to draw on")
    with atomic.replacing(path) as partial, av.open(str(partial), "w", format="mp4") as out:
        _write(out, video, _Pen(annotations), on_progress)
    on_progress(1.0)


def _write(out: OutputContainer, video: Video, pen: "_Pen", on_progress: Callable[[float], None]) -> None:
    reader = FrameReader(video)
    pictures = _add_pictures(out, video)
    with open_media(video.path) as source:
        sound = Sound(source, out)
        for moment in reader.moments():
            picture = reader.renderer.rgb(moment.frame).copy()
            pen.draw(picture, moment.time_s)
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


class _Pen:
    """Draws what was seen and what is being said; asked in order of time."""

    def __init__(self, annotations: Annotations) -> None:
        tidy = Tidy(annotations)
        self._moments = Moments(annotations, tidy)
        self._lines = [
            (interval, f"{tier.who}: {interval.text}" if tier.who else interval.text)
            for tier in tiers(tidy)
            if tier.kind == "speech"
            for interval in tier.intervals
        ]

    def draw(self, picture: Picture, time_s: float) -> None:
        marks.draw(picture, self._moments.at(time_s), 1.0)
        height, width = picture.shape[:2]
        size_px = max(11, height // 24)
        now = [words for i, words in self._lines if i.start_ms <= time_s * 1000 < i.end_ms]
        for place, words in enumerate(reversed(now)):
            shown = canvas.fitted(words, width - 2 * size_px, size_px)
            bottom = height - 6 - place * (size_px + 6)
            canvas.label(picture, shown, (size_px, bottom), size_px, canvas.BLACK)
