"""Open a media file: which formats are accepted, which streams are meant, where time begins."""

from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from videoannotator.domain.errors import MediaError

# Demuxers that read one file and nothing else: playlists (hls, concat, dash, sdp), still pictures, text
# and devices are left out, so that a file cannot make us open another one.
_FORMATS = (
    "mov", "matroska", "avi", "mpegts", "mpeg", "mpegvideo", "flv", "asf", "ogg", "gif", "mxf", "dv", "nut",
    "ivf", "h264", "hevc", "m4v", "obu", "wtv", "rm", "wav", "w64", "aiff", "caf", "au", "mp3", "aac", "ac3",
    "eac3", "flac", "amr",
)  # fmt: skip
_OPTIONS = {
    "format_whitelist": ",".join(_FORMATS),
    "protocol_whitelist": "file",
    "probesize": "20000000",
    "analyzeduration": "20000000",
}
# libavformat's own assumption for streams without any timing.
_NOMINAL_RATE = Fraction(25)


def open_media(path: Path, name: str) -> InputContainer:
    """Open by content; raises MediaError, which calls the file by ``name``, where no accepted format fits."""
    try:
        # The absolute path behind an explicit protocol: no name can be taken for an address or an option.
        return av.open(f"file:{path.absolute()}", options=_OPTIONS, metadata_errors="replace")
    except av.error.MemoryError:
        raise
    except av.FFmpegError as error:
        raise MediaError(f"{name!r} is not a video in a known format ({error.strerror})") from error


def video_streams(container: InputContainer) -> list[VideoStream]:
    """The moving pictures; the cover of a song is none."""
    return [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]


def video_stream(container: InputContainer) -> VideoStream | None:
    """The video that is read: the first one."""
    return next(iter(video_streams(container)), None)


def audio_stream(container: InputContainer) -> AudioStream | None:
    """The sound that is read: the first one."""
    return next(iter(container.streams.audio), None)


def start_s(container: InputContainer) -> float:
    """The container's own time that is shown as zero: that of its earliest picture or sound."""
    streams = [*video_streams(container), *container.streams.audio]
    starts = [s.start_time * s.time_base for s in streams if s.start_time is not None and s.time_base]
    return float(min(starts, default=0.0))


def assumed_period_s(stream: VideoStream) -> float:
    """How long a picture is shown where no time stamp tells: one over the stream's nominal rate."""
    return float(1 / (stream.average_rate or stream.guessed_rate or _NOMINAL_RATE))
