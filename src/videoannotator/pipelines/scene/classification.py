"""Scene labels at work: CLIP scores the frames of a shot, and their mean is the shot's."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.tables import SCENE_LABELS
from videoannotator.pipelines.scene import CLIP, SceneClassificationParameters
from videoannotator.plugin import torch_runtime
from videoannotator.plugin.batches import Batches
from videoannotator.plugin.component import Annotation, Chunk, Context
from videoannotator.plugin.picture_models import Picture, PictureModel

Seen = list[tuple[float, list[float]]]  # time of a frame, and its score per label


class ClassificationSession:
    """Labels of one video's shots, each told when its shot ends.

    The state is what the frames since the last cut scored, and how many shots have ended.
    """

    def __init__(
        self, parameters: SceneClassificationParameters, context: Context, saved: bytes | None
    ) -> None:
        self._labels = parameters.labels
        self._context = context
        device = torch_runtime.device(parameters.device, context)
        self._model = PictureModel(context.weights(CLIP), device)
        self._texts = self._model.texts([parameters.prompt.format(label) for label in self._labels])
        self._batches = Batches(parameters.batch_size, context.warn)
        state: dict[str, Any] = json.loads(saved) if saved else {"seen": [], "n_shots": 0}
        self._seen: Seen = [(time_s, scores) for time_s, scores in state["seen"]]
        self._n_shots: int = state["n_shots"]

    def feed(self, chunk: Chunk) -> Iterator[Annotation]:
        if chunk.frames is None:
            return
        scores = self._score(chunk.frames.rgb)
        self._seen += zip(chunk.frames.time_s.tolist(), scores, strict=True)
        shots = chunk.annotations.get("shots")
        for shot in shots.rows() if shots else ():
            inside = [score for time_s, score in self._seen if time_s < shot["end_s"]]
            self._seen = self._seen[len(inside) :]
            self._n_shots = int(shot["shot_id"]) + 1
            yield from self._tell(int(shot["shot_id"]), inside)
        self._context.progress(chunk.end_s)

    def finish(self) -> Iterable[Annotation]:
        """The last shot, which no cut ends."""
        return self._tell(self._n_shots, [score for _, score in self._seen])

    def save(self) -> bytes:
        return json.dumps({"seen": self._seen, "n_shots": self._n_shots}).encode()

    def close(self) -> None:
        """Free the model."""
        del self._model

    def _score(self, pictures: NDArray[np.uint8]) -> list[list[float]]:
        def run(batch: Sequence[Picture]) -> list[list[float]]:
            scores: list[list[float]] = self._model.scores(self._model.pictures(batch), self._texts).tolist()
            return scores

        return [scores for batch in self._batches(list(pictures), run) for scores in batch]

    def _tell(self, shot_id: int, scores: list[list[float]]) -> Iterator[Annotation]:
        """A row per label; none for a shot so short that no frame of it was looked at."""
        if not scores:
            return
        n_labels = len(self._labels)
        rows = SCENE_LABELS.table(
            shot_id=np.full(n_labels, shot_id),
            label=self._labels,
            score=np.mean(scores, axis=0),
            n_frames=np.full(n_labels, len(scores)),
        )
        yield Annotation(SCENE_LABELS.name, rows)
