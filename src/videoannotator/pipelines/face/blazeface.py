"""BlazeFace (short range): boxes and six points of every face in a picture.

Source: Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019; the
anchors and the decoding follow MediaPipe's published graph for this model.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.geometry import containment, iou
from videoannotator.plugin.runtimes import LiteRtModel

INPUT_PX = 128
_STRIDES_PX = ((8, 2), (16, 6))  # cell size, anchors per cell
_SAME_FACE_IOU = 0.3  # MediaPipe's min_suppression_threshold
_NESTED = 0.75  # of the smaller box: a face seen again at the wrong size, as tiles bring about
_TILE_OVERLAP = 1.3  # tiles laid per tile that would fit: a face cut by one edge is whole in the next

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Faces that may be there, best first.

    ``score`` (n,) in [0, 1]; ``points`` (n, 8, 2) in px: top left and bottom right of the box, right eye,
    left eye, nose, mouth, right ear, left ear (the person's own right and left).
    """

    score: NDArray[np.float64]
    points: Points

    @property
    def box_xyxy(self) -> NDArray[np.float64]:
        """Boxes (n, 4); they may reach beyond the picture."""
        return self.points[:, :2].reshape(-1, 4)


def anchors() -> Points:
    """Centre of each of the 896 anchors in [0, 1], shape (896, 2); all anchors have the size 1."""
    grids = []
    for stride, n_per_cell in _STRIDES_PX:
        centres = (np.arange(INPUT_PX // stride) + 0.5) * stride / INPUT_PX
        y, x = np.meshgrid(centres, centres, indexing="ij")
        grids.append(np.repeat(np.stack([x, y], axis=-1).reshape(-1, 2), n_per_cell, axis=0))
    return np.concatenate(grids)


def tiles(width_px: int, height_px: int, fraction: float) -> Iterator[tuple[slice, slice]]:
    """Row and column slices of overlapping square tiles; ``fraction`` is of the shorter side.

    No tile is smaller than the model's input: more pixels than there are would be invented.
    """
    side = max(INPUT_PX, round(min(width_px, height_px) * fraction))
    for top in _offsets(height_px, side):
        for left in _offsets(width_px, side):
            yield slice(top, top + side), slice(left, left + side)


def _offsets(length: int, side: int) -> list[int]:
    n_tiles = int(np.ceil(length / side * _TILE_OVERLAP)) if length > side else 1
    return [int(offset) for offset in np.linspace(0, max(0, length - side), n_tiles)]


def merge(score: NDArray[np.float64], points: Points) -> Candidates:
    """Weighted non-maximum suppression: overlapping candidates become one, averaged by their scores.

    Candidates inside or around a better one are left out.
    """
    left = np.argsort(-score, kind="stable")
    scores, merged = [], []
    while len(left):
        boxes = points[left, :2].reshape(-1, 4)
        same = iou(boxes[:1], boxes)[0] > _SAME_FACE_IOU
        same[0] = True  # an empty box does not even overlap itself
        group = left[same]
        scores.append(score[group[0]])
        merged.append(np.average(points[group], axis=0, weights=score[group]))
        nested = np.maximum(containment(boxes[:1], boxes)[0], containment(boxes, boxes[:1])[:, 0]) > _NESTED
        left = left[~same & ~nested]
    return Candidates(np.array(scores), np.array(merged).reshape(-1, 8, 2))


class BlazeFace:
    """Looks for faces on the whole picture and, with ``tile_fraction``, on tiles of it."""

    def __init__(self, model: LiteRtModel, threshold: float, tile_fraction: float | None) -> None:
        self._model = model
        self._threshold = threshold
        self._tile_fraction = tile_fraction
        self._anchors = anchors()

    def __call__(self, rgb: NDArray[np.uint8]) -> Candidates:
        """Faces in a picture (height, width, 3)."""
        found = [self._look(rgb)]
        if self._tile_fraction is not None:
            height, width = rgb.shape[:2]
            for rows, columns in tiles(width, height, self._tile_fraction):
                score, points = self._look(rgb[rows, columns])
                found.append((score, points + np.array([columns.start, rows.start])))
        return merge(np.concatenate([s for s, _ in found]), np.concatenate([p for _, p in found]))

    def _look(self, rgb: NDArray[np.uint8]) -> tuple[NDArray[np.float64], Points]:
        """Scores and points (n, 8, 2) of every anchor above the threshold."""
        square, scale, padding = _letterbox(rgb)
        regressors, classifiers = self._model(square[None])
        # Beyond 80 the model is certain, and exp would overflow.
        score = 1.0 / (1.0 + np.exp(-np.clip(classifiers[0, :, 0].astype(np.float64), -80, 80)))
        kept = np.flatnonzero(score >= self._threshold)
        raw = regressors[0, kept].astype(np.float64).reshape(-1, 8, 2) / INPUT_PX
        raw[:, 0] += self._anchors[kept]
        raw[:, 2:] += self._anchors[kept][:, None]
        centre, half = raw[:, 0].copy(), raw[:, 1] / 2
        raw[:, 0], raw[:, 1] = centre - half, centre + half
        return score[kept], (raw * INPUT_PX - padding) / scale


def _letterbox(rgb: NDArray[np.uint8]) -> tuple[NDArray[np.float32], float, NDArray[np.float64]]:
    """The picture in [-1, 1] inside a black square of the model's size, its scale and (x, y) offset."""
    height, width = rgb.shape[:2]
    scale = INPUT_PX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    x, y = (INPUT_PX - size[0]) // 2, (INPUT_PX - size[1]) // 2
    square = np.zeros((INPUT_PX, INPUT_PX, 3), dtype=np.uint8)
    square[y : y + size[1], x : x + size[0]] = cv2.resize(rgb, size)
    return square.astype(np.float32) / 127.5 - 1.0, scale, np.array([x, y], dtype=np.float64)
