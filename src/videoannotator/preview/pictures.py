"""A few pictures of a long video, found by seeking instead of decoding everything."""

from collections.abc import Iterator, Sequence

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videoannotator.domain.media import Video
from videoannotator.media.container import open_media, start_s, video_stream
from videoannotator.media.display import Display
from videoannotator.media.pictures import Renderer
from videoannotator.preview.canvas import Picture

_ROUNDING_S = 1e-4


def pictures_at(video: Video, times_s: Sequence[float]) -> Iterator[tuple[float, Picture]]:
    """The first picture at or after each time, with its own time, in the order asked.

    Times are sorted. A time after the last picture gives none; neither does a place that cannot be decoded.
    """
    renderer = Renderer(Display(video.width_px, video.height_px, video.rotation_deg))
    with open_media(video.path, video.name) as container:
        stream = video_stream(container)
        if stream is None:
            return
        stream.thread_type = "AUTO"
        zero_s = start_s(container)
        for time_s in times_s:
            frame = _frame_at(container, stream, time_s + zero_s)
            if frame is not None:
                yield frame.time - zero_s, renderer.rgb(frame)


def _frame_at(container: InputContainer, stream: VideoStream, time_s: float) -> VideoFrame | None:
    try:
        container.seek(max(0, round(time_s / (stream.time_base or 1))), stream=stream)
        for frame in container.decode(stream):
            if frame.pts is not None and frame.time >= time_s - _ROUNDING_S:
                return frame
    except av.FFmpegError:
        return None
    return None
