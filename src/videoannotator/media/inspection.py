"""Look at one file and say what it holds; runs inside the guarded child (``media.guard``)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videoannotator.domain.errors import EncryptedMedia, MediaTooLarge, NoMediaStream
from videoannotator.domain.media import Video
from videoannotator.media.container import (
    assumed_period_s,
    audio_stream,
    open_media,
    start_s,
    video_stream,
    video_streams,
)
from videoannotator.media.display import Display
from videoannotator.media.packets import Walk, constant_period, packets, walk
from videoannotator.media.probe import ProbeLimits

# How far to look for something that can be decoded: enough for a recording that starts between key frames.
_MAX_PACKETS_TO_FIRST_FRAME = 2000
# A claim may differ from the truth by the length of a packet or two without being wrong.
_LENGTH_TOLERANCE_S = 0.5
_LENGTH_TOLERANCE = 0.02
# Suffixes of the same format that libavformat's own list leaves out.
_KNOWN_SUFFIXES = {
    "mov": {"m4v", "qt"},
    "mpegts": {"ts", "m2ts", "mts", "m2t"},
    "mpeg": {"mpg", "mpeg", "vob"},
    "asf": {"asf", "wmv", "wma"},
    "ogg": {"ogg", "ogv", "oga", "opus"},
}


@dataclass(frozen=True, slots=True)
class _Findings:
    """All that is known of an open file: its packets, and the first picture and sound that were decoded."""

    path: Path
    name: str
    container: InputContainer
    seen: Walk
    picture: VideoFrame | None
    sound: AudioFrame | None

    @property
    def claimed_s(self) -> float:
        """Length as the container states it; 0 where it does not."""
        return (self.container.duration or 0) / av.time_base

    @property
    def duration_s(self) -> float:
        """From zero to the end of the last packet; counted in pictures where packets tell no time."""
        read_s = max(self.seen.picture.end_s, self.seen.sound.end_s) - start_s(self.container)
        video = video_stream(self.container)
        if read_s > 0 or video is None:
            return max(read_s, 0.0)
        return self.seen.picture.n_packets * assumed_period_s(video)


def inspect(path: Path, name: str, limits: ProbeLimits) -> Video:
    """Examine a regular file; raises a MediaError where it cannot be used. ``id`` is left empty."""
    with open_media(path, name) as container:
        video, audio = video_stream(container), audio_stream(container)
        _check_size(name, video, limits)
        seen = walk(container, video, audio, limits.max_packets)
        if seen.encrypted:
            raise EncryptedMedia(f"{name!r} is encrypted")
        found = _Findings(path, name, container, seen, _first_picture(path, name), _first_sound(path, name))
        if found.picture is None and found.sound is None:
            raise NoMediaStream(f"{name!r} holds neither picture nor sound that can be decoded")
        if found.duration_s > limits.max_duration_s:
            raise MediaTooLarge(
                f"{name!r} lasts {found.duration_s:.0f} s; the limit is {limits.max_duration_s:g} s"
            )
        return _describe(found)


def _describe(found: _Findings) -> Video:
    facts: dict[str, object] = {}
    video, audio = video_stream(found.container), audio_stream(found.container)
    if video is not None and found.picture is not None:
        display = Display.of(video, found.picture)
        facts |= {
            "frame_rate": _frame_rate(video, found.seen),
            "n_frames": video.frames or None,
            "width_px": display.width_px,
            "height_px": display.height_px,
            "rotation_deg": display.turn_deg,
            "video_codec": video.codec_context.name,
        }
    if audio is not None and found.sound is not None:
        facts |= {"audio_codec": audio.codec_context.name, "audio_rate_hz": found.sound.sample_rate}
    return Video.model_validate(
        {
            "id": "",
            "path": found.path,
            "name": found.name,
            "size_bytes": found.path.stat().st_size,
            "duration_s": round(found.duration_s, 6),  # libavformat counts in microseconds
            "container": found.container.format.name,
            "has_video": found.picture is not None,
            "has_audio": found.sound is not None,
            "warnings": tuple(_warnings(found)),
            **facts,
        }
    )


def _check_size(name: str, video: VideoStream | None, limits: ProbeLimits) -> None:
    if video is None:
        return
    width, height = video.codec_context.width, video.codec_context.height
    if max(width, height) > limits.max_side_px or width * height > limits.max_area_px:
        raise MediaTooLarge(f"the pictures of {name!r} are too large: {width} x {height} pixels")


def _first_picture(path: Path, name: str) -> VideoFrame | None:
    with open_media(path, name) as container:
        frames = _frames(container, video_stream(container))
        return next((frame for frame in frames if isinstance(frame, VideoFrame)), None)


def _first_sound(path: Path, name: str) -> AudioFrame | None:
    with open_media(path, name) as container:
        frames = _frames(container, audio_stream(container))
        return next((frame for frame in frames if isinstance(frame, AudioFrame)), None)


def _frames(container: InputContainer, stream: VideoStream | AudioStream | None) -> Iterator[object]:
    if stream is None:
        return
    stream.codec_context.thread_count = 1
    for packet in islice(packets(container, stream), _MAX_PACKETS_TO_FIRST_FRAME):
        try:
            yield from packet.decode() if packet is not None else ()
        except av.FFmpegError:
            continue


def _frame_rate(video: VideoStream, seen: Walk) -> float | None:
    period = constant_period(seen.picture.ticks)
    if period is None or video.time_base is None:
        return None
    measured = 1 / float(period * video.time_base)
    # The container often knows the exact fraction (30000/1001) that the rounded time stamps only suggest.
    named = (float(rate) for rate in (video.average_rate, video.guessed_rate) if rate)
    return next((rate for rate in named if abs(rate / measured - 1) < 0.001), measured)


def _warnings(found: _Findings) -> Iterator[str]:
    """What a person should know before trusting the results, one sentence each."""
    seen = found.seen
    if found.picture is None:
        yield "There is no picture that can be decoded: only the sound can be analysed."
    if found.sound is None:
        yield "There is no sound that can be decoded: speech and voices cannot be analysed."
    tolerance_s = max(_LENGTH_TOLERANCE_S, _LENGTH_TOLERANCE * found.duration_s)
    if found.claimed_s > 0 and abs(found.claimed_s - found.duration_s) > tolerance_s:
        yield (
            f"The file claims to last {found.claimed_s:.1f} s, but what can be read lasts "
            f"{found.duration_s:.1f} s; it may be cut off or damaged."
        )
    if seen.n_failures:
        yield f"Parts of the file are damaged or missing (places: {seen.n_failures})."
    if seen.picture.n_set_back or seen.sound.n_set_back:
        yield "The clock of the recording is set back on the way: what follows is taken to go on directly."
    yield from _name_warnings(found)
    yield from _picture_warnings(found)


def _picture_warnings(found: _Findings) -> Iterator[str]:
    if found.picture is None:
        return
    if not found.seen.picture.ticks:
        yield "The pictures carry no time stamps: an even frame rate is assumed."
    if len(found.seen.picture.ticks) == 1:
        yield "There is only one picture."
    if found.picture.interlaced_frame:
        yield "The picture is interlaced: moving edges may look combed."
    if (n_videos := len(video_streams(found.container))) > 1:
        yield f"There are {n_videos} video tracks: the first one is read."


def _name_warnings(found: _Findings) -> Iterator[str]:
    suffix, form = found.path.suffix[1:].lower(), found.container.format
    known = form.extensions | _KNOWN_SUFFIXES.get(form.name.partition(",")[0], set())
    if suffix and known and suffix not in known:
        yield f"The name ends in .{suffix}, but the content is {form.long_name}."
