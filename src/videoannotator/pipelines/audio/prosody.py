"""Pitch, loudness and timbre along a track: signal processing only, in blocks of bounded size."""

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.media import Audio
from videoannotator.domain.table import Table
from videoannotator.domain.tables import PROSODY
from videoannotator.pipelines.audio.parameters import ProsodyParameters
from videoannotator.pipelines.audio.yin import yin
from videoannotator.plugin.component import Annotation, Chunk, Context

BLOCK_BYTES = 4 * 2**20  # samples that are looked at together; the work needs about ten times as much
QUIETEST_DB = -120.0  # stands for any lower level: digital silence would be minus infinity
# Hammarberg's alpha ratio as in eGeMAPS; Eyben et al., IEEE Trans. Affective Computing 7(2), 2016.
ALPHA_BANDS_HZ = ((50, 1000), (1000, 5000))

Floats = NDArray[np.float64]

# Four-year-olds speak at about 300 Hz, women at about 200 Hz; Titze, "Principles of Voice Production", 1994.
CHILD_HZ = 300.0
CHILD_SHARE = 0.2


class ProsodySession:
    """Measures a track at every hop; each window lies centred on its row's time."""

    def __init__(self, parameters: ProsodyParameters, context: Context) -> None:
        self._parameters, self._context = parameters, context
        self._n_voiced = self._n_high = 0

    def feed(self, chunk: Chunk) -> Iterator[Annotation]:
        """Measure the whole track, block by block."""
        if chunk.audio is None:
            return
        for rows in measure(chunk.audio, self._parameters):
            self._n_voiced += int(np.isfinite(rows["f0_hz"]).sum())
            self._n_high += int((rows["f0_hz"] > CHILD_HZ).sum())
            yield Annotation(PROSODY.name, rows)
            self._context.progress(float(rows["time_s"][-1]))

    def finish(self) -> Iterable[Annotation]:
        """Nothing is left to say but a warning."""
        if self._n_high > CHILD_SHARE * self._n_voiced:
            percent = round(100 * self._n_high / self._n_voiced)
            self._context.warn(
                f"{percent} % of the voiced sound lies above {CHILD_HZ:.0f} Hz, as young children's voices "
                "and child-directed speech do: its words and speakers are less reliable"
            )
        return ()

    def save(self) -> bytes:
        """A track is one piece of work: there is no state between chunks."""
        return b""

    def close(self) -> None:
        """Nothing to free."""


def measure(audio: Audio, parameters: ProsodyParameters) -> Iterator[Table]:
    """Yield tables of consecutive rows: row k is at ``k * hop_s`` from the first sample."""
    hop = parameters.hop_s * audio.rate_hz
    window = round(parameters.window_s * audio.rate_hz)
    max_lag = math.ceil(audio.rate_hz / parameters.f0_min_hz)
    n_rows = math.ceil(len(audio.samples) / hop)
    block = max(1, BLOCK_BYTES // (8 * (window + max_lag)))
    for first in range(0, n_rows, block):
        centre = np.rint(np.arange(first, min(first + block, n_rows)) * hop).astype(np.int64)
        frames = _frames(audio.samples, centre - (window + max_lag) // 2, window + max_lag)
        before = max_lag // 2  # so that the window alone is centred as well
        columns = _measured(frames, frames[:, before : before + window], audio.rate_hz, parameters)
        yield PROSODY.table(time_s=audio.start_s + centre / audio.rate_hz, **columns)


def _frames(samples: NDArray[np.float32], start: NDArray[np.int64], length: int) -> Floats:
    """Stretches of the track from each start, shape (n, length); zeros beyond its ends."""
    first, last = int(start[0]), int(start[-1]) + length
    inside = np.asarray(samples[max(first, 0) : max(last, 0)], dtype=np.float64)
    padded = np.pad(inside, (max(-first, 0), 0))
    padded = np.pad(padded, (0, last - first - len(padded)))
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, length)[start - first])


def _measured(
    frames: Floats, windows: Floats, rate_hz: int, parameters: ProsodyParameters
) -> dict[str, Floats]:
    loudness_db = _decibels(np.mean(windows**2, axis=1))
    silent = loudness_db < parameters.silence_db
    min_lag = max(1, math.floor(rate_hz / parameters.f0_max_hz))
    max_lag = frames.shape[1] - windows.shape[1]
    period, aperiodicity = yin(frames, min_lag, max_lag, 1 - parameters.voiced_threshold)
    voiced_score = np.clip(1 - aperiodicity, 0, 1)
    unvoiced = silent | ~(voiced_score >= parameters.voiced_threshold)
    centroid_hz, alpha_ratio_db = _timbre(windows, rate_hz)
    return {
        "f0_hz": np.where(unvoiced, np.nan, rate_hz / period),
        "loudness_db": loudness_db,
        "voiced_score": np.where(silent, np.nan, voiced_score),
        "centroid_hz": np.where(silent, np.nan, centroid_hz),
        "alpha_ratio_db": np.where(silent, np.nan, alpha_ratio_db),
    }


def _timbre(windows: Floats, rate_hz: int) -> tuple[Floats, Floats]:
    """Spectral centroid in Hz and alpha ratio in dB of each window."""
    power = np.abs(np.fft.rfft(windows * np.hanning(windows.shape[1]), axis=1)) ** 2
    frequency_hz = np.fft.rfftfreq(windows.shape[1], 1 / rate_hz)
    total = power.sum(axis=1)
    centroid_hz = np.divide(power @ frequency_hz, total, out=np.full(len(total), np.nan), where=total > 0)
    low, high = (
        power[:, (frequency_hz >= lower) & (frequency_hz < upper)].sum(axis=1)
        for lower, upper in ALPHA_BANDS_HZ
    )
    return centroid_hz, _decibels(low) - _decibels(high)


def _decibels(power: Floats) -> Floats:
    return 10 * np.log10(np.maximum(power, 10 ** (QUIETEST_DB / 10)))
