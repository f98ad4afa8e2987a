"""Says something about every picture and every second of sound, so that the page has an hour to show.

No model looks at the video: people and faces go in circles, words come twice a second. The amount is that
of a real annotation of three people at ten pictures per second.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.tables import (
    FACE_EMOTIONS,
    FACES,
    PEOPLE,
    PROSODY,
    TRACKS,
    TURNS,
    UTTERANCES,
    WORDS,
)
from videoannotator.plugin.component import Annotation, Chunk, Component, Context, Needs, Parameters, Pipeline

RATE, N_PEOPLE = 10.0, 3
WORDS_PER_S, WORDS_PER_UTTERANCE = 2, 8


class CrowdParameters(Parameters):
    """Nothing can be set."""


class Pictures:
    """Three people and their faces in each picture; the number of rows so far is the state."""

    def __init__(self, saved: bytes | None) -> None:
        self._n_rows = int(saved or b"0")

    def feed(self, chunk: Chunk) -> Iterable[Annotation]:
        frames = chunk.frames
        assert frames is not None
        time_s, index = np.repeat(frames.time_s, N_PEOPLE), np.repeat(frames.frame_index, N_PEOPLE)
        person = np.tile(np.arange(N_PEOPLE), len(frames))
        n = len(time_s)
        ids = np.arange(self._n_rows, self._n_rows + n)
        self._n_rows += n
        x, y = 120 + 250 * person + 60 * np.sin(time_s), 100 + 40 * np.cos(time_s)
        points = np.stack([x[:, None] + 9 * np.arange(17), y[:, None] + 18 * np.arange(17)], axis=-1)
        seen = {"detection_id": ids, "time_s": time_s}
        yield Annotation(
            "people",
            PEOPLE.table(
                **seen, frame_index=index, box_xyxy=_box(x, y, 160, 320), score=np.full(n, 0.9),
                keypoints=np.concatenate([points, np.full((n, 17, 1), 0.8)], axis=-1),
            ),
        )  # fmt: skip
        yield Annotation("tracks", TRACKS.table(**seen, track_id=person + 1))
        face = {"face_id": ids, "time_s": time_s}
        yield Annotation(
            "faces",
            FACES.table(
                **face, frame_index=index, box_xyxy=_box(x + 50, y, 60, 70), score=np.full(n, 0.9),
                presence=np.full(n, 0.9), track_id=person + 1,
            ),
        )  # fmt: skip
        scores = np.abs(np.sin(time_s[:, None] / np.arange(3, 10)))
        status = np.full(n, "measured")
        yield Annotation(
            "face_emotions", FACE_EMOTIONS.table(**face, status=status, raw_scores=scores, scores=scores)
        )

    def finish(self) -> Iterable[Annotation]:
        return ()

    def save(self) -> bytes:
        return str(self._n_rows).encode()

    def close(self) -> None: ...


class Sound:
    """Words, turns and prosody of the whole track."""

    def feed(self, chunk: Chunk) -> Iterable[Annotation]:
        start_s = np.arange(chunk.start_s, chunk.end_s - 1, 1 / WORDS_PER_S)
        n = len(start_s)
        utterance = np.arange(n) // WORDS_PER_UTTERANCE
        first = np.arange(0, n, WORDS_PER_UTTERANCE)
        last = np.minimum(first + WORDS_PER_UTTERANCE, n) - 1
        span = {"start_s": start_s[first], "end_s": start_s[last] + 0.4}
        line = np.arange(len(first))
        text = np.array([f"word{number % 97}" for number in range(n)])
        said = [" ".join(text[a : b + 1]) for a, b in zip(first, last, strict=True)]
        scores = {"score": np.full(len(line), 0.9), "no_speech_score": np.full(len(line), 0.1)}
        yield Annotation(
            "utterances",
            UTTERANCES.table(
                utterance_id=line, **span, text=np.array(said), language=np.full(len(line), "en"), **scores
            ),
        )
        words = {"word_id": np.arange(n), "utterance_id": utterance, "text": text}
        yield Annotation(
            "words", WORDS.table(**words, start_s=start_s, end_s=start_s + 0.4, score=np.full(n, 0.9))
        )
        speaker = np.array([f"SPEAKER_{number % 3:02}" for number in line])
        yield Annotation("turns", TURNS.table(turn_id=line, **span, speaker=speaker))
        time_s = np.arange(chunk.start_s, chunk.end_s, 0.1)
        wave = np.sin(time_s)
        yield Annotation(
            "prosody",
            PROSODY.table(
                time_s=time_s, f0_hz=180 + 60 * wave, loudness_db=-30 + 10 * wave, voiced_score=np.abs(wave),
                centroid_hz=1000 + 200 * wave, alpha_ratio_db=5 * wave,
            ),
        )  # fmt: skip

    def finish(self) -> Iterable[Annotation]:
        return ()

    def save(self) -> bytes:
        return b""

    def close(self) -> None: ...


def _box(x: NDArray[Any], y: NDArray[Any], width_px: float, height_px: float) -> NDArray[Any]:
    return np.stack([x, y, x + width_px, y + height_px], axis=-1)


def _look(parameters: Any, context: Context, saved: bytes | None) -> Pictures:
    return Pictures(saved)


def _listen(parameters: Any, context: Context, saved: bytes | None) -> Sound:
    return Sound()


PIPELINE = Pipeline(
    "crowd", "Crowd", "Made up people who go in circles and talk.",
    (
        Component("crowd_pictures", "Pictures", "Three people in each picture.", CrowdParameters,
                  needs=lambda p: Needs(frames_per_s=RATE, max_side_px=64),
                  produces=(PEOPLE, TRACKS, FACES, FACE_EMOTIONS), start=_look),
        Component("crowd_sound", "Sound", "Words, turns and prosody.", CrowdParameters,
                  needs=lambda p: Needs(audio_rate_hz=16_000),
                  produces=(UTTERANCES, WORDS, TURNS, PROSODY), start=_listen),
    ),
)  # fmt: skip
