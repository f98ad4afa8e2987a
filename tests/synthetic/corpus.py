"""Files that nobody should send, and what must come of each: a video, a video with a warning, or an error.

The classes are those of a survey of hostile and broken media: no videos, damaged ones, lying boxes, odd
streams, odd times, odd geometry, playlists that point elsewhere.
"""

import random
import struct
import wave
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from tests.synthetic.clips import Clip, Sound, write

from videoannotator.domain.errors import EmptyFile, EncryptedMedia, MediaError, MediaTooLarge


@dataclass(frozen=True)
class Case:
    """A file name, how to make it, and what follows: an error, or a part of a warning ("" for none)."""

    name: str
    make: Callable[[Path], object]
    error: type[MediaError] | None = None
    warning: str = ""

    def __str__(self) -> str:
        return self.name


def raw(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def clip(**properties: object) -> Callable[[Path], object]:
    return lambda path: write(path, Clip(**properties))


def changed(
    change: Callable[[bytes], bytes], suffix: str = ".mp4", **properties: object
) -> Callable[[Path], object]:
    """A sound clip whose bytes are changed afterwards."""

    def make(path: Path) -> None:
        whole = write(path.with_name("whole" + suffix), Clip(**{"sound": Sound(), **properties}))
        path.write_bytes(change(whole.read_bytes()))
        whole.unlink()

    return make


def patched(box: bytes, offset: int, content: bytes, **properties: object) -> Callable[[Path], object]:
    """A clip with bytes replaced at an offset behind the first name of an MP4 box."""

    def change(data: bytes) -> bytes:
        start = data.index(box) + 4 + offset
        return data[:start] + content + data[start + len(content) :]

    return changed(change, **properties)


def noise(n_bytes: int) -> bytes:
    return random.Random(0).randbytes(n_bytes)


def first_half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flipped(data: bytes) -> bytes:
    """One byte of a hundred of the media data is another one."""
    generator, out = random.Random(1), bytearray(data)
    for index in range(data.index(b"mdat") + 4, data.index(b"moov") - 4):
        if generator.random() < 0.01:
            out[index] ^= 0xFF
    return bytes(out)


def zeroed(data: bytes) -> bytes:
    third = len(data) // 3
    return data[:third] + bytes(third) + data[2 * third :]


def moov_noise(data: bytes) -> bytes:
    start = data.index(b"moov") + 8
    return data[:start] + noise(200) + data[start + 200 :]


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def nested(depth: int) -> bytes:
    content = b""
    for _ in range(depth):
        content = box(b"moov", content)
    return box(b"ftyp", b"isom\0\0\0\0isom") + content


def make_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(10_000_000))


def make_png(path: Path) -> None:
    import cv2

    path.write_bytes(cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes())


def make_wav(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(32_000))


def make_cover_art(path: Path) -> None:
    """An MP3 with a still picture as an ID3 frame."""
    song = write(path.with_name("song.mp3"), Clip(n_frames=0, sound=Sound(codec="libmp3lame"))).read_bytes()
    make_png(path)
    picture = b"\0image/png\0\3\0" + path.read_bytes()
    frame = b"APIC" + struct.pack(">I", len(picture)) + b"\0\0" + picture
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    path.write_bytes(b"ID3\3\0\0" + size + frame + song[song.index(b"\xff\xfb") :])


def make_two_videos(path: Path) -> None:
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("libx264", rate=30) for _ in range(2)]
        for shade, stream in enumerate(streams):
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
            frame = av.VideoFrame.from_ndarray(np.full((64, 96, 3), 200 * shade, np.uint8), "rgb24")
            container.mux(stream.encode(frame))
        for stream in streams:
            container.mux(stream.encode(None))


def make_subtitles(path: Path) -> None:
    path.write_bytes(b"WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n")


def make_resolution_change(path: Path) -> None:
    """Two recordings of different size joined: MPEG-TS allows it."""
    first = write(path.with_name("a.ts"), Clip(n_frames=10)).read_bytes()
    second = write(
        path.with_name("b.ts"), Clip(width_px=192, height_px=128, times_s=[0.5 + i / 30 for i in range(10)])
    ).read_bytes()
    path.write_bytes(first + second)


def make_sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10 << 30)


def cenc(key: str = "0123456789abcdef0123456789abcdef") -> dict[str, str]:
    return {"encryption_scheme": "cenc-aes-ctr", "encryption_key": key, "encryption_kid": key}


