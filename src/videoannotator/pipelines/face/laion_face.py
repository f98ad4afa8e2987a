"""Empathic Insight Face at work: SigLIP makes a vector of a face, and one small head per emotion scores it.

Source: Schuhmann et al., "EmoNet-Face: An Expert-Annotated Benchmark for Synthetic Emotion Recognition",
2025. Trained on synthetic adult faces: nothing is known of its worth on infants.
"""

import json
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.errors import WeightsError
from videoannotator.domain.table import NO_ID, Table
from videoannotator.domain.tables import FACE_LAION
from videoannotator.pipelines.face.alignment import box_chip
from videoannotator.pipelines.face.faces import SeenFace, faces_of
from videoannotator.pipelines.face.parameters import LaionFaceParameters
from videoannotator.plugin import torch_runtime
from videoannotator.plugin.batches import Batches
from videoannotator.plugin.component import Annotation, Chunk, Context
from videoannotator.plugin.picture_models import Picture, PictureModel
from videoannotator.plugin.torch_runtime import RegressionHead, head_files

ENCODER, HEADS = "siglip2-so400m", "laion-face-heads"
_CHIP_PX = 384  # what the encoder sees; its own processor scales to what it was made for


class LaionFaceSession:
    """Raw scores of faces. The state is when each person's face was looked at last."""

    def __init__(self, parameters: LaionFaceParameters, context: Context, saved: bytes | None) -> None:
        self._parameters, self._context = parameters, context
        device = torch_runtime.device(parameters.device, context)
        files = head_files(context.weights(HEADS), parameters.emotions)
        self._encoder = PictureModel(context.weights(ENCODER), device)
        self._heads = {name: RegressionHead.load(path, device) for name, path in files.items()}
        self._batches = Batches(parameters.batch_size, context.warn)
        last: dict[str, float] = json.loads(saved) if saved else {}
        self._last_s = {int(track): time_s for track, time_s in last.items()}

    def feed(self, chunk: Chunk) -> Iterator[Annotation]:
        chosen = [(face, chip) for face in faces_of(chunk) if (chip := self._chip(face)) is not None]
        if chosen:
            faces, chips = zip(*chosen, strict=True)
            yield Annotation(FACE_LAION.name, self._rows(faces, chips))
        self._context.progress(chunk.end_s)

    def finish(self) -> Iterable[Annotation]:
        return ()

    def save(self) -> bytes:
        return json.dumps(self._last_s).encode()

    def close(self) -> None:
        """Free the models."""
        del self._encoder, self._heads

    def _chip(self, face: SeenFace) -> Picture | None:
        """The face, where it is to be looked at now and can be cut out."""
        if face.presence < self._parameters.min_presence:
            return None
        last_s = self._last_s.get(face.track_id, -np.inf)
        if face.track_id != NO_ID and face.time_s - last_s < self._parameters.interval_s:
            return None
        chip = box_chip(face.rgb, face.box_xyxy, self._parameters.margin, _CHIP_PX)
        if chip is not None and face.track_id != NO_ID:
            self._last_s[face.track_id] = face.time_s
        return chip

    def _rows(self, faces: Sequence[SeenFace], chips: Sequence[Picture]) -> Table:
        vectors = np.concatenate(list(self._batches(chips, self._encoder.pictures)))
        scores = {name: _scored(name, head, vectors) for name, head in self._heads.items()}
        n_heads, n_faces = len(scores), len(faces)
        return FACE_LAION.table(
            face_id=np.repeat([face.face_id for face in faces], n_heads),
            time_s=np.repeat([face.time_s for face in faces], n_heads),
            track_id=np.repeat([face.track_id for face in faces], n_heads),
            name=list(scores) * n_faces,
            raw_score=np.stack(list(scores.values()), axis=1).ravel(),
        )


def _scored(name: str, head: RegressionHead, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    if head.n_inputs != vectors.shape[1]:
        raise WeightsError(
            f"The head {name} reads {head.n_inputs} numbers, and the encoder gives {vectors.shape[1]}",
            hint="Use the heads that were trained on this encoder.",
        )
    return head(vectors)
