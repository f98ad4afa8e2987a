"""Whisper's log mel spectrogram of long tracks in bounded memory.

faster-whisper computes it of the whole track at once, which takes about 50 MB per minute of sound; block by
block the same numbers take 2 MB per minute, those of the result.
"""

from typing import Any

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray

BLOCK = 6000  # frames that are computed together: one minute
_QUIETEST = 1e-10
_RANGE = 8.0  # factors of ten below the loudest moment of the track that are kept

Floats = NDArray[np.float32]


class BlockwiseFeatureExtractor(FeatureExtractor):  # type: ignore[misc]  # the library has no types
    """Gives what ``FeatureExtractor`` gives, for tracks of any length."""

    def __call__(self, waveform: Floats, padding: int = 160, chunk_length: int | None = None) -> Any:
        """Spectrogram of a track.

        Args:
            waveform: Shape (n,), in [-1, 1].
            padding: Samples of silence to add at the end.
            chunk_length: Seconds that the model hears at once, where that is not the library's 30.

        Returns:
            Shape (n_bands, n_frames), float32.
        """
        n_frames = (len(waveform) + padding) // self.hop_length
        if n_frames <= BLOCK or chunk_length is not None:
            return super().__call__(waveform, padding, chunk_length)
        result = np.empty((len(self.mel_filters), n_frames), dtype=np.float32)
        for first in range(0, n_frames, BLOCK):
            last = min(first + BLOCK, n_frames)
            block = self._samples(waveform, len(waveform) + padding, first, last)
            result[:, first:last] = self._log_mel(block)
        np.maximum(result, result.max() - _RANGE, out=result)
        result += 4.0
        result /= 4.0
        return result

    def _samples(self, waveform: Floats, length: int, first: int, last: int) -> Floats:
        """What frames first..last-1 look at: the track mirrored at its ends, silent after its last sample."""
        before = self.n_fft // 2
        index = np.abs(np.arange(first * self.hop_length - before, (last - 1) * self.hop_length + before))
        index = np.where(index >= length, 2 * (length - 1) - index, index)
        sounding = waveform[np.minimum(index, len(waveform) - 1)]
        return np.where(index < len(waveform), sounding, np.float32(0))

    def _log_mel(self, samples: Floats) -> Floats:
        window = np.hanning(self.n_fft + 1)[:-1].astype(np.float32)
        spectrum = self.stft(
            samples, self.n_fft, self.hop_length, window=window, center=False, return_complex=True
        )
        power = np.abs(spectrum.astype(np.complex64)) ** 2
        log_mel: Floats = np.log10(np.clip(self.mel_filters @ power, _QUIETEST, None))
        return log_mel