_HLS = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n%s\n#EXT-X-ENDLIST\n"
_FAST = {"movflags": "+faststart"}
_LONG = {"n_frames": 120, "sound": Sound(duration_s=4)}
_LOSSLESS_SOUND = Sound(codec="pcm_s16le")

NO_VIDEO = (
    Case("zero_byte.mp4", raw(b""), EmptyFile),
    Case("one_byte.mp4", raw(b"\0"), MediaError),
    Case("random.mp4", raw(noise(1 << 20)), MediaError),
    Case("zeros.mp4", raw(bytes(1 << 20)), MediaError),
    Case("text.mp4", raw(b"Dear diary,\n" * 100), MediaError),
    Case("html.mp4", raw(b"<!doctype html><html><body>404</body></html>"), MediaError),
    Case("zip.mp4", make_zip, MediaError),
    Case("program.mp4", raw(b"\x7fELF\2\1\1" + bytes(100) + noise(5000)), MediaError),
    Case("png.mp4", make_png, MediaError),
    Case("ftyp_only.mp4", raw(box(b"ftyp", b"isom\0\0\0\0isom")), MediaError),
    Case("subtitles.vtt", make_subtitles, MediaError),
    Case("ansi.mp4", raw(b"\x1b[31mred\x1b[0m\n" * 50), MediaError),
    Case("sparse.mp4", make_sparse, MediaError),
    Case("sound.wav", make_wav, warning="no picture"),
    Case("html_tail.mp4", changed(lambda data: data + b"<script>alert(1)</script>")),
)
DAMAGED = (
    Case("trunc_no_moov.mp4", changed(lambda data: data[: data.index(b"moov") - 10]), MediaError),
    Case("trunc_faststart.mp4", changed(first_half, file_options=_FAST, **_LONG), warning="cut off"),
    Case("trunc_last_byte.mp4", changed(lambda data: data[:-1], file_options=_FAST)),
    Case("trunc.mkv", changed(first_half, ".mkv", **_LONG), warning="cut off"),
    Case("trunc.ts", changed(first_half, ".ts", **_LONG)),
    Case("flipped.mp4", changed(flipped, n_frames=60)),
    Case("corrupt_moov.mp4", changed(moov_noise), MediaError),
    Case("middle_zeroed.mkv", changed(zeroed, ".mkv")),
    Case("middle_zeroed.mp4", changed(zeroed, n_frames=60, sound=_LOSSLESS_SOUND)),
    Case("two_files.mp4", changed(lambda data: data + data)),
    Case("tail_garbage.mp4", changed(lambda data: data + noise(5000))),
)
LYING = (
    Case("mdat_size_0.mp4", patched(b"mdat", -8, bytes(4)), MediaError),
    Case("box_size_4.mp4", patched(b"moov", -8, struct.pack(">I", 4)), MediaError),
    Case("box_size_2pow63.mp4", patched(b"moov", -8, b"\0\0\0\1moov\x7f" + b"\xff" * 7), MediaError),
    Case("nested.mp4", raw(nested(5000)), MediaError),
    Case("stsz_2_billion.mp4", patched(b"stsz", 8, struct.pack(">I", 2_000_000_000)), MediaError),
    Case("stts_huge_delta.mp4", patched(b"stts", 12, b"\x7f\xff\xff\xff", sound=None), MediaTooLarge),
    Case("duration_0.mp4", patched(b"mvhd", 16, bytes(4))),
    Case("duration_136_years.mp4", patched(b"mvhd", 16, b"\xff\xff\xff\xfe")),
    Case("timescale_0.mp4", patched(b"mdhd", 12, bytes(4))),
    Case("width_65535.mp4", patched(b"avc1", 24, b"\xff\xff\xff\xff")),
)
STREAMS = (
    Case("no_audio.mp4", clip(), warning="no sound"),
    Case("two_videos.mp4", make_two_videos, warning="2 video tracks"),
    Case("cover_art.mp3", make_cover_art, warning="no picture"),
    Case("encrypted.mp4", clip(file_options=cenc()), EncryptedMedia),
    Case("one_frame.mp4", clip(n_frames=1), warning="only one picture"),
    Case("mkv_as.mp4", changed(lambda data: data, ".mkv"), warning="content is Matroska"),
    Case("text_suffix.txt", changed(lambda data: data), warning="ends in .txt"),
    Case("no_suffix", changed(lambda data: data)),
    Case("long_sound.mp4", clip(sound=Sound(duration_s=10))),
    Case("eight_kilohertz.mov", clip(sound=Sound(rate_hz=8000, codec="pcm_s16le"))),
)
TIMES = (
    Case("slow.mp4", clip(times_s=[20.0 * i for i in range(5)])),
    Case("fast.mp4", clip(frame_rate=1000, clock=Fraction(1, 1000))),
    Case("negative.mkv", clip(times_s=[-0.5 + i / 30 for i in range(30)])),
    Case("mid_gop.ts", changed(lambda data: data[188 * 20 :], ".ts", n_frames=60, options={"g": "30"})),
    Case("wrap.ts", clip(times_s=[95_443.0 + i / 30 for i in range(60)])),
    Case("joined.ts", changed(lambda data: data + data, ".ts", **_LONG), warning="set back"),
    Case("no_stamps.h264", clip(), warning="no time stamps"),
    Case("hours.mp4", clip(times_s=[60.0 * i for i in range(600)])),
    Case("two_days.mp4", clip(times_s=[1000.0 * i for i in range(173)]), MediaTooLarge),
)
GEOMETRY = (
    Case("wide.mp4", clip(width_px=16_384, height_px=2, n_frames=3)),
    Case("dot.mkv", clip(width_px=1, height_px=1, codec="ffv1", pixel_format="bgr0", n_frames=3)),
    Case("odd.mkv", clip(width_px=321, height_px=241, codec="ffv1", pixel_format="bgr0", n_frames=3)),
    Case(
        "interlaced.mp4", clip(options={"flags": "+ildct+ilme", "x264-params": "tff=1"}), warning="interlaced"
    ),
    Case("ten_bit.mp4", clip(pixel_format="yuv420p10le")),
    Case("gray.mkv", clip(codec="ffv1", pixel_format="gray")),
    Case("alpha.webm", clip(codec="libvpx-vp9", pixel_format="yuva420p", n_frames=5)),
    Case("animation.gif", clip(codec="gif", clock=Fraction(1, 100), frame_rate=25, pixel_format="rgb8")),
    Case("resolution_change.ts", make_resolution_change),
    Case("huge.mkv", clip(width_px=4096, height_px=4096, codec="mjpeg", pixel_format="yuvj420p", n_frames=1)),
    Case(
        "too_wide.mkv", clip(width_px=17_000, height_px=2, codec="ffv1", pixel_format="gray"), MediaTooLarge
    ),
)
CODECS = (
    Case("mjpeg.avi", clip(codec="mjpeg", clock=Fraction(1, 30), pixel_format="yuvj420p")),
    Case("wmv.wmv", clip(codec="wmv2", clock=Fraction(1, 30))),
    Case("prores.mov", clip(codec="prores", pixel_format="yuv422p10le")),
    Case("huffyuv.avi", clip(codec="huffyuv", clock=Fraction(1, 30), pixel_format="yuv422p")),
    Case("av1.mp4", clip(codec="libsvtav1", n_frames=5)),
    Case("fragmented.mp4", clip(sound=Sound(), file_options={"movflags": "frag_keyframe+empty_moov"})),
    Case("live.mkv", clip(sound=Sound(), file_options={"live": "1"})),
    Case("raw.yuv", raw(noise(96 * 64 * 3)), MediaError),
)
PLAYLISTS = (
    Case("hls_file.m3u8", raw(_HLS % b"file:///etc/passwd"), MediaError),
    Case("hls_http.mp4", raw(_HLS % b"http://127.0.0.1:9/x.ts"), MediaError),
    Case("concat.mp4", raw(b"ffconcat version 1.0\nfile /etc/passwd\n"), MediaError),
    Case("dash.mpd", raw(b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>'), MediaError),
    Case("session.sdp", raw(b"v=0\nm=video 5004 RTP/AVP 96\nc=IN IP4 127.0.0.1\n"), MediaError),
)
CASES = (*NO_VIDEO, *DAMAGED, *LYING, *STREAMS, *TIMES, *GEOMETRY, *CODECS, *PLAYLISTS)

NAMES = (
    "new\nline.mp4",
    "tab\tand 'quotes' \"$(id)\" `id`.mp4",
    "-y.mp4",
    "http:video.mp4",
    "concat:a|b.mp4",
    "frame%03d.mp4",
    "emoji 👶🏽🎬.mp4",
    "مرحبا \u202egnp.mp4",
    "e\u0301 decomposed.mp4",
    "x" * 251 + ".mp4",
    ".mp4",
    "CON.mp4",
    "%2e%2e%2f.mp4",
    "~root.mp4",
    "back\\slash.mp4",
)
