"""Every picture of a video in order, decoded once; also from the middle on, exactly as from the start."""

import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import dropwhile

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videoannotator.domain.errors import NoMediaStream
from videoannotator.domain.media import Record, Video
from videoannotator.media.container import assumed_period_s, open_media, start_s, video_stream
from videoannotator.media.display import Display
from videoannotator.media.packets import packets
from videoannotator.media.pictures import Renderer
from videoannotator.media.timeline import Timeline

# Where to look for a key frame before the wanted picture, each try further back: an index may be wrong, and
# MPEG-TS has none. Seconds.
_STEPS_BACK_S = (0.0, 2.0, 10.0, 60.0)


class Position(Record):
    """Between two frames: what was decoded last, so that decoding goes on with exactly the next one.

    ``tick`` is the last frame's own time stamp, None where stamps cannot be trusted to find it again;
    ``crc32`` that of its displayed picture, by which it is recognised.
    """

    next_chunk: int
    next_frame: int
    last_s: float
    tick: int | None
    crc32: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A decoded frame, its place among all frames, its time, and the time of the frame before it."""

    frame: VideoFrame
    index: int
    time_s: float
    previous_s: float


class FrameReader:
    """Reads a video's frames. ``n_errors`` counts what could not be decoded and pictures that are damaged."""

    def __init__(self, video: Video) -> None:
        self._video = video
        self.renderer = Renderer(Display(video.width_px, video.height_px, video.rotation_deg))
        self.n_errors = 0
        self.stamps_trusted = True

    def moments(self, after: Position | None = None) -> Iterator[Moment]:
        """All frames, or those after the position."""
        if after is None:
            yield from self._from_start()
            return
        for step_s in _STEPS_BACK_S if after.tick is not None else ():
            with self._opened() as (container, stream):
                frames = self._landed(container, stream, after, step_s)
                if frames is not None:
                    yield from self._timed(container, stream, frames, after)
                    return
        for moment in self._from_start():
            if moment.index >= after.next_frame:
                yield moment

    def position(self, last: Moment, next_chunk: int) -> Position:
        """The place right after a moment."""
        return Position(
            next_chunk=next_chunk,
            next_frame=last.index + 1,
            last_s=last.time_s,
            tick=last.frame.pts if self.stamps_trusted else None,
            crc32=self._crc32(last.frame),
        )

    def _from_start(self) -> Iterator[Moment]:
        with self._opened() as (container, stream):
            yield from self._timed(container, stream, self._frames(container, stream), None)

    def _landed(
        self, container: InputContainer, stream: VideoStream, after: Position, step_s: float
    ) -> Iterator[VideoFrame] | None:
        """The frames after the position, found by a seek; None where its frame does not turn up unchanged."""
        assert after.tick is not None
        tick = after.tick
        try:
            container.seek(tick - round(step_s / (stream.time_base or 1)), stream=stream)
        except av.FFmpegError:
            return None
        frames = self._frames(container, stream)
        found = next(dropwhile(lambda frame: frame.pts is None or frame.pts < tick, frames), None)
        if found is None or found.pts != tick or self._crc32(found) != after.crc32:
            return None
        self.n_errors = 0  # those on the way here were counted when these frames were read first
        return frames

    def _timed(
        self,
        container: InputContainer,
        stream: VideoStream,
        frames: Iterator[VideoFrame],
        after: Position | None,
    ) -> Iterator[Moment]:
        previous_s = after.last_s if after is not None else -math.inf
        timeline = Timeline(start_s(container), assumed_period_s(stream), previous_s)
        for index, frame in enumerate(frames, start=after.next_frame if after is not None else 0):
            time_s = timeline.time_s(frame)
            self.stamps_trusted = timeline.trusted
            yield Moment(frame, index, time_s, previous_s)
            previous_s = time_s

    def _frames(self, container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
        for packet in packets(container, stream):
            if packet is None:
                self.n_errors += 1
                continue
            try:
                decoded = packet.decode()
            except av.FFmpegError:
                self.n_errors += 1
                continue
            for frame in decoded:
                if isinstance(frame, VideoFrame):
                    self.n_errors += frame.is_corrupt
                    yield frame

    def _crc32(self, frame: VideoFrame) -> int:
        return zlib.crc32(self.renderer.rgb(frame).tobytes())

    @contextmanager
    def _opened(self) -> Iterator[tuple[InputContainer, VideoStream]]:
        with open_media(self._video.path, self._video.name) as container:
            stream = video_stream(container)
            if stream is None:
                raise NoMediaStream(f"{self._video.name!r} holds no picture that can be decoded")
            stream.thread_type = "AUTO"  # frame threads where the codec can, slices else
            yield container, stream
