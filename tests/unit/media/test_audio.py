from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from faster_whisper.audio import decode_audio
from tests.synthetic.clips import Sound

from videoannotator.domain.errors import NoMediaStream
from videoannotator.domain.media import Audio
from videoannotator.media.audio import load_audio
from videoannotator.media.probe import probe

MakeClip = Callable[..., Path]
RATE_HZ = 16_000


def burst_s(audio: Audio) -> float:
    """When the burst of a synthetic sound begins to be heard."""
    return (
        float(np.abs(audio.samples).argmax(axis=0) if False else (np.abs(audio.samples) > 0.1).argmax())
        / RATE_HZ
    )


def heard(path: Path) -> Audio:
    return load_audio(probe(path), RATE_HZ)


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("phone.mp4", Sound(duration_s=3)),
        ("phone.mov", Sound(duration_s=3, rate_hz=44_100)),
        ("disk.mkv", Sound(duration_s=3, codec="flac", rate_hz=44_100)),
        ("browser.webm", Sound(duration_s=3, codec="libopus")),
        ("field.wav", Sound(duration_s=3, codec="pcm_s16le", rate_hz=22_050)),
        ("song.mp3", Sound(duration_s=3, codec="libmp3lame", rate_hz=44_100)),
        ("voice.wav", Sound(duration_s=3, codec="pcm_s16le", rate_hz=16_000)),
    ],
)
def test_samples_equal_those_of_faster_whisper(make_clip: MakeClip, name: str, sound: Sound):
    path = make_clip(name, n_frames=0, sound=sound)
    assert np.array_equal(heard(path).samples, decode_audio(str(path), RATE_HZ))


@pytest.mark.parametrize(
    ("name", "sound", "properties"),
    [
        ("late_sound.mp4", Sound(start_s=0.5), {}),
        ("late_sound.mkv", Sound(start_s=0.5), {}),
        ("late_sound.ts", Sound(start_s=0.5, codec="mp2"), {}),
        (
            "late_sound.webm",
            Sound(start_s=0.5, codec="libopus"),
            {"codec": "libvpx", "options": {"cpu-used": "8"}},
        ),
        ("late_picture.mp4", Sound(), {"times_s": [0.4 + i / 30 for i in range(30)]}),
        ("late_picture.mkv", Sound(), {"times_s": [0.4 + i / 30 for i in range(30)]}),
    ],
)
def test_sound_is_heard_at_its_time(make_clip: MakeClip, name: str, sound: Sound, properties: dict):
    audio = heard(make_clip(name, sound=sound, **properties))
    assert burst_s(audio) == pytest.approx(sound.start_s + sound.burst_s, abs=0.5 / 30)


def test_a_late_start_is_silence(make_clip: MakeClip):
    audio = heard(make_clip("late.mkv", sound=Sound(start_s=0.5, burst_s=0.0, codec="pcm_s16le")))
    assert not audio.samples[: round(0.49 * RATE_HZ)].any()
    assert audio.duration_s == pytest.approx(1.5, abs=1e-3)


@pytest.mark.parametrize("name", ["gap.mp4", "gap.mkv"])
def test_a_gap_is_silence_and_what_follows_keeps_its_time(make_clip: MakeClip, name: str):
    sound = Sound(duration_s=2, burst_s=1.5, gap_s=(0.4, 1.2))
    assert burst_s(heard(make_clip(name, n_frames=60, sound=sound))) == pytest.approx(1.5, abs=0.025)


def test_spooled_samples_are_the_same_and_not_in_memory(make_clip: MakeClip, tmp_path: Path):
    video = probe(make_clip("spooled.mp4", sound=Sound()))
    spooled = load_audio(video, RATE_HZ, tmp_path / "work" / "audio.f32")
    assert isinstance(spooled.samples, np.memmap)
    assert spooled.samples.dtype == np.float32
    assert np.array_equal(spooled.samples, load_audio(video, RATE_HZ).samples)
    assert [p.name for p in (tmp_path / "work").iterdir()] == ["audio.f32"]


def test_samples_are_read_only(make_clip: MakeClip):
    with pytest.raises(ValueError, match="read-only"):
        heard(make_clip("fixed.wav", n_frames=0, sound=Sound(codec="pcm_s16le"))).samples[0] = 1


@pytest.mark.parametrize("spooled", [False, True])
def test_a_video_without_sound_says_so(make_clip: MakeClip, tmp_path: Path, spooled: bool):
    video = probe(make_clip("silent.mp4"))
    with pytest.raises(NoMediaStream, match="no sound"):
        load_audio(video, RATE_HZ, tmp_path / "audio.f32" if spooled else None)


def test_eight_bit_silence_is_silent(make_clip: MakeClip):
    sound = Sound(start_s=0.5, codec="pcm_u8", burst_s=0.5)
    audio = heard(make_clip("old.mkv", sound=sound))
    assert np.abs(audio.samples[: RATE_HZ // 2 - 200]).max() < 0.02


def test_a_stretch_holds_the_same_samples_as_the_whole(make_clip):
    whole = probe(make_clip("v.mp4", n_frames=60, sound=Sound(duration_s=3)))
    clip = whole.model_copy(update={"clip_start_s": 0.51, "clip_end_s": 1.25})
    part, track = load_audio(clip, 16_000), load_audio(whole, 16_000)
    assert (part.start_s, len(part.samples)) == (0.51, round(0.74 * 16_000))
    assert np.array_equal(part.samples, track.samples[8160:20_000])
