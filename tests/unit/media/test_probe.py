import hashlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from tests.synthetic.clips import Sound

from videoannotator.media.probe import probe

MakeClip = Callable[..., Path]


def test_a_plain_clip_is_described(make_clip: MakeClip):
    path = make_clip("plain.mp4", sound=Sound())
    video = probe(path)
    assert video.id == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (video.name, video.size_bytes) == ("plain.mp4", path.stat().st_size)
    assert (video.width_px, video.height_px, video.rotation_deg) == (96, 64, 0)
    assert (video.frame_rate, video.n_frames) == (30.0, 30)
    assert video.duration_s == pytest.approx(1.0, abs=0.03)  # an AAC packet lasts 21 ms
    assert (video.video_codec, video.audio_codec, video.audio_rate_hz) == ("h264", "aac", 48_000)
    assert (video.has_video, video.has_audio, video.warnings) == (True, True, ())


@pytest.mark.parametrize("turn_deg", [90, 180, 270])
def test_the_size_is_that_of_the_picture_as_it_is_shown(make_clip: MakeClip, turn_deg: int):
    video = probe(make_clip("phone.mp4", turn_deg=turn_deg))
    assert (video.width_px, video.height_px, video.rotation_deg) == (96, 64, turn_deg)


def test_pixels_that_are_not_square_widen_the_picture(make_clip: MakeClip):
    video = probe(make_clip("anamorphic.mp4", sample_aspect=Fraction(2)))
    assert (video.width_px, video.height_px) == (192, 64)


def test_a_rate_that_varies_is_no_rate(make_clip: MakeClip):
    video = probe(make_clip("varies.mp4", times_s=[0, 0.033, 0.066, 0.2, 0.25, 0.5]))
    assert video.frame_rate is None


@pytest.mark.parametrize("name", ["ntsc.mp4", "ntsc.mkv", "ntsc.ts"])
def test_rounded_time_stamps_do_not_make_a_rate_vary(make_clip: MakeClip, name: str):
    video = probe(make_clip(name, times_s=[i * 1001 / 30_000 for i in range(60)]))
    assert video.frame_rate == pytest.approx(30_000 / 1001, rel=1e-3)
