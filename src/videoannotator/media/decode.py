"""A video as chunks of pictures: each frame is decoded once and shown to every view that wants it."""

import threading
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.errors import NoMediaStream
from videoannotator.domain.media import Frames, Video
from videoannotator.media.frames import FrameReader, Moment, Position
from videoannotator.media.pictures import scaled, shrunk_size
from videoannotator.media.prefetch import one_ahead
from videoannotator.media.timeline import is_due

__all__ = ["DEFAULT_MAX_BYTES", "DecodedChunk", "Position", "View", "decode"]

DEFAULT_MAX_BYTES = 64 << 20  # ten pictures of 1080p; two chunks are in memory at a time
_MAX_FRAMES = 250  # ends a chunk of few samples, so that progress and checkpoints go on


@dataclass(frozen=True, slots=True)
class View:
    """A sampling of the pictures: the first frame at or after each k / frames_per_s (infinity: every frame),

    at native size or shrunk until the longer side is at most ``max_side_px``.
    """

    frames_per_s: float
    max_side_px: int | None = None


@dataclass(frozen=True, slots=True)
class DecodedChunk:
    """The frames of [start_s, end_s) as each view sees them.

    ``n_decoded`` counts the frames of the video in this stretch, ``n_errors`` what could not be decoded.
    ``position`` is the place right after it.
    """

    index: int
    start_s: float
    end_s: float
    frames: Mapping[View, Frames]
    position: Position
    n_decoded: int
    n_errors: int


def decode(
    video: Video,
    views: Iterable[View],
    *,
    max_bytes: int = DEFAULT_MAX_BYTES,
    resume: Position | None = None,
) -> Iterator[DecodedChunk]:
    """Decode the video in a thread that runs one chunk ahead; closing the iterator stops it.

    Where chunks begin and end depends on the video, the views and ``max_bytes`` only (a chunk holds at most
    that many bytes of pictures, but at least one frame): a decoding resumed at a chunk's position gives the
    same chunks as one that was never interrupted. Damaged places are skipped and counted; raises
    NoMediaStream where nothing can be decoded at all.
    """
    if not video.has_video:
        raise NoMediaStream(f"{video.name!r} holds no picture that can be decoded")
    stop = threading.Event()
    yield from one_ahead(_chunks(video, tuple(dict.fromkeys(views)), max_bytes, resume, stop), stop)


def _chunks(
    video: Video, views: tuple[View, ...], max_bytes: int, resume: Position | None, stop: threading.Event
) -> Generator[DecodedChunk, None, None]:
    reader = FrameReader(video)
    chunk = _Draft(reader, views, video, max_bytes, index=resume.next_chunk if resume else 0)
    for moment in _wanted(reader.moments(resume), video):
        if stop.is_set():
            return
        if chunk.is_full:
            yield chunk.finished(moment.time_s)
            chunk = _Draft(reader, views, video, max_bytes, index=chunk.index + 1)
        chunk.add(moment)
    if chunk.last is not None:
        yield chunk.finished(max(video.end_s, chunk.last.time_s))
    elif resume is None:
        raise NoMediaStream(f"no picture of {video.name!r} can be decoded")


def _wanted(moments: Iterator[Moment], video: Video) -> Iterator[Moment]:
    """The frames of the stretch that is wanted; those before it are decoded, as their number counts."""
    for moment in moments:
        if video.clip_end_s is not None and moment.time_s >= video.clip_end_s:
            return
        if moment.time_s >= video.start_s:
            yield moment


class _Draft:
    """A chunk in the making."""

    def __init__(
        self, reader: FrameReader, views: tuple[View, ...], video: Video, max_bytes: int, index: int
    ) -> None:
        self.index = index
        self.last: Moment | None = None
        self._first: Moment | None = None
        self._reader = reader
        self._n_errors_before = reader.n_errors
        self._sheets = {view: _Sheet(video, view, max_bytes) for view in views}
        self._max_bytes = max_bytes

    @property
    def is_full(self) -> bool:
        """Whether another frame could exceed the bytes, or enough were looked at."""
        if self._first is None or self.last is None:
            return False
        n_bytes = sum((len(sheet.times_s) + 1) * sheet.frame_bytes for sheet in self._sheets.values())
        return n_bytes > self._max_bytes or self.last.index + 1 - self._first.index >= _MAX_FRAMES

    def add(self, moment: Moment) -> None:
        """Show a frame to the views that want it; it is converted only if one does."""
        self._first = self._first or moment
        self.last = moment
        due = [v for v in self._sheets if is_due(moment.time_s, moment.previous_s, v.frames_per_s)]
        if due:
            rgb = self._reader.renderer.rgb(moment.frame)
            for view in due:
                self._sheets[view].add(rgb, moment)

    def finished(self, end_s: float) -> DecodedChunk:
        """The chunk up to ``end_s``, the time of the next frame or the end of the video."""
        assert self._first is not None
        assert self.last is not None
        return DecodedChunk(
            index=self.index,
            start_s=self._first.time_s if self._first.index else 0.0,
            end_s=end_s,
            frames={view: sheet.frames() for view, sheet in self._sheets.items()},
            position=self._reader.position(self.last, self.index + 1),
            n_decoded=self.last.index + 1 - self._first.index,
            n_errors=self._reader.n_errors - self._n_errors_before,
        )


class _Sheet:
    """Room for the pictures of one view; memory is used only for those that come."""

    def __init__(self, video: Video, view: View, max_bytes: int) -> None:
        self._size = shrunk_size(video.width_px, video.height_px, view.max_side_px)
        width, height = self._size
        self.frame_bytes = width * height * 3
        room = min(_MAX_FRAMES, max(1, max_bytes // self.frame_bytes))
        self._rgb: NDArray[np.uint8] = np.empty((room, height, width, 3), np.uint8)
        self.times_s: list[float] = []
        self._indices: list[int] = []

    def add(self, rgb: NDArray[np.uint8], moment: Moment) -> None:
        """Copy the picture, shrunk to the view."""
        self._rgb[len(self.times_s)] = scaled(rgb, *self._size)
        self.times_s.append(moment.time_s)
        self._indices.append(moment.index)

    def frames(self) -> Frames:
        """What was added, read-only."""
        arrays = (
            self._rgb[: len(self.times_s)],
            np.array(self.times_s, np.float64),
            np.array(self._indices, np.int64),
        )
        for array in arrays:
            array.setflags(write=False)
        return Frames(*arrays)
