"""Small clips with PyAV: every picture carries its own number, every sound a burst at a known time.

Times are those that are written into the file; what a reader should find follows from them by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

WIDTH_PX, HEIGHT_PX = 96, 64
_BITS, _BLOCK_PX = 12, 8
BOX_PX, BOX_STEP_PX, BOX_TOP_PX = 16, 3, 24
CLOCK = Fraction(1, 90_000)


@dataclass(frozen=True)
class Sound:
    """A mono track: silence, with a 1 kHz burst from ``burst_s`` to ``burst_s + 0.1`` of its own time."""

    start_s: float = 0.0
    duration_s: float = 1.0
    burst_s: float = 0.5
    rate_hz: int = 48_000
    codec: str = "aac"
    gap_s: tuple[float, float] | None = None  # this stretch of its own time is left out of the file

    def samples(self) -> NDArray[np.int16]:
        time_s = np.arange(round(self.duration_s * self.rate_hz)) / self.rate_hz
        loud = (time_s >= self.burst_s) & (time_s < self.burst_s + 0.1)
        return (np.sin(2 * np.pi * 1000 * time_s) * loud * 20_000).astype(np.int16)


@dataclass(frozen=True)
class Clip:
    """What to write. ``times_s`` wins over ``n_frames`` / ``frame_rate``; ``turn_deg`` is clockwise."""

    n_frames: int = 30
    frame_rate: int = 30
    times_s: Sequence[float] = ()
    width_px: int = WIDTH_PX
    height_px: int = HEIGHT_PX
    codec: str = "libx264"
    clock: Fraction = CLOCK
    turn_deg: int = 0
    sample_aspect: Fraction | None = None
    pixel_format: str = "yuv420p"
    options: dict[str, str] = field(default_factory=dict)
    file_options: dict[str, str] = field(default_factory=dict)
    sound: Sound | None = None
    cuts: tuple[int, ...] = ()  # numbers of the frames before which the background changes

    @property
    def truth_s(self) -> NDArray[np.float64]:
        if len(self.times_s):
            return np.asarray(self.times_s, dtype=np.float64)
        return np.arange(self.n_frames) / self.frame_rate


def picture(
    number: int, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX, cuts: tuple[int, ...] = ()
) -> NDArray[np.uint8]:
    """RGB with the number in black and white blocks on top and a box that moves 3 px a frame."""
    shot = sum(number >= cut for cut in cuts)
    rgb = np.full((height_px, width_px, 3), (60 + 100 * (shot % 2), 90, 160 - 100 * (shot % 2)), np.uint8)
    for bit in range(_BITS):
        rgb[:_BLOCK_PX, bit * _BLOCK_PX : (bit + 1) * _BLOCK_PX] = 235 if number >> bit & 1 else 16
    left = box_left_px(number, width_px)
    rgb[BOX_TOP_PX : BOX_TOP_PX + BOX_PX, left : left + BOX_PX] = (240, 240, 40)
    return rgb


def box_left_px(number: int, width_px: int = WIDTH_PX) -> int:
    """Where the box of that picture begins."""
    return number * BOX_STEP_PX % max(1, width_px - BOX_PX)


def read_number(rgb: NDArray[np.uint8]) -> int:
    """The number that ``picture`` wrote, however lossy the codec."""
    height, width = rgb.shape[:2]
    row = round(height * _BLOCK_PX / 2 / HEIGHT_PX)
    columns = ((np.arange(_BITS) + 0.5) * width / _BITS).astype(int)
    return int(sum(1 << bit for bit, column in enumerate(columns) if rgb[row, column].mean() > 128))


def write(path: Path, clip: Clip | None = None) -> Path:
    """Write the clip in the format that the suffix names; packets are interleaved by decode time."""
    clip = clip or Clip()
    with av.open(str(path), "w", options=clip.file_options) as container:
        video = _add_video(container, clip) if len(clip.truth_s) else None
        audio = _add_audio(container, clip.sound) if clip.sound else None
        packets = []
        if video is not None:
            packets += _encode_pictures(video, clip)
        if audio is not None and clip.sound is not None:
            packets += _encode_sound(audio, clip.sound)
        for packet in sorted(packets, key=lambda p: (p.dts if p.dts is not None else 0) * p.time_base):
            container.mux(packet)
    return path


def _add_video(container, clip: Clip):
    stream = container.add_stream(clip.codec, rate=clip.frame_rate, options=clip.options)
    stream.pix_fmt = clip.pixel_format
    stream.width, stream.height = clip.width_px, clip.height_px
    if clip.turn_deg % 180:
        stream.width, stream.height = clip.height_px, clip.width_px
    stream.codec_context.time_base = clip.clock
    if clip.sample_aspect is not None:
        stream.codec_context.sample_aspect_ratio = clip.sample_aspect
    if clip.turn_deg:
        stream.set_display_rotation(-clip.turn_deg)  # counter-clockwise there
    return stream


def _add_audio(container, sound: Sound):
    return container.add_stream(sound.codec, rate=sound.rate_hz, layout="mono")


def _encode_pictures(stream, clip: Clip):
    for number, time_s in enumerate(clip.truth_s):
        rgb = picture(number, clip.width_px, clip.height_px, clip.cuts)
        # What is stored is turned back, so that the display turn shows it upright.
        stored = np.ascontiguousarray(np.rot90(rgb, clip.turn_deg // 90))
        frame = av.VideoFrame.from_ndarray(stored, format="rgb24").reformat(format=clip.pixel_format)
        frame.pts, frame.time_base = round(time_s / clip.clock), clip.clock
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _encode_sound(stream, sound: Sound):
    samples = sound.samples()
    block = round(0.02 * sound.rate_hz)
    for start in range(0, len(samples), block):
        if sound.gap_s and sound.gap_s[0] <= start / sound.rate_hz < sound.gap_s[1]:
            continue
        part = samples[None, start : start + block]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(part), format="s16", layout="mono")
        frame.sample_rate, frame.time_base = sound.rate_hz, Fraction(1, sound.rate_hz)
        frame.pts = round(sound.start_s * sound.rate_hz) + start
        yield from stream.encode(frame)
    yield from stream.encode(None)
