"""The videos that are measured on, made of the samples once and kept in the user's cache."""

from fractions import Fraction
from pathlib import Path

import av
from scripts.samples import demonstration

from videoannotator.weights.library import default_cache_dir

FOLDER = default_cache_dir() / "benchmarks"
GAP_S = Fraction(1, 5)  # between repetitions: a stream may be a little longer than its container says


def full_hd() -> Path:
    """24 s of the demonstration at 1920 x 1080, 30 frames/s, H.264."""
    return _scaled("people_1080p30.mp4", 1920, 1080, 30)


def standard() -> Path:
    """24 s of the demonstration at 854 x 480, 25 frames/s, H.264."""
    return _scaled("people_480p25.mp4", 854, 480, 25)


def long(minutes: int) -> Path:
    """The demonstration at 480p and 10 frames/s again and again, without encoding it again."""
    source = _scaled("people_480p10.mp4", 854, 480, 10)
    target = FOLDER / f"people_480p10_{minutes}min.mp4"
    if not target.exists():
        _repeat(source, target, minutes * 60)
    return target


def _scaled(name: str, width_px: int, height_px: int, rate: int) -> Path:
    target = FOLDER / name
    if target.exists():
        return target
    partial = target.with_suffix(".part.mp4")
    with av.open(str(demonstration(FOLDER))) as source, av.open(str(partial), "w") as out:
        video = out.add_stream("libx264", rate=rate, options={"preset": "veryfast"})
        video.width, video.height, video.pix_fmt = width_px, height_px, "yuv420p"
        audio = out.add_stream_from_template(source.streams.audio[0])
        index = 0
        for frame in source.decode(video=0):
            while index / rate <= frame.time:
                shown = frame.reformat(width_px, height_px, "yuv420p")
                shown.pts, shown.time_base = index, Fraction(1, rate)
                out.mux(video.encode(shown))
                index += 1
        out.mux(video.encode(None))
        source.seek(0)
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = audio
                out.mux(packet)
    partial.rename(target)
    return target


def _repeat(path: Path, target: Path, seconds: int) -> None:
    partial = target.with_suffix(".part.mp4")
    with av.open(str(partial), "w") as out:
        with av.open(str(path)) as source:
            streams = {one.index: out.add_stream_from_template(one) for one in source.streams}
            length_s = Fraction(source.duration, av.time_base) + GAP_S
        for turn in range(int(seconds / length_s) + 1):
            with av.open(str(path)) as source:
                for packet in source.demux():
                    if packet.dts is not None and packet.pts is not None:
                        shift = int(turn * length_s / packet.time_base)
                        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                        packet.stream = streams[packet.stream.index]
                        out.mux(packet)
    partial.rename(target)
