"""MoveNet MultiPose at work: up to six people with 17 COCO keypoints in one look at a picture.

Source: Google, "MoveNet MultiPose Lightning" model card, 2021. The model takes any canvas whose sides are
multiples of 32 and answers with six rows of 56 numbers: 17 x (y, x, score), the box (y1, x1, y2, x2) and
its score, all coordinates relative to the canvas.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from videoannotator.domain.geometry import Boxes, containment
from videoannotator.plugin.runtimes import litert

N_KEYPOINTS = 17
_GRID_PX = 32  # the network halves its input five times


@dataclass(frozen=True, slots=True, eq=False)
class Poses:
    """People in one picture: boxes (n, 4) in px, scores (n,), keypoints (n, 17, 3): x, y, score."""

    box_xyxy: Boxes
    score: NDArray[np.float64]
    keypoints: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.score)

    def where(self, selection: NDArray[np.bool_] | NDArray[np.int64]) -> "Poses":
        """The people that a mask or an index array selects."""
        return Poses(self.box_xyxy[selection], self.score[selection], self.keypoints[selection])


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle in picture coordinates (px); what sticks out of the picture is seen as black."""

    left: float
    top: float
    width: float
    height: float

    @staticmethod
    def with_border(width_px: int, height_px: int, border_fraction: float) -> "Region":
        """The whole picture with a border of this part of its longer side all around."""
        border = border_fraction * max(width_px, height_px)
        return Region(-border, -border, width_px + 2 * border, height_px + 2 * border)

    @staticmethod
    def around(box_xyxy: Boxes, margin: float) -> "Region":
        """The square around a box (4,), larger on each side by this part of the box's longer side."""
        x1, y1, x2, y2 = (float(value) for value in box_xyxy)
        side = max(x2 - x1, y2 - y1, 1.0) * (1 + 2 * margin)
        return Region((x1 + x2 - side) / 2, (y1 + y2 - side) / 2, side, side)


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """A region as the model sees it, and the way back: ``picture = origin + (canvas - offset) / scale``.

    ``rgb`` is (height, width, 3) uint8; the three vectors are (x, y).
    """

    rgb: NDArray[np.uint8]
    origin: NDArray[np.float64]
    offset: NDArray[np.float64]
    scale: NDArray[np.float64]

    def to_picture(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map points (..., 2), x and y relative to the canvas (0 to 1), to px in the picture."""
        size = np.array([self.rgb.shape[1], self.rgb.shape[0]], dtype=np.float64)
        return self.origin + (points * size - self.offset) / self.scale


def paint(rgb: NDArray[np.uint8], region: Region, canvas_px: int) -> Canvas:
    """Scale a region so that its longer side is ``canvas_px``, on a black canvas of whole grid cells.

    Args:
        rgb: The picture, shape (height, width, 3).
        region: What to show; it must touch the picture.
        canvas_px: A multiple of 32.
    """
    height_px, width_px = rgb.shape[:2]
    scale = canvas_px / max(region.width, region.height)
    x1, y1 = max(0, int(np.floor(region.left))), max(0, int(np.floor(region.top)))
    x2 = min(width_px, int(np.ceil(region.left + region.width)))
    y2 = min(height_px, int(np.ceil(region.top + region.height)))
    left, top = max(0, round((x1 - region.left) * scale)), max(0, round((y1 - region.top) * scale))
    columns, rows = (_cells(round(side * scale)) for side in (region.width, region.height))
    width = min(max(1, round((x2 - x1) * scale)), columns - left)
    height = min(max(1, round((y2 - y1) * scale)), rows - top)
    # Averaging keeps thin limbs when a large picture shrinks; it cannot enlarge.
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    canvas = np.zeros((rows, columns, 3), dtype=np.uint8)
    canvas[top : top + height, left : left + width] = cv2.resize(
        rgb[y1:y2, x1:x2], (width, height), interpolation=method
    )
    return Canvas(
        canvas,
        np.array([x1, y1], dtype=np.float64),
        np.array([left, top], dtype=np.float64),
        np.array([width / (x2 - x1), height / (y2 - y1)]),
    )


def _cells(side_px: int) -> int:
    """The side of the smallest whole number of grid cells that holds this many pixels."""
    return -(-side_px // _GRID_PX) * _GRID_PX or _GRID_PX


def read(output: NDArray[np.float32], canvas: Canvas) -> Poses:
    """The model's rows (6, 56) as poses in picture coordinates, surest first."""
    rows = output.astype(np.float64)
    rows = rows[np.argsort(-rows[:, 55], kind="stable")]
    y_x_score = rows[:, : 3 * N_KEYPOINTS].reshape(-1, N_KEYPOINTS, 3)
    points = canvas.to_picture(y_x_score[..., 1::-1])
    corners = canvas.to_picture(rows[:, 51:55].reshape(-1, 2, 2)[..., ::-1])
    return Poses(corners.reshape(-1, 4), rows[:, 55], np.concatenate([points, y_x_score[..., 2:]], axis=-1))


def drop_contained(poses: Poses, overlap_threshold: float) -> Poses:
    """Without those that lie in the box of a surer one by at least this part: the model's duplicates.

    Overlap as a part of the smaller box, not of the union: a duplicate is often a head or an arm alone.
    """
    inside = containment(poses.box_xyxy, poses.box_xyxy)
    kept: list[int] = []
    for index in range(len(poses)):
        if not any(inside[index, other] >= overlap_threshold for other in kept):
            kept.append(index)
    return poses.where(np.array(kept, dtype=np.int64))


class MoveNet:
    """The loaded model for one size of canvas. A change of size costs an allocation, so keep one per size."""

    def __init__(self, path: Path, n_threads: int) -> None:
        self._model = litert(path, n_threads)

    def __call__(self, canvas: Canvas) -> Poses:
        """All six answers of the model, surest first, in picture coordinates."""
        (output,) = self._model(canvas.rgb[None])
        return read(output[0], canvas)
