"""OpenFace 3.0 on the frames of a video: a worker measures, faces are followed by the overlap of their boxes.

Source: Hu et al., "OpenFace 3.0: A Lightweight Multitask System for Comprehensive Facial Behavior Analysis",
2025. The package names neither its action units nor the unit of its gaze, and measures no head pose.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.errors import ComponentFailed
from videoannotator.domain.geometry import clip
from videoannotator.domain.table import Table
from videoannotator.domain.tables import FACE_OPENFACE3
from videoannotator.pipelines.face.identity import FaceTracks
from videoannotator.pipelines.face.openface3 import ENVIRONMENT
from videoannotator.pipelines.face.parameters import OpenFace3Parameters
from videoannotator.pipelines.face.sizes import FaceSizes
from videoannotator.plugin.component import Annotation, Chunk, Context
from videoannotator.plugin.workers import Worker

WEIGHTS = "openface3"
_WORKER = Path(__file__).with_name("worker.py")


class OpenFace3Session:
    """What OpenFace 3.0 says of every face. The state is the next face's number and who was seen last."""

    def __init__(self, parameters: OpenFace3Parameters, context: Context, saved: bytes | None) -> None:
        self._parameters, self._context = parameters, context
        state: dict[str, Any] = json.loads(saved) if saved else {"next": 0, "n_small": 0, "tracks": ""}
        self._next_id: int = state["next"]
        self._sizes = FaceSizes(state["next"], state["n_small"])
        self._tracks = FaceTracks(state["tracks"].encode())
        self._worker = start_worker(parameters, context)

    def feed(self, chunk: Chunk) -> Iterator[Annotation]:
        if chunk.frames is None:
            return
        frames = chunk.frames
        for rgb, time_s, frame_index in zip(frames.rgb, frames.time_s, frames.frame_index, strict=True):
            asked = {
                "min_score": self._parameters.confidence_threshold,
                "max_faces": self._parameters.max_faces,
            }
            _, measured = self._worker.ask(asked, [rgb])
            if len(measured[0]):
                yield Annotation(FACE_OPENFACE3.name, self._rows(measured, time_s, frame_index, rgb.shape))
            self._context.progress(float(time_s))

    def finish(self) -> Iterable[Annotation]:
        self._sizes.warn(self._context.warn)
        return ()

    def save(self) -> bytes:
        tracks = self._tracks.save().decode()
        return json.dumps({"next": self._next_id, "n_small": self._sizes.n_small, "tracks": tracks}).encode()

    def close(self) -> None:
        """End the worker."""
        self._worker.close()

    def _rows(
        self, measured: list[NDArray[Any]], time_s: float, frame_index: int, shape: tuple[int, ...]
    ) -> Table:
        boxes, scores, landmarks, logits, gaze, units = measured
        boxes = clip(boxes, shape[1], shape[0])
        n_faces = len(boxes)
        ids = self._next_id + np.arange(n_faces)
        self._next_id += n_faces
        self._sizes.count(boxes)
        return FACE_OPENFACE3.table(
            face_id=ids,
            frame_index=np.full(n_faces, frame_index),
            time_s=np.full(n_faces, time_s),
            box_xyxy=boxes,
            score=np.clip(scores, 0, 1),
            track_id=self._tracks.follow(float(time_s), boxes),
            landmarks=landmarks,
            emotions=softmax(logits),
            gaze=gaze,
            action_units=units,
        )


def start_worker(parameters: OpenFace3Parameters, context: Context) -> Worker:
    """The worker with the operator's weights; its first answer comes when they are loaded."""
    device = context.device if parameters.device == "auto" else parameters.device
    context.uses(device)
    worker = Worker(ENVIRONMENT.python, _WORKER, [str(context.weights(WEIGHTS)), device])
    try:
        worker.ask({})
    except ComponentFailed:
        worker.close()
        raise
    return worker


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities (n, k) of logits (n, k)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
