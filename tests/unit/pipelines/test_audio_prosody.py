from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from videoannotator.domain.media import Audio, Video
from videoannotator.domain.table import Table, concat
from videoannotator.pipelines.audio import prosody
from videoannotator.pipelines.audio.parameters import ProsodyParameters
from videoannotator.plugin.component import Chunk, Context

RATE_HZ = 16_000


def seconds(duration_s: float) -> NDArray[np.float64]:
    return np.arange(round(duration_s * RATE_HZ)) / RATE_HZ


def sine(f0_hz: float, duration_s: float = 1.0, amplitude: float = 0.5) -> NDArray[np.float64]:
    return amplitude * np.sin(2 * np.pi * f0_hz * seconds(duration_s))


def voice(f0_hz: float, duration_s: float = 1.0) -> NDArray[np.float64]:
    """A tone with ten harmonics that fall by 6 dB per octave, as a voice has them."""
    return sum(sine(f0_hz * n, duration_s, 0.2 / n) for n in range(1, 11) if f0_hz * n < RATE_HZ / 2)


def measured(samples: NDArray[np.float64], start_s: float = 0.0, **parameters: float) -> Table:
    track = Audio(np.asarray(samples, dtype=np.float32), RATE_HZ, start_s)
    return concat(list(prosody.measure(track, ProsodyParameters(**parameters))))


def inside(rows: Table) -> Table:
    """Rows whose window does not reach beyond the ends of the track."""
    return rows.where(np.arange(10, len(rows) - 10))


@pytest.mark.parametrize("sound", [sine, voice])
@pytest.mark.parametrize("f0_hz", [80, 123.4, 220, 440, 700])
def test_the_pitch_of_a_tone_is_its_frequency(sound, f0_hz):
    rows = inside(measured(sound(f0_hz)))
    assert rows["f0_hz"] == pytest.approx(np.full(len(rows), f0_hz), rel=0.003)
    assert rows["voiced_score"].min() > 0.95


def test_the_pitch_follows_a_sweep():
    time_s = seconds(2.0)
    sweep = 0.5 * np.sin(2 * np.pi * (100 * time_s + 50 * time_s**2))  # the frequency is 100 + 100 t
    rows = inside(measured(sweep))
    assert rows["f0_hz"] == pytest.approx(100 + 100 * rows["time_s"], rel=0.02)


def test_loudness_is_the_root_mean_square_level():
    rows = inside(measured(sine(200, amplitude=0.5)))
    assert rows["loudness_db"] == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.2)


def test_a_pure_tone_is_its_own_spectral_centre():
    rows = inside(measured(sine(700)))
    assert rows["centroid_hz"] == pytest.approx(np.full(len(rows), 700), rel=0.01)


def test_the_alpha_ratio_compares_energy_below_and_above_1_khz():
    rows = inside(measured(sine(500, amplitude=0.5) + sine(2000, amplitude=0.05)))
    assert rows["alpha_ratio_db"] == pytest.approx(20, abs=0.3)  # amplitudes are 10 to 1


def test_silence_is_not_measured_as_zero():
    rows = measured(np.zeros(RATE_HZ))
    for name in ("f0_hz", "voiced_score", "centroid_hz", "alpha_ratio_db"):
        assert np.isnan(rows[name]).all()
    assert rows["loudness_db"] == pytest.approx(np.full(len(rows), -120.0))  # the documented floor


def test_noise_has_no_pitch_but_a_centre():
    rows = inside(measured(np.random.default_rng(0).normal(0, 0.1, RATE_HZ)))
    assert np.isnan(rows["f0_hz"]).all()
    assert rows["centroid_hz"].mean() == pytest.approx(4000, rel=0.05)  # white: half of Nyquist
    assert rows["voiced_score"].max() < 0.7


def test_times_start_with_the_track_and_windows_lie_around_them():
    silence_then_tone = np.concatenate([np.zeros(RATE_HZ), sine(300)])
    rows = measured(silence_then_tone, start_s=5.0)
    assert rows["time_s"][:3] == pytest.approx([5.0, 5.01, 5.02])
    assert len(rows) == 200
    half_full_db = 20 * np.log10(0.5 / np.sqrt(2)) + 10 * np.log10(0.5)
    assert rows["loudness_db"][100] == pytest.approx(half_full_db, abs=0.3)  # the tone starts at row 100


