"""Finds the yellow box of the synthetic clips and calls it a person: rows checked by arithmetic."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from videoannotator.domain.table import Column, TableSchema
from videoannotator.domain.tables import PEOPLE, TRACKS, UTTERANCES
from videoannotator.plugin.component import Annotation, Chunk, Component, Context, Needs, Parameters, Pipeline

TRACK = 1
BOX_PLACES = TableSchema(
    "box_places",
    "Where the box is; a table that the page has no drawing of its own for.",
    (
        Column("time_s", "float", "Presentation time.", "s"),
        Column("middle_px", "float", "Of the box, from the left.", "px"),
    ),
)


class BoxParameters(Parameters):
    """What a test may set."""

    frames_per_s: float = Field(25.0, gt=0, le=60, description="Pictures looked at per second.")
    delay_s: float = Field(0.0, ge=0, le=1, description="Pause per picture, so that a job takes its time.")
    fail: bool = Field(False, description="Break at the first picture.")


class BoxSession:
    """Looks for what is yellow; the number of rows so far is its state."""

    def __init__(self, parameters: BoxParameters, saved: bytes | None) -> None:
        self._parameters = parameters
        self._n_rows = int(saved or b"0")

    def feed(self, chunk: Chunk) -> Iterable[Annotation]:
        frames = chunk.frames
        assert frames is not None
        if self._parameters.fail:
            raise RuntimeError("the box is broken")
        boxes = []
        for rgb in frames.rgb:
            time.sleep(self._parameters.delay_s)
            # Yellow: red and green, no blue.
            rows, columns = np.nonzero((rgb[..., 0] > 180) & (rgb[..., 1] > 180) & (rgb[..., 2] < 120))
            boxes.append((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))
        ids = np.arange(self._n_rows, self._n_rows + len(frames))
        self._n_rows += len(frames)
        keypoints = np.full((len(frames), 17, 3), np.nan)
        yield Annotation(
            "people",
            PEOPLE.table(
                detection_id=ids, frame_index=frames.frame_index, time_s=frames.time_s, box_xyxy=boxes,
                score=np.ones(len(frames)), keypoints=keypoints,
            ),
        )  # fmt: skip
        middle_px = [(left + right) / 2 for left, _, right, _ in boxes]
        yield Annotation("box_places", BOX_PLACES.table(time_s=frames.time_s, middle_px=middle_px))
        tracks = np.full(len(frames), TRACK)
        yield Annotation("tracks", TRACKS.table(detection_id=ids, time_s=frames.time_s, track_id=tracks))

    def finish(self) -> Iterable[Annotation]:
        return ()

    def save(self) -> bytes:
        return str(self._n_rows).encode()

    def close(self) -> None: ...


def start(parameters: Any, context: Context, saved: bytes | None) -> BoxSession:
    """There is no model to load."""
    return BoxSession(parameters, saved)


class TalkParameters(Parameters):
    """There is nothing to set."""


class TalkSession:
    """Says each second, for half of it, which second it is; the number of them so far is its state."""

    def __init__(self, saved: bytes | None) -> None:
        self._n_said = int(saved or b"0")

    def feed(self, chunk: Chunk) -> Iterable[Annotation]:
        assert chunk.frames is not None
        start_s = chunk.frames.time_s
        ids = np.arange(self._n_said, self._n_said + len(start_s))
        self._n_said += len(start_s)
        text = [f"second {round(float(time_s))}" for time_s in start_s]
        one = np.ones(len(start_s))
        yield Annotation(
            "utterances",
            UTTERANCES.table(
                utterance_id=ids, start_s=start_s, end_s=start_s + 0.5, text=text,
                language=["en"] * len(text), score=one, no_speech_score=1 - one,
            ),
        )  # fmt: skip

    def finish(self) -> Iterable[Annotation]:
        return ()

    def save(self) -> bytes:
        return str(self._n_said).encode()

    def close(self) -> None: ...


def start_talk(parameters: Any, context: Context, saved: bytes | None) -> TalkSession:
    """There is no model to load."""
    return TalkSession(saved)


PIPELINE = Pipeline(
    "moving_box", "Moving box", "Finds the box of the synthetic clips.",
    (Component("box_finder", "Box finder", "Finds what is yellow.", BoxParameters,
               needs=lambda p: Needs(frames_per_s=p.frames_per_s), produces=(PEOPLE, TRACKS, BOX_PLACES),
               start=start),
     Component("box_talk", "Box talk", "Says which second it is.", TalkParameters,
               needs=lambda p: Needs(frames_per_s=1.0), produces=(UTTERANCES,), start=start_talk,
               default_enabled=False)),
    weights_manifest=Path(__file__).with_name("weights.toml"),
)  # fmt: skip
