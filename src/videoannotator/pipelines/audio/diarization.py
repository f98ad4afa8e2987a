"""Who speaks when: windows of ten seconds, voice prints, clusters, turns; without PyTorch."""

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.media import Audio
from videoannotator.domain.tables import TURNS
from videoannotator.pipelines.audio.clustering import assign, find_speakers
from videoannotator.pipelines.audio.parameters import DiarizationParameters
from videoannotator.pipelines.audio.segmentation import RATE_HZ, WINDOW, speaking
from videoannotator.pipelines.audio.turns import Turn, to_turns, vote
from videoannotator.pipelines.audio.voiceprint import VoicePrint, voice_prints
from videoannotator.plugin.batches import Batches
from videoannotator.plugin.component import Annotation, Chunk, Context
from videoannotator.plugin.runtimes import onnx_device, onnx_session

BATCH = 8  # windows that the segmentation sees together


class DiarizationSession:
    """Finds the turns of a track; what stays of each window is its voices and their prints.

    The order of steps is that of Bredin, "pyannote.audio 2.1 speaker diarization pipeline", Interspeech
    2023.
    """

    def __init__(self, parameters: DiarizationParameters, context: Context) -> None:
        self._parameters, self._context = parameters, context
        self._segmentation, self._voices = (
            onnx_session(context.weights(name), context.n_threads, onnx_device(parameters.device, context))
            for name in ("segmentation-3.0", "campplus")
        )
        self._batches = Batches(BATCH, context.warn)

    def feed(self, chunk: Chunk) -> Iterator[Annotation]:
        """Find all turns of the track."""
        if chunk.audio is None:
            return
        turns = self._turns(chunk.audio)
        rows = TURNS.table(
            turn_id=range(len(turns)),
            start_s=[chunk.audio.start_s + turn.start_s for turn in turns],
            end_s=[chunk.audio.start_s + turn.end_s for turn in turns],
            speaker=[f"SPEAKER_{turn.speaker:02d}" for turn in turns],
        )
        yield Annotation(TURNS.name, rows)

    def finish(self) -> Iterable[Annotation]:
        """Nothing is left to say."""
        return ()

    def save(self) -> bytes:
        """A track is one piece of work: there is no state between chunks."""
        return b""

    def close(self) -> None:
        """Free the models."""
        del self._segmentation, self._voices

    def _turns(self, audio: Audio) -> list[Turn]:
        parameters = self._parameters
        step = round(parameters.step_s * RATE_HZ)
        voices, prints = self._listen(audio, step)
        if not prints:
            return []
        n_views = min(WINDOW / step, len(voices))
        speakers = assign(prints, find_speakers(prints, n_views, parameters))
        talks = vote(voices, prints, speakers, step)
        return to_turns(talks, audio.duration_s, parameters.min_pause_s, parameters.min_turn_s)

    def _listen(self, audio: Audio, step: int) -> tuple[NDArray[np.bool_], list[VoicePrint]]:
        """Who speaks in each window, shape (n_windows, n_frames, n_voices), and the voices' prints."""
        n_windows = max(1, math.ceil((len(audio.samples) - WINDOW) / step) + 1)
        voices, prints = [], []
        for first in range(0, n_windows, BATCH):
            batch = range(first, min(first + BATCH, n_windows))
            windows = [_window(audio, index * step) for index in batch]
            heard_parts = self._batches(windows, lambda part: speaking(self._segmentation, np.stack(part)))
            voices.append(np.concatenate(list(heard_parts)))
            for index, samples, heard in zip(batch, windows, voices[-1], strict=True):
                prints += voice_prints(self._voices, index, samples, heard)
                self._context.progress(audio.start_s + min(index * step / RATE_HZ + 10, audio.duration_s))
        return np.concatenate(voices), prints


def _window(audio: Audio, start: int) -> NDArray[np.float32]:
    """Ten seconds from a sample on, with zeros beyond the end."""
    samples = np.asarray(audio.samples[start : start + WINDOW], dtype=np.float32)
    return np.pad(samples, (0, WINDOW - len(samples)))