def test_blocks_leave_no_seam(monkeypatch):
    tone = voice(210, 3.0)
    whole = measured(tone)
    monkeypatch.setattr(prosody, "BLOCK_BYTES", 50_000)
    for name, column in measured(tone).columns.items():
        np.testing.assert_array_equal(column, whole[name])


@pytest.mark.parametrize("n_samples", [0, 1, 100])
def test_a_track_shorter_than_a_window_is_no_error(n_samples):
    track = Audio(np.ones(n_samples, dtype=np.float32), RATE_HZ)
    assert sum(len(rows) for rows in prosody.measure(track, ProsodyParameters())) == min(n_samples, 1)


def test_hop_s_sets_how_often_is_measured():
    assert np.diff(measured(sine(200), hop_s=0.05)["time_s"]) == pytest.approx(0.05)


def test_window_s_sets_how_much_is_listened_to():
    click = np.zeros(RATE_HZ)
    click[RATE_HZ // 2] = 1.0
    heard = [np.sum(measured(click, window_s=w)["loudness_db"] > -100) * 0.01 for w in (0.05, 0.2)]
    assert heard == pytest.approx([0.05, 0.2], abs=0.011)


def test_f0_min_hz_and_f0_max_hz_bound_the_search():
    assert np.isnan(inside(measured(sine(100), f0_min_hz=200))["f0_hz"]).all()
    assert inside(measured(voice(100)))["f0_hz"] == pytest.approx(100, rel=0.01)
    octave_below = inside(measured(sine(400), f0_max_hz=300))[
        "f0_hz"
    ]  # 400 Hz repeats 200 times a second too
    assert octave_below == pytest.approx(np.full(len(octave_below), 200), rel=0.01)


def test_voiced_threshold_decides_what_has_a_pitch():
    noisy = voice(200) + np.random.default_rng(0).normal(0, 0.05, RATE_HZ)
    strict, lenient = (
        np.isfinite(measured(noisy, voiced_threshold=threshold)["f0_hz"]).mean() for threshold in (0.99, 0.5)
    )
    assert strict < 0.1 < 0.9 < lenient


def test_silence_db_decides_what_is_silence():
    whisper = inside(measured(sine(200, amplitude=0.001)))  # -63 dBFS
    assert np.isnan(whisper["f0_hz"]).all()
    assert np.isfinite(inside(measured(sine(200, amplitude=0.001), silence_db=-80))["f0_hz"]).all()


def test_the_session_says_rows_block_by_block_and_tells_how_far_it_is(monkeypatch):
    monkeypatch.setattr(prosody, "BLOCK_BYTES", 500_000)
    told: list[float] = []
    video = Video(id="0", path="a.wav", name="a.wav", size_bytes=0, duration_s=2.0)
    session = prosody.ProsodySession(
        ProsodyParameters(), Context(video, weights=lambda name: video.path, progress=told.append)
    )
    track = Audio(np.asarray(voice(200, 2.0), dtype=np.float32), RATE_HZ)
    said = list(session.feed(Chunk(0, 0.0, 2.0, audio=track)))
    assert [annotation.table for annotation in said] == ["prosody"] * len(told)
    assert len(told) > 1
    assert told[-1] == pytest.approx(1.99)
    assert (session.save(), list(session.finish())) == (b"", [])


def test_bounds_that_cross_are_refused():
    with pytest.raises(ValueError, match="f0_min_hz is not below f0_max_hz"):
        ProsodyParameters(f0_min_hz=300, f0_max_hz=200)


@pytest.mark.parametrize(("f0_hz", "warned"), [(220.0, False), (420.0, True)])
def test_a_high_voice_is_warned_of(f0_hz, warned):
    said = []
    video = Video(id="0" * 64, path=Path("v"), name="v", size_bytes=1, duration_s=1)
    session = prosody.ProsodySession(ProsodyParameters(), Context(video, Path, warn=said.append))
    sound = Audio(voice(f0_hz).astype(np.float32), 16_000)
    list(session.feed(Chunk(0, 0, 1, audio=sound)))
    list(session.finish())
    assert bool(said) == warned
    assert all("above 300 Hz" in message for message in said)
