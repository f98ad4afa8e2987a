"""Empathic Insight Voice at work: a Whisper encoder hears stretches of sound, one head per emotion scores.

Source: Schuhmann et al., "EmoNet-Voice: A Fine-Grained, Expert-Verified Benchmark for Speech Emotion
Detection", 2025. The heads are regressors of their own: their raw scores are kept, since putting emotions,
arousal and dominance into one distribution would make numbers that nobody measured.
"""

import math
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.errors import WeightsError
from videoannotator.domain.media import Audio
from videoannotator.domain.table import Table
from videoannotator.domain.tables import VOICE_EMOTIONS
from videoannotator.pipelines.audio.parameters import LaionVoiceParameters
from videoannotator.plugin import torch_runtime
from videoannotator.plugin.batches import Batches
from videoannotator.plugin.component import Annotation, Chunk, Context
from videoannotator.plugin.torch_runtime import RegressionHead, head_files

ENCODER, HEADS = "laion-voice-encoder", "laion-voice-heads"
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the track that is scored as one; ``speaker`` is empty where nobody was told apart."""

    start_s: float
    end_s: float
    speaker: str = ""


class VoiceEncoder:
    """The encoder of a Whisper model and its ears."""

    def __init__(self, folder: Path, device: str) -> None:
        from transformers import AutoFeatureExtractor

        self._device = device
        self._encoder = torch_runtime.pretrained(folder, device).get_encoder()
        self._hear = AutoFeatureExtractor.from_pretrained(folder, local_files_only=True)
        self.rate_hz: int = self._hear.sampling_rate
        self.longest_s: float = self._hear.chunk_length

    def __call__(self, sounds: Sequence[NDArray[np.float32]]) -> Vectors:
        """All frames of a sound in one row: (n, n_frames * n_states); silence fills up the window."""
        import torch

        inputs = self._hear(list(sounds), sampling_rate=self.rate_hz, return_tensors="pt").input_features
        with torch.inference_mode():
            states = self._encoder(inputs.to(self._device)).last_hidden_state
        vectors: Vectors = states.flatten(start_dim=1).float().cpu().numpy()
        return vectors


class LaionVoiceSession:
    """Scores the stretches of a track. Only one head is in memory at a time: each has 295 MB."""

    def __init__(self, parameters: LaionVoiceParameters, context: Context) -> None:
        self._parameters, self._context = parameters, context
        self._device = torch_runtime.device(parameters.device, context)
        self._heads = head_files(context.weights(HEADS), parameters.emotions)
        self._encoder = VoiceEncoder(context.weights(ENCODER), self._device)
        self._batches = Batches(parameters.batch_size, context.warn)

    def feed(self, chunk: Chunk) -> Iterator[Annotation]:
        """Encode every stretch once, then let one head after the other score them all."""
        if chunk.audio is None:
            return
        stretches = list(self._stretches(chunk.audio, chunk.annotations.get("turns")))
        if not stretches:
            return
        # A row has 4.6 MB with the real encoder: an hour of talk belongs on disk.
        with tempfile.TemporaryFile() as spool:
            vectors = self._encode(chunk.audio, stretches, spool)
            scores = {}
            for n_done, (name, path) in enumerate(self._heads.items(), start=1):
                scores[name] = self._score(name, path, vectors)
                self._context.progress(chunk.end_s * n_done / len(self._heads))
        yield Annotation(VOICE_EMOTIONS.name, _rows(stretches, scores))

    def finish(self) -> Iterable[Annotation]:
        return ()

    def save(self) -> bytes:
        """A track is one piece of work: there is no state between chunks."""
        return b""

    def close(self) -> None:
        """Free the model."""
        del self._encoder

    def _stretches(self, audio: Audio, turns: Table | None) -> Iterator[Stretch]:
        longest_s = min(self._parameters.longest_s, self._encoder.longest_s)
        whole: dict[str, Any] = {
            "start_s": audio.start_s,
            "end_s": audio.start_s + audio.duration_s,
            "speaker": "",
        }
        for row in [whole] if turns is None else turns.rows():
            start_s, end_s = float(row["start_s"]), float(row["end_s"])
            if end_s - start_s < self._parameters.shortest_s:
                continue
            edges = np.linspace(start_s, end_s, math.ceil((end_s - start_s) / longest_s) + 1).tolist()
            for first_s, last_s in pairwise(edges):
                yield Stretch(first_s, last_s, str(row["speaker"]))

    def _encode(self, audio: Audio, stretches: Sequence[Stretch], spool: IO[bytes]) -> Vectors:
        for batch in self._batches([_cut(audio, one) for one in stretches], self._encoder):
            batch.tofile(spool)
        spool.flush()
        vectors: Vectors = np.memmap(spool, dtype=np.float32, mode="r").reshape(len(stretches), -1)
        return vectors

    def _score(self, name: str, path: Path, vectors: Vectors) -> NDArray[np.float64]:
        head = RegressionHead.load(path, self._device)
        if head.n_inputs != vectors.shape[1]:
            raise WeightsError(
                f"The head {name} reads {head.n_inputs} numbers, and the encoder gives {vectors.shape[1]}",
                hint="Use the heads that were trained on this encoder.",
            )
        return np.concatenate(
            list(self._batches(range(len(vectors)), lambda rows: head(np.array(vectors[list(rows)]))))
        )


def _cut(audio: Audio, stretch: Stretch) -> NDArray[np.float32]:
    first, last = (
        round((time_s - audio.start_s) * audio.rate_hz) for time_s in (stretch.start_s, stretch.end_s)
    )
    return np.asarray(audio.samples[max(0, first) : last], dtype=np.float32)


def _rows(stretches: Sequence[Stretch], scores: Mapping[str, NDArray[np.float64]]) -> Table:
    n_heads = len(scores)
    columns: dict[str, Any] = {
        "stretch_id": np.repeat(np.arange(len(stretches)), n_heads),
        "start_s": np.repeat([stretch.start_s for stretch in stretches], n_heads),
        "end_s": np.repeat([stretch.end_s for stretch in stretches], n_heads),
        "speaker": np.repeat([stretch.speaker for stretch in stretches], n_heads),
        "name": list(scores) * len(stretches),
        "raw_score": np.stack(list(scores.values()), axis=1).ravel(),
    }
    return VOICE_EMOTIONS.table(**columns)
