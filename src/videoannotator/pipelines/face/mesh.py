"""MediaPipe's face mesh and iris models: 468 points of a face and its two irises.

Source: Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs", 2019;
Ablavatski et al., "Real-time Pupil Tracking from Monocular Video for Digital Puppetry", 2020. The regions
that are cut out follow MediaPipe's published graphs.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from videoannotator.plugin.runtimes import LiteRtModel

N_POINTS = 468
RIGHT_EYE, LEFT_EYE = (33, 133), (362, 263)  # corners as they follow each other in the picture

_MESH_PX, _MESH_MARGIN = 192, 1.5
_IRIS_PX, _IRIS_MARGIN = 64, 2.3
# Positions are told in steps of 1/64 px, far below the model's error, so that they compress well.
_STEPS_PER_PX = 64

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A square of a picture, turned by ``angle_rad`` (clockwise in the picture)."""

    centre: Array
    side_px: float
    angle_rad: float

    @classmethod
    def along(cls, start: Array, end: Array, centre: Array, side_px: float) -> "Region":
        """A region whose upper edge runs in the direction from ``start`` to ``end`` (x, y each)."""
        across = end - start
        return cls(centre, side_px, float(np.arctan2(across[1], across[0])))

    def cut(self, rgb: NDArray[np.uint8], size_px: int) -> NDArray[np.float32]:
        """The region as (1, size, size, 3) in [0, 1]; black beyond the picture."""
        to_picture = self._to_picture(size_px)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cut = cv2.warpAffine(rgb, to_picture, (size_px, size_px), flags=flags)
        return np.asarray(cut[None], dtype=np.float32) / 255.0

    def place(self, points: Array, size_px: int) -> Array:
        """Points (n, 2 or 3) of the cut-out back in the picture; depth keeps the picture's scale."""
        to_picture = self._to_picture(size_px)
        placed = points.copy()
        placed[:, :2] = points[:, :2] @ to_picture[:, :2].T + to_picture[:, 2]
        placed[:, 2:] *= self.side_px / size_px
        return placed

    def _to_picture(self, size_px: int) -> Array:
        scale = self.side_px / size_px
        cos, sin = scale * np.cos(self.angle_rad), scale * np.sin(self.angle_rad)
        linear = np.array([[cos, -sin], [sin, cos]])
        return np.column_stack([linear, self.centre - linear @ np.full(2, size_px / 2)])


class FaceMesh:
    """Fits the mesh into a detected face."""

    def __init__(self, model: LiteRtModel) -> None:
        self._model = model

    def __call__(self, rgb: NDArray[np.uint8], points: Array) -> tuple[Array, float]:
        """Mesh (468, 3) in px and the model's confidence in [0, 1] that this is a face.

        ``points`` (8, 2) are those of a candidate: corners of the box, right eye, left eye, ...
        """
        top_left, bottom_right, right_eye, left_eye = points[:4]
        side = _MESH_MARGIN * float((bottom_right - top_left).max())
        region = Region.along(right_eye, left_eye, (top_left + bottom_right) / 2, side)
        mesh, presence = self._model(region.cut(rgb, _MESH_PX))
        placed = region.place(mesh.reshape(N_POINTS, 3).astype(np.float64), _MESH_PX)
        logit = float(np.clip(presence.ravel()[0], -80, 80))
        return _rounded(placed), float(1.0 / (1.0 + np.exp(-logit)))


class Iris:
    """Finds the irises inside the eyes of a mesh."""

    def __init__(self, model: LiteRtModel) -> None:
        self._model = model

    def __call__(self, rgb: NDArray[np.uint8], mesh: Array) -> Array:
        """Centre and four rim points of the right, then the left iris, shape (2, 5, 2) in px."""
        return np.stack([self._find(rgb, mesh, RIGHT_EYE, False), self._find(rgb, mesh, LEFT_EYE, True)])

    def _find(self, rgb: NDArray[np.uint8], mesh: Array, corners: tuple[int, int], mirrored: bool) -> Array:
        start, end = mesh[corners[0], :2], mesh[corners[1], :2]
        side = _IRIS_MARGIN * float(np.linalg.norm(end - start))
        region = Region.along(start, end, (start + end) / 2, side)
        cut = region.cut(rgb, _IRIS_PX)
        # The model knows one eye only; the other is shown to it in the mirror.
        _, iris = self._model(cut[:, :, ::-1] if mirrored else cut)
        points = iris.reshape(5, 3)[:, :2].astype(np.float64)
        if mirrored:
            points[:, 0] = _IRIS_PX - points[:, 0]
        return _rounded(region.place(points, _IRIS_PX))


def _rounded(points: Array) -> Array:
    return np.asarray(np.round(points * _STEPS_PER_PX) / _STEPS_PER_PX)
