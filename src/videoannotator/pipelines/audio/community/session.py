"""Who speaks when, by pyannote.audio's own pipeline with the operator's weights.

Source: Bredin, "pyannote.audio 2.1 speaker diarization pipeline: principle, benchmark, and recipe",
Interspeech 2023; the page of pyannote/speaker-diarization-community-1.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.errors import ComponentFailed
from videoannotator.domain.table import Table
from videoannotator.domain.tables import EXCLUSIVE_TURNS, TURNS
from videoannotator.pipelines.audio.community import ENVIRONMENT
from videoannotator.pipelines.audio.parameters import DiarizationParameters
from videoannotator.plugin.component import Annotation, Chunk, Context
from videoannotator.plugin.memory import admit
from videoannotator.plugin.workers import Worker

WEIGHTS = "pyannote-community-1"
_WORKER = Path(__file__).with_name("worker.py")


class CommunitySession:
    """Turns of a track, and the exclusive ones that tell whose a word is."""

    def __init__(self, parameters: DiarizationParameters, context: Context) -> None:
        self._parameters = parameters
        folder = context.weights(WEIGHTS)
        admit(folder)
        device = context.device if parameters.device == "auto" else parameters.device
        context.uses(device)
        self._worker = Worker(ENVIRONMENT.python, _WORKER, [str(folder), device])
        try:
            self._worker.ask({})
        except ComponentFailed:
            self.close()
            raise

    def feed(self, chunk: Chunk) -> Iterator[Annotation]:
        """Find all turns of the track."""
        audio = chunk.audio
        if audio is None or len(audio.samples) == 0:
            return
        samples = np.asarray(audio.samples, dtype=np.float32)
        said, (turns, exclusive) = self._worker.ask({"rate_hz": audio.rate_hz} | self._speakers, [samples])
        yield Annotation(TURNS.name, _rows(turns + audio.start_s, said["speakers"]))
        yield Annotation(EXCLUSIVE_TURNS.name, _rows(exclusive + audio.start_s, said["exclusive_speakers"]))

    def finish(self) -> Iterable[Annotation]:
        """Nothing is left to say."""
        return ()

    def save(self) -> bytes:
        """A track is one piece of work: there is no state between chunks."""
        return b""

    def close(self) -> None:
        """End the worker."""
        self._worker.close()

    @property
    def _speakers(self) -> dict[str, Any]:
        chosen = self._parameters
        if chosen.num_speakers:
            return {"num_speakers": chosen.num_speakers}
        return {"min_speakers": chosen.min_speakers, "max_speakers": chosen.max_speakers}


def _rows(turns: NDArray[np.float64], speakers: list[str]) -> Table:
    """Turns in order of time; the pipeline's labels have our form already (``SPEAKER_00``)."""
    order = np.lexsort((turns[:, 1], turns[:, 0])).tolist()
    return TURNS.table(
        turn_id=range(len(speakers)),
        start_s=[turns[i, 0] for i in order],
        end_s=[turns[i, 1] for i in order],
        speaker=[speakers[i] for i in order],
    )
